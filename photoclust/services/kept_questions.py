"""The first questions of a library that was just opened, by the verdicts that were kept.

To judge all faces of a large library takes many seconds, as all of its vectors are compared with
those of everybody. What was found the last time is there in a moment, and asks nearly the same.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoclust.core.settings import Settings
from photoclust.core.types import ModelId
from photoclust.recognize import pairs
from photoclust.recognize.faces import Ids
from photoclust.recognize.recognizer import Recognition
from photoclust.recognize.review import Question, questions
from photoclust.services import embedding_model
from photoclust.services.asking import Look
from photoclust.services.questions import FaceQuestion
from photoclust.services.recognition import best_of
from photoclust.store import answers, face_table, recognitions
from photoclust.store import people as people_store
from photoclust.store.answers import Noted
from photoclust.store.database import Library, Transaction
from photoclust.store.face_table import FaceStates


def who(library: Library, settings: Settings, limit: int) -> tuple[FaceQuestion, ...]:
    """Who faces are, the most rewarding first, at most `limit`, as `asking.who` asked when faces
    were recognised last; nothing that users decided since.
    """
    with library.read() as tx:
        if not people_store.anybody_confirmed(tx):
            return ()
        states = face_table.load_states(tx)
        found = _found(tx, states)
        quality = face_table.load_quality(tx)
        hidden = people_store.hidden_people(tx)
        unsure = answers.noted(tx, Noted.NOT_SURE)
        no_lookalikes = np.full((len(states.ids), 1), -1, np.int64)
        model = embedding_model.current_in(tx, library, settings)
        dimension = embedding_model.spec_of(library, model).dimension or 0
        fallback = embedding_model.fallback_of(library, model)
        vectors = _Stored(tx, model, fallback, states.ids, dimension)
        look = Look(tx, vectors, states.ids, states.person)

        def is_wanted(asked: Question) -> bool:
            face = int(states.ids[best_of(asked.rows, quality)[0]])
            return asked.person not in hidden and (face, asked.person) not in unsure

        asked = filter(is_wanted, questions(found, states.cluster, no_lookalikes))
        return tuple(
            look.told(found, quality, each) for each, _ in zip(asked, range(limit), strict=False)
        )


def _found(tx: Transaction, states: FaceStates) -> Recognition:
    """What was found about the faces of which no user said who they are."""
    verdicts = recognitions.standing(tx)
    rows = np.flatnonzero(states.person < 0)
    place = np.searchsorted(states.ids[rows], verdicts.face)
    taken_back = recognitions.taken_back(tx)
    named = verdicts.named & (pairs.places(verdicts.face, verdicts.person, taken_back) < 0)

    def column(values: NDArray[Any], missing: float, kind: type[np.generic]) -> NDArray[Any]:
        result = np.full(len(rows), missing, kind)
        result[place] = values
        return result

    return Recognition(
        rows=rows,
        person=column(verdicts.person, -1, np.int64),
        probability=column(verdicts.probability, 0, np.float64),
        likeness=column(verdicts.similarity, 0, np.float32),
        score=np.zeros(len(rows), np.float32),
        runner_up=column(verdicts.runner_up, -1, np.int64),
        runner_up_probability=column(verdicts.runner_up_probability, 0, np.float64),
        runner_up_likeness=column(verdicts.runner_up_similarity, 0, np.float32),
        named=column(named, 0, np.bool_),
        asked=column(~named, 0, np.bool_),
        share=0.0,
        fair=np.zeros(len(rows), np.bool_),
        twins=np.empty((0, 2), np.int64),
    )


class _Stored:
    """The vectors [N, dim] of the faces `ids` [N], read as they are needed; a face without one is
    like nobody.
    """

    def __init__(
        self, tx: Transaction, model: ModelId, fallback: ModelId | None, ids: Ids, dimension: int
    ) -> None:
        self._tx = tx
        self._model = model
        self._fallback = fallback
        self._ids = ids
        self._dimension = dimension

    def __getitem__(self, rows: Any, /) -> NDArray[np.float32]:
        wanted = np.atleast_1d(self._ids[rows])
        there, vectors = face_table.load_some_vectors(
            self._tx, self._model, wanted.tolist(), self._fallback
        )
        result = np.zeros((len(wanted), self._dimension), np.float32)
        has = np.isin(wanted, there)
        if has.any():
            result[has] = vectors[np.searchsorted(there, wanted[has])]
        return result if np.ndim(rows) else result[0]
