"""Groups that are dense enough to be believed: what holds a group together, and what cuts it.

HDBSCAN finds people with many photos well, but where most have two it joins strangers by single
links (chaining), and in an album full of strangers one person may drag others along. A group must
hang together by links that strangers hardly have, twice for every face, and its parts must be more
alike than strangers are.
"""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from photoclust.cluster.agglomerative import average_linkage
from photoclust.cluster.labels import Labels, compact, edge_blocks, restricted, sums, within
from photoclust.cluster.neighbors import Neighbours
from photoclust.core.arrays import Vectors

SMALL = 20
"""Groups of fewer faces are so easily a few strangers who look alike that more is asked of them."""


def core_parts(labels: Labels, neighbours: Neighbours, link: float, links: int = 3) -> Labels:
    """Each group cut into the parts that hang together by similarities of at least `link`, after
    faces with less than `links` such links have gone (the k-core: Seidman 1983). They wait.
    """
    count = len(labels)
    found = [np.empty((2, 0), np.int64)]
    for rows, columns, _ in edge_blocks(neighbours, link):
        inside = (labels[rows] >= 0) & (labels[rows] == labels[columns])
        found.append(np.stack([rows[inside], columns[inside]]))
    ends = np.concatenate(found, axis=1)
    one_way = coo_array((np.ones(ends.shape[1], np.int32), tuple(ends)), shape=(count, count))
    one_way = one_way.tocsr()
    graph = one_way.maximum(one_way.T)
    kept = labels >= 0
    while True:
        still = kept & (graph @ kept.astype(np.int32) >= links)
        if (still == kept).all():
            break
        kept = still
    members = np.flatnonzero(kept)
    parts = np.full(count, -1, np.int64)
    parts[members] = connected_components(graph[members][:, members], directed=False)[1]
    return compact(parts)


def cut_wide(
    labels: Labels, vectors: Vectors, neighbours: Neighbours, *, alike: float, apart: float
) -> Labels:
    """`labels` with the groups cut that are too wide: less than `alike` on average over all pairs.

    Average linkage decides where: parts that are on average less alike than `apart` are two groups;
    of a group of less than SMALL faces, those less than `alike`.
    """
    sizes = np.bincount(labels[labels >= 0], minlength=1)
    if not sizes.any():
        return labels
    whole = np.einsum("ij,ij->i", summed := sums(labels, vectors), summed)
    # The sum over all ordered pairs, without each face and itself.
    mean = (whole - sizes) / np.maximum(sizes * (sizes - 1), 1)
    result = labels.copy()
    for small, threshold in ((False, apart), (True, alike)):
        wide = np.flatnonzero((mean < alike) & ((sizes < SMALL) == small) & (sizes > 1))
        rows = np.flatnonzero(np.isin(labels, wide))
        if len(rows) == 0:
            continue
        inside = within(restricted(neighbours, rows), labels[rows])
        parts = average_linkage(vectors[rows], inside, threshold=threshold)
        result[rows] = np.where(parts < 0, -1, parts + result.max(initial=-1) + 1)
    return compact(result)
