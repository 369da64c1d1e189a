"""For every face the few known people who are most like it, and how far the first stands out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.largest import largest
from photoclust.cluster.strangers import Strangers
from photoclust.core.arrays import Vectors
from photoclust.core.progress import JobControl
from photoclust.recognize.faces import Ids, Times

KEPT = 7
_RIVALS = 5
LEAD = 0.25
"""What a lead over the next best people counts beside the likeness itself: a face that is like many
people is like none of them.
"""
_PAIRS = 8_000_000
"""Cosines that are computed at once, 32 MB."""


class Matcher(Protocol):
    """What tells how alike faces and people are; a `Gallery` is one."""

    @property
    def people(self) -> Ids:
        """The ids of the people, [P]."""
        ...  # pragma: no cover - a protocol

    def scores(self, vectors: Vectors, times: Times) -> NDArray[np.float32]:
        """[B, P] for unit `vectors` [B, dim] of `times` [B]."""
        ...  # pragma: no cover - a protocol


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The KEPT people most like each of N faces, the most alike first.

    `people` [N, KEPT] int64, ids, -1 where there are fewer people; `likeness` [N, KEPT] float32,
    what strangers have on average there.
    """

    people: Ids
    likeness: NDArray[np.float32]

    @classmethod
    def none(cls, count: int) -> "Candidates":
        """Those of `count` faces where nobody is known."""
        return cls(
            np.full((count, KEPT), -1, np.int64),
            np.full((count, KEPT), Strangers().mean, np.float32),
        )

    def of(self, rows: Ids) -> "Candidates":
        """Those of the faces `rows`."""
        return Candidates(self.people[rows], self.likeness[rows])

    def scores(self) -> NDArray[np.float32]:
        """[N, KEPT]: the likeness with its lead over the best of the others, up to _RIVALS."""
        rivals = np.sum(self.likeness[:, 1 : _RIVALS + 1], axis=1, keepdims=True)
        # Of all but the first, the first is one of the rivals, and their last is none.
        mine = np.minimum(np.arange(KEPT), _RIVALS)
        own = self.likeness[:, mine]
        others = (np.where(mine > 0, self.likeness[:, :1] - own, 0.0) + rivals) / _RIVALS
        scores: NDArray[np.float32] = self.likeness + LEAD * (self.likeness - others)
        return scores

    def without(self, barred: NDArray[np.bool_]) -> "Candidates":
        """These without the `barred` [N, KEPT]; the others move up."""
        if not barred.any():
            return self
        order = np.argsort(barred, axis=1, kind="stable")
        empty = np.take_along_axis(barred, order, axis=1)
        people = np.where(empty, -1, np.take_along_axis(self.people, order, axis=1))
        likeness = np.take_along_axis(self.likeness, order, axis=1)
        floor = np.minimum(self.likeness[:, -1:], np.float32(Strangers().mean))
        return Candidates(people, np.where(empty, floor, likeness))


def find(
    matcher: Matcher, vectors: Vectors, times: Times, *, control: JobControl | None = None
) -> Candidates:
    """The candidates of unit `vectors` [N, dim], taken at `times` [N] (NaN: unknown).

    Raises CancelledError when cancelled.
    """
    control = control or JobControl()
    found = Candidates.none(len(vectors))
    people = matcher.people
    if len(people) == 0:
        return found
    kept = min(KEPT, len(people))
    size = max(_PAIRS // len(people), 64)
    for start in range(0, len(vectors), size):
        control.checkpoint()
        block = slice(start, start + size)
        likeness, places = largest(matcher.scores(vectors[block], times[block]), kept)
        found.people[block, :kept] = people[places]
        found.likeness[block, :kept] = likeness
    return found


def renewed(
    old: Candidates,
    changed: Ids,
    matcher: Matcher,
    whole: Matcher,
    *,
    vectors: Vectors,
    times: Times,
    control: JobControl | None = None,
) -> Candidates:
    """`old` after the people `changed` [C] have: `matcher` knows those of them that still are
    there, `whole` everybody. The same as to find those of `vectors`, taken at `times`, anew.

    Raises CancelledError when cancelled.
    """
    stale = np.isin(old.people, changed)
    kept = old.without(stale)
    new = find(matcher, vectors, times, control=control)
    people = np.concatenate([kept.people, new.people], axis=1)
    likeness = np.concatenate([kept.likeness, new.likeness], axis=1)
    order = np.argsort(np.where(people < 0, np.inf, -likeness), axis=1, kind="stable")[:, :KEPT]
    result = Candidates(
        np.take_along_axis(people, order, axis=1), np.take_along_axis(likeness, order, axis=1)
    )
    # Where one of a full list went down, somebody who was not in it may come in.
    gap = (result.people[:, -1] < 0) | (result.likeness[:, -1] < old.likeness[:, -1])
    unsure = stale.any(axis=1) & (old.people[:, -1] >= 0) & gap
    rows = np.flatnonzero(unsure)
    if len(rows):
        anew = find(whole, vectors[rows], times[rows], control=control)
        result.people[rows], result.likeness[rows] = anew.people, anew.likeness
    return result


class KeptCandidates:
    """The candidates of some of N faces, from one time that they are asked for to the next."""

    def __init__(self, count: int) -> None:
        self._all = Candidates.none(count)
        self._found = np.zeros(count, np.bool_)

    def of(self, rows: Ids) -> Candidates:
        """Those of the faces `rows`, which must be up to date."""
        return self._all.of(rows)

    def forget(self, rows: Ids) -> None:
        """The faces `rows` have other vectors now."""
        self._found[rows] = False

    def update(
        self,
        rows: Ids,
        changed: Ids,
        matchers: tuple[Matcher, Matcher],
        vectors: Callable[[Ids], Vectors],
        times: Times,
        *,
        control: JobControl,
    ) -> None:
        """Bring those of the faces `rows` up to date, and no others, after the people `changed`
        have; of the `matchers` the first knows those of them that are there, the second everybody.

        `vectors` gives those of any rows, `times` [N] are of all. Raises CancelledError when
        cancelled; then all are found anew the next time.
        """
        kept = self._found[rows]
        old, new = rows[kept], rows[~kept]
        self._found[:] = False
        part, whole = matchers
        if len(changed) and len(old):
            renewed_ = renewed(
                self._all.of(old),
                changed,
                part,
                whole,
                vectors=vectors(old),
                times=times[old],
                control=control,
            )
            self._keep(old, renewed_)
        self._keep(new, find(whole, vectors(new), times[new], control=control))
        self._found[rows] = True

    def _keep(self, rows: Ids, candidates: Candidates) -> None:
        self._all.people[rows] = candidates.people
        self._all.likeness[rows] = candidates.likeness
