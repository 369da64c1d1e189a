"""Derive the demo album from hash-pinned packages: `python packaging/build_demo.py [--check]`.

Five public-domain shots of three people become an album in which every part of photoclust has
something to do: one person often, two people once, a photo stored on its side, a faded print, two
pictures without a face and a file that cannot be read. `--check` derives it again and compares it
with what is committed. Two runs with the same Pillow give the same bytes; another release's
encoders may differ in a few grey values, which `--check` allows.
"""

import argparse
import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from artefacts import Artefact, fetch
from PIL import Image, ImageChops, ImageFilter, ImageOps, UnidentifiedImageError
from PIL.ExifTags import IFD, Base

ALBUM = Path(__file__).resolve().parents[1] / "resources" / "demo" / "album"

PORTRAITS = Artefact(
    "face-recognition==1.3.0",
    "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
    ("--no-binary", "face-recognition"),
)
SCIKIT_IMAGE = Artefact(
    "scikit-image==0.26.0",
    "74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af",
    ("--only-binary", ":all:", "--python-version", "3.11", "--platform", "manylinux_2_28_x86_64"),
)
SOURCES = {
    "portrait": (PORTRAITS, "tests/test_images/obama.jpg"),
    "address": (PORTRAITS, "tests/test_images/obama2.jpg"),
    "president": (PORTRAITS, "tests/test_images/obama3.jpg"),
    "vice_president": (PORTRAITS, "tests/test_images/biden.jpg"),
    "astronaut": (SCIKIT_IMAGE, "skimage/data/astronaut.png"),
    "coffee": (SCIKIT_IMAGE, "skimage/data/coffee.png"),
    "hubble": (SCIKIT_IMAGE, "skimage/data/hubble_deep_field.jpg"),
}

Pictures = dict[str, Image.Image]
LARGEST_SIDE_PX = 1400
ENCODER_TOLERANCE = 2.0
"""Mean difference of grey values, 0..255, that another release of an encoder may make."""


def main() -> int:
    """Write the album, or compare it with the committed one; exit code 1 when it differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    check = parser.parse_args().check
    made = build(load_sources())
    if check:
        wrong = differences(made, ALBUM)
        print("\n".join(wrong) or f"{len(made)} files of the demo album are as derived")
        return 1 if wrong else 0
    for name, data in made.items():
        path = ALBUM / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(f"{len(data):8d}  {name}")
    print(f"{sum(map(len, made.values())):8d}  bytes in all")
    return 0


def load_sources() -> Pictures:
    """The pictures the album is derived from, by the names of `SOURCES`, with their EXIF data."""
    packages = {artefact.name: fetch(artefact) for artefact in (PORTRAITS, SCIKIT_IMAGE)}
    pictures: Pictures = {}
    for name, (artefact, member) in SOURCES.items():
        picture = Image.open(io.BytesIO(packages[artefact.name][member]))
        picture.load()
        pictures[name] = picture
    return pictures


def build(pictures: Pictures) -> dict[str, bytes]:
    """The album's files: path inside the album to content."""
    return {name: derive(pictures) for name, derive in _ALBUM.items()}


def differences(made: dict[str, bytes], album: Path) -> list[str]:
    """One line for each file of `album` that is missing, not derived, or unlike the derived one."""
    there = {path.relative_to(album).as_posix() for path in album.rglob("*") if path.is_file()}
    lines = [f"not derived: {name}" for name in sorted(there - made.keys())]
    for name, data in made.items():
        if name not in there:
            lines.append(f"missing: {name}")
        elif not _same_picture(data, (album / name).read_bytes()):
            lines.append(f"different: {name}")
    return lines


def _same_picture(a: bytes, b: bytes) -> bool:
    if a == b:
        return True
    try:
        one, other = Image.open(io.BytesIO(a)), Image.open(io.BytesIO(b))
        if (one.size, one.mode, one.format) != (other.size, other.mode, other.format):
            return False
        if _facts(one) != _facts(other):
            return False
        difference = np.asarray(ImageChops.difference(one, other))
    except (OSError, UnidentifiedImageError):
        # Two damaged files of the same picture: cut at the same share of nearly the same size.
        return a[:512] == b[:512] and abs(len(a) - len(b)) < len(a) / 50
    return float(difference.mean()) <= ENCODER_TOLERANCE


def _facts(picture: Image.Image) -> list[object]:
    exif = picture.getexif()
    tags = (Base.Orientation, Base.Make, Base.Model, Base.Artist)
    return [*map(exif.get, tags), exif.get_ifd(IFD.Exif).get(Base.DateTimeOriginal)]


def _fit(picture: Image.Image, side: int = LARGEST_SIDE_PX) -> Image.Image:
    """RGB copy, at most `side` px on the longer side, without any metadata."""
    rgb = picture.convert("RGB")
    scale = side / max(rgb.size)
    if scale < 1:
        size = (round(rgb.width * scale), round(rgb.height * scale))
        rgb = rgb.resize(size, Image.Resampling.LANCZOS)
    # A picture made from pixels alone carries nothing of its source's `info` into the encoder.
    return Image.fromarray(np.asarray(rgb))


def _exif(source: Image.Image, orientation: int = 1) -> Image.Exif:
    """When, with what and by whom `source` was taken, and how the stored pixels lie."""
    old, new = source.getexif(), Image.Exif()
    new[Base.Orientation] = orientation
    for tag in (Base.Make, Base.Model, Base.Artist):
        if tag in old:
            new[tag] = old[tag]
    taken = old.get_ifd(IFD.Exif).get(Base.DateTimeOriginal)
    if taken:
        # One source writes its time zone behind the seconds; the standard leaves room for 19 bytes.
        new.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = str(taken)[:19]
    return new


def _jpeg(picture: Image.Image, exif: Image.Exif | None = None) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88, optimize=True, exif=exif or Image.Exif())
    return file.getvalue()


def _webp(picture: Image.Image, exif: Image.Exif | None = None) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=85, method=6, exif=exif or Image.Exif())
    return file.getvalue()


def _address(pictures: Pictures) -> bytes:
    source = pictures["address"]
    return _jpeg(_fit(source), _exif(source))


def _sideways(pictures: Pictures) -> bytes:
    """The speaker alone, as a camera held upright stores it: turned, with orientation 6."""
    source = pictures["address"]
    speaker = _fit(source.crop((40, 60, 626, 760)))
    return _jpeg(speaker.transpose(Image.Transpose.ROTATE_90), _exif(source, orientation=6))


def _president(pictures: Pictures) -> bytes:
    source = pictures["president"]
    return _jpeg(_fit(source.crop((0, 0, 1330, 2333))), _exif(source))


def _side_by_side(pictures: Pictures) -> bytes:
    """Two people of one photograph, cut apart in the source, next to each other again."""
    source, height = pictures["president"], 1100
    halves = [
        ImageOps.fit(_fit(picture, 2400), (680, height), Image.Resampling.LANCZOS, centering=at)
        for picture, at in (
            (source.crop((200, 120, 1330, 1950)), (0.5, 0.0)),
            (pictures["vice_president"].crop((0, 0, 970, 1570)), (0.5, 0.0)),
        )
    ]
    both = Image.new("RGB", (680 * 2, height))
    for index, half in enumerate(halves):
        both.paste(half, (680 * index, 0))
    return _jpeg(both, _exif(source))


def _portrait(pictures: Pictures) -> bytes:
    source = pictures["portrait"]
    return _jpeg(_fit(source), _exif(source))


def _close_up(pictures: Pictures) -> bytes:
    source = pictures["portrait"]
    return _webp(_fit(source.crop((270, 0, 720, 520))), _exif(source))


def _faded_print(pictures: Pictures) -> bytes:
    """A grey print that lost two thirds of its contrast, scanned slightly soft, as a TIFF."""
    grey = _fit(pictures["portrait"], 760).convert("L").filter(ImageFilter.GaussianBlur(0.8))
    faded = grey.point([round(118 + value * 0.35) for value in range(256)])
    file = io.BytesIO()
    faded.save(file, "TIFF", compression="tiff_adobe_deflate")
    return file.getvalue()


def _half_copied(pictures: Pictures) -> bytes:
    """A JPEG whose copy broke off: its header is whole, its last 60 % are missing."""
    whole = _portrait(pictures)
    return whole[: len(whole) * 2 // 5]


def _astronaut(pictures: Pictures) -> bytes:
    file = io.BytesIO()
    _fit(pictures["astronaut"]).save(file, "PNG", optimize=True)
    return file.getvalue()


def _hubble(pictures: Pictures) -> bytes:
    return _jpeg(_fit(pictures["hubble"], 800))


def _coffee(pictures: Pictures) -> bytes:
    return _webp(_fit(pictures["coffee"]))


_ALBUM: dict[str, Callable[[Pictures], bytes]] = {
    "2009 Capitol/address to Congress.jpg": _address,
    "2009 Capitol/address, stored sideways.jpg": _sideways,
    "2010 Blue Room/waiting.jpg": _president,
    "2010 Blue Room/side by side.jpg": _side_by_side,
    "2012 Oval Office/portrait sitting.jpg": _portrait,
    "2012 Oval Office/close-up.webp": _close_up,
    "2012 Oval Office/faded print.tif": _faded_print,
    "2012 Oval Office/half copied.jpg": _half_copied,
    "Space/astronaut.png": _astronaut,
    "Space/deep field.jpg": _hubble,
    "coffee break.webp": _coffee,
}


if __name__ == "__main__":
    sys.exit(main())
