"""What the doctor notices, and what it mends."""

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from photoclust.core.errors import LibraryError, UserError
from photoclust.core.paths import BACKUPS, LIBRARY_FILE, THUMBNAILS
from photoclust.core.types import EntryStatus
from photoclust.media.thumbnails import ThumbnailCache
from photoclust.services import browse, deciding, doctor, forgetting, naming
from photoclust.store import backups, cluster_table, files, journal, wiping
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import PAGE_SIZE, Library

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")


@pytest.fixture(scope="module")
def sound(faces_below, tmp_path_factory):
    """A sound library: Anna (p1), Berta (p2), a group, a face nobody decided on."""
    faces = faces_below(tmp_path_factory.mktemp("sound"))
    library = faces.library
    ids = faces.add(8)
    with library.write() as tx:
        contents = [ClusterContent(None, None, ids[:3]), ClusterContent(None, None, ids[3:6])]
        cluster_table.replace_clusters(tx, contents)
    naming.name(library, "g1", "Anna")
    naming.name(library, f"f{ids[6]}", "Berta")
    deciding.reject(library, [f"f{ids[0]}"])
    library.run_outside(lambda connection: backups.rotate(connection, library.folder))
    library.close()
    return faces


@pytest.fixture
def folder(library, faces, sound, fill):
    """The folder of what is in `sound`, a library of one's own."""
    faces.begin_as(sound, fill)
    library.close()
    return library.folder


def run_sql(folder: Path, *statements: str) -> None:
    """Change a library behind its back."""
    with closing(sqlite3.connect(folder / LIBRARY_FILE)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def found(folder: Path) -> dict[str, bool]:
    """The checks that found something, and whether it can be mended."""
    return {finding.check: finding.mendable for finding in doctor.examine(folder).findings}


def summary(folder: Path) -> list[tuple[str | None, int]]:
    with Library(folder) as library:
        return [(group.name, group.faces) for group in browse.groups(library)]


def test_a_sound_library_is_left_alone(folder):
    before = hashlib.sha256((folder / LIBRARY_FILE).read_bytes()).digest()
    assert doctor.examine(folder).sound
    assert hashlib.sha256((folder / LIBRARY_FILE).read_bytes()).digest() == before
    done = doctor.repair(folder)
    assert done.before.sound
    assert done.copy is None
    assert len(backups.listed(folder)) == 1


COPY_FACE = (
    "INSERT INTO face (photo_id, x, y, w, h, landmarks, score, quality) "
    "SELECT photo_id, x, y, w, h, landmarks, score, quality FROM face WHERE id = {}"
)

VERDICT = "INSERT INTO recognition VALUES ({}, {}, 0.9, 0.8, {}, 0.7, 0.1, 0, {})"
"""A face that is asked about: who it may be, who comes second, and the run that named it."""

START_RUN = (
    "INSERT INTO entry (kind, status, made_at, details) "
    "VALUES ('scan', 'running', '2024-01-01 00:00:00.000000', '{}')"
)


@pytest.mark.parametrize(
    ("check", "statements"),
    [
        ("references", ["DELETE FROM face WHERE id = 8"]),
        ("references", ["DELETE FROM photo WHERE id = 8"]),
        ("references", ["INSERT INTO vector VALUES (99, 1, x'00', NULL)"]),
        ("references", ["UPDATE face SET cluster_id = 99 WHERE id = 8"]),
        ("references", ["DELETE FROM person WHERE id = 2"]),
        ("references", ["INSERT INTO change VALUES (99, 3, 1, 0, 1, 0)"]),
        ("references", ["INSERT INTO change SELECT id, 6, 99, 0, 1, 0 FROM entry LIMIT 1"]),
        ("references", ["INSERT INTO change SELECT id, 8, 99, 0, 1, 0 FROM entry LIMIT 1"]),
        ("references", ["INSERT INTO change SELECT id, 9, 99, 0, 1, 0 FROM entry LIMIT 1"]),
        ("references", ["INSERT INTO proposal_face VALUES (8, 99, 1)"]),
        ("references", ["INSERT INTO proposal_face VALUES (99, 1, 1)"]),
        ("references", [VERDICT.format(99, 1, "NULL", "NULL")]),
        ("references", [VERDICT.format(8, 99, "NULL", "NULL")]),
        ("references", [VERDICT.format(8, 1, 99, "NULL")]),
        ("references", [VERDICT.format(8, 1, "NULL", 99)]),
        ("counts", [VERDICT.format(8, 1, "NULL", 1), "UPDATE face SET person_id = 1 WHERE id = 8"]),
        ("decisions", ["UPDATE photo SET repeats = 1"]),
        ("decisions", ["INSERT INTO folder_rule (path, repeats) VALUES ('/photos', 1)"]),
        ("decisions", ["DELETE FROM confirmation"]),
        ("decisions", ["UPDATE person SET name = 'Mallory'"]),
        ("decisions", ["UPDATE face SET excluded = 1"]),
        ("decisions", ["INSERT INTO rejection VALUES (8, 1)"]),
        ("counts", ["UPDATE person SET face_count = 99"]),
        ("counts", ["UPDATE cluster SET cover_id = 1"]),
        ("counts", ["UPDATE face SET person_id = NULL"]),
        ("counts", ["UPDATE face SET confirmed = 1"]),
        ("vectors", ["UPDATE vector SET data = x'0000' WHERE face_id = 8"]),
        ("vectors", ["UPDATE vector SET data = zeroblob(1024) WHERE face_id = 8"]),
        ("photos", ["INSERT INTO photo (width, height, turn, detector) VALUES (1, 1, 0, 'x')"]),
        ("duplicates", [COPY_FACE.format(8)]),
        ("duplicates", [COPY_FACE.format(1)]),
        (
            "runs",
            [START_RUN],
        ),
    ],
)
def test_what_is_wrong_with_the_data_is_noticed_and_mended(folder, is_whole, check, statements):
    before = summary(folder)
    run_sql(folder, *statements)
    assert found(folder)[check] is True
    done = doctor.repair(folder)
    assert not done.before.sound
    assert done.after.sound, done.after.findings
    assert done.copy is not None
    assert done.copy.name.startswith("before-repair-")
    named = [group for group in before if group[0]]
    assert [group for group in summary(folder) if group[0]] == named
    with Library(folder) as library:
        assert is_whole(library)


def test_a_vector_that_is_not_finite_is_dropped_and_its_photo_looked_at_again(folder, faces):
    data = np.full(512, np.nan, np.float16).tobytes().hex()
    run_sql(folder, f"UPDATE vector SET data = x'{data}' WHERE face_id = 8")
    assert found(folder) == {"vectors": True}
    assert doctor.repair(folder).after.sound
    with Library(folder) as library, library.read() as tx:
        stats = files.sample_below(tx, Path("/photos"), 100)
        assert len(stats) == 8
        changed = "SELECT photo_id FROM file WHERE hash = x''"
        assert tx.exec_driver_sql(changed).scalars().all() == [8]


def test_of_two_equal_faces_the_decided_one_stays(folder):
    run_sql(folder, COPY_FACE.format(1))
    doctor.repair(folder)
    with Library(folder) as library, library.read() as tx:
        ids = tx.exec_driver_sql("SELECT id FROM face WHERE photo_id = 1").scalars().all()
    assert ids == [1]


def test_equal_faces_with_decisions_about_both_are_left_to_the_user(folder):
    run_sql(folder, COPY_FACE.format(1))
    with Library(folder) as library:
        naming.name(library, "f9", "Clara")
    assert found(folder)["duplicates"] is False
    done = doctor.repair(folder)
    assert [finding.check for finding in done.after.findings] == ["duplicates"]
    with Library(folder) as library:
        assert len(browse.faces_by_id(library, [1, 9])) == 2


def test_leftovers_are_swept(folder):
    cache = ThumbnailCache(folder / THUMBNAILS)
    cache.put("99", b"a face that is gone")
    cache.put("photo-99", b"a photo that is gone")
    cache.put("photo-1", b"a photo")
    left = folder / BACKUPS / ".daily.sqlite3x.tmp"
    left.write_bytes(b"half a copy")
    left.chmod(0o600)
    os.utime(left, (10**9, 10**9))
    assert found(folder) == {"thumbnails": True, "temporary files": True}
    assert doctor.repair(folder).after.sound
    assert not left.exists()
    assert set(cache.every_key()) == {*map(str, range(1, 9)), "photo-1"}


@POSIX
def test_what_others_can_read_is_closed(folder):
    folder.chmod(0o755)
    (folder / LIBRARY_FILE).chmod(0o644)
    next((folder / BACKUPS).iterdir()).chmod(0o640)
    assert "permissions" in found(folder)
    done = doctor.repair(folder)
    assert done.after.sound
    for path in (folder, *folder.rglob("*")):
        assert not path.stat().st_mode & 0o077, path


@POSIX
def test_photos_beside_the_library_stay_open(folder):
    photo = folder / "photo.jpg"
    photo.write_bytes(b"")
    photo.chmod(0o644)
    folder.chmod(0o755)
    assert doctor.examine(folder).sound
    doctor.repair(folder)
    assert (folder.stat().st_mode & 0o777, photo.stat().st_mode & 0o777) == (0o755, 0o644)


def test_what_only_the_user_can_mend_is_told(folder, tmp_path):
    with Library(folder) as library, library.write() as tx:
        files.add_folders(tx, [tmp_path / "gone"])
        tx.exec_driver_sql("UPDATE model SET name = 'unknown'")
    (copy,) = backups.listed(folder)
    copy.write_bytes(copy.read_bytes()[:10000])
    assert found(folder) == {"own models": False, "folders": False, "backups": False}
    texts = [finding.text for finding in doctor.examine(folder).findings]
    assert any(str(tmp_path / "gone") in text for text in texts)


def test_a_damaged_model_of_the_program_is_told(folder, monkeypatch):
    def broken(spec):
        raise doctor.health.ModelError(f"the model file of {spec.id} is damaged")

    monkeypatch.setattr(doctor.health.models, "verify", broken)
    assert found(folder) == {"models": False}


def test_a_disk_without_room_for_a_copy_is_told(folder, monkeypatch):
    monkeypatch.setattr(doctor.health, "free_bytes", lambda _: 1000)
    assert found(folder) == {"room": False}


def test_a_library_without_a_backup_gets_one(folder):
    backups.remove_all(folder)
    assert found(folder) == {"backups": True}
    assert doctor.repair(folder).after.sound
    assert backups.listed(folder)


def test_a_forgetting_that_was_cut_off_is_finished(folder, monkeypatch):
    with Library(folder) as library, monkeypatch.context() as patch:
        patch.setattr(wiping, "scrub", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            forgetting.forget_person(library, "p1")
        with library.write() as tx:
            journal.close_unfinished(tx)
    assert found(folder)["runs"] is True
    done = doctor.repair(folder)
    assert done.after.sound
    assert b"Anna" not in (folder / LIBRARY_FILE).read_bytes()


def test_a_run_of_another_process_is_not_called_cut_off(folder):
    with Library(folder) as library:
        with library.write() as tx:
            journal.start_run(tx, "scan", {})
        assert doctor.examine(folder).sound
        with library.write() as tx:
            journal.end_run(tx, journal.last_run(tx, "scan").id, EntryStatus.DONE)


def test_a_library_that_is_open_is_not_mended(folder):
    with Library(folder), pytest.raises(LibraryError, match="another photoclust has it open"):
        doctor.repair(folder)


def test_where_there_is_no_library_there_is_nothing_to_examine(tmp_path):
    for look in (doctor.examine, doctor.repair):
        with pytest.raises(UserError, match="there is no library"):
            look(tmp_path)
    assert list(tmp_path.glob("library*")) == []


def test_a_page_full_of_faults_is_told_in_a_few_lines(library, faces):
    faces.add(3)
    library.close()
    path = library.path
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_face_photo_id'"
        (page,) = connection.execute(query).fetchone()
    data = bytearray(path.read_bytes())
    start = (page - 1) * PAGE_SIZE
    data[start + 100 : start + PAGE_SIZE] = bytes(PAGE_SIZE - 100)
    path.write_bytes(data)
    found = [each for each in doctor.examine(library.folder).findings if each.check == "file"]
    assert 1 <= len(found) <= 4
    assert not any("\n" in each.text or "***" in each.text for each in found)
