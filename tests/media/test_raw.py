"""Camera raw files: told from TIFF, read by preview or developed, upright once, with a date."""

import io
import struct
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from photoclust.core.errors import UnreadableFileError, UserError
from photoclust.core.types import Metadata
from photoclust.media import opening, raw
from photoclust.media.decode import read_parts, read_picture
from photoclust.media.files import OriginalFile
from photoclust.media.formats import Format, tell_format
from photoclust.media.headers import read_orientation
from photoclust.media.place import without_place

needs_rawpy = pytest.mark.skipif(not raw.is_readable(), reason="needs rawpy: the extra `raw`")

SIDE, HEIGHT = 400, 300
"""Of the sensor: so small that all of its values are developed."""
TAKEN = datetime(2021, 7, 8, 9, 10, 11, 250_000, tzinfo=UTC).replace(tzinfo=None)
RED, GREEN, BLUE, WHITE = (200, 20, 20), (20, 200, 20), (20, 20, 200), (220, 220, 220)
UPRIGHT = {1: "RGBW", 3: "WBGR", 6: "BRWG", 8: "GWRB"}
"""The corners, row by row, of what is stored as red, green / blue, white, by EXIF orientation."""

ASCII, SHORT, LONG, RATIONAL, SIGNED_RATIONAL, UNDEFINED, BYTE = 2, 3, 4, 5, 10, 7, 1
Tags = dict[int, tuple[int, object]]


def corners(width: int, height: int) -> Image.Image:
    picture = Image.new("RGB", (width, height))
    for number, colour in enumerate((RED, GREEN, BLUE, WHITE)):
        picture.paste(colour, (number % 2 * width // 2, number // 2 * height // 2, width, height))
    return picture


def jpeg(width: int, height: int, **options: object) -> bytes:
    file = io.BytesIO()
    corners(width, height).save(file, "JPEG", quality=90, **options)
    return file.getvalue()


def mosaic(width: int, height: int) -> bytes:
    """What a sensor under a red, green / green, blue filter sees of `corners`, 16 bits a value."""
    picture = np.asarray(corners(width, height)).astype(np.float64) / 255
    linear = (picture**2.2 * 60_000).astype("<u2")
    values = linear[..., 1].copy()
    values[::2, ::2], values[1::2, 1::2] = linear[::2, ::2, 0], linear[1::2, 1::2, 2]
    return values.tobytes()


def packed(kind: int, value: object) -> tuple[int, bytes]:
    if isinstance(value, str):
        value = value.encode() + b"\0"
    if isinstance(value, bytes):
        return len(value), value
    values = value if isinstance(value, tuple) else (value,)
    if kind in {RATIONAL, SIGNED_RATIONAL}:
        form = "i" if kind == SIGNED_RATIONAL else "I"
        pairs = [part for each in values for part in (round(each * 10_000), 10_000)]
        return len(values), struct.pack(f"<{len(pairs)}{form}", *pairs)
    return len(values), struct.pack(
        f"<{len(values)}{ {BYTE: 'B', SHORT: 'H', LONG: 'I'}[kind] }", *values
    )


class RawWriter:
    """A TIFF from its directories (TIFF 6.0), as DNG and most makers' raw files are."""

    def __init__(self) -> None:
        self.body = bytearray(b"II*\0\0\0\0\0")

    def add(self, data: bytes) -> int:
        """Where `data` lies from now on."""
        self.body += b"\0" * (len(self.body) % 2)
        self.body += data
        return len(self.body) - len(data)

    def directory(self, tags: Tags) -> int:
        entries = bytearray()
        for tag, (kind, value) in sorted(tags.items()):
            count, data = packed(kind, value)
            if len(data) > 4:
                data = struct.pack("<I", self.add(data))
            entries += struct.pack("<HHI", tag, kind, count) + data.ljust(4, b"\0")
        return self.add(struct.pack("<H", len(tags)) + entries + bytes(4))

    def file(self, first: int, mark: bytes = b"II*\0") -> bytes:
        self.body[:8] = mark + struct.pack("<I", first)
        return bytes(self.body)


def raw_file(
    *,
    preview: bytes | None = None,
    shape: tuple[int, int] = (0, 0),
    orientation: int = 1,
    dng: bool = True,
    size: tuple[int, int] = (SIDE, HEIGHT),
) -> bytes:
    """A raw file with the sensor's values in a directory below the first, as most have them, and a
    `preview` of `shape` in the first.
    """
    writer = RawWriter()
    values = mosaic(*size)
    sensor: Tags = {
        254: (LONG, 0),
        256: (LONG, size[0]),
        257: (LONG, size[1]),
        258: (SHORT, 16),
        259: (SHORT, 1),
        262: (SHORT, 32803),
        273: (LONG, writer.add(values)),
        277: (SHORT, 1),
        278: (LONG, size[1]),
        279: (LONG, len(values)),
        33421: (SHORT, (2, 2)),
        33422: (BYTE, bytes((0, 1, 1, 2))),
        50717: (LONG, 60_000),
    }
    details: Tags = {36867: (ASCII, f"{TAKEN:%Y:%m:%d %H:%M:%S}"), 37521: (ASCII, "25")}
    first: Tags = {
        254: (LONG, 1),
        271: (ASCII, "Maker"),
        272: (ASCII, "Model 5"),
        274: (SHORT, orientation),
        330: (LONG, writer.directory(sensor)),
        34665: (LONG, writer.directory(details)),
    }
    if dng:
        first |= {
            50706: (BYTE, bytes((1, 4, 0, 0))),
            50708: (ASCII, "Maker Model 5"),
            50721: (SIGNED_RATIONAL, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)),
            50728: (RATIONAL, (1.0, 1.0, 1.0)),
            50778: (SHORT, 21),
        }
    if preview is not None:
        first |= {
            256: (LONG, shape[0]),
            257: (LONG, shape[1]),
            258: (SHORT, (8, 8, 8)),
            259: (SHORT, 7),
            262: (SHORT, 6),
            273: (LONG, writer.add(preview)),
            277: (SHORT, 3),
            278: (LONG, shape[1]),
            279: (LONG, len(preview)),
        }
    return writer.file(writer.directory(first))


def seen(pixels: np.ndarray) -> str:
    """The colours in the corners of a picture, row by row."""
    height, width = pixels.shape[:2]
    names = {"R": RED, "G": GREEN, "B": BLUE, "W": WHITE}
    points = [
        pixels[y, x].astype(int)
        for y in (height // 4, -height // 4)
        for x in (width // 4, -width // 4)
    ]
    return "".join(
        min(names, key=lambda name: np.abs(point - names[name]).sum()) for point in points
    )


@pytest.mark.parametrize(
    ("head", "rest"),
    [
        (b"II*\0\x10\0\0\0CR\2\0", b""),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", b""),
        (b"FUJIFILMCCD-RAW 0201", b""),
        (b"IIRO\x08\0\0\0", b""),
        (b"IIU\0\x18\0\0\0", b""),
        (b"FOVb\0\0\2\0", b""),
    ],
)
def test_makers_with_a_mark_of_their_own_are_told_by_it(head, rest):
    assert tell_format(io.BytesIO(head + rest + bytes(64))) is Format.RAW


@pytest.mark.parametrize("dng", [True, False])
def test_raw_files_that_look_like_tiff_are_told_by_what_they_hold(dng):
    assert tell_format(io.BytesIO(raw_file(dng=dng))) is Format.RAW
    assert tell_format(io.BytesIO(raw_file(dng=dng, preview=jpeg(64, 48), shape=(64, 48)))) is (
        Format.RAW
    )


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}, {"save_all": True}])
def test_a_tiff_is_no_raw_file_whatever_camera_it_names(tmp_path, options):
    path = tmp_path / "a.dng"
    tags = {271: "NIKON CORPORATION", 272: "NIKON D90"}
    more = {"append_images": [corners(40, 30)] * 20} if "save_all" in options else {}
    corners(64, 48).save(path, "TIFF", tiffinfo=tags, **options, **more)

    assert tell_format(io.BytesIO(path.read_bytes())) is Format.TIFF
    assert seen(read_picture(path).pixels) == "RGBW"


def test_no_byte_of_a_directory_brings_the_telling_down():
    content = raw_file(preview=jpeg(64, 48), shape=(64, 48))
    start = content.index(struct.pack("<HHII", 254, LONG, 1, 1)) - 2
    for at in range(start, len(content)):
        for value in (0, 255):
            damaged = bytearray(content)
            damaged[at] = value
            assert tell_format(io.BytesIO(damaged)) in {Format.RAW, Format.TIFF}
    for end in range(start, len(content), 7):
        assert tell_format(io.BytesIO(content[:end])) in {Format.RAW, Format.TIFF}


def written(tmp_path, content: bytes, name: str = "a.dng"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@needs_rawpy
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("shape", [(SIDE, HEIGHT), (64, 48), None])
def test_a_raw_file_is_turned_upright_once(tmp_path, shape, orientation):
    shown = {"preview": jpeg(*shape), "shape": shape} if shape else {}
    path = written(tmp_path, raw_file(orientation=orientation, **shown))
    size = (SIDE, HEIGHT) if orientation < 5 else (HEIGHT, SIDE)

    for side in (None, 160):
        picture = read_picture(path, max_side=side)
        assert (picture.width, picture.height) == size
        assert seen(picture.pixels) == UPRIGHT[orientation]
        assert max(picture.pixels.shape) == (side or SIDE)
    with OriginalFile(path, head_only=True) as original:
        assert read_orientation(original) == orientation


@needs_rawpy
@pytest.mark.parametrize("orientation", [6, 8])
def test_a_preview_that_stands_already_is_not_turned_again(tmp_path, orientation):
    shown = jpeg(HEIGHT, SIDE)  # upright, beside values of the sensor that lie on their side
    path = written(tmp_path, raw_file(orientation=orientation, preview=shown, shape=(HEIGHT, SIDE)))

    picture = read_picture(path)

    assert (picture.width, picture.height) == (HEIGHT, SIDE)
    assert seen(picture.pixels) == "RGBW"
    with OriginalFile(path, head_only=True) as original:
        assert read_orientation(original) == orientation  # of the sensor's picture


@needs_rawpy
@pytest.mark.parametrize(("said", "expected"), [({}, 3), ({0x0112: 3}, 3), ({0x0112: 1}, 1)])
def test_what_a_preview_says_of_itself_counts_where_it_says_it(tmp_path, said, expected):
    exif = Image.Exif()
    exif.update({0x010F: "Maker", **said})
    shown = jpeg(SIDE, HEIGHT, exif=exif)
    assert shown[6:10] == b"JFIF"
    shown = shown[:2] + shown[20:]  # EXIF comes first in what cameras write
    path = written(tmp_path, raw_file(orientation=3, preview=shown, shape=(SIDE, HEIGHT)))

    assert seen(read_picture(path).pixels) == UPRIGHT[expected]


@needs_rawpy
def test_the_preview_is_taken_where_it_is_large_enough(tmp_path):
    yellow = io.BytesIO()
    Image.new("RGB", (1600, 1200), (250, 240, 10)).save(yellow, "JPEG")
    sensor = (3200, 120)  # twice as wide as needed: four values make a pixel
    large = written(tmp_path, raw_file(size=sensor, preview=yellow.getvalue(), shape=(1600, 1200)))
    small = io.BytesIO()
    Image.new("RGB", (1590, 1192), (250, 240, 10)).save(small, "JPEG")
    too_small = written(
        tmp_path, raw_file(size=sensor, preview=small.getvalue(), shape=(1590, 1192)), "b.dng"
    )

    preview, developed = read_picture(large), read_picture(too_small)

    assert (preview.width, preview.height) == (1600, 1200)
    assert np.abs(preview.pixels[600, 800].astype(int) - (250, 240, 10)).max() < 6
    assert (developed.width, developed.height) == (1600, 60)
    assert seen(developed.pixels) == "RGBW"


@needs_rawpy
def test_parts_are_those_of_the_picture(tmp_path):
    shown = jpeg(SIDE, HEIGHT)
    path = written(tmp_path, raw_file(orientation=6, preview=shown, shape=(SIDE, HEIGHT)))

    with OriginalFile(path) as original:
        part = read_parts(original)[40:90, 20:70]

    np.testing.assert_array_equal(part, read_picture(path).pixels[40:90, 20:70])


@needs_rawpy
@pytest.mark.parametrize("with_preview", [True, False])
def test_time_and_camera_are_those_of_the_raw_file(tmp_path, with_preview):
    shown = {"preview": jpeg(SIDE, HEIGHT), "shape": (SIDE, HEIGHT)} if with_preview else {}

    found = read_picture(written(tmp_path, raw_file(**shown))).metadata

    assert found == Metadata(TAKEN, "Maker Model 5")


def test_olympus_and_panasonic_write_their_exif_as_tiff_does():
    for mark in (b"IIRO", b"IIRS", b"IIU\0"):
        content = mark + raw_file()[4:]

        told = raw.read_raw_metadata(io.BytesIO(content), Metadata())

        assert told == Metadata(TAKEN, "Maker Model 5")


def test_where_a_raw_file_is_no_tiff_its_preview_tells():
    shown = Metadata(TAKEN, "Canon EOS R5")

    for content in (b"\0\0\0\x18ftypcrx " + bytes(200), b"II*\0\xff\xff\xff\xff", b""):
        assert raw.read_raw_metadata(io.BytesIO(content), shown) == shown


@needs_rawpy
@pytest.mark.parametrize("with_preview", [True, False])
def test_a_raw_file_that_is_cut_short_is_a_failure_with_a_reason(tmp_path, with_preview):
    shown = {"preview": jpeg(SIDE, HEIGHT), "shape": (SIDE, HEIGHT)} if with_preview else {}
    content = raw_file(**shown)

    for share in (0.02, 0.5, 0.98):
        path = written(tmp_path, content[: int(share * len(content))])
        with pytest.raises(UnreadableFileError) as caught:
            read_picture(path)
        assert "RAW" in caught.value.reason or "TIFF" in caught.value.reason


@needs_rawpy
def test_what_libraw_does_not_know_is_a_variant(tmp_path):
    path = written(tmp_path, b"IIRO\x08\0\0\0" + bytes(600))

    with pytest.raises(UnreadableFileError, match="this variant of RAW is not supported"):
        read_picture(path)


@needs_rawpy
def test_sensors_and_files_beyond_the_limits_are_refused(tmp_path, monkeypatch):
    path = written(tmp_path, raw_file())
    monkeypatch.setattr(opening, "MAX_PIXELS_WHOLE", SIDE * HEIGHT - 1)
    with pytest.raises(UnreadableFileError, match="400 × 300 pixels are too many"):
        read_picture(path)

    monkeypatch.setattr(raw, "MAX_BYTES", path.stat().st_size - 1)
    with pytest.raises(UnreadableFileError, match="the file is too large for a RAW picture"):
        read_picture(path)


def test_without_the_extra_a_raw_file_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(raw, "is_readable", lambda: False)
    path = written(tmp_path, raw_file())

    with pytest.raises(UnreadableFileError, match=r"install photoclust\[raw\]") as caught:
        read_picture(path)

    assert caught.value.try_again  # once it is installed, although the file is the same


def test_the_place_is_taken_out_of_no_raw_file():
    with pytest.raises(UserError, match="cannot be taken out of this RAW file"):
        without_place(raw_file())
