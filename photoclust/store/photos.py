"""Photos, the dates they bear, and what is known of them by their content."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from photoclust.core.types import EntryId, FileStat, Metadata, Photo, PhotoId
from photoclust.store import faces, guesses, photo_dates, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.decisions import ABOUT_FACES, ABOUT_PHOTOS


def find_by_hash(tx: Transaction, digest: str) -> PhotoId | None:
    """The photo that a file with this content (40 hex digits) shows, if the library has it."""
    content, file, photo = bytes.fromhex(digest), schema.file.c, schema.photo.c
    held = (
        select(file.photo_id)
        .where(file.hash == content)
        .order_by(file.state.is_not(None), file.id)
        .limit(1)
    )
    lost = select(photo.id).where(photo.lost_hash == content).order_by(photo.id).limit(1)
    found = tx.execute(held).scalar()
    return found if found is not None else tx.execute(lost).scalar()


def find_by_picture(tx: Transaction, picture_digest: str) -> PhotoId | None:
    """The photo whose pixels have this hash (32 hex digits), if the library has it."""
    file = schema.file.c
    held = (
        select(file.photo_id)
        .where(file.picture_hash == bytes.fromhex(picture_digest))
        .order_by(file.state.is_not(None), file.id)
        .limit(1)
    )
    return tx.execute(held).scalar()


def photo_to_update(tx: Transaction, path: Path, digest: str) -> PhotoId | None:
    """The photo that the content `digest`, found at `path`, is: one of that content, or the one
    this file held before it was edited if no other file holds it still.
    """
    same = find_by_hash(tx, digest)
    if same is not None:
        return same
    file = schema.file.c
    before = tx.execute(select(file.photo_id).where(file.path == path)).scalar_one_or_none()
    if before is None:
        return None
    holders = select(func.count()).where(file.photo_id == before)
    return PhotoId(before) if tx.execute(holders).scalar_one() == 1 else None


def write_photo(
    tx: Transaction,
    *,
    photo: PhotoId | None,
    size: tuple[int, int],
    turn: int,
    metadata: Metadata,
    stat: FileStat,
    detector: str,
    run: EntryId | None = None,
    look: bytes | None = None,
    negative: bool = False,
) -> PhotoId:
    """Insert a photo, or give the existing `photo` new content. `size` is the upright (w, h);
    `stat` is its file, whose time is the photo's date where `metadata` has none; `look` is what it
    looks like (`media.look_hash`), `negative` whether its faces were found in it as a negative.
    """
    values = {
        "width": size[0],
        "height": size[1],
        "turn": turn,
        "detector": detector,
        "entry_id": run,
        "lost_hash": None,
        "look": look,
        "negative": negative or None,
        "looked_negative": None,
        **photo_dates.by_file(metadata, stat),
    }
    if photo is not None:
        tx.execute(update(schema.photo).where(schema.photo.c.id == photo).values(values))
        return photo
    return PhotoId(
        tx.execute(schema.photo.insert().values(values).returning(schema.photo.c.id)).scalar_one()
    )


def write_metadata(tx: Transaction, photo: PhotoId, metadata: Metadata, stat: FileStat) -> None:
    """What a file with the same picture says of when and with what it was taken.

    Of several files of a photo, one that knows more than a file time is believed.
    """
    table = schema.photo.c
    change = update(schema.photo).where(table.id == photo)
    others = select(func.count()).where(
        schema.file.c.photo_id == photo, schema.file.c.path != stat.path
    )
    if tx.execute(others).scalar_one() and metadata.taken_at is None:
        return
    tx.execute(change.values(photo_dates.by_file(metadata, stat)))


def drop_orphans(tx: Transaction, lost: Mapping[PhotoId, bytes]) -> None:
    """Of the photos in `lost`, delete those that no file holds and nothing was ever decided about.

    Those with decisions stay; the value in `lost` is the hash of the content by which they are
    known if it turns up again.
    """
    photo, file = schema.photo.c, schema.file.c
    for part in chunks(sorted(lost)):
        alone = select(photo.id).where(
            photo.id.in_(part), ~exists().where(file.photo_id == photo.id)
        )
        fileless = list(tx.execute(alone).scalars())
        spoken_of = decided(tx, fileless)
        for number in spoken_of:
            tx.execute(
                update(schema.photo)
                .where(photo.id == number)
                .values(lost_hash=lost[PhotoId(number)])
            )
        delete_photos(tx, [number for number in fileless if number not in spoken_of])


def delete_photos(tx: Transaction, photos: Sequence[PhotoId]) -> list[int]:
    """Delete photos with their files, faces and all that was decided about them; gives the ids of
    these faces.
    """
    gone: list[int] = []
    face, change = schema.face.c, schema.change.c
    for part in chunks(photos):
        mine = list(tx.execute(select(face.id).where(face.photo_id.in_(part))).scalars())
        faces.delete_faces(tx, mine)
        gone += mine
        presence = schema.presence.c
        present = delete(schema.presence).where(presence.photo_id.in_(part))
        people = set(tx.execute(present.returning(presence.person_id)).scalars())
        guesses.recount(tx, people, ())
        said = change.subject.in_(ABOUT_PHOTOS)
        tx.execute(delete(schema.change).where(said, change.a.in_(part)))
        tx.execute(delete(schema.file).where(schema.file.c.photo_id.in_(part)))
        tx.execute(delete(schema.photo).where(schema.photo.c.id.in_(part)))
    return gone


def count(tx: Transaction) -> int:
    """How many photos the library holds."""
    return tx.execute(select(func.count()).select_from(schema.photo)).scalar_one()


def photos(tx: Transaction, ids: Sequence[PhotoId]) -> list[Photo]:
    """The photos with these ids, in that order; unknown ids are left out."""
    rows = {}
    paths: dict[int, list[Path]] = {}
    present: set[int] = set()
    for part in chunks(ids):
        for row in tx.execute(select(schema.photo).where(schema.photo.c.id.in_(part))):
            rows[row.id] = row
        file = schema.file
        held = select(file.c.photo_id, file.c.path, file.c.state).where(file.c.photo_id.in_(part))
        for row in tx.execute(held.order_by(file.c.state.is_not(None), file.c.id)):
            paths.setdefault(row.photo_id, []).append(row.path)
            if row.state is None:
                present.add(row.photo_id)
    return [
        Photo(
            id=PhotoId(row.id),
            paths=tuple(paths.get(row.id, ())),
            width=row.width,
            height=row.height,
            turn=row.turn,
            date=photo_dates.date_of(row),
            camera=row.camera,
            present=row.id in present,
            view_turn=row.view_turn or 0,
            negative=bool(row.negative if row.said_negative is None else row.said_negative),
        )
        for row in (rows[key] for key in ids if key in rows)
    ]


def photos_away(tx: Transaction) -> list[PhotoId]:
    """The photos of which no file is at its place now."""
    photo, file = schema.photo.c, schema.file.c
    here = exists().where(file.photo_id == photo.id, file.state.is_(None))
    return list(tx.execute(select(photo.id).where(~here).order_by(photo.id)).scalars())


def view_turn(tx: Transaction, photo: PhotoId) -> int:
    """By how many degrees a photo is to be shown turned; see `Photo`."""
    table = schema.photo.c
    return tx.execute(select(table.view_turn).where(table.id == photo)).scalar() or 0


def is_negative() -> ColumnElement[bool]:
    """Whether a photo is a film negative: the user is believed before the scan."""
    photo = schema.photo.c
    return func.coalesce(photo.said_negative, photo.negative, False)


def to_look_at_again(tx: Transaction) -> list[PhotoId]:
    """The photos whose faces were looked for in a negative where a positive is, or the other way
    round, as the user says by now.
    """
    photo = schema.photo.c
    looked = func.coalesce(photo.looked_negative, photo.negative, False)
    changed = or_(photo.said_negative.is_not(None), photo.looked_negative.is_not(None))
    query = select(photo.id).where(changed, is_negative() != looked).order_by(photo.id)
    return list(tx.execute(query).scalars())


def note_new_look(
    tx: Transaction, photo: PhotoId, *, negative: bool, turn: int, look: bytes | None
) -> None:
    """Say that the faces of a photo were looked for anew, in it as a `negative` or not; `turn` and
    `look` as for `write_photo`.
    """
    values = {"turn": turn, "look": look, "looked_negative": negative}
    tx.execute(update(schema.photo).where(schema.photo.c.id == photo).values(values))


def photo_ids(tx: Transaction) -> list[PhotoId]:
    """All photos that a file holds or held, the newest first; those without a date last, in the
    order they came.
    """
    return list(tx.execute(newest_first()).scalars())


def newest_first() -> Select[Any]:
    """The query of `photo_ids`, to be narrowed down."""
    photo, file = schema.photo.c, schema.file.c
    # The text of a date by hand begins with its first moment, as SQLite keeps any date.
    taken = func.coalesce(photo.dated, photo.taken_at)
    order = (taken.is_(None), taken.desc(), photo.id)
    held = exists().where(file.photo_id == photo.id)
    return select(photo.id).where(held).order_by(*order)


def photo_months(tx: Transaction) -> list[tuple[PhotoId, int | None]]:
    """All photos that a file holds or held, each with the month of its date as a number: the year
    times 100 plus 1 to 12; plus 0 where only the year is known, minus 1 where only the decade, and
    None where nothing is. By that number, the latest first, then as `photo_ids` sorts.
    """
    photo, file = schema.photo.c, schema.file.c
    taken = photo_dates.taken_text()
    number = photo_dates.month_number(taken, photo.dated)
    held = exists().where(file.photo_id == photo.id)
    order = (number.is_(None), number.desc(), taken.desc(), photo.id)
    rows = tx.execute(select(photo.id, number).where(held).order_by(*order))
    return [(row[0], row[1]) for row in rows]


def photos_at(tx: Transaction, paths: Sequence[Path]) -> dict[Path, PhotoId]:
    """The photos that files at `paths` hold; paths that the library does not know are left out."""
    file = schema.file.c
    return {
        row.path: PhotoId(row.photo_id)
        for part in chunks(paths)
        for row in tx.execute(select(file.path, file.photo_id).where(file.path.in_(part)))
    }


def decided(tx: Transaction, photos: Sequence[int]) -> set[int]:
    """Those of `photos` that the journal speaks of."""
    photo, face, change = schema.photo.c, schema.face.c, schema.change.c
    face_mentioned = (
        exists()
        .select_from(schema.face.join(schema.change, change.a == face.id))
        .where(face.photo_id == photo.id, change.subject.in_(ABOUT_FACES))
        .correlate(schema.photo)
    )
    mentioned = exists().where(change.subject.in_(ABOUT_PHOTOS), change.a == photo.id)
    return {
        number
        for part in chunks(photos)
        for number in tx.execute(
            select(photo.id).where(photo.id.in_(part), or_(face_mentioned, mentioned))
        ).scalars()
    }
