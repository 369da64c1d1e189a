"""Backups and their return."""

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import zipfile
from pathlib import Path

import pytest

from photoclust.core.errors import DamagedLibraryError, LibraryError, UserError
from photoclust.core.paths import BACKUPS, LIBRARY_FILE, OWN_MODELS, THUMBNAILS
from photoclust.services import archive, browse, naming, restoring
from photoclust.services.opening import open_library
from photoclust.store import backups
from photoclust.store.database import Library

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "config" / "settings.json"
    path.parent.mkdir()
    path.write_text('{"theme": "dark"}')
    return path


def names(folder: Path) -> list[str | None]:
    with open_library(folder).library as opened:
        return [group.name for group in browse.groups(opened)]


@pytest.fixture
def saved(library, faces, settings, tmp_path):
    """An archive of a library with Anna, a model and settings; Berta came later."""
    one, other = faces.add(2)
    naming.name(library, f"f{one}", "Anna")
    model = library.folder / OWN_MODELS / "mine" / "model.onnx"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"weights")
    target = tmp_path / "usb" / "backup.zip"
    target.parent.mkdir()
    archive.backup(library, target, settings)
    naming.name(library, f"f{other}", "Berta")
    return target


def rewrite(path: Path, change) -> None:
    """Make the archive at `path` anew from its members, changed by `change`."""
    with zipfile.ZipFile(path) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in members.items():
            packed.writestr(name, data)


def with_manifest(members: dict[str, bytes], change) -> None:
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    members["manifest.json"] = json.dumps(manifest).encode()


# What a backup holds


def test_an_archive_lists_what_is_in_it(saved):
    with zipfile.ZipFile(saved) as packed:
        assert all(info.compress_type == zipfile.ZIP_STORED for info in packed.infolist())
        manifest = json.loads(packed.read("manifest.json"))
        assert set(manifest["members"]) == {
            LIBRARY_FILE,
            "models/mine/model.onnx",
            "settings.json",
        }
        for name, member in manifest["members"].items():
            data = packed.read(name)
            assert member == {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    assert (manifest["photos"], manifest["faces"], manifest["people"]) == (2, 2, 1)


@POSIX
def test_only_the_owner_can_read_an_archive(saved):
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600


def test_a_file_that_exists_is_overwritten_only_by_force(library, saved, settings):
    before = saved.read_bytes()
    with pytest.raises(UserError, match="--force"):
        archive.backup(library, saved, settings)
    assert saved.read_bytes() == before
    assert archive.backup(library, saved, settings, force=True).people == 2


@pytest.mark.parametrize("place", ["", "backups", "models/mine", "thumbnails"])
def test_no_backup_is_written_into_a_library(library, saved, settings, place):
    folder = library.folder / place
    folder.mkdir(parents=True, exist_ok=True)
    with pytest.raises(UserError, match="lies in the library"):
        archive.backup(library, folder / "backup.zip", settings)


def test_a_library_among_photos_leaves_their_folders_to_backups(library, settings):
    other = library.folder / "holiday"
    other.mkdir()
    assert archive.backup(library, other / "backup.zip", settings).photos == 0


def test_a_backup_that_cannot_be_written_leaves_nothing(library, saved, settings, monkeypatch):
    before = set(saved.parent.rglob("*"))
    kept = set(library.folder.rglob("*"))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.os, "fsync", full)
    with pytest.raises(UserError, match="No space left"):
        archive.backup(library, saved.with_name("other.zip"), settings)
    assert set(saved.parent.rglob("*")) == before
    assert {path for path in library.folder.rglob("*") if ".tmp" in path.name} <= kept


# Bringing one back


def test_an_archive_comes_back_and_what_was_there_is_kept(library, saved):
    library.close()
    done = restoring.restore(library.folder, saved)
    assert (done.photos, done.faces, done.people, done.models) == (2, 2, 1, 1)
    assert "Berta" not in names(library.folder)
    assert "Anna" in names(library.folder)
    restoring.restore(library.folder, done.aside)
    assert {"Anna", "Berta"} <= set(names(library.folder))


def test_the_newest_copy_comes_back(library, faces):
    (face,) = faces.add(1)
    naming.name(library, f"f{face}", "Anna")
    library.run_outside(lambda connection: backups.keep(connection, library.folder, "daily"))
    naming.name(library, "p1", "Berta")
    library.close()
    restoring.restore_latest(library.folder)
    assert names(library.folder) == ["Anna"]


def test_a_damaged_copy_is_passed_over_for_an_older_one(library, faces):
    (face,) = faces.add(1)
    naming.name(library, f"f{face}", "Anna")
    made = []
    for label in ("one", "two"):
        library.run_outside(
            lambda connection, label=label: made.append(
                backups.keep(connection, library.folder, label)
            )
        )
    os.utime(made[0], (10**9, 10**9))
    made[1].write_bytes(made[1].read_bytes()[:9000])
    library.close()
    done = restoring.restore_latest(library.folder)
    assert (done.source, done.skipped) == (made[0], (made[1],))


def test_without_a_copy_there_is_nothing_to_bring_back(library):
    library.close()
    with pytest.raises(UserError, match="holds no backup"):
        restoring.restore_latest(library.folder)


@pytest.mark.parametrize("damage", ["missing", "empty", "garbage", "cut"])
def test_a_backup_comes_back_over_a_damaged_library(library, saved, damage):
    library.close()
    path = library.folder / LIBRARY_FILE
    data = {"missing": b"", "empty": b"", "garbage": b"x" * 5000, "cut": path.read_bytes()[:20000]}
    path.write_bytes(data[damage])
    if damage == "missing":
        path.unlink()
    done = restoring.restore(library.folder, saved)
    assert names(library.folder) == ["Anna"]
    assert done.was_damaged == (damage in {"garbage", "cut"})
    if done.was_damaged:
        assert (done.aside / LIBRARY_FILE).read_bytes() == data[damage]


def test_what_a_crash_left_in_the_log_is_put_aside_too(library, saved, tmp_path):
    """A process that is killed leaves decisions in the write-ahead log only."""
    crashed = tmp_path / "crashed"
    shutil.copytree(library.folder, crashed)
    assert (crashed / f"{LIBRARY_FILE}-wal").stat().st_size > 0
    done = restoring.restore(crashed, saved)
    assert names(crashed) == ["Anna"]
    assert not done.was_damaged
    restoring.restore(crashed, done.aside)
    assert {"Anna", "Berta"} <= set(names(crashed))


def test_thumbnails_of_other_faces_do_not_come_back(library, saved):
    library.close()
    assert any((library.folder / THUMBNAILS).rglob("*.jpg"))
    restoring.restore(library.folder, saved)
    assert not any((library.folder / THUMBNAILS).rglob("*.jpg"))


def test_models_come_back_and_those_there_are_kept(library, saved):
    library.close()
    model = library.folder / OWN_MODELS / "mine" / "model.onnx"
    model.write_bytes(b"other weights")
    restoring.restore(library.folder, saved)
    assert model.read_bytes() == b"weights"
    kept = list((library.folder / BACKUPS).rglob("model.onnx"))
    assert [path.read_bytes() for path in kept] == [b"other weights"]


def test_settings_come_back_when_asked_for(library, saved, settings):
    library.close()
    settings.write_text('{"theme": "light"}')
    assert not restoring.restore(library.folder, saved).settings
    assert json.loads(settings.read_text()) == {"theme": "light"}
    assert restoring.restore(library.folder, saved, settings=settings).settings
    assert json.loads(settings.read_text()) == {"theme": "dark"}


def test_a_library_that_is_open_is_not_replaced(library, saved):
    with pytest.raises(LibraryError, match="another photoclust has it open"):
        restoring.restore(library.folder, saved)


def test_a_library_that_is_looked_at_is_not_replaced(library, saved, monkeypatch):
    library.close()
    with Library(library.folder, look_only=True) as looked, looked.read() as tx:
        tx.exec_driver_sql("SELECT count(*) FROM face").all()
        monkeypatch.setattr(backups, "BUSY_TIMEOUT_S", 0.01)
        with pytest.raises(LibraryError, match="close every photoclust"):
            restoring.restore(library.folder, saved)
    assert {"Anna", "Berta"} <= set(names(library.folder))


# What is refused, with nothing changed


def refused(library, saved, error=UserError, match="") -> None:
    library.close()
    before = (library.folder / LIBRARY_FILE).read_bytes()
    with pytest.raises(error, match=match):
        restoring.restore(library.folder, saved)
    assert (library.folder / LIBRARY_FILE).read_bytes() == before
    assert not list(library.folder.glob(".restore*"))


def test_a_changed_member_is_refused(library, saved):
    def change(members):
        data = bytearray(members[LIBRARY_FILE])
        data[5000] ^= 1
        members[LIBRARY_FILE] = bytes(data)

    rewrite(saved, change)
    refused(library, saved, LibraryError, "is not what it was")


@pytest.mark.parametrize("cut", [100, 9000, -30])
def test_a_cut_archive_is_refused(library, saved, cut):
    saved.write_bytes(saved.read_bytes()[:cut])
    refused(library, saved, LibraryError, "damaged")


@pytest.mark.parametrize(
    "name",
    ["../evil", "models/../../evil", "/etc/evil", "models", "C:evil", "models/a\\b", "models//x"],
)
def test_a_member_of_another_name_is_refused(library, saved, name, tmp_path):
    def change(members):
        members[name] = b"evil"
        found = {"sha256": hashlib.sha256(b"evil").hexdigest(), "size": 4}
        with_manifest(members, lambda manifest: manifest["members"].update({name: found}))

    rewrite(saved, change)
    refused(library, saved, LibraryError, "no backup of photoclust")
    assert not list(tmp_path.rglob("evil"))


def test_more_data_than_the_manifest_says_is_refused(library, saved):
    def change(members):
        members["models/mine/model.onnx"] = bytes(10**7)

    rewrite(saved, change)
    refused(library, saved, LibraryError, "is not what it was")


@pytest.mark.parametrize("key", ["format", "schema"])
def test_a_backup_of_a_newer_photoclust_is_refused(library, saved, key):
    def change(members):
        if key == "format":
            with_manifest(members, lambda manifest: manifest.update(format=2))
            return
        path = saved.with_name("newer.sqlite3")
        path.write_bytes(members[LIBRARY_FILE])
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
        members[LIBRARY_FILE] = data = path.read_bytes()
        found = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        with_manifest(members, lambda manifest: manifest["members"].update({LIBRARY_FILE: found}))

    rewrite(saved, change)
    refused(library, saved, LibraryError, "newer")


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"format": "x"}'])
def test_an_odd_manifest_is_refused(library, saved, text):
    rewrite(saved, lambda members: members.update({"manifest.json": text.encode()}))
    refused(library, saved, LibraryError, "no backup of photoclust")


def test_other_files_are_refused(library, saved, tmp_path):
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(b"\xff\xd8 a picture")
    refused(library, picture, UserError, "no backup")
    refused(library, tmp_path / "nowhere.zip", UserError, "cannot be read")
    other = tmp_path / "other.sqlite3"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE other (id)")
    connection.close()
    refused(library, other, LibraryError, "not a photoclust library")


def test_a_damaged_copy_is_refused(library, saved, tmp_path):
    library.close()
    copy = shutil.copy(library.folder / LIBRARY_FILE, tmp_path / "copy.sqlite3")
    data = bytearray(copy.read_bytes())
    data[8192 * 3 : 8192 * 4] = b"\xff" * 8192
    copy.write_bytes(data)
    refused(library, copy, DamagedLibraryError, "copy.sqlite3 is damaged.*nothing was changed")


def test_an_old_library_comes_back_and_is_upgraded(repository, tmp_path):
    old = repository / "tests" / "data" / "library-0001.sqlite3"
    done = restoring.restore(tmp_path / "library", old)
    assert done.people == 4
    with Library(tmp_path / "library", look_only=True) as looked:
        assert len(browse.groups(looked)) > 0
    assert "José Weiß" in names(tmp_path / "library")
