"""Film negatives in a library: noticed, shown, overruled, and looked at again."""

import io
import shutil

import numpy as np
import pytest
from PIL import Image

from photoclust.core.settings import Settings
from photoclust.services import (
    browse,
    drawing,
    exchange,
    history,
    ingest,
    naming,
    negatives,
    pictures,
)
from photoclust.services.known_faces import KnownFaces
from photoclust.store import embeddings, face_table
from photoclust.store import photos as photo_store
from photoclust.store.database import Library
from photoclust.vision.models import DEFAULT_EMBEDDER

SETTINGS = Settings(workers=1)

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(scope="session")
def source(demo_album):
    with Image.open(demo_album / "Space" / "astronaut.png") as image:
        return np.array(image.convert("RGB"))


@pytest.fixture
def folder(tmp_path, source, as_film):
    """The astronaut, and the negative of her."""
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.fromarray(source).save(folder / "photo.png")
    Image.fromarray(as_film(source, colour=True)).save(folder / "film.png")
    return folder


@pytest.fixture
def scanned(library, folder):
    """The photos of the folder by their names."""
    ingest.ingest(library, [folder], SETTINGS)
    return {
        photo.paths[0].name: photo
        for photo in (browse.photo(library, number) for number in browse.photo_ids(library))
    }


def decoded(jpeg):
    with Image.open(io.BytesIO(jpeg)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def alike(one, other):
    """The correlation of the brightness of two pictures of one size."""
    return np.corrcoef(one.mean(axis=2).ravel(), other.mean(axis=2).ravel())[0, 1]


def vectors(library):
    with library.read() as tx:
        ids, found = face_table.load_vectors(tx, DEFAULT_EMBEDDER)
    return dict(zip(ids.tolist(), found, strict=True))


def negative(library, photo):
    return browse.photo(library, photo.id).negative


def only_face(library, photo):
    (face,) = browse.faces_of_photo(library, photo.id)
    return face


def test_a_negative_is_noticed_by_a_scan_and_its_face_tells_who_it_is(library, scanned, folder):
    assert {name: photo.negative for name, photo in scanned.items()} == {
        "photo.png": False,
        "film.png": True,
    }
    there, film = (only_face(library, scanned[name]) for name in ("photo.png", "film.png"))
    assert film.box.iou(there.box) > 0.8
    known = vectors(library)
    assert known[film.id] @ known[there.id] > 0.8
    assert film.quality < there.quality


def test_it_is_shown_as_a_positive_wherever_it_is_shown(library, scanned, folder):
    """From the cache that the scan filled, and made anew."""
    before = (folder / "film.png").read_bytes()
    photo, film = scanned["photo.png"], scanned["film.png"]
    faces = only_face(library, photo).id, only_face(library, film).id
    for _ in range(2):
        thumbs = [decoded(pictures.photo_picture(library, one.id)) for one in (photo, film)]
        assert alike(*thumbs) > 0.95
        cut = [decoded(pictures.face_picture(library, face)) for face in faces]
        assert alike(*cut) > 0.9
        negatives.forget_pictures(library, frozenset((photo.id, film.id)))
    shown = [pictures.shown_picture(one, max_side=400) for one in (photo, film)]
    assert alike(*shown) > 0.95
    close = [decoded(pictures.face_closeup(library, face))[40:200, 40:200] for face in faces]
    assert alike(*close) > 0.8
    assert (folder / "film.png").read_bytes() == before


def test_its_faces_are_cut_out_again_as_the_scan_cut_them(library, scanned):
    known = [photo_of(library, scanned[name]) for name in ("film.png", "photo.png")]
    assert [one.negative for one in known] == [True, False]
    (film,), (photo,) = (KnownFaces.of(one).cut(160) for one in known)
    assert alike(film, photo) > 0.8


def photo_of(library, photo):
    with library.read() as tx:
        (found,) = embeddings.photos_of(tx, [only_face(library, photo).id])
    return found


def test_a_face_drawn_in_a_negative_is_as_good_as_a_found_one(library, scanned):
    found = only_face(library, scanned["film.png"])
    drawn, _ = drawing.draw(library, found.photo, found.box, SETTINGS)
    known = vectors(library)
    assert known[drawn] @ known[found.id] > 0.97


def test_a_scan_of_the_same_files_keeps_it(library, scanned, folder):
    report = ingest.ingest(library, [folder], SETTINGS)
    assert (report.photos, report.unchanged) == (0, 2)
    assert negative(library, scanned["film.png"])


def test_what_the_user_says_counts_and_faces_are_looked_for_again(library, scanned):
    film = scanned["film.png"]
    face = only_face(library, film)
    naming.name(library, f"f{face.id}", "Eileen")
    vector = vectors(library)[face.id]
    changes = negatives.say(library, [film.id], False, SETTINGS)
    assert film.id in changes.photos
    assert not negative(library, film)
    shown = browse.faces_of_photo(library, film.id)
    assert [(one.id, one.confirmed) for one in shown] == [(face.id, True)], "a name stays"
    assert vectors(library)[face.id] @ vector < 0.9
    as_it_is = decoded(pictures.photo_picture(library, film.id))
    upright = pictures.upright_picture(browse.photo(library, film.id), max_side=384)
    assert alike(as_it_is, upright.astype(int)) > 0.95
    negatives.say(library, [film.id], True, SETTINGS)
    assert vectors(library)[face.id] @ vector > 0.99


def test_undo_is_looked_at_by_the_next_scan(library, scanned, folder):
    photo = scanned["photo.png"]
    pictures.photo_picture(library, photo.id)
    negatives.say(library, [photo.id], True, SETTINGS)
    inverted = decoded(pictures.photo_picture(library, photo.id))
    done = history.undo(library)
    assert done.titles == ("Took for negatives: 1 photo",)
    assert photo.id in done.changes.photos
    assert not negative(library, photo)
    assert alike(decoded(pictures.photo_picture(library, photo.id)), inverted) < 0
    with library.read() as tx:
        assert photo_store.to_look_at_again(tx) == [photo.id]
    heard = []
    ingest.ingest(library, [folder], SETTINGS, on_changes=heard.append)
    assert any(photo.id in changes.photos for changes in heard)
    with library.read() as tx:
        assert photo_store.to_look_at_again(tx) == []
    history.redo(library)
    assert negative(library, photo)
    with library.read() as tx:
        assert photo_store.to_look_at_again(tx) == [photo.id]


def test_what_is_said_of_an_absent_photo_waits_for_its_file(library, scanned, folder, tmp_path):
    film = scanned["film.png"]
    before = vectors(library)
    folder.rename(tmp_path / "away")
    negatives.say(library, [film.id], False, SETTINGS)
    after = vectors(library)
    assert all((after[face] == vector).all() for face, vector in before.items())
    (tmp_path / "away").rename(folder)
    ingest.ingest(library, [folder], SETTINGS)
    with library.read() as tx:
        assert photo_store.to_look_at_again(tx) == []


def test_a_file_that_holds_another_photo_by_now_is_left_to_the_scan(library, scanned, folder):
    film = scanned["film.png"]
    shutil.copyfile(folder / "photo.png", folder / "film.png")
    before = vectors(library)
    negatives.say(library, [film.id], False, SETTINGS)
    after = vectors(library)
    assert all((after[face] == vector).all() for face, vector in before.items())
    with library.read() as tx:
        assert photo_store.to_look_at_again(tx) == [film.id]


def test_it_goes_along_with_decisions(library, scanned, folder, tmp_path):
    negatives.say(library, [scanned["film.png"].id], False, SETTINGS)
    exchange.export_decisions(library, tmp_path / "decisions.json")
    with Library(tmp_path / "other") as other:
        ingest.ingest(other, [folder], SETTINGS)
        exchange.import_decisions(other, tmp_path / "decisions.json")
        said = {
            photo.paths[0].name: photo.negative
            for photo in (browse.photo(other, number) for number in browse.photo_ids(other))
        }
    assert said == {"photo.png": False, "film.png": False}
