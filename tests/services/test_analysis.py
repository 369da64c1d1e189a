"""One file from its bytes to vectors, in this process, on demo photos and what is made of them."""

import io

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import Base

from photoclust.core.errors import ModelError, UnreadableFileError
from photoclust.core.types import ModelId
from photoclust.media.files import OriginalFile
from photoclust.services import cutting
from photoclust.services.analysis import AnalysisOptions, Analyst, SamePicture


@pytest.fixture(scope="module")
def analyst():
    return Analyst(AnalysisOptions())


def analysed(analyst, path):
    with OriginalFile(path) as original:
        (found,) = analyst.embed([analyst.look(original, "digest")])
    return found


def picture(path):
    with Image.open(path) as image:
        return image.convert("RGB")


@pytest.fixture(scope="module")
def astronaut_path(demo_album):
    return demo_album / "Space" / "astronaut.png"


@pytest.fixture(scope="module")
def astronaut(analyst, astronaut_path):
    return analysed(analyst, astronaut_path)


def cosine(one, other):
    return float(one.faces[0].vector @ other.faces[0].vector)


def test_a_photo_is_told_as_it_is(astronaut, astronaut_path):
    with Image.open(astronaut_path) as image:
        assert (astronaut.width, astronaut.height) == image.size
    assert (astronaut.path, astronaut.digest) == (astronaut_path, "digest")
    assert astronaut.turn == 0
    (face,) = astronaut.faces
    assert face.quality > 0.5
    assert len(astronaut.thumbnails) == 1


def test_thumbnails_can_be_left_out(astronaut_path):
    found = analysed(Analyst(AnalysisOptions(thumbnails=False)), astronaut_path)
    assert found.thumbnails == ()
    assert len(found.faces) == 1


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_photo_on_its_side_gives_the_same_vector_and_boxes_as_it_lies(
    analyst, astronaut, astronaut_path, tmp_path, quarter
):
    path = tmp_path / "turned.png"
    picture(astronaut_path).rotate(90 * quarter, expand=True).save(path)
    found = analysed(analyst, path)
    assert found.turn == 360 - 90 * quarter
    with Image.open(path) as image:
        assert (found.width, found.height) == image.size
    assert cosine(found, astronaut) > 0.98
    # Turned like the picture, the upright box is the box that was found.
    (upright,), (lying,) = astronaut.faces, found.faces
    mask = np.zeros((astronaut.height, astronaut.width), np.uint8)
    box = upright.detection.box
    mask[round(box.y) : round(box.y + box.h), round(box.x) : round(box.x + box.w)] = 1
    rows, columns = np.nonzero(np.rot90(mask, quarter))
    assert lying.detection.box.x == pytest.approx(columns.min(), abs=3)
    assert lying.detection.box.y == pytest.approx(rows.min(), abs=3)
    # The thumbnail stands upright all the same.
    thumbs = [Image.open(io.BytesIO(item.thumbnails[0])) for item in (found, astronaut)]
    difference = np.abs(np.subtract(*(np.asarray(thumb, np.float32) for thumb in thumbs)))
    assert difference.mean() < 12


def test_exif_orientation_is_applied_before_anything_else(
    analyst, astronaut, astronaut_path, tmp_path
):
    path = tmp_path / "sideways.jpg"
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    picture(astronaut_path).rotate(90, expand=True).save(path, exif=exif, quality=95)
    found = analysed(analyst, path)
    assert found.turn == 0
    assert (found.width, found.height) == (astronaut.width, astronaut.height)
    assert found.faces[0].detection.box.iou(astronaut.faces[0].detection.box) > 0.9
    assert cosine(found, astronaut) > 0.98


def test_small_faces_are_cut_from_the_full_picture(
    analyst, astronaut, astronaut_path, tmp_path, monkeypatch
):
    """Some 120 px in the photo, 53 px in what the detector sees."""
    path = tmp_path / "large.jpg"
    canvas = Image.new("RGB", (3600, 2700), (110, 120, 115))
    canvas.paste(picture(astronaut_path), (2200, 1200))
    canvas.save(path, quality=95)
    found = analysed(analyst, path)
    monkeypatch.setattr(cutting, "FULL_DECODE_BELOW_PX", 0)
    coarse = analysed(analyst, path)
    assert (found.width, found.height) == (3600, 2700)
    box, expected = found.faces[0].detection.box, astronaut.faces[0].detection.box
    assert box.x - 2200 == pytest.approx(expected.x, abs=12)
    assert box.y - 1200 == pytest.approx(expected.y, abs=12)
    assert cosine(found, astronaut) > 0.9
    assert cosine(found, astronaut) > cosine(coarse, astronaut) + 0.02


def test_vectors_stay_with_their_faces_when_photos_share_a_batch(analyst, demo_album, astronaut):
    names = ["2010 Blue Room/side by side.jpg", "coffee break.webp", "Space/astronaut.png"]
    pending = []
    for name in names:
        with OriginalFile(demo_album / name) as original:
            pending.append(analyst.look(original, name))
    pair, nobody, one = analyst.embed(pending)
    assert [len(item.faces) for item in (pair, nobody, one)] == [2, 0, 1]
    assert [item.digest for item in (pair, nobody, one)] == names
    assert cosine(one, astronaut) > 0.9999
    assert abs(pair.faces[0].vector @ pair.faces[1].vector) < 0.5
    assert analyst.embed(pending[1:2]) == [nobody]
    assert analyst.embed([]) == []


def test_a_broken_file_is_refused(analyst, demo_album):
    path = demo_album / "2012 Oval Office" / "half copied.jpg"
    with OriginalFile(path) as original, pytest.raises(UnreadableFileError, match="truncated"):
        analyst.look(original, "digest")


@pytest.mark.parametrize(
    "options",
    [
        AnalysisOptions(detector=ModelId("none")),
        AnalysisOptions(embedder=ModelId("none")),
        AnalysisOptions(detector=ModelId("facenet-vggface2")),
    ],
)
def test_models_that_are_not_there_are_refused(options, astronaut_path):
    with OriginalFile(astronaut_path) as original, pytest.raises(ModelError):
        Analyst(options).look(original, "digest")


def test_a_known_picture_needs_no_models(astronaut_path):
    without = Analyst(AnalysisOptions(detector=ModelId("none")))
    with OriginalFile(astronaut_path) as original:
        found = without.look(original, "digest", lambda _: True)
    assert isinstance(found, SamePicture)


def test_what_is_detected_depends_on_the_picture_alone(analyst, astronaut, astronaut_path):
    """Asked for the digest of the picture; the faces are those found without a question."""
    asked = []
    with OriginalFile(astronaut_path) as original:
        (found,) = analyst.embed([analyst.look(original, "digest", asked.append)])
    assert found == astronaut
    assert asked == [astronaut.picture_digest]


def test_a_picture_said_to_be_the_same_comes_with_its_metadata_and_no_faces(
    analyst, astronaut, astronaut_path, tmp_path
):
    path = tmp_path / "shifted clock.png"
    exif = Image.Exif()
    exif[Base.DateTime] = "1969:07:20 20:17:40"
    picture(astronaut_path).save(path, exif=exif)
    with OriginalFile(path) as original:
        same = analyst.look(original, "other", lambda digest: digest == astronaut.picture_digest)
        assert same == SamePicture(
            path, original.stat, "other", astronaut.picture_digest, same.metadata
        )
    assert same.metadata.taken_at.year == 1969
