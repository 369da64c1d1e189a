"""Whole people, not fragments: groups of one person are joined, or become a question.

Decided between groups that are each other's nearest, by the cosine of their middles, which tell
people apart better than single faces: the differences between photos of one person cancel out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.constraints import Barred, Constraints
from photoclust.cluster.labels import (
    LEAD_WEIGHT,
    Labels,
    centres,
    centres_of,
    compact_from,
    cosines_of,
    edges,
    unique_pairs,
)
from photoclust.cluster.neighbors import nearest, search
from photoclust.core.arrays import Vectors
from photoclust.core.progress import JobControl

_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class MergeQuestion:
    """Are the groups `a` and `b` (labels) one person? `similarity`: the cosine of their middles."""

    a: int
    b: int
    similarity: float


def merge_groups(
    labels: Labels,
    vectors: Vectors,
    constraints: Constraints,
    *,
    merge: float,
    ask: float,
    rival: float,
    fixed: int = 0,
    control: JobControl | None = None,
) -> tuple[Labels, list[MergeQuestion]]:
    """Groups joined that are each other's nearest while their middles are alike enough: the cosine,
    and LEAD_WEIGHT times its lead over that of the next group of either, are at least `merge`. No
    group leads by more than over a rival of the cosine `rival`.

    What falls short of it and whose cosine is at least `ask` becomes a question, the most alike
    first. The first `fixed` groups are never joined with each other. Returns the labels and the
    questions, in terms of these labels.
    """
    labels = compact_from(labels, fixed)
    control = control or JobControl()
    floor = min(ask, rival)
    one, other = _nearest_groups(centres(labels, vectors), floor, fixed, control)
    while True:
        control.checkpoint()
        count = int(labels.max(initial=-1)) + 1
        concerned = np.union1d(one, other)
        middles = centres_of(concerned, labels, vectors)
        places = np.searchsorted(concerned, one), np.searchsorted(concerned, other)
        cosines = cosines_of(middles, places[0], middles, places[1])
        barred = Barred(labels, constraints).between(one, other)
        # A new group that was joined with an old one left it its neighbours.
        barred |= (one < fixed) & (other < fixed)
        one, other, cosines = one[~barred], other[~barred], cosines[~barred]
        best, second, partner = _two_best(one, other, cosines, count, floor)
        mutual = np.flatnonzero((partner >= 0) & (partner[partner] == np.arange(count)))
        mutual = mutual[mutual < partner[mutual]]
        lead = best[mutual] - np.maximum(second[mutual], second[partner[mutual]])
        sure = best[mutual] + LEAD_WEIGHT * lead >= merge
        if not sure.any():
            break
        target = np.arange(count)
        target[partner[mutual[sure]]] = mutual[sure]
        place = np.unique(target, return_inverse=True)[1]
        labels = np.where(labels >= 0, place[labels], -1)
        one, other = _renumbered(place[one], place[other])
    questions = [
        MergeQuestion(int(a), int(partner[a]), float(best[a]))
        for a in mutual[np.argsort(-best[mutual], kind="stable")]
        if best[a] >= ask
    ]
    return labels, questions


def _nearest_groups(
    middles: Vectors, floor: float, fixed: int, control: JobControl
) -> tuple[Labels, Labels]:
    """Pairs of groups, the lower number first, of which one is among the other's nearest, and whose
    middles have a cosine of at least `floor`; not those of the first `fixed` groups alone.
    """
    if fixed == 0:
        one, other, cosines = edges(nearest(middles, _CANDIDATES, control=control))
    else:
        rows = np.arange(fixed, len(middles))
        lists = search(middles, rows, min(_CANDIDATES, len(middles) - 1))
        places, other, cosines = edges(lists)
        one = rows[places]
    near = cosines >= floor
    return _renumbered(one[near], other[near])


def _renumbered(one: Labels, other: Labels) -> tuple[Labels, Labels]:
    """Each pair once, without those of a group and itself."""
    apart = one != other
    low, high = np.minimum(one, other)[apart], np.maximum(one, other)[apart]
    return unique_pairs(low, high)[:2]


def _two_best(
    one: Labels, other: Labels, cosines: NDArray[np.float32], count: int, floor: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], Labels]:
    """For each group the highest and second cosine of its edges, at least `floor`, and whose is the
    highest (-1 without edges).
    """
    rows, columns = np.concatenate([one, other]), np.concatenate([other, one])
    both = np.concatenate([cosines, cosines])
    order = np.lexsort((columns, -both, rows))
    rows, columns, both = rows[order], columns[order], both[order]
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    best, second = np.full((2, count), floor, np.float32)
    partner = np.full(count, -1, np.int64)
    best[rows[first]], partner[rows[first]] = both[first], columns[first]
    following = first[first + 1 < len(rows)] + 1
    following = following[rows[following] == rows[following - 1]]
    second[rows[following]] = np.maximum(both[following], floor)
    return best, second, partner
