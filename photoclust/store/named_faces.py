"""What a library says of the faces of photos, for whoever brings names for them. Only reads."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import exists, select

from photoclust.core.types import Box, FaceId, PersonId, PhotoId
from photoclust.store import journal, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.decisions import ABOUT_FACES, Register, Subject


@dataclass(frozen=True, slots=True)
class KnownFace:
    """A face of a photo, its box relative to the upright picture.

    `drawn` by hand; `excluded`, none as the user said, or never one yet; `person`, who it was
    confirmed to be, called `name`; `refused`, who the user said it is not. `mentioned` tells
    whether the journal speaks of it at all, be it in what was undone.
    """

    id: FaceId
    box: Box
    drawn: bool
    excluded: bool
    mentioned: bool
    person: PersonId | None
    name: str | None
    refused: frozenset[PersonId]


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file of a photo, which is `width` × `height` px upright; `there` where it was last seen."""

    path: Path
    photo: PhotoId
    width: int
    height: int
    there: bool


def faces(tx: Transaction, photos: Collection[PhotoId]) -> dict[PhotoId, list[KnownFace]]:
    """Every face of each of `photos`, by id, also those that are none."""
    face, yes, no = schema.face.c, schema.confirmation.c, schema.rejection.c
    person, change = schema.person.c, schema.change.c
    mentioned = exists().where(change.subject.in_(ABOUT_FACES), change.a == face.id)
    result: dict[PhotoId, list[KnownFace]] = {photo: [] for photo in photos}
    for part in chunks(sorted(result)):
        refusals: dict[int, set[PersonId]] = defaultdict(set)
        said = select(no.face_id, no.person_id).join(schema.face, face.id == no.face_id)
        for number, refused in tx.execute(said.where(face.photo_id.in_(part))):
            refusals[number].add(PersonId(refused))
        query = (
            select(
                face.id,
                face.photo_id,
                face.x,
                face.y,
                face.w,
                face.h,
                face.drawn,
                face.excluded,
                yes.person_id,
                person.name,
                mentioned.label("mentioned"),
            )
            .outerjoin(schema.confirmation, yes.face_id == face.id)
            .outerjoin(schema.person, (person.id == yes.person_id) & person.alive)
            .where(face.photo_id.in_(part))
            .order_by(face.id)
        )
        for row in tx.execute(query):
            result[PhotoId(row.photo_id)].append(
                KnownFace(
                    id=FaceId(row.id),
                    box=Box(row.x, row.y, row.w, row.h),
                    drawn=bool(row.drawn),
                    excluded=bool(row.excluded),
                    mentioned=bool(row.mentioned),
                    person=row.person_id,
                    name=row.name,
                    refused=frozenset(refusals[row.id]),
                )
            )
    return result


def presences_said(tx: Transaction, photos: Collection[PhotoId]) -> dict[tuple[int, int], bool]:
    """Photos with people of whom the journal says that they are in them without a face, or not any
    more, and whether that stands or was undone.
    """
    change = schema.change.c
    said: dict[tuple[int, int], bool] = {}
    for part in chunks(sorted(photos)):
        query = (
            select(change.a, change.b, journal.in_force())
            .join(schema.entry, schema.entry.c.id == change.entry_id)
            .where(change.subject == Subject.PRESENCE, change.a.in_(part))
        )
        for photo, person, stands in tx.execute(query):
            said[photo, person] = bool(stands) or said.get((photo, person), False)
    return said


def registers_said(
    tx: Transaction, subjects: Collection[Subject], numbers: Sequence[int]
) -> set[Register]:
    """The registers of `subjects` that are about `numbers` (people or photos) and of which the
    journal speaks, be it in what was undone.
    """
    change = schema.change.c
    return {
        Register(Subject(subject), a, b)
        for part in chunks(numbers)
        for subject, a, b in tx.execute(
            select(change.subject, change.a, change.b)
            .where(change.subject.in_(subjects), change.a.in_(part))
            .distinct()
        )
    }


def files(tx: Transaction) -> list[KnownFile]:
    """Every file of the library, by path."""
    file, photo = schema.file.c, schema.photo.c
    query = (
        select(file.path, file.photo_id, photo.width, photo.height, file.state)
        .join(schema.photo, photo.id == file.photo_id)
        .order_by(file.path)
    )
    return [
        KnownFile(row.path, PhotoId(row.photo_id), row.width, row.height, row.state is None)
        for row in tx.execute(query)
    ]
