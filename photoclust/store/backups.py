"""Copies of the library's file: made through SQLite while it is in use, kept a few at a time, and
put back in its place.
"""

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from photoclust.core.errors import LibraryError
from photoclust.core.language import tr
from photoclust.core.paths import BACKUPS, LIBRARY_FILE, make_private_folder
from photoclust.store import contents

KEPT = 3
"""How many of the copies that are made at start-up are kept."""
INTERVAL = timedelta(days=1)
BUSY_TIMEOUT_S = 10.0
"""How long whoever has the library open is waited for."""
_PREFIX = "daily"
DAMAGED = "damaged"
"""What folders of damaged files among the backups begin with."""
_TIME = "%Y%m%dT%H%M%SZ"


def copy(connection: sqlite3.Connection, target: Path) -> None:
    """Write a consistent copy of the library behind `connection` to `target`, readable by its
    owner only. What `target` held before stays until the copy is whole.

    Raises LibraryError when it cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}", suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        try:
            into = sqlite3.connect(temporary)
            try:
                # A copy is one file, wherever it is taken.
                connection.backup(into)
                into.execute("PRAGMA journal_mode = DELETE")
            finally:
                into.close()
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except sqlite3.OperationalError as error:
        raise LibraryError(
            tr(
                "the copy {target} could not be written ({error}); make room on the disk",
                target=target,
                error=error,
            )
        ) from error
    except OSError as error:
        raise LibraryError(
            tr(
                "the copy {target} could not be written ({reason}); choose another place",
                target=target,
                reason=error.strerror,
            )
        ) from error


def keep(connection: sqlite3.Connection, folder: Path, label: str) -> Path:
    """Copy the library in `folder` into its backups, with `label` in the name."""
    target = _new_place(folder, label, ".sqlite3")
    copy(connection, target)
    return target


def put_aside(folder: Path, label: str) -> Path:
    """Copy the library in `folder`, which nobody has open, into its backups, and take what SQLite
    left beside its file into it, so that another file can take its place.

    Raises LibraryError when somebody has it open all the same, or it cannot be written.
    """
    path = folder / LIBRARY_FILE
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as connection:
            made = keep(connection, folder, label)
            # Only possible where nobody else has the file open; a write-ahead log that stayed
            # would be applied to the file that comes in its place.
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise LibraryError(
            tr(
                "{path} cannot be replaced ({error}); close every photoclust that has it open",
                path=path,
                error=error,
            )
        ) from error
    return made


def move_damaged(folder: Path) -> Path:
    """Move the library's file and what SQLite left beside it into a folder among the backups."""
    target = make_private_folder(_new_place(folder, DAMAGED, ""))
    for path in sorted(folder.glob(f"{LIBRARY_FILE}*")):
        shutil.move(path, target / path.name)
    return target


def put_in_place(copy_: Path, folder: Path) -> None:
    """Make `copy_`, a file in the file system of `folder`, the library's: all of it or nothing.

    What was there has been put aside.
    """
    with copy_.open("rb+") as file:
        os.fsync(file.fileno())
    copy_.replace(folder / LIBRARY_FILE)
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def newest_sound(folder: Path) -> tuple[Path | None, list[Path]]:
    """The newest copy of the library in `folder` that is whole, and newer ones that are not."""
    damaged: list[Path] = []
    for path in listed(folder):
        try:
            contents.inspect(path)
        except LibraryError:
            damaged.append(path)
        else:
            return path, damaged
    return None, damaged


def is_due(connection: sqlite3.Connection, folder: Path) -> bool:
    """Whether the library in `folder` behind `connection` has changed since its newest daily copy,
    and that is old, or holds less than half of what the user has decided by now: much is named on a
    first day.
    """
    made = _daily(folder)
    if not made:
        return True
    newest, _ = _made_at(made[-1])
    if datetime.now(UTC).timestamp() - newest < INTERVAL.total_seconds():
        return _decisions(connection) > 2 * _decisions_in(made[-1])
    files = (folder / LIBRARY_FILE, folder / f"{LIBRARY_FILE}-wal")
    changed = max((path.stat().st_mtime for path in files if path.exists()), default=0.0)
    return changed > newest


def rotate(connection: sqlite3.Connection, folder: Path) -> Path:
    """Keep a daily copy of the library in `folder`, and of these the newest KEPT."""
    made = keep(connection, folder, _PREFIX)
    for old in _daily(folder)[:-KEPT]:
        old.unlink(missing_ok=True)
    return made


def listed(folder: Path) -> list[Path]:
    """Every copy that the library in `folder` keeps, the newest first."""
    copies = (folder / BACKUPS).glob("*.sqlite3")
    return sorted(copies, key=_made_at, reverse=True)


def remove_all(folder: Path) -> None:
    """Delete every copy that the library in `folder` keeps, also damaged and unfinished ones."""
    for path in (folder / BACKUPS).glob("*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _new_place(folder: Path, label: str, suffix: str) -> Path:
    """A name among the backups that is free: two copies of one second are two."""
    parent = make_private_folder(folder / BACKUPS)
    now = datetime.now(UTC).strftime(_TIME)
    names = (f"{label}-{now}{again}{suffix}" for again in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(parent / name for name in names if not (parent / name).exists())


def _made_at(path: Path) -> tuple[float, float]:
    """When a copy was made, in seconds, as its name says: once it was copied its file has another
    time, which only tells those of one second apart.
    """
    changed = path.stat().st_mtime
    found = re.search(r"-(\d{8}T\d{6}Z)", path.name)
    try:
        made = datetime.strptime(found[1] if found else "", _TIME).replace(tzinfo=UTC)
    except ValueError:  # somebody gave it a name of their own
        return changed, changed
    return made.timestamp(), changed


def _decisions(connection: sqlite3.Connection) -> int:
    """How many words of the user about faces there are."""
    query = "SELECT (SELECT count(*) FROM confirmation) + (SELECT count(*) FROM rejection)"
    (count,) = connection.execute(query).fetchone()
    return int(count)


def _decisions_in(path: Path) -> int:
    """The same of a copy; 0 where it cannot be read."""
    with suppress(sqlite3.Error), closing(contents.open_file(path)) as connection:
        return _decisions(connection)
    return 0


def _daily(folder: Path) -> Sequence[Path]:
    return sorted((folder / BACKUPS).glob(f"{_PREFIX}-*.sqlite3"), key=_made_at)
