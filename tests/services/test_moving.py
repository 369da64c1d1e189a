"""A library that came from another computer: its photos are found and nothing is read again."""

import os
import shutil
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from PIL import Image
from sqlalchemy import update

from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.services import browse, ingest, moving, naming, places
from photoclust.store import schema
from photoclust.store.database import Library

SETTINGS = Settings(workers=1)
FACE = "2012 Oval Office/portrait sitting.jpg"
NAMES = ("Rom/Jürgen am Meer.jpg", "Rom/Tag 2/zwei.png", "drei.png")


@pytest.fixture(scope="module")
def scanned(demo_album, tmp_path_factory):
    """Photos with one face among them, and the library of a scan with a name for it."""
    place = tmp_path_factory.mktemp("moving")
    photos = place / "photos"
    for number, name in enumerate(NAMES):
        (photos / name).parent.mkdir(parents=True, exist_ok=True)
        if number:
            Image.new("L", (64, 64 + number), 90 + number).save(photos / name)
    with Image.open(demo_album / FACE) as picture:
        small = picture.convert("RGB")
        small.thumbnail((420, 420))
        small.save(photos / NAMES[0], quality=92)
    with Library(place / "library") as library:
        ingest.ingest(library, [photos], SETTINGS)
        naming.name(library, f"f{browse.faces(library)[0].id}", "Anna")
    return place


@pytest.fixture
def photos(scanned, tmp_path):
    """The photos on the new computer."""
    return Path(shutil.copytree(scanned / "photos", tmp_path / "home" / "Pictures" / "Alles"))


@pytest.fixture
def moved(scanned, photos, tmp_path):
    """The library as a computer with Windows would have made it of `D:\\Bilder`."""
    shutil.copytree(scanned / "library", tmp_path / "library")
    with Library(tmp_path / "library") as library:
        written_by(library, scanned / "photos", PureWindowsPath("D:\\Bilder"))
        yield library


def written_by(library, before, now):
    """Turn the paths below `before` into what another system would have written."""
    with library.write() as tx:
        for table in (schema.folder, schema.file):
            for path in tx.execute(table.select()).all():
                new = now.joinpath(*path.path.relative_to(before).parts)
                change = update(table).where(table.c.id == path.id)
                tx.execute(change.values(path=Path(str(new))))


def names(library):
    return [group.name for group in browse.groups(library) if group.name]


pytestmark = pytest.mark.skipif(os.name == "nt", reason="D: is a drive there")


def test_what_windows_wrote_is_missing_and_found_by_content(moved, photos, tmp_path):
    (missing,) = moving.missing_folders(moved)
    assert missing.folder == Path("D:\\Bilder")
    assert missing.files == 3
    assert {rest.as_posix() for rest, _ in missing.sample} == set(NAMES)
    assert moving.holds(photos, missing)
    assert not moving.holds(photos.parent, missing)
    assert moving.find(missing, [tmp_path / "home"]) == photos


def test_photos_of_other_sizes_are_others(moved, photos):
    (missing,) = moving.missing_folders(moved)
    for path in photos.rglob("*.png"):
        path.write_bytes(path.read_bytes() + b"more")
    assert moving.find(missing, [photos]) is None


def test_relocated_photos_keep_names_and_are_not_read_again(moved, photos):
    before = [photo.id for photo in browse.photos(moved)]
    assert places.relocate(moved, Path("d:\\bilder"), photos) == 3
    assert moving.missing_folders(moved) == []
    assert {photo.paths[0] for photo in browse.photos(moved)} == {photos / name for name in NAMES}
    assert names(moved) == ["Anna"]
    for path in photos.rglob("*"):
        os.utime(path, (0, 0))  # a copy may have other times
    report = ingest.ingest(moved, [photos], SETTINGS)
    # Their contents were hashed, no face was looked for, and all photos are the ones from before.
    assert (report.faces, report.deleted, report.failed) == (0, 0, [])
    assert [photo.id for photo in browse.photos(moved)] == before
    assert names(moved) == ["Anna"]


def test_names_that_macos_took_apart_and_other_capitals_are_found(moved, photos):
    person = photos / NAMES[0]
    person.rename(person.with_name(unicodedata.normalize("NFD", person.name)))
    (photos / "drei.png").rename(photos / "DREI.PNG")
    (photos / "Rom").rename(photos / "ROM")
    (missing,) = moving.missing_folders(moved)
    assert moving.find(missing, [photos.parent]) == photos
    assert places.relocate(moved, missing.folder, photos) == 3
    assert all(photo.paths[0].exists() for photo in browse.photos(moved))
    report = ingest.ingest(moved, [photos], SETTINGS)
    assert (report.photos, report.unchanged, report.deleted) == (0, 3, 0)


def test_what_linux_wrote_is_read_on_windows(scanned, monkeypatch):
    """As far as it can be tried without one: how the paths are taken apart there."""
    monkeypatch.setattr(moving.foreign.os, "name", "nt")
    old = moving.foreign.read("\\home\\x\\Pictures")
    path = moving.foreign.read("/home/x/Pictures/Rom/a.jpg")
    assert path.relative_to(old) == PurePosixPath("Rom/a.jpg")


def test_a_place_without_the_photos_is_refused(moved, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="does not hold the photos"):
        places.relocate(moved, Path("D:\\Bilder"), tmp_path / "empty")
    with pytest.raises(UserError, match="knows no photos below"):
        places.relocate(moved, Path("E:\\Bilder"), tmp_path / "empty")


def test_a_folder_inside_is_relocated_alone(moved, photos):
    assert places.relocate(moved, Path("D:\\Bilder\\Rom\\Tag 2"), photos / "Rom" / "Tag 2") == 1
    assert sum(photo.paths[0].exists() for photo in browse.photos(moved)) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("photos", "photos 2024"),
        ("photos/all", "pictures/all"),
        ("disk/photos/all", "new disk/photos/all"),
    ],
)
def test_photos_are_found_near_the_folder_that_they_were_in(scanned, tmp_path, old, new):
    before, now = tmp_path / "here" / "deep" / old, tmp_path / "here" / "deep" / new
    shutil.copytree(scanned / "library", tmp_path / "library")
    shutil.copytree(scanned / "photos", now)
    with Library(tmp_path / "library") as library:
        written_by(library, scanned / "photos", before)
        (missing,) = moving.missing_folders(library)
    assert moving.find(missing, moving.usual_places(before)) == now


def test_nothing_is_near_the_root_or_a_folder_of_another_system():
    usual = moving.usual_places(Path("D:\\Bilder\\Alles"))
    assert moving.usual_places(Path("/photos")) == usual
    assert moving.usual_places(Path("/usr/photos/all"))[0] == Path("/usr")
