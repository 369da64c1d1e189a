"""A damaged library: what can be read of it, and how its decisions come back."""

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from photoclust.core.dates import DatePrecision, DateSource, PhotoDate
from photoclust.core.errors import DamagedLibraryError
from photoclust.core.paths import LIBRARY_FILE
from photoclust.core.types import PhotoId
from photoclust.services import browse, deciding, doctor, history, naming, restoring, same_photo
from photoclust.services.opening import open_library
from photoclust.store import backups, face_table, salvage
from photoclust.store import same_photo as rules
from photoclust.store.database import PAGE_SIZE, Library
from photoclust.vision.models import DEFAULT_EMBEDDER


def keep_copy(library: Library) -> None:
    library.run_outside(lambda connection: backups.rotate(connection, library.folder))


def pages_of(folder: Path, *names: str) -> list[int]:
    """The numbers of the first pages of tables and indexes, from 0."""
    with closing(sqlite3.connect(folder / LIBRARY_FILE)) as connection:
        query = "SELECT rootpage - 1 FROM sqlite_master WHERE name = ?"
        return [connection.execute(query, (name,)).fetchone()[0] for name in names]


def spoil(path: Path, *pages: int) -> None:
    """Fill pages of a file with what no page looks like."""
    data = bytearray(path.read_bytes())
    for page in pages:
        data[page * PAGE_SIZE : (page + 1) * PAGE_SIZE] = b"\xff" * PAGE_SIZE
    path.write_bytes(data)


def damage(folder: Path, *names: str) -> None:
    """Spoil the first pages of tables, or what tells where everything is."""
    spoil(folder / LIBRARY_FILE, *pages_of(folder, *names))
    with pytest.raises(DamagedLibraryError):
        open_and_check(folder)


def open_and_check(folder: Path) -> None:
    if not doctor.examine(folder).sound:
        raise DamagedLibraryError("damaged")


def named(folder: Path) -> dict[str, int]:
    """How many faces each name has."""
    with open_library(folder).library as library:
        return {group.name: group.faces for group in browse.groups(library) if group.name}


@pytest.fixture(scope="module")
def decided(faces_below, tmp_path_factory):
    """Six faces: Anna's in the backup, and what was decided after it."""
    faces = faces_below(tmp_path_factory.mktemp("decided"))
    library = faces.library
    ids = faces.add(4)
    naming.name(library, f"f{ids[0]}", "Anna")
    naming.name(library, f"f{ids[1]}", "Anna")
    keep_copy(library)
    ids += faces.add(2)
    naming.name(library, f"f{ids[2]}", "Berta")
    naming.name(library, f"f{ids[4]}", "Berta")
    naming.name(library, f"f{ids[3]}", "Clara")
    deciding.merge(library, "p3", "p2")
    deciding.exclude(library, [f"f{ids[5]}"])
    deciding.reject(library, [f"f{ids[1]}"])
    library.close()
    return faces


@pytest.fixture
def ids(faces, decided, fill):
    """What is in `decided`, in a library of one's own; the ids of its faces."""
    faces.begin_as(decided, fill)
    return list(faces.vectors)


AFTER = {"Anna": 1, "Berta": 3}


def test_decisions_since_the_backup_come_back(library, ids, is_whole):
    library.close()
    folder = library.folder
    damage(folder, "cluster", "ix_face_photo_id")
    diagnosis = doctor.examine(folder)
    assert [(finding.check, finding.mendable) for finding in diagnosis.findings] == [("file", True)]
    assert diagnosis.readable.rows["face"] == 6
    assert (diagnosis.readable.people, diagnosis.readable.decisions) == (2, 6)
    done = doctor.repair(folder)
    assert done.after.sound, done.after.findings
    assert done.restored.name.startswith("daily-")
    assert (done.aside / LIBRARY_FILE).exists()
    assert (done.taken.photos, done.taken.faces, done.taken.people) == (2, 2, 2)
    assert named(folder) == AFTER
    with Library(folder) as again:
        assert is_whole(again)
        assert len(browse.faces(again)) == 5
        kinds = [entry.kind for entry in history.entries(again)]
        assert kinds == ["repair", "reject", "not a face", "merge", *["name"] * 5]
        history.undo(again)
        history.undo(again)
        history.undo(again)
        assert is_whole(again)
    assert named(folder) == {"Anna": 2, "Berta": 2, "Clara": 1}


def test_faces_that_come_back_bring_their_vectors(library, faces, ids):
    library.close()
    damage(library.folder, "cluster")
    doctor.repair(library.folder)
    with Library(library.folder) as again, again.read() as tx:
        numbers, vectors = face_table.load_vectors(tx, DEFAULT_EMBEDDER)
    assert list(numbers) == ids
    expected = np.array([faces.vectors[face] for face in ids])
    assert np.allclose(vectors, expected, atol=1e-3)


def test_what_was_undone_since_the_backup_is_undone(library, faces, is_whole):
    one, other = faces.add(2)
    naming.name(library, f"f{one}", "Anna")
    naming.name(library, f"f{other}", "Berta")
    keep_copy(library)
    history.undo(library)
    library.close()
    damage(library.folder, "cluster")
    doctor.repair(library.folder)
    assert named(library.folder) == {"Anna": 1}
    with Library(library.folder) as again:
        history.redo(again)
        assert is_whole(again)
    assert named(library.folder) == {"Anna": 1, "Berta": 1}


def test_who_was_recognised_is_left_to_the_next_recognition(
    library, faces, recognize, is_whole, people_shown
):
    one, other = faces.add(2)
    naming.name(library, f"f{one}", "Anna")
    run = recognize({other: 1}).entry
    assert people_shown(library) == {one: 1, other: 1}
    library.close()
    damage(library.folder, "cluster")
    assert doctor.repair(library.folder).after.sound
    with Library(library.folder) as again:
        assert people_shown(again) == {one: 1, other: None}
        history.undo(again, run)
        assert is_whole(again)


def test_without_a_backup_everything_that_can_be_read_comes_back(library, ids, is_whole):
    library.close()
    backups.remove_all(library.folder)
    damage(library.folder, "cluster")
    done = doctor.repair(library.folder)
    assert done.restored is None
    assert done.after.sound
    assert named(library.folder) == AFTER
    with Library(library.folder) as again:
        assert is_whole(again)
        assert browse.counts(again)[0] == 6


@pytest.mark.parametrize("tables", [("change",), ("entry",), ("change", "entry")])
def test_where_the_journal_is_unreadable_decisions_come_from_their_tables(
    library, ids, is_whole, tables
):
    library.close()
    damage(library.folder, *tables)
    assert doctor.repair(library.folder).after.sound
    assert named(library.folder) == AFTER
    with Library(library.folder) as again:
        assert is_whole(again)
        assert len(browse.faces(again)) == 5


@pytest.mark.parametrize(
    "tables", [("confirmation", "rejection"), ("model", "folder"), ("person",), ("vector",)]
)
def test_where_tables_are_unreadable_decisions_come_from_the_journal(library, ids, tables):
    library.close()
    damage(library.folder, *tables)
    assert doctor.repair(library.folder).after.sound
    assert named(library.folder) == AFTER


def test_dates_by_hand_come_back(library, faces):
    faces.add(1)
    keep_copy(library)
    date = PhotoDate(datetime(1987, 5, 1), DatePrecision.MONTH, DateSource.HAND)  # noqa: DTZ001
    deciding.set_date(library, [PhotoId(1)], date)
    library.close()
    damage(library.folder, "change")
    doctor.repair(library.folder)
    with Library(library.folder) as again:
        assert browse.existing_photo(again, PhotoId(1)).date == date


@pytest.mark.parametrize("table", ["change", "folder_rule"])
def test_that_one_person_may_be_there_several_times_comes_back(library, faces, is_whole, table):
    faces.add(3)
    keep_copy(library)
    same_photo.allow(library, [Path("/photos/1.jpg")])
    same_photo.allow(library, [Path("/photos")])
    same_photo.allow(library, [Path("/photos/2.jpg")], allowed=False)
    library.close()
    damage(library.folder, table)
    doctor.repair(library.folder)
    with Library(library.folder) as again:
        assert is_whole(again)
        with again.read() as tx:
            assert rules.said_of_photos(tx) == {1: True, 2: False}
            # What cannot be read of a folder is which one it was.
            assert rules.exceptions(tx) == ({1, 3} if table == "change" else {1})


@pytest.mark.parametrize("content", [b"no database at all" * 1000, b"SQLite format 3\0" * 600])
def test_of_garbage_nothing_comes_but_the_backup(library, ids, content):
    library.close()
    (library.folder / LIBRARY_FILE).write_bytes(content)
    readable = doctor.examine(library.folder).readable
    assert set(readable.rows.values()) == {0}
    done = doctor.repair(library.folder)
    assert done.after.sound
    assert named(library.folder) == {"Anna": 2}


def test_faces_are_known_by_their_place_and_not_by_their_number(library, faces, is_whole):
    """The library that is restored has given the same ids to others in the meantime."""
    (first,) = faces.add(1)
    naming.name(library, f"f{first}", "Anna")
    keep_copy(library)
    (late,) = faces.add(1)
    naming.name(library, f"f{late}", "Berta")
    library.close()
    folder = library.folder
    wreck = folder.with_name("wreck.sqlite3")
    shutil.copy(folder / LIBRARY_FILE, wreck)
    restoring.restore_latest(folder)
    with Library(folder) as again:
        faces.library = again
        faces.made = 50
        (stranger,) = faces.add(1)
        assert stranger == late
        naming.name(again, f"f{stranger}", "Zoe")
        keep_copy(again)
    shutil.copy(wreck, folder / LIBRARY_FILE)
    damage(folder, "cluster")
    assert doctor.repair(folder).after.sound
    assert named(folder) == {"Anna": 1, "Berta": 1, "Zoe": 1}
    with Library(folder) as again:
        assert is_whole(again)
        shown = {group.name: group.cover for group in browse.groups(again)}
        path = {name: browse.faces_by_id(again, [face])[0].path for name, face in shown.items()}
    assert path == {
        "Anna": Path("/photos/1.jpg"),
        "Berta": Path("/photos/2.jpg"),
        "Zoe": Path("/photos/51.jpg"),
    }


def test_what_was_decided_after_the_damage_stays(library, faces, is_whole):
    (face,) = faces.add(1)
    naming.name(library, f"f{face}", "Anna")
    keep_copy(library)
    naming.name(library, "p1", "Annette")
    library.close()
    folder = library.folder
    damage(folder, "cluster")
    restoring.restore_latest(folder)
    with Library(folder) as again:
        naming.name(again, "p1", "Anneliese")
    diagnosis = doctor.examine(folder)
    assert [finding.check for finding in diagnosis.findings] == ["damaged files"]
    assert doctor.repair(folder).after.sound
    assert named(folder) == {"Anneliese": 1}
    with Library(folder) as again:
        assert is_whole(again)


def test_a_damaged_file_is_taken_over_once(library, ids):
    library.close()
    damage(library.folder, "cluster")
    doctor.repair(library.folder)
    with Library(library.folder) as again:
        before = len(history.entries(again))
    assert doctor.examine(library.folder).sound
    assert doctor.repair(library.folder).taken is None
    with Library(library.folder) as again:
        assert len(history.entries(again)) == before


def test_people_of_an_older_schema_are_not_doubled(repository, tmp_path):
    """An upgrade gives people new uids; their backup is from before it."""
    folder = tmp_path / "library"
    restoring.restore(folder, repository / "tests" / "data" / "library-0001.sqlite3")
    before = named(folder)
    damage(folder, "cluster")
    assert doctor.repair(folder).restored.name.startswith("schema-0001")
    assert named(folder) == before


def test_rows_between_bad_pages_are_read(library, tmp_path):
    """Against reading every row by itself."""
    library.close()
    path = shutil.copy(library.folder / LIBRARY_FILE, tmp_path / "large.sqlite3")
    with closing(sqlite3.connect(path)) as connection, connection:
        text = "x" * 200
        connection.executemany(
            "INSERT INTO failure VALUES (?, ?, 1, 1, ?, 0)",
            [(number, f"{number}.jpg", text) for number in range(1, 4001)],
        )
        connection.executemany(
            "INSERT INTO change VALUES (?, 4, ?, 0, ?, 0)",
            [(1 + number // 500, number, number) for number in range(6000)],
        )
        connection.execute(
            "INSERT INTO entry (id, kind, status, made_at, details) VALUES (1, 'x', 'x', 'x', 'x')"
        )
    data = path.read_bytes()
    leaves = [
        page
        for page in range(len(data) // PAGE_SIZE)
        if data[page * PAGE_SIZE] in (10, 13) and text.encode() in page_of(data, page)
    ]
    assert len(leaves) > 50
    spoil(path, leaves[0], leaves[20], leaves[21], leaves[-1])
    with closing(sqlite3.connect(path)) as connection:
        alone = {number for number in range(1, 4001) if can_be_read(connection, number)}
    with salvage.open_wreck(path) as wreck:
        assert {row["id"] for row in wreck.rows("failure")} == alone
        changes = [(row["entry_id"], row["a"]) for row in wreck.rows("change")]
    assert 3500 < len(alone) < 4000
    assert len(changes) == len(set(changes)) == 6000


def page_of(data: bytes, page: int) -> bytes:
    return data[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]


def can_be_read(connection: sqlite3.Connection, number: int) -> bool:
    try:
        query = "SELECT reason FROM failure WHERE id = ?"
        return connection.execute(query, (number,)).fetchone() is not None
    except sqlite3.DatabaseError:
        return False
