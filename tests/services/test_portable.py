"""A library beside its photos, on a drive that comes back elsewhere."""

import contextlib
import json
import shutil
import stat
import subprocess
from pathlib import Path, PureWindowsPath

import pytest
from PIL import Image

from photoclust.core.errors import LibraryError, UserError
from photoclust.core.paths import LIBRARY_FILE, PORTABLE_FILE, PORTABLE_FOLDER
from photoclust.core.settings import Settings
from photoclust.media.scan import walk
from photoclust.services import browse, ingest, opening, portable
from photoclust.store import files as file_store

SETTINGS = Settings(workers=1)


@pytest.fixture
def drive(tmp_path):
    """A drive with photos and a library beside them."""
    photos = tmp_path / "usb" / "Photos"
    (photos / "Rom").mkdir(parents=True)
    for number, name in enumerate(("Rom/a.png", "b.png")):
        Image.new("L", (64, 64 + number), 90 + number).save(photos / name)
    portable.make(photos)
    with opening.open_library(photos / PORTABLE_FOLDER).library as library:
        ingest.ingest(library, [photos], SETTINGS)
    return tmp_path / "usb"


def paths_of(folder):
    with opening.open_library(folder).library as library:
        with library.read() as tx:
            roots = file_store.folders(tx)
        return roots, {photo.paths[0] for photo in browse.photos(library)}


def test_the_drive_works_wherever_it_is(drive, tmp_path):
    other = tmp_path / "media" / "me" / "STICK"
    other.parent.mkdir(parents=True)
    drive.rename(other)
    photos = other / "Photos"
    roots, found = paths_of(photos / PORTABLE_FOLDER)
    assert roots == [photos]
    assert found == {photos / "Rom" / "a.png", photos / "b.png"}
    with opening.open_library(photos / PORTABLE_FOLDER).library as library:
        report = ingest.ingest(library, [photos], SETTINGS)
    assert (report.photos, report.unchanged, report.deleted) == (0, 2, 0)
    # And back again, where it was before.
    other.rename(drive)
    assert paths_of(drive / "Photos" / PORTABLE_FOLDER)[0] == [drive / "Photos"]


def test_a_drive_that_windows_used_last_works(drive):
    photos = drive / "Photos"
    with opening.open_library(photos / PORTABLE_FOLDER).library as library:
        with library.write() as tx:
            tx.exec_driver_sql(
                "UPDATE file SET path = 'E:\\Photos\\' || replace(substr(path, ?), '/', '\\')",
                (len(str(photos)) + 2,),
            )
            tx.exec_driver_sql("UPDATE folder SET path = 'E:\\Photos'")
        portable._write(library.folder, PureWindowsPath("E:\\Photos"))
    roots, found = paths_of(photos / PORTABLE_FOLDER)
    assert roots == [photos]
    assert found == {photos / "Rom" / "a.png", photos / "b.png"}


def test_a_copy_of_the_folder_is_a_library_of_its_own(drive, tmp_path):
    shutil.copytree(drive, tmp_path / "copy")
    copied = tmp_path / "copy" / "Photos"
    assert paths_of(copied / PORTABLE_FOLDER)[0] == [copied]
    assert paths_of(drive / "Photos" / PORTABLE_FOLDER)[0] == [drive / "Photos"]


def test_the_library_is_hidden_private_and_not_scanned(drive):
    folder = drive / "Photos" / PORTABLE_FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / PORTABLE_FILE).stat().st_mode) == 0o600
    Image.new("L", (64, 64)).save(folder / "thumbnail.png")
    found = {stat.path.name for stat in walk([drive / "Photos"], ())}
    assert found == {"a.png", "b.png"}


def test_there_is_one_beside_the_photos_at_most(drive, tmp_path):
    with pytest.raises(UserError, match="already"):
        portable.make(drive / "Photos")
    with pytest.raises(UserError, match="is no folder"):
        portable.make(tmp_path / "nowhere")


def test_an_unreadable_note_of_the_place_changes_nothing(drive, tmp_path):
    folder = drive / "Photos" / PORTABLE_FOLDER
    (folder / PORTABLE_FILE).write_text("[")
    moved = Path(shutil.move(drive, tmp_path / "elsewhere"))
    roots, _ = paths_of(moved / "Photos" / PORTABLE_FOLDER)
    assert roots == [drive / "Photos"]


def windows(folder):
    """Let the library in `folder` be as Windows would have left it on `D:`."""
    with opening.open_library(folder).library as library, library.write() as tx:
        for table in ("file", "folder"):
            tx.exec_driver_sql(
                f"UPDATE {table} SET path = 'D:\\Photos' || replace(substr(path, ?), '/', '\\')",
                (len(str(folder.parent)) + 1,),
            )
    (folder / PORTABLE_FILE).write_text(json.dumps({"photos": "D:\\Photos"}))


@pytest.mark.parametrize("system", ["the same", "Windows"])
def test_on_a_medium_that_cannot_be_written_paths_are_shown_as_they_are(
    drive, tmp_path, mount, system
):
    if system == "Windows":
        windows(drive / "Photos" / PORTABLE_FOLDER)
    disc = mount(tmp_path / "disc", "--bind", str(drive))
    subprocess.run(["mount", "-o", "remount,ro,bind", str(disc)], check=True)
    photos = disc / "Photos"
    folder = photos / PORTABLE_FOLDER
    before = (folder / LIBRARY_FILE).read_bytes()
    for look_only in (False, True):
        opened = opening.open_library(folder, look_only=look_only)
        with opened.library as library:
            if not look_only:
                assert "can be looked at but not changed" in opened.notes[0]
            assert browse.overview(library).folders == (photos,)
            found = {photo.paths[0] for photo in browse.photos(library)}
            assert found == {photos / "Rom" / "a.png", photos / "b.png"}
            assert browse.photos_at(library, [photos / "b.png"]) != [None]
            with library.read() as tx:
                assert len(list(file_store.known_below(tx, photos / "Rom"))) == 1
            with pytest.raises(LibraryError):
                library.require_writable()
    assert (folder / LIBRARY_FILE).read_bytes() == before


def test_a_drive_that_goes_while_its_library_is_open_loses_nothing(drive, tmp_path):
    folder = drive / "Photos" / PORTABLE_FOLDER
    with opening.open_library(folder).library as library:
        drive.rename(tmp_path / "unplugged")
        with pytest.raises(LibraryError), _another_connection(library):
            pass
        (tmp_path / "unplugged").rename(drive)
        assert len(browse.photos(library)) == 2
    assert paths_of(folder)[0] == [drive / "Photos"]


@contextlib.contextmanager
def _another_connection(library):
    """What is read by a connection that is made now."""
    library._engine.dispose()
    with library.read() as tx:
        yield tx
