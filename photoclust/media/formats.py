"""Which pictures photoclust reads, and what a file is, told by its first bytes.

A name is only a hint for the walk; what counts is the content, so a PNG named `.jpg` is read and a
web page named `.jpg` is refused with a reason that is true.
"""

import struct
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO

from photoclust.core.language import marked

PICTURE_EXTENSIONS = frozenset(
    f".{name}"
    for names in (
        ("jpg", "jpeg", "jpe", "jfif", "mpo", "png", "apng", "webp", "tif", "tiff"),
        ("bmp", "dib", "gif", "heic", "heics", "heif", "heifs", "hif", "avif", "avifs", "jxl"),
    )
    for name in names
)
"""What makes a file in a folder a candidate. `.jxl` is among them so that it is recorded as a
failure with its reason, instead of being passed over in silence."""

RAW_EXTENSIONS = frozenset(
    f".{name}"
    for names in (
        ("3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "iiq", "kdc", "mef", "mos"),
        ("mrw", "nef", "nrw", "orf", "pef", "raf", "rw2", "rwl", "sr2", "srf", "srw", "x3f"),
    )
    for name in names
)
"""Camera raw files: candidates where the extra `raw` is installed, else counted (see `scan.walk`).
"""

PDF_EXTENSION = ".pdf"
"""A candidate where the extra `pdf` is installed."""

_HEAD_BYTES = 512


class Format(StrEnum):
    """The formats that are decoded; the value is what a user calls them."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    TIFF = "TIFF"
    BMP = "BMP"
    DIB = "DIB"
    GIF = "GIF"
    HEIF = "HEIF"
    AVIF = "AVIF"
    RAW = "RAW"
    PDF = "PDF"
    VIDEO = "video"


_MAGIC = (
    # Raw files that look like TIFF come first; for those that begin as TIFF does see `tell_format`.
    (b"II*\0\x10\0\0\0CR", Format.RAW),  # Canon CR2
    (b"II\x1a\0\0\0HEAPCCDR", Format.RAW),  # Canon CRW
    (b"FUJIFILMCCD-RAW", Format.RAW),
    (b"IIRO", Format.RAW),  # Olympus
    (b"IIRS", Format.RAW),
    (b"MMOR", Format.RAW),
    (b"IIU\0", Format.RAW),  # Panasonic, Leica
    (b"FOVb", Format.RAW),  # Sigma
    (b"\0MRM", Format.RAW),  # Minolta
    (b"\xff\xd8\xff", Format.JPEG),
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
    (b"GIF87a", Format.GIF),
    (b"GIF89a", Format.GIF),
    (b"II*\0", Format.TIFF),
    (b"MM\0*", Format.TIFF),
    (b"II+\0", Format.TIFF),
    (b"MM\0+", Format.TIFF),
    (b"BM", Format.BMP),
    (b"\x28\0\0\0", Format.DIB),
    (b"\x6c\0\0\0", Format.DIB),
    (b"\x7c\0\0\0", Format.DIB),
    (b"%PDF", Format.PDF),
)

_JXL = marked("JPEG XL is not supported yet; convert it to JPEG")
IS_VIDEO = marked("it is a video, not a picture")
IS_UNKNOWN = marked("it is not a picture photoclust can read")
_REFUSED = (
    (b"\0\0\0\x0cJXL \r\n\x87\n", _JXL),
    (b"\xff\x0a", _JXL),
    (b"\0\0\0\x0cjP  \r\n\x87\n", marked("JPEG 2000 is not supported; convert it to JPEG")),
    (b"\xff\x4f\xff\x51", marked("JPEG 2000 is not supported; convert it to JPEG")),
    (b"8BPS", marked("Photoshop files are not supported; save it as JPEG or TIFF")),
    (b"PK\3\4", marked("it is a ZIP archive, not a picture")),
    (b"%!PS", marked("it is a PostScript document, not a picture")),
    (b"\x1aE\xdf\xa3", IS_VIDEO),
    (b"\0\0\1\xba", IS_VIDEO),
)

_HEIF_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"))
_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_STRUCTURE_BRANDS = frozenset((b"mif1", b"msf1", b"mif2"))

_PHOTOMETRIC, _SUB_DIRECTORIES, _DNG_VERSION = 262, 330, 50706
_SENSOR_VALUES = frozenset((32803, 34892))
"""What TIFF/EP (ISO 12234-2) and DNG say a raw picture shows: a colour filter array, and the linear
values of one whose colours are complete."""
_NEXT = -1
"""Stands for the tag of what is no entry of a directory: the offset of the next."""
_DIRECTORIES = 12
"""So many are looked at: raw files have four to eight."""
_MOST_ENTRIES = 1000


def tell_format(stream: BinaryIO) -> Format | str:
    """The format of the file behind `stream`, or why it cannot be a picture, in English.

    Raises OSError when the disk fails.
    """
    kind = sniff(stream.read(_HEAD_BYTES))
    return Format.RAW if kind is Format.TIFF and _holds_sensor_values(stream) else kind


def sniff(head: bytes) -> Format | str:
    """The format of a file that begins with `head`, or why it cannot be a picture, in English."""
    for magic, known in _MAGIC:
        if head.startswith(magic):
            return known
    for magic, reason in _REFUSED:
        if head.startswith(magic):
            return reason
    if head.startswith(b"RIFF"):
        kinds: dict[bytes, Format | str] = {b"WEBP": Format.WEBP, b"AVI ": IS_VIDEO}
        return kinds.get(head[8:12], IS_UNKNOWN)
    if head[4:8] == b"ftyp":
        return _sniff_iso(head)
    return _why_no_picture(head)


def is_cut_short(stream: BinaryIO, size: int) -> bool:
    """Whether a RIFF or ISO container of `size` bytes says that it is longer than that.

    Their decoders report a missing end in many ways; the lengths they carry are a plain answer.
    """
    header = stream.read(16)
    if header.startswith(b"RIFF"):
        return int.from_bytes(header[4:8], "little") + 8 > size
    at = 0
    is_iso = header[4:8] == b"ftyp"
    while is_iso and at < size:
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length < 8:  # 0: the last box, up to the end; anything else is damage
            return False
        at += length
        stream.seek(at)
        header = stream.read(16)
    return at > size


def _sniff_iso(head: bytes) -> Format | str:
    """ISO/IEC 14496-12 file type box: the major brand decides, then the compatible ones."""
    length = int.from_bytes(head[:4], "big")
    major = head[8:12]
    brands = {major} | {head[at : at + 4] for at in range(16, min(length, len(head)) - 3, 4)}
    if major in _AVIF_BRANDS:
        return Format.AVIF
    if major in _HEIF_BRANDS:
        return Format.HEIF
    if major in _STRUCTURE_BRANDS:
        return Format.AVIF if brands & _AVIF_BRANDS else Format.HEIF
    if major == b"crx ":  # Canon CR3
        return Format.RAW
    return IS_VIDEO


def _holds_sensor_values(stream: BinaryIO) -> bool:
    """Whether a TIFF is a camera's raw file (NEF, ARW, PEF, SRW, DNG …); its first directory often
    shows nothing but a thumbnail.
    """
    stream.seek(0)
    header = stream.read(8)
    order = "<" if header.startswith(b"II") else ">"
    try:
        mark, first = struct.unpack(f"{order}2xHI", header)
        if mark != 42:  # BigTIFF
            return False
        pending, seen = [first], set[int]()
        while pending and len(seen) < _DIRECTORIES:
            at = pending.pop(0)
            if not at or at in seen:
                continue
            seen.add(at)
            for tag, values in _directory(stream, at, order):
                if tag == _DNG_VERSION or (
                    tag == _PHOTOMETRIC and not _SENSOR_VALUES.isdisjoint(values)
                ):
                    return True
                if tag in (_SUB_DIRECTORIES, _NEXT):
                    pending += values
    except struct.error:  # cut short or damaged: whoever decodes it tells how
        return False
    return False


def _directory(stream: BinaryIO, at: int, order: str) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The tags of a TIFF directory with what they hold, where that are a few whole numbers."""
    stream.seek(at)
    (count,) = struct.unpack(f"{order}H", stream.read(2))
    if count > _MOST_ENTRIES:
        return
    entries = stream.read(12 * count + 4)
    for tag, kind, number, field in struct.iter_unpack(f"{order}HHI4s", entries[: 12 * count]):
        form = {1: "B", 3: "H", 4: "I", 13: "I"}.get(kind)
        if form is None or number > _DIRECTORIES:
            continue
        layout = f"{order}{number}{form}"
        size = struct.calcsize(layout)
        if size <= 4:
            yield tag, struct.unpack(layout, field[:size])
        else:
            stream.seek(*struct.unpack(f"{order}I", field))
            yield tag, struct.unpack(layout, stream.read(size))
    yield _NEXT, struct.unpack(f"{order}I", entries[12 * count :])


def _why_no_picture(head: bytes) -> str:
    if not head:
        return marked("the file is empty")
    if not head.strip(b"\0"):
        return marked("the file holds nothing but zero bytes; restore it from a backup")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return marked("it is a web page, not a picture")
    if text.startswith((b"<?xml", b"<svg", b"<?xpacket")):
        return marked("it is an XML or SVG file, not a picture")
    return IS_UNKNOWN
