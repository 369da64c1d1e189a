"""The order in which a group portrait is read: rows from the back to the front, each from left to
right, as the names below a printed one are.

The rows are found from the boxes of the faces alone. How much the rows are tilted is the angle
under which the most faces lie level with each other, as the skew of a scanned page is found from
its projection profile (Postl, "Detection of linear oblique structures and skew scan in digitized
documents", ICPR 1986). Then the two neighbouring rows that lie closest are joined as long as less
than a part of a face lies between them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photoclust.core.types import Box

_TILTS = np.deg2rad(np.arange(-20.0, 20.5, 1.0))
_LEVEL = 0.3
"""How far apart two faces of a row usually are in height, as a part of the height of a face."""
_APART = 0.7
"""Rows whose middles are closer than this, as a part of the height of a face, are one."""
_LIKELIER = 1.02
"""A tilt must make this many times as many faces level as none does, as most photos have none."""

Reals = NDArray[np.float64]


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Indices of `boxes` (upright picture, y downwards), the back row from left to right first.

    Faces may be of any number and size; equal boxes come in the order given.
    """
    return [index for row in rows(boxes) for index in row]


def rows(boxes: Sequence[Box]) -> list[list[int]]:
    """Indices of `boxes` by row, the back (upper) row first, each row from left to right."""
    if not boxes:
        return []
    centres = np.array([box.centre for box in boxes])
    heights = np.maximum([box.h for box in boxes], 1e-9)
    tilt = _tilt(centres, heights)
    across = centres @ (np.cos(tilt), np.sin(tilt))
    down = centres @ (-np.sin(tilt), np.cos(tilt))
    found = _joined(down, heights)
    return [sorted(row, key=lambda index: across[index]) for row in found]


def _tilt(centres: Reals, heights: Reals) -> float:
    """The angle of the rows in radians, clockwise as y points down; 0 where nothing speaks for
    another one.
    """
    if len(heights) < 3:  # two faces are always level under some angle
        return 0.0
    offsets = centres[:, None] - centres[None, :]
    sizes = (heights[:, None] + heights[None, :]) / 2
    level = [
        np.exp(-((_across(offsets, tilt) / (_LEVEL * sizes)) ** 2)).sum() - len(heights)
        for tilt in _TILTS
    ]
    straight = level[len(_TILTS) // 2]
    best = int(np.argmax(level))
    return float(_TILTS[best]) if level[best] > _LIKELIER * straight else 0.0


def _across(offsets: Reals, tilt: float) -> Reals:
    result: Reals = offsets @ np.array((-np.sin(tilt), np.cos(tilt)))
    return result


def _joined(down: Reals, heights: Reals) -> list[list[int]]:
    """The rows, from top to bottom: every face begins as one."""
    found = [[int(index)] for index in np.argsort(down, kind="stable")]
    middles = [float(down[row[0]]) for row in found]
    while len(found) > 1:
        gaps = [
            (middles[place + 1] - middles[place])
            / np.mean([np.median(heights[found[place]]), np.median(heights[found[place + 1]])])
            for place in range(len(found) - 1)
        ]
        place = int(np.argmin(gaps))
        if gaps[place] >= _APART:
            break
        found[place] += found.pop(place + 1)
        middles.pop(place + 1)
        middles[place] = float(np.mean(down[found[place]]))
    return found
