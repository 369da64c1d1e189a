"""Decoding: orientation, sizes, colours and depths against what was written."""

import io
import struct
import threading
import warnings

import numpy as np
import pytest
from PIL import Image, ImageOps

from photoclust.core.errors import CancelledError, UnreadableFileError
from photoclust.media import bands, decode
from photoclust.media.decode import read_parts, read_picture
from photoclust.media.files import OriginalFile

LOSSLESS = [
    ("PNG", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("WEBP", {"lossless": True}),
]
LOSSY = [("JPEG", {"quality": 95, "subsampling": 0}), ("AVIF", {"quality": 95})]


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    """A smooth picture that looks different from every side."""
    small = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def written(tmp_path, image, kind="PNG", **options):
    path = tmp_path / f"picture.{kind.lower()}"
    image.save(path, kind, **options)
    return path


def oriented(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize(("kind", "options"), LOSSLESS + LOSSY)
def test_every_orientation_comes_out_upright(tmp_path, monkeypatch, kind, options, value):
    monkeypatch.setattr(bands, "_WHOLE_BAND_PIXELS", 70 * 7)  # several bands, the last one short
    stored = noise(70, 40)
    tagged = stored.copy()
    tagged.getexif()[0x0112] = value
    expected = np.asarray(ImageOps.exif_transpose(tagged)).astype(int)
    path = written(tmp_path, stored, kind, exif=oriented(value), **options)

    picture = read_picture(path)

    assert (picture.height, picture.width) == expected.shape[:2]
    assert picture.pixels.shape == expected.shape
    difference = np.abs(picture.pixels - expected)
    if (kind, options) in LOSSLESS:
        assert difference.max() == 0
    else:
        assert difference.mean() < 4  # a picture turned wrongly differs by 50 and more


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_parts_are_the_pixels_of_the_whole_picture(tmp_path, kind, value, turn):
    path = written(tmp_path, noise(71, 40), kind, exif=oriented(value))
    expected = np.rot90(read_picture(path).pixels, turn // 90)

    with OriginalFile(path) as original:
        parts = read_parts(original).turned(turn)

    assert parts.shape == expected.shape
    for rows, columns in ((slice(3, 9), slice(5, 31)), (slice(0, 40), slice(0, 40))):
        np.testing.assert_array_equal(parts[rows, columns], expected[rows, columns])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "LAB", "I;16"])
def test_parts_of_any_kind_of_picture_are_upright_rgb(tmp_path, mode):
    image = noise(64, 48)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 16)
    elif mode == "LAB":
        image = Image.frombytes("LAB", image.size, image.tobytes())
    else:
        image = image.convert(mode)
    path = written(tmp_path, image, "TIFF", exif=oriented(6))

    with OriginalFile(path) as original:
        part = read_parts(original)[10:30, 20:48]

    np.testing.assert_array_equal(part, read_picture(path).pixels[10:30, 20:48])


def test_parts_of_a_picture_that_is_never_whole_in_memory(tmp_path, monkeypatch):
    path = written(tmp_path, noise(301, 151), "PNG")
    monkeypatch.setattr(decode, "MAX_PIXELS_FULL", 10_000)
    monkeypatch.setattr(decode, "HEAVY_BYTES", 20_000)

    with OriginalFile(path) as original:
        parts = read_parts(original)

    assert parts.shape == (51, 101, 3)
    np.testing.assert_array_equal(parts[7:30, 5:90], read_picture(path).pixels[7:30, 5:90])


@pytest.mark.parametrize("value", [1, 6])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_max_side_bounds_the_longer_side_and_tells_the_full_size(tmp_path, kind, value):
    path = written(tmp_path, noise(700, 431), kind, exif=oriented(value))

    picture = read_picture(path, max_side=160)

    small, full = (160, round(431 * 160 / 700)), (700, 431)
    turned = value == 6
    assert picture.pixels.shape[:2] == (small if turned else small[::-1])
    assert (picture.width, picture.height) == (full[::-1] if turned else full)
    assert picture.scale == 160 / 700
    assert picture.pixels.flags.c_contiguous
    assert picture.pixels.dtype == np.uint8


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_reduced_looks_like_the_full_picture_averaged(tmp_path, kind):
    image = noise(1201, 803)
    options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {}
    path = written(tmp_path, image, kind, **options)
    expected = np.asarray(image.resize((300, 201), Image.Resampling.BOX)).astype(int)

    picture = read_picture(path, max_side=300)

    difference = np.abs(picture.pixels - expected)
    assert difference.mean() < 1
    assert difference.max() <= (10 if kind == "JPEG" else 4)


def test_small_pictures_are_never_enlarged(tmp_path):
    path = written(tmp_path, noise(50, 30))

    picture = read_picture(path, max_side=1600)

    assert picture.pixels.shape == (30, 50, 3)
    assert picture.scale == 1.0


def test_fine_stripes_become_grey_and_no_moire(tmp_path):
    stripes = np.zeros((300, 2000), np.uint8)
    stripes[:, ::2] = 255
    path = written(tmp_path, Image.fromarray(stripes))

    for side in (1990, 1600, 1200, 900, 700):
        pixels = read_picture(path, max_side=side).pixels[5:-5, 5:-5].astype(int)
        row = pixels[50, :, 0]
        wide = np.convolve(row, np.ones(8) / 8, "valid")  # what remains once fine detail is gone
        assert np.abs(wide - 127.5).max() < 24, side
    assert np.abs(pixels - 127.5).max() < 16


def test_above_the_full_limit_a_picture_is_divided_by_a_whole_number(tmp_path, monkeypatch):
    monkeypatch.setattr(decode, "MAX_PIXELS_FULL", 10_000)
    for kind in ("JPEG", "PNG"):
        path = written(tmp_path, noise(301, 151), kind)

        picture = read_picture(path)

        assert picture.pixels.shape == (51, 101, 3)
        assert (picture.width, picture.height) == (301, 151)


def test_twelve_bits_in_a_sixteen_bit_file_are_not_black(tmp_path):
    ramp = np.linspace(0, 4095, 256).astype(np.uint16)[None].repeat(20, 0)

    for kind in ("TIFF", "PNG"):
        pixels = read_picture(written(tmp_path, Image.fromarray(ramp), kind)).pixels

        expected = np.rint(ramp / 4095 * 255)
        assert np.abs(pixels - expected[..., None]).max() <= 1


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(20, 0)
    path = written(tmp_path, Image.fromarray(ramp), "TIFF", compression="tiff_adobe_deflate")

    pixels = read_picture(path).pixels

    assert np.abs(pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_big_endian_sixteen_bit_tiff(tmp_path):
    ramp = np.linspace(0, 65535, 256).astype(">u2")[None].repeat(4, 0)
    path = written(tmp_path, Image.frombytes("I;16B", (256, 4), ramp.tobytes()), "TIFF")

    assert np.abs(read_picture(path).pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_deep_white_is_zero_is_not_a_negative(tmp_path):
    path = written(tmp_path, Image.fromarray(np.full((4, 4), 1000, np.uint16)), "TIFF")
    content = path.read_bytes()
    entry = struct.pack("<HHI", 262, 3, 1)
    assert content.count(entry + b"\1\0") == 1
    path.write_bytes(content.replace(entry + b"\1\0", entry + b"\0\0"))

    assert read_picture(path).pixels.max() == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([-1.0, 0.0, 1.0], [0, 128, 255]),
        ([0.0, np.nan, 2.0], [0, 0, 255]),
        ([0.0, np.inf, 2.0], [0, 255, 255]),
        ([0.0, 0.0, 0.0], [0, 0, 0]),
        ([np.nan, np.nan, np.nan], [0, 0, 0]),
    ],
)
def test_floats_are_scaled_by_what_they_hold(tmp_path, values, expected):
    path = written(tmp_path, Image.fromarray(np.array([values], np.float32)), "TIFF")

    assert read_picture(path).pixels[0, :, 0].tolist() == expected


def test_thirty_two_bit_integers(tmp_path):
    path = written(tmp_path, Image.fromarray(np.array([[0, 50_000, 100_000]], np.int32)), "TIFF")

    assert read_picture(path).pixels[0, :, 1].tolist() == [0, 128, 255]


def test_one_bit_and_grey(tmp_path):
    bits = np.array([[True, False, True]])

    assert read_picture(written(tmp_path, Image.fromarray(bits))).pixels.tolist() == [
        [[255] * 3, [0] * 3, [255] * 3]
    ]
    grey = Image.fromarray(np.array([[7, 77]], np.uint8))
    assert read_picture(written(tmp_path, grey)).pixels.tolist() == [[[7] * 3, [77] * 3]]


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_alpha_is_laid_on_white(tmp_path, kind, mode):
    rgba = np.zeros((8, 9, 4), np.uint8)
    rgba[:, :3, 3], rgba[:, 3:6, 3], rgba[:, 6:, 3] = 255, 128, 0
    options = {"lossless": True} if kind == "WEBP" else {}
    path = written(tmp_path, Image.fromarray(rgba).convert(mode), kind, **options)

    assert read_picture(path).pixels[4, ::4].tolist() == [[0] * 3, [127] * 3, [255] * 3]


def test_palettes_with_and_without_transparency(tmp_path):
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    red, green, blue, white = [255, 0, 0], [0, 255, 0], [0, 0, 255], [255] * 3

    assert read_picture(written(tmp_path, image)).pixels.tolist() == [[red, green, blue]]
    one = written(tmp_path, image, transparency=1)
    assert read_picture(one).pixels.tolist() == [[red, white, blue]]
    half = written(tmp_path, image, transparency=bytes([255, 255, 0]))
    assert read_picture(half).pixels.tolist() == [[red, green, white]]
    gif = written(tmp_path, image, "GIF", transparency=0)
    assert read_picture(gif).pixels.tolist() == [[white, green, blue]]


def test_colour_key_transparency_of_rgb(tmp_path):
    image = Image.fromarray(np.array([[[1, 2, 3], [9, 9, 9]]], np.uint8))
    path = written(tmp_path, image, transparency=(1, 2, 3))

    assert read_picture(path).pixels.tolist() == [[[255] * 3, [9] * 3]]


def test_the_first_frame_of_an_animation_counts(tmp_path):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        path = written(tmp_path, frames[0], kind, save_all=True, append_images=frames[1:])

        assert np.abs(read_picture(path).pixels[8, 8].astype(int) - (255, 0, 0)).max() < 4


def test_sixteen_bit_colour_png(tmp_path):
    row = struct.pack(">6H", 65535, 32768, 0, 257 * 10, 257 * 20, 257 * 30)
    path = tmp_path / "a.png"
    path.write_bytes(png(2, 1, 16, 2, b"\0" + row))

    assert read_picture(path).pixels.tolist() == [[[255, 128, 0], [10, 20, 30]]]


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + crc

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_not_inverted(tmp_path, kind):
    inks = [(0, 0, 0, 0), (0, 255, 255, 0), (255, 255, 0, 0), (0, 0, 0, 255)]
    image = Image.new("CMYK", (64, 16))
    for number, ink in enumerate(inks):
        image.paste(ink, (16 * number, 0, 16 * number + 16, 16))
    path = written(tmp_path, image, kind, **({"quality": 98} if kind == "JPEG" else {}))

    seen = read_picture(path).pixels[8, 8::16].astype(int)

    assert np.abs(seen - [[255] * 3, [255, 0, 0], [0, 0, 255], [0] * 3]).max() < 8


def cmyk_profile() -> bytes:
    """A minimal ICC.1 output profile in which only black ink shows: K to L*, C, M, Y to nothing."""
    fixed = lambda value: struct.pack(">i", round(value * 65536))  # noqa: E731 - ICC s15Fixed16
    identity = b"".join(fixed(value) for value in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    ramp = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + identity
    table += ramp * 4 + bytes([255, 128, 128, 0, 128, 128]) * 8 + ramp * 3
    tags = struct.pack(">I4sII", 1, b"A2B0", 144, len(table))
    header = struct.pack(
        ">I4xI4s4s4s12x4s", 144 + len(table), 0x02400000, b"prtr", b"CMYK", b"Lab ", b"acsp"
    )
    header = header.ljust(68, b"\0") + fixed(0.9642) + fixed(1) + fixed(0.8249)
    return header.ljust(128, b"\0") + tags + table


def test_cmyk_goes_through_its_own_profile(tmp_path):
    for ink, grey in (((255, 255, 0, 0), 255), ((0, 0, 0, 255), 0)):
        image = Image.new("CMYK", (16, 16), ink)
        path = written(tmp_path, image, "TIFF", icc_profile=cmyk_profile())

        assert np.abs(read_picture(path).pixels.astype(int) - grey).max() < 4


def test_a_broken_profile_costs_nothing(tmp_path):
    for profile in (b"rubbish", cmyk_profile()[:200]):
        path = written(tmp_path, Image.new("CMYK", (16, 16)), "TIFF", icc_profile=profile)

        assert read_picture(path).pixels.min() == 255


def test_lab(tmp_path):
    path = written(tmp_path, Image.new("LAB", (8, 8), (128, 128, 128)), "TIFF")

    assert np.abs(read_picture(path).pixels.astype(int) - 119).max() < 6


def test_reading_changes_nothing_global(tmp_path):
    path = written(tmp_path, noise(200, 100), "JPEG")
    limit, filters = Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    threads = [
        threading.Thread(target=lambda: [read_picture(path, max_side=50) for _ in range(20)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert limit == Image.MAX_IMAGE_PIXELS
    assert warnings.filters == filters


class Gate:
    def __init__(self, error: Exception | None = None) -> None:
        self.entered, self.error = 0, error

    def __enter__(self) -> None:
        self.entered += 1
        if self.error is not None:
            raise self.error

    def __exit__(self, *_: object) -> None:
        pass


def test_only_heavy_decodes_pass_the_gate(tmp_path, monkeypatch):
    path = written(tmp_path, noise(100, 100), "BMP")
    gate = Gate()
    read_picture(path, heavy=gate)
    assert gate.entered == 0

    monkeypatch.setattr(decode, "HEAVY_BYTES", 39_999)
    read_picture(path, heavy=gate)
    assert gate.entered == 1

    with pytest.raises(CancelledError):
        read_picture(path, heavy=Gate(CancelledError()))


def test_a_progressive_jpeg_counts_what_libjpeg_keeps(tmp_path, monkeypatch):
    path = written(tmp_path, noise(100, 100), "JPEG", progressive=True, subsampling=0)
    monkeypatch.setattr(decode, "HEAVY_BYTES", 60_000)
    gate = Gate()
    read_picture(path, max_side=10, heavy=gate)
    assert gate.entered == 1

    monkeypatch.setattr(decode, "_MAX_COEFFICIENT_BYTES", 59_999)
    with pytest.raises(UnreadableFileError, match="save it as a baseline JPEG"):
        read_picture(path, max_side=10)


def test_broken_exif_never_costs_the_picture(tmp_path):
    good = Image.Exif()
    good[0x010F] = "Maker"
    junk = [
        b"Exif\0\0I\x01\0\0\0\0\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\x7f",
        b"Exif\0\0rubbish that goes on for a while",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(range(60)),
    ]
    for kind in ("JPEG", "PNG", "WEBP"):
        for block in junk:
            path = written(tmp_path, noise(40, 30), kind, exif=block)
            assert read_picture(path).pixels.shape == (30, 40, 3)
    path = written(tmp_path, noise(40, 30), "AVIF", exif=good)
    content = path.read_bytes()
    assert content.count(b"MM\0*") == 1
    path.write_bytes(content.replace(b"MM\0*", b"XX\0*"))
    assert read_picture(path).pixels.shape == (30, 40, 3)


def test_a_multi_picture_jpeg_gives_its_first(tmp_path):
    first, second = Image.new("RGB", (32, 32), "red"), Image.new("RGB", (32, 32), "blue")
    file = io.BytesIO()
    first.save(file, "MPO", save_all=True, append_images=[second])
    path = tmp_path / "a.mpo"
    path.write_bytes(file.getvalue())

    assert np.abs(read_picture(path).pixels[16, 16].astype(int) - (255, 0, 0)).max() < 4
