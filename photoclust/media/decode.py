"""Pictures from files: sizes checked before a pixel is decoded, every error given a true reason.

Pillow and libheif raise a dozen kinds of exception on damaged input; all of them leave here as
UnreadableFileError, so that one bad photo is a recorded failure and never the end of a scan.
"""

import hashlib
import math
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.ExifTags import IFD, Base

from photoclust.core import reasons
from photoclust.core.arrays import Pixels
from photoclust.core.errors import PhotoclustError, UnreadableFileError
from photoclust.core.language import marked
from photoclust.core.regions import PictureShape
from photoclust.core.sizes import looking_size
from photoclust.core.types import Metadata
from photoclust.media import raw
from photoclust.media.bands import Bands, png_bands, tiff_bands, whole
from photoclust.media.files import OriginalFile, reason_of
from photoclust.media.formats import Format, is_cut_short, tell_format
from photoclust.media.frames import seek_first_picture
from photoclust.media.metadata import orientation, read_exif, read_metadata
from photoclust.media.pillow_limits import PillowLimits
from photoclust.media.pixels import Parts, parts, render, whole_factor

MAX_PIXELS = 300 * 10**6
"""Pictures with more are refused: a 250-megapixel scan is read, a decompression bomb is not."""
MAX_PIXELS_WHOLE = 110 * 10**6
"""The same for HEIF, AVIF and WebP, whose decoders hold several copies of the whole frame."""
MAX_PIXELS_FULL = 100 * 10**6
"""A picture with more is never handed out at full size: it is reduced by a whole factor."""
HEAVY_BYTES = 256 * 2**20
"""Decoding that takes more memory than this is heavy."""
_MAX_COEFFICIENT_BYTES = 10**9

_PILLOW_LIMITS = PillowLimits(MAX_PIXELS)
_WHOLE_FRAME = frozenset((Format.HEIF, Format.AVIF, Format.WEBP))
_ANIMATED = frozenset((Format.GIF, Format.WEBP, Format.AVIF, Format.PNG))


def _open_heif(stream: BinaryIO) -> ImageFile.ImageFile:
    import pi_heif  # noqa: PLC0415 - loads libheif, which most folders never need

    image: ImageFile.ImageFile = pi_heif.HeifImageFile(stream)
    return image


def _open_avif(stream: BinaryIO) -> ImageFile.ImageFile:
    try:
        return AvifImagePlugin.AvifImageFile(stream)
    except ValueError as error:
        if "Exif" not in str(error):
            raise
        # libavif refuses the whole file for a broken EXIF item: hide it under another name.
        stream.seek(0)
        return AvifImagePlugin.AvifImageFile(BytesIO(stream.read().replace(b"Exif", b"none", 1)))


def _open_raw(stream: BinaryIO) -> Image.Image:
    with raw.RawFile(stream) as file:
        preview = file.preview()
        if preview is not None:
            return preview
        _check_size(file.size, Format.RAW, MAX_PIXELS_WHOLE)
        return file.develop()


# The plugins themselves rather than Image.open: nothing but these formats can be reached, no plugin
# guesses, and the exception of the right one is not swallowed. JpegImageFile also reads the first
# picture of a multi-picture file, whose index is often malformed.
_OPENERS: dict[Format, Callable[[BinaryIO], Image.Image]] = {
    Format.JPEG: JpegImagePlugin.JpegImageFile,
    Format.PNG: PngImagePlugin.PngImageFile,
    Format.WEBP: WebPImagePlugin.WebPImageFile,
    Format.TIFF: TiffImagePlugin.TiffImageFile,
    Format.BMP: BmpImagePlugin.BmpImageFile,
    Format.DIB: BmpImagePlugin.DibImageFile,
    Format.GIF: GifImagePlugin.GifImageFile,
    Format.AVIF: _open_avif,
    Format.HEIF: _open_heif,
    Format.RAW: _open_raw,
}


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Decoded pixels and what is known of the picture they come from.

    `pixels` are upright, [h, w, 3] uint8. `width` and `height` are those of the full upright
    picture in pixels; `scale` is the size of `pixels` relative to it, at most 1: divide a
    coordinate in `pixels` by it to get one in the full picture. `orientation` (EXIF, 1 to 8) is how
    the picture was turned to be upright; HEIF is taken for what its container shows.
    """

    pixels: Pixels
    width: int
    height: int
    scale: float
    metadata: Metadata
    orientation: int = 1

    @property
    def shape(self) -> PictureShape:
        """Size and orientation of the full picture."""
        return PictureShape(self.width, self.height, self.orientation)

    def digest(self) -> str:
        """BLAKE2b (RFC 7693) of the full size and of `pixels`, 128 bits, as 32 hexadecimal digits.

        Equal for files that differ in what they say about the picture alone: rating, keywords, a
        shifted clock. Pictures compare only when they were read with the same `max_side`.
        """
        sizes = struct.pack("<4Q", self.width, self.height, *self.pixels.shape[:2])
        digest = hashlib.blake2b(sizes, digest_size=16)
        digest.update(np.ascontiguousarray(self.pixels).data)
        return digest.hexdigest()


def read_picture(
    source: Path | OriginalFile,
    *,
    max_side: int | None = None,
    looking: bool = False,
    heavy: AbstractContextManager[object] | None = None,
) -> Picture:
    """The upright picture in `source`, its longer side at most `max_side` px (never enlarged).

    Without `max_side` it comes at full size, up to MAX_PIXELS_FULL; look at `scale`. To be looked
    at for faces (`looking`), a panorama may be longer; see `core.sizes`. Pass an open
    OriginalFile to read the file once for several purposes. `heavy` is entered while a decode runs
    that takes more than HEAVY_BYTES: with a lock shared by all workers, only one at a time does.

    Of an animation the first frame that is not of one colour is the picture; see `media.frames`.

    Raises UnreadableFileError with the reason when there is no readable picture, or when a file
    that is too large for memory changed.
    """
    if isinstance(source, Path):
        with OriginalFile(source) as original:
            return read_picture(original, max_side=max_side, looking=looking, heavy=heavy)

    def reduced(full: tuple[int, int]) -> tuple[int, int] | None:
        return _target_size(full, max_side, looking)

    return _read(source, reduced, heavy or nullcontext(), lambda decoded: decoded.picture(reduced))


def read_parts(source: OriginalFile) -> Parts:
    """The picture that `read_picture` gives of `source` without `max_side`, of which only parts are
    wanted: to make all of it upright RGB takes a third of the time of a decode.

    Raises as `read_picture`.
    """
    return _read(source, _whole_size, nullcontext(), _Decoded.parts)


def read_orientation(source: OriginalFile) -> int:
    """How the picture in `source`, as it is stored, must be turned to stand upright: EXIF
    orientation 1 to 8. HEIF is taken for what its container shows, as `read_picture` takes it.

    Raises as `read_picture`; of most formats no pixel is decoded.
    """
    kind = _told_format(source)
    with _true_reasons(source, kind):
        if kind is Format.RAW:
            with raw.RawFile(source.stream()) as file:
                return file.orientation
        with _PILLOW_LIMITS, _OPENERS[kind](source.stream()) as image:
            if kind is Format.PNG:
                image.load()  # its EXIF may follow the pixels
            return orientation(read_exif(image))


Made = TypeVar("Made")
_Reduced = Callable[[tuple[int, int]], tuple[int, int] | None]
"""The (width, height) to decode to, None for the full size, from the full one."""


def _read(
    source: OriginalFile,
    reduced: _Reduced,
    heavy: AbstractContextManager[object],
    make: "Callable[[_Decoded], Made]",
) -> Made:
    """What `make` makes of the decoded picture in `source`; see `read_picture`."""
    kind = _told_format(source)
    with _true_reasons(source, kind), _PILLOW_LIMITS, _OPENERS[kind](source.stream()) as image:
        made = _decode(image, source, kind, reduced=reduced, heavy=heavy, make=make)
    source.check_unchanged()
    return made


@contextmanager
def _true_reasons(source: OriginalFile, kind: Format) -> Iterator[None]:
    """Whatever a decoder raises as UnreadableFileError."""
    try:
        yield
    except PhotoclustError:
        raise  # from `heavy`: a job that is cancelled while it waits
    except _RefusedError as error:
        raise UnreadableFileError(source.path, str(error)) from error
    except Exception as error:  # see the module docstring: any kind can come out of a decoder
        source.check_unchanged()
        reason = _reason(error, kind, source)
        raise UnreadableFileError(source.path, reason, _is_out_of_memory(error)) from error


def _told_format(source: OriginalFile) -> Format:
    try:
        kind = tell_format(source.stream())
    except OSError as error:
        raise UnreadableFileError(source.path, reason_of(error)) from error
    if not isinstance(kind, Format):
        source.check_unchanged()
        raise UnreadableFileError(source.path, kind)
    if kind is Format.RAW and not raw.is_readable():
        raise UnreadableFileError(source.path, raw.NOT_INSTALLED, try_again=True)
    too_large = (
        source.stat.size > raw.MAX_BYTES if kind is Format.RAW else not source.fits_in_memory
    )
    if too_large and kind in {*_WHOLE_FRAME, Format.RAW}:
        raise UnreadableFileError(source.path, reasons.TOO_LARGE.format(kind=kind))
    return kind


def read_place(data: bytes, kind: Format) -> tuple[bool, bytes]:
    """Whether the EXIF block of the picture file `data` has a GPS directory, and its XMP packet.

    Raises whatever a decoder raises where it cannot be read.
    """
    with _PILLOW_LIMITS, _OPENERS[kind](BytesIO(data)) as image:
        if kind is Format.PNG:
            image.load()  # both may follow the pixels
        exif, xmp = read_exif(image), image.info.get("xmp")
        told = IFD.GPSInfo in exif or bool(exif.get_ifd(IFD.GPSInfo))
        return told, xmp if isinstance(xmp, bytes) else b""


def read_xmp(stream: BinaryIO, kind: Format) -> bytes:
    """The XMP packet that the decoder of `kind` finds in a picture file; empty where there is none,
    or the file is damaged. No pixel is decoded.
    """
    try:
        with _PILLOW_LIMITS, _OPENERS[kind](stream) as image:
            packet = image.info.get("xmp")
    except Exception:  # any kind can come out of a decoder
        return b""
    return packet if isinstance(packet, bytes) else b""


def read_shape(source: OriginalFile) -> PictureShape:
    """Size and orientation of the picture in `source`, for the most without decoding it.

    Raises UnreadableFileError when there is no picture.
    """
    kind = _told_format(source)
    with _true_reasons(source, kind), _PILLOW_LIMITS, _OPENERS[kind](source.stream()) as image:
        if kind is Format.PNG:
            image.load()  # its EXIF may follow the pixels
        turn = orientation(read_exif(image))
        size = image.size
        if isinstance(image, TiffImagePlugin.TiffImageFile):  # it announces its upright size
            size = int(image.tag_v2[256]), int(image.tag_v2[257])
        width, height = (size[1], size[0]) if turn >= 5 else size
        return PictureShape(width, height, turn)


class _RefusedError(Exception):
    """A picture that is not decoded, for the reason in its text."""


def _decode(
    image: Image.Image,
    source: OriginalFile,
    kind: Format,
    *,
    reduced: _Reduced,
    heavy: AbstractContextManager[object],
    make: "Callable[[_Decoded], Made]",
) -> Made:
    full = image.size
    _check_size(full, kind, MAX_PIXELS_WHOLE if kind in _WHOLE_FRAME else MAX_PIXELS)
    needed = 0
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        needed = _coefficient_bytes(image)
        if (target := reduced(full)) is not None:
            power = 2 ** (whole_factor(full, target).bit_length() - 1)
            image.draft(None, (max(1, full[0] // power), max(1, full[1] // power)))
    stored = full if isinstance(image, JpegImagePlugin.JpegImageFile) else None
    needed += _decoded_bytes(image, kind)
    is_heavy = needed > HEAVY_BYTES
    if is_heavy and (bands := _in_bands(image, source)) is not None:
        exif = read_exif(image)
        told = _metadata(exif, source, kind)
        return make(_Decoded(bands, told, orientation(exif), stored or bands.size))
    with heavy if is_heavy else nullcontext():
        exif, turn = _load(image, kind)
        if kind in _ANIMATED:
            seek_first_picture(image)
        bands = whole(image)
        # What was decoded decides: a turned TIFF announces its upright size, HEIF can change.
        return make(_Decoded(bands, _metadata(exif, source, kind), turn, stored or bands.size))


def _metadata(exif: Image.Exif, source: OriginalFile, kind: Format) -> Metadata:
    told = read_metadata(exif)
    return raw.read_raw_metadata(source.stream(), told) if kind is Format.RAW else told


def _in_bands(image: Image.Image, source: OriginalFile) -> Bands | None:
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return tiff_bands(image, source.stream)
    if isinstance(image, PngImagePlugin.PngImageFile):
        return png_bands(image, source.stream)
    return None


def _load(image: Image.Image, kind: Format) -> tuple[Image.Exif, int]:
    """Decode the pixels as they are stored; the EXIF and the orientation that is left to apply.

    HEIF (`irot`, `imir`) comes turned by libheif, which resets the tag to 1.
    """
    if kind is Format.PNG:
        image.load()  # its EXIF may follow the pixels
    exif = read_exif(image)
    turn = orientation(exif)
    if kind is Format.TIFF and Base.Orientation in exif:
        del exif[Base.Orientation]  # or Pillow turns it while loading, with a second copy
    image.load()
    return exif, turn


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A picture as it is stored, and what must be done yet to make it upright RGB. `full` is its
    size (width, height); a JPEG comes reduced already."""

    bands: Bands
    metadata: Metadata
    turn: int
    full: tuple[int, int]

    def picture(self, reduced: _Reduced) -> Picture:
        full = self.full
        pixels = render(self.bands, reduced(full), orientation=self.turn)
        width, height = (full[1], full[0]) if self.turn >= 5 else full
        scale = max(pixels.shape[:2]) / max(full)
        return Picture(pixels, width, height, scale, self.metadata, self.turn)

    def parts(self) -> Parts:
        if self.bands.loaded is not None and _whole_size(self.full) is None:
            return parts(self.bands.loaded, orientation=self.turn)
        pixels = self.picture(_whole_size).pixels
        height, width = pixels.shape[:2]
        return Parts((width, height), 1, lambda rows, columns: pixels[rows, columns])


def _check_size(size: tuple[int, int], kind: Format, limit: int) -> None:
    if size[0] * size[1] > limit:
        raise _RefusedError(
            reasons.TOO_MANY_PIXELS.format(
                width=size[0], height=size[1], kind=kind, limit=limit // 10**6
            )
        )


def _coefficient_bytes(image: JpegImagePlugin.JpegImageFile) -> int:
    """What libjpeg keeps of a progressive JPEG until its last scan, at whatever scale it decodes.

    Two bytes for each sample. Raises _RefusedError where that is too much.
    """
    if "progressive" not in image.info:
        return 0
    areas = [across * down for _, across, down, _ in image.layer]
    needed = 2 * image.width * image.height * sum(areas) // max(areas)
    if needed > _MAX_COEFFICIENT_BYTES:
        raise _RefusedError(
            reasons.TOO_MANY_COEFFICIENTS.format(width=image.width, height=image.height)
        )
    return needed


def _target_size(
    full: tuple[int, int], max_side: int | None, looking: bool
) -> tuple[int, int] | None:
    """The (width, height) to decode to, None for the full size."""
    if max_side is None:
        return _whole_size(full)
    longer = max(full)
    if longer <= max_side:
        return None
    if looking:
        size = looking_size(full, max_side)
        return None if size == full else size
    return max(1, round(full[0] * max_side / longer)), max(1, round(full[1] * max_side / longer))


def _whole_size(full: tuple[int, int]) -> tuple[int, int] | None:
    """As `_target_size` for a picture that is wanted whole."""
    # A whole factor, rounded up: exactly what a reduced JPEG decode and averaging give.
    factor = math.ceil(math.sqrt(full[0] * full[1] / MAX_PIXELS_FULL))
    return None if factor == 1 else (-(-full[0] // factor), -(-full[1] // factor))


def _decoded_bytes(image: Image.Image, kind: Format) -> int:
    """Roughly what Pillow's own copy takes; a whole-frame decoder's planes double it."""
    mode = image.mode
    each = 1 if mode in {"1", "L", "P"} else 2 if mode.startswith("I;16") else 4
    copies = 2 if kind in _WHOLE_FRAME else 1
    return image.width * image.height * each * copies


def _reason(error: Exception, kind: Format, source: OriginalFile) -> str:
    """A clause that is true and fit to be shown, for whatever a decoder raised."""
    text = str(error).lower()
    if isinstance(error, OSError) and error.errno is not None:
        return reason_of(error)
    if _is_out_of_memory(error):
        return marked("there is not enough memory to decode it")
    if isinstance(error, Image.DecompressionBombError) or _REFUSED_SIZE in text:
        return reasons.TOO_MANY_PIXELS_OF_KIND.format(kind=kind)
    cut_short = isinstance(error, EOFError) or any(word in text for word in _TRUNCATED_WORDS)
    if cut_short or is_cut_short(source.stream(), source.stat.size):
        return marked("the file is truncated; copy it again from where it came from")
    if any(word in text for word in _UNSUPPORTED_WORDS):
        return reasons.VARIANT.format(kind=kind)
    return reasons.DAMAGED.format(kind=kind)


def _is_out_of_memory(error: Exception) -> bool:
    # libavif, libheif and LibRaw say it in words alone, libheif also of sizes that it refuses.
    text = str(error).lower()
    refused = "memory alloc" in text and _REFUSED_SIZE not in text
    said = refused or any(words in text for words in _OUT_OF_MEMORY)
    return isinstance(error, MemoryError) or said


_OUT_OF_MEMORY = ("out of memory", "unsufficient memory")
_REFUSED_SIZE = "security limit exceeded"
_TRUNCATED_WORDS = ("truncated", "end of file", "end of data", "unexpected end", "not enough data")
_UNSUPPORTED_WORDS = ("unsupported", "not supported", "not yet supported", "unknown pixel mode")
