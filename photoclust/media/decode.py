"""Pictures from files: their pixels, upright and at the size that is wanted.

Sizes are checked before a pixel is decoded; what is said where a file cannot be read is for
`opening`.
"""

import hashlib
import math
import struct
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import (
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
)
from PIL.ExifTags import Base

from photoclust.core import reasons
from photoclust.core.arrays import Pixels
from photoclust.core.regions import PictureShape
from photoclust.core.sizes import looking_size
from photoclust.core.types import Metadata
from photoclust.media import raw, video
from photoclust.media.bands import Bands, png_bands, tiff_bands, whole
from photoclust.media.files import OriginalFile
from photoclust.media.formats import Format
from photoclust.media.frames import seek_first_picture
from photoclust.media.metadata import orientation, read_exif, read_metadata
from photoclust.media.opening import (
    MAX_PIXELS,
    MAX_PIXELS_WHOLE,
    WHOLE_FRAME,
    RefusedError,
    check_size,
    opened,
    told_format,
    true_reasons,
)
from photoclust.media.pixels import Parts, parts, render, whole_factor

MAX_PIXELS_FULL = 100 * 10**6
"""A picture with more is never handed out at full size: it is reduced by a whole factor."""
HEAVY_BYTES = 256 * 2**20
"""Decoding that takes more memory than this is heavy."""
_MAX_COEFFICIENT_BYTES = 10**9

_ANIMATED = frozenset((Format.GIF, Format.WEBP, Format.AVIF, Format.PNG))


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
    kind = told_format(source)
    with true_reasons(source, kind), opened(source.stream(), kind, source.path) as image:
        made = _decode(image, source, kind, reduced=reduced, heavy=heavy, make=make)
    source.check_unchanged()
    return made


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
    check_size(full, kind, MAX_PIXELS_WHOLE if kind in WHOLE_FRAME else MAX_PIXELS)
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
    if kind is Format.VIDEO:
        with video.VideoFile(source.stream()) as file:
            return file.metadata()
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


def _coefficient_bytes(image: JpegImagePlugin.JpegImageFile) -> int:
    """What libjpeg keeps of a progressive JPEG until its last scan, at whatever scale it decodes.

    Two bytes for each sample. Raises RefusedError where that is too much.
    """
    if "progressive" not in image.info:
        return 0
    areas = [across * down for _, across, down, _ in image.layer]
    needed = 2 * image.width * image.height * sum(areas) // max(areas)
    if needed > _MAX_COEFFICIENT_BYTES:
        raise RefusedError(
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
    copies = 2 if kind in WHOLE_FRAME else 1
    return image.width * image.height * each * copies
