"""Real files: every format and a whole album, read or refused for a true reason."""

import csv

import numpy as np
import pi_heif
import pytest

from photoclust.core.errors import UnreadableFileError
from photoclust.media.decode import read_picture
from photoclust.media.scan import walk

pytestmark = pytest.mark.shared_data


def test_every_file_of_every_format_is_read_or_refused_truly(shared_data):
    reasons = {}
    for path in sorted((shared_data / "formats").rglob("*")):
        if path.is_file():
            try:
                picture = read_picture(path, max_side=400)
            except UnreadableFileError as error:
                reasons.setdefault(path.suffix, set()).add(error.reason)
            else:
                assert picture.pixels.std() > 5, path  # a picture, not a grey field

    assert reasons == {
        ".jxl": {"JPEG XL is not supported yet; convert it to JPEG"},
        ".xmp": {
            "it is not a picture photoclust can read",
            "it is an XML or SVG file, not a picture",
        },
    }


def test_a_turned_heic_is_turned_once(shared_data):
    path = shared_data / "formats" / "formats" / "motionphoto" / "samsung-one-ui-6.heic"
    expected = np.asarray(pi_heif.open_heif(path).to_pillow())  # libheif applies irot and imir

    picture = read_picture(path)

    assert (picture.width, picture.height) == (3000, 4000)
    assert np.array_equal(picture.pixels, expected[..., :3])
    assert picture.metadata.camera == "samsung SM-S906U"


def test_all_pictures_of_the_album_are_read_at_the_size_its_truth_tells(shared_data):
    files = list(walk([shared_data / "album"], ()))
    sizes = {
        file.path.relative_to(shared_data / "album").as_posix(): read_picture(
            file.path, max_side=200
        )
        for file in files
    }

    assert len(sizes) == 367
    with (shared_data / "album" / "truth.csv").open(encoding="utf-8") as rows:
        boxes = list(csv.DictReader(rows))
    for row in boxes:
        picture = sizes[row["image"]]
        # A box reaches beyond the edge by a little at most, unless the picture lies on its side.
        assert float(row["x"]) + float(row["w"]) / 2 <= picture.width
        assert float(row["y"]) + float(row["h"]) / 2 <= picture.height
