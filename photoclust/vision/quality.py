"""How far a face can be trusted to tell who it is: one value from size, sharpness, score and pose.

A face of poor quality may join a group but never founds one. Sharpness is judged after a contrast
stretch, so that a faded print is not taken for a blurred one (Laplacian variance: Pech-Pacheco et
al., ICPR 2000).
"""

import math

import numpy as np
from PIL import Image

from photoclust.core.arrays import Pixels
from photoclust.core.types import Detection
from photoclust.vision.pose import frontality, tilt

SHARPNESS_SIDE = 80
"""Crops are compared at this size in px, so that sharpness does not just say size again."""
_STRETCH = (2.0, 98.0)  # percentiles that become black and white


def face_quality(crop: Pixels, detection: Detection, side: float) -> float:
    """0 (worthless) to 1 (clear, frontal, large) for a face.

    `crop` is what the embedder sees ([160, 160, 3] uint8), `detection` has the landmarks, `side`
    is the longer side of the box in px of the full photo.

    The detector's score says most about how close a face comes to others of the same person, so it
    weighs most; pose says least: a profile is a good picture of a profile.
    """
    score = _ramp(detection.score, 0.4, 0.95)
    size = _ramp(math.log2(max(side, 1.0)), math.log2(12), math.log2(100))
    sharp = _ramp(math.log10(max(sharpness(crop), 1.0)), 1.5, 2.8)
    front = _ramp(frontality(detection), 0.0, 0.5)
    upright = _ramp(-tilt(detection), -60.0, -5.0)
    pose = (0.85 + 0.15 * front) * (0.80 + 0.20 * upright)
    return math.pow(score, 2) * math.sqrt(size) * math.pow(sharp, 0.25) * pose


def sharpness(crop: Pixels) -> float:
    """Variance of the Laplacian of the inner face at a fixed size, after a contrast stretch."""
    grey = (
        Image.fromarray(crop)
        .convert("L")
        .resize((SHARPNESS_SIDE, SHARPNESS_SIDE), Image.Resampling.BOX)
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


def _ramp(value: float, low: float, high: float) -> float:
    """0 below `low`, 1 above `high`, straight between; never quite 0, so that products keep
    telling bad from worse.
    """
    return min(1.0, max(0.02, (value - low) / (high - low)))
