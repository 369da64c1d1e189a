"""HDBSCAN (Campello, Moulavi, Sander 2013) on a neighbour graph instead of all distances.

Distances are Euclidean between unit vectors, √(2 − 2·cosine). The minimum spanning forest of
mutual reachability is taken over the graph; the condensed tree, the choice of clusters in it and
the membership strengths come from the `hdbscan` library. On the graph of all pairs the result is
that of `hdbscan.HDBSCAN` with the parameters of the same names.
"""

from dataclasses import dataclass

import numpy as np
from hdbscan.hdbscan_ import _tree_to_labels as clusters_of_tree
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import (
    breadth_first_order,
    connected_components,
    minimum_spanning_tree,
)

# The same as hdbscan's own `label`, which takes seconds where this takes milliseconds.
from sklearn.cluster._hierarchical_fast import single_linkage_label as single_linkage_tree

from photoclust.cluster.neighbors import Neighbours
from photoclust.core.errors import InternalError
from photoclust.core.types import Vectors

SELECTIONS = ("eom", "leaf")
"""Excess of mass: the clusters that persist longest. Leaves: the finest ones."""
_NO_DISTANCE = 1e-6
"""Stands for a distance of 0, which a sparse matrix would take for no edge."""
_TIE = 1e-9
"""Share of a distance that decides between equal reachabilities."""


@dataclass(frozen=True, slots=True)
class HdbscanResult:
    """`labels` [N] int64, -1 for noise; `strength` [N] float32, 0 (noise) to 1 (core of its
    cluster): how long a face stays in its cluster as the density asked for rises.
    """

    labels: NDArray[np.int64]
    strength: NDArray[np.float32]


def hdbscan_labels(
    vectors: Vectors,
    neighbours: Neighbours,
    *,
    min_samples: int,
    min_cluster_size: int,
    selection: str = "eom",
    epsilon: float = 0.0,
    floor: float | None = None,
) -> HdbscanResult:
    """Cluster unit `vectors` [N, dim]; the graph's rows list the nearest first, -1 for nobody.

    The core distance of a face is that to its `min_samples`-th neighbour: `min_samples` does not
    count the face itself, as it does not in the `hdbscan` library, whatever its manual says. Noise
    is what falls out of every chosen cluster, and whose core distance the graph does not hold; a
    group of fewer than `min_cluster_size` is no cluster, nor are all faces together. `epsilon` is
    a Euclidean distance: clusters that part below it stay one (Malzer, Baum 2020).

    `floor` is a cosine: faces less alike are all equally far apart, so that how strangers lie to
    each other says nothing about where people end. Without one, the parts of the graph are as far
    apart as unit vectors can be.

    Raises InternalError for a parameter out of its range.
    """
    count = len(vectors)
    farthest = 2.0 if floor is None else float(np.sqrt(2 - 2 * floor))
    if min_samples < 1 or min_cluster_size < 2 or selection not in SELECTIONS:
        raise InternalError(
            f"HDBSCAN cannot use min_samples={min_samples}, min_cluster_size={min_cluster_size}, "
            f"selection={selection!r}"
        )
    if not 0 <= epsilon < farthest:
        raise InternalError(f"HDBSCAN's epsilon must be in [0, {farthest:.3f}), not {epsilon}")
    if count < 2:
        return HdbscanResult(np.full(count, -1, np.int64), np.zeros(count, np.float32))
    forest = minimum_spanning_tree(_reachability(neighbours, min(min_samples, count - 1), farthest))
    tree = single_linkage_tree(_merge_order(_joined(forest.tocoo(), count, farthest), count))
    labels, strength, *_ = clusters_of_tree(
        vectors,
        tree,
        min_cluster_size=min_cluster_size,
        cluster_selection_method=selection,
        cluster_selection_epsilon=float(epsilon),
    )
    return HdbscanResult(np.asarray(labels, np.int64), np.asarray(strength, np.float32))


def _reachability(neighbours: Neighbours, min_samples: int, farthest: float) -> csr_array:
    """The graph [N, N] weighted by mutual reachability, without edges of `farthest` or more.

    An edge that both of its faces list is there twice, which changes no spanning tree.
    """
    count, width = neighbours.indices.shape
    missing = neighbours.indices < 0
    distances = np.sqrt(np.maximum(2 - 2 * neighbours.similarities.astype(np.float64), 0))
    distances[missing] = np.inf
    core = distances[:, min_samples - 1] if min_samples <= width else np.full(count, np.inf)
    reach = np.maximum(distances, core[:, None])
    np.maximum(reach, core[neighbours.indices], out=reach)
    near = reach < farthest
    # Reachability ties all edges within a core distance, and a face between two clusters could
    # fall to either by chance: let it fall to the nearer.
    weights = np.maximum(reach[near] * (1 + _TIE * distances[near]), _NO_DISTANCE)
    indices = neighbours.indices[near].astype(np.int32)
    indptr = np.concatenate([[0], np.cumsum(near.sum(axis=1))])
    return csr_array((weights, indices, indptr), shape=(count, count))


def _joined(forest: coo_array, count: int, distance: float) -> NDArray[np.float64]:
    """Edges (from, to, distance) of one tree: the forest's, and links between its parts."""
    parts, of_face = connected_components(forest, directed=False)
    firsts = np.unique(of_face, return_index=True)[1]
    links = np.column_stack(
        [np.full(parts - 1, firsts[0]), firsts[1:], np.full(parts - 1, distance)]
    )
    own = np.column_stack([forest.coords[0], forest.coords[1], forest.data])
    return np.concatenate([own, links]).astype(np.float64)


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
