import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from photoclust.core.errors import LibraryError, UserError
from photoclust.core.paths import LOCK_FILE
from photoclust.store import database
from photoclust.store.database import Library

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
HANG_S = 30


def add_folder(library, path):
    with library.write() as tx:
        tx.execute(text("INSERT INTO folder (path) VALUES (:path)"), {"path": path})


def folders(library):
    with library.read() as tx:
        return tx.execute(text("SELECT path FROM folder ORDER BY id")).scalars().all()


def pragma(library, name):
    with library.read() as tx:
        return tx.exec_driver_sql(f"PRAGMA {name}").scalar()


# What a new library is like


def test_a_new_library_is_set_up_as_measured(library):
    assert pragma(library, "journal_mode") == "wal"
    assert pragma(library, "foreign_keys") == 1
    assert pragma(library, "page_size") == 8192
    assert pragma(library, "busy_timeout") == database.BUSY_TIMEOUT_MS
    assert pragma(library, "synchronous") == 2
    with library.read() as tx:
        version = tx.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert version == database.SCHEMA_VERSION


def test_every_connection_of_a_library_keeps_foreign_keys(library):
    with library.read() as one, library.read() as other:
        for connection in (one, other):
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@POSIX
def test_only_the_owner_can_read_any_file_of_it(tmp_path):
    before = os.umask(0)
    try:
        with Library(tmp_path / "library") as library:
            add_folder(library, "/photos")
            files = {
                path.name: stat.S_IMODE(path.stat().st_mode) for path in library.folder.iterdir()
            }
            assert stat.S_IMODE(library.folder.stat().st_mode) == 0o700
    finally:
        os.umask(before)
    name = database.FILE_NAME
    names = (name, f"{name}-wal", f"{name}-shm", LOCK_FILE)
    assert files == dict.fromkeys(names, 0o600)


@pytest.mark.parametrize(
    "name",
    ["a b", "who?mode=memory", "50%41", "#1", "Grüße", "file:x", "it's; --", "bad-\udcff"],
)
def test_the_folder_may_have_any_name(tmp_path, name):
    folder = tmp_path / name
    with Library(folder) as library:
        add_folder(library, "/photos")
    assert (folder / database.FILE_NAME).stat().st_size > 0
    with Library(folder) as library:
        assert folders(library) == ["/photos"]


def test_nothing_is_written_when_it_is_opened_again(library):
    library.close()
    before = library.path.read_bytes()
    with Library(library.folder) as again:
        assert folders(again) == []
    assert library.path.read_bytes() == before


# What is refused


def test_a_library_of_a_newer_program_is_refused_and_stays_as_it_is(library):
    with library.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    library.close()
    before = library.path.read_bytes()
    with pytest.raises(LibraryError, match="newer photoclust") as caught:
        Library(library.folder)
    assert str(library.folder) in str(caught.value)
    assert library.path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database" * 1000, b"\x00" * 9000])
def test_a_file_that_is_no_database_is_refused_and_stays_as_it_is(tmp_path, content):
    path = tmp_path / database.FILE_NAME
    path.write_bytes(content)
    with pytest.raises(LibraryError) as caught:
        Library(tmp_path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE songs (id INTEGER)",
        "CREATE TABLE songs (id INTEGER); CREATE TABLE alembic_version (version_num VARCHAR);",
        (
            "CREATE TABLE alembic_version (version_num VARCHAR);"
            "INSERT INTO alembic_version VALUES ('0a1b2c3d4e5f')"
        ),
    ],
    ids=["plain", "alembic without a version", "alembic of another program"],
)
def test_the_database_of_another_program_is_refused_and_stays_as_it_is(tmp_path, script):
    path = tmp_path / database.FILE_NAME
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    with pytest.raises(LibraryError, match="not a photoclust library"):
        Library(tmp_path)
    connection = sqlite3.connect(path)
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert tables <= {"songs", "alembic_version"}


def test_a_damaged_page_is_told_in_plain_words(library):
    for number in range(400):
        add_folder(library, f"/photos/{number:0200}")
    library.close()
    content = bytearray(library.path.read_bytes())
    content[database.PAGE_SIZE :] = os.urandom(len(content) - database.PAGE_SIZE)
    library.path.write_bytes(content)
    with pytest.raises(LibraryError, match="damaged"):
        Library(library.folder)


def test_a_file_in_the_place_of_the_folder_is_the_users_business(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UserError, match="file"):
        Library(tmp_path / "file")


def test_a_library_that_is_not_made_to_its_end_leaves_nothing_behind(tmp_path):
    """Two things that happen at once: the tables and the record of their version."""
    code = (
        "import sys, pathlib\n"
        "from photoclust.store import database, schema\n"
        "create = schema.metadata.create_all\n"
        "def fail_late(connection):\n"
        "    create(connection)\n"
        "    raise SystemExit(3)\n"
        "schema.metadata.create_all = fail_late\n"
        "database.Library(pathlib.Path(sys.argv[1]))\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert ended.returncode == 3
    connection = sqlite3.connect(tmp_path / database.FILE_NAME)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()
    with Library(tmp_path) as library:
        assert folders(library) == []


# Transactions


def test_what_is_written_is_there_and_an_exception_takes_all_of_it_back(library):
    add_folder(library, "/kept")

    def write_half():
        with library.write() as tx:
            tx.execute(text("INSERT INTO folder (path) VALUES ('/lost')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert folders(library) == ["/kept"]


def test_reading_cannot_write_and_the_same_connection_can_afterwards(library):
    with library.read() as tx:
        connection = tx.connection.dbapi_connection
        with pytest.raises(Exception, match="readonly"):
            tx.execute(text("INSERT INTO folder (path) VALUES ('/x')"))
    with library.write() as tx:
        assert tx.connection.dbapi_connection is connection
        tx.execute(text("INSERT INTO folder (path) VALUES ('/y')"))
    assert folders(library) == ["/y"]


def test_a_connection_can_write_again_after_a_read_that_failed(library):
    with pytest.raises(ZeroDivisionError), library.read():
        raise ZeroDivisionError
    add_folder(library, "/photos")
    assert folders(library) == ["/photos"]


def test_a_reader_sees_one_moment(library):
    with library.read() as tx:
        query = text("SELECT count(*) FROM folder")
        assert tx.execute(query).scalar() == 0
        add_folder(library, "/photos")
        assert tx.execute(query).scalar() == 0
    assert folders(library) == ["/photos"]


def test_foreign_keys_are_enforced(library):
    with pytest.raises(Exception, match="FOREIGN KEY"), library.write() as tx:
        tx.execute(text("INSERT INTO vector (face_id, model_id, data) VALUES (1, 1, x'00')"))


def test_a_second_thread_waits_for_the_first_one_to_finish_writing(library):
    done = threading.Thread(target=add_folder, args=(library, "/second"))
    with library.write() as tx:
        tx.execute(text("INSERT INTO folder (path) VALUES ('/first')"))
        assert folders(library) == []  # a reader waits for nobody
        done.start()
        done.join(0.2)
        assert done.is_alive()
    done.join(HANG_S)
    assert not done.is_alive()
    assert folders(library) == ["/first", "/second"]


def test_who_waits_too_long_is_told_why(tmp_path, monkeypatch):
    """Another program, or a photoclust on another machine whose lock is not seen here."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    with Library(tmp_path) as library, closing(sqlite3.connect(library.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryError, match="another photoclust is writing") as caught:
            add_folder(library, "/x")
        assert str(library.path) in str(caught.value)
        other.rollback()
        add_folder(library, "/y")
        assert folders(library) == ["/y"]


def test_of_many_that_open_a_new_library_at_once_one_makes_it_and_none_harms_it(tmp_path):
    opened, refused, errors = [], [], []
    together = threading.Barrier(6)

    def run():
        together.wait(HANG_S)
        try:
            with Library(tmp_path) as library:
                opened.append(library.read_only is None)
                folders(library)
                together.wait(HANG_S)
        except LibraryError as error:
            refused.append(str(error))
            together.wait(HANG_S)
        except Exception as error:  # collected, so that the test shows it
            errors.append(error)
            together.abort()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * HANG_S)
    assert errors == []
    assert opened.count(True) == 1
    assert len(opened) + len(refused) == 6
    assert all("there is no library" in text and "has it open" in text for text in refused)
    with Library(tmp_path) as library:
        assert folders(library) == []


def test_a_library_can_be_used_from_another_thread(library):
    add_folder(library, "/here")
    seen = []
    thread = threading.Thread(target=lambda: seen.extend(folders(library)))
    thread.start()
    thread.join(HANG_S)
    assert seen == ["/here"]


# Media


def test_a_full_disk_is_told_in_plain_words_and_harms_nothing(mount, tmp_path):
    disk = mount(tmp_path / "disk", "-t", "tmpfs", "-o", "size=2m", "tmpfs")
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(1_000_000))
    with Library(disk / "library") as library:
        add_folder(library, "/before")
        kept = ["/before"]

        def write_much():
            while True:
                rows = [{"path": f"/{len(kept)}/{number:0300}"} for number in range(500)]
                with library.write() as tx:
                    tx.execute(text("INSERT INTO folder (path) VALUES (:path)"), rows)
                kept.extend(row["path"] for row in rows)

        with pytest.raises(LibraryError, match="disk is full") as caught:
            write_much()
        assert str(library.path) in str(caught.value)
        assert folders(library) == kept
        with pytest.raises(LibraryError, match="disk is full"):
            write_much()
        ballast.unlink()
        add_folder(library, "/after")
        assert folders(library) == [*kept, "/after"]
        assert pragma(library, "integrity_check") == "ok"
    with Library(disk / "library") as library:
        assert folders(library) == [*kept, "/after"]


def test_a_library_is_not_made_on_a_full_disk(mount, tmp_path):
    disk = mount(tmp_path / "disk", "-t", "tmpfs", "-o", "size=64k", "tmpfs")
    with pytest.raises(LibraryError, match="disk is full"):
        Library(disk / "library")
    mount.again(disk, "size=2m")
    with Library(disk / "library") as library:
        assert folders(library) == []


@pytest.fixture
def read_only_copy(mount, tmp_path):
    """Makes a file system that cannot be written, with a copy of a library's folder."""

    def make(folder):
        disk = mount(tmp_path / "disk", "-t", "tmpfs", "tmpfs")
        copy = Path(shutil.copytree(folder, disk / "library"))
        mount.again(disk, "ro")
        return copy

    return make


def test_a_library_on_a_medium_that_cannot_be_written_can_be_read(library, read_only_copy):
    add_folder(library, "/photos")
    library.close()
    with Library(read_only_copy(library.folder)) as copy:
        assert "Read-only file system" in copy.read_only
        assert folders(copy) == ["/photos"]
        with pytest.raises(LibraryError, match="Read-only file system") as caught:
            add_folder(copy, "/x")
        assert str(copy.folder) in str(caught.value)


def test_what_was_not_yet_in_the_main_file_is_read_from_such_a_medium_too(library, read_only_copy):
    """A copy that was made while the library was in use, with the files beside it."""
    add_folder(library, "/photos")
    with Library(read_only_copy(library.folder)) as copy:
        assert folders(copy) == ["/photos"]


def test_an_old_library_on_such_a_medium_says_why_it_cannot_be_opened(old_library, read_only_copy):
    with pytest.raises(LibraryError, match=r"must be upgraded.*Read-only file system"):
        Library(read_only_copy(old_library))


def test_on_such_a_medium_no_library_can_be_made(read_only_copy, tmp_path):
    (tmp_path / "empty").mkdir()
    folder = read_only_copy(tmp_path / "empty")
    with pytest.raises(LibraryError, match=r"no library in .*Read-only file system"):
        Library(folder)


def test_where_shared_memory_does_not_work_one_connection_does_everything(tmp_path):
    with Library(tmp_path, shared_disk=True) as library:
        add_folder(library, "/photos")
        assert pragma(library, "journal_mode") == "delete"
        assert pragma(library, "locking_mode") == "exclusive"
        names = {path.name for path in tmp_path.iterdir()}
        assert names <= {database.FILE_NAME, f"{database.FILE_NAME}-journal", LOCK_FILE}
        with library.read() as tx:
            assert tx.exec_driver_sql("PRAGMA query_only").scalar() == 1
        add_folder(library, "/more")
        assert folders(library) == ["/photos", "/more"]
    with Library(tmp_path) as library:
        assert folders(library) == ["/photos", "/more"]


def test_a_library_that_is_only_looked_at_is_not_written(library):
    add_folder(library, "/photos")
    library.close()
    before = library.path.read_bytes()
    with Library(library.folder, look_only=True) as again:
        assert folders(again) == ["/photos"]
        with pytest.raises(LibraryError, match="looked at only"):
            add_folder(again, "/x")
        with Library(library.folder) as writer:
            assert writer.read_only is None
    assert library.path.read_bytes() == before


def test_looking_makes_no_library(tmp_path):
    with pytest.raises(LibraryError, match="there is no library in"):
        Library(tmp_path / "mistyped", look_only=True)
