"""Libraries of earlier versions: what was in them is in them still."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, text

from photoclust.core.dates import DatePrecision, DateSource, PhotoDate
from photoclust.core.errors import DamagedLibraryError, UserError
from photoclust.core.paths import BACKUPS, LIBRARY_FILE
from photoclust.core.types import EntryId, EntryStatus, FileStat, Group, GroupKind, ModelId
from photoclust.store import (
    decisions,
    embeddings,
    face_table,
    faces,
    files,
    guesses,
    journal,
    people,
    photos,
    proposals,
    recognitions,
    same_photo,
    schema,
    stacks,
    undoing,
)
from photoclust.store.database import SCHEMA_VERSION, Library
from photoclust.store.decisions import Register, Subject

ALBUM = Path("/photos/album")
ASTRONAUT = ALBUM / "Space" / "astronaut.png"
ASTRONAUT_HASH = "161f4a6d0cdad479d4e278457d1c0c50e1be4fc6"
FACENET = ModelId("facenet-vggface2")
ANNA, JOSE, OTHER_ANNA, BERTA = 1, 2, 3, 4
CONFIRMED = {1: 1, 2: 1, 3: 1, 4: 3, 5: 1, 6: 1, 7: 1, 8: 1, 9: 4}
"""Face → person."""
NEGATIVES = {"negative", "said_negative", "looked_negative"}
"""The columns of version 0009."""
NAMES = {ANNA: "Anna", JOSE: "José Weiß", OTHER_ANNA: "Anna", BERTA: "Berta"}


@pytest.fixture
def upgraded(old_library):
    with Library(old_library) as library:
        yield library


@pytest.fixture
def change_old(old_library):
    """Runs SQL on the old library before it is opened."""

    def change(script):
        with closing(sqlite3.connect(old_library / LIBRARY_FILE)) as connection:
            connection.executescript(script)

    return change


def rows(path, query):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


# What is in it


def test_an_upgraded_library_is_whole_and_known_as_new(upgraded):
    with upgraded.read() as tx:
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert tx.execute(text("SELECT version_num FROM alembic_version")).scalar() == (
            SCHEMA_VERSION
        )
        assert len(tx.execute(select(schema.library.c.uid)).scalar_one()) == 36


def test_everybody_is_listed_with_their_faces_and_the_best_of_them(upgraded):
    with upgraded.read() as tx:
        assert people.groups(tx) == [
            Group(ANNA, GroupKind.PERSON, "Anna", 7, 7, 2),
            Group(OTHER_ANNA, GroupKind.PERSON, "Anna", 1, 1, 4),
            Group(BERTA, GroupKind.PERSON, "Berta", 1, 1, 9),
            Group(JOSE, GroupKind.PERSON, "José Weiß", 0, 0, None),
        ]
        assert people.groups(tx, hidden=True) == []
        assert people.find_people(tx, "anna") == [ANNA, OTHER_ANNA]
        assert people.find_people(tx, "JOSE\u0301 WEISS") == [JOSE]
        uids = tx.execute(select(schema.person.c.uid)).scalars().all()
    assert len(set(uids)) == 4
    assert all(len(uid) == 36 and uid[14] == "4" and uid[19] in "89ab" for uid in uids)


def test_what_was_decided_stands(upgraded):
    with upgraded.read() as tx:
        shown = {face.id: face for face in faces.faces(tx)}
        assert {number: face.person for number, face in shown.items()} == CONFIRMED
        assert all(face.confirmed for face in shown.values())
        assert people.rejections(tx) == [(9, JOSE)]


def test_what_was_guessed_is_what_decisions_and_groups_say(upgraded):
    def guessed(tx):
        tables = (schema.face, schema.person, schema.cluster)
        return [tx.execute(select(table).order_by(table.c.id)).all() for table in tables]

    with upgraded.write() as tx:
        before = guessed(tx)
        guesses.refresh_everything(tx)
        assert guessed(tx) == before
        assert {face.cluster for face in faces.faces(tx)} == {1, None}


def test_decisions_from_before_the_journal_are_its_first_entry(upgraded):
    with upgraded.write() as tx:
        (entry,) = journal.entries(tx)
        assert (entry.kind, entry.status) == ("upgrade", EntryStatus.STANDS)
        assert entry.details == {"from": "0001"}
        decided = {
            **{Register(Subject.PERSON, number): 1 for number in NAMES},
            **{Register(Subject.NAME, number): name for number, name in NAMES.items()},
            **{Register(Subject.IDENTITY, face): person for face, person in CONFIRMED.items()},
            Register(Subject.REJECTION, 9, JOSE): 1,
        }
        assert journal.standing(tx) == decisions.everything(tx) == decided
        before = people.groups(tx)
        journal.replay(tx)
        assert people.groups(tx) == before


def test_photos_and_files_are_known_as_before(upgraded):
    with upgraded.read() as tx:
        assert photos.count(tx) == 10
        number = photos.find_by_hash(tx, ASTRONAUT_HASH)
        (photo,) = photos.photos(tx, [number])
        assert (photo.paths, photo.width, photo.height) == ((ASTRONAUT,), 512, 512)
        assert (photo.present, photo.date) == (True, None)
        (congress,) = photos.photos(tx, [2])
        assert congress.camera == "Canon EOS 5D Mark II"
        taken = datetime(2009, 9, 9, 20, 27, 9)  # noqa: DTZ001 - EXIF knows no time zone
        assert congress.date == PhotoDate(taken, DatePrecision.SECOND, DateSource.EXIF)
        assert files.folders(tx) == [ALBUM]
        known = FileStat(ASTRONAUT, 422355, 1795574007523741702)
        assert files.unchanged(tx, [known]) == {ASTRONAUT: None}


def test_failures_are_known_as_before(upgraded):
    with upgraded.read() as tx:
        failures = files.failures(tx)
        names = [failure.path.name for failure in failures]
        assert names == ["half copied.jpg", "broken.jpg"]
        broken = failures[1]
        assert "truncated" in broken.reason
        same = FileStat(broken.path, broken.size, broken.mtime_ns)
        assert files.unchanged(tx, [same]) == {broken.path: broken}, "it is not tried again"


def test_vectors_and_places_of_faces_are_as_before(old_library):
    path = old_library / LIBRARY_FILE
    query = "SELECT id, photo_id, x, y, w, h, landmarks, score, quality FROM face"
    vector = "SELECT face_id, model_id, data FROM vector"
    before, vectors = rows(path, query), rows(path, vector)
    with Library(old_library) as library, library.read() as tx:
        assert face_table.load_table(tx, FACENET).ids.tolist() == list(CONFIRMED)
        assert np.isfinite(face_table.load_vectors(tx, FACENET)[1]).all()
    assert rows(path, query) == before
    assert rows(path, vector) == vectors


def test_it_can_be_used_like_a_new_one(upgraded, do, person):
    with upgraded.write() as tx:
        new = person(tx, "Carla")
        assert new > max(NAMES)
        do(tx, people.merge, OTHER_ANNA, ANNA)
        do(tx, people.confirm, [9], new)
        counted = {group.id: group.faces for group in people.groups(tx)}
        assert counted == {ANNA: 8, new: 1, JOSE: 0, BERTA: 0}
        assert journal.standing(tx) == decisions.everything(tx)


# What is in one of schema 0002


def columns(path):
    """Every table of a library's file with its columns."""
    names = rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")
    return {
        name: [column[0] for column in rows(path, f"SELECT name FROM pragma_table_info('{name}')")]
        for (name,) in names
        if not name.startswith(("sqlite", "alembic"))
    }


def test_every_row_of_a_library_of_0002_stays_as_it_was(library_of_0002):
    path = library_of_0002 / LIBRARY_FILE
    old = columns(path)
    queries = {name: f"SELECT {', '.join(names)} FROM {name}" for name, names in old.items()}
    before = {name: rows(path, query) for name, query in queries.items()}
    assert sum(map(len, before.values())) > 80
    with Library(library_of_0002) as library, library.read() as tx:
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    assert {name: rows(path, query) for name, query in queries.items()} == before
    new = columns(path)
    added = {
        "folder_rule",
        "proposal",
        "proposal_face",
        "recognition",
        "given_name",
        "alias",
        "presence",
        "sidecar",
    }
    assert new.keys() - old.keys() == added
    assert [rows(path, f"SELECT * FROM {name}") for name in added] == [[]] * len(added)
    assert rows(path, "SELECT DISTINCT repeats FROM photo") == [(None,)]


def test_decisions_of_a_library_of_0002_stand_and_can_be_undone(library_of_0002):
    with Library(library_of_0002) as library, library.write() as tx:
        assert journal.standing(tx) == decisions.everything(tx)
        assert [group.name for group in people.groups(tx, hidden=True)] == ["Berta"]
        assert same_photo.exceptions(tx) == set()
        assert undoing.next_undo(tx).kind == "date"
        for _ in range(3):
            undoing.undo(tx)
        assert people.groups(tx, hidden=True) == []
        assert faces.count(tx) == 9
        with pytest.raises(UserError, match="nothing to undo"):
            undoing.undo(tx)


# What is in one of schema 0003


def test_every_row_of_a_library_of_0003_stays_as_it_was(library_of_0003):
    path = library_of_0003 / LIBRARY_FILE
    old = columns(path)
    queries = {name: f"SELECT {', '.join(names)} FROM {name}" for name, names in old.items()}
    before = {name: rows(path, query) for name, query in queries.items()}
    assert all(before[name] for name in ("proposal", "proposal_face", "folder_rule", "cluster"))
    with Library(library_of_0003) as library, library.read() as tx:
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert guesses.count_stale(tx) == 0
        assert len(recognitions.load(tx)) == 0
    assert {name: rows(path, query) for name, query in queries.items()} == before
    added = {"recognition", "given_name", "alias", "presence", "sidecar"}
    assert columns(path).keys() - old.keys() == added


def test_decisions_of_a_library_of_0003_stand_and_can_be_undone(library_of_0003):
    with Library(library_of_0003) as library, library.write() as tx:
        assert journal.standing(tx) == decisions.everything(tx)
        assert people.rejections(tx) == [(7, ANNA), (9, JOSE)]
        undone = [undoing.undo(tx).entries[0].kind for _ in range(3)]
        assert undone == ["reject", "same photo", "same photo"]
        assert {face.id: face.person for face in faces.faces(tx, ids=[7])} == {7: ANNA}
        assert proposals.load(tx, 1).label_of[1] == 0


# What is in one of schema 0004


def test_every_row_of_a_library_of_0004_stays_as_it_was(library_of_0004):
    path = library_of_0004 / LIBRARY_FILE
    old = columns(path)
    queries = {name: f"SELECT {', '.join(names)} FROM {name}" for name, names in old.items()}
    before = {name: rows(path, query) for name, query in queries.items()}
    assert before["recognition"]
    assert before["given_name"]
    with Library(library_of_0004) as library, library.read() as tx:
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert guesses.count_stale(tx) == 0
    assert {name: rows(path, query) for name, query in queries.items()} == before
    new = columns(path)
    assert new.keys() - old.keys() == {"alias", "presence", "sidecar"}
    more = {name: set(new[name]) - set(names) for name, names in old.items()}
    more = {name: names for name, names in more.items() if names}
    assert more.pop("vector") == {"engine"}
    assert more == {
        "person": {"born", "chosen_cover_id"},
        "photo": {"view_turn", "look", "stack_id", *NEGATIVES},
    }
    for table, names in (*more.items(), ("alias", ["name"]), ("presence", ["photo_id"])):
        assert not any(any(row) for row in rows(path, f"SELECT {', '.join(names)} FROM {table}"))


def test_decisions_of_a_library_of_0004_stand_and_can_be_undone(library_of_0004):
    with Library(library_of_0004) as library, library.write() as tx:
        assert journal.standing(tx) == decisions.everything(tx)
        assert {face.id: face.person for face in faces.faces(tx, ids=[7])} == {7: BERTA}
        assert undoing.undo(tx, EntryId(12)).entries[0].kind == "recognize"
        assert {face.id: face.person for face in faces.faces(tx, ids=[7])} == {7: None}
        assert undoing.undo(tx).entries[0].kind == "reject"


# What is in one of schema 0005


def test_every_row_of_a_library_of_0005_stays_as_it_was(library_of_0005):
    path = library_of_0005 / LIBRARY_FILE
    old = columns(path)
    queries = {name: f"SELECT {', '.join(names)} FROM {name}" for name, names in old.items()}
    before = {name: rows(path, query) for name, query in queries.items()}
    assert all(before[name] for name in ("alias", "presence", "vector"))
    with Library(library_of_0005) as library, library.read() as tx:
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert embeddings.counts_by_engine(tx) == {FACENET: {"cpu float32": len(CONFIRMED)}}
    assert {name: rows(path, query) for name, query in queries.items()} == before
    new = columns(path)
    assert new.keys() - old.keys() == {"sidecar"}
    more = {name: set(new[name]) - set(names) for name, names in old.items()}
    more = {name: names for name, names in more.items() if names}
    assert more == {"vector": {"engine"}, "photo": {"look", "stack_id", *NEGATIVES}}


# What is in one of schema 0006


def test_every_row_of_a_library_of_0006_stays_as_it_was(library_of_0006):
    path = library_of_0006 / LIBRARY_FILE
    old = columns(path)
    queries = {name: f"SELECT {', '.join(names)} FROM {name}" for name, names in old.items()}
    before = {name: rows(path, query) for name, query in queries.items()}
    with Library(library_of_0006) as library, library.read() as tx:
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert embeddings.counts_by_engine(tx)[FACENET]["cpu int8"] == 1
        assert stacks.covers(tx) == {}
        assert len(stacks.without_look(tx)) == 10
    assert {name: rows(path, query) for name, query in queries.items()} == before
    new = columns(path)
    assert new.keys() - old.keys() == {"sidecar"}
    more = {name: set(new[name]) - set(names) for name, names in old.items()}
    more = {name: names for name, names in more.items() if names}
    assert more == {"photo": {"look", "stack_id", *NEGATIVES}}


# What is in one of schema 0007


def test_every_row_of_a_library_of_0007_stays_as_it_was(library_of_0007):
    path = library_of_0007 / LIBRARY_FILE
    old = columns(path)
    queries = {name: f"SELECT {', '.join(names)} FROM {name}" for name, names in old.items()}
    before = {name: rows(path, query) for name, query in queries.items()}
    with Library(library_of_0007) as library, library.read() as tx:
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert stacks.covers(tx) == {3: 3, 4: 3}
        assert not any(photo.negative for photo in photos.photos(tx, photos.photo_ids(tx)))
        assert photos.to_look_at_again(tx) == []
    assert {name: rows(path, query) for name, query in queries.items()} == before
    new = columns(path)
    assert new.keys() == old.keys() | {"sidecar"}
    more = {name: set(new[name]) - set(names) for name, names in old.items()}
    assert {name: names for name, names in more.items() if names} == {"photo": NEGATIVES}
    assert set(rows(path, f"SELECT {', '.join(NEGATIVES)} FROM photo")) == {(None, None, None)}


# Odd libraries


def test_names_that_are_not_text_come_through(change_old, old_library):
    odd = ALBUM / "caf\udce9.png"
    change_old(
        "UPDATE file SET path = CAST(x'2f70686f746f732f616c62756d2f636166e92e706e67' AS BLOB)"
        f" WHERE path = '{ASTRONAUT}'"
    )
    with Library(old_library) as library, library.read() as tx:
        assert photos.photos(tx, [photos.find_by_hash(tx, ASTRONAUT_HASH)])[0].paths == (odd,)
        assert odd in dict(files.known_below(tx, ALBUM))


def test_a_photo_without_a_file_is_known_again_by_its_content(change_old, old_library):
    change_old(f"DELETE FROM file WHERE path = '{ASTRONAUT}'")
    with Library(old_library) as library, library.read() as tx:
        number = photos.find_by_hash(tx, ASTRONAUT_HASH)
        (photo,) = photos.photos(tx, [number])
        assert (photo.paths, photo.present) == ((), False)


def test_a_library_without_people_has_an_empty_journal(change_old, old_library):
    change_old(
        "DELETE FROM decision; UPDATE face SET person_id = NULL, confirmed = 0;"
        "UPDATE cluster SET person_id = NULL; DELETE FROM person;"
    )
    with Library(old_library) as library, library.read() as tx:
        assert journal.entries(tx) == []
        assert [(group.key, group.faces) for group in people.groups(tx)] == [("g1", 7)]
        assert faces.count_without_group(tx) == 2


# Before and in the middle


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_copy_from_before_is_kept_for_the_owner_only(old_library):
    before = rows(old_library / LIBRARY_FILE, "SELECT * FROM decision")
    mask = os.umask(0)
    try:
        with Library(old_library):
            pass
        with Library(old_library):
            pass
    finally:
        os.umask(mask)
    (copy,) = (old_library / BACKUPS).iterdir()
    assert copy.name.startswith("schema-0001-")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert rows(copy, "SELECT * FROM decision") == before
    assert rows(copy, "SELECT version_num FROM alembic_version") == [("0001",)]


def test_the_copy_from_before_can_be_upgraded_in_its_turn(upgraded, tmp_path):
    (copy,) = (upgraded.folder / BACKUPS).iterdir()
    (tmp_path / "again").mkdir()
    shutil.copyfile(copy, tmp_path / "again" / LIBRARY_FILE)
    with Library(tmp_path / "again") as again, again.read() as tx, upgraded.read() as other:
        assert people.groups(tx) == people.groups(other)


FAIL_IN_THE_MIDDLE = """
import os, pathlib, signal, sys
from photoclust.store.database import Library
from alembic.script import ScriptDirectory

def fail():
    {failure}

get = ScriptDirectory._load_revisions
def load(self):
    for script in get(self):
        if script.revision == "0002":
            script.module._decisions_to_journal = fail
        yield script
ScriptDirectory._load_revisions = load
Library(pathlib.Path(sys.argv[1]))
"""


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        ("raise SystemExit(3)", 3),
        pytest.param(
            "os.kill(os.getpid(), signal.SIGKILL)",
            -9,
            marks=pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals"),
        ),
    ],
    ids=["an error", "a killed process"],
)
def test_a_migration_that_ends_half_way_leaves_the_library_as_it_was(old_library, failure, status):
    path = old_library / LIBRARY_FILE
    with closing(sqlite3.connect(path)) as connection:
        before = list(connection.iterdump())
    code = FAIL_IN_THE_MIDDLE.format(failure=failure)
    ended = subprocess.run([sys.executable, "-c", code, str(old_library)], check=False)
    assert ended.returncode == status
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert list(connection.iterdump()) == before
    with Library(old_library) as library, library.read() as tx:
        assert {face.id: face.person for face in faces.faces(tx)} == CONFIRMED


def test_a_library_that_is_not_whole_is_not_upgraded(change_old, old_library):
    change_old("PRAGMA foreign_keys = 0; DELETE FROM photo WHERE id = 3;")
    with closing(sqlite3.connect(old_library / LIBRARY_FILE)) as connection:
        before = list(connection.iterdump())
    with pytest.raises(DamagedLibraryError, match="was left as it is") as caught:
        Library(old_library)
    assert str(old_library) in str(caught.value)
    with closing(sqlite3.connect(old_library / LIBRARY_FILE)) as connection:
        assert list(connection.iterdump()) == before


def test_where_there_is_no_room_for_the_copy_nothing_is_upgraded(mount, old_library, tmp_path):
    disk = mount(tmp_path / "disk", "-t", "tmpfs", "-o", "size=400k", "tmpfs")
    folder = Path(shutil.copytree(old_library, disk / "library"))
    with pytest.raises(UserError, match="make room"):
        Library(folder)
    with closing(sqlite3.connect(folder / LIBRARY_FILE)) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("0001",)]
    assert list((folder / BACKUPS).iterdir()) == []
    mount.again(disk, "size=4m")
    with Library(folder) as library, library.read() as tx:
        assert photos.count(tx) == 10
