"""A picture as bands of rows, so that a gigantic one is never in memory as a whole.

Pillow decodes a picture in one piece and holds RGB in four bytes a pixel: 250 megapixels are 1 GB.
The two formats of gigantic scans can be taken apart instead. A TIFF is made of strips or tiles:
some of them, under a directory of their own, are a small TIFF (TIFF 6.0). A PNG is a stream of
rows, each filtered against the one above: some of them, below that one, are a small PNG (W3C PNG
§7). Pillow decodes the small ones.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from PIL import Image, PngImagePlugin, TiffImagePlugin

_WHOLE_BAND_PIXELS = 2**18
"""One megabyte in Pillow: larger bands fall out of the processor's cache and take twice as long."""
_DECODED_BAND_PIXELS = 2**21
_PHOTOMETRIC = 262


@dataclass(frozen=True, slots=True)
class Bands:
    """A picture as it is stored: `size` (width, height) and Pillow's `mode` and `info`.

    `rows(multiple)` starts over and yields it from top to bottom in bands of its full width; each
    but the last has a multiple of `multiple` rows. `white_is_zero` marks deep grey values that
    Pillow leaves inverted. `loaded` is the picture itself where it is in memory anyway.
    """

    size: tuple[int, int]
    mode: str
    info: Mapping[Any, Any]
    white_is_zero: bool
    rows: Callable[[int], Iterator[Image.Image]]
    loaded: Image.Image | None = None


def whole(image: Image.Image) -> Bands:
    """Bands of a picture that Pillow has loaded."""
    # The core's size, because a turned TIFF swaps `image.size` while its pixels lie as stored.
    width, height = image.im.size

    def rows(multiple: int) -> Iterator[Image.Image]:
        step = _band_rows(width, multiple, _WHOLE_BAND_PIXELS)
        for y in range(0, height, step):
            yield image.crop((0, y, width, min(y + step, height)))

    return Bands((width, height), image.mode, image.info, _white_is_zero(image), rows, image)


def tiff_bands(
    image: TiffImagePlugin.TiffImageFile, stream: Callable[[], BinaryIO]
) -> Bands | None:
    """Bands of the TIFF behind `stream`, opened as `image` and not loaded.

    None where it cannot be taken apart: colours in separate planes, old-style JPEG, or everything
    in one compressed strip.
    """
    tags = image.tag_v2
    width, height = tags[256], tags[257]
    if tags.get(284, 1) != 1 or tags.get(259, 1) == 6:
        return None
    pieces = _tiff_pieces(tags, width, height)
    if len(pieces) < 2:
        return None
    kept = {tag: _as_tuple(tags[tag]) for tag in _TIFF_LAYOUT if tag in tags}

    def decoded() -> Iterator[Image.Image]:
        file = stream()
        group: list[_Piece] = []
        for number, piece in enumerate(pieces, 1):
            group.append(piece)
            full = sum(piece.rows for piece in group) * width >= _DECODED_BAND_PIXELS
            if full or number == len(pieces):
                yield _small_tiff(image.tag_v2.prefix, file, group, width, kept)
                group = []

    return Bands(
        (width, height),
        image.mode,
        image.info,
        _white_is_zero(image),
        lambda multiple: _aligned(decoded(), multiple),
    )


def png_bands(image: PngImagePlugin.PngImageFile, stream: Callable[[], BinaryIO]) -> Bands | None:
    """Bands of the PNG behind `stream`, opened as `image` and not loaded.

    None where it cannot be taken apart: interlaced, or with samples that Pillow does not hand back
    as they are stored (16-bit colour, less than 8 bits).
    """
    header = stream().read(29)
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header[16:29])
    bytes_per_pixel = {(8, 0): 1, (8, 2): 3, (8, 3): 1, (8, 4): 2, (8, 6): 4, (16, 0): 2}
    if interlaced or (depth, colour) not in bytes_per_pixel:
        return None
    length = width * bytes_per_pixel[depth, colour] + 1
    raw_mode = "I;16B" if depth == 16 else image.mode

    def rows(multiple: int) -> Iterator[Image.Image]:
        step = _band_rows(width, multiple, _DECODED_BAND_PIXELS)
        chunks = _PngChunks(stream())
        data = bytearray()
        above = b""
        done = 0
        for piece in chunks.inflated():
            data += piece
            while done < height and len(data) >= min(step, height - done) * length:
                count = min(step, height - done)
                band = _small_png(
                    (width, depth, colour), chunks.before_pixels, above + data[: count * length]
                )
                del data[: count * length]
                if above:
                    band = band.crop((0, 1, width, count + 1))
                last = band.crop((0, count - 1, width, count))
                above = b"\0" + last.tobytes("raw", raw_mode)
                done += count
                yield band
        if done < height:
            raise EOFError("image file is truncated")

    return Bands((width, height), image.mode, image.info, False, rows)


def _band_rows(width: int, multiple: int, pixels: int) -> int:
    return max(1, pixels // (width * multiple)) * multiple


def _white_is_zero(image: Image.Image) -> bool:
    return (
        isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(_PHOTOMETRIC, 1) == 0
    )


def _aligned(bands: Iterator[Image.Image], multiple: int) -> Iterator[Image.Image]:
    """The same rows in bands of whole multiples; what is left over goes on top of the next."""
    rest: Image.Image | None = None
    for band in bands:
        joined = band
        if rest is not None:
            joined = Image.new(band.mode, (band.width, rest.height + band.height))
            if band.palette is not None:
                joined.putpalette(band.palette)
            joined.paste(rest, (0, 0))
            joined.paste(band, (0, rest.height))
            joined.info = band.info
        ready = joined.height // multiple * multiple
        if ready:
            yield joined.crop((0, 0, joined.width, ready))
        over = joined.height - ready
        rest = joined.crop((0, ready, joined.width, joined.height)) if over else None
    if rest is not None:
        yield rest


@dataclass(frozen=True, slots=True)
class _Piece:
    """A strip, or a row of tiles: where its parts lie in the file, (offset, bytes) each."""

    parts: tuple[tuple[int, int], ...]
    rows: int


_TIFF_LAYOUT = (258, 259, 262, 266, 277, 292, 293, 317, 320, 322, 323, 338, 339, 347, 530, 531)
"""The tags that say how samples are stored: bits, compression, photometric interpretation, fill
order, samples, fax options, predictor, colour map, tile size, extra samples, sample format, JPEG
tables and YCbCr layout."""


def _as_tuple(value: object) -> tuple[int, ...] | bytes:
    if isinstance(value, tuple | bytes):
        return value
    assert isinstance(value, int)
    return (value,)


def _tiff_pieces(
    tags: TiffImagePlugin.ImageFileDirectory_v2, width: int, height: int
) -> list[_Piece]:
    if 324 in tags:
        across = -(-width // tags[322])
        tiles = list(zip(_as_tuple(tags[324]), _as_tuple(tags[325]), strict=True))
        return [
            _Piece(tuple(tiles[first : first + across]), min(tags[323], height - row * tags[323]))
            for row, first in enumerate(range(0, len(tiles), across))
        ]
    each = min(tags.get(278, height), height)
    strips = zip(_as_tuple(tags[273]), _as_tuple(tags[279]), strict=True)
    pieces = [
        _Piece((strip,), min(each, height - number * each)) for number, strip in enumerate(strips)
    ]
    if tags.get(259, 1) != 1:
        return pieces
    # Without compression a strip can be cut anywhere; Photoshop writes a single one.
    bits = _as_tuple(tags.get(258, 1))
    samples = tags.get(277, 1)
    line = -(-width * sum(bits * samples if len(bits) == 1 else bits) // 8)
    step = max(1, min(each, _DECODED_BAND_PIXELS // width))
    return [
        _Piece(((piece.parts[0][0] + y * line, count * line),), count)
        for piece in pieces
        for y in range(0, piece.rows, step)
        for count in (min(step, piece.rows - y),)
    ]


def _small_tiff(
    prefix: bytes,
    file: BinaryIO,
    group: list[_Piece],
    width: int,
    kept: Mapping[int, tuple[int, ...] | bytes],
) -> Image.Image:
    """A picture of the strips or tiles in `group` alone."""
    order = "<" if prefix == b"II" else ">"
    body = bytearray(8)
    offsets, lengths = [], []
    for piece in group:
        for offset, length in piece.parts:
            file.seek(offset)
            offsets.append(len(body))
            lengths.append(length)
            body += file.read(length)
    rows = sum(piece.rows for piece in group)
    tiled = 324 if 322 in kept else 273
    tags: dict[int, tuple[int, ...] | bytes] = {
        **kept,
        256: (width,),
        257: (rows,),
        tiled: tuple(offsets),
        (325 if tiled == 324 else 279): tuple(lengths),
    }
    if tiled == 273:
        tags[278] = (group[0].rows,)
    body += b"\0" * (len(body) % 2)
    body[:8] = prefix + struct.pack(f"{order}HI", 42, len(body))
    extra_at = len(body) + 2 + 12 * len(tags) + 4
    entries, extra = bytearray(struct.pack(f"{order}H", len(tags))), bytearray()
    for tag, value in sorted(tags.items()):
        if isinstance(value, bytes):
            kind, data = 7, value
        else:
            kind, data = 4, struct.pack(f"{order}{len(value)}I", *value)
        entries += struct.pack(f"{order}HHI", tag, kind, len(value))
        if len(data) <= 4:
            entries += data.ljust(4, b"\0")
        else:
            entries += struct.pack(f"{order}I", extra_at + len(extra))
            extra += data + b"\0" * (len(data) % 2)
    image = TiffImagePlugin.TiffImageFile(BytesIO(body + entries + bytes(4) + extra))
    image.load()
    return image


class _PngChunks:
    """The chunks of a PNG: PLTE and tRNS as they are, the pixels inflated piece by piece."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._file.seek(8)
        self.before_pixels = b""

    def inflated(self) -> Iterator[bytes]:
        """The filtered rows, in pieces of at most a megabyte."""
        inflate = zlib.decompressobj()
        while len(header := self._file.read(8)) == 8:
            length, name = struct.unpack(">I4s", header)
            if name == b"IDAT":
                for at in range(0, length, 2**16):
                    data = self._file.read(min(2**16, length - at))
                    while data:
                        yield inflate.decompress(data, 2**20)
                        data = inflate.unconsumed_tail
                self._file.seek(4, 1)
            elif name in {b"PLTE", b"tRNS"}:
                self.before_pixels += header + self._file.read(length + 4)
            elif name == b"IEND":
                return
            else:
                self._file.seek(length + 4, 1)


def _small_png(layout: tuple[int, int, int], before_pixels: bytes, rows: bytes) -> Image.Image:
    """A picture of filtered `rows`; `layout` is (width, bit depth, colour type)."""
    width, depth, colour = layout
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    height = len(rows) // (width * samples * depth // 8 + 1)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    file = BytesIO(
        b"\x89PNG\r\n\x1a\n"
        + _png_chunk(b"IHDR", header)
        + before_pixels
        + _png_chunk(b"IDAT", zlib.compress(rows, 0))
        + _png_chunk(b"IEND", b"")
    )
    image = PngImagePlugin.PngImageFile(file)
    image.load()
    return image


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
