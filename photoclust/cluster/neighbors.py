"""The neighbour graph: for each face the most similar others, exact, through FAISS."""

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from photoclust.core.types import Vectors

DEFAULT_K = 64
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The `k` nearest other faces of each of N faces, the nearest first.

    `indices` [N, k] int64; `similarities` [N, k] float32, cosines.
    """

    indices: NDArray[np.int64]
    similarities: NDArray[np.float32]


def nearest(vectors: Vectors, k: int = DEFAULT_K) -> Neighbours:
    """The `k` nearest others (all of them where there are fewer) of unit `vectors` [N, dim]."""
    count = len(vectors)
    k = min(k, count - 1)
    indices = np.empty((count, max(k, 0)), np.int64)
    similarities = np.empty((count, max(k, 0)), np.float32)
    if k <= 0:
        return Neighbours(indices, similarities)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    for start in range(0, count, _BLOCK):
        stop = min(start + _BLOCK, count)
        cosines, found = index.search(np.ascontiguousarray(vectors[start:stop]), k + 1)
        # A face is its own nearest, but among exact copies it may come later or not at all.
        own = found == np.arange(start, stop)[:, None]
        own[~own.any(axis=1), -1] = True
        indices[start:stop] = found[~own].reshape(-1, k)
        similarities[start:stop] = np.clip(cosines[~own].reshape(-1, k), -1.0, 1.0)
    return Neighbours(indices, similarities)
