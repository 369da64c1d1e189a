"""Reading what can still be read of a damaged library's file, row by row.

SQLite stops at the first bad page it meets; the rows before, behind and between bad pages are
found by asking for ever smaller ranges. The file is only read.
"""

import contextlib
import sqlite3
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photoclust.store.contents import open_file
from photoclust.store.database import SCHEMA_VERSION

_KEYS = {
    "change": "entry_id",
    "rejection": "face_id",
    "alias": "person_id",
    "presence": "photo_id",
}
"""What rows are found by in tables without rowid."""
_MAX_FAILURES = 20_000
"""Ranges that are tried in vain before a table is given up: minutes at most."""
_TREE_PAGES = b"\x02\x05\x0a\x0d"
"""The first byte of a page of a tree: inner or leaf, of an index or a table (SQLite's file format,
1.6); on page 1 it stands behind the header of the file.
"""
TABLES = (
    "folder",
    "folder_rule",
    "photo",
    "file",
    "failure",
    "face",
    "vector",
    "person",
    "alias",
    "entry",
    "change",
    "confirmation",
    "rejection",
    "presence",
    "model",
)
"""What is worth reading; groups and counts can be made again."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Readable:
    """How many rows of each table can be read, how many people with a name there are among them and
    how many decisions; `usable` where the file is of this program's schema, so that decisions can
    be taken over.
    """

    rows: dict[str, int]
    people: int
    decisions: int
    usable: bool


class Wreck:
    """A damaged library's file, opened to be read; `broken` are the tables that could not be read
    to the end.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self.broken: set[str] = set()

    def value(self, query: str, *parameters: str) -> Any:
        """The one value that `query` gives; None where it cannot be told."""
        try:
            row = self._connection.execute(query, parameters).fetchone()
        except sqlite3.DatabaseError:
            return None
        return None if row is None else row[0]

    @property
    def usable(self) -> bool:
        """Whether its tables are those of this program."""
        return bool(self.value("SELECT version_num FROM alembic_version") == SCHEMA_VERSION)

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of `table` that can be read, each once, in no particular order."""
        try:
            listed = self._connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
            columns = [row[0] for row in listed]
        except sqlite3.DatabaseError:
            self.broken.add(table)
            return
        if not columns:
            return
        if self._has_no_root(table):
            self.broken.add(table)
            return
        key = _KEYS.get(table, "rowid")
        seen: set[tuple[Any, ...]] = set()
        for row in self._scan(table, key, f"{key}, {', '.join(columns)}"):
            if key == "rowid":
                yield dict(zip(columns, row[1:], strict=True))
            elif row not in seen:  # rows with one key may be met from both ends
                seen.add(row)
                yield dict(zip(columns, row[1:], strict=True))

    def vectors(self, face: int) -> list[dict[str, Any]]:
        """The rows of the vectors of a face, where they can be read; old ones have less columns."""
        try:
            found = self._connection.execute("SELECT * FROM vector WHERE face_id = ?", (face,))
            columns = [column[0] for column in found.description]
            return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        except sqlite3.DatabaseError:
            return []

    def _scan(self, table: str, key: str, columns: str) -> Iterator[tuple[Any, ...]]:
        """Rows by ranges of `key`: from both ends as far as possible, then by halves between."""
        query = f"SELECT {columns} FROM {table} NOT INDEXED WHERE {key} BETWEEN ? AND ?"  # noqa: S608
        unique = key == "rowid"
        ranges = deque([(0, self._highest(table, key))])
        failures = 0
        while ranges and failures < _MAX_FAILURES:
            low, high = tried = ranges.popleft()
            reached, whole = low - 1, False
            for row, failed in self._read(f"{query} ORDER BY {key}", low, high):
                if failed:
                    break
                yield row
                reached = row[0]
            else:
                whole = True
            if whole:
                continue
            failures += 1
            self.broken.add(table)
            low = reached + 1 if unique else max(low, reached)
            reached = high + 1
            for row, failed in self._read(f"{query} ORDER BY {key} DESC", low, high):
                if failed:
                    break
                yield row
                reached = row[0]
            else:
                continue
            high = min(high, reached - 1)
            if high > low:
                middle = (low + high) // 2
                ranges += [(low, middle), (middle + 1, high)]
            elif high == low and (low, high) != tried:
                ranges.append((low, high))

    def _read(self, query: str, low: int, high: int) -> Iterator[tuple[tuple[Any, ...], bool]]:
        count = 0
        try:
            for row in self._connection.execute(query, (low, high)):
                yield row, False
                count += 1
        except sqlite3.DatabaseError:
            # The driver looks one row ahead, and keeps back the last one before the bad page.
            with contextlib.suppress(sqlite3.DatabaseError):
                last = self._connection.execute(f"{query} LIMIT 1 OFFSET {count}", (low, high))
                yield from ((row, False) for row in last)
            yield (), True

    def _has_no_root(self, table: str) -> bool:
        """Whether the page that leads to all rows of `table` is no page of a tree, so that asking
        for any of them is in vain.
        """
        wal = self._path.with_name(f"{self._path.name}-wal")
        if wal.exists() and wal.stat().st_size:
            return False  # the page may be there
        root = self.value("SELECT rootpage FROM sqlite_master WHERE name = ?", table)
        size = self.value("PRAGMA page_size")
        if not isinstance(root, int) or not isinstance(size, int) or root < 2:
            return False
        with self._path.open("rb") as file:
            file.seek((root - 1) * size)
            kind = file.read(1)
            return bool(kind) and kind not in _TREE_PAGES

    def _highest(self, table: str, key: str) -> int:
        """A number that no key of `table` exceeds."""
        highest = self.value(f"SELECT max({key}) FROM {table} NOT INDEXED")  # noqa: S608
        if not isinstance(highest, int):
            highest = self.value("SELECT seq FROM sqlite_sequence WHERE name = ?", table)
        if not isinstance(highest, int):
            # No table of a file has more rows than it could have bytes for them.
            size = self.value(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            )
            highest = (size if isinstance(size, int) else 0) // 8
        return highest


@contextlib.contextmanager
def open_wreck(path: Path) -> Iterator[Wreck]:
    """The damaged file `path`."""
    with contextlib.closing(open_file(path)) as connection:
        # Texts on a bad page may be anything.
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        yield Wreck(connection, path)


def readable(path: Path) -> Readable:
    """What can be read of the damaged file `path`."""
    with open_wreck(path) as wreck:
        rows = dict.fromkeys(TABLES, 0)
        people = 0
        for table in TABLES:
            for row in wreck.rows(table):
                rows[table] += 1
                people += table == "person" and bool(row.get("alive")) and bool(row.get("name"))
        decisions = sum(rows[name] for name in ("alias", "confirmation", "rejection", "presence"))
        return Readable(rows, people, decisions, wreck.usable)
