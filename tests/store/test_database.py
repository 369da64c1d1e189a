import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest
from sqlalchemy import text

from photoclust.core.errors import LibraryError, UserError
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
    assert files == {name: 0o600, f"{name}-wal": 0o600, f"{name}-shm": 0o600}


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


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path):
    """Two things that happen at once: the tables and the record of their version."""
    code = (
        "import sys, pathlib, alembic.command\n"
        "from photoclust.store.database import Library\n"
        "upgrade = alembic.command.upgrade\n"
        "def fail_late(config, target):\n"
        "    upgrade(config, target)\n"
        "    raise SystemExit(3)\n"
        "alembic.command.upgrade = fail_late\n"
        "Library(pathlib.Path(sys.argv[1]))\n"
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


def write_slowly(folder, path, started, go_on):
    with Library(folder) as library, library.write() as tx:
        tx.execute(text("INSERT INTO folder (path) VALUES (:path)"), {"path": path})
        started.set()
        assert go_on.wait(HANG_S)


def test_a_second_process_waits_for_the_first_one_to_finish_writing(library):
    context = multiprocessing.get_context("spawn")
    started, go_on = context.Event(), context.Event()
    other = context.Process(target=write_slowly, args=(library.folder, "/first", started, go_on))
    other.start()
    try:
        assert started.wait(HANG_S)
        assert folders(library) == []  # a reader waits for nobody
        done = threading.Thread(target=add_folder, args=(library, "/second"))
        done.start()
        done.join(0.2)
        assert done.is_alive()
        go_on.set()
        done.join(HANG_S)
        assert not done.is_alive()
    finally:
        go_on.set()
        other.join(HANG_S)
    assert other.exitcode == 0
    assert folders(library) == ["/first", "/second"]


def test_who_waits_too_long_is_told_why(library, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    with Library(library.folder) as impatient, library.write():
        with pytest.raises(LibraryError, match="another photoclust is writing") as caught:
            add_folder(impatient, "/x")
        assert str(library.path) in str(caught.value)
    assert folders(library) == []


def open_and_write(folder, number):
    with Library(folder) as library:
        add_folder(library, f"/{number}")


def test_many_that_open_a_new_library_at_once_all_succeed(tmp_path):
    errors = []

    def run(number):
        try:
            open_and_write(tmp_path, number)
        except Exception as error:  # collected, so that the test shows it
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG_S)
    assert errors == []
    with Library(tmp_path) as library:
        assert sorted(folders(library)) == [f"/{number}" for number in range(6)]


def test_a_library_can_be_used_from_another_thread(library):
    add_folder(library, "/here")
    seen = []
    thread = threading.Thread(target=lambda: seen.extend(folders(library)))
    thread.start()
    thread.join(HANG_S)
    assert seen == ["/here"]


def test_a_full_disk_is_told_in_plain_words(library):
    with library.read() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar()

    def write_much():
        with library.write() as tx:
            tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            rows = [{"path": f"{number:0300}"} for number in range(500)]
            tx.execute(text("INSERT INTO folder (path) VALUES (:path)"), rows)

    with pytest.raises(LibraryError, match="disk is full"):
        write_much()
    assert folders(library) == []
