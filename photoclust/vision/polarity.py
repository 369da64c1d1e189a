"""Whether a face is a positive or a negative: which of its parts are dark.

Eyes lie deeper than the cheeks below them and hold brows, lashes and pupils, so that under nearly
every light, and whatever the skin, they are darker (Sinha, "Qualitative image invariants", 1994;
Gilad, Meng and Sinha, "Role of ordinal contrast relationships in face encoding", PNAS 106, 2009).
In a negative they are brighter, which a detector of faces minds little: it finds most faces of a
negative as well, only with vectors that are of no use.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoclust.core.arrays import Pixels
from photoclust.core.types import Detection
from photoclust.vision.crop import crop_face, landmarks_in_crop
from photoclust.vision.pose import eyes_to_mouth, tilt

CLEAR = 0.3
"""A polarity further from 0 than this says something."""
SMALLEST_PX = 30
"""The eyes of smaller faces are a pixel or two."""
_FLATTEST_FACE = 0.2
_STEEPEST = 30.0  # degrees
_SIDE = 80
_EYE = 0.12  # half the side of the squares that are compared, in distances of the eyes
_CHEEK = 0.16
_CHEEK_DOWN = 0.5  # from the eye, on the way from eyes to mouth


def polarity(pixels: Pixels, face: Detection) -> float:
    """By how much the cheeks of a `face` in `pixels` ([h, w, 3]) are brighter than its eyes, in
    standard deviations of the brightness around: about 1 for a positive, -1 for a negative.

    0 where the face is too small, leans or lies too much for its landmarks to be believed.
    """
    if (
        face.side < SMALLEST_PX
        or tilt(face) > _STEEPEST
        or eyes_to_mouth(face) < _FLATTEST_FACE * face.side
    ):
        return 0.0
    grey = np.asarray(Image.fromarray(crop_face(pixels, face.box, _SIDE)).convert("L"), np.float32)
    points = landmarks_in_crop(face, _SIDE)
    eyes = points[:2]
    apart = float(np.hypot(*(eyes[1] - eyes[0])))
    cheeks = eyes + _CHEEK_DOWN * (points[3:5].mean(axis=0) - eyes.mean(axis=0))
    dark = np.mean([_brightness(grey, x, y, _EYE * apart) for x, y in eyes])
    bright = np.mean([_brightness(grey, x, y, _CHEEK * apart) for x, y in cheeks])
    edge = _SIDE // 8
    return float((bright - dark) / (grey[edge:-edge, edge:-edge].std() + 1.0))


def _brightness(grey: NDArray[np.float32], x: float, y: float, half: float) -> float:
    """The mean of a square around (x, y), of what of it is in the picture."""
    left, top = (min(max(int(at - half), 0), _SIDE - 2) for at in (x, y))
    right, bottom = (max(int(at + half) + 1, first + 1) for at, first in ((x, left), (y, top)))
    return float(grey[top:bottom, left:right].mean())
