"""Photos, faces and people by what is the same on every machine: hashes, boxes and uids.

Read-only; what is decided about them is the business of `decisions` and `journal`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from photoclust.core.types import Box, FaceId, PersonId, PhotoId
from photoclust.store import journal, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.decisions import Subject


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person; not `alive` is one who was deleted, merged away, or whose making is undone."""

    id: PersonId
    uid: str
    alive: bool
    name: str | None


@dataclass(frozen=True, slots=True)
class KnownFace:
    """A face, its box relative to the upright photo; `drawn` by hand, so none until decided."""

    id: FaceId
    box: Box
    drawn: bool


@dataclass(frozen=True, slots=True)
class Hashes:
    """What a photo is known by: `files` are hashes of content (40 hex digits), `pictures` of pixels
    (32).
    """

    files: tuple[str, ...]
    pictures: tuple[str, ...]


def library_uid(tx: Transaction) -> str:
    """What tells this library from all others."""
    uid: str = tx.execute(select(schema.library.c.uid)).scalar_one()
    return uid


def people(tx: Transaction) -> list[KnownPerson]:
    """Everybody who ever was, by id."""
    table = schema.person.c
    rows = tx.execute(select(table.id, table.uid, table.alive, table.name).order_by(table.id))
    return [KnownPerson(PersonId(row.id), row.uid, row.alive, row.name) for row in rows]


def photos_of(tx: Transaction, faces_: Iterable[int]) -> set[PhotoId]:
    """The photos that faces are in."""
    table = schema.face.c
    return {
        PhotoId(photo)
        for part in chunks(sorted(faces_))
        for photo in tx.execute(
            select(table.photo_id).where(table.id.in_(part)).distinct()
        ).scalars()
    }


def faces(tx: Transaction, photos: Collection[PhotoId]) -> dict[PhotoId, list[KnownFace]]:
    """The faces of each of `photos`, also those that are none, as the user said."""
    table = schema.face.c
    columns = select(table.photo_id, table.id, table.drawn, table.x, table.y, table.w, table.h)
    result: dict[PhotoId, list[KnownFace]] = {photo: [] for photo in photos}
    for part in chunks(sorted(result)):
        query = columns.where(table.photo_id.in_(part)).order_by(table.id)
        for photo, face, drawn, *box in tx.execute(query):
            result[photo].append(KnownFace(face, Box(*box), drawn))
    return result


def hashes(tx: Transaction, photos: Collection[PhotoId]) -> dict[PhotoId, Hashes]:
    """What each of `photos` is known by."""
    contents: dict[int, dict[str, None]] = defaultdict(dict)
    pictures: dict[int, dict[str, None]] = defaultdict(dict)
    file, photo = schema.file.c, schema.photo.c
    for part in chunks(sorted(photos)):
        held = select(file.photo_id, file.hash, file.picture_hash).where(file.photo_id.in_(part))
        for number, content, picture in tx.execute(held.order_by(file.id)):
            contents[number][content.hex()] = None
            if picture is not None:
                pictures[number][picture.hex()] = None
        lost = select(photo.id, photo.lost_hash).where(
            photo.id.in_(part), photo.lost_hash.is_not(None)
        )
        for number, content in tx.execute(lost):
            contents[number][content.hex()] = None
    return {
        number: Hashes(tuple(contents.get(number, ())), tuple(pictures.get(number, ())))
        for number in photos
    }


def find_by_hashes(tx: Transaction, contents: Collection[str]) -> dict[str, PhotoId]:
    """As `photos.find_by_hash`, for many hashes; unknown ones are left out."""
    file, photo = schema.file.c, schema.photo.c
    order = (file.state.is_not(None), file.id)
    held = _find(tx, contents, file.hash, select(file.hash, file.photo_id).order_by(*order))
    lost = select(photo.lost_hash, photo.id).order_by(photo.id)
    return _find(tx, contents, photo.lost_hash, lost) | held


def find_by_pictures(tx: Transaction, pictures: Collection[str]) -> dict[str, PhotoId]:
    """As `photos.find_by_picture`, for many hashes; unknown ones are left out."""
    file = schema.file.c
    held = select(file.picture_hash, file.photo_id).order_by(file.state.is_not(None), file.id)
    return _find(tx, pictures, file.picture_hash, held)


def living(tx: Transaction, person: PersonId, alive: Mapping[PersonId, bool]) -> PersonId | None:
    """The person, or whom they were merged into; None where neither is there any more. `alive` says
    it of everybody.
    """
    number: PersonId | None = person
    seen: set[PersonId] = set()
    while number is not None and not alive.get(number, False) and number not in seen:
        seen.add(number)
        number = merged_into(tx, number)
    return number if number is not None and alive.get(number, False) else None


def merged_into(tx: Transaction, person: PersonId) -> PersonId | None:
    """The person whom `person` was made part of; None where it was not a merge that ended them."""
    change, entry = schema.change.c, schema.entry.c
    newest = (
        select(change.value, entry.kind, entry.details)
        .join(schema.entry, entry.id == change.entry_id)
        .where(
            change.subject == Subject.PERSON,
            change.a == person,
            journal.in_force(),
        )
        .order_by(change.entry_id.desc())
        .limit(1)
    )
    row = tx.execute(newest).one_or_none()
    if row is None or row.value is not None or row.kind != "merge":
        return None
    # A merge names who was merged first, and whom they became last.
    *_, last = [person, *map(int, row.details.get("people", {}))]
    return None if last == person else PersonId(last)


def _find(tx: Transaction, digests: Collection[str], key: Any, query: Any) -> dict[str, PhotoId]:
    found: dict[str, PhotoId] = {}
    for part in chunks([bytes.fromhex(digest) for digest in sorted(set(digests))]):
        for digest, photo in tx.execute(query.where(key.in_(part))):
            found.setdefault(digest.hex(), PhotoId(photo))
    return found
