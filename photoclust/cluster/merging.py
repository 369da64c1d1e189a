"""Whole people, not fragments: groups of one person are joined, or become a question.

Decided between groups that are each other's nearest, by the cosine of their middles, which tell
people apart better than single faces: the differences between photos of one person cancel out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.constraints import Barred, Constraints
from photoclust.cluster.labels import Labels, centres, compact, cosines_of, edges
from photoclust.cluster.neighbors import nearest
from photoclust.core.progress import JobControl
from photoclust.core.types import Vectors

MARGIN_WEIGHT = 0.5
"""What a lead over the next best group counts beside the similarity itself."""
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
    and MARGIN_WEIGHT times its lead over that of the next group of either, are at least `merge`. No
    group leads by more than over a rival of the cosine `rival`.

    What falls short of it and whose cosine is at least `ask` becomes a question, the most alike
    first. The first `fixed` groups are never joined with each other. Returns the labels and the
    questions, in terms of these labels.
    """
    labels = compact_from(labels, fixed)
    control = control or JobControl()
    floor = min(ask, rival)
    edges_of = _nearest_groups(centres(labels, vectors), floor, control)
    while True:
        control.checkpoint()
        middles = centres(labels, vectors)
        count = len(middles)
        one, other = edges_of
        cosines = cosines_of(middles, one, middles, other)
        barred = Barred(labels, constraints).between(one, other)
        barred |= (one < fixed) & (other < fixed)
        one, other, cosines = one[~barred], other[~barred], cosines[~barred]
        best, second, partner = _two_best(one, other, cosines, count, floor)
        mutual = np.flatnonzero((partner >= 0) & (partner[partner] == np.arange(count)))
        mutual = mutual[mutual < partner[mutual]]
        lead = best[mutual] - np.maximum(second[mutual], second[partner[mutual]])
        sure = best[mutual] + MARGIN_WEIGHT * lead >= merge
        if not sure.any():
            break
        target = np.arange(count)
        target[partner[mutual[sure]]] = mutual[sure]
        place = np.unique(target, return_inverse=True)[1]
        labels = np.where(labels >= 0, place[labels], -1)
        edges_of = _renumbered(place[one], place[other])
    questions = [
        MergeQuestion(int(a), int(partner[a]), float(best[a]))
        for a in mutual[np.argsort(-best[mutual], kind="stable")]
        if best[a] >= ask
    ]
    return labels, questions


def compact_from(labels: Labels, fixed: int) -> Labels:
    """As `compact`, but the first `fixed` groups keep their numbers."""
    new = labels >= fixed
    result = labels.copy()
    result[new] = fixed + compact(labels[new])
    return result


def _nearest_groups(middles: Vectors, floor: float, control: JobControl) -> tuple[Labels, Labels]:
    """Pairs of groups, the lower number first, of which one is among the other's nearest, and whose
    middles have a cosine of at least `floor`.
    """
    found = nearest(middles, _CANDIDATES, control=control)
    one, other, cosines = edges(found)
    near = cosines >= floor
    return _renumbered(one[near], other[near])


def _renumbered(one: Labels, other: Labels) -> tuple[Labels, Labels]:
    """Each pair once, without those of a group and itself."""
    apart = one != other
    low, high = np.minimum(one, other)[apart], np.maximum(one, other)[apart]
    pairs = np.unique(np.column_stack([low, high]), axis=0)
    return pairs[:, 0], pairs[:, 1]


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
