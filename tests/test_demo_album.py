"""The demo album shows what it is there to show, and every file of it says where it comes from."""

import io

import pytest
from PIL import Image
from PIL.ExifTags import Base

BROKEN = "2012 Oval Office/half copied.jpg"


@pytest.fixture(scope="module")
def files(demo_album) -> dict[str, bytes]:
    return {
        path.relative_to(demo_album).as_posix(): path.read_bytes()
        for path in demo_album.rglob("*")
        if path.is_file()
    }


def test_album_is_small_and_varied(files):
    assert len(files) >= 10
    assert sum(map(len, files.values())) < 4_000_000
    formats = {Image.open(io.BytesIO(data)).format for data in files.values()}
    assert {"JPEG", "PNG", "WEBP", "TIFF"} <= formats


def test_exactly_one_file_is_broken(files):
    broken = []
    for name, data in files.items():
        try:
            Image.open(io.BytesIO(data)).load()
        except OSError:
            broken.append(name)
    assert broken == [BROKEN]


def test_one_photo_is_stored_sideways(files):
    turned = [
        name
        for name, data in files.items()
        if Image.open(io.BytesIO(data)).getexif().get(Base.Orientation, 1) != 1
    ]
    assert turned == ["2009 Capitol/address, stored sideways.jpg"]


def test_credits_name_every_file_and_no_other(files, demo_album):
    lines = (demo_album.parent / "CREDITS.md").read_text(encoding="utf-8").splitlines()
    table = lines[lines.index("## Files") :]
    credited = {line.split("`")[1] for line in table if line.startswith("| `")} - {"album/"}
    assert credited == set(files)
