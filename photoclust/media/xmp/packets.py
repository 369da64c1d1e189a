"""XMP packets as bytes: those in picture files, and those beside them.

Where they lie: XMP Specification Part 3 (Adobe, 2020). Nothing of the picture is decoded, and each
container is only walked as far as it makes sense: what is behind damage is not looked for.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.pages import beside
from photoclust.media import headers
from photoclust.media.files import OriginalFile
from photoclust.media.formats import RAW_EXTENSIONS, Format, tell_format

MAX_PACKET_BYTES = 16 * 2**20
"""Larger packets are refused; Photoshop's longest histories take a tenth of it."""
MAX_PACKETS = 16
SIDECAR_EXTENSION = ".xmp"
"""In lower case."""

_APP1 = 0xE1
_START_OF_SCAN, _END = 0xDA, 0xD9
_XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED_HEADER = b"http://ns.adobe.com/xmp/extension/\0"
_EXTENDED_HEAD_BYTES = 40
"""GUID (32), length of the whole (4) and offset of this piece (4)."""
_PNG_KEYWORD = b"XML:com.adobe.xmp\0"
_XMP_TAG = 700
_ENTRIES_LIMIT, _DIRECTORIES_LIMIT = 4096, 16
_BYTE_TYPES = frozenset((1, 2, 7))


def read_packets(source: OriginalFile) -> list[bytes]:
    """The XMP packets in a picture file, the main one first; none where there is none.

    Raises UserError, one sentence, where a packet is too large; what is damaged has none.
    """
    try:
        kind = tell_format(source.stream())
        packets = list(_packets(source.stream(), kind)) if isinstance(kind, Format) else []
    except OSError:
        return []
    return [_within_limit(packet, source.path) for packet in packets[:MAX_PACKETS]]


def sidecars(path: Path) -> list[Path]:
    """Files beside the photo `path` that may hold XMP of it: `name.jpg.xmp`, as digiKam, darktable
    and Immich write them, before `name.xmp`, as Adobe does.

    Where a camera raw file of that name lies beside a photo that is none, `name.xmp` is of the
    former alone.
    """
    photo = beside(path)
    stems = (photo.name, photo.stem) if photo == path else (photo.name,)
    names = [f"{stem}{end}" for stem in stems for end in (".xmp", ".XMP")]
    found = [photo.with_name(name) for name in dict.fromkeys(names)]
    there = [each for each in found if each.is_file()]
    if any(each.stem == path.stem for each in there) and _is_beside_raw(path):
        there = [each for each in there if each.stem == path.name]
    # A file system that knows no case has one file under two of the names.
    return [each for n, each in enumerate(there) if not any(map(each.samefile, there[:n]))]


def _is_beside_raw(path: Path) -> bool:
    """Whether a camera raw file of the same name lies beside a photo that is none."""
    if path.suffix.lower() in RAW_EXTENSIONS:
        return False
    endings = (end for each in RAW_EXTENSIONS for end in (each, each.upper()))
    return any(path.with_suffix(end).is_file() for end in endings)


def read_sidecar(path: Path) -> bytes:
    """What is in a sidecar. Raises UserError, one sentence, where it cannot be read."""
    try:
        if path.stat().st_size > MAX_PACKET_BYTES:
            raise _too_large(path)
        with OriginalFile(path) as original:
            return _within_limit(original.stream().read(MAX_PACKET_BYTES + 1), path)
    except OSError as error:
        reason = error.strerror or "?"
        raise UserError(tr("{path}: {reason}", path=path, reason=reason)) from error


def _packets(stream: BinaryIO, kind: Format) -> Iterator[bytes]:
    match kind:
        case Format.JPEG:
            yield from _in_jpeg(stream)
        case Format.PNG:
            yield from _in_png(stream)
        case Format.WEBP:
            yield from _in_webp(stream)
        case Format.TIFF | Format.RAW:
            yield from _in_tiff(stream)
        case Format.HEIF | Format.AVIF:
            yield from _in_heif(stream, kind)


def _in_jpeg(stream: BinaryIO) -> Iterator[bytes]:
    """The packet in an APP1 segment, and the extended ones, put together again."""
    extended: dict[bytes, bytearray] = {}
    stream.seek(2)
    while (head := stream.read(2)) and len(head) == 2 and head[0] == 0xFF:
        marker = head[1]
        while marker == 0xFF and (more := stream.read(1)):  # fill bytes
            marker = more[0]
        if marker in (_START_OF_SCAN, _END):
            break
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            continue
        length = int.from_bytes(stream.read(2), "big") - 2
        if length < 0:
            break
        if marker != _APP1:
            stream.seek(length, 1)
            continue
        segment = stream.read(length)
        if segment.startswith(_XMP_HEADER):
            yield segment[len(_XMP_HEADER) :]
        elif segment.startswith(_EXTENDED_HEADER):
            _add_piece(extended, segment[len(_EXTENDED_HEADER) :])
    yield from map(bytes, extended.values())


def _add_piece(extended: dict[bytes, bytearray], piece: bytes) -> None:
    if len(piece) < _EXTENDED_HEAD_BYTES:
        return
    guid, length, offset = struct.unpack(">32sII", piece[:_EXTENDED_HEAD_BYTES])
    content = piece[_EXTENDED_HEAD_BYTES:]
    known = guid in extended or len(extended) < MAX_PACKETS
    if not known or length > MAX_PACKET_BYTES or offset + len(content) > length:
        return
    whole = extended.setdefault(guid, bytearray())
    if len(whole) < offset + len(content):
        whole.extend(bytes(offset + len(content) - len(whole)))
    whole[offset : offset + len(content)] = content


def _in_png(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(8)
    while len(head := stream.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            return
        if kind != b"iTXt":
            stream.seek(length + 4, 1)
            continue
        if length > MAX_PACKET_BYTES:
            stream.seek(length + 4, 1)
            continue
        data = stream.read(length)
        stream.seek(4, 1)
        if data.startswith(_PNG_KEYWORD):
            yield from _international_text(data[len(_PNG_KEYWORD) :])


def _international_text(data: bytes) -> Iterator[bytes]:
    """The text of an iTXt chunk behind its keyword (PNG 3rd edition, 11.3.3.4)."""
    if len(data) < 2:
        return
    _, _, rest = data[2:].partition(b"\0")  # language
    _, found, text = rest.partition(b"\0")  # translated keyword
    if not found:
        return
    if not data[0]:
        yield text
        return
    try:
        # One byte more than there may be tells that there is more.
        yield zlib.decompressobj().decompress(text, MAX_PACKET_BYTES + 1)
    except zlib.error:
        return


def _in_webp(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(12)
    while len(head := stream.read(8)) == 8:
        kind, length = struct.unpack("<4sI", head)
        if kind == b"XMP ":
            yield stream.read(min(length, MAX_PACKET_BYTES + 1))
            return
        stream.seek(length + length % 2, 1)


def _in_tiff(stream: BinaryIO) -> Iterator[bytes]:
    """Tag 700 of the directories in a row; raw files that begin as TIFF have it in the first."""
    stream.seek(0)
    head = stream.read(16)
    order = "<" if head[:2] == b"II" else ">" if head[:2] == b"MM" else ""
    if not order or len(head) < 16:
        return
    big = struct.unpack(order + "H", head[2:4])[0] == 43
    number, count_form, size = ("Q", "Q", 20) if big else ("I", "H", 12)
    (offset,) = struct.unpack_from(order + number, head, 8 if big else 4)
    seen: set[int] = set()
    while offset and offset not in seen and len(seen) < _DIRECTORIES_LIMIT:
        seen.add(offset)
        stream.seek(offset)
        start = stream.read(struct.calcsize(order + count_form))
        if len(start) < struct.calcsize(order + count_form):
            return
        (count,) = struct.unpack(order + count_form, start)
        if count > _ENTRIES_LIMIT:
            return
        entries = stream.read(count * size)
        following = stream.read(struct.calcsize(order + number))
        for at in range(0, len(entries) - size + 1, size):
            tag, kind, length, place = struct.unpack_from(f"{order}HH{number}{number}", entries, at)
            # One that fits into its entry is no packet.
            if tag == _XMP_TAG and kind in _BYTE_TYPES and length > 8:
                stream.seek(place)
                yield stream.read(min(length, MAX_PACKET_BYTES + 1))
        if len(following) < struct.calcsize(order + number):
            return
        (offset,) = struct.unpack(order + number, following)


def _in_heif(stream: BinaryIO, kind: Format) -> Iterator[bytes]:
    packet = headers.read_xmp(stream, kind)
    if packet:
        yield packet


def _within_limit(packet: bytes, path: Path) -> bytes:
    if len(packet) > MAX_PACKET_BYTES:
        raise _too_large(path)
    return packet


def _too_large(path: Path) -> UserError:
    return UserError(
        tr(
            "{path}: its XMP data is larger than {most} MB and was not read",
            path=path,
            most=MAX_PACKET_BYTES // 2**20,
        )
    )
