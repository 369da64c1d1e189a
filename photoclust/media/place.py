"""Takes out of a picture file where it was taken, and leaves every other byte as it is.

The coordinates stand in the GPS directory of the EXIF block (Exif 2.32, CIPA DC-008, 4.6.6) and, as
text, in the XMP packet (`exif:GPSLatitude` …). Both are overwritten in place: nothing moves, so the
pixels, the maker's notes and the offsets inside the file stay valid. Then what came of it is read
as any program would read it. A file that still tells a place, or may tell one where this module
does not look, is refused: whoever asks for a copy without the place gets that or none.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL.ExifTags import IFD

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.media.formats import Format, tell_format
from photoclust.media.headers import read_place

_TIFF = re.compile(rb"II\*\0|MM\0\*")
_EXIF = b"Exif\0\0"
_GPS = int(IFD.GPSInfo)
_ENTRY = 12
_HEAD_OF_ENTRY = ((0, "H"), (2, "H"), (4, "I"))
_LAST_GPS_TAG = 31
_SEGMENT = 65_535
"""The most that an EXIF segment of a JPEG file holds."""
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
"""Bytes of a value of each TIFF type."""
_XMP = re.compile(
    rb"""\bexif:GPS\w+\s*=\s*("[^"]*"|'[^']*')|<exif:(GPS\w+)\b[^>]*(/>|>.*?</exif:\2\s*>)""",
    re.DOTALL,
)
_XMP_LEFT = re.compile(rb"GPS(?:Latitude|Longitude)")
_VIDEO_PLACE = re.compile(rb"\xa9xyz|com\.apple\.quicktime\.location|ftypmp4|ftypisom|ftypqt")
_CHECKED_CHUNKS = (b"eXIf", b"iTXt", b"tEXt", b"zTXt")
_PROFILES = re.compile(rb"Raw profile type (?:exif|APP1|xmp)\0")


def without_place(data: bytes) -> bytes:
    """The picture file `data` without the place where it was taken, of the same length.

    Raises UserError, a clause, where that cannot be done for certain.
    """
    kind = tell_format(BytesIO(data))
    if not isinstance(kind, Format):
        raise UserError(tr(kind))
    if kind is Format.RAW:  # the place also stands in its previews and in the notes of its maker
        raise UserError(tr("the place cannot be taken out of this {kind} file", kind=kind))
    cleaned = bytearray(data)
    for start, end in _tiff_blocks(data, kind):
        _clear_gps(cleaned, start, end)
    for found in _XMP.finditer(data):
        cleaned[found.start() : found.end()] = b" " * (found.end() - found.start())
    if kind is Format.PNG:
        _renew_checksums(cleaned)
    result = bytes(cleaned)
    _check(result, kind)
    return result


def _tiff_blocks(data: bytes, kind: Format) -> Iterator[tuple[int, int]]:
    """Where EXIF blocks begin, at their TIFF headers, and where they end at the latest."""
    if kind is Format.TIFF:
        yield 0, len(data)
        return
    # After `Exif\0\0` in JPEG, also in the further pictures of a multi-picture file, and in most
    # HEIF; right behind the head of their chunk in PNG and WebP; anywhere in AVIF.
    for found in _TIFF.finditer(data):
        start = found.start()
        head = data[max(0, start - 10) : start]
        if kind is Format.JPEG and head.endswith(_EXIF):
            yield start, start - 8 + int.from_bytes(head[2:4], "big")
        elif kind is Format.PNG and head.endswith(b"eXIf"):
            yield start, start + int.from_bytes(head[2:6], "big")
        elif kind is Format.WEBP and head[-8:-4] == b"EXIF":
            yield start, start + int.from_bytes(head[-4:], "little")
        elif kind is Format.WEBP and head.endswith(_EXIF):  # some put the mark of JPEG before it
            yield start, start + _SEGMENT
        elif kind in (Format.HEIF, Format.AVIF):
            yield start, len(data)


def _clear_gps(data: bytearray, start: int, end: int) -> None:
    """Empty the GPS directories of the TIFF block from `start` to `end`, and take out the ways to
    them. What makes no sense is left alone: whether a place is left is checked by whoever calls.
    """
    block = _Block(data, start, min(end, len(data)))
    try:
        directory = block.number(4, "I")
        seen: set[int] = set()
        while directory and directory not in seen:  # of the picture, its thumbnail, further pages
            seen.add(directory)
            directory = _clear_directory(block, directory)
    except _DamagedError:
        return


def _clear_directory(block: "_Block", directory: int) -> int:
    """As `_clear_gps`, for one directory; gives the offset of the next."""
    count = block.number(directory, "H")
    for place in range(count):
        entry = directory + 2 + place * _ENTRY
        if block.number(entry, "H") == _GPS:
            _wipe_directory(block, block.number(entry + 8, "I"))
            # The entries behind it move up, and with them the offset of the next directory.
            end = directory + 2 + count * _ENTRY + 4
            behind = block.read(entry + _ENTRY, end - entry - _ENTRY)
            block.write(entry, behind + bytes(_ENTRY))
            count -= 1
            block.write(directory, struct.pack(block.order + "H", count))
            break
    return block.number(directory + 2 + count * _ENTRY, "I")


def _wipe_directory(block: "_Block", directory: int) -> None:
    count = block.number(directory, "H")
    values = []
    for place in range(count):
        entry = directory + 2 + place * _ENTRY
        tag, kind, number = (block.number(entry + at, form) for at, form in _HEAD_OF_ENTRY)
        size = _SIZES.get(kind, 0) * number
        # An offset that leads astray must not empty what is something else.
        if tag > _LAST_GPS_TAG or not 0 < size <= _SEGMENT:
            raise _DamagedError
        if size > 4:
            values.append((block.number(entry + 8, "I"), size))
    for offset, size in values:
        block.read(offset, size)  # all of it must be there before anything is written
    for offset, size in [*values, (directory, 2 + count * _ENTRY)]:
        block.write(offset, bytes(size))


class _DamagedError(Exception):
    """An EXIF block that leads out of itself."""


@dataclass(frozen=True, slots=True)
class _Block:
    """The part of `data` that is a TIFF block; offsets count from its beginning."""

    data: bytearray
    start: int
    end: int

    @property
    def order(self) -> str:
        return "<" if self.data[self.start : self.start + 2] == b"II" else ">"

    def read(self, offset: int, size: int) -> bytes:
        place = self.start + offset
        if offset < 0 or size < 0 or place + size > self.end:
            raise _DamagedError
        return bytes(self.data[place : place + size])

    def number(self, offset: int, form: str) -> int:
        size = struct.calcsize(self.order + form)
        return int(struct.unpack(self.order + form, self.read(offset, size))[0])

    def write(self, offset: int, content: bytes) -> None:
        self.read(offset, len(content))
        self.data[self.start + offset : self.start + offset + len(content)] = content


def _renew_checksums(data: bytearray) -> None:
    """Give the chunks of a PNG that were changed the checksum of their present content."""
    offset = 8
    while offset + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, offset)
        end = offset + 8 + length
        if bytes(data[offset + 4 : offset + 8]) in _CHECKED_CHUNKS and end + 4 <= len(data):
            struct.pack_into(">I", data, end, zlib.crc32(data[offset + 4 : end]))
        offset = end + 4


def _check(data: bytes, kind: Format) -> None:
    """Raise UserError where `data` still tells a place, or may tell one in a part not looked at."""
    if _XMP_LEFT.search(data):
        raise UserError(tr("its XMP data tells the place in a way that cannot be taken out"))
    if kind is Format.JPEG and _VIDEO_PLACE.search(data):
        raise UserError(tr("it holds a video, which may tell the place"))
    if kind is Format.PNG and _PROFILES.search(data):
        raise UserError(tr("it keeps its EXIF or XMP data compressed, where the place may stand"))
    try:
        told, xmp = read_place(data, kind)
    except Exception as error:  # any kind can come out of a decoder, see `media.decode`
        raise UserError(
            tr("it cannot be read, so nobody knows whether it tells the place")
        ) from error
    if told or _XMP_LEFT.search(xmp):
        raise UserError(tr("the place cannot be taken out of this {kind} file", kind=kind))
