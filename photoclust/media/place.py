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

from PIL.ExifTags import IFD

from photoclust.core.errors import UserError
from photoclust.media.decode import read_place
from photoclust.media.formats import HEAD_BYTES, Format, sniff

_TIFF = re.compile(rb"II\*\0|MM\0\*")
_EXIF = b"Exif\0\0"
_GPS = int(IFD.GPSInfo)
_ENTRY = 12
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
    kind = sniff(data[:HEAD_BYTES])
    if not isinstance(kind, Format):
        raise UserError(kind)
    cleaned = bytearray(data)
    for start in _tiff_blocks(data, kind):
        _clear_gps(cleaned, start)
    for found in _XMP.finditer(data):
        cleaned[found.start() : found.end()] = b" " * (found.end() - found.start())
    if kind is Format.PNG:
        _renew_checksums(cleaned)
    result = bytes(cleaned)
    _check(result, kind)
    return result


def _tiff_blocks(data: bytes, kind: Format) -> Iterator[int]:
    """Where EXIF blocks begin: at their TIFF headers."""
    if kind is Format.TIFF:
        yield 0
        return
    # After `Exif\0\0` in JPEG, also in the further pictures of a multi-picture file, and in most
    # HEIF; right behind the head of their chunk in PNG and WebP; anywhere in AVIF.
    anywhere = kind in (Format.HEIF, Format.AVIF)
    for found in _TIFF.finditer(data):
        start = found.start()
        chunk = data[max(0, start - 8) : start]
        if anywhere or chunk.endswith((_EXIF, b"eXIf")) or chunk.startswith(b"EXIF"):
            yield start


def _clear_gps(data: bytearray, start: int) -> None:
    """Empty the GPS directories of the TIFF block at `start`, and take out the ways to them.

    What makes no sense is left alone: whether a place is left is checked by whoever calls.
    """
    order = "<" if data[start : start + 2] == b"II" else ">"
    try:
        directory = _number(data, start + 4, order + "I")
        seen: set[int] = set()
        while directory and directory not in seen:  # of the picture, its thumbnail, further pages
            seen.add(directory)
            directory = _clear_directory(data, start, start + directory, order)
    except (struct.error, IndexError):
        return


def _clear_directory(data: bytearray, start: int, directory: int, order: str) -> int:
    """As `_clear_gps`, for one directory; gives the offset of the next."""
    count = _number(data, directory, order + "H")
    for place in range(count):
        entry = directory + 2 + place * _ENTRY
        if _number(data, entry, order + "H") == _GPS:
            _wipe_directory(data, start, start + _number(data, entry + 8, order + "I"), order)
            # The entries behind it move up, and with them the offset of the next directory.
            end = min(directory + 2 + count * _ENTRY + 4, len(data))
            data[entry:end] = data[entry + _ENTRY : end] + bytes(_ENTRY)
            count -= 1
            struct.pack_into(order + "H", data, directory, count)
            break
    return _number(data, directory + 2 + count * _ENTRY, order + "I")


def _wipe_directory(data: bytearray, start: int, directory: int, order: str) -> None:
    count = _number(data, directory, order + "H")
    for place in range(count):
        entry = directory + 2 + place * _ENTRY
        kind, values = struct.unpack_from(order + "HI", data, entry + 2)
        size = _SIZES.get(kind, 1) * values
        if size > 4:
            where = start + _number(data, entry + 8, order + "I")
            if where + size <= len(data):
                data[where : where + size] = bytes(size)
    end = min(directory + 2 + count * _ENTRY, len(data))
    data[directory:end] = bytes(end - directory)


def _number(data: bytearray, offset: int, form: str) -> int:
    return int(struct.unpack_from(form, data, offset)[0])


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
        raise UserError("its XMP data tells the place in a way that cannot be taken out")
    if kind is Format.JPEG and _VIDEO_PLACE.search(data):
        raise UserError("it holds a video, which may tell the place")
    if kind is Format.PNG and _PROFILES.search(data):
        raise UserError("it keeps its EXIF or XMP data compressed, where the place may stand")
    try:
        told, xmp = read_place(data, kind)
    except Exception as error:  # any kind can come out of a decoder, see `media.decode`
        raise UserError("it cannot be read, so nobody knows whether it tells the place") from error
    if told or _XMP_LEFT.search(xmp):
        raise UserError(f"the place cannot be taken out of this {kind} file")
