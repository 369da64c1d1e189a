"""Changing crops at random as photos differ: mirrored, cut, lit, blurred and compressed otherwise.

uint8 in, uint8 out; what the network takes is made of it afterwards (`normalisation.py`).
"""

import io
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from photoclust.training.normalisation import Crops

_DRAWS = 13
"""Random numbers for each crop, whatever is switched on."""


@dataclass(frozen=True, slots=True)
class Jitter:
    """Cuts away up to `most` of the width and of the height, at any of the sides, and enlarges
    what is left to the size it was.
    """

    chance: float = 0.5
    most: float = 0.08


@dataclass(frozen=True, slots=True)
class Colour:
    """Multiplies brightness, contrast and saturation by up to 1 ± these."""

    chance: float = 0.5
    brightness: float = 0.3
    contrast: float = 0.3
    saturation: float = 0.3


@dataclass(frozen=True, slots=True)
class Blur:
    """Gaussian blur with a standard deviation of up to `most` px of a crop 160 px wide."""

    chance: float = 0.1
    most: float = 2.0


@dataclass(frozen=True, slots=True)
class Jpeg:
    """Compresses as JPEG with a quality from `worst` to `best`, of 1 to 95."""

    chance: float = 0.2
    worst: int = 30
    best: int = 90


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What is done to each crop with which chance, in this order."""

    mirror: float = 0.5
    jitter: Jitter = field(default_factory=Jitter)
    colour: Colour = field(default_factory=Colour)
    blur: Blur = field(default_factory=Blur)
    jpeg: Jpeg = field(default_factory=Jpeg)

    def __call__(self, crops: Crops, generator: np.random.Generator) -> Crops:
        """New crops [B, side, side, 3] uint8 of `crops`, which stay as they are.

        What is drawn for one change does not depend on whether others are switched on.
        """
        draws = generator.random((len(crops), _DRAWS))
        changed = np.empty_like(crops)
        for number, crop in enumerate(crops):
            changed[number] = np.asarray(self._one(crop, draws[number]))
        return changed

    def _one(self, crop: NDArray[np.uint8], draws: NDArray[np.float64]) -> Image.Image:
        image = Image.fromarray(crop)
        is_on = draws[:5] < (
            self.mirror,
            self.jitter.chance,
            self.colour.chance,
            self.blur.chance,
            self.jpeg.chance,
        )
        drawn = draws[5:].tolist()
        if is_on[0]:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if is_on[1]:
            image = _cut(image, self.jitter, drawn[:3])
        if is_on[2]:
            image = _lit(image, self.colour, drawn[3:6])
        if is_on[3]:
            radius = drawn[6] * self.blur.most * image.width / 160
            image = image.filter(ImageFilter.GaussianBlur(radius))
        if is_on[4]:
            span = self.jpeg.best - self.jpeg.worst
            image = _compressed(image, round(self.jpeg.worst + drawn[7] * span))
        return image


def _cut(image: Image.Image, jitter: Jitter, drawn: list[float]) -> Image.Image:
    lost, left, top = drawn
    width, height = image.size
    spare_x, spare_y = lost * jitter.most * width, lost * jitter.most * height
    x, y = left * spare_x, top * spare_y
    box = (x, y, min(x + width - spare_x, width), min(y + height - spare_y, height))
    return image.resize(image.size, Image.Resampling.BILINEAR, box=box)


def _lit(image: Image.Image, colour: Colour, drawn: list[float]) -> Image.Image:
    spans = (colour.brightness, colour.contrast, colour.saturation)
    factors = [1 + span * (2 * each - 1) for span, each in zip(spans, drawn, strict=True)]
    image = ImageEnhance.Brightness(image).enhance(factors[0])
    image = ImageEnhance.Contrast(image).enhance(factors[1])
    return ImageEnhance.Color(image).enhance(factors[2])


def _compressed(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    with Image.open(file) as read:
        return read.convert("RGB")
