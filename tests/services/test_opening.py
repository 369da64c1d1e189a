import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from photoclust.core.errors import DamagedLibraryError, LibraryError
from photoclust.core.types import EntryStatus
from photoclust.services import browse, history, naming, opening
from photoclust.store import backups, journal, wiping
from photoclust.store.database import FILE_NAME, Library

HOLD = """
import sys
from pathlib import Path
from photoclust.store.database import Library
with Library(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def open_again(library, **options):
    folder = library.folder
    library.close()
    return opening.open_library(folder, **options)


def test_an_interrupted_run_is_closed_and_told_at_the_next_start(library):
    with library.write() as tx:
        run = journal.start_run(tx, "scan", {"roots": ["/photos"]})
    opened = open_again(library)
    with opened.library:
        assert [entry.id for entry in opened.interrupted] == [run]
        (entry,) = history.entries(opened.library)
        assert entry.status is EntryStatus.INTERRUPTED
        assert entry.ended_at is not None
    with opening.open_library(library.folder).library as again:
        assert [entry.status for entry in history.entries(again)] == [EntryStatus.INTERRUPTED]


def test_a_run_of_another_process_is_left_alone(library):
    with library.write() as tx:
        journal.start_run(tx, "scan", {})
    second = opening.open_library(library.folder)
    with second.library:
        assert second.interrupted == ()
        assert history.entries(second.library)[0].status is EntryStatus.RUNNING
        (note,) = second.notes
        assert "can be looked at but not changed: another photoclust has it open" in note


def test_a_library_that_another_process_has_open_can_be_looked_at_only(library, crowd):
    (face,) = crowd.photos_of(1, 1)
    library.close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(library.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline() == "open\n"
        with opening.open_library(library.folder).library as second:
            assert len(browse.faces(second)) == 1
            with pytest.raises(LibraryError, match="another photoclust has it open"):
                naming.name(second, f"f{face}", "Anna")
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()
    # The lock dies with its process.
    with opening.open_library(library.folder).library as third:
        assert naming.name(third, f"f{face}", "Anna").name == "Anna"


def test_looking_takes_no_lock_and_makes_no_library(library, tmp_path):
    with opening.open_library(library.folder, look_only=True).library as looking:
        assert looking.read_only is not None
    library.close()
    looking = opening.open_library(library.folder, look_only=True).library
    with looking, Library(library.folder) as writer:
        assert writer.read_only is None
    with pytest.raises(LibraryError, match="there is no library"):
        opening.open_library(tmp_path / "none", look_only=True)
    assert not (tmp_path / "none" / FILE_NAME).exists()


def test_a_library_on_a_read_only_medium_can_be_looked_at(library, crowd, mount):
    crowd.photos_of(1, 1)
    folder = library.folder
    library.close()
    folder.chmod(0o755)
    mount(folder, "--bind", str(folder))
    subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
    opened = opening.open_library(folder)
    with opened.library as reading:
        assert len(browse.faces(reading)) == 1
        assert "Read-only file system" in opened.notes[0]
        with pytest.raises(LibraryError, match="Read-only file system"):
            reading.require_writable()
    assert opening.keep_daily_copy(opened.library) is None


def test_a_library_on_a_shared_disk_has_one_file_and_one_owner(library, crowd):
    """As on a network drive or FAT stick, where SQLite's shared memory does not work."""
    (face,) = crowd.photos_of(1, 1)
    library.close()
    with Library(library.folder, shared_disk=True) as holding:
        naming.name(holding, f"f{face}", "Anna")
        assert [group.name for group in browse.groups(holding)] == ["Anna"]
        assert not list(library.folder.glob(f"{FILE_NAME}-wal"))
        with (
            pytest.raises(LibraryError, match="another photoclust"),
            Library(library.folder, look_only=True, shared_disk=True) as second,
        ):
            browse.groups(second)
    with Library(library.folder) as again:
        assert [group.name for group in browse.groups(again)] == ["Anna"]


def test_a_copy_is_kept_once_a_day(library, crowd):
    first = opening.keep_daily_copy(library)
    assert first is not None
    assert opening.keep_daily_copy(library) is None
    old = datetime.now(UTC) - 2 * backups.INTERVAL
    first.rename(first.with_name(f"daily-{old:%Y%m%dT%H%M%SZ}.sqlite3"))
    crowd.photos_of(1, 1)
    second = opening.keep_daily_copy(library)
    assert second is not None
    assert stat.S_IMODE(second.stat().st_mode) == 0o600
    with Library(library.folder.parent / "copy") as empty:
        target = empty.path
    target.write_bytes(second.read_bytes())
    with Library(target.parent) as copy:
        assert len(browse.faces(copy)) == 1


def test_what_was_named_on_the_first_day_is_copied_as_well(library, crowd):
    """The first copy is made when there is nothing yet."""
    assert opening.keep_daily_copy(library) is not None
    faces = crowd.photos_of(1, 7)
    assert opening.keep_daily_copy(library) is None
    named = []
    for face in faces:
        naming.name(library, f"f{face}", "Anna")
        named.append(opening.keep_daily_copy(library) is not None)
    assert named == [True, False, True, False, False, False, True]


def test_whether_a_copy_is_due_is_asked_of_the_open_library(library, crowd, monkeypatch):
    """Where its file is held for itself, another look at it would wait for a lock for seconds."""
    first = opening.keep_daily_copy(library)
    looked_at = []
    open_file = backups.contents.open_file

    def note(path):
        looked_at.append(path)
        return open_file(path)

    monkeypatch.setattr(backups.contents, "open_file", note)
    naming.name(library, f"f{crowd.photos_of(1, 1)[0]}", "Anna")
    assert opening.keep_daily_copy(library) is not None
    assert looked_at == [first]


def test_a_damaged_library_names_its_newest_backup(library, crowd):
    crowd.photos_of(1, 1)
    kept = opening.keep_daily_copy(library)
    library.close()
    damaged = bytearray(library.path.read_bytes())
    damaged[:100] = bytes(100)
    library.path.write_bytes(damaged)
    with pytest.raises(DamagedLibraryError, match="photoclust doctor") as caught:
        opening.open_library(library.folder)
    assert str(kept) in str(caught.value)


def test_a_forgetting_that_was_cut_off_ends_at_the_next_start(library, crowd):
    (face,) = crowd.photos_of(1, 1)
    naming.name(library, f"f{face}", "Anna Karenina")
    kept = opening.keep_daily_copy(library)
    with library.write() as tx:
        wiping.forget_people(tx, wiping.look_up(tx, 1))
        journal.add_entry(tx, wiping.FORGET, {"faces": 1}, status=EntryStatus.RUNNING)
    assert b"Anna Karenina" in kept.read_bytes()
    with open_again(library).library as again:
        assert [entry.status for entry in history.entries(again)] == [EntryStatus.STANDS]
    files = [path for path in library.folder.rglob("*") if path.is_file()]
    assert not any(b"Karenina" in path.read_bytes() for path in files)


def test_a_drive_that_fails_is_told_in_plain_words(library):
    def fail(_):
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(LibraryError, match="check the drive and open the library again"):
        library.run_outside(fail)
