"""Which box with a name is which face of a photo. Arrays of boxes in, pairs out.

Programs draw their boxes differently: close around eyes and mouth, or with hair and shoulders, and
often off the centre. So boxes are not compared by what they share of both, which punishes a
different size, but by how much of the smaller one lies in the larger, times how near their centres
are for their size. What goes to what is decided for all boxes of a photo together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from photoclust.core.regions import NamedRegion
from photoclust.core.types import Box

LEAST_SHARED = 0.5
"""So much of the smaller box must lie in the larger."""
LEAST_AREA = 1 / 9
"""A box that is smaller or larger than another by more than that is of something else: an eye, a
whole person.
"""
FARTHEST = 0.45
"""Centres may lie so far apart, in sides of the larger box."""
MARGIN = 0.15
"""Where another way to share out the faces of a photo is as good but for so much, nothing tells
which is right.
"""


@dataclass(slots=True)
class Match:
    """What came of the boxes of a photo: `faces` by region (both are places in what was given),
    regions that may be one of several faces (`ambiguous`), those whose face went to another region
    (`taken`, by region), and those that lie over a face which they do not fit (`over`, as well).

    `reading` is which of the readings of the regions it is, and `borne_out` whether faces tell so.
    """

    faces: dict[int, int] = field(default_factory=dict)
    ambiguous: set[int] = field(default_factory=set)
    taken: dict[int, int] = field(default_factory=dict)
    over: dict[int, int] = field(default_factory=dict)
    reading: int = 0
    borne_out: bool = False
    score: float = 0.0


def match(regions: Sequence[NamedRegion], faces: Sequence[Box]) -> Match:
    """The best way to share out `faces`, relative boxes, among `regions`, each at most once.

    Where the regions can be read in several ways, the one that fits most faces is taken.
    """
    readings = max((len(region.readings) for region in regions), default=1)
    found = [
        _match([_read(region, number) for region in regions], faces) for number in range(readings)
    ]
    best = max(range(readings), key=lambda number: (_worth(found[number]), -number))
    result = found[best]
    result.reading = best
    others = [_worth(each) for number, each in enumerate(found) if number != best]
    result.borne_out = bool(result.faces) and _worth(result) > max(others, default=0)
    return result


def box_of(region: NamedRegion, matched: Match) -> Box:
    """Where `region` lies by the reading that was taken."""
    return _read(region, matched.reading)


def likeness(one: Box, other: Box) -> float:
    """How well two boxes fit one face, 0 to 1; 0 where they do not."""
    shared = _shared(one, other)
    small, large = sorted((one.area, other.area))
    if shared < LEAST_SHARED or small < LEAST_AREA * large:
        return 0.0
    (x0, y0), (x1, y1) = one.centre, other.centre
    apart = max(abs(x0 - x1) / max(one.w, other.w), abs(y0 - y1) / max(one.h, other.h))
    return shared * (1 - apart) if apart <= FARTHEST else 0.0


def _shared(one: Box, other: Box) -> float:
    """The part of the smaller box that lies in the larger."""
    w = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    h = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    small = min(one.area, other.area)
    return w * h / small if w > 0 and h > 0 and small > 0 else 0.0


def _read(region: NamedRegion, number: int) -> Box:
    readings = region.readings
    return readings[min(number, len(readings) - 1)]


def _worth(found: Match) -> float:
    """How many faces fit, and among equals how well."""
    return len(found.faces) + found.score / (1 + len(found.faces))


def _match(regions: Sequence[Box], faces: Sequence[Box]) -> Match:
    result = Match()
    if not regions or not faces:
        return result
    scores = np.array([[likeness(region, face) for face in faces] for region in regions])
    pairs = _assign(scores)
    result.score = float(sum(scores[pair] for pair in pairs.items()))
    for region, face in pairs.items():
        # With this pair forbidden, is there another way that is nearly as good?
        without = scores.copy()
        without[region, face] = 0
        others = _assign(without)
        second = float(sum(without[pair] for pair in others.items()))
        if region in others and second >= result.score - MARGIN:
            result.ambiguous.add(region)
        else:
            result.faces[region] = face
    for number, box in enumerate(regions):
        if number in pairs:
            continue
        if scores[number].max() > 0:
            result.taken[number] = int(scores[number].argmax())
        else:
            shared = [_shared(box, face) for face in faces]
            if max(shared) >= LEAST_SHARED:
                result.over[number] = shared.index(max(shared))
    return result


def _assign(scores: NDArray[np.float64]) -> dict[int, int]:
    """Face by region so that the sum of scores [regions, faces] is largest (Kuhn–Munkres)."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - few photos need it

    rows, columns = linear_sum_assignment(scores, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {row: column for row, column in pairs if scores[row, column] > 0}
