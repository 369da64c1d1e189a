"""Questions with what there is to look at: the faces asked about, the confirmed faces that they are
most like, and who else it might be. Three lists: who faces are, which groups are one person, and
which confirmed faces look like a slip.
"""

from collections.abc import Hashable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from photoclust.core.progress import JobControl
from photoclust.core.types import Face, FaceId, PersonId
from photoclust.recognize.faces import Ids
from photoclust.recognize.recognizer import Recognition
from photoclust.recognize.review import Question, answers_left, still_to_settle
from photoclust.services import doubting, grouping
from photoclust.services.explaining import SHOWN, Candidate, Likeness
from photoclust.services.questions import (
    FaceQuestion,
    Kind,
    PairQuestion,
    Questions,
    Side,
)
from photoclust.services.recognition import LibraryRecognizer, Outcome, best_of, of_states
from photoclust.services.same_shot import repeats_last
from photoclust.store import answers, recognitions, same_photo
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.answers import Noted
from photoclust.store.database import Library, Transaction

FACES_OF_GROUP = 5
"""Of a group, so many faces are shown."""
_GROUP = 1 << 40
"""Groups are numbered from here on where they stand among people."""


def who(
    recognizer: LibraryRecognizer,
    library: Library,
    limit: int,
    *,
    control: JobControl | None = None,
) -> Questions:
    """Who faces are, the most rewarding first, at most `limit`."""
    outcome = recognizer.judge(control)
    with library.read() as tx:
        if not people_store.anybody_confirmed(tx):
            return Questions((), 0, frozenset(), anybody=False)
        asked = shots_once(tx, outcome)
        look = Look(tx, outcome.vectors, outcome.ids, outcome.person)
        told = tuple(look.told(outcome.found, outcome.quality, each) for each in asked[:limit])
    settled = still_to_settle(asked)
    nameable = outcome.number_with_name + settled
    return Questions(
        told,
        len(asked),
        frozenset(_id_of(outcome, each) for each in asked),
        answers_left=answers_left(asked, outcome.number_with_name),
        share=outcome.number_with_name / nameable if nameable else None,
    )


def shots_once(tx: Transaction, outcome: Outcome) -> list[Question]:
    """The questions of `outcome`, last those about single faces that another form of the shot has,
    too, and that is asked about before.
    """

    def face_of(question: Question) -> FaceId | None:
        return None if question.group >= 0 else FaceId(int(outcome.ids[question.rows[0]]))

    return repeats_last(tx, outcome.questions, face_of)


def one_person(
    recognizer: LibraryRecognizer,
    library: Library,
    limit: int,
    *,
    control: JobControl | None = None,
) -> Questions:
    """Which people and groups may be one, the most alike first, at most `limit`."""
    # What groups faces takes a second to load, which who asks about faces need not wait for.
    from photoclust.cluster.questions import may_be_one  # noqa: PLC0415

    table, states = recognizer.look(control)
    person = of_states(states.person, states, table.ids, -1)
    group = of_states(states.cluster, states, table.ids, -1)
    with library.read() as tx:
        homes = _homes(tx, table.ids, group)
        hidden = people_store.hidden_people(tx)
        refused = people_store.rejections(tx)
        row_of = {face: row for row, face in enumerate(table.ids.tolist())}
        apart = grouping.two_people(tx, row_of, person)
        excepted = tuple(sorted(same_photo.exceptions(tx)))
        unsure = {frozenset(pair) for pair in answers.noted(tx, Noted.NOT_SURE_ONE)}
    homes[np.isin(homes, list(hidden))] = -1
    shown, first = np.unique(homes, return_index=True)
    first_of = dict(zip(shown.tolist(), first.tolist(), strict=True))
    apart += [
        (row_of[face], first_of[said])
        for face, said in refused
        if face in row_of and said in first_of
    ]
    found = may_be_one(
        table.vectors,
        homes,
        photo_ids=table.photo,
        people=person,
        cannot_link=apart,
        same_photo_exceptions=excepted,
        control=control,
    )
    with library.read() as tx:
        look = Look(tx, table.vectors, table.ids, person)

        def side(home: int) -> Side:
            rows = best_of(np.flatnonzero(homes == home).tolist(), table.quality)
            name = None if home >= _GROUP else people_store.person_name(tx, PersonId(home))
            key = f"g{home - _GROUP}" if home >= _GROUP else f"p{home}"
            return Side(key, name, look.faces(rows[:FACES_OF_GROUP]), len(rows))

        asked = [
            PairQuestion(side(each.a), side(each.b), each.similarity)
            for each in found
            # Two people whom users told apart are no question.
            if each.a >= _GROUP or each.b >= _GROUP
        ]
    asked = [
        each
        for each in asked
        if frozenset((each.one.faces[0].id, each.other.faces[0].id)) not in unsure
    ]
    return Questions(tuple(asked[:limit]), len(asked), frozenset(each.id for each in asked))


def doubtful(
    recognizer: LibraryRecognizer,
    library: Library,
    limit: int,
    *,
    control: JobControl | None = None,
) -> Questions:
    """Which confirmed faces look like a slip, the most doubtful first, at most `limit`."""
    found, everything = doubting.of_recognizer(recognizer, library, limit, control=control)
    table, states = recognizer.look(control)
    person = of_states(states.person, states, table.ids, -1)
    row_of = {face: row for row, face in enumerate(table.ids.tolist())}
    with library.read() as tx:
        anybody = people_store.anybody_confirmed(tx)
        look = Look(tx, table.vectors, table.ids, person)
        asked = []
        for each in found:
            row, said = row_of[each.face.id], each.face.person
            if said is None:  # somebody took the name back meanwhile
                continue
            other = None
            if each.other is not None:
                other = look.candidate(row, each.other, each.other_similarity, each.doubt)
            mine = look.candidate(row, said, each.similarity, 1 - each.doubt)
            key = f"f{each.face.id}"
            asked.append(FaceQuestion(Kind.DOUBT, key, (each.face,), 1, mine, other))
    ids = frozenset(
        (Kind.DOUBT, f"f{face}", face, int(person[row_of[face]])) for face in everything
    )
    return Questions(tuple(asked), len(everything), ids, anybody=anybody)


class VectorRows(Protocol):
    """The vectors [N, dim] of all faces: in memory, or read from the library as they are needed."""

    def __getitem__(self, rows: Any, /) -> NDArray[np.float32]:
        """That of a row, or those of several."""


class Look:
    """Faces and the confirmed faces near to them, of one moment."""

    def __init__(self, tx: Transaction, vectors: VectorRows, ids: Ids, person: Ids) -> None:
        self.tx = tx
        self.vectors = vectors
        self._ids = ids
        self._person = person
        self._rows_of: dict[int, Ids] = {}

    def faces(self, rows: Sequence[int]) -> tuple[Face, ...]:
        """The faces in `rows`, in their order."""
        ids = [FaceId(int(self._ids[row])) for row in rows]
        return tuple(face_store.faces(self.tx, ids=ids))

    def candidate(
        self, row: int, person: PersonId, similarity: float | None, probability: float | None
    ) -> Candidate:
        """Somebody whom the face in `row` may be."""
        rows = self._rows_of.get(person)
        if rows is None:
            rows = self._rows_of[person] = np.flatnonzero(self._person == person)
        rows = rows[rows != row]
        cosines: NDArray[np.float32] = self.vectors[rows] @ self.vectors[row]
        best = np.argsort(-cosines, kind="stable")[:SHOWN]
        nearest = tuple(
            Likeness(face, float(cosines[place]))
            for face, place in zip(self.faces(rows[best].tolist()), best.tolist(), strict=True)
        )
        name = people_store.person_name(self.tx, person)
        return Candidate(person, name, similarity, probability, nearest)

    def told(
        self, found: Recognition, quality: NDArray[np.float32], question: Question
    ) -> FaceQuestion:
        """`question`, about what was `found`, with its evidence; `quality` [N] is that of all
        faces.
        """
        first, *rest = best_of(question.rows, quality)
        place = int(np.searchsorted(found.rows, first))
        # Beside the best those least like it: whoever says yes to all should see who might be
        # another.
        cosines = self.vectors[np.array(rest, np.int64)] @ self.vectors[first]
        least = np.argsort(cosines, kind="stable")[: FACES_OF_GROUP - 1]
        faces = self.faces([first, *(rest[each] for each in least.tolist())])
        key = f"g{question.group}" if question.group >= 0 else f"f{faces[0].id}"
        likely = [
            (int(people[place]), float(likeness[place]), float(probability[place]))
            for people, likeness, probability in (
                (found.person, found.likeness, found.probability),
                (found.runner_up, found.runner_up_likeness, found.runner_up_probability),
            )
            if people[place] >= 0
        ]
        if question.person < 0:
            return FaceQuestion(Kind.WHO, key, faces, len(question.rows), None, None)
        similarity = next((like for person, like, _ in likely if person == question.person), None)
        candidate = self.candidate(
            first, PersonId(question.person), similarity, question.probability
        )
        runner_up = None
        rivals = [each for each in likely if each[0] != question.person]
        if rivals:
            person, like, sure = rivals[0]
            runner_up = self.candidate(first, PersonId(person), like, sure)
        return FaceQuestion(Kind.IS, key, faces, len(question.rows), candidate, runner_up)


def _homes(tx: Transaction, ids: Ids, group: Ids) -> Ids:
    """Who each face is shown as: the person, _GROUP and more for a group without one, -1."""
    homes = np.where(group >= 0, group + _GROUP, -1)
    shown = recognitions.shown(tx)
    place = np.searchsorted(ids, shown[:, 0])
    known = (place < len(ids)) & (ids[np.minimum(place, len(ids) - 1)] == shown[:, 0])
    homes[place[known]] = shown[known, 1]
    return homes


def _id_of(outcome: Outcome, question: Question) -> Hashable:
    row = best_of(question.rows, outcome.quality)[0]
    face = int(outcome.ids[row])
    key = f"g{question.group}" if question.group >= 0 else f"f{face}"
    return Kind(question.kind), key, face, question.person
