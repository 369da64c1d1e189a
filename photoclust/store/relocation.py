"""Folders that lie somewhere else now: every path below them is written anew."""

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from sqlalchemy import String, Table, delete, or_, select, type_coerce, update

from photoclust.core import foreign
from photoclust.core.types import PhotoId
from photoclust.store import photos, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.files import below


def relocate(
    tx: Transaction, old: PurePath, new: Path, spelt: Callable[[PurePath], Path] | None = None
) -> int:
    """Say that everything below `old`, which may be a path of another operating system, lies below
    `new` now; gives how many files that concerns. `spelt` tells where a path relative to `old` is
    where names are spelt in another way there.

    Where the library knows a file at the new place already, the old place is forgotten.
    """
    spelt = spelt or (lambda relative: new.joinpath(*relative.parts))
    moved = 0
    orphans: dict[PhotoId, bytes] = {}
    for table in (schema.folder, schema.mount, schema.failure, schema.sidecar, schema.file):
        raw = type_coerce(table.c.path, String)
        target = _targets(tx, table, old, spelt)
        for part in chunks(list(target)):
            wanted = [target[value] for value in part]
            taken = set(tx.execute(select(table.c.path).where(table.c.path.in_(wanted))).scalars())
            for value in part:
                if target[value] not in taken:
                    # Two names may have become one: capitals, or letters that were taken apart.
                    taken.add(target[value])
                    tx.execute(update(table).where(raw == value).values(path=target[value]))
                    moved += table is schema.file
                    continue
                if table is schema.file:
                    row = select(table.c.photo_id, table.c.hash).where(raw == value)
                    left = tx.execute(row).one()
                    orphans[left.photo_id] = left.hash
                tx.execute(delete(table).where(raw == value))
    photos.drop_orphans(tx, orphans)
    _relocate_rules(tx, old, spelt)
    return moved


def files_below(tx: Transaction, folder: PurePath) -> list[PurePath]:
    """The files that are known below `folder`, by their paths below it; see `relocate`."""
    return list(_paths_below(tx, schema.file, folder).values())


def _paths_below(tx: Transaction, table: Table, old: PurePath) -> dict[Any, PurePath]:
    """The paths in `table` that are `old` or lie below it: as they are stored, with what is left of
    them below `old`.
    """
    column = table.c.path
    query = select(type_coerce(column, String))
    above = foreign.read(old)
    if not foreign.is_foreign(old):  # by an index
        query = query.where(or_(column == Path(old), below(column, Path(old))))
    inside: dict[Any, PurePath] = {}
    for value in tx.execute(query).scalars():
        text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
        path = foreign.read(text)
        if type(path) is type(above) and path.is_relative_to(above):
            inside[value] = path.relative_to(above)
    return inside


def _targets(
    tx: Transaction, table: Table, old: PurePath, spelt: Callable[[PurePath], Path]
) -> dict[Any, Path]:
    return {value: spelt(rest) for value, rest in _paths_below(tx, table, old).items()}


def _relocate_rules(tx: Transaction, old: PurePath, spelt: Callable[[PurePath], Path]) -> None:
    """What was said of folders below `old` holds where they are now, save where that has a rule."""
    table = schema.folder_rule
    taken = set(tx.execute(select(table.c.path)).scalars())
    for value, path in _targets(tx, table, old, spelt).items():
        if path not in taken:
            raw = type_coerce(table.c.path, String)
            tx.execute(update(table).where(raw == value).values(path=path))
