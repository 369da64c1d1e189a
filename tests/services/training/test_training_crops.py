"""The pixels of faces for a training: those that the scan saw, and what becomes of the rest."""

import os
import shutil
import threading
import time

import numpy as np
import pytest

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import Box
from photoclust.services import browse, drawing, ingest, training, training_crops, training_library
from photoclust.services.training import Asked
from photoclust.services.training_crops import Uncut, cut_out
from photoclust.services.worker_pool import CutFaces, Unreadable
from photoclust.store import face_table
from photoclust.store.database import Library
from photoclust.training.faces import CROPS_FILE, RunFaces
from photoclust.training.options import Kind, Options
from photoclust.vision import models

SETTINGS = Settings(workers=1)
BLOCKS = Options(recipe=Kind.BLOCKS)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory, demo_album, without_processes):
    """The folder of photos, of which one lies on its side, and a library that is to be copied."""
    place = tmp_path_factory.mktemp("workshop")
    photos = place / "photos"
    photos.mkdir()
    for name in ("Space/astronaut.png", "2009 Capitol/address, stored sideways.jpg"):
        shutil.copyfile(demo_album / name, photos / (demo_album / name).name)
    shutil.copyfile(demo_album / "2010 Blue Room" / "side by side.jpg", photos / "two.jpg")
    with without_processes(), Library(place / "library") as made:
        ingest.ingest(made, [photos], SETTINGS)
        photo = next(face.photo for face in browse.faces(made) if face.path.name == "two.jpg")
        drawing.draw(made, photo, Box(10, 10, 60, 70), SETTINGS)
    return place


@pytest.fixture
def scanned(workshop, tmp_path):
    with Library(shutil.copytree(workshop / "library", tmp_path / "scanned")) as opened:
        yield opened


def vectors(library):
    with library.read() as tx:
        return face_table.load_vectors(tx, models.DEFAULT_EMBEDDER)


def crops_in(folder):
    return np.load(folder / CROPS_FILE)


def cut(library, ids, folder, *, side=160, control=None):
    return cut_out(library, ids, folder, SETTINGS, side=side, control=control)


@pytest.mark.usefixtures("in_process")
def test_what_is_cut_out_has_the_vectors_that_the_scan_gave(scanned, tmp_path):
    """Found and drawn faces, also of a photo that lies on its side, in any order."""
    ids, expected = vectors(scanned)
    assert len(ids) == 5
    told = []
    control = JobControl(lambda progress: told.append((progress.done, progress.total)))
    uncut = cut(scanned, ids[::-1], tmp_path, control=control)
    assert (len(uncut.rows), uncut.photos) == (0, 0)
    assert (told[0], told[-1]) == ((0, 3), (3, 3))
    found = models.load_embedder(models.DEFAULT_EMBEDDER).embed(crops_in(tmp_path)[::-1])
    assert np.einsum("ij,ij->i", found, expected).min() > 1 - 1e-3
    # Of a photo with two faces, one that is asked for.
    other = tmp_path / "other"
    other.mkdir()
    cut(scanned, ids[3:4], other, side=64)
    assert crops_in(other).shape == (1, 64, 64, 3)


@pytest.mark.processes
def test_workers_cut_out_the_same(scanned, tmp_path, without_processes):
    ids, _ = vectors(scanned)
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    cut(scanned, ids, one)
    with without_processes():
        cut(scanned, ids, other)
    np.testing.assert_array_equal(crops_in(one), crops_in(other))


@pytest.mark.processes
def test_cancelling_ends_the_workers_at_once(scanned, tmp_path, monkeypatch):
    ids, _ = vectors(scanned)
    control, cancelled = JobControl(), []

    def cancel():
        cancelled.append(time.monotonic())
        control.cancel()

    threading.Timer(0.2, cancel).start()  # while the worker still starts
    with pytest.raises(CancelledError):
        cut(scanned, ids, tmp_path, control=control)
    assert time.monotonic() - cancelled[0] < 2  # 0.3 s, on a busy machine more


@pytest.mark.usefixtures("in_process")
def test_photos_that_are_not_there_any_more_leave_their_faces_black(scanned, workshop, tmp_path):
    ids, _ = vectors(scanned)
    with scanned.write() as tx:
        tx.exec_driver_sql("UPDATE file SET state = 'offline' WHERE path LIKE '%two.jpg'")
        tx.exec_driver_sql("UPDATE file SET size = 1 WHERE path LIKE '%astronaut.png'")
    uncut = cut(scanned, ids, tmp_path)
    with scanned.read() as tx:
        rows = tx.exec_driver_sql(
            "SELECT face.id FROM face JOIN file USING (photo_id) WHERE path LIKE '%sideways.jpg'"
        )
        (left,) = (face for (face,) in rows)
    (row,) = np.flatnonzero(ids == left)
    assert uncut.rows.tolist() == [each for each in range(5) if each != row]
    assert uncut.photos == 2
    is_black = (crops_in(tmp_path) == 0).all(axis=(1, 2, 3))
    assert is_black.tolist() == [each != row for each in range(5)]


@pytest.mark.parametrize(
    ("rows", "photos", "told"),
    [
        (1, 1, "1 face is left out, of a photo that is not there"),
        (3, 1, "3 faces are left out, of a photo that is not there"),
        (1200, 1000, "1\u202f200 faces are left out, of 1\u202f000 photos that are not there"),
    ],
)
def test_what_is_left_out_is_counted(rows, photos, told):
    assert str(Uncut(np.arange(rows), photos)).startswith(told)


# A whole training is made ready


@pytest.fixture
def album(monkeypatch):
    """Photos of made-up faces, each a grey of its own; `missing` are those that cannot be read."""

    class Album:
        cut = 0
        missing = frozenset()

        def __call__(self, faces, side, *, workers, control):
            for each in faces:
                control.checkpoint()
                self.cut += 1
                number = int(each.path.stem)
                if number in self.missing:
                    yield Unreadable(each.path, "damaged")
                else:
                    yield CutFaces(each.path, np.full((1, side, side, 3), 1 + number % 255, "u1"))

    made = Album()
    monkeypatch.setattr(training_crops, "cut_known", made)
    monkeypatch.setattr(training, "require_torch", lambda: None)
    return made


@pytest.fixture(scope="module")
def acquaintances(tmp_path_factory, acquainted):
    """A library of six people with six faces each, and twelve groups of four; to be copied."""
    folder = tmp_path_factory.mktemp("acquaintances") / "library"
    with Library(folder) as made:
        acquainted(made, people=6, faces=6, groups=12)
    return folder


@pytest.fixture
def known(acquaintances, tmp_path):
    with Library(shutil.copytree(acquaintances, tmp_path / "known")) as opened:
        yield opened


def prepared(library, options=BLOCKS, **given):
    return training.prepare(library, Asked(), options, SETTINGS, **given)


def test_a_run_from_a_library_has_the_pixels_of_its_faces(known, album):
    found = prepared(known)
    faces = RunFaces.load(found.folder)
    assert album.cut == len(faces.vectors) == 84
    assert found.remarks == ()
    assert (found.faces, found.unlabelled) == (len(faces.train), len(faces.distil))
    assert faces.crops.shape == (84, 160, 160, 3)
    assert len(np.unique(faces.crops[:, 0, 0, 0])) == 84
    if os.name == "posix":
        assert (found.folder / CROPS_FILE).stat().st_mode & 0o077 == 0


def test_a_head_opens_no_photo(known, album):
    assert not (prepared(known, Options()).folder / CROPS_FILE).exists()
    assert album.cut == 0


def test_a_run_that_was_cut_off_is_gone_on_with_without_opening_a_photo(known, album):
    album.missing = {1, 2}
    first = prepared(known)
    album.cut, album.missing = 0, frozenset()
    again = prepared(known)
    assert (again.folder, again.is_begun, album.cut) == (first.folder, True, 0)
    assert (again.people, again.faces) == (first.people, first.faces)
    assert again.unlabelled == first.unlabelled
    assert not prepared(known, without_doubtful=True).is_begun


def test_faces_that_cannot_be_cut_out_take_no_part_and_are_told(known, album):
    album.missing = frozenset(range(1, 84, 7))
    found = prepared(known)
    (told,) = found.remarks
    assert told == f"{Uncut(np.arange(12), 12)}."
    faces = RunFaces.load(found.folder)
    used = np.concatenate([faces.train, faces.test, faces.held_out, faces.distil, faces.strangers])
    assert (faces.crops[used] > 0).all()
    assert len(used) > 60


def test_too_few_faces_left_are_told_with_why_and_leave_nothing(known, album):
    album.missing = frozenset(range(1, 30))
    with pytest.raises(UserError, match=r"at least 5 people .* 29 faces are left out"):
        prepared(known)
    assert not list((known.folder / "training").iterdir())


def test_how_many_of_nobodys_faces_take_part_is_told(known, album, monkeypatch):
    monkeypatch.setattr(training_library, "FEWEST_DRAWN", 24)
    monkeypatch.setattr(training_library, "DRAWN_A_FACE", 0)
    found = prepared(known)
    assert found.remarks[0].startswith("Of 48 faces of nobody named, 24 take part")
    assert album.cut == 36 + 24


def test_cancelling_leaves_no_faces(known, album):
    control = JobControl(
        lambda progress: progress.stage == training_crops.STAGE and control.cancel()
    )
    with pytest.raises(CancelledError):
        prepared(known, control=control)
    assert album.cut < 84
    assert not list((known.folder / "training").iterdir())


def test_what_a_killed_process_was_writing_is_removed_by_the_next_one(known, album):
    left = known.folder / "training" / ".20261121-101500-00000001.tmp"
    left.mkdir(parents=True)
    (left / CROPS_FILE).write_bytes(b"pixels")
    prepared(known)
    assert not left.exists()


@pytest.mark.train
def test_a_library_is_trained_by_pixels_to_a_verdict(
    library, acquainted, album, monkeypatch, without_processes
):
    """By the small network, which takes other crops too; to write it is tried elsewhere."""
    torch = pytest.importorskip("torch")
    from photoclust.training import candidate, report

    threads = torch.get_num_threads()
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.setattr(report.plots, "png", lambda _: b"plot")
    monkeypatch.setattr(candidate, "write", lambda *_, **__: None)
    acquainted(library, people=5, faces=4, groups=2)
    options = Options(recipe=Kind.SCRATCH, people=2, faces=2, epochs=0.1)
    found = prepared(library, options)
    assert RunFaces.load(found.folder).crops.shape == (28, 64, 64, 3)
    with without_processes():
        result = training.run(library, found.folder)
    torch.set_num_threads(threads)
    assert (result["recipe"], result["steps"]) == ("scratch", 1)
    assert result["after"]["trained"]["people"] == 5
    assert not (found.folder / CROPS_FILE).exists()
