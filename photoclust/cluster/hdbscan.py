"""HDBSCAN (Campello, Moulavi, Sander 2013) on a neighbour graph instead of all distances.

Distances are Euclidean between unit vectors, √(2 − 2·cosine). The minimum spanning forest of
mutual reachability is taken over the graph; the condensed tree, the choice of clusters in it and
the membership strengths come from the `hdbscan` library. On the graph of all pairs the result is
that of `hdbscan.HDBSCAN` with the parameters of the same names.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

from photoclust.cluster.condensed import NO_DISTANCE, SELECTIONS, chosen_clusters
from photoclust.cluster.neighbors import Neighbours
from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError

_TIE = 1e-9
"""Share of a distance that decides between equal reachabilities."""
_BLOCK = 65_536


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
    reach = _reachability(neighbours, min(min_samples, count - 1), farthest)
    forest = minimum_spanning_tree(reach).tocoo()
    labels, strength = chosen_clusters(
        np.column_stack([forest.coords[0], forest.coords[1], forest.data]),
        count,
        farthest=farthest,
        min_cluster_size=min_cluster_size,
        selection=selection,
        epsilon=epsilon,
    )
    return HdbscanResult(labels, strength)


def _reachability(neighbours: Neighbours, min_samples: int, farthest: float) -> csr_array:
    """The graph [N, N] weighted by mutual reachability, without edges of `farthest` or more.

    An edge that both of its faces list is there twice, which changes no spanning tree.
    """
    count, width = neighbours.indices.shape
    core = np.full(count, np.inf)
    if min_samples <= width:
        core = _distances(neighbours, slice(None), min_samples - 1)
    weights, indices, sizes = [np.empty(0)], [np.empty(0, np.int32)], [np.zeros(1, np.int64)]
    for start in range(0, count, _BLOCK):
        part = slice(start, start + _BLOCK)
        distances = _distances(neighbours, part, slice(None))
        reach = np.maximum(distances, core[part, None])
        np.maximum(reach, core[neighbours.indices[part]], out=reach)
        near = reach < farthest
        # Reachability ties all edges within a core distance, and a face between two clusters could
        # fall to either by chance: let it fall to the nearer.
        weights.append(np.maximum(reach[near] * (1 + _TIE * distances[near]), NO_DISTANCE))
        indices.append(neighbours.indices[part][near].astype(np.int32))
        sizes.append(near.sum(axis=1))
    indptr = np.cumsum(np.concatenate(sizes))
    return csr_array(
        (np.concatenate(weights), np.concatenate(indices), indptr), shape=(count, count)
    )


def _distances(neighbours: Neighbours, rows: slice, columns: int | slice) -> NDArray[np.float64]:
    """Distances to neighbours; infinite in empty places."""
    cosines = neighbours.similarities[rows, columns].astype(np.float64)
    distances = np.sqrt(np.maximum(2 - 2 * cosines, 0))
    distances[neighbours.indices[rows, columns] < 0] = np.inf
    return distances
