"""The files that hold photos, the library's folders, and files that could not be read.

A file that is not where it was stays known: `offline` when its folder or drive is not there,
`deleted` when the folder is there without it. So a drive that comes back brings everything along.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path, PureWindowsPath
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    delete,
    exists,
    func,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from photoclust.core import foreign, reasons
from photoclust.core.pages import file_of
from photoclust.core.types import Failure, FileStat, PhotoId
from photoclust.store import photos, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction, driver_connection

MAX_ATTEMPTS = 3
"""How often a file is tried that may not be to blame for its failure, while it does not change."""


class FileState(StrEnum):
    """Where a known file is that is not at its place."""

    OFFLINE = "offline"
    DELETED = "deleted"


def add_folders(tx: Transaction, folders_: Iterable[Path]) -> None:
    """Remember folders as part of the library; known ones stay as they are."""
    for path in folders_:
        tx.execute(insert(schema.folder).values(path=path).on_conflict_do_nothing())


def folders(tx: Transaction) -> list[Path]:
    """The folders of the library, in the order they were added."""
    return list(tx.execute(select(schema.folder.c.path).order_by(schema.folder.c.id)).scalars())


def remove_folder(tx: Transaction, folder: Path) -> None:
    """Forget that `folder` belongs to the library; its files are another matter."""
    tx.execute(delete(schema.folder).where(schema.folder.c.path == folder))


def add_mounts(tx: Transaction, mounts_: Iterable[Path]) -> None:
    """Remember folders below which a file system of its own begins."""
    for path in mounts_:
        tx.execute(insert(schema.mount).values(path=path).on_conflict_do_nothing())


def mounts(tx: Transaction) -> list[Path]:
    """Folders below which a file system of its own began when they were last looked at."""
    return list(tx.execute(select(schema.mount.c.path).order_by(schema.mount.c.id)).scalars())


def unchanged(tx: Transaction, stats: Sequence[FileStat]) -> dict[Path, Failure | None]:
    """Which of `stats` the library holds with the same size and time and need not be read.

    The value is the recorded failure of a file that could not be read then, None for a photo. A
    file that could not be read is judged by its failure alone, though the photo it held is known.
    Pages that could not be read are among them.
    """
    result: dict[Path, Failure | None] = {}
    # A rescan asks for every file there is: by the driver, and without making a Path of each row.
    wanted = {schema.as_stored(stat.path): stat for stat in stats}
    ask = driver_connection(tx).execute
    for part in chunks(list(wanted)):
        places = ", ".join("?" * len(part))
        held = f"SELECT path, size, mtime_ns FROM file WHERE path IN ({places})"  # noqa: S608
        for path, size, mtime_ns in ask(held, part):
            stat = wanted[path]
            if (size, mtime_ns) == (stat.size, stat.mtime_ns):
                result[stat.path] = None
    failed = {failure.path: (failure, attempts) for failure, attempts in _failures(tx)}
    for stat in wanted.values():
        if stat.path in failed:
            failure, attempts = failed[stat.path]
            same = (failure.size, failure.mtime_ns) == (stat.size, stat.mtime_ns)
            if same and (attempts == 0 or attempts >= MAX_ATTEMPTS):
                result[stat.path] = failure
            else:
                result.pop(stat.path, None)
    # Pages that could not be read are told with their file, or it is read again because of them.
    for path, (failure, attempts) in failed.items():
        file = file_of(path)
        if file != path and file in result:
            if 0 < attempts < MAX_ATTEMPTS:
                result.pop(file)
            else:
                result[path] = failure
    return result


def write_file(
    tx: Transaction,
    stat: FileStat,
    photo: PhotoId,
    digest: str,
    picture_digest: str | None = None,
) -> None:
    """Say that the file now holds `photo`; `digest` is the hash of its content (40 hex digits) and
    `picture_digest` of its pixels (32), None for that of another file with the same content. A
    failure recorded for it is gone.

    The photo it held before goes when no other file holds it and the user decided nothing about
    it.
    """
    file = schema.file.c
    before = tx.execute(
        select(file.photo_id, file.hash).where(file.path == stat.path)
    ).one_or_none()
    content = bytes.fromhex(digest)
    picture = None if picture_digest is None else bytes.fromhex(picture_digest)
    if picture is None:
        same = select(file.picture_hash).where(file.hash == content, file.picture_hash.is_not(None))
        picture = tx.execute(same.limit(1)).scalar()
    values = {
        "photo_id": photo,
        "size": stat.size,
        "mtime_ns": stat.mtime_ns,
        "hash": content,
        "picture_hash": picture,
        "state": None,
    }
    tx.execute(
        insert(schema.file)
        .values(path=stat.path, **values)
        .on_conflict_do_update(index_elements=["path"], set_=values)
    )
    tx.execute(delete(schema.failure).where(schema.failure.c.path == stat.path))
    table = schema.photo
    tx.execute(
        update(table)
        .where(table.c.id == photo, table.c.lost_hash.is_not(None))
        .values(lost_hash=None)
    )
    if before is not None and before.photo_id != photo:
        photos.drop_orphans(tx, {before.photo_id: before.hash})


def drop_moved(tx: Transaction, photo: PhotoId) -> None:
    """Forget the places of `photo` that it is known to have left, if it has another one."""
    file = schema.file.c
    here = select(func.count()).where(file.photo_id == photo, file.state.is_(None))
    if tx.execute(here).scalar_one():
        tx.execute(
            delete(schema.file).where(file.photo_id == photo, file.state == FileState.DELETED)
        )


def set_state(tx: Transaction, paths: Sequence[Path], state: FileState | None) -> None:
    """Say where known files are; None: at their place."""
    file = schema.file.c
    for part in chunks(paths):
        tx.execute(
            update(schema.file)
            .where(file.path.in_(part), file.state.is_distinct_from(state))
            .values(state=state)
        )


def set_state_below(tx: Transaction, folder: Path, state: FileState) -> list[PhotoId]:
    """Say where all known files below `folder` are; gives the photos that this concerns."""
    file = schema.file.c
    concerned = update(schema.file).where(
        below(file.path, folder), file.state.is_distinct_from(state)
    )
    rows = tx.execute(concerned.values(state=state).returning(file.photo_id)).scalars()
    return sorted(set(rows))


def known_below(
    tx: Transaction, folder: Path, but: Iterable[Path] = ()
) -> Iterator[tuple[Path, FileState | None]]:
    """The files below `folder` that the library knows, with where they are, save for `but`."""
    file = schema.file.c
    seen = set(map(schema.as_stored, but))
    raw = type_coerce(file.path, String)
    rows = tx.execute(select(raw, file.state).where(below(file.path, folder)))
    for part in rows.yield_per(1000).partitions():
        for path, state in part:
            if path not in seen:
                yield schema.from_stored(path), None if state is None else FileState(state)


def has_files(tx: Transaction, folder: Path) -> bool:
    """Whether the library knows a file below `folder`."""
    return next(known_below(tx, folder), None) is not None


def count_photos_below(tx: Transaction, folder: Path, state: FileState) -> int:
    """How many photos have a file below `folder` that is in this state."""
    file = schema.file.c
    query = select(func.count(file.photo_id.distinct()))
    return tx.execute(query.where(below(file.path, folder), file.state == state)).scalar_one()


def offline_photos(tx: Transaction) -> list[PhotoId]:
    """The photos of which no file is at its place, and one is offline."""
    file, other = schema.file.c, schema.file.alias().c
    here = exists().where(other.photo_id == file.photo_id, other.state.is_(None))
    query = select(file.photo_id).distinct().where(file.state == FileState.OFFLINE, ~here)
    return list(tx.execute(query).scalars())


def count_below(tx: Transaction, folder: Path, state: FileState) -> int:
    """How many known files below `folder` are in this state."""
    file = schema.file.c
    query = select(func.count()).where(below(file.path, folder), file.state == state)
    return tx.execute(query).scalar_one()


def away(tx: Transaction) -> list[Path]:
    """The known files that are not at their place."""
    file = schema.file.c
    return list(tx.execute(select(file.path).where(file.state.is_not(None))).scalars())


def sample_below(tx: Transaction, folder: Path, count: int) -> list[FileStat]:
    """Up to `count` known files below `folder`, spread over them."""
    file = schema.file.c
    inside = below(file.path, folder)
    total = tx.execute(select(func.count()).where(inside)).scalar_one()
    step = max(1, total // count)
    numbered = (
        select(
            file.path,
            file.size,
            file.mtime_ns,
            func.row_number().over(order_by=file.id).label("place"),
        )
        .where(inside)
        .subquery()
    )
    query = select(numbered).where(numbered.c.place % step == 0).limit(count)
    return [FileStat(file_of(row.path), row.size, row.mtime_ns) for row in tx.execute(query)]


def forget_files(tx: Transaction, paths: Sequence[Path]) -> None:
    """Drop what is recorded of files that are gone; the photos they held stay."""
    for part in chunks(paths):
        for table in (schema.file, schema.failure):
            tx.execute(delete(table).where(table.c.path.in_(part)))


def photos_only_below(tx: Transaction, folder: Path, but: Sequence[Path] = ()) -> list[PhotoId]:
    """The photos all of whose files lie below `folder`, and none below one of `but`."""
    file = schema.file.c
    inside = _below_but(folder, but)
    mine = select(file.photo_id).where(inside)
    return list(tx.execute(mine.except_(select(file.photo_id).where(~inside))).scalars())


def forget_failures(tx: Transaction, paths: Sequence[Path]) -> None:
    """Drop the failures recorded for files."""
    for part in chunks(paths):
        tx.execute(delete(schema.failure).where(schema.failure.c.path.in_(part)))


def forget_below(tx: Transaction, folder: Path, but: Sequence[Path] = ()) -> None:
    """Drop the files and failures below `folder`, save for those below one of `but`. Photos go with
    their last file, save for those that the user decided something about.
    """
    file = schema.file.c
    inside = _below_but(folder, but)
    gone = {
        row.photo_id: row.hash for row in tx.execute(select(file.photo_id, file.hash).where(inside))
    }
    tx.execute(delete(schema.file).where(inside))
    tx.execute(delete(schema.failure).where(below(schema.failure.c.path, folder)))
    tx.execute(delete(schema.mount).where(below(schema.mount.c.path, folder)))
    photos.drop_orphans(tx, gone)


def deleted_photos(tx: Transaction) -> list[PhotoId]:
    """The photos that were deleted: they have files, and every one of them is."""
    file = schema.file.c
    query = (
        select(file.photo_id)
        .group_by(file.photo_id)
        .having(func.count() == func.count().filter(file.state == FileState.DELETED))
    )
    return list(tx.execute(query).scalars())


def counts_by_state(tx: Transaction) -> dict[FileState | None, int]:
    """How many files are at their place (None), offline and deleted."""
    file = schema.file.c
    every = tx.execute(select(func.count()).select_from(schema.file)).scalar_one()
    # Those that are away are found by an index that holds no others.
    rows = tx.execute(
        select(file.state, func.count()).where(file.state.is_not(None)).group_by(file.state)
    )
    counts: dict[FileState | None, int] = {FileState(state): number for state, number in rows}
    return {None: every - sum(counts.values()), **counts}


def write_failure(tx: Transaction, failure: Failure, *, try_again: bool = False) -> None:
    """Record that the file could not be read. What is known of its photo stays.

    With `try_again` it is read again by the next scans, up to MAX_ATTEMPTS times in all.
    """
    table = schema.failure
    known = tx.execute(select(table).where(table.c.path == failure.path)).one_or_none()
    attempts = 0
    if try_again:
        same = known is not None and (known.size, known.mtime_ns) == (
            failure.size,
            failure.mtime_ns,
        )
        attempts = 1 + (known.attempts if same and known is not None else 0)
    values = {
        "size": failure.size,
        "mtime_ns": failure.mtime_ns,
        "reason": failure.reason,
        "attempts": attempts,
    }
    tx.execute(
        insert(table)
        .values(path=failure.path, **values)
        .on_conflict_do_update(index_elements=["path"], set_=values)
    )


def failures(tx: Transaction) -> list[Failure]:
    """Every file that could not be read, by path; documents without photos are none."""
    return [failure for failure, _ in _failures(tx) if failure.reason != reasons.NO_PHOTOS]


def count_failures(tx: Transaction) -> int:
    """How many files `failures` gives."""
    failed = schema.failure
    query = select(func.count()).select_from(failed).where(failed.c.reason != reasons.NO_PHOTOS)
    return tx.execute(query).scalar_one()


def paths_without_picture(tx: Transaction) -> list[Path]:
    """Every file that gave no picture, documents without photos too."""
    return list(tx.execute(select(schema.failure.c.path)).scalars())


def below(column: Any, folder: Path) -> ColumnElement[bool]:
    """Whether the path in `column` lies below `folder`, by an index on it."""
    # With the separator of the system that wrote it, and one at the end.
    path = foreign.read(folder)
    separator = "\\" if isinstance(path, PureWindowsPath) else "/"
    start = str(path).removesuffix(separator) + separator
    end = start[:-1] + chr(ord(start[-1]) + 1)
    raw = type_coerce(column, String)
    # Names that are not UTF-8 are kept as bytes, which SQLite orders behind all text.
    odd = (raw >= os.fsencode(start)) & (raw < os.fsencode(end))
    try:
        start.encode()
    except UnicodeEncodeError:
        return odd
    return ((raw >= start) & (raw < end)) | odd


def _below_but(folder: Path, but: Sequence[Path]) -> ColumnElement[bool]:
    path = schema.file.c.path
    return and_(below(path, folder), *(~below(path, other) for other in but))


def _failures(tx: Transaction) -> list[tuple[Failure, int]]:
    """Every failure, by path, and how often its file was tried."""
    rows = tx.execute(select(schema.failure).order_by(schema.failure.c.path))
    return [(Failure(row.path, row.reason, row.size, row.mtime_ns), row.attempts) for row in rows]
