"""HDBSCAN (Campello, Moulavi, Sander 2013) on a neighbour graph instead of all distances.

Distances are Euclidean between unit vectors, √(2 − 2·cosine). The minimum spanning tree of mutual
reachability is taken over the graph; what the graph does not join is as far apart as `floor` says.
The condensed tree and its labels (excess of mass) come from the `hdbscan` library. Noise is -1;
`min_samples` does not count the point itself.
"""

import numpy as np
from hdbscan._hdbscan_linkage import label as single_linkage_tree
from hdbscan.hdbscan_ import _tree_to_labels as labels_of_tree
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from photoclust.cluster.neighbors import Neighbours
from photoclust.core.types import Vectors

_NO_DISTANCE = 1e-6
"""Stands for a distance of 0, which a sparse matrix would take for no edge."""


def hdbscan_labels(
    vectors: Vectors,
    neighbours: Neighbours,
    *,
    min_samples: int = 2,
    min_cluster_size: int = 2,
    floor: float = 0.4,
) -> NDArray[np.int64]:
    """Labels [N] of `vectors` [N, dim], -1 for noise.

    `floor` is a cosine: faces less alike are all equally far apart, so that how strangers lie to
    each other says nothing about where people end.
    """
    count = len(vectors)
    if neighbours.indices.shape[1] < min_samples or count < 2:
        return np.full(count, -1, np.int64)
    farthest = float(np.sqrt(2 - 2 * floor))
    distances = np.sqrt(np.maximum(2 - 2 * neighbours.similarities.astype(np.float64), 0))
    core = distances[:, min_samples - 1]
    rows = np.repeat(np.arange(count), distances.shape[1])
    columns = neighbours.indices.ravel()
    reach = np.maximum(distances.ravel(), np.maximum(core[rows], core[columns]))
    near = reach < farthest
    rows, columns, reach = rows[near], columns[near], np.maximum(reach[near], _NO_DISTANCE)
    # Each edge once, whichever of the two faces lists the other.
    low, high = np.minimum(rows, columns), np.maximum(rows, columns)
    once = np.unique(low * count + high, return_index=True)[1]
    graph = coo_array((reach[once], (low[once], high[once])), shape=(count, count)).tocsr()
    edges = _joined(minimum_spanning_tree(graph).tocoo(), count, farthest)
    edges = edges[np.argsort(edges[:, 2], kind="stable")]
    tree = single_linkage_tree(edges)
    labels = labels_of_tree(vectors, tree, min_cluster_size, "eom", False, False, 0.0, 0)[0]
    return np.asarray(labels, np.int64)


def _joined(forest: coo_array, count: int, distance: float) -> NDArray[np.float64]:
    """Edges (from, to, distance) of one tree: the forest's, and links between its parts."""
    parts, of_face = connected_components(forest, directed=False)
    firsts = np.unique(of_face, return_index=True)[1]
    links = np.column_stack(
        [np.full(parts - 1, firsts[0]), firsts[1:], np.full(parts - 1, distance)]
    )
    own = np.column_stack([forest.coords[0], forest.coords[1], forest.data])
    return np.concatenate([own, links]).astype(np.float64)
