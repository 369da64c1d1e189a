"""Photos copied out of the library: whole, never over another file, and without the place."""

import os

import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.services import browse, copying
from photoclust.services.ingest import ingest
from photoclust.store.database import Library

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def originals(tmp_path):
    """Two photos of one name and one more, all with a place."""
    exif = Image.Exif()
    exif[Base.Make] = "Canon"
    exif.get_ifd(IFD.GPSInfo).update({1: "N", 2: (48.0, 8.0, 14.1), 3: "E", 4: (11.0, 34.0, 31.0)})
    paths = []
    for number, name in enumerate(("a/one.jpg", "b/one.jpg", "b/zwölf.jpg")):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 48 + number), (40 * number, 90, 120)).save(path, exif=exif)
        os.utime(path, (10**9 + number, 10**9 + number))
        paths.append(path)
    return paths


@pytest.fixture
def library(tmp_path, originals):
    with Library(tmp_path / "library") as library:
        ingest(library, [tmp_path / "photos"], Settings(workers=1))
        yield library


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "for grandma"
    folder.mkdir()
    return folder


def test_copies_are_the_same_bytes_with_the_same_time(library, originals, target):
    copied = copying.copy_photos(library, browse.photo_ids(library), target)
    assert not copied.failed
    assert sorted(path.name for path in copied.files) == ["one (2).jpg", "one.jpg", "zwölf.jpg"]
    assert sorted(path.read_bytes() for path in copied.files) == sorted(
        path.read_bytes() for path in originals
    )
    times = {path.stat().st_mtime for path in copied.files}
    assert times == {path.stat().st_mtime for path in originals}


def test_nothing_is_ever_overwritten(library, target):
    (target / "one.jpg").write_text("mine")
    (target / "one (2).jpg").write_text("mine too")
    copied = copying.copy_photos(library, browse.photo_ids(library), target)
    assert (target / "one.jpg").read_text() == "mine"
    assert (target / "one (2).jpg").read_text() == "mine too"
    assert {path.name for path in copied.files} == {"one (3).jpg", "one (4).jpg", "zwölf.jpg"}


def test_without_the_place_the_originals_keep_theirs(library, originals, target):
    copied = copying.copy_photos(library, browse.photo_ids(library), target, with_place=False)
    assert len(copied.files) == 3
    for path in copied.files:
        with Image.open(path) as image:
            assert not image.getexif().get_ifd(IFD.GPSInfo)
            assert image.getexif()[Base.Make] == "Canon"
    for path in originals:
        with Image.open(path) as image:
            assert image.getexif().get_ifd(IFD.GPSInfo)


def test_what_cannot_be_cleaned_is_told_and_not_copied(library, originals, target):
    originals[2].write_bytes(originals[2].read_bytes() + b"\0\0\0\x18ftypmp42")
    copied = copying.copy_photos(library, browse.photo_ids(library), target, with_place=False)
    (failure,) = copied.failed
    assert failure.path == originals[2]
    assert "video" in failure.reason
    assert sorted(path.name for path in target.iterdir()) == ["one (2).jpg", "one.jpg"]


def test_a_file_that_is_gone_is_told(library, originals, target):
    originals[2].unlink()
    copied = copying.copy_photos(library, browse.photo_ids(library), target)
    assert [failure.path for failure in copied.failed] == [originals[2]]
    assert len(copied.files) == 2


def test_a_folder_that_is_not_there_is_refused(library, target):
    with pytest.raises(UserError, match="no folder"):
        copying.copy_photos(library, browse.photo_ids(library), target / "other")


def test_cancel_keeps_whole_files_only(library, originals, target, monkeypatch):
    monkeypatch.setattr(copying, "_BLOCK", 16)
    control = JobControl()
    seen = []

    def checkpoint():
        seen.append(True)
        if len(seen) == 40:
            control.cancel()
        JobControl.checkpoint(control)

    monkeypatch.setattr(control, "checkpoint", checkpoint)
    with pytest.raises(CancelledError):
        copying.copy_photos(library, browse.photo_ids(library), target, control=control)
    contents = {path.read_bytes() for path in originals}
    assert all(path.read_bytes() in contents for path in target.iterdir())
    assert len(list(target.iterdir())) < 3
