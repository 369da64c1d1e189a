"""The arrays that cross layers: pictures and vectors."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""RGB, [height, width, 3]."""
Vector = NDArray[np.float32]
"""A unit vector, [dim]."""
Vectors = NDArray[np.float32]
"""Unit vectors, [N, dim]."""


class PixelSource(Protocol):
    """What gives the parts of a picture that are asked for: `Pixels` themselves, or a picture that
    is made of them only where it is looked at. `shape` begins with its height and width.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width, and what else there is."""

    def __getitem__(self, part: tuple[slice, slice], /) -> Pixels: ...


def part_of(picture: PixelSource, rows: range, columns: range) -> Pixels:
    """`picture` at `rows` and `columns`, contiguous; beyond its edges these repeat."""
    height, width = picture.shape[:2]
    (down, above, below), (across, left, right) = _inside(rows, height), _inside(columns, width)
    part = picture[down, across]
    if above or below or left or right:
        part = np.pad(part, ((above, below), (left, right), (0, 0)), mode="edge")
    return np.ascontiguousarray(part)


def _inside(places: range, limit: int) -> tuple[slice, int, int]:
    """Those of `places` that are in [0, limit), or the nearest that is, and how many are missing
    before and after.
    """
    start, stop = min(max(places.start, 0), limit - 1), max(min(places.stop, limit), 1)
    missing = len(places) - (stop - start)
    before = min(max(-places.start, 0), missing)
    return slice(start, stop), before, missing - before
