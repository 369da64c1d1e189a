"""How far a face can be trusted to tell who it is: one value from size, sharpness, score and pose.

A face of poor quality may join a group but never founds one. Sharpness is judged after a contrast
stretch, so that a faded print is not taken for a blurred one (Laplacian variance: Pech-Pacheco et
al., ICPR 2000).
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoclust.core.types import Detection, Pixels

SHARPNESS_SIDE = 80
"""Crops are compared at this size in px, so that sharpness does not just say size again."""
_STRETCH = (2.0, 98.0)  # percentiles that become black and white


def face_quality(crop: Pixels, detection: Detection, side: float) -> float:
    """0 (worthless) to 1 (clear, frontal, large) for a face.

    `crop` is what the embedder sees ([160, 160, 3] uint8), `detection` has the landmarks, `side`
    is the longer side of the box in px of the full photo.
    """
    return float(
        _ramp(math.log2(max(side, 1)), math.log2(12), math.log2(112))
        * _ramp(math.log10(max(sharpness(crop), 1e-3)), 0.6, 2.6)
        * _ramp(detection.score, 0.1, 0.9)
        * _ramp(frontality(detection), 0.0, 0.75)
    ) ** 0.25


def sharpness(crop: Pixels) -> float:
    """Variance of the Laplacian of the inner face at a fixed size, after a contrast stretch."""
    grey = Image.fromarray(crop).convert("L").resize(
        (SHARPNESS_SIDE, SHARPNESS_SIDE), Image.Resampling.BOX
    )
    edge = SHARPNESS_SIDE // 8
    values = np.asarray(grey, np.float32)[edge:-edge, edge:-edge]
    low, high = np.percentile(values, _STRETCH)
    values = np.clip((values - low) * (255.0 / max(float(high - low), 1.0)), 0, 255)
    laplacian = (
        values[:-2, 1:-1]
        + values[2:, 1:-1]
        + values[1:-1, :-2]
        + values[1:-1, 2:]
        - 4 * values[1:-1, 1:-1]
    )
    return float(laplacian.var())


def frontality(detection: Detection) -> float:
    """1 for a face seen from the front, 0 for a full profile; from where the nose is between the
    eyes and the mouth's corners, measured across the face, whatever its tilt.
    """
    points: NDArray[np.float64] = np.asarray(detection.landmarks, np.float64)
    eyes, mouth = points[:2].mean(axis=0), points[3:5].mean(axis=0)
    down = mouth - eyes
    length = float(np.hypot(*down))
    if length < 1e-6:
        return 0.0
    across = np.array([down[1], -down[0]]) / length
    sides = (points[[0, 1, 3, 4]] - points[2]) @ across
    left, right = -min(sides[0], sides[2], 0.0), max(sides[1], sides[3], 0.0)
    if left + right < 0.2 * length:
        return 0.0
    return float(min(left, right) / max(left, right))


def _ramp(value: float, low: float, high: float) -> float:
    """0 below `low`, 1 above `high`, straight between; never quite 0, so that products keep
    telling bad from worse.
    """
    return min(1.0, max(0.02, (value - low) / (high - low)))
