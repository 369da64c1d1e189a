"""Which pictures photoclust reads, and what a file is, told by its first bytes.

A name is only a hint for the walk; what counts is the content, so a PNG named `.jpg` is read and a
web page named `.jpg` is refused with a reason that is true.
"""

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

HEAD_BYTES = 512
"""How much of a file `sniff` wants to see."""


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


_MAGIC = (
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
)

_JXL = marked("JPEG XL is not supported yet; convert it to JPEG")
_VIDEO = marked("it is a video, not a picture")
_REFUSED = (
    (b"\0\0\0\x0cJXL \r\n\x87\n", _JXL),
    (b"\xff\x0a", _JXL),
    (b"\0\0\0\x0cjP  \r\n\x87\n", marked("JPEG 2000 is not supported; convert it to JPEG")),
    (b"\xff\x4f\xff\x51", marked("JPEG 2000 is not supported; convert it to JPEG")),
    (b"8BPS", marked("Photoshop files are not supported; save it as JPEG or TIFF")),
    (b"PK\3\4", marked("it is a ZIP archive, not a picture")),
    (b"%PDF", marked("it is a PDF document, not a picture")),
    (b"%!PS", marked("it is a PostScript document, not a picture")),
    (b"\x1aE\xdf\xa3", _VIDEO),
    (b"\0\0\1\xba", _VIDEO),
)

_HEIF_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"))
_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_STRUCTURE_BRANDS = frozenset((b"mif1", b"msf1", b"mif2"))


def sniff(head: bytes) -> Format | str:
    """The format of a file that begins with `head`, or why it cannot be a picture, in English."""
    for magic, known in _MAGIC:
        if head.startswith(magic):
            return known
    for magic, reason in _REFUSED:
        if head.startswith(magic):
            return reason
    if head.startswith(b"RIFF"):
        kinds: dict[bytes, Format | str] = {b"WEBP": Format.WEBP, b"AVI ": _VIDEO}
        return kinds.get(head[8:12], marked("it is not a picture photoclust can read"))
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
    if major == b"crx ":
        return marked("camera raw files are not supported; convert it to JPEG")
    return _VIDEO


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
    return marked("it is not a picture photoclust can read")
