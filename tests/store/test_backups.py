import os
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from photoclust.core.errors import LibraryError
from photoclust.core.paths import BACKUPS
from photoclust.store import backups
from photoclust.store.database import Library

DAY_S = 86_400
POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")


def add_folder(library, path):
    with library.write() as tx:
        tx.execute(text("INSERT INTO folder (path) VALUES (:path)"), {"path": path})


def is_due(library):
    with closing(sqlite3.connect(library.path)) as connection:
        return backups.is_due(connection, library.folder)


def named(made, seconds):
    """The name that a daily copy made at this time has."""
    stamp = datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")
    return made.with_name(f"daily-{stamp}.sqlite3")


def folders(path):
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [row[0] for row in connection.execute("SELECT path FROM folder ORDER BY id")]


def copy(library, target):
    library.run_outside(lambda connection: backups.copy(connection, target))
    return target


def rotate(library):
    made = []
    library.run_outside(lambda connection: made.append(backups.rotate(connection, library.folder)))
    return made[0]


@POSIX
def test_a_copy_is_one_whole_file_that_only_the_owner_can_read(library, tmp_path):
    add_folder(library, "/photos")
    before = os.umask(0)
    try:
        (tmp_path / "there").mkdir()
        target = copy(library, tmp_path / "there" / "copy.sqlite3")
    finally:
        os.umask(before)
    assert folders(target) == ["/photos"]
    assert [path.name for path in target.parent.iterdir()] == ["copy.sqlite3"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_copy_is_a_library_of_its_own(library, tmp_path):
    add_folder(library, "/photos")
    (tmp_path / "other").mkdir()
    copy(library, tmp_path / "other" / library.path.name)
    with Library(tmp_path / "other") as other:
        add_folder(other, "/more")
    assert folders(tmp_path / "other" / library.path.name) == ["/photos", "/more"]
    with library.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM folder")).scalar() == 1


def test_copies_that_are_made_while_somebody_writes_hold_whole_transactions(library, tmp_path):
    """Two rows in each: a copy never holds one of them without the other."""
    stop, written = threading.Event(), []

    def write():
        while not stop.is_set():
            number = len(written)
            with library.write() as tx:
                for half in "ab":
                    path = {"path": f"/{number}{half}/{'x' * 2000}"}
                    tx.execute(text("INSERT INTO folder (path) VALUES (:path)"), path)
            written.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = []
        for number in range(5):
            already = len(written)
            found = folders(copy(library, tmp_path / f"{number}.sqlite3"))
            assert len(found) % 2 == 0
            assert len(found) >= 2 * already
            seen.append(len(found))
    finally:
        stop.set()
        writer.join(30)
    assert seen == sorted(seen)
    assert seen[-1] > 0


def test_a_copy_that_cannot_be_written_leaves_what_was_there(mount, library, tmp_path):
    disk = mount(tmp_path / "disk", "-t", "tmpfs", "-o", "size=1m", "tmpfs")
    target = copy(library, disk / "copy.sqlite3")
    whole = target.read_bytes()
    for number in range(100):
        add_folder(library, f"/{number:04000}")
    with pytest.raises(LibraryError, match="make room on the disk") as caught:
        copy(library, target)
    assert str(target) in str(caught.value)
    assert target.read_bytes() == whole
    assert list(disk.iterdir()) == [target]


def test_a_copy_into_no_folder_says_so(library, tmp_path):
    with pytest.raises(LibraryError, match="choose another place"):
        copy(library, tmp_path / "nowhere" / "copy.sqlite3")


def test_the_three_newest_daily_copies_are_kept_and_no_other_is_touched(library):
    labelled = []
    library.run_outside(
        lambda connection: labelled.append(backups.keep(connection, library.folder, "schema-0001"))
    )
    made = []
    for number in range(5):
        add_folder(library, f"/{number}")
        daily = rotate(library)
        # As if each had been made on a day of its own.
        made.append(daily.rename(daily.with_name(f"daily-2020010{number}T000000Z.sqlite3")))
        os.utime(made[-1], (number * DAY_S, number * DAY_S))
    newest = rotate(library)
    listed = backups.listed(library.folder)
    assert set(listed) == {newest, *labelled, *made[3:]}
    assert listed[2:] == made[:2:-1], "the newest come first"
    assert folders(newest) == [f"/{number}" for number in range(5)]
    assert folders(made[3]) == [f"/{number}" for number in range(4)]
    backups.remove_all(library.folder)
    assert backups.listed(library.folder) == []


@POSIX
def test_backups_are_for_the_owner_only(library):
    before = os.umask(0)
    try:
        made = rotate(library)
    finally:
        os.umask(before)
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert made.parent == library.folder / BACKUPS
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700


def test_a_copy_is_due_once_a_day_and_only_when_something_changed(library):
    assert is_due(library)
    made = rotate(library)
    add_folder(library, "/photos")
    assert not is_due(library)
    yesterday = made.stat().st_mtime - DAY_S - 1
    os.utime(made, (yesterday, yesterday))
    assert not is_due(library), "its name says when it was made"
    made.rename(named(made, yesterday))
    assert is_due(library)
    library.close()
    long_ago = yesterday - DAY_S
    for path in library.folder.iterdir():
        if path.is_file():
            os.utime(path, (long_ago, long_ago))
    assert not is_due(library)
