"""Damaged, cut and hostile files: a reason each, and nothing but UnreadableFileError."""

import io
import random
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoclust.core.errors import UnreadableFileError
from photoclust.media import decode
from photoclust.media.decode import read_picture

VARIANTS = [
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("PNG", {}),
    ("WEBP", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("BMP", {}),
    ("GIF", {}),
    ("AVIF", {}),
]
FLIPPED_FILES = 25


def encoded(kind: str, options: dict) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    file = io.BytesIO()
    image = Image.fromarray(pixels).resize((120, 90))
    image.save(file, kind, **options, **({} if kind in {"BMP", "GIF"} else {"exif": exif}))
    return file.getvalue()


@pytest.mark.parametrize(("kind", "options"), VARIANTS)
def test_a_truncated_file_is_a_failure_with_its_reason(tmp_path, kind, options):
    content = encoded(kind, options)
    rng = random.Random(7)
    path = tmp_path / "a.jpg"
    for cut in [20, *(rng.randrange(100, int(len(content) * 0.95)) for _ in range(10))]:
        path.write_bytes(content[:cut])

        with pytest.raises(UnreadableFileError) as caught:
            read_picture(path)

        assert any(word in caught.value.reason for word in ("truncated", "incomplete")), cut
        if cut > 1000 and kind in {"JPEG", "PNG", "WEBP", "AVIF"}:
            assert "the file is truncated" in caught.value.reason


@pytest.mark.parametrize("heavy_bytes", [0, decode.HEAVY_BYTES])
@pytest.mark.parametrize(("kind", "options"), VARIANTS)
def test_flipped_bits_raise_nothing_else(tmp_path, monkeypatch, kind, options, heavy_bytes):
    monkeypatch.setattr(decode, "HEAVY_BYTES", heavy_bytes)
    # What 300 million pixels of black take is not the question here.
    monkeypatch.setattr(decode, "MAX_PIXELS", 10**6)
    content = encoded(kind, options)
    rng = random.Random(f"{kind}{options}")
    path = tmp_path / "a.jpg"
    reasons = []
    for number in range(FLIPPED_FILES):
        damaged = bytearray(content)
        reach = len(content) if number % 2 else min(len(content), 400)
        for _ in range(rng.choice((1, 3, 12))):
            damaged[rng.randrange(reach)] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        try:
            picture = read_picture(path, max_side=50)
        except UnreadableFileError as error:
            reasons.append(error.reason)
        else:
            assert max(picture.pixels.shape[:2]) <= 50
    assert reasons  # or nothing was damaged at all
    for reason in reasons:
        assert reason
        assert "<_io" not in reason
        assert str(path) not in reason


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    )


def bmp_header(width: int, height: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 1000, 0, 0, 54) + info + bytes(1000)


def gif_header(width: int, height: int) -> bytes:
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\2\2\x4c\1\0;"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + frame


@pytest.mark.parametrize(
    "content", [png_header(60_000, 60_000), bmp_header(60_000, 60_000), gif_header(60_000, 60_000)]
)
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path, content):
    path = tmp_path / "bomb.png"
    path.write_bytes(content)
    start = time.monotonic()

    with pytest.raises(UnreadableFileError, match="60000 × 60000 pixels are too many"):
        read_picture(path, max_side=100)

    assert time.monotonic() - start < 5


def test_large_webp_has_a_lower_limit(tmp_path):
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    canvas += (11_999).to_bytes(3, "little") + (11_999).to_bytes(3, "little")
    content = bytearray(encoded("WEBP", {"lossless": True}))
    assert b"VP8X" in content
    at = content.index(b"VP8X")
    content[at + 12 : at + 18] = canvas[-6:]
    path = tmp_path / "a.webp"
    path.write_bytes(content)

    with pytest.raises(UnreadableFileError) as caught:
        read_picture(path)

    assert any(word in caught.value.reason for word in ("too many", "damaged"))


def test_pixels_under_the_limit_are_not_refused_for_their_number(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png_header(16_000, 15_625))

    with pytest.raises(UnreadableFileError) as caught:
        read_picture(path, max_side=100)

    assert "truncated" in caught.value.reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "there is not enough memory to decode it"),
        (OSError(5, "Input/output error"), "it cannot be read (Input/output error)"),
        (RuntimeError("boom"), "the JPEG data is damaged or incomplete"),
        (struct.error("unpack requires"), "the JPEG data is damaged or incomplete"),
        (zlib.error("Error -3"), "the JPEG data is damaged or incomplete"),
    ],
)
def test_whatever_a_decoder_raises_gets_a_reason(tmp_path, monkeypatch, error, reason):
    path = Path(tmp_path / "a.jpg")
    path.write_bytes(encoded("JPEG", {}))

    def failing(*_, **__):
        raise error

    monkeypatch.setattr(decode, "render", failing)

    with pytest.raises(UnreadableFileError) as caught:
        read_picture(path)

    assert caught.value.reason == reason
    assert caught.value.try_again == isinstance(error, MemoryError)
