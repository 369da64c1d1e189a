"""What a library knows of photos, in the form in which it leaves for other programs. Read-only."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from photoclust.core.pages import PARTED_EXTENSIONS
from photoclust.core.types import Box, FaceId, PersonId, PhotoId
from photoclust.store import aliases, former_names, parts, schema
from photoclust.store import photos as photo_store
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction


@dataclass(frozen=True, slots=True)
class OutPerson:
    """A person; `uid` is the same in every library that took them over, `name` may be empty. `born`
    is the text of a date by hand (`photo_dates.date_text`), `cover` the face that the user chose,
    `former` are names that they had before (see `former_names`).
    """

    id: PersonId
    uid: str
    name: str
    hidden: bool
    aliases: tuple[str, ...] = ()
    born: str | None = None
    cover: FaceId | None = None
    former: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OutFile:
    """A file of a photo as it was when it was scanned; not `here` is one that is not there now.

    `picture_hash` is that of its pixels (32 hex digits), where it is known.
    """

    path: Path
    size: int
    mtime_ns: int
    here: bool
    picture_hash: str | None = None


@dataclass(frozen=True, slots=True)
class OutFace:
    """A face, its `box` relative to the upright photo. `person` is who it is shown as, `confirmed`
    whether the user said so, `rejected` who they said it is not. `excluded` ones are no faces.
    """

    id: FaceId
    photo: PhotoId
    box: Box
    person: PersonId | None
    confirmed: bool
    drawn: bool
    excluded: bool
    score: float
    quality: float
    rejected: tuple[PersonId, ...] = ()


def people(tx: Transaction) -> dict[PersonId, OutPerson]:
    """Everybody there is."""
    table = schema.person.c
    called, former = aliases.aliases(tx), former_names.formerly_called(tx)
    query = select(schema.person).where(table.alive).order_by(table.id)
    return {
        PersonId(row.id): OutPerson(
            PersonId(row.id),
            row.uid,
            row.name or "",
            bool(row.hidden),
            tuple(called.get(PersonId(row.id), ())),
            row.born,
            row.chosen_cover_id,
            former.get(PersonId(row.id), frozenset()) - {row.name},
        )
        for row in tx.execute(query)
    }


def dated(tx: Transaction, photos: Sequence[PhotoId]) -> dict[PhotoId, str]:
    """When those of `photos` were taken of which the user said it, as `photo_dates.date_text`."""
    table = schema.photo.c
    query = select(table.id, table.dated).where(table.dated.is_not(None))
    return {
        PhotoId(photo): text
        for part in chunks(photos)
        for photo, text in tx.execute(query.where(table.id.in_(part)))
    }


def files(tx: Transaction, photos: Sequence[PhotoId]) -> dict[PhotoId, list[OutFile]]:
    """The files of each of `photos`, those that are there first."""
    file = schema.file.c
    query = select(
        file.photo_id, file.path, file.size, file.mtime_ns, file.state, file.picture_hash
    )
    found: dict[PhotoId, list[OutFile]] = defaultdict(list)
    for part in chunks(photos):
        mine = query.where(file.photo_id.in_(part)).order_by(file.state.is_not(None), file.id)
        for photo, path, size, mtime_ns, state, picture in tx.execute(mine):
            pixels = None if picture is None else picture.hex()
            found[PhotoId(photo)].append(OutFile(path, size, mtime_ns, state is None, pixels))
    return found


def faces(tx: Transaction, photos: Sequence[PhotoId]) -> dict[PhotoId, list[OutFace]]:
    """The faces of each of `photos`, also those that are none, by id."""
    face, no, person = schema.face.c, schema.rejection.c, schema.person.c
    query = select(schema.face).order_by(face.id)
    refused = (
        select(no.face_id, no.person_id)
        .join(schema.face, face.id == no.face_id)
        .join(schema.person, person.id == no.person_id)
        .where(person.alive)
        .order_by(no.person_id)
    )
    found: dict[PhotoId, list[OutFace]] = defaultdict(list)
    for part in chunks(photos):
        rejected: dict[int, list[PersonId]] = defaultdict(list)
        for number, other in tx.execute(refused.where(face.photo_id.in_(part))):
            rejected[number].append(PersonId(other))
        for row in tx.execute(query.where(face.photo_id.in_(part))):
            found[PhotoId(row.photo_id)].append(
                OutFace(
                    id=FaceId(row.id),
                    photo=PhotoId(row.photo_id),
                    box=Box(row.x, row.y, row.w, row.h),
                    person=row.person_id,
                    confirmed=bool(row.confirmed),
                    drawn=bool(row.drawn),
                    excluded=bool(row.excluded),
                    score=row.score,
                    quality=row.quality,
                    rejected=tuple(rejected.get(row.id, ())),
                )
            )
    return found


def present(tx: Transaction, photos: Sequence[PhotoId]) -> dict[PhotoId, list[PersonId]]:
    """Who is in each of `photos` without a face, hidden people too."""
    presence, person = schema.presence.c, schema.person.c
    query = (
        select(presence.photo_id, presence.person_id)
        .join(schema.person, person.id == presence.person_id)
        .where(person.alive)
        .order_by(presence.person_id)
    )
    found: dict[PhotoId, list[PersonId]] = defaultdict(list)
    for part in chunks(photos):
        for photo, number in tx.execute(query.where(presence.photo_id.in_(part))):
            found[PhotoId(photo)].append(PersonId(number))
    return found


def people_along(tx: Transaction, paths: Sequence[Path]) -> dict[Path, dict[PersonId, bool]]:
    """Who is in the further pictures in each of the files `paths`, with a face or without, and
    whether the user said so in one of them; files without such people are left out.
    """
    inside = {
        path: parts.with_parts(tx, [path])[1:]
        for path in paths
        if path.suffix.lower() in PARTED_EXTENSIONS
    }
    held = photo_store.photos_at(tx, [part for each in inside.values() for part in each])
    photos = list(dict.fromkeys(held.values()))
    seen: dict[PhotoId, dict[PersonId, bool]] = defaultdict(dict)
    for photo, people in present(tx, photos).items():
        seen[photo] |= dict.fromkeys(people, True)
    for photo, found in faces(tx, photos).items():
        for face in found:
            if face.person is not None and not face.excluded:
                before = seen[photo].get(face.person, False)
                seen[photo][face.person] = before or face.confirmed
    along: dict[Path, dict[PersonId, bool]] = {}
    for path, each in inside.items():
        for photo in (held[part] for part in each):
            for person, said in seen.get(photo, {}).items():
                known = along.setdefault(path, {})
                known[person] = known.get(person, False) or said
    return along
