"""Ways to spoil a picture: what disks, cables, programs and enemies make of a file.

Each takes a random generator, the bytes of a real file and those of another one, and returns the
spoilt bytes. None looks at photoclust.
"""

import functools
import random
import re
import struct
import zlib
from collections.abc import Callable

Damage = Callable[[random.Random, bytes, bytes], bytes]

SIDES = (65_535, 60_000, 20_000, 16_000)
"""In pixels: more of them than are read, or, with the last, 256 megapixels that are not there."""
INFLATED_BYTES = 200 * 10**6
NOT_PICTURES = (
    b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    b"PK\x03\x04\x14\0\0\0\x08\0",
    b"\x7fELF\x02\x01\x01",
    b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
    b"RIFF\xff\xff\xff\xffAVI LIST",
    b"version https://git-lfs.github.com/spec/v1\n",
    b"\0",
)


def untouched(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content


def flipped_bits(rng: random.Random, content: bytes, other: bytes) -> bytes:
    spoilt = bytearray(content)
    reach = min(len(content), rng.choice((100, 1_000, len(content))))
    for _ in range(rng.choice((1, 3, 12, 100))):
        spoilt[rng.randrange(reach)] ^= 1 << rng.randrange(8)
    return bytes(spoilt)


def truncated(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: rng.randrange(rng.choice((30, 1_000, len(content))))]


def _block(rng: random.Random, content: bytes) -> slice:
    length = rng.choice((16, 512, 4_096, 65_536))
    start = rng.randrange(len(content))
    return slice(start, start + length)


def zeroed_block(rng: random.Random, content: bytes, other: bytes) -> bytes:
    block = _block(rng, content)
    return content[: block.start] + bytes(len(content[block])) + content[block.stop :]


def zeroed_end(rng: random.Random, content: bytes, other: bytes) -> bytes:
    kept = rng.randrange(len(content))
    return content[:kept] + bytes(len(content) - kept)


def duplicated_block(rng: random.Random, content: bytes, other: bytes) -> bytes:
    block = _block(rng, content)
    return content[: block.stop] + content[block] * rng.choice((1, 3)) + content[block.stop :]


def lost_block(rng: random.Random, content: bytes, other: bytes) -> bytes:
    block = _block(rng, content)
    return content[: block.start] + content[block.stop :]


def spliced(rng: random.Random, content: bytes, other: bytes) -> bytes:
    cut = rng.choice((4, 12, 30, 200, 2_000))
    return other[:cut] + content[cut:]


def no_picture(rng: random.Random, content: bytes, other: bytes) -> bytes:
    filling = rng.choice((b"", content, rng.randbytes(1_000)))
    return rng.choice(NOT_PICTURES) + filling


def noise(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: rng.choice((0, 2, 12))] + rng.randbytes(rng.randrange(1, 20_000))


def gigantic(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """The same file, whose header announces enormous sides."""
    width, height = rng.choice(SIDES), rng.choice(SIDES)
    big, little = struct.pack(">II", width, height), struct.pack("<II", width, height)
    if content.startswith(b"\x89PNG"):
        header = b"IHDR" + big + content[24:29]
        return content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]
    entries = struct.pack("<HHIIHHII", 256, 4, 1, width, 257, 4, 1, height)
    headers = (
        (rb"\A(GIF8.a)....", struct.pack("<HH", width, height)),
        (rb"\A(BM.{16})........", little),
        (rb"\A(RIFF....WEBPVP8X.{8})......", b"\xff\x3f\0" * 2),  # 16 384 each
        (rb"\A(II\*\0.*?)\0\1[\3\4]\0\1\0\0\0....\1\1[\3\4]\0\1\0\0\0....", entries),
        (rb"\A(....ftyp.*?ispe....)........", big),
        (rb"\A(\xff\xd8.*?\xff[\xc0-\xc2]..\x08)....", struct.pack(">HH", height, width)),
    )
    for header, sides in headers:
        if found := re.match(header, content, re.DOTALL):
            return found[1] + sides + content[found.end() :]
    return content


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@functools.cache
def _zeros_deflated(count: int) -> bytes:
    deflate = zlib.compressobj(9)
    step = bytes(10**7)
    parts = [deflate.compress(step) for _ in range(count // len(step))]
    parts.append(deflate.compress(bytes(count % len(step))))
    return b"".join((*parts, deflate.flush()))


def inflating_png(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """A profile, a text, or pixels of black, which take a thousand times as much unpacked."""
    kind = rng.choice((b"iCCP", b"zTXt", b"iTXt", b"IDAT"))
    bomb = _zeros_deflated(INFLATED_BYTES)
    picture = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    extra = b""
    if kind == b"IDAT":
        side = 17_000
        picture = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, rng.randrange(2))
        data = _zeros_deflated(side * (side + 1))
    else:
        keyword = b"XML:com.adobe.xmp\0\1\0\0\0" if kind == b"iTXt" else b"name\0\0"
        extra = _png_chunk(kind, keyword + bomb) * rng.choice((1, 3))
        data = zlib.compress(rng.randbytes(8 * 25))
    end = _png_chunk(b"tEXt", b"n\0%d" % rng.randrange(10**9)) + _png_chunk(b"IEND", b"")
    return (
        b"\x89PNG\r\n\x1a\n"
        + _png_chunk(b"IHDR", picture)
        + extra
        + _png_chunk(b"IDAT", data)
        + end
    )


def inflating_tiff(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """One strip of black, 250 megapixels of it."""
    width, height = 25_000, 10_000 - rng.randrange(100)
    data = _zeros_deflated(width * 10_000)
    tags = [(256, width), (257, height), (258, 8), (259, 8), (262, 1), (273, 128), (277, 1)]
    tags += [(278, height), (279, len(data))]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    header = b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4)
    return header.ljust(128, b"\0") + data


def _looping_exif(rng: random.Random) -> bytes:
    """Directories that point to themselves, to one another, on and on, or nowhere."""

    def entry(tag: int, kind: int, count: int, value: int) -> bytes:
        return struct.pack("<HHII", tag, kind, count, value)

    def directory(*entries: bytes, following: int) -> bytes:
        return struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", following)

    pointers = [entry(tag, 4, 1, 8) for tag in (0x014A, 0x8769, 0x8825, 0xA005)]
    ends = [0x7FFFFFFF, 0xFFFFFFFF, 6, 9]
    bodies = [
        directory(*pointers, following=8),
        directory(entry(0x8769, 4, 1, rng.choice(ends)), following=rng.choice(ends)),
        directory(entry(0x010F, 2, 0xFFFFFFFF, 8), entry(0x9003, 5, 2**28, 8), following=0),
        struct.pack("<H", 0xFFFF) + b"".join(pointers) * 1_000,
        b"".join(
            directory(entry(0x0112, 3, 1, 6), following=8 + 18 * number)
            for number in range(1, 3_000)
        ),
    ]
    return b"II*\0\x08\0\0\0" + rng.choice(bodies)


def looping_exif(rng: random.Random, content: bytes, other: bytes) -> bytes:
    exif = _looping_exif(rng)
    if content.startswith(b"\xff\xd8"):
        segment = b"Exif\0\0" + exif[:60_000]
        return (
            content[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + content[2:]
        )
    if content.startswith(b"\x89PNG"):
        return content[:33] + _png_chunk(b"eXIf", exif) + content[33:]
    return exif + content


KINDS: tuple[tuple[Damage, int], ...] = (
    (untouched, 4),
    (flipped_bits, 20),
    (truncated, 15),
    (zeroed_block, 10),
    (zeroed_end, 5),
    (duplicated_block, 8),
    (lost_block, 8),
    (spliced, 10),
    (no_picture, 6),
    (noise, 4),
    (gigantic, 10),
    (inflating_png, 2),
    (inflating_tiff, 1),
    (looping_exif, 6),
)
"""Each with its share of the files, in about a hundred."""
