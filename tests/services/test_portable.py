"""A library beside its photos, on a drive that comes back elsewhere."""

import shutil
import stat
from pathlib import Path, PureWindowsPath

import pytest
from PIL import Image

from photoclust.core.errors import UserError
from photoclust.core.paths import PORTABLE_FILE, PORTABLE_FOLDER
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
