"""Damaged, cut and hostile files: a reason each, and nothing but UnreadableFileError."""

import functools
import io
import random
import struct
import time
import tracemalloc
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


@functools.cache
def encoded(kind: str, **options: object) -> bytes:
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
    content = encoded(kind, **options)
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
    content = encoded(kind, **options)
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


def zeroed(rng: random.Random, content: bytes, other: bytes) -> bytes:
    at, length = rng.randrange(len(content)), rng.choice((16, 512))
    return content[:at] + bytes(len(content[at : at + length])) + content[at + length :]


def repeated(rng: random.Random, content: bytes, other: bytes) -> bytes:
    at, length = rng.randrange(len(content)), rng.choice((16, 512))
    return content[: at + length] + content[at:]


def lost(rng: random.Random, content: bytes, other: bytes) -> bytes:
    at, length = rng.randrange(len(content)), rng.choice((16, 512))
    return content[:at] + content[at + length :]


def under_another_head(rng: random.Random, content: bytes, other: bytes) -> bytes:
    cut = rng.choice((4, 12, 30, 200))
    return other[:cut] + content[cut:]


@pytest.mark.parametrize("damage", [zeroed, repeated, lost, under_another_head])
@pytest.mark.parametrize(("kind", "options"), VARIANTS)
def test_spoilt_blocks_raise_nothing_else(tmp_path, monkeypatch, kind, options, damage):
    monkeypatch.setattr(decode, "MAX_PIXELS", 10**6)
    content = encoded(kind, **options)
    others = [encoded(other, **extra) for other, extra in VARIANTS if other != kind]
    rng = random.Random(f"{kind}{options}")
    path = tmp_path / "a.jpg"
    reasons = []
    for other in others:
        path.write_bytes(damage(rng, content, other))
        try:
            picture = read_picture(path, max_side=50)
        except UnreadableFileError as error:
            reasons.append(error.reason)
        else:
            assert max(picture.pixels.shape[:2]) <= 50
    assert all(reasons)


def png_of(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in (*chunks, (b"IEND", b""))
    )


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return png_of((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))))


def bmp_header(width: int, height: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 1000, 0, 0, 54) + info + bytes(1000)


def gif_header(width: int, height: int) -> bytes:
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\2\2\x4c\1\0;"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + frame


def tiff_header(width: int, height: int) -> bytes:
    tags = [(256, width), (257, height), (258, 8), (259, 8), (262, 1), (273, 200), (277, 1)]
    tags += [(278, height), (279, 100)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(300)


def jpeg_header(width: int, height: int) -> bytes:
    content = encoded("JPEG")
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


@pytest.mark.parametrize(
    "content",
    [
        header(60_000, 60_000)
        for header in (png_header, bmp_header, gif_header, tiff_header, jpeg_header)
    ],
    ids=["PNG", "BMP", "GIF", "TIFF", "JPEG"],
)
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path, content):
    path = tmp_path / "bomb.png"
    path.write_bytes(content)
    start = time.monotonic()

    with pytest.raises(UnreadableFileError, match="60000 × 60000 pixels are too many"):
        read_picture(path, max_side=100)

    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("name", "keyword"),
    [(b"iCCP", b"n\0\0"), (b"zTXt", b"n\0\0"), (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0")],
)
def test_a_profile_or_text_is_not_unpacked_without_end(tmp_path, name, keyword):
    bomb = zlib.compress(bytes(50 * 10**6), 1)
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(9 * 8))
    path = tmp_path / "a.png"
    path.write_bytes(png_of((b"IHDR", header), (name, keyword + bomb), (b"IDAT", pixels)))
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFileError, match="the PNG data is damaged"):
            read_picture(path)
        assert tracemalloc.get_traced_memory()[1] < 10 * 10**6
    finally:
        tracemalloc.stop()


def directory(*entries: tuple[int, int, int, int], following: int) -> bytes:
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)


CAMERA = (0x010F, 2, 4, int.from_bytes(b"Abc\0", "little"))
HOSTILE_EXIF = {
    "points to itself": directory(
        CAMERA, (0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8), following=8
    ),
    "points nowhere": directory(CAMERA, (0x8769, 4, 1, 0x7FFFFFFF), following=0xFFFFFFFF),
    "goes on and on": b"".join(
        directory(CAMERA, following=8 + 18 * number) for number in range(1, 3_000)
    ),
    "claims gigabytes": directory(
        CAMERA, (0x9003, 5, 2**28, 8), (0x8298, 2, 2**32 - 1, 8), following=0
    ),
    "claims 65535 entries": b"\xff\xff" + directory(CAMERA, following=8)[2:] * 100,
}


@pytest.mark.parametrize("body", HOSTILE_EXIF.values(), ids=HOSTILE_EXIF)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_exif_that_leads_astray_never_costs_the_picture(tmp_path, kind, body):
    path = tmp_path / "a"
    exif = b"Exif\0\0II*\0\x08\0\0\0" + body
    Image.new("RGB", (20, 10)).save(path, kind, exif=exif[:60_000])

    picture = read_picture(path)

    assert picture.pixels.shape == (10, 20, 3)
    assert picture.metadata.camera in {"Abc", None}


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"<!DOCTYPE html><html>", "it is a web page, not a picture"),
        (b"%PDF-1.7\n", "the PDF data is damaged or incomplete"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "it is a video, not a picture"),
        (b"\x7fELF\x02\x01\x01", "it is not a picture photoclust can read"),
    ],
)
def test_what_only_bears_the_name_of_a_picture_is_told(tmp_path, head, reason):
    path = tmp_path / "a.jpg"
    path.write_bytes(head + encoded("JPEG"))

    with pytest.raises(UnreadableFileError) as caught:
        read_picture(path)

    assert caught.value.reason == reason


def test_large_webp_has_a_lower_limit(tmp_path):
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    canvas += (11_999).to_bytes(3, "little") + (11_999).to_bytes(3, "little")
    content = bytearray(encoded("WEBP", lossless=True))
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
        (
            RuntimeError("Pixel allocation failed: Out of memory"),
            "there is not enough memory to decode it",
        ),
        (
            RuntimeError(
                "Memory allocation error: Security limit exceeded: Image size 60000x60000"
            ),
            "it has too many pixels for a JPEG picture",
        ),
        (OSError(5, "Input/output error"), "it cannot be read (Input/output error)"),
        (RuntimeError("boom"), "the JPEG data is damaged or incomplete"),
        (struct.error("unpack requires"), "the JPEG data is damaged or incomplete"),
        (zlib.error("Error -3"), "the JPEG data is damaged or incomplete"),
    ],
)
def test_whatever_a_decoder_raises_gets_a_reason(tmp_path, monkeypatch, error, reason):
    path = Path(tmp_path / "a.jpg")
    path.write_bytes(encoded("JPEG"))

    def failing(*_, **__):
        raise error

    monkeypatch.setattr(decode, "render", failing)

    with pytest.raises(UnreadableFileError) as caught:
        read_picture(path)

    assert caught.value.reason == reason
    assert caught.value.try_again == ("not enough memory" in reason)
