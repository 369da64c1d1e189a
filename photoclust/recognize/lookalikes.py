"""Judging a face together with the few that look like it, as they look like nobody else.

One photo of a face is often a poor one. Where it and others are mutually among each other's nearest
few, all of them are most likely one person, and what they have in common says more than either:
average query expansion (Chum et al. 2007) with weights (Radenović et al. 2018) over reciprocal
neighbours (Zhong et al. 2017). Only what users said plays a part in it, no automatic name, so that
no guess becomes evidence.
"""

import numpy as np

from photoclust.cluster.neighbor_lists import Neighbours
from photoclust.core.arrays import Vectors
from photoclust.recognize import pairs
from photoclust.recognize.faces import Ids

NEAREST = 3
"""So many nearest faces are looked at: more would reach beyond people of two or three photos."""
_POWER = 3
_FLOOR = 0.4
_BLOCK = 8192


def weights(lists: Neighbours, person: Ids, photo: Ids, rejected: Ids | None = None) -> Neighbours:
    """How much each of the NEAREST faces of N counts beside the face itself, which counts 1.

    `lists` are their neighbours. Those that are not mutual count nothing, nor do faces of the same
    `photo` [N], or of which users said that they are two people: both are known, by `person` [N]
    (negative: unknown), or one is not who the other is, by `rejected` [J, 2] (row, person). The
    weights stand in place of the similarities.
    """
    count = len(person)
    near = lists.indices[:, :NEAREST]
    cosines = lists.similarities[:, :NEAREST]
    there = near >= 0
    asked = np.where(there, near, 0)
    me = np.arange(count)[:, None]
    mutual = np.zeros_like(there)
    for place in range(near.shape[1]):
        mutual |= near[asked, place] == me
    mine, theirs = person[:, None], person[asked]
    two = (mine >= 0) & (theirs >= 0) & (mine != theirs)
    if rejected is not None:
        two |= pairs.places(me, theirs, rejected) >= 0
        two |= pairs.places(asked, mine, rejected) >= 0
    counts = there & mutual & (cosines > _FLOOR) & ~two & (photo[:, None] != photo[asked])
    return Neighbours(asked, np.where(counts, cosines, 0.0).astype(np.float32) ** _POWER)


def blended(vectors: Vectors, near: Neighbours, rows: Ids | None = None) -> Vectors:
    """The faces `rows` [R] (None: all) of unit `vectors` [N, dim] with those near to them, by
    `weights`; [R, dim], of unit length.
    """
    rows = np.arange(len(vectors)) if rows is None else rows
    result = np.empty((len(rows), vectors.shape[1]), np.float32)
    for start in range(0, len(rows), _BLOCK):
        part = rows[start : start + _BLOCK]
        block = result[start : start + _BLOCK]
        block[:] = vectors[part]
        for place in range(near.indices.shape[1]):
            weight = near.similarities[part, place]
            some = np.flatnonzero(weight)
            block[some] += weight[some, None] * vectors[near.indices[part[some], place]]
        block /= np.linalg.norm(block, axis=1, keepdims=True)
    return result


def count_people(near: Neighbours, rows: Ids) -> int:
    """How many people the faces `rows` are of at most, as far as look-alikes tell: those that hang
    together by `near`, see `weights`, are one.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - .2 s that no start need wait for
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - as above

    place, rank = np.nonzero(near.similarities > 0)
    count = len(near.indices)
    links = (np.ones(len(place), np.bool_), (place, near.indices[place, rank]))
    _, piece = connected_components(csr_array(links, shape=(count, count)), directed=False)
    return len(np.unique(piece[rows]))
