"""What five landmarks tell about how a head is held."""

import math

import numpy as np
from numpy.typing import NDArray

from photoclust.core.types import Detection


def eyes_to_mouth(detection: Detection) -> float:
    """Distance in px from between the eyes to between the mouth's corners."""
    return float(np.hypot(*_down(_points(detection))))


def tilt(detection: Detection) -> float:
    """Degrees by which a face leans: the line from between the eyes to between the mouth's corners
    against straight down; 0 for an upright face, 180 for one on its head.
    """
    x, y = _down(_points(detection))
    return abs(math.degrees(math.atan2(x, y)))


def frontality(detection: Detection) -> float:
    """1 for a face seen from the front, 0 for a full profile; from where the nose is between the
    eyes and the mouth's corners, measured across the face, whatever its tilt.
    """
    points = _points(detection)
    down = _down(points)
    length = float(np.hypot(*down))
    if length < 1e-6:
        return 0.0
    across = np.array([down[1], -down[0]]) / length
    sides = (points[[0, 1, 3, 4]] - points[2]) @ across
    left, right = -min(sides[0], sides[2], 0.0), max(sides[1], sides[3], 0.0)
    if left + right < 0.2 * length:
        return 0.0
    return float(min(left, right) / max(left, right))


def _points(detection: Detection) -> NDArray[np.float64]:
    return np.asarray(detection.landmarks, np.float64)


def _down(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """From between the eyes to between the mouth's corners: (x, y) in px."""
    down: NDArray[np.float64] = points[3:5].mean(axis=0) - points[:2].mean(axis=0)
    return down
