"""What a library's file holds, told without opening it as a library: for copies and their checks.

Nothing here changes the file.
"""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from photoclust.core.errors import DamagedLibraryError, LibraryError
from photoclust.core.language import tr

_WITHOUT_JOURNAL = "0001"
"""The last schema in which nobody was kept who had ended, and nothing was said to be no face."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The schema of a library's file and how many photos, faces and people are in it."""

    schema: str
    photos: int
    faces: int
    people: int


def open_file(path: Path) -> sqlite3.Connection:
    """A connection to a library's file that reads only; SQLite opens the file at the first use."""
    return sqlite3.connect(f"file:{quote(os.fsencode(path))}?mode=ro", uri=True)


def inspect(path: Path, *, thorough: bool = True) -> Contents:
    """Read the library's file `path`; with `thorough` its indexes are checked as well.

    Raises DamagedLibraryError when it is damaged or no SQLite file, LibraryError when it is one of
    something else or cannot be read.
    """
    try:
        with closing(open_file(path)) as connection:
            problems = faults(connection, thorough=thorough)
            if problems:
                raise DamagedLibraryError(
                    tr("{path} is damaged ({problem})", path=path, problem=problems[0])
                )
            return _count(connection, path)
    except sqlite3.OperationalError as error:
        raise LibraryError(
            tr("{path} cannot be read ({error}); check its permissions", path=path, error=error)
        ) from error
    except sqlite3.DatabaseError as error:
        raise DamagedLibraryError(
            tr("{path} is damaged or not a library ({error})", path=path, error=error)
        ) from error


def faults(connection: sqlite3.Connection, *, thorough: bool = True) -> list[str]:
    """What SQLite finds wrong with the file behind `connection`, in its own words, a line each;
    none: sound.
    """
    check = "integrity_check" if thorough else "quick_check"
    rows = [row[0] for row in connection.execute(f"PRAGMA {check}(20)")]
    if rows == ["ok"]:
        return []
    # A page's faults come as one row, below a heading.
    lines = [line for row in rows for line in row.splitlines()]
    return [line for line in lines if not line.startswith("***")] or rows


def _count(connection: sqlite3.Connection, path: Path) -> Contents:
    tables = {
        row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    version = None
    if "alembic_version" in tables:
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if version is None or not {"photo", "face", "person"} <= tables:
        raise LibraryError(tr("{path} is not a photoclust library; choose another file", path=path))
    old = version[0] <= _WITHOUT_JOURNAL
    faces, people = ("", "") if old else (" WHERE NOT excluded", " WHERE alive")
    counts = (
        connection.execute(f"SELECT count(*) FROM {table}{condition}").fetchone()[0]  # noqa: S608
        for table, condition in (("photo", ""), ("face", faces), ("person", people))
    )
    return Contents(version[0], *counts)
