"""Which branches of a tree of joins are clusters: HDBSCAN's condensed tree and what is chosen in it
(Campello, Moulavi, Sander 2013), by the `hdbscan` library.
"""

import numpy as np
from hdbscan.hdbscan_ import _tree_to_labels as clusters_of_tree
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

# The same as hdbscan's own `label`, which takes seconds where this takes milliseconds.
from sklearn.cluster._hierarchical_fast import single_linkage_label as single_linkage_tree

SELECTIONS = ("eom", "leaf")
"""Excess of mass: the clusters that persist longest. Leaves: the finest ones."""
NO_DISTANCE = 1e-6
"""Stands for a distance of 0, which a sparse matrix would take for no edge."""


def chosen_clusters(
    joins: NDArray[np.float64],
    count: int,
    *,
    farthest: float,
    min_cluster_size: int,
    selection: str = "eom",
    epsilon: float = 0.0,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Labels [N] of N = `count` faces, -1 for noise, and strengths [N], 0 (noise) to 1 (core of its
    cluster): how long a face stays in its cluster as the density asked for rises.

    `joins` [J, 3] are the edges of a forest: a row of either part that is joined, and the distance
    above 0 at which they are. Parts that none joins are joined at the distance `farthest`. All
    faces together are no cluster, nor are fewer than `min_cluster_size`. Clusters that part below
    the distance `epsilon` stay one (Malzer, Baum 2020).
    """
    if count < 2:
        return np.full(count, -1, np.int64), np.zeros(count, np.float32)
    tree = single_linkage_tree(_merge_order(_joined(joins, count, farthest), count))
    labels, strength, *_ = clusters_of_tree(
        np.empty((count, 0), np.float32),
        tree,
        min_cluster_size=min_cluster_size,
        cluster_selection_method=selection,
        cluster_selection_epsilon=float(epsilon),
    )
    return np.asarray(labels, np.int64), np.asarray(strength, np.float32)


def _joined(joins: NDArray[np.float64], count: int, distance: float) -> NDArray[np.float64]:
    """Edges (from, to, distance) of one tree: the forest's, and links between its parts."""
    ends = joins[:, 0].astype(np.int64), joins[:, 1].astype(np.int64)
    forest = coo_array((np.ones(len(joins), np.int8), ends), shape=(count, count))
    parts, of_face = connected_components(forest, directed=False)
    firsts = np.unique(of_face, return_index=True)[1]
    links = np.column_stack(
        [np.full(parts - 1, firsts[0]), firsts[1:], np.full(parts - 1, distance)]
    )
    return np.concatenate([joins, links]).astype(np.float64)


def _merge_order(edges: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The edges of a tree, the shortest first.

    Equal ones come in the order in which a walk from the first face meets them. So what lies at
    one distance is joined one by one, and copies of a face make no pairs that look like clusters.
    """
    ends = edges[:, :2].astype(np.int32)
    tree = coo_array((edges[:, 2], (ends[:, 0], ends[:, 1])), shape=(count, count)).tocsr()
    met = np.empty(count, np.int64)
    met[breadth_first_order(tree, 0, directed=False, return_predecessors=False)] = np.arange(count)
    return edges[np.lexsort((met[ends].max(axis=1), edges[:, 2]))]
