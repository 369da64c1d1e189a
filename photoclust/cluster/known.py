"""Known people draw their other faces: who has a name is asked about at a lower likeness.

Beside the many groups that a face may be taken for by chance there are few known people, and what
is like one of them and like nobody else by far is hardly ever somebody else.
"""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.constraints import Barred, Constraints
from photoclust.cluster.labels import (
    Labels,
    centres_of,
    compact_from,
    cosines_of,
    edge_blocks,
    leaders,
    unique_pairs,
)
from photoclust.cluster.neighbors import Neighbours
from photoclust.cluster.strangers import Cosines, Strangers, count_sure
from photoclust.core.arrays import Vectors


def draw_to_known(
    labels: Labels,
    vectors: Vectors,
    neighbours: Neighbours,
    constraints: Constraints,
    strangers: Strangers,
    *,
    big: int,
    share: float,
    rival: float,
    rows: Labels | None = None,
    fixed: int = 0,
    rounds: int = 3,
) -> Labels:
    """Waiting faces, and groups of nobody known and less than `big` faces, taken into the groups of
    known people.

    One that is more like the middle of such a group than of any other goes there, the clearest
    first, as long as chance would account for at most `share` of those taken and of those who are
    known: the cosine counts, and LEAD_WEIGHT times its lead over the next best group, but over
    none below the cosine `rival`. Of larger groups, whose middles are more alike anyway,
    `merge_groups` decides.

    `neighbours` are those of the faces `rows` (default: of all), which say what is compared with
    what. The first `fixed` groups take in others, but stay themselves.
    """
    rows = np.arange(len(labels)) if rows is None else rows
    for _ in range(rounds):
        groups = int(labels.max(initial=-1)) + 1
        known = np.zeros(groups, bool)
        known[labels[(labels >= 0) & (constraints.person >= 0)]] = True
        if not known.any():
            break
        unit = labels.copy()
        waiting = rows[labels[rows] < 0]
        unit[waiting] = groups + np.arange(len(waiting))
        movable = np.ones(groups + len(waiting), bool)
        movable[:groups] = ~known & (np.bincount(labels[labels >= 0]) < big)
        movable[:fixed] = False
        one, other = _pairs(unit, rows, neighbours, known, movable)
        one, target, score = _best((one, other), unit, vectors, known, rival)
        clear = ~Barred(unit, constraints).between(one, target)
        one, target, score = one[clear], target[clear], score[clear]
        order = np.lexsort((one, -score))
        rivals = (int(movable.sum()) - np.arange(len(order))) * int(known.sum())
        taken = order[
            : count_sure(score[order], rivals, strangers, share=share, already=int(known.sum()))
        ]
        joined = _joined(unit, one[taken], target[taken], constraints)
        joined[joined >= groups] = -1
        if (joined == labels).all():
            break
        labels = compact_from(joined, fixed)
    return labels


def _pairs(
    unit: Labels,
    rows: Labels,
    neighbours: Neighbours,
    known: NDArray[np.bool_],
    movable: NDArray[np.bool_],
) -> tuple[Labels, Labels]:
    """Each movable unit with a neighbour in a known group, beside every group it has one in."""
    groups = len(known)
    known = np.concatenate([known, np.zeros(len(movable) - groups + 1, bool)])  # -1: nobody
    movable = np.concatenate([movable, [False]])
    near = np.zeros(len(movable), bool)
    for places, columns, _ in edge_blocks(neighbours):
        mine, theirs = unit[rows[places]], unit[columns]
        near[mine[known[theirs]]] = near[theirs[known[mine]]] = True
    near &= movable
    found = [np.empty((2, 0), np.int64)]
    for places, columns, _ in edge_blocks(neighbours):
        mine, theirs = unit[rows[places]], unit[columns]
        for one, other in ((mine, theirs), (theirs, mine)):
            kept = near[one] & (other >= 0) & (other < groups) & (one != other)
            found.append(np.stack(unique_pairs(one[kept], other[kept])[:2]))
    one, other, _ = unique_pairs(*np.concatenate(found, axis=1))
    return one, other


def _best(
    pairs: tuple[Labels, Labels],
    unit: Labels,
    vectors: Vectors,
    known: NDArray[np.bool_],
    rival: float,
) -> tuple[Labels, Labels, Cosines]:
    """The units that are of all groups they are beside in `pairs` most like a known one, that
    group, and what speaks for it.
    """
    one, other = pairs
    concerned = np.union1d(one, other)
    middles = centres_of(concerned, unit, vectors)
    cosines = cosines_of(
        middles, np.searchsorted(concerned, one), middles, np.searchsorted(concerned, other)
    )
    chosen, score = leaders(one, other, cosines, rival)
    to_known = known[other[chosen]]
    chosen, score = chosen[to_known], score[to_known]
    return one[chosen], other[chosen], score


def _joined(unit: Labels, one: Labels, target: Labels, constraints: Constraints) -> Labels:
    """`unit` with the units `one` in the groups `target`, as far as those that went before do not
    bar them.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(np.isin(unit, one)).tolist():
        members[int(unit[row])].append(row)
    apart: dict[int, set[int]] = defaultdict(set)
    for a, b in constraints.apart.tolist():
        apart[a].add(b)
        apart[b].add(a)
    photos: dict[int, set[int]] = defaultdict(set)
    refused: dict[int, set[int]] = defaultdict(set)
    result = unit.copy()
    for mine, group in zip(one.tolist(), target.tolist(), strict=True):
        faces = members[mine]
        here = set(constraints.photo[faces].tolist())
        if here & photos[group] or refused[group].intersection(faces):
            continue
        photos[group] |= here
        refused[group].update(*(apart[face] for face in faces if face in apart))
        result[faces] = group
    return result
