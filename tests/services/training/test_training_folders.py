"""Faces to train with from folders of photos: for real on the demo album, else made up."""

import os
import shutil
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import Box, Detection, FileStat, FoundFace, Metadata
from photoclust.services import training_folders
from photoclust.services.analysis import PhotoAnalysis
from photoclust.services.training_folders import FolderFaces, look
from photoclust.services.worker_pool import Unreadable

POINTS = ((70, 70), (110, 70), (90, 95), (75, 115), (105, 115))
TAKEN = datetime(2020, 5, 17, 12, tzinfo=UTC)


def same(one: FolderFaces, other: FolderFaces) -> bool:
    pairs = ((getattr(one, each.name), getattr(other, each.name)) for each in fields(FolderFaces))
    return all(np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f") for a, b in pairs)


@pytest.mark.processes
def test_the_demo_album_is_looked_at_once(demo_album, tmp_path, monkeypatch):
    told = []
    control = JobControl(lambda progress: told.append((progress.done, progress.total)))
    settings = Settings(workers=1)
    found = look(demo_album, settings, tmp_path / "kept", labelled=True, control=control)
    people = {"2009 Capitol", "2010 Blue Room", "2012 Oval Office", "Space"}
    assert set(found.name.tolist()) <= people
    assert len(people & set(found.name.tolist())) >= 3
    # The photo beside the folders is of nobody, and each other one of one person at most.
    assert "coffee break.webp" not in found.paths.tolist()
    assert len(found.paths) == 10
    assert len(set(found.photo.tolist())) == len(found) >= 6
    for photo, name in zip(found.photo, found.name, strict=True):
        assert Path(found.paths[photo]).parts[0] == name
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-5)
    assert found.crops.shape == (len(found), 160, 160, 3)
    # Eyes above, the mouth below, and all of it in the middle of the crop.
    eyes, mouth = found.landmarks[:, :2, 1], found.landmarks[:, 3:, 1]
    assert found.landmarks.min() > 20
    assert found.landmarks.max() < 140
    assert (eyes.max(axis=1) < mouth.min(axis=1)).all()
    assert told[-1] == (10, 10)

    def analyse(*_, **__):
        pytest.fail("the photos were looked at again")

    monkeypatch.setattr(training_folders, "analyse", analyse)
    again = look(demo_album, settings, tmp_path / "kept", labelled=True)
    assert same(found, again)


class Analyst:
    """Looks at files whose text says how many faces there are, -1 where they cannot be read."""

    def __init__(self) -> None:
        self.looked = 0
        self.backwards = False
        self.metadata = Metadata(taken_at=TAKEN)

    def __call__(self, paths, options, *, workers, control):
        assert options.crops
        self.looked += 1
        for path in reversed(paths) if self.backwards else paths:
            control.checkpoint()
            count = int(path.read_text())
            if count < 0:
                yield Unreadable(path, "damaged")
            else:
                yield self.analysis(path, count)

    def analysis(self, path: Path, count: int) -> PhotoAnalysis:
        """The second face is the one in the middle of the picture."""
        faces, crops, points = [], [], []
        for place in range(count):
            vector = np.zeros(512, np.float32)
            vector[place] = 1
            left = (10, 170, 300)[place]
            box = Detection(Box(left, 120, left + 60, 180), POINTS, 0.9)
            faces.append(FoundFace(box, 0.5 + place / 10, vector))
            crops.append(np.full((160, 160, 3), place, np.uint8))
            points.append(np.full((5, 2), place, np.float32))
        stat = FileStat(path, 1, 1)
        known = path, stat, "", "", 400, 300, 0, self.metadata, tuple(faces), ()
        return PhotoAnalysis(*known, crops=tuple(crops), landmarks=tuple(points))


@pytest.fixture
def analyst(monkeypatch) -> Analyst:
    made = Analyst()
    monkeypatch.setattr(training_folders, "analyse", made)
    return made


@pytest.fixture
def photos(tmp_path):
    """A folder with people's photos, and one of all."""
    for name, faces in {
        "Ada/1.jpg": 2,
        "Ada/deep/2.jpg": 1,
        "Bo/1.jpg": 3,
        "Bo/empty.jpg": 0,
        "Bo/broken.jpg": -1,
        "all.jpg": 2,
    }.items():
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(faces))
    return tmp_path / "photos"


def looked(photos, labelled=True, settings=None, control=None):
    kept = photos.parent / "kept"
    return look(photos, settings or Settings(), kept, labelled=labelled, control=control)


def test_the_face_in_the_middle_is_the_persons_whose_folder_it_is(photos, analyst):
    found = looked(photos)
    told = {found.paths[photo]: row for row, photo in enumerate(found.photo.tolist())}
    assert {path: found.name[row] for path, row in told.items()} == {
        str(Path("Ada", "1.jpg")): "Ada",
        str(Path("Ada", "deep", "2.jpg")): "Ada",
        str(Path("Bo", "1.jpg")): "Bo",
    }
    places = [found.vectors[row].argmax() for row in range(3)]
    assert sorted(places) == [0, 1, 1]
    np.testing.assert_array_equal(found.crops[:, 0, 0, 0], places)
    np.testing.assert_allclose(found.quality, 0.5 + np.array(places) / 10)
    assert set(found.taken) == {TAKEN.timestamp()}
    assert found.failed == 1


def test_without_labels_all_faces_count_and_nobody_has_a_name(photos, analyst):
    found = looked(photos, labelled=False)
    assert len(found) == 8
    assert set(found.name.tolist()) == {""}
    assert "all.jpg" in found.paths[found.photo].tolist()


def test_when_a_print_was_scanned_says_nothing_of_when_it_was_taken(photos, analyst):
    analyst.metadata = Metadata(taken_at=TAKEN, scanned=True)
    assert np.isnan(looked(photos).taken).all()


def test_the_order_in_which_workers_are_done_changes_nothing(photos, analyst):
    first = looked(photos, labelled=False)
    shutil.rmtree(photos.parent / "kept")
    analyst.backwards = True
    assert same(first, looked(photos, labelled=False))
    assert analyst.looked == 2


def test_what_was_found_is_kept_until_something_changes(photos, analyst):
    (photos / "all.jpg").unlink()
    first = looked(photos)
    assert same(first, looked(photos))
    assert analyst.looked == 1
    looked(photos, labelled=False)
    looked(photos, settings=Settings(detector="mtcnn"))
    assert analyst.looked == 3
    path = photos / "Ada" / "1.jpg"
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))
    looked(photos)
    path.rename(photos / "Bo" / "9.jpg")
    assert (looked(photos).name == "Bo").sum() == 2
    assert analyst.looked == 5
    # What is out of date does not pile up: one file for people's photos, one for anybody's.
    assert len(list((photos.parent / "kept").iterdir())) == 2
    other = shutil.copytree(photos, photos.parent / "others")
    looked(other)
    assert len(list((photos.parent / "kept").iterdir())) == 3


def test_a_damaged_file_of_what_was_found_is_found_anew(photos, analyst):
    first = looked(photos)
    (kept,) = (photos.parent / "kept").iterdir()
    for data in (b"", kept.read_bytes()[:-100], b"no archive"):
        kept.write_bytes(data)
        assert same(first, looked(photos))
    assert analyst.looked == 4
    if os.name == "posix":
        assert kept.parent.stat().st_mode & 0o077 == 0
        assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("files", "labelled", "told"),
    [
        (None, True, "is not a folder; give one that holds photos"),
        ({}, False, "nothing to train with in .*; it has to hold photos"),
        ({"1.jpg": 1}, True, "it has to hold a folder of photos for each person"),
        ({"Ada/1.jpg": 0}, True, "no face was found in the photos of"),
        ({"1.jpg": -1}, False, "no face was found in the photos of"),
    ],
)
def test_nothing_to_train_with_is_told(tmp_path, analyst, files, labelled, told):
    folder = tmp_path / "photos"
    for name, faces in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(str(faces))
    if files is not None:
        folder.mkdir(exist_ok=True)
    with pytest.raises(UserError, match=told):
        looked(folder, labelled)


def test_a_full_disk_is_told_and_nothing_is_left(photos, analyst, monkeypatch):
    def full(file, **_):
        file.write(b"some")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(training_folders.np, "savez", full)
    with pytest.raises(UserError, match=r"cannot be kept in .* \(No space left on device\)"):
        looked(photos)
    assert not list((photos.parent / "kept").iterdir())


def test_looking_can_be_cancelled_and_keeps_nothing(photos, analyst):
    control = JobControl(lambda progress: control.cancel() if progress.total else None)
    with pytest.raises(CancelledError):
        looked(photos, control=control)
    assert not list((photos.parent / "kept").iterdir())


def test_a_folder_is_not_written_to(photos, analyst):
    before = sorted(path for path in photos.rglob("*"))
    looked(photos)
    assert sorted(path for path in photos.rglob("*")) == before
