"""Non-maximum suppression: of boxes that show the same face, keep the best."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray


def suppress(
    boxes: NDArray[np.floating],
    scores: NDArray[np.floating],
    most: float,
    *,
    relative_to: Literal["union", "smaller"] = "union",
) -> NDArray[np.intp]:
    """Places of the boxes to keep, the best score first: greedy non-maximum suppression.

    `boxes` [N, 4] holds two opposite corners, the smaller coordinates first; `scores` is [N]. A box
    goes when what it shares with a better one that stays is more than `most` of their union, or
    of the smaller of the two. Among equal scores the earlier box counts as the better one.
    """
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    waiting = np.argsort(-scores, kind="stable")
    kept: list[np.intp] = []
    while waiting.size:
        best, waiting = waiting[0], waiting[1:]
        kept.append(best)
        low = np.maximum(boxes[best, :2], boxes[waiting, :2])
        high = np.minimum(boxes[best, 2:], boxes[waiting, 2:])
        shared = np.prod(np.maximum(high - low, 0), axis=1)
        if relative_to == "union":
            whole = areas[best] + areas[waiting] - shared
        else:
            whole = np.minimum(areas[best], areas[waiting])
        waiting = waiting[shared <= most * whole]
    return np.array(kept, np.intp)
