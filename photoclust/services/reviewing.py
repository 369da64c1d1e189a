"""Questions to the user, the most rewarding first, and what an answer comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.types import ClusterId, FaceId, LibraryChanges, PersonId
from photoclust.recognize.review import Kind, Question, answers_left
from photoclust.services.keys import parse_key, require
from photoclust.services.recognition import LibraryRecognizer, Outcome
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store import recognitions
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


def review(recognizer: LibraryRecognizer, library: Library, limit: int) -> Review:
    """What is best asked next, at most `limit` questions, as things stand."""
    outcome = recognizer.judge()
    with library.read() as tx:
        asked = tuple(_told(tx, outcome, each) for each in outcome.questions[:limit])
    left = answers_left(outcome.questions, outcome.number_with_name)
    return Review(asked, len(outcome.questions), left)


def paths(library: Library, found: Review) -> dict[FaceId, Path | None]:
    """Where the photo of the first face of each question is; None where no file holds it now."""
    first = [each.faces[0] for each in found.questions]
    with library.read() as tx:
        return {face.id: face.path for face in face_store.faces(tx, ids=first)}


def yes(library: Library, key: str, person: str | None = None) -> LibraryChanges:
    """The face or the group `key` (`f9`, `g31`) is `person` (`p7`), or who is asked about.

    Raises UserError where there is no such thing, or it is not clear who is meant.
    """
    with library.write() as tx:
        kind, number = require(tx, key, "gf")
        who = _meant(tx, key, person)
        act = Act(tx, "confirm", {"target": key.strip().lower()})
        if kind == "g":
            people_store.name_cluster(act, ClusterId(number), who)
        else:
            people_store.confirm(act, [FaceId(number)], who)
        act.note_person(who, people_store.person_name(tx, who) or "")
        return act.finish()


def no(library: Library, key: str, person: str | None = None) -> LibraryChanges:
    """None of the face or the group `key` is `person`, or who is asked about; for good.

    Raises as `yes`.
    """
    with library.write() as tx:
        kind, number = require(tx, key, "gf")
        who = _meant(tx, key, person)
        faces = [FaceId(number)]
        if kind == "g":
            faces = people_store.faces_of_cluster(tx, ClusterId(number))
        act = Act(tx, "reject", {"target": key.strip().lower()})
        people_store.reject(act, faces, who)
        act.note_person(who, people_store.person_name(tx, who) or "")
        return act.finish()


def _meant(tx: Transaction, key: str, person: str | None) -> PersonId:
    if person is not None:
        return PersonId(require(tx, person, "p")[1])
    kind, number = parse_key(key, "gf")
    faces: Sequence[FaceId] = [FaceId(number)]
    if kind == "g":
        faces = people_store.faces_of_cluster(tx, ClusterId(number))
    asked = [v.person for face in faces if (v := recognitions.of_face(tx, face)) is not None]
    if not asked:
        raise UserError(f"it is not clear who {key} may be; say whom you mean with --person p7")
    return max(sorted(set(asked)), key=asked.count)


def _told(tx: Transaction, outcome: Outcome, question: Question) -> ReviewQuestion:
    rows = sorted(question.rows, key=lambda row: (-outcome.quality[row], row))
    faces = tuple(FaceId(int(outcome.ids[row])) for row in rows)
    person = PersonId(question.person) if question.kind is Kind.IS else None
    name = None if person is None else people_store.person_name(tx, person)
    key = f"g{question.group}" if question.group >= 0 else f"f{faces[0]}"
    return ReviewQuestion(key, faces, person, name, question.probability, question.gain)
