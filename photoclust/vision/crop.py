"""Cutting a face out of a picture the way the embedder was measured with.

A square of 1.2 times the longer side of the box, its centre moved up by 2 % of its side,
resized with antialiasing. What lies outside the picture repeats the picture's edge.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoclust.core.arrays import Pixels, PixelSource, part_of
from photoclust.core.types import Box, Detection

CROP_SCALE = 1.2
CROP_UP = 0.02


def crop_square(box: Box) -> Box:
    """The square around `box` that is cut out."""
    side = CROP_SCALE * max(box.w, box.h)
    x, y = box.centre
    return Box(x - side / 2, y - side / 2 - CROP_UP * side, side, side)


def crop_face(pixels: PixelSource, box: Box, size: int = 160) -> Pixels:
    """The face in `box` as [size, size, 3] uint8."""
    return cut(pixels, crop_square(box), size)


def landmarks_in_crop(detection: Detection, size: int = 160) -> NDArray[np.float32]:
    """Where the landmarks lie in the crop that `crop_face` makes of the face, [5, 2] px of it."""
    square = crop_square(detection.box)
    points = np.array(detection.landmarks, np.float64) - (square.x, square.y)
    return (points * (size / square.w)).astype(np.float32)


def cut(pixels: PixelSource, square: Box, size: int) -> Pixels:
    """`square` of `pixels` ([height, width, 3]) resized to [size, size, 3] uint8."""
    # One pixel more on each side, for the resampling filter to look at.
    left, top = math.floor(square.x) - 1, math.floor(square.y) - 1
    right, bottom = math.ceil(square.x + square.w) + 1, math.ceil(square.y + square.h) + 1
    image = Image.fromarray(part_of(pixels, range(top, bottom), range(left, right)))
    x, y = square.x - left, square.y - top
    region = (x, y, min(x + square.w, image.width), min(y + square.h, image.height))
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=region))
