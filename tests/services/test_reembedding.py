"""Vectors of another model for the faces of a library: from those there are, or from the photos."""

import os
import shutil

import numpy as np
import pytest

from photoclust.core.errors import CancelledError, LibraryError, ModelError
from photoclust.core.paths import OWN_MODELS
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import Box, EntryStatus, ModelId
from photoclust.services import browse, drawing, history, ingest, reembedding
from photoclust.store import embeddings, face_table
from photoclust.store.database import Library
from photoclust.vision.models import DEFAULT_EMBEDDER

SETTINGS = Settings(workers=1)
TURNED, SMALL = ModelId("turned"), ModelId("small")

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(scope="module")
def model_folder(own_models, rotation, tmp_path_factory):
    own = tmp_path_factory.mktemp("models")
    own_models.behind(own, TURNED, rotation)
    own_models.small(own, SMALL)
    return own


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """Where the library to be copied is made, once."""
    return tmp_path_factory.mktemp("workshop")


@pytest.fixture
def album(workshop, demo_album, model_folder):
    """The folder of three photos, one of them on its side, that are in `library`."""
    photos, originals = workshop / "photos", workshop / "originals"
    if not originals.is_dir():
        originals.mkdir()
        for name in ("Space/astronaut.png", "2009 Capitol/address, stored sideways.jpg"):
            shutil.copyfile(demo_album / name, originals / (demo_album / name).name)
        shutil.copyfile(demo_album / "2010 Blue Room" / "side by side.jpg", originals / "two.jpg")
    shutil.rmtree(photos, ignore_errors=True)
    shutil.copytree(originals, photos)
    template = workshop / "library"
    if not template.is_dir():
        with Library(template) as made:
            ingest.ingest(made, [photos], SETTINGS)
            photo = next(face.photo for face in browse.faces(made) if face.path.name == "two.jpg")
            drawing.draw(made, photo, Box(10, 10, 60, 70), SETTINGS)
        shutil.copytree(model_folder, template / OWN_MODELS)
    return photos


@pytest.fixture
def library(album, workshop, tmp_path):
    """A library with four faces that were found and one that was drawn, and own models."""
    with Library(shutil.copytree(workshop / "library", tmp_path / "library")) as opened:
        yield opened


def vectors(library, model):
    with library.read() as tx:
        ids, found = face_table.load_vectors(tx, model)
    return dict(zip(ids.tolist(), found, strict=True))


def runs(library):
    return [entry for entry in history.entries(library) if entry.kind == "embed"]


def test_a_head_needs_no_photo(library, album, rotation, monkeypatch):
    shutil.rmtree(album)
    monkeypatch.setattr(reembedding, "HEAD_BATCH", 2)
    before = vectors(library, DEFAULT_EMBEDDER)
    done = reembedding.reembed(library, TURNED, SETTINGS)
    assert (done.converted, done.embedded, done.waiting, done.failed) == (len(before), 0, 0, ())
    after = vectors(library, TURNED)
    assert after.keys() == before.keys()
    for face, vector in before.items():
        np.testing.assert_allclose(after[face], rotation @ vector, atol=1e-3)
    assert vectors(library, DEFAULT_EMBEDDER).keys() == before.keys()
    (run,) = runs(library)
    assert (run.status, run.details) == (EntryStatus.DONE, {"model": TURNED, "faces": len(before)})
    assert history.title(run) == "Looked at faces again with turned"


def test_faces_that_are_cut_out_again_get_the_vectors_that_a_scan_gave_them(library, album):
    """Found and drawn ones, also in a photo that lies on its side."""
    before = vectors(library, DEFAULT_EMBEDDER)
    with library.write() as tx:
        embeddings.drop(tx, DEFAULT_EMBEDDER)
    done = reembedding.reembed(library, DEFAULT_EMBEDDER, SETTINGS)
    assert (done.converted, done.embedded, done.waiting) == (0, len(before), 0)
    after = vectors(library, DEFAULT_EMBEDDER)
    assert after.keys() == before.keys()
    assert len(after) == 5
    for face, vector in before.items():
        assert after[face] @ vector > 0.9999


def test_what_cannot_be_read_keeps_its_old_vector_and_is_done_once_it_can(library, album):
    (album / "astronaut.png").rename(album.parent / "aside.png")
    done = reembedding.reembed(library, SMALL, SETTINGS)
    assert [failure.path.name for failure in done.failed] == ["astronaut.png"]
    assert (done.embedded, done.waiting) == (4, 1)
    assert len(vectors(library, DEFAULT_EMBEDDER)) == 5
    (album.parent / "aside.png").rename(album / "astronaut.png")
    again = reembedding.reembed(library, SMALL, SETTINGS)
    assert (again.embedded, again.waiting, again.failed) == (1, 0, ())
    assert reembedding.reembed(library, SMALL, SETTINGS).embedded == 0
    assert len(runs(library)) == 2


def test_a_file_that_changed_since_the_scan_is_not_cut_by_old_boxes(library, album):
    path = album / "astronaut.png"
    os.utime(path, (10**9, 10**9))
    done = reembedding.reembed(library, SMALL, SETTINGS)
    assert [failure.reason for failure in done.failed] == ["it has changed; scan it again"]
    assert done.waiting == 1


def test_cancelling_keeps_what_was_written_and_the_next_run_goes_on(library, album, monkeypatch):
    monkeypatch.setattr(reembedding, "COMMIT_PHOTOS", 1)
    control = JobControl()
    monkeypatch.setattr(control, "report", lambda _stage, done, _: done and control.cancel())
    with pytest.raises(CancelledError):
        reembedding.reembed(library, SMALL, SETTINGS, control=control)
    written = len(vectors(library, SMALL))
    assert 0 < written < 5
    assert runs(library)[0].status is EntryStatus.CANCELLED
    done = reembedding.reembed(library, SMALL, SETTINGS)
    assert (done.embedded, done.waiting) == (5 - written, 0)


@pytest.mark.processes
def test_workers_do_it_too(library, album):
    done = reembedding.reembed(library, SMALL, SETTINGS, workers=2)
    assert (done.embedded, done.waiting) == (5, 0)


def test_a_library_that_cannot_be_written_is_left_alone(library, album):
    with Library(library.folder, look_only=True) as looked, pytest.raises(LibraryError):
        reembedding.reembed(looked, SMALL, SETTINGS)
    assert vectors(library, SMALL) == {}


@pytest.mark.processes
def test_a_damaged_model_is_told_before_anything_is_written(library, album):
    path = library.folder / OWN_MODELS / SMALL / "network.onnx"
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="SHA-256"):
        reembedding.reembed(library, SMALL, SETTINGS)
    assert vectors(library, SMALL) == {}
    assert runs(library) == []


def test_where_nothing_is_lacking_there_is_nothing_to_catch_up_with(library, album):
    assert reembedding.catch_up(library, SETTINGS) is None
