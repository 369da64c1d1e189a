"""Average linkage up to a similarity (the FaceNet paper's own grouping), by scikit-learn."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from sklearn.cluster import AgglomerativeClustering

from photoclust.cluster.neighbors import Neighbours
from photoclust.core.types import Vectors

ALL_PAIRS_BELOW = 6000
"""Up to this many faces every pair is looked at; above, only those of the neighbour graph, because
the distances of all pairs would not fit into memory.
"""


def average_linkage(
    vectors: Vectors, neighbours: Neighbours, *, threshold: float = 0.5
) -> NDArray[np.int64]:
    """Labels [N] of `vectors` [N, dim]; groups are joined while their faces are, on average, at
    least `threshold` (a cosine) alike. A face alone is -1.
    """
    count = len(vectors)
    if count < 2:
        return np.full(count, -1, np.int64)
    graph = None
    if count > ALL_PAIRS_BELOW:
        rows = np.repeat(np.arange(count), neighbours.indices.shape[1])
        ones = np.ones(len(rows), np.int8)
        half = coo_array((ones, (rows, neighbours.indices.ravel())), shape=(count, count)).tocsr()
        graph = half + half.T
    model = AgglomerativeClustering(
        n_clusters=None,
        metric="cosine",
        linkage="average",
        distance_threshold=1 - threshold,
        connectivity=graph,
    )
    labels = np.asarray(model.fit_predict(vectors), np.int64)
    alone = np.bincount(labels)[labels] == 1
    labels[alone] = -1
    return np.where(labels < 0, -1, np.unique(labels, return_inverse=True)[1] - int(alone.any()))
