"""Small tools for labels [N] int64: the group of each face, -1 for a face that waits."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from photoclust.cluster.neighbors import Neighbours
from photoclust.core.arrays import Vectors

Labels = NDArray[np.int64]

LEAD_WEIGHT = 0.5
"""What a lead over the next best group counts beside the similarity itself."""
_BLOCK = 65_536
_CACHED = 1024
"""Vectors that stay in the processor's cache while they are multiplied."""


def compact(labels: Labels) -> Labels:
    """The same groups numbered 0, 1, 2 … in the order in which their first faces come; -1 stays."""
    result = np.full(len(labels), -1, np.int64)
    grouped = np.flatnonzero(labels >= 0)
    _, first, numbers = np.unique(labels[grouped], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    result[grouped] = rank[numbers]
    return result


def compact_from(labels: Labels, fixed: int) -> Labels:
    """As `compact`, but the first `fixed` groups keep their numbers."""
    new = labels >= fixed
    result = labels.copy()
    result[new] = fixed + compact(labels[new])
    return result


def without_small(labels: Labels, size: int) -> Labels:
    """`labels` with the faces of groups of less than `size` faces waiting."""
    sizes = np.bincount(labels[labels >= 0], minlength=1)
    return compact(np.where((labels >= 0) & (sizes[labels] >= size), labels, -1))


def unique_pairs(one: Labels, other: Labels) -> tuple[Labels, Labels, Labels]:
    """Each pair of `one` [E] and `other` [E], numbers ≥ -1, once, in order, and how often it is
    there. As one number a pair sorts many times faster than as two.
    """
    width = int(other.max(initial=-1)) + 2
    keys, counts = np.unique((one + 1) * width + other + 1, return_counts=True)
    return keys // width - 1, keys % width - 1, counts


def sums(labels: Labels, vectors: Vectors) -> Vectors:
    """The sum of the vectors of each group, [groups, dim]."""
    groups = int(labels.max(initial=-1)) + 1
    members = np.flatnonzero(labels >= 0)
    ones = np.ones(len(members), vectors.dtype)
    which = csr_array((ones, (labels[members], members)), shape=(groups, len(labels)))
    summed: Vectors = which @ vectors
    return summed


def centres(labels: Labels, vectors: Vectors) -> Vectors:
    """The middle of each group, a unit vector; [groups, dim]."""
    middles = sums(labels, vectors)
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-12)
    return middles


def centres_of(groups: Labels, labels: Labels, vectors: Vectors) -> Vectors:
    """The middles of some groups alone, which are in ascending order; [len(groups), dim]."""
    number = np.full(int(labels.max(initial=-1)) + 2, -1, np.int64)
    number[groups] = np.arange(len(groups))
    return centres(number[labels], vectors)


def cosines_of(one: Vectors, rows: Labels, other: Vectors, columns: Labels) -> NDArray[np.float32]:
    """The cosine of each of `one[rows]` [E] and the one of `other[columns]` [E] beside it."""
    cosines = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _CACHED):
        part = slice(start, start + _CACHED)
        cosines[part] = np.einsum("ij,ij->i", one[rows[part]], other[columns[part]])
    return cosines


def leaders(
    rows: Labels, columns: Labels, cosines: NDArray[np.float32], rival: float
) -> tuple[Labels, NDArray[np.float32]]:
    """Of pairs `rows` [E] and `columns` [E] with `cosines` [E], the place of the most alike one of
    each row, and what speaks for it: its cosine, and LEAD_WEIGHT times its lead over the next.
    Nobody leads by more than over a rival of the cosine `rival`.
    """
    order = np.lexsort((columns, -cosines, rows))
    start = np.flatnonzero(np.diff(rows[order], prepend=-1))
    best = cosines[order[start]]
    following = np.minimum(start + 1, max(len(order) - 1, 0))
    has_next = (following > start) & (rows[order[following]] == rows[order[start]])
    second = np.maximum(np.where(has_next, cosines[order[following]], rival), rival)
    lead = np.maximum(best - second, 0)
    return order[start], (best + LEAD_WEIGHT * lead).astype(np.float32)


def edges(neighbours: Neighbours) -> tuple[Labels, Labels, NDArray[np.float32]]:
    """From, to and cosine of every edge of the graph; places without a neighbour are left out."""
    rows = np.repeat(np.arange(len(neighbours.indices)), neighbours.indices.shape[1])
    columns, similarities = neighbours.indices.ravel(), neighbours.similarities.ravel()
    there = columns >= 0
    if there.all():
        return rows, columns, similarities
    return rows[there], columns[there], similarities[there]


def edge_blocks(
    neighbours: Neighbours, at_least: float = -1.0
) -> Iterator[tuple[Labels, Labels, NDArray[np.float32]]]:
    """`edges` with a cosine of `at_least` so much, of some ten thousand faces at a time: those of a
    million take gigabytes.
    """
    for start in range(0, len(neighbours.indices), _BLOCK):
        part = slice(start, start + _BLOCK)
        block = Neighbours(neighbours.indices[part], neighbours.similarities[part])
        rows, columns, similarities = edges(block)
        near = similarities >= at_least
        yield rows[near] + start, columns[near], similarities[near]


def restricted(neighbours: Neighbours, rows: Labels) -> Neighbours:
    """The graph among the faces `rows` [M] alone, numbered by their places in `rows`.

    Neighbours that are not among them leave empty places (-1) at the ends of the lists.
    """
    place = np.full(len(neighbours.indices) + 1, -1, np.int64)
    place[rows] = np.arange(len(rows))
    mine = Neighbours(place[neighbours.indices[rows]], neighbours.similarities[rows])
    return _packed(mine, lambda part: mine.indices[part] >= 0)


def among(neighbours: Neighbours, there: NDArray[np.bool_]) -> Neighbours:
    """The graph without the edges from and to faces that are not `there` [N]."""
    if there.all():
        return neighbours
    return _packed(neighbours, lambda part: there[part][:, None] & there[neighbours.indices[part]])


def within(neighbours: Neighbours, labels: Labels) -> Neighbours:
    """The graph without the edges that lead out of a group of `labels`."""

    def inside(part: slice) -> NDArray[np.bool_]:
        own = labels[part][:, None]
        same: NDArray[np.bool_] = (own >= 0) & (own == labels[neighbours.indices[part]])
        return same

    return _packed(neighbours, inside)


def _packed(neighbours: Neighbours, kept: Callable[[slice], NDArray[np.bool_]]) -> Neighbours:
    """The graph of the edges that are `kept` (asked for the lists of a slice of faces), without
    empty places but at the ends of the lists.
    """
    indices = np.full_like(neighbours.indices, -1)
    similarities = np.full_like(neighbours.similarities, -1)
    for start in range(0, len(indices), _BLOCK):
        part = slice(start, start + _BLOCK)
        there = kept(part) & (neighbours.indices[part] >= 0)
        order = np.argsort(~there, axis=1, kind="stable")
        ends = np.arange(there.shape[1]) < there.sum(axis=1, keepdims=True)
        for whole, packed in (
            (neighbours.indices, indices),
            (neighbours.similarities, similarities),
        ):
            packed[part][ends] = np.take_along_axis(whole[part], order, axis=1)[ends]
    return Neighbours(indices, similarities)
