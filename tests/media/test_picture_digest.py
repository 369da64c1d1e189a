"""The digest of a picture: blind to what a file says about it, keen on what it shows."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from photoclust.core.types import Metadata
from photoclust.media.decode import Picture, read_picture

SIDE = 96
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rating>%d</rating></x:xmpmeta>"


def drawing(seed: int = 0) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(small).resize((160, 120), Image.Resampling.BICUBIC)


def exif(*, rating: int = 0, orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x4746] = rating
    made.get_ifd(0x8769)[0x9003] = f"20{10 + rating}:01:02 03:04:05"
    return made


def as_jpeg(image: Image.Image, *, rating: int = 0, orientation: int = 1) -> bytes:
    file = io.BytesIO()
    tags = exif(rating=rating, orientation=orientation)
    image.save(file, "JPEG", exif=tags, xmp=XMP % rating, comment=f"rated {rating}")
    return file.getvalue()


def as_png(image: Image.Image, *, rating: int = 0, orientation: int = 1) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", exif=exif(rating=rating, orientation=orientation))
    text = b"iTXtXML:com.adobe.xmp\0\0\0\0\0" + XMP % rating
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    content = file.getvalue()
    return content[:33] + chunk + content[33:]


def as_webp(image: Image.Image, *, rating: int = 0, orientation: int = 1) -> bytes:
    file = io.BytesIO()
    tags = exif(rating=rating, orientation=orientation)
    image.save(file, "WEBP", lossless=True, exif=tags, xmp=XMP % rating)
    return file.getvalue()


def as_tiff(image: Image.Image, *, rating: int = 0, orientation: int = 1) -> bytes:
    file = io.BytesIO()
    details = {0x9003: f"20{10 + rating}:01:02 03:04:05"}
    tags = {0x0112: orientation, 0x4746: rating, 700: XMP % rating, 0x8769: details}
    image.save(file, "TIFF", tiffinfo=tags)
    return file.getvalue()


WRITERS = [as_jpeg, as_png, as_webp, as_tiff]


@pytest.fixture
def read(tmp_path):
    def read(content: bytes) -> Picture:
        path = tmp_path / "a.jpg"
        path.write_bytes(content)
        return read_picture(path, max_side=SIDE)

    return read


@pytest.mark.parametrize("write", WRITERS)
def test_a_change_of_metadata_alone_keeps_it(read, write):
    contents = [write(drawing(), rating=rating) for rating in (0, 5)]
    first, second = map(read, contents)

    assert contents[0] != contents[1]
    assert first.metadata != second.metadata
    assert first.digest() == second.digest()


@pytest.mark.parametrize("write", WRITERS)
def test_another_orientation_crop_or_picture_changes_it(read, write):
    pictures = [
        read(write(drawing())),
        *(read(write(drawing(), orientation=value)) for value in range(2, 9)),
        read(write(drawing().crop((0, 0, 160, 119)))),
        read(write(drawing(seed=1))),
    ]

    assert len({picture.digest() for picture in pictures}) == len(pictures)


def test_files_of_one_picture_share_it_whatever_their_format(read):
    digests = {read(write(drawing())).digest() for write in (as_png, as_webp, as_tiff)}

    assert len(digests) == 1


def test_it_counts_the_shape_of_the_pixels_and_the_full_size(read):
    picture = read(as_png(drawing()))
    values = {
        "pixels": picture.pixels,
        "width": picture.width,
        "height": picture.height,
        "scale": picture.scale,
        "metadata": picture.metadata,
    }
    others = [
        Picture(**values | {"width": picture.width + 1}),
        Picture(**values | {"height": picture.height + 1}),
        Picture(**values | {"pixels": picture.pixels.reshape(SIDE, -1, 3)}),
        picture,
    ]

    assert len({other.digest() for other in others}) == len(others)


def test_it_is_the_same_for_pixels_that_lie_otherwise_in_memory(read):
    picture = read(as_png(drawing()))
    columns_first = np.asfortranarray(picture.pixels)
    other = Picture(columns_first, picture.width, picture.height, picture.scale, picture.metadata)

    assert other.digest() == picture.digest()


def test_it_is_blake2b_of_32_digits_and_stays_what_it_is():
    """Libraries keep it: a change would have every photo looked at anew."""
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)

    digest = Picture(pixels, 20, 20, 0.1, Metadata()).digest()

    assert digest == "57b66c7a744123cc2bb2fb13e5a8437b"
