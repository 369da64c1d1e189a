"""Opening picture files: which decoder, within which limits, and what is said where it fails.

Pillow and libheif raise a dozen kinds of exception on damaged input; all of them leave here as
UnreadableFileError, so that one bad photo is a recorded failure and never the end of a scan.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

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

from photoclust.core import reasons
from photoclust.core.errors import PhotoclustError, UnreadableFileError
from photoclust.core.language import marked
from photoclust.core.pages import moment_of, page_of
from photoclust.media import pdf, raw, video
from photoclust.media.files import OriginalFile, reason_of
from photoclust.media.formats import IS_UNKNOWN, IS_VIDEO, Format, is_cut_short, tell_format
from photoclust.media.pillow_limits import PillowLimits

MAX_PIXELS = 300 * 10**6
"""Pictures with more are refused: a 250-megapixel scan is read, a decompression bomb is not."""
MAX_PIXELS_WHOLE = 110 * 10**6
"""The same for HEIF, AVIF and WebP, whose decoders hold several copies of the whole frame."""
WHOLE_FRAME = frozenset((Format.HEIF, Format.AVIF, Format.WEBP))
"""Formats whose decoders make the whole frame at once."""

_WHOLE = Path()
_PILLOW_LIMITS = PillowLimits(MAX_PIXELS)
_OUT_OF_MEMORY = ("out of memory", "unsufficient memory")
_REFUSED_SIZE = "security limit exceeded"
_TRUNCATED_WORDS = ("truncated", "end of file", "end of data", "unexpected end", "not enough data")
_UNSUPPORTED_WORDS = ("unsupported", "not supported", "not yet supported", "unknown pixel mode")

_TOLD = (
    (("password",), marked("it is protected by a password; save it without one")),
    (_UNSUPPORTED_WORDS, reasons.VARIANT),
    ((video.NO_PICTURES,), marked("it is a recording without pictures")),
)


class RefusedError(Exception):
    """A picture that is not decoded, for the reason in its text."""


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
        check_size(file.size, Format.RAW, MAX_PIXELS_WHOLE)
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


def _open(stream: BinaryIO, kind: Format, path: Path) -> Image.Image:
    page = page_of(path)
    if kind is Format.VIDEO:
        with video.VideoFile(stream) as file:
            check_size(file.size, kind, MAX_PIXELS_WHOLE)
            return file.picture(moment_of(path))
    if kind is Format.PDF:
        try:
            return pdf.read_page(stream, page if page > 1 else None, MAX_PIXELS_WHOLE)
        except pdf.NoPhotosError as error:
            raise RefusedError(reasons.NO_PHOTOS) from error
    image = _OPENERS[kind](stream)
    if page > 1:
        image.seek(page - 1)
    return image


@contextmanager
def opened(stream: BinaryIO, kind: Format, path: Path = _WHOLE) -> Iterator[Image.Image]:
    """The picture in `stream`, a file of `kind`, or that at `path` (see `core.pages`) in it; of
    most, no pixel is decoded yet.

    Raises whatever a decoder raises where it cannot be read.
    """
    with _PILLOW_LIMITS, _open(stream, kind, path) as image:
        yield image


def told_format(source: OriginalFile) -> Format:
    """The format of a file by its content. Raises UnreadableFileError where it is none that can be
    read here, or the file is too large for its decoder.
    """
    try:
        kind = tell_format(source.stream())
    except OSError as error:
        raise UnreadableFileError(source.path, reason_of(error)) from error
    # Of a picture's name with a video in it, the name is what is wrong.
    if source.is_video and kind in {IS_VIDEO, IS_UNKNOWN}:
        kind = Format.VIDEO
    if not isinstance(kind, Format):
        source.check_unchanged()
        raise UnreadableFileError(source.path, kind)
    if kind is Format.RAW and not raw.is_readable():
        raise UnreadableFileError(source.path, raw.NOT_INSTALLED, try_again=True)
    if kind is Format.PDF and not pdf.is_readable():
        raise UnreadableFileError(source.path, pdf.NOT_INSTALLED, try_again=True)
    if kind is Format.VIDEO and not video.is_readable():
        raise UnreadableFileError(source.path, video.NOT_INSTALLED, try_again=True)
    too_large = (
        source.stat.size > raw.MAX_BYTES if kind is Format.RAW else not source.fits_in_memory
    )
    if too_large and kind in {*WHOLE_FRAME, Format.RAW}:
        raise UnreadableFileError(source.path, reasons.TOO_LARGE.format(kind=kind))
    return kind


@contextmanager
def true_reasons(source: OriginalFile, kind: Format) -> Iterator[None]:
    """Whatever a decoder raises as UnreadableFileError."""
    try:
        yield
    except PhotoclustError:
        raise  # from `heavy`: a job that is cancelled while it waits
    except RefusedError as error:
        raise UnreadableFileError(source.path, str(error)) from error
    except Exception as error:  # see the module docstring: any kind can come out of a decoder
        source.check_unchanged()
        reason = _reason(error, kind, source)
        raise UnreadableFileError(source.path, reason, _is_out_of_memory(error)) from error


def check_size(size: tuple[int, int], kind: Format, limit: int) -> None:
    """Raise RefusedError for a picture of more than `limit` pixels."""
    if size[0] * size[1] > limit:
        raise RefusedError(
            reasons.TOO_MANY_PIXELS.format(
                width=size[0], height=size[1], kind=kind, limit=limit // 10**6
            )
        )


def _reason(error: Exception, kind: Format, source: OriginalFile) -> str:
    """A clause that is true and fit to be shown, for whatever a decoder raised."""
    text = str(error).lower()
    if isinstance(error, OSError) and error.errno is not None and not video.is_of_ffmpeg(error):
        return reason_of(error)
    if _is_out_of_memory(error):
        return marked("there is not enough memory to decode it")
    if isinstance(error, Image.DecompressionBombError) or _REFUSED_SIZE in text:
        return reasons.TOO_MANY_PIXELS_OF_KIND.format(kind=kind)
    cut_short = isinstance(error, EOFError) or any(word in text for word in _TRUNCATED_WORDS)
    if cut_short or is_cut_short(source.stream(), source.stat.size):
        return marked("the file is truncated; copy it again from where it came from")
    told = (reason for words, reason in _TOLD if any(word in text for word in words))
    return next(told, reasons.DAMAGED).format(kind=kind)


def _is_out_of_memory(error: Exception) -> bool:
    # libavif, libheif and LibRaw say it in words alone, libheif also of sizes that it refuses.
    text = str(error).lower()
    refused = "memory alloc" in text and _REFUSED_SIZE not in text
    said = refused or any(words in text for words in _OUT_OF_MEMORY)
    return isinstance(error, MemoryError) or said
