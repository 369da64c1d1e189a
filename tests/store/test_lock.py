"""Who may write: told by real processes."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from photoclust.core.errors import LibraryError
from photoclust.store.database import Library

HOLD = (
    "import pathlib, sys\n"
    "from photoclust.store.database import Library\n"
    "with Library(pathlib.Path(sys.argv[1])) as library:\n"
    "    print(library.read_only, flush=True)\n"
    "    sys.stdin.read()\n"
)
OPEN_READ_ONLY = "another photoclust has it open; close that one first"


@contextmanager
def held_by_another_process(folder):
    """Another process that has the library open, and what it says of being able to write."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        try:
            yield one, one.stdout.readline().strip()
        finally:
            one.stdin.close()


def add_folder(library, path):
    with library.write() as tx:
        tx.execute(text("INSERT INTO folder (path) VALUES (:path)"), {"path": path})


def folders(library):
    with library.read() as tx:
        return tx.execute(text("SELECT path FROM folder ORDER BY id")).scalars().all()


def require_cannot_write(library):
    with pytest.raises(LibraryError, match="another photoclust has it open") as caught:
        add_folder(library, "/x")
    assert str(library.folder) in str(caught.value)


def test_a_second_process_can_look_and_not_change(library):
    add_folder(library, "/photos")
    with held_by_another_process(library.folder) as (_, refused):
        assert refused == OPEN_READ_ONLY
        add_folder(library, "/more")
    assert library.read_only is None


def test_what_a_process_writes_is_seen_by_one_that_looks(tmp_path):
    with held_by_another_process(tmp_path) as (_, refused):
        assert refused == "None"
        with Library(tmp_path) as library:
            assert library.read_only == OPEN_READ_ONLY
            assert folders(library) == []
            require_cannot_write(library)
    with Library(tmp_path) as library:
        assert library.read_only is None
        add_folder(library, "/photos")


def test_in_one_process_only_the_first_can_write_too(library):
    with Library(library.folder) as second:
        assert second.read_only == OPEN_READ_ONLY
        require_cannot_write(second)
        add_folder(library, "/photos")
        assert folders(second) == ["/photos"]
    add_folder(library, "/more")
    library.close()
    with Library(library.folder) as third:
        add_folder(third, "/third")
        assert folders(third) == ["/photos", "/more", "/third"]


def test_who_only_looks_keeps_nobody_from_writing(library):
    library.close()
    with (
        Library(library.folder, look_only=True) as looking,
        Library(library.folder) as writer,
    ):
        add_folder(writer, "/photos")
        assert folders(looking) == ["/photos"]


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_the_lock_dies_with_its_process(tmp_path):
    with held_by_another_process(tmp_path) as (process, refused):
        assert refused == "None"
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        with Library(tmp_path) as library:
            assert library.read_only is None
            add_folder(library, "/photos")


def test_a_library_that_could_not_be_opened_is_not_kept_locked(library):
    library.close()
    whole = library.path.read_bytes()
    library.path.write_bytes(b"not a database" * 1000)
    with pytest.raises(LibraryError):
        Library(library.folder)
    library.path.write_bytes(whole)
    with Library(library.folder) as again:
        assert again.read_only is None
