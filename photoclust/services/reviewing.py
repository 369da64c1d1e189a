"""Questions to the user, the most rewarding first, and what an answer comes to."""

from dataclasses import dataclass
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.core.types import ClusterId, EntryId, FaceId, LibraryChanges, PersonId
from photoclust.recognize.review import Kind, Question, answers_left
from photoclust.services.asking import shots_once
from photoclust.services.keys import require
from photoclust.services.recognition import LibraryRecognizer, Outcome, best_of
from photoclust.services.same_shot import carry_names
from photoclust.store import answers
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.answers import Noted
from photoclust.store.database import Library, Transaction
from photoclust.store.journal import Act


@dataclass(frozen=True, slots=True)
class ReviewQuestion:
    """Who are the `faces`, those of the best quality first, or are they `person`?

    `key` is the group (`g31`) or the face (`f9`). `person` and `name` are None where it is asked
    who they are. `probability` that it is that person; `gain`: the faces the answer is expected to
    settle.
    """

    key: str
    faces: tuple[FaceId, ...]
    person: PersonId | None
    name: str | None
    probability: float
    gain: float


@dataclass(frozen=True, slots=True)
class Review:
    """The next `questions` of `count`, and after how many answers nearly all faces that can get a
    name have one.
    """

    questions: tuple[ReviewQuestion, ...]
    count: int
    answers_left: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Whom an answer was about, what it touched, and its entry in the journal, None where nothing
    was new.
    """

    person: PersonId
    name: str | None
    changes: LibraryChanges
    entry: EntryId | None = None


def review(
    recognizer: LibraryRecognizer, library: Library, limit: int, person: str | None = None
) -> Review:
    """What is best asked next, at most `limit` questions, as things stand; with `person` (`p7`)
    only about them. Raises UserError where there is no such person.
    """
    outcome = recognizer.judge()
    with library.read() as tx:
        wanted = shots_once(tx, outcome)
        if person is not None:
            who = _person(tx, person)
            wanted = [each for each in wanted if each.person == who]
        asked = tuple(_told(tx, outcome, each) for each in wanted[:limit])
    left = answers_left(outcome.questions, outcome.number_with_name)
    return Review(asked, len(wanted), left)


def paths(library: Library, found: Review) -> dict[FaceId, Path | None]:
    """Where the photo of the first face of each question is; None where no file holds it now."""
    first = [each.faces[0] for each in found.questions]
    with library.read() as tx:
        return {face.id: face.path for face in face_store.faces(tx, ids=first)}


def yes(library: Library, settings: Settings, key: str, person: str | None = None) -> Answer:
    """The face or the group `key` (`f9`, `g31`) is `person` (`p7`), or who is asked about.

    Raises UserError where there is no such thing, or nobody in particular is asked about.
    """
    return say_yes(library, key, _meant(library, settings, key, person))


def no(library: Library, settings: Settings, key: str, person: str | None = None) -> Answer:
    """None of the face or the group `key` is `person`, or who is asked about; for good.

    Raises as `yes`.
    """
    return say_no(library, key, _meant(library, settings, key, person))


def not_sure(library: Library, settings: Settings, key: str, person: str | None = None) -> Answer:
    """Nobody can tell whether the face or the group `key` is `person`, or who is asked about: it is
    not asked again for a while. Raises as `yes`.
    """
    return say_not_sure(library, key, _meant(library, settings, key, person))


def say_yes(library: Library, key: str, person: str) -> Answer:
    """The face or the group `key` is `person`. Raises UserError where there is no such thing."""
    with library.write() as tx:
        kind, number = require(tx, key, "gf")
        who = _person(tx, person)
        act = Act(tx, "confirm", {"target": key.strip().lower()})
        if kind == "g":
            people_store.name_cluster(act, ClusterId(number), who)
        else:
            people_store.confirm(act, [FaceId(number)], who)
        return _done(act, who)


def say_no(library: Library, key: str, person: str) -> Answer:
    """None of the face or the group `key` is `person`; for good. Raises as `say_yes`."""
    with library.write() as tx:
        faces = faces_of(tx, key)
        who = _person(tx, person)
        act = Act(tx, "reject", {"target": key.strip().lower()})
        people_store.reject(act, faces, who)
        return _done(act, who)


def say_not_sure(library: Library, key: str, person: str | None) -> Answer:
    """Nobody can tell whether the face or the group `key` is `person`, or who it is at all where
    that is None. Raises as `say_yes`.
    """
    with library.write() as tx:
        faces = face_store.faces(tx, ids=faces_of(tx, key))
        if not faces:
            raise UserError(f"all of {key} have a name by now")
        best = min(faces, key=lambda face: (-face.quality, face.id))
        who = None if person is None else _person(tx, person)
        name = None if who is None else people_store.person_name(tx, who)
        spoken_of = {} if who is None else {int(who): name or ""}
        other = answers.NOBODY if who is None else who
        entry = answers.note(tx, Noted.NOT_SURE, best.id, other, spoken_of)
        return Answer(PersonId(other), name, LibraryChanges(), entry)


def faces_of(tx: Transaction, key: str) -> list[FaceId]:
    """The face `key` (`f9`), or the faces of the group `key` (`g31`) that nobody is shown for.

    Raises UserError where there is no such thing.
    """
    kind, number = require(tx, key, "gf")
    return people_store.faces_of_cluster(tx, ClusterId(number)) if kind == "g" else [FaceId(number)]


def _done(act: Act, who: PersonId) -> Answer:
    name = people_store.person_name(act.tx, who)
    act.note_person(who, name or "")
    carry_names(act)
    changes = act.finish()
    return Answer(who, name, changes, act.entry)


def _person(tx: Transaction, key: str) -> PersonId:
    return PersonId(require(tx, key, "p")[1])


def _meant(library: Library, settings: Settings, key: str, person: str | None) -> str:
    """The id of `person`, or of whom a review asks about `key`."""
    if person is not None:
        return person
    with library.read() as tx:
        kind, number = require(tx, key, "gf")
    outcome = LibraryRecognizer(library, settings).judge()
    for question in outcome.questions:
        mine = question.group == number
        if kind == "f":
            mine = question.group < 0 and outcome.ids[question.rows[0]] == number
        if mine and question.kind is Kind.IS:
            return f"p{question.person}"
        if mine:
            raise UserError(
                f"the question about {key} is who it is; photoclust name {key} NAME answers it, or "
                "say whom you mean with --person p7"
            )
    raise UserError(f"nothing is asked about {key}; say whom you mean with --person p7")


def _told(tx: Transaction, outcome: Outcome, question: Question) -> ReviewQuestion:
    rows = best_of(question.rows, outcome.quality)
    faces = tuple(FaceId(int(outcome.ids[row])) for row in rows)
    person = PersonId(question.person) if question.kind is Kind.IS else None
    name = None if person is None else people_store.person_name(tx, person)
    key = f"g{question.group}" if question.group >= 0 else f"f{faces[0]}"
    return ReviewQuestion(key, faces, person, name, question.probability, question.gain)
