"""Film negatives as positives, and which pictures may be negatives at all.

A film answers light by density, and over most of its range density grows with the logarithm of the
exposure (Hurter and Driffield, Journal of the Society of Chemical Industry 9, 1890). The orange
mask of colour film is a density of its own that lies on everything (Hanson, Journal of the Optical
Society of America 40, 1950), so it goes with the film base. Inverting is therefore done channel by
channel in densities above the film base, as in Kodak's Cineon and in darktable's module negadoctor
after it; an inverted brightness would keep the mask as a blue cast and crush the shadows.

Pixels alone do not tell a negative from a room by candle light or a print of grey fog:
`may_be_negative` only says where it is worth asking the faces (`vision.polarity`).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Pixels

SCENE_RANGE = 2.0
"""Powers of ten between black and white of a positive, as on a good print."""
BORDER_SHARE = 1 / 8
"""So much of each side is not asked for black and white: rebate, sprocket holes, light table."""
CLIPPED = 250
"""Pixels this bright in all channels are light without film."""
BLOCKED = 5
"""Pixels this dark in all channels are what holds the film."""
_PERCENTILES = (0.5, 99.5)
_TEST_PERCENTILES = (2.0, 98.0)
_SAMPLES_A_SIDE = 256
_TEST_SAMPLES_A_SIDE = 64

MASK_RED_GREEN = 0.08
MASK_GREEN_BLUE = 0.04
"""Densities by which the orange mask at least holds back more green than red and more blue than
green. Data sheets of colour negative films say about 0.4 and 0.2; a camera that balances its
white against the mask leaves less.
"""
MASKED_SHARE = 0.7
"""So much of the picture must let more red through than blue: the mask lies on all of it."""
WIDEST_RANGE = 2.5
"""Of density in one channel: film spreads a scene over less (its contrast is about 0.6), which a
camera may make a third more; a picture of the scene itself goes on into black.
"""
GREY_SPREAD = 0.06
"""Of the density between two channels, over the picture, in a picture of grey film: a light table
may tint it, but it tints all of it alike.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Positive:
    """What makes a positive of the pixels of a negative: `tables` ([256, 3] uint8) say what each
    value of each channel becomes.
    """

    tables: NDArray[np.uint8] = field(repr=False)

    def apply(self, pixels: Pixels) -> Pixels:
        """`pixels` ([h, w, 3]) of the negative, or of a part of it, as a positive."""
        positive = np.empty_like(pixels)
        for channel in range(3):
            positive[..., channel] = self.tables[:, channel][pixels[..., channel]]
        return positive


def as_positive(pixels: Pixels) -> Positive:
    """What makes a positive of a negative ([h, w, 3]), at whatever size the negative is then read.

    In each channel the film base becomes black and the densest of the picture white, so that mask
    and light cancel out; what the film held of the scene in between is spread over SCENE_RANGE.
    """
    film = _film(_averaged(_without_border(pixels)))
    tables = np.empty((256, 3), np.uint8)
    densities = _densities()
    for channel in range(3):
        white, black = densities[
            np.percentile(film[:, channel], _PERCENTILES).round().astype(np.intp)
        ]
        share = np.clip((densities - black) / max(white - black, 1e-3), 0, 1)
        darkest = 10.0**-SCENE_RANGE
        light = (darkest ** (1 - share) - darkest) / (1 - darkest)
        tables[:, channel] = np.round(255 * _encoded(light))
    return Positive(tables)


def may_be_negative(pixels: Pixels) -> bool:
    """Whether a picture ([h, w, 3]) has an orange mask on all of it, or no colour at all, and no
    more contrast than film.
    """
    film = _film(_sampled(_without_border(pixels), _TEST_SAMPLES_A_SIDE))
    densities = _densities()[film]
    base, densest = np.percentile(densities, _TEST_PERCENTILES, axis=0)
    if (densest - base).max() > WIDEST_RANGE:
        return False
    red, green, blue = densities.T
    green_red, blue_green = green - red, blue - green
    if green_red.std() < GREY_SPREAD and blue_green.std() < GREY_SPREAD:
        return True
    masked = (green_red > 0) & (blue_green + green_red > MASK_GREEN_BLUE)
    return bool(
        masked.mean() >= MASKED_SHARE
        and base[1] - base[0] > MASK_RED_GREEN
        and base[2] - base[1] > MASK_GREEN_BLUE
    )


def _without_border(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    down, across = int(height * BORDER_SHARE), int(width * BORDER_SHARE)
    return pixels[down : height - down, across : width - across]


def _sampled(pixels: Pixels, samples: int) -> Pixels:
    step = max(1, max(pixels.shape[:2]) // samples)
    return pixels[::step, ::step]


def _averaged(pixels: Pixels) -> Pixels:
    """`pixels` made small by a whole factor: grain must not pass for film base or densest white."""
    step = max(1, max(pixels.shape[:2]) // _SAMPLES_A_SIDE)
    height, width = (side // step for side in pixels.shape[:2])
    if step == 1 or not height or not width:
        return pixels
    # Row by row of the squares, in whole numbers: a tenth of the time of a mean over both axes.
    sums = np.zeros((height, width * step, 3), np.uint32)
    for row in range(step):
        sums += pixels[row : height * step : step, : width * step]
    whole = np.zeros((height, width, 3), np.uint32)
    for column in range(step):
        whole += sums[:, column::step]
    averaged: Pixels = ((whole + step * step // 2) // (step * step)).astype(np.uint8)
    return averaged


def _film(pixels: Pixels) -> Pixels:
    """The pixels ([N, 3]) that are film; all where that would leave next to none."""
    flat = pixels.reshape(-1, 3)
    film = flat[(flat.min(axis=1) < CLIPPED) & (flat.max(axis=1) > BLOCKED)]
    return film if len(film) * 100 > len(flat) else flat


def _densities() -> NDArray[np.float64]:
    """The density that each value of a channel in sRGB stands for ([256]), 0 for white."""
    value = np.maximum(np.arange(256), 0.5) / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    densities: NDArray[np.float64] = -np.log10(light)
    return densities


def _encoded(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light (0 to 1) as sRGB writes it (IEC 61966-2-1)."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
