"""From whatever Pillow decodes to upright 8-bit RGB, without a second copy of a gigantic picture.

A picture is only ever touched in bands of rows: each is flattened (palette, alpha, more than 8
bits), averaged down by a whole factor and put away. Where only parts of it are wanted, the rest is
not touched at all.
"""

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageCms

from photoclust.core.arrays import Pixels
from photoclust.media.bands import Bands, whole

_DEEP_MODES = frozenset(("I;16", "I;16L", "I;16B", "I;16N", "I", "F"))
_PLAIN_MODES = frozenset(("L", "RGB", "CMYK", "YCbCr", "LAB"))
_PAPER = (255, 255, 255)
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a stored picture upright, by EXIF orientation."""

_QUARTER_TURN = {1: 8, 8: 3, 3: 6, 6: 1, 2: 5, 5: 4, 4: 7, 7: 2}
"""The EXIF orientation of a picture that is turned by 90 degrees, counter-clockwise, once it stands
as its own says.
"""

Step = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True, slots=True)
class Parts:
    """An upright picture of which only parts are wanted: `parts[top:bottom, left:right]` is made
    RGB when it is asked for, as [H, W, 3] uint8. Both slices must lie inside the picture.

    `read` gives parts of the picture as it is stored, whose width and height `size` has.
    """

    size: tuple[int, int]
    orientation: int
    read: Callable[[slice, slice], Pixels]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height and width of the upright picture, and its channels."""
        width, height = self.size if self.orientation < 5 else self.size[::-1]
        return height, width, 3

    def __getitem__(self, part: tuple[slice, slice]) -> Pixels:
        rows, columns = part if self.orientation < 5 else part[::-1]
        width, height = self.size
        from_below, from_right = self.orientation in {3, 4, 6, 7}, self.orientation in {2, 3, 7, 8}
        pixels = self.read(
            _counted_back(rows, height) if from_below else rows,
            _counted_back(columns, width) if from_right else columns,
        )
        pixels = pixels[:: -1 if from_below else 1, :: -1 if from_right else 1]
        return pixels if self.orientation < 5 else pixels.transpose(1, 0, 2)

    def turned(self, turn: int) -> "Parts":
        """The picture turned by `turn` degrees (a multiple of 90), counter-clockwise."""
        orientation = self.orientation
        for _ in range(turn // 90 % 4):
            orientation = _QUARTER_TURN[orientation]
        return replace(self, orientation=orientation)


def whole_factor(full: tuple[int, int], wanted: tuple[int, int]) -> int:
    """The largest factor by which `full` (px), rounded up, is no smaller than `wanted`."""
    return min(
        math.ceil(side / (least - 1)) - 1 if least > 1 else side
        for side, least in zip(full, wanted, strict=True)
    )


def render(source: Bands, size: tuple[int, int] | None = None, *, orientation: int = 1) -> Pixels:
    """The picture in `source` as upright RGB, [H, W, 3] uint8, contiguous and writable.

    `size` is the (width, height) wanted before turning, no larger than the source; None keeps it.
    A whole factor is averaged away first, the rest by a Hamming filter as wide as the step: half
    the time of Lanczos and no aliasing. More than 8 bits are scaled so that the brightest value
    becomes white (12-bit data in a 16-bit file is not black). Transparency is laid on white paper,
    as viewers show it. Wide-gamut RGB stays as it is (25 ms a photo to convert, for a mean
    difference of 2 levels); CMYK goes through its own profile where it has a sound one.
    """
    flatten = _flattening(source)
    if size is None:
        size = source.size
    factor = whole_factor(source.size, size)
    bands: Iterator[Image.Image]
    bands = (_averaged(flatten(band), factor) for band in source.rows(factor))
    if size != _divided(source.size, factor):
        if flatten is _as_it_is and source.loaded is not None:
            # The common case: nothing to put together. A turned TIFF claims another size.
            everything = (0, 0, *source.size)
            small = source.loaded.reduce(factor, everything) if factor > 1 else source.loaded
        else:
            small = _assembled(bands, _divided(source.size, factor))
        # The last column and row may stand for less than a whole square: the box says how much.
        box = (0, 0, source.size[0] / factor, source.size[1] / factor)
        bands = whole(small.resize(size, Image.Resampling.HAMMING, box)).rows(1)
    width, height = size
    turned = orientation >= 5
    upright: Pixels = np.empty((width, height, 3) if turned else (height, width, 3), np.uint8)
    to_rgb: Step | None = None
    y = 0
    for band in bands:
        if to_rgb is None:
            to_rgb = _to_rgb(band.mode, source.info.get("icc_profile"))
        # A band of stored rows is a band of upright rows or columns, counted from either end.
        first = y if orientation in {1, 2, 5, 8} else height - y - band.height
        place = slice(first, first + band.height)
        rgb = to_rgb(band)
        if orientation in _TRANSPOSE:
            rgb = rgb.transpose(_TRANSPOSE[orientation])
        upright[(slice(None), place) if turned else place] = np.asarray(rgb)
        y += band.height
    return upright


def parts(image: Image.Image, *, orientation: int = 1) -> Parts:
    """The parts of a picture that Pillow has loaded, the same pixels as `render` gives of it."""
    source = whole(image)
    flatten = _flattening(source)
    to_rgb: Step | None = None

    def read(rows: slice, columns: slice) -> Pixels:
        nonlocal to_rgb
        part = flatten(image.crop((columns.start, rows.start, columns.stop, rows.stop)))
        if to_rgb is None:
            to_rgb = _to_rgb(part.mode, source.info.get("icc_profile"))
        return np.asarray(to_rgb(part))

    return Parts(source.size, orientation, read)


def _counted_back(places: slice, limit: int) -> slice:
    return slice(limit - places.stop, limit - places.start)


def _divided(size: tuple[int, int], factor: int) -> tuple[int, int]:
    return math.ceil(size[0] / factor), math.ceil(size[1] / factor)


def _averaged(band: Image.Image, factor: int) -> Image.Image:
    return band.reduce(factor) if factor > 1 else band


def _assembled(bands: Iterator[Image.Image], size: tuple[int, int]) -> Image.Image:
    whole_picture: Image.Image | None = None
    y = 0
    for band in bands:
        if whole_picture is None:
            whole_picture = Image.new(band.mode, size)
        whole_picture.paste(band, (0, y))
        y += band.height
    assert whole_picture is not None  # a picture has at least one row
    return whole_picture


def _flattening(source: Bands) -> Step:
    """The step that makes a band L, RGB, CMYK, YCbCr or LAB, where averaging is fair."""
    if source.mode in _DEEP_MODES:
        return _tone(source)
    if "transparency" in source.info or source.mode in {"LA", "La", "PA", "RGBA", "RGBa"}:
        return _on_paper
    if source.mode in _PLAIN_MODES:
        return _as_it_is
    grey = source.mode == "1"
    return lambda band: band.convert("L" if grey else "RGB")


def _as_it_is(band: Image.Image) -> Image.Image:
    return band


def _on_paper(band: Image.Image) -> Image.Image:
    if band.mode == "La":
        band = band.convert("LA")
    rgba = band.convert("RGBA")
    paper = Image.new("RGB", rgba.size, _PAPER)
    paper.paste(rgba, mask=rgba.getchannel("A"))
    return paper


def _tone(source: Bands) -> Step:
    """Grey values of more than 8 bits to 0..255: 0 (or the lowest negative) black, top white."""
    low, high = 0.0, 0.0
    for band in source.rows(1):
        values = np.asarray(band)
        if values.dtype.kind == "f":
            values = values[np.isfinite(values)]
        if values.size:
            low = min(low, float(values.min()))
            high = max(high, float(values.max()))
    scale = 255.0 / (high - low) if high > low else 0.0

    def flatten(band: Image.Image) -> Image.Image:
        wide = np.nan_to_num(np.asarray(band, np.float64), nan=low, posinf=high, neginf=low)
        grey = np.rint((wide - low) * scale).astype(np.uint8)
        return Image.fromarray(255 - grey if source.white_is_zero else grey)

    return flatten


def _to_rgb(mode: str, profile: bytes | None) -> Step:
    if mode == "RGB":
        return _as_it_is
    if mode == "CMYK" and profile:
        try:
            return _transform(ImageCms.ImageCmsProfile(io.BytesIO(profile)), mode)
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile: the plain conversion below still looks right
    if mode == "LAB":
        return _transform(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")), mode)
    return lambda band: band.convert("RGB")


def _transform(source: ImageCms.ImageCmsProfile, mode: str) -> Step:
    transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")

    def to_rgb(band: Image.Image) -> Image.Image:
        converted = ImageCms.applyTransform(band, transform)
        assert converted is not None  # None only when told to work in place
        return converted

    return to_rgb
