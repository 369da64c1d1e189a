"""Which face of a picture that was looked at again is which of those known before.

A file may have been cropped, turned or corrected in the meantime, or have become another picture
altogether. Arrays in, pairs out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core.types import Box

SAME_PLACE_IOU = 0.4
"""Overlap of two boxes, relative to their pictures, from which they may be the same face."""
SAME_PLACE_COSINE = 0.3
"""Faces in the same place that are less alike than this are two: the picture is another one."""
SAME_FACE_COSINE = 0.7
"""Faces this much alike are the same wherever they are; strangers in one photo hardly ever are."""


@dataclass(frozen=True, slots=True, eq=False)
class PlacedFace:
    """A face in a picture: its box relative to the picture's size, and its unit vector if known."""

    box: Box
    vector: NDArray[np.float32] | None


def match_faces(known: Sequence[PlacedFace], found: Sequence[PlacedFace]) -> dict[int, int]:
    """Index in `found` → index in `known`, each at most once, the clearest pairs first.

    Where a vector is missing, the place decides.
    """
    pairs = sorted(
        (
            (score, -new, -old)
            for new, one in enumerate(found)
            for old, other in enumerate(known)
            if (score := _likeness(one, other)) > 0
        ),
        reverse=True,
    )
    matched: dict[int, int] = {}
    taken: set[int] = set()
    for _, new, old in pairs:
        if -new not in matched and -old not in taken:
            matched[-new] = -old
            taken.add(-old)
    return matched


def _likeness(one: PlacedFace, other: PlacedFace) -> float:
    """How clearly two faces are the same; 0 where they are not."""
    overlap = one.box.iou(other.box)
    if one.vector is None or other.vector is None:
        return overlap if overlap >= SAME_PLACE_IOU else 0.0
    cosine = float(one.vector @ other.vector)
    same_place = overlap >= SAME_PLACE_IOU and cosine >= SAME_PLACE_COSINE
    return overlap + cosine if same_place or cosine >= SAME_FACE_COSINE else 0.0
