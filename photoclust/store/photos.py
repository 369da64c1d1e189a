"""Photos, the files that hold them, the library's folders, and files that could not be read."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from photoclust.core.types import Failure, FileStat, Metadata, Photo, PhotoId
from photoclust.store import schema
from photoclust.store.database import Transaction

MAX_BOUND = 500
"""Values per IN list: well below SQLite's limit of bound variables on any build."""

Item = TypeVar("Item")


def chunks(items: Sequence[Item], size: int = MAX_BOUND) -> Iterator[Sequence[Item]]:
    """`items` in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def add_folders(tx: Transaction, folders: Iterable[Path]) -> None:
    """Remember folders as part of the library; known ones stay as they are."""
    for path in folders:
        tx.execute(insert(schema.folder).values(path=path).on_conflict_do_nothing())


def folders(tx: Transaction) -> list[Path]:
    """The folders of the library, in the order they were added."""
    return list(tx.execute(select(schema.folder.c.path).order_by(schema.folder.c.id)).scalars())


def unchanged(tx: Transaction, stats: Sequence[FileStat]) -> dict[Path, Failure | None]:
    """Which of `stats` the library holds with the same size and time.

    The value is the recorded failure of a file that could not be read then, None for a photo. A
    file that could not be read is judged by its failure alone, though the photo it held is known.
    """
    wanted = {stat.path: stat for stat in stats}
    result: dict[Path, Failure | None] = {}
    for part in chunks(list(wanted)):
        for table in (schema.file, schema.failure):
            for row in tx.execute(select(table).where(table.c.path.in_(part))):
                stat = wanted[row.path]
                if (row.size, row.mtime_ns) == (stat.size, stat.mtime_ns):
                    result[row.path] = _failure(row) if table is schema.failure else None
                elif table is schema.failure:
                    result.pop(row.path, None)
    return result


def find_by_hash(tx: Transaction, digest: str) -> PhotoId | None:
    """The photo with this content, if the library has it."""
    return tx.execute(
        select(schema.photo.c.id).where(schema.photo.c.hash == digest)
    ).scalar_one_or_none()


def photo_to_update(tx: Transaction, path: Path, digest: str) -> PhotoId | None:
    """The photo that the content `digest`, found at `path`, is: one of that content, or the one
    this file held before it was edited if no other file holds it still.
    """
    same = find_by_hash(tx, digest)
    if same is not None:
        return same
    before = _photo_at(tx, path)
    if before is None:
        return None
    holders = select(func.count()).where(schema.file.c.photo_id == before)
    return PhotoId(before) if tx.execute(holders).scalar_one() == 1 else None


def write_photo(
    tx: Transaction,
    *,
    photo: PhotoId | None,
    digest: str,
    size: tuple[int, int],
    turn: int,
    metadata: Metadata,
    detector: str,
) -> PhotoId:
    """Insert a photo, or give the existing `photo` new content. `size` is the upright (w, h)."""
    values = {
        "hash": digest,
        "width": size[0],
        "height": size[1],
        "turn": turn,
        "taken_at": metadata.taken_at,
        "camera": metadata.camera,
        "detector": detector,
    }
    if photo is not None:
        tx.execute(update(schema.photo).where(schema.photo.c.id == photo).values(values))
        return photo
    return PhotoId(
        tx.execute(schema.photo.insert().values(values).returning(schema.photo.c.id)).scalar_one()
    )


def write_file(tx: Transaction, stat: FileStat, photo: PhotoId) -> None:
    """Say that the file now holds `photo`; a failure recorded for it is gone.

    The photo it held before goes when no other file holds it and the user decided nothing about
    its faces.
    """
    before = _photo_at(tx, stat.path)
    values = {"photo_id": photo, "size": stat.size, "mtime_ns": stat.mtime_ns}
    tx.execute(
        insert(schema.file)
        .values(path=stat.path, **values)
        .on_conflict_do_update(index_elements=["path"], set_=values)
    )
    tx.execute(delete(schema.failure).where(schema.failure.c.path == stat.path))
    if before not in {None, photo}:
        _drop_orphan(tx, before)


def _photo_at(tx: Transaction, path: Path) -> PhotoId | None:
    return tx.execute(
        select(schema.file.c.photo_id).where(schema.file.c.path == path)
    ).scalar_one_or_none()


def _drop_orphan(tx: Transaction, photo: PhotoId | None) -> None:
    faces = select(schema.face.c.id).where(schema.face.c.photo_id == photo)
    held = select(schema.file.c.id).where(schema.file.c.photo_id == photo)
    decided = select(schema.decision.c.face_id).where(schema.decision.c.face_id.in_(faces))
    if tx.execute(held.limit(1)).first() or tx.execute(decided.limit(1)).first():
        return
    tx.execute(delete(schema.vector).where(schema.vector.c.face_id.in_(faces)))
    tx.execute(delete(schema.face).where(schema.face.c.photo_id == photo))
    tx.execute(delete(schema.photo).where(schema.photo.c.id == photo))


def write_failure(tx: Transaction, failure: Failure) -> None:
    """Record that the file could not be read. What is known of its photo stays."""
    values = {"size": failure.size, "mtime_ns": failure.mtime_ns, "reason": failure.reason}
    tx.execute(
        insert(schema.failure)
        .values(path=failure.path, **values)
        .on_conflict_do_update(index_elements=["path"], set_=values)
    )


def failures(tx: Transaction) -> list[Failure]:
    """Every file that could not be read, by path."""
    rows = tx.execute(select(schema.failure).order_by(schema.failure.c.path))
    return [_failure(row) for row in rows]


def forget_files(tx: Transaction, paths: Sequence[Path]) -> None:
    """Drop what is recorded of files that are gone; the photos they held stay."""
    for part in chunks(paths):
        for table in (schema.file, schema.failure):
            tx.execute(delete(table).where(table.c.path.in_(part)))


def count(tx: Transaction) -> int:
    """How many photos the library holds."""
    return tx.execute(select(func.count()).select_from(schema.photo)).scalar_one()


def photos(tx: Transaction, ids: Sequence[PhotoId]) -> list[Photo]:
    """The photos with these ids, in that order; unknown ids are left out."""
    rows = {}
    paths: dict[int, list[Path]] = {}
    for part in chunks(ids):
        for row in tx.execute(select(schema.photo).where(schema.photo.c.id.in_(part))):
            rows[row.id] = row
        of_photo = select(schema.file).where(schema.file.c.photo_id.in_(part))
        for row in tx.execute(of_photo.order_by(schema.file.c.id)):
            paths.setdefault(row.photo_id, []).append(row.path)
    return [
        Photo(
            id=PhotoId(row.id),
            paths=tuple(paths.get(row.id, ())),
            width=row.width,
            height=row.height,
            turn=row.turn,
            metadata=Metadata(row.taken_at, row.camera),
        )
        for row in (rows[key] for key in ids if key in rows)
    ]


def photo_ids(tx: Transaction) -> list[PhotoId]:
    """All photos, the newest first; those without a date last, in the order they came."""
    order = (schema.photo.c.taken_at.is_(None), schema.photo.c.taken_at.desc(), schema.photo.c.id)
    return list(tx.execute(select(schema.photo.c.id).order_by(*order)).scalars())


def _failure(row: Row[Any]) -> Failure:
    return Failure(row.path, row.reason, row.size, row.mtime_ns)
