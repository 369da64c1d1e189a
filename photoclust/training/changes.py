"""Pairs of faces that the new embedding judges otherwise than the old one."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.metrics import pair_similarities, threshold_at_far
from photoclust.training.measures import Labels, measurable, thinned

_BLOCK = 1024
_POOL = 50
"""So many times the pairs asked for are kept to choose from, as no face is shown twice."""


class Kind(StrEnum):
    """What became of a pair."""

    SAME_ACCEPTED = "same person, now recognised"
    DIFFERENT_REJECTED = "different people, no longer mixed up"
    SAME_REJECTED = "same person, no longer recognised"
    DIFFERENT_ACCEPTED = "different people, now mixed up"


@dataclass(frozen=True, slots=True)
class ChangedPair:
    """The faces in the rows `one` and `other`, and their squared L2 distances before and after."""

    one: int
    other: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Changed:
    """How many pairs of a `kind` there are, and the `largest` changes among them."""

    kind: Kind
    count: int
    largest: tuple[ChangedPair, ...]


def changed_pairs(
    before: Vectors, after: Vectors, labels: Labels, *, most: int = 6, far: float = 1e-3
) -> tuple[Changed, ...]:
    """For each kind, the pairs whose verdict changed between unit vectors `before` [N, d] and
    `after` [N, e] of faces of `labels` [N]; those labelled -1 say nothing.

    Each embedding judges at its own threshold for `far`. The `most` largest changes, measured from
    the threshold, are given, no face twice. Of many faces a part is looked at (see
    `measures.thinned`). Raises UserError as `measures.measurable`.
    """
    known = measurable(labels, "the examples")
    some = thinned(known.people)
    rows, people = known.rows[some], known.people[some]
    old, new = before[rows], after[rows]
    limits = [threshold_at_far(pair_similarities(each, people)[1], far) for each in (old, new)]
    pools = {kind: _Pool(most * _POOL) for kind in Kind}
    for start in range(0, len(rows), _BLOCK):
        part = slice(start, min(start + _BLOCK, len(rows)))
        margins = [
            each[part] @ each[start:].T - limit
            for each, limit in zip((old, new), limits, strict=True)
        ]
        upper = np.arange(start, len(rows))[None, :] > np.arange(len(rows))[part, None]
        same = people[part, None] == people[None, start:]
        was, now = margins[0] > 0, margins[1] > 0
        for kind, chosen in (
            (Kind.SAME_ACCEPTED, same & ~was & now),
            (Kind.SAME_REJECTED, same & was & ~now),
            (Kind.DIFFERENT_REJECTED, ~same & was & ~now),
            (Kind.DIFFERENT_ACCEPTED, ~same & ~was & now),
        ):
            one, other = np.nonzero(upper & chosen)
            moved = np.abs(margins[1][one, other] - margins[0][one, other])
            pools[kind].add(moved, start + one, start + other)
    return tuple(
        Changed(
            kind,
            pool.count,
            tuple(
                ChangedPair(
                    int(rows[one]),
                    int(rows[other]),
                    _distance(old[one], old[other]),
                    _distance(new[one], new[other]),
                )
                for one, other in pool.apart(most)
            ),
        )
        for kind, pool in pools.items()
    )


class _Pool:
    """The pairs of one kind that moved most."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._moved = np.empty(0)
        self._pairs = np.empty((2, 0), np.int64)
        self.count = 0

    def add(
        self, moved: NDArray[np.floating], one: NDArray[np.int64], other: NDArray[np.int64]
    ) -> None:
        self.count += len(moved)
        self._moved = np.concatenate([self._moved, moved])
        self._pairs = np.concatenate([self._pairs, np.stack([one, other])], axis=1)
        best = np.argsort(-self._moved, kind="stable")[: self._size]
        self._moved, self._pairs = self._moved[best], self._pairs[:, best]

    def apart(self, most: int) -> list[tuple[int, int]]:
        """The first `most` in which no face comes twice."""
        chosen: list[tuple[int, int]] = []
        used: set[int] = set()
        for one, other in self._pairs.T.tolist():
            if len(chosen) < most and not used & {one, other}:
                chosen.append((one, other))
                used |= {one, other}
        return chosen


def _distance(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.sum((one - other) ** 2))
