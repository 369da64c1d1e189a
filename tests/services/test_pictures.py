"""Thumbnails and photos for the window, made anew from the original where the cache lacks them."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoclust.core.errors import UnreadableFileError, UserError
from photoclust.core.settings import Settings
from photoclust.core.types import Box, FaceId, PhotoId
from photoclust.services import browse, pictures
from photoclust.services.ingest import ingest
from photoclust.services.thumbnail_care import thumbnails
from photoclust.store.database import Library

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def library(tmp_path, demo_album):
    with Library(tmp_path / "library") as library:
        ingest(library, [demo_album / "Space"], Settings(workers=1))
        yield library


@pytest.fixture
def face(library):
    return browse.single_faces(library)[0]


def decoded(jpeg):
    with Image.open(io.BytesIO(jpeg)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_a_lost_thumbnail_comes_back_the_same(library, face):
    before = pictures.face_picture(library, face.id)
    thumbnails(library).remove([str(face.id)])
    after = pictures.face_picture(library, face.id)
    assert np.abs(decoded(before) - decoded(after)).mean() < 6
    assert thumbnails(library).path(str(face.id)).read_bytes() == after


def test_a_photo_has_a_thumbnail_that_is_kept(library, face):
    jpeg = pictures.photo_picture(library, face.photo)
    assert max(decoded(jpeg).shape) <= 384
    assert thumbnails(library).path(f"photo-{face.photo}").read_bytes() == jpeg


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_photo_on_its_side_is_shown_upright_with_its_boxes_in_place(tmp_path, demo_album, turn):
    """The stored pixels are turned the other way; boxes are kept as they lie in the file."""
    source = demo_album / "Space" / "astronaut.png"
    folder = tmp_path / "photos"
    folder.mkdir()
    with Image.open(source) as image:
        upright = image.convert("RGB")
    lying = upright.rotate(-turn, expand=True)
    lying.save(folder / "lying.png")
    with Library(tmp_path / "library") as library:
        ingest(library, [folder], Settings(workers=1))
        face = browse.single_faces(library)[0]
        photo = browse.existing_photo(library, face.photo)
        assert photo.turn == turn
        assert (photo.width, photo.height) == lying.size
        assert pictures.upright_size(photo) == upright.size
        shown = pictures.upright_picture(photo, max_side=2000)
        assert np.array_equal(shown, np.asarray(upright))
        x, y = pictures.upright_box(photo, face).centre
        assert x == pytest.approx(upright.width * 0.44, abs=0.06 * upright.width)
        assert y < upright.height / 3
        before = pictures.face_picture(library, face.id)
        thumbnails(library).remove([str(face.id)])
        after = pictures.face_picture(library, face.id)
        assert np.abs(decoded(before) - decoded(after)).mean() < 6


def test_the_thumbnail_of_an_edited_photo_is_made_anew(tmp_path, demo_album):
    path = tmp_path / "photos" / "photo.png"
    path.parent.mkdir()
    with Image.open(demo_album / "Space" / "astronaut.png") as image:
        image.save(path)
        grey = image.convert("L")
    with Library(tmp_path / "library") as library:
        ingest(library, [path.parent], Settings(workers=1))
        (photo,) = browse.photo_ids(library)
        coloured = decoded(pictures.photo_picture(library, photo))
        grey.save(path)
        ingest(library, [path.parent], Settings(workers=1))
        assert browse.photo_ids(library) == [photo]
        edited = decoded(pictures.photo_picture(library, photo))
    assert np.ptp(coloured, axis=2).mean() > 20
    assert np.ptp(edited, axis=2).mean() < 2


def test_the_second_file_of_a_photo_serves_when_the_first_is_gone(library, face, tmp_path):
    photo = browse.existing_photo(library, face.photo)
    moved = replace(photo, paths=(tmp_path / "gone.jpg", *photo.paths))
    assert pictures.upright_picture(moved, max_side=64).shape[2] == 3


def test_what_is_not_there_is_told(library, face):
    with pytest.raises(UserError, match="f999"):
        pictures.face_picture(library, FaceId(999))
    with pytest.raises(UserError, match="no longer"):
        pictures.photo_picture(library, PhotoId(999))
    thumbnails(library).remove([str(face.id)])
    with library.write() as tx:
        tx.exec_driver_sql("UPDATE file SET path = path || '.gone'")
    with pytest.raises(UnreadableFileError, match="gone"):
        pictures.face_picture(library, face.id)


def test_of_a_photo_that_is_away_its_thumbnail_is_remembered_else_its_faces(library, face):
    photo = browse.photo(library, face.photo)
    faces = browse.faces_of_photo(library, photo.id)
    thumbnails(library).remove([f"photo-{photo.id}"])
    placed = pictures.remembered_picture(library, photo, faces)
    height, width, _ = placed.shape
    assert max(height, width) == 1200
    assert height / width == pytest.approx(photo.height / photo.width, abs=0.01)
    x, y = (round(place * 1200 / max(photo.width, photo.height)) for place in face.box.centre)
    assert placed[y - 20 : y + 20, x - 20 : x + 20].std() > 5
    assert placed[-1, -1].std() == 0, "where there is no face it is grey"

    pictures.photo_picture(library, photo.id)
    remembered = pictures.remembered_picture(library, photo, faces)
    assert max(remembered.shape) == 384

    thumbnails(library).remove([f"photo-{photo.id}", *(str(face.id) for face in faces)])
    assert pictures.remembered_picture(library, photo, faces) is None


def test_a_closeup_is_as_large_as_the_photo_has_it_around_the_middle_of_the_face(library, face):
    large = decoded(pictures.face_closeup(library, face.id))
    side = large.shape[0]
    assert large.shape == (side, side, 3)
    wanted = 1.9 * max(face.box.w, face.box.h)
    photo = browse.existing_photo(library, face.photo)
    assert side == min(pictures.CLOSEUP_SIDE, round(wanted))
    assert side < min(photo.width, photo.height)
    with Image.open(photo.paths[0]) as image:
        x, y = face.box.centre
        left, top = round(x - wanted / 2), round(y - wanted / 2)
        left = min(max(left, 0), photo.width - side)
        top = min(max(top, 0), photo.height - side)
        cut = np.asarray(image.convert("RGB").crop((left, top, left + side, top + side)))
    assert np.abs(large - cut.astype(int)).mean() < 6


def test_of_a_photo_that_is_away_the_thumbnail_is_the_closeup(library, face, monkeypatch):
    def gone(*_, **__):
        raise UnreadableFileError(Path("gone.jpg"), "it is gone")

    kept = pictures.face_picture(library, face.id)
    monkeypatch.setattr(pictures, "upright_picture", gone)
    assert pictures.face_closeup(library, face.id) == kept
    with pytest.raises(UserError):
        pictures.face_closeup(library, FaceId(999_999))


@pytest.mark.parametrize("turn", [0, 90])
def test_the_place_in_the_closeup_is_told_where_another_face_is_seen_there(library, face, turn):
    assert pictures.place_in_closeup(library, face.id) is None
    assert pictures.place_in_closeup(library, FaceId(999_999)) is None
    with library.write() as tx:
        tx.exec_driver_sql("UPDATE photo SET turn = ? WHERE id = ?", (turn, face.photo))
        # Another face of the photo, beside this one.
        tx.exec_driver_sql(
            "INSERT INTO face (photo_id, x, y, w, h, score, quality, landmarks, excluded) "
            "SELECT photo_id, x + w / 2, y, w, h, score, quality, landmarks, 0 FROM face "
            "WHERE id = ?",
            (face.id,),
        )
    place = pictures.place_in_closeup(library, face.id)
    size = max(face.box.w, face.box.h)
    shares = (face.box.w / size / 1.9, face.box.h / size / 1.9)
    assert (place.w, place.h) == pytest.approx(shares[::-1] if turn else shares, abs=0.01)
    assert place.centre == pytest.approx((0.5, 0.5), abs=0.02)
    assert isinstance(place, Box)
