"""Lists of neighbours: what a neighbour graph consists of, how one is searched for and added to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.largest import largest
from photoclust.core.arrays import Vectors

Rows = NDArray[np.int64]

_PAIRS = 16_000_000
"""Pairs that are compared at once, 64 MB."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The `k` nearest other faces of each of N faces, the nearest first.

    `indices` [N, k] int64, -1 in places without a neighbour, which stand last; `similarities`
    [N, k] float32, cosines, -1 there.
    """

    indices: NDArray[np.int64]
    similarities: NDArray[np.float32]

    @classmethod
    def empty(cls, count: int, k: int) -> "Neighbours":
        """Lists of `count` faces with `k` places, none of them taken."""
        return cls(np.full((count, k), -1, np.int64), np.full((count, k), -1, np.float32))


def search(vectors: Vectors, rows: Rows, k: int) -> Neighbours:
    """The lists of the faces `rows` alone: the `k` nearest others among all of unit `vectors`
    [N, dim], of which every one is compared. `k` is less than N.
    """
    lists = Neighbours.empty(len(rows), k)
    size = max(_PAIRS // max(len(vectors), 1), 1)
    for start in range(0, len(rows) if k else 0, size):
        part = rows[start : start + size]
        # With few rows ten times as fast as faiss.knn, which is made for many.
        cosines = vectors[part] @ vectors.T
        cosines[np.arange(len(part)), part] = -np.inf
        found, indices = largest(cosines, k)
        lists.indices[start : start + size] = indices
        lists.similarities[start : start + size] = np.clip(found, -1.0, 1.0)
    return lists


def enter(lists: Neighbours, rows: Rows, columns: Rows, cosines: NDArray[np.float32]) -> None:
    """Put each of the faces `columns` [E] into the list of the one of `rows` [E] beside it, of
    which it is as near as `cosines` [E] say; of each list what is nearest stays.

    No pair may come twice or be in the lists already.
    """
    if len(rows) == 0:
        return
    order = np.lexsort((-cosines, rows))
    rows, columns, cosines = rows[order], columns[order], cosines[order]
    owners, first, counts = np.unique(rows, return_index=True, return_counts=True)
    k = lists.indices.shape[1]
    place = np.arange(len(rows)) - np.repeat(first, counts)
    among = np.repeat(np.arange(len(owners)), counts)
    near = place < k
    offered = Neighbours.empty(len(owners), min(int(counts.max()), k))
    offered.indices[among[near], place[near]] = columns[near]
    offered.similarities[among[near], place[near]] = np.clip(cosines[near], -1.0, 1.0)
    indices = np.concatenate([lists.indices[owners], offered.indices], axis=1)
    similarities = np.concatenate([lists.similarities[owners], offered.similarities], axis=1)
    # Empty places are the last, also after a face that is the very opposite.
    best = np.argsort(np.where(indices < 0, 2, -similarities), axis=1, kind="stable")[:, :k]
    lists.indices[owners] = np.take_along_axis(indices, best, axis=1)
    lists.similarities[owners] = np.take_along_axis(similarities, best, axis=1)


def true_places(mask: NDArray[np.bool_]) -> Rows:
    """`np.flatnonzero(mask)`, many times as fast where little is true."""
    packed = np.packbits(mask)
    some = np.flatnonzero(packed)
    which, bits = np.nonzero(np.unpackbits(packed[some][:, None], axis=1))
    places: Rows = 8 * some[which] + bits
    return places
