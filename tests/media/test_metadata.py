"""Capture time and camera, from every format that carries EXIF."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from PIL import Image

from photoclust.core.types import Metadata
from photoclust.media.decode import read_picture
from photoclust.media.metadata import orientation, read_metadata


def naive(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def exif_of(tags: dict[int, object], details: dict[int, object] | None = None) -> Image.Exif:
    exif = Image.Exif()
    exif.update(tags)
    exif.get_ifd(0x8769).update(details or {})
    return exif


def test_time_and_camera_of_a_tiff(tmp_path):
    tags = {0x010F: "Canon", 0x0110: "EOS", 0x8769: {0x9003: "2020:02:29 13:14:15"}}
    path = tmp_path / "a.tif"
    Image.new("RGB", (16, 16)).save(path, tiffinfo=tags)

    assert read_picture(path).metadata == Metadata(naive(2020, 2, 29, 13, 14, 15), "Canon EOS")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_time_and_camera_survive_every_format(tmp_path, kind):
    exif = exif_of(
        {0x010F: "Canon", 0x0110: "Canon EOS 5D", 0x0132: "2021:01:01 00:00:00"},
        {0x9003: "2020:02:29 13:14:15", 0x9291: "25", 0x9011: "+05:30"},
    )
    path = tmp_path / "a"
    Image.new("RGB", (16, 16)).save(path, kind, exif=exif)

    zone = timezone(timedelta(hours=5, minutes=30))
    assert read_picture(path).metadata == Metadata(
        datetime(2020, 2, 29, 13, 14, 15, 250_000, tzinfo=zone), "Canon EOS 5D"
    )


@pytest.mark.parametrize(
    ("tags", "details", "expected"),
    [
        ({}, {}, None),
        ({0x0132: "2001:02:03 04:05:06"}, {}, naive(2001, 2, 3, 4, 5, 6)),
        (
            {0x0132: "2001:02:03 04:05:06"},
            {0x9004: "2000:02:03 04:05:06"},
            naive(2000, 2, 3, 4, 5, 6),
        ),
        (
            {0x0132: "2001:02:03 04:05:06"},
            {0x9003: "0000:00:00 00:00:00"},
            naive(2001, 2, 3, 4, 5, 6),
        ),
        ({}, {0x9003: "    :  :     :  :  "}, None),
        ({}, {0x9003: "2001:02:31 00:00:00"}, None),
        ({}, {0x9003: "2001-02-03T04:05:06Z"}, naive(2001, 2, 3, 4, 5, 6)),
        ({}, {0x9003: "2001:02:03 04:05:06\0junk"}, naive(2001, 2, 3, 4, 5, 6)),
        ({}, {0x9003: b"2001:02:03 04:05:06"}, naive(2001, 2, 3, 4, 5, 6)),
        ({}, {0x9003: 20010203}, None),
        ({}, {0x9003: "2001:02:03 04:05:06", 0x9291: "x"}, naive(2001, 2, 3, 4, 5, 6)),
        (
            {},
            {0x9003: "2001:02:03 04:05:06", 0x9291: "1234567"},
            naive(2001, 2, 3, 4, 5, 6, 123456),
        ),
        ({}, {0x9003: "2001:02:03 04:05:06", 0x9011: "+99:00"}, naive(2001, 2, 3, 4, 5, 6)),
    ],
)
def test_capture_time(tags, details, expected):
    assert read_metadata(exif_of(tags, details)).taken_at == expected


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("SONY", "ILCE-7M3", "SONY ILCE-7M3"),
        ("Canon\0\0\0", "Canon EOS R5\0garbage", "Canon EOS R5"),
        ("  Apple ", "iPhone  7", "Apple iPhone 7"),
        ("Apple", None, "Apple"),
        (None, "X100", "X100"),
        ("\0", "", None),
        (b"Sony", 7, "Sony"),
        ("\x01\x02", "\x7f", None),
        ("A" * 300, "B", "A" * 100),
        ("Jürgen".encode().decode("latin-1"), None, "Jürgen"),
    ],
)
def test_camera(make, model, expected):
    tags = {tag: value for tag, value in ((0x010F, make), (0x0110, model)) if value is not None}

    assert read_metadata(exif_of(tags)).camera == expected


@pytest.mark.parametrize(("value", "expected"), [(6, 6), (0, 1), (9, 1), ("6", 1), ((6, 6), 1)])
def test_an_orientation_that_makes_no_sense_is_upright(value, expected):
    assert orientation(exif_of({0x0112: value})) == expected


def test_a_details_block_that_points_nowhere_keeps_the_rest(tmp_path):
    path = tmp_path / "a.jpg"
    content = bytearray(exif_of({0x010F: "Maker", 0x0112: 6}, {0x9003: "x"}).tobytes())
    pointer = content.index(b"\x87\x69\x00\x04\x00\x00\x00\x01")
    content[pointer + 8 : pointer + 12] = b"\x7f\xff\xff\xf0"
    Image.new("RGB", (20, 10)).save(path, exif=bytes(content))

    picture = read_picture(path)

    assert picture.metadata == Metadata(None, "Maker")
    assert (picture.width, picture.height) == (10, 20)
