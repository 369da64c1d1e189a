"""Confirmed faces that look like a slip of whoever named them, for a second look."""

from collections.abc import Sequence
from dataclasses import dataclass

from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import Face, FaceId, PersonId
from photoclust.services.recognition import LibraryRecognizer
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.database import Library


@dataclass(frozen=True, slots=True)
class DoubtfulFace:
    """A confirmed `face` that looks like a slip: `doubt` is how probably it is not who it is said
    to be, `name`; `other` is whom it is more like, None where nobody known.
    """

    face: Face
    name: str | None
    doubt: float
    similarity: float
    other: PersonId | None
    other_name: str | None
    other_similarity: float | None


def doubts(
    library: Library, settings: Settings, limit: int, *, control: JobControl | None = None
) -> list[DoubtfulFace]:
    """The confirmed faces that disagree most with their person, at most `limit`."""
    recognizer = LibraryRecognizer(library, settings)
    return of_recognizer(recognizer, library, limit, control=control)[0]


def of_recognizer(
    recognizer: LibraryRecognizer,
    library: Library,
    limit: int,
    *,
    control: JobControl | None = None,
) -> tuple[list[DoubtfulFace], Sequence[FaceId]]:
    """As `doubts`, by a recogniser that is there already; and all faces that are doubtful."""
    ids, found = recognizer.doubts(control)
    doubtful_ids = [FaceId(number) for number in ids[found.rows].tolist()]
    numbers = doubtful_ids[:limit]
    doubtful = []
    with library.read() as tx:
        faces = {face.id: face for face in face_store.faces(tx, ids=numbers)}
        for place, number in enumerate(numbers):
            face = faces[number]
            likely = found.other_likeness[place] > found.likeness[place]
            other = (
                PersonId(int(found.other[place])) if likely and found.other[place] >= 0 else None
            )
            doubtful.append(
                DoubtfulFace(
                    face=face,
                    name=None if face.person is None else people_store.person_name(tx, face.person),
                    doubt=float(found.doubt[place]),
                    similarity=float(found.likeness[place]),
                    other=other,
                    other_name=None if other is None else people_store.person_name(tx, other),
                    other_similarity=None if other is None else float(found.other_likeness[place]),
                )
            )
    return doubtful, doubtful_ids
