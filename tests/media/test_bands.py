"""Gigantic pictures in bands: the same pixels as in one piece, and a fraction of the memory."""

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoclust.core.errors import UnreadableFileError
from photoclust.media import bands, decode
from photoclust.media.decode import read_picture


@pytest.fixture
def in_bands(monkeypatch):
    """Take every TIFF and PNG apart, into very small bands, and fail where that was not done."""

    def switch(on: bool) -> None:
        monkeypatch.setattr(decode, "HEAVY_BYTES", 0 if on else 2**60)
        monkeypatch.setattr(bands, "_DECODED_BAND_PIXELS", 700)
        monkeypatch.setattr(decode, "whole", never if on else bands.whole)

    def never(image):
        pytest.fail("decoded in one piece")

    return switch


def sample(mode: str, width: int = 97, height: int = 83) -> Image.Image:
    small = np.random.default_rng(3).integers(0, 256, (9, 11, 4), np.uint8)
    image = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    if mode == "I;16":
        grey = np.asarray(image.convert("L")).astype(np.uint16) * 16
        return Image.fromarray(grey)
    if mode == "F":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.float32) / 300)
    if mode in {"P", "1"}:
        return image.convert("RGB").convert(mode)
    return image.convert(mode)


def check(path: Path, in_bands, max_side: int | None) -> None:
    in_bands(False)
    expected = read_picture(path, max_side=max_side)
    in_bands(True)
    picture = read_picture(path, max_side=max_side)
    assert np.array_equal(picture.pixels, expected.pixels)
    assert (picture.width, picture.height, picture.scale, picture.metadata) == (
        expected.width,
        expected.height,
        expected.scale,
        expected.metadata,
    )


@pytest.mark.parametrize("max_side", [None, 60, 20, 7])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "I;16"])
def test_png(tmp_path, in_bands, mode, max_side):
    path = tmp_path / "a.png"
    sample(mode).save(path)

    check(path, in_bands, max_side)


def test_png_with_a_transparent_palette(tmp_path, in_bands):
    path = tmp_path / "a.png"
    sample("P").save(path, transparency=bytes(range(256)))

    check(path, in_bands, None)


def test_png_that_cannot_be_taken_apart_is_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(decode, "HEAVY_BYTES", 0)
    path = tmp_path / "a.png"
    image = sample("1")
    image.save(path)

    assert np.array_equal(read_picture(path).pixels[..., 0], np.asarray(image) * 255)


def test_truncated_and_damaged_png(tmp_path, in_bands):
    path = tmp_path / "a.png"
    sample("RGB").save(path)
    content = path.read_bytes()
    in_bands(True)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableFileError, match="truncated"):
        read_picture(path)
    path.write_bytes(content[:200] + bytes(100) + content[300:])
    with pytest.raises(UnreadableFileError, match="damaged"):
        read_picture(path)


@pytest.mark.parametrize("max_side", [None, 60, 20, 7])
@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "I;16", "F", "CMYK", "LAB", "1"])
def test_tiff(tmp_path, in_bands, mode, compression, max_side):
    path = tmp_path / "a.tif"
    sample(mode).save(path, compression=compression, strip_size=900, tiffinfo={278: 5})

    check(path, in_bands, max_side)


@pytest.mark.parametrize("value", range(2, 9))
@pytest.mark.parametrize("kind", ["TIFF", "PNG"])
def test_orientation(tmp_path, in_bands, kind, value):
    exif = Image.Exif()
    exif[0x0112] = value
    path = tmp_path / "a"
    options = {"tiffinfo": {278: 5}} if kind == "TIFF" else {}
    sample("RGB").save(path, kind, exif=exif, **options)

    check(path, in_bands, 40)


def test_jpeg_in_tiff_with_its_tables_apart(tmp_path, in_bands):
    path = tmp_path / "a.tif"
    sample("RGB", 96, 96).save(path, compression="jpeg", tiffinfo={278: 16})

    check(path, in_bands, None)


def test_a_single_strip_without_compression_is_cut(tmp_path, in_bands):
    path = tmp_path / "a.tif"
    sample("RGB").save(path, strip_size=10**9)

    check(path, in_bands, 30)


def tiled_tiff(order: str, pixels: np.ndarray, tile: int) -> bytes:
    """A grey 8- or 16-bit TIFF of square tiles, deflated (TIFF 6.0 section 15)."""
    height, width = pixels.shape
    data = pixels.astype(pixels.dtype.newbyteorder(order))
    body = bytearray(8)
    offsets, lengths = [], []
    for y in range(0, height, tile):
        for x in range(0, width, tile):
            square = np.zeros((tile, tile), data.dtype)
            part = data[y : y + tile, x : x + tile]
            square[: part.shape[0], : part.shape[1]] = part
            packed = zlib.compress(square.tobytes())
            offsets.append(len(body))
            lengths.append(len(packed))
            body += packed + bytes(len(packed) % 2)
    tags = {
        256: [width], 257: [height], 258: [data.itemsize * 8], 259: [8], 262: [1], 277: [1],
        322: [tile], 323: [tile], 324: offsets, 325: lengths,
    }  # fmt: skip
    body[:8] = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, len(body))
    at = len(body) + 2 + 12 * len(tags) + 4
    entries, extra = struct.pack(f"{order}H", len(tags)), b""
    for tag, values in tags.items():
        packed = struct.pack(f"{order}{len(values)}I", *values)
        inline = packed if len(packed) == 4 else struct.pack(f"{order}I", at + len(extra))
        extra += packed if len(packed) > 4 else b""
        entries += struct.pack(f"{order}HHI", tag, 4, len(values)) + inline
    return bytes(body) + entries + bytes(4) + extra


@pytest.mark.parametrize("max_side", [None, 33])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_tiles_in_either_byte_order(tmp_path, in_bands, dtype, order, max_side):
    grey = np.asarray(sample("L", 75, 61)).astype(dtype)
    pixels = grey * 257 if dtype is np.uint16 else grey
    path = tmp_path / "a.tif"
    path.write_bytes(tiled_tiff(order, pixels, 16))

    check(path, in_bands, max_side)
    if max_side is None:
        seen = read_picture(path).pixels[..., 0].astype(int)
        assert np.abs(seen - grey * (255 / grey.max() if dtype is np.uint16 else 1)).max() <= 1


MEASURE = """
import sys
from pathlib import Path
from photoclust.media.decode import read_picture
picture = read_picture(Path(sys.argv[1]), max_side=int(sys.argv[2]) or None)
status = Path("/proc/self/status").read_text()
print(picture.width, picture.height, int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


def measured(path: Path, max_side: int, repository: Path) -> tuple[int, int, int]:
    """Width, height and peak resident memory in MB of a process that reads `path`."""
    output = subprocess.run(
        [sys.executable, "-c", MEASURE, path, str(max_side)],
        check=True,
        capture_output=True,
        text=True,
        cwd=repository,
    ).stdout
    width, height, peak = output.split()
    return int(width), int(height), int(peak)


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="peak memory is read from /proc"
)


@needs_proc
def test_a_scan_of_250_megapixels_takes_little_memory(tmp_path, repository):
    width, height = 16_000, 15_625
    head = tmp_path / "head.tif"
    Image.new("RGB", (width, 1)).save(head)
    tags = {
        256: width,
        257: height,
        258: 8,
        259: 1,
        262: 2,
        277: 3,
        278: height,
        279: 3 * width * height,
    }
    entries = b"".join(
        struct.pack("<HHII", tag, 4, 1, value) for tag, value in {**tags, 273: 256}.items()
    )
    path = tmp_path / "a.tif"
    with path.open("wb") as file:
        file.write(b"II*\0" + struct.pack("<IH", 8, 9) + entries)
        file.truncate(256 + 3 * width * height)  # a hole reads as black

    seen_width, seen_height, peak_mb = measured(path, 1600, repository)

    assert (seen_width, seen_height) == (width, height)
    assert peak_mb < 400


@needs_proc
def test_a_large_png_takes_little_memory(tmp_path, repository):
    width, height = 9_000, 9_000
    pack = zlib.compressobj(1)
    row = bytes(3 * width + 1)
    packed = b"".join(pack.compress(row) for _ in range(height)) + pack.flush()

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    path = tmp_path / "a.png"
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )

    seen_width, seen_height, peak_mb = measured(path, 1600, repository)

    assert (seen_width, seen_height) == (width, height)
    assert peak_mb < 250  # Pillow alone takes 324
