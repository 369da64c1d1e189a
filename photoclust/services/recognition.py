"""Recognising the faces of a library: who they are by those that users said, and how sure it is.

What comes of it are verdicts: names given automatically, which are marked as such, can be taken
back, and count as evidence for nothing, and faces to ask about.
"""

import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.language import marked
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import EntryId, FaceId, LibraryChanges, ModelId, ModelSpec, PersonId
from photoclust.recognize import pairs
from photoclust.recognize.calibration import Platt
from photoclust.recognize.doubts import Doubts
from photoclust.recognize.faces import NO_FACE, Decisions, Faces, Ids
from photoclust.recognize.lookalikes import NEAREST
from photoclust.recognize.recognizer import Recognition, Recognizer
from photoclust.recognize.review import Question, answers_left, questions
from photoclust.services import embedding_model
from photoclust.services.neighbour_index import Index, nearest_few
from photoclust.store import answers, birthdays, face_table, recognitions, same_photo
from photoclust.store import people as people_store
from photoclust.store.answers import Noted
from photoclust.store.database import Library, Transaction
from photoclust.store.face_table import FaceStates, FaceTable
from photoclust.store.recognitions import Verdicts
from photoclust.vision import models

log = logging.getLogger(__name__)

STAGE = marked("Recognising faces")
OFFERED = (0.999, 0.995, 0.99, 0.98, 0.95)
"""The expected precisions at which it is told how many faces could be named."""
_SURELY_HIDDEN = 0.9
"""A group that is somebody hidden with this probability is hidden as well; whoever is hidden by
mistake is looked for in vain.
"""
_HARDLY = 0.01
"""Verdicts that are surer or less sure by no more than this are not written again."""


@dataclass(frozen=True, slots=True)
class KnownTwice:
    """Two people whose faces are as alike as those of one, with the names of those who have one."""

    one: PersonId
    other: PersonId
    one_name: str | None
    other_name: str | None


@dataclass(frozen=True, slots=True)
class RecognitionReport:
    """What recognition came to.

    Of `faces`, which no user decided about, `named` have a name automatically and `asked` are worth
    a question. `newly_named` and `no_longer_named` is what changed; `entry` takes the new names
    back. `offers`: how many could be named so that such a share is right, as expected. `people` are
    known; what the faces of those who `may_be_one` say of each other counts for nobody else.
    `answers_left`: how many questions until nearly all faces that can get a name have one.
    `seconds` is what it took.
    """

    people: int
    faces: int
    named: int
    asked: int
    precision: float
    offers: dict[float, int]
    newly_named: tuple[FaceId, ...]
    no_longer_named: tuple[FaceId, ...]
    entry: EntryId | None
    answers_left: int
    seconds: float
    changes: LibraryChanges
    may_be_one: tuple[KnownTwice, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What a recogniser was made from: the faces with a vector of `model` (`table`), the ids of
    all.
    """

    model: ModelId
    table: FaceTable
    ids: Ids
    recognizer: Recognizer


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What recognition says now by the `vectors` [N, dim] of `model`, of the faces `ids` [N]:
    `found`, in rows of these; `nameable`: what of it would be named if no name had been taken back;
    `person` [N], who they are as users said; the `quality` [N] of each, its `group` [N] and the
    `owner` [N] of that; what could be asked, the most rewarding first.
    """

    model: ModelId
    vectors: Vectors
    ids: Ids
    person: Ids
    quality: NDArray[np.float32]
    group: Ids
    owner: Ids
    found: Recognition
    nameable: NDArray[np.bool_]
    questions: list[Question]

    @property
    def number_with_name(self) -> int:
        """How many faces are named, by a user or automatically."""
        return int(np.sum(self.person >= 0) + np.sum(self.found.named))


class LibraryRecognizer:
    """Recognises the faces of an open library, again and again while users decide.

    It holds all vectors, so that an answer changes the rest within a moment. Not for several
    threads at once.
    """

    def __init__(self, library: Library, settings: Settings) -> None:
        self._library = library
        self._settings = settings
        self._precision = settings.naming_precision
        self._seen: _Seen | None = None

    def update(self, control: JobControl | None = None) -> RecognitionReport:
        """Judge all faces that no user decided about, as things stand, and keep the verdicts.

        Raises CancelledError when cancelled: nothing has changed then.
        """
        control = control or JobControl()
        start = time.monotonic()
        outcome = self.judge(control)
        found = outcome.found
        control.checkpoint()
        with self._library.write() as tx:
            # Others may have changed the verdicts, and people in them may have ended.
            news, about = _news(recognitions.load(tx), _verdicts(outcome))
            written = recognitions.write(tx, news, about, model=outcome.model)
            counts = recognitions.counts(tx)
            may_be_one = _known_twice(tx, found.twins)
        control.report(STAGE, len(found.rows), len(found.rows))
        return RecognitionReport(
            people=len(np.unique(outcome.person[outcome.person >= 0])),
            faces=len(found.rows),
            named=counts.named,
            asked=counts.asked,
            precision=self._precision,
            offers={share: found.number_named_at(share) for share in OFFERED},
            newly_named=written.newly_named,
            no_longer_named=written.no_longer_named,
            entry=written.entry,
            answers_left=answers_left(outcome.questions, outcome.number_with_name),
            seconds=time.monotonic() - start,
            changes=written.changes,
            may_be_one=may_be_one,
        )

    def judge(self, control: JobControl | None = None) -> Outcome:
        """What recognition says as things stand; nothing is written."""
        control = control or JobControl()
        with self._library.read() as tx:
            states = face_table.load_states(tx)
            seen = self._look(tx, states, control)
            decisions = _decisions(tx, seen.table, states)
            taken_back = recognitions.taken_back(tx)
            hidden = people_store.hidden_people(tx)
            unsure = answers.noted(tx, Noted.NOT_SURE)
        control.report(STAGE, 0, len(seen.table.ids))
        found = seen.recognizer.recognize(decisions, self._precision, control=control)
        ids = seen.table.ids
        group = of_states(states.cluster, states, ids, -1)
        owner = of_states(states.owner, states, ids, -1)
        asked = questions(_without_names(found, ids, taken_back), group, seen.recognizer.lookalikes)
        silent = _silent(found, asked, owner, hidden)
        found = replace(found, named=found.named | silent, asked=found.asked & ~silent)
        nameable = found.named
        found = _without_names(found, ids, taken_back)
        # Who was hidden is recognised, but not worth a question.
        asked = [each for each in asked if each.person not in hidden]
        if unsure:
            best = (best_of(each.rows, seen.table.quality)[0] for each in asked)
            asked = [
                each
                for each, row in zip(asked, best, strict=True)
                if (int(ids[row]), each.person) not in unsure
            ]
        return Outcome(
            model=seen.model,
            vectors=seen.table.vectors,
            ids=ids,
            person=decisions.person,
            quality=seen.table.quality,
            group=group,
            owner=owner,
            found=found,
            nameable=nameable,
            questions=asked,
        )

    def doubts(self, control: JobControl | None = None) -> tuple[Ids, Doubts]:
        """The ids of all faces, and those confirmed that look like a slip, in rows of these; but
        for those that the user looked at again.
        """
        with self._library.read() as tx:
            states = face_table.load_states(tx)
            seen = self._look(tx, states, control or JobControl())
            decisions = _decisions(tx, seen.table, states)
            settled = answers.noted(tx, Noted.SURE) | answers.noted(tx, Noted.NOT_SURE)
        ids, person = seen.table.ids, decisions.person
        found = seen.recognizer.doubts(decisions, control=control)
        open_ = [(int(ids[row]), int(person[row])) not in settled for row in found.rows]
        return ids, found if all(open_) else found.only(np.array(open_))

    def look(self, control: JobControl | None = None) -> tuple[FaceTable, FaceStates]:
        """The faces with their vectors as they were first seen, and what holds of all faces now."""
        with self._library.read() as tx:
            states = face_table.load_states(tx)
            return self._look(tx, states, control or JobControl()).table, states

    def _look(self, tx: Transaction, states: FaceStates, control: JobControl) -> _Seen:
        """The faces and their recogniser, made anew where there are faces that it has not seen, or
        another model serves.
        """
        seen = self._seen
        model = embedding_model.current_in(tx, self._library, self._settings)
        if (
            seen is None
            or seen.model != model
            or not np.isin(states.ids, seen.ids, assume_unique=True).all()
        ):
            fallback = embedding_model.fallback_of(self._library, model)
            table = face_table.load_table(tx, model, fallback)
            index = Index(self._library.folder, model, table.ids)
            lists = nearest_few(index, table.vectors, NEAREST, control)
            faces = Faces(table.vectors, table.photo, table.quality, table.taken, lists)
            before = shipped_curve(embedding_model.spec_of(self._library, model))
            self._seen = seen = _Seen(model, table, states.ids, Recognizer(faces, before))
        return seen


def shipped_curve(model: ModelSpec) -> Platt:
    """The curve that `model` brings along, for as long as a library says too little itself."""
    return Platt(*models.calibration_line(model, "match"))


def best_of(rows: Sequence[int], quality: NDArray[np.float32]) -> list[int]:
    """The `rows` of faces, those of the best `quality` [N] first."""
    return sorted(rows, key=lambda row: (-quality[row], row))


def recognize(
    library: Library, settings: Settings, *, control: JobControl | None = None
) -> RecognitionReport:
    """Judge all faces of `library` that no user decided about; see `LibraryRecognizer`."""
    return LibraryRecognizer(library, settings).update(control)


def catch_up(
    library: Library, settings: Settings, *, control: JobControl | None = None
) -> RecognitionReport | None:
    """As `recognize`, where that is worth while."""
    return recognize(library, settings, control=control) if is_worth_while(library) else None


def is_worth_while(library: Library) -> bool:
    """Whether anybody is known, or was when faces were recognised last."""
    with library.read() as tx:
        return people_store.anybody_confirmed(tx) or recognitions.any_verdict(tx)


def _decisions(tx: Transaction, table: FaceTable, states: FaceStates) -> Decisions:
    """What users said, in rows of `table`."""
    person = of_states(states.person, states, table.ids, NO_FACE)
    refused = np.array(people_store.rejections(tx), np.int64).reshape(-1, 2)
    # Who gives a face another name than it got automatically says that it is not that person.
    said = np.unique(np.concatenate([refused, recognitions.misnamed(tx)]), axis=0)
    row, known = _places(table.ids, said[:, 0])
    rejected = np.column_stack([row[known], said[known, 1]])
    excepted = np.array(sorted(same_photo.exceptions(tx)), np.int64)
    days = birthdays.load_days(tx)
    place, early = _places(days.photos, table.photo)
    latest = np.full(len(table.ids), np.iinfo(np.int64).max)
    latest[early] = days.latest[place[early]]
    born = np.column_stack([days.people, days.born])
    return Decisions(person, rejected, excepted, born, latest)


def _without_names(found: Recognition, ids: Ids, taken_back: Ids) -> Recognition:
    """`found` without the names of `taken_back` [T, 2] (face, person): these are asked about."""
    refused = found.named & (pairs.places(ids[found.rows], found.person, taken_back) >= 0)
    return replace(found, named=found.named & ~refused, asked=found.asked | refused)


def _silent(
    found: Recognition, asked: Sequence[Question], owner: Ids, hidden: Collection[int]
) -> NDArray[np.bool_]:
    """Which of the faces [R] go to people whom the user hid without being sure enough to be named
    otherwise: nobody is asked about these, and what joins them is to stay out of sight.

    The group of such a face goes with the person, by `owner` [N], or is likely enough to be them.
    """
    likely = np.zeros(len(owner), np.bool_)
    for question in asked:
        if question.group >= 0 and question.probability >= _SURELY_HIDDEN:
            likely[list(question.rows)] = True
    theirs = np.isin(found.person, list(hidden))
    silent: NDArray[np.bool_] = theirs & ((owner[found.rows] == found.person) | likely[found.rows])
    return silent


def of_states(values: Ids, states: FaceStates, ids: Ids, missing: int) -> Ids:
    """Those of the `values` [S] of `states` that are of the faces `ids` [N]; `missing` where a face
    is not there any more.
    """
    result = np.full(len(ids), missing, np.int64)
    place, there = _places(states.ids, ids)
    result[there] = values[place[there]]
    return result


def _places(ids: Ids, wanted: Ids) -> tuple[Ids, NDArray[np.bool_]]:
    """Where each of `wanted` [M] stands in the ascending `ids`, and whether it does."""
    if len(ids) == 0:
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    place = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return place, ids[place] == wanted


def _known_twice(tx: Transaction, twins: Ids) -> tuple[KnownTwice, ...]:
    """The pairs of people `twins` [M, 2] with their names."""
    return tuple(
        KnownTwice(
            one, other, people_store.person_name(tx, one), people_store.person_name(tx, other)
        )
        for one, other in twins.tolist()
    )


def _verdicts(outcome: Outcome) -> Verdicts:
    """What is kept: names, questions, and what the group of a face would otherwise say."""
    found = outcome.found
    speaks = outcome.owner[found.rows] >= 0
    kept = (found.person >= 0) & (found.named | found.asked | speaks)
    runner_up = found.runner_up[kept]
    nobody = runner_up < 0
    likeness = (found.likeness[kept], found.runner_up_likeness[kept])
    similarity, other = (each.astype(np.float64) for each in likeness)
    return Verdicts(
        face=outcome.ids[found.rows[kept]],
        person=found.person[kept],
        probability=found.probability[kept],
        similarity=similarity,
        runner_up=runner_up,
        runner_up_similarity=np.where(nobody, np.nan, other),
        runner_up_probability=np.where(nobody, np.nan, found.runner_up_probability[kept]),
        named=outcome.nameable[kept],
    )


def _news(before: Verdicts, now: Verdicts) -> tuple[Verdicts, Ids]:
    """The verdicts that say something else than `before`, or are surer or less sure by more
    than _HARDLY, and the faces that these and those that are gone are about.
    """
    if not len(before):
        return now, now.face
    place, there = _places(before.face, now.face)
    same = there & (before.person[place] == now.person) & (before.named[place] == now.named)
    same &= before.runner_up[place] == now.runner_up
    same &= np.abs(before.probability[place] - now.probability) < _HARDLY
    gone = np.setdiff1d(before.face, now.face, assume_unique=True)
    news = Verdicts(*(getattr(now, column.name)[~same] for column in fields(now)))
    return news, np.concatenate([news.face, gone])
