"""Faces of the same shot: copies, edited versions, RAW beside JPEG, bursts.

They say once who is there, not several times: a stranger shot once is no group, however many files
there are of it.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from photoclust.cluster.labels import Labels, edge_blocks
from photoclust.cluster.neighbors import Neighbours

COPY = 0.97
"""Faces at least so alike are one picture: another file format, size or exposure changes less."""
BURST = 0.85
BURST_S = 5.0
"""Faces at least so alike in photos so few seconds apart are one burst."""


def shots(
    neighbours: Neighbours,
    quality: NDArray[np.float32],
    *,
    times: NDArray[np.float64] | None = None,
    duplicates: Labels | None = None,
) -> Labels:
    """For each face [N] the row of the one that speaks for its shot: the best by `quality`.

    `times` [N]: when photos were taken, in seconds, NaN where unknown. `duplicates` [N]: the same
    number ≥ 0 for faces that are known to be of one shot.
    """
    count = len(quality)
    found = [np.empty((2, 0), np.int64)]
    for one, other, similarities in edge_blocks(neighbours, COPY if times is None else BURST):
        same = similarities >= COPY
        if times is not None:
            with np.errstate(invalid="ignore"):
                same |= np.abs(times[one] - times[other]) <= BURST_S
        found.append(np.stack([one[same], other[same]]))
    rows, columns = np.concatenate(found, axis=1)
    if duplicates is not None:
        known = np.flatnonzero(duplicates >= 0)
        order = known[np.argsort(duplicates[known], kind="stable")]
        repeated = np.flatnonzero(duplicates[order][1:] == duplicates[order][:-1])
        rows = np.concatenate([rows, order[repeated]])
        columns = np.concatenate([columns, order[repeated + 1]])
    if len(rows) == 0:
        return np.arange(count)
    graph = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(count, count))
    shot = connected_components(graph, directed=False)[1]
    order = np.lexsort([np.arange(count), -quality, shot])
    first = order[np.flatnonzero(np.diff(shot[order], prepend=-1))]
    speakers: Labels = first[shot].astype(np.int64)
    return speakers
