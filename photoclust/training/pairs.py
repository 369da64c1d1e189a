"""The pairs of faces that verification is measured on: all of one person, and of two people the
most alike, which alone decide the threshold at a low false accept rate.

Exact without holding all pairs: 20 000 faces make 200 million of them, of which a FAR of 1e-3 looks
at the top 200 000.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.progress import JobControl

Scores = NDArray[np.float32]
Places = NDArray[np.int32]
Multiplicities = NDArray[np.int64]
"""How often each of P people is there, [P]."""

_AT_ONCE = 1 << 22
"""Pairs whose cosines are computed at once: 16 MB of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Cosines of pairs of faces of P people.

    `genuine` [G] are those of all pairs of one person, the least alike first; `person` [G] says of
    whom (0 to P − 1). `impostor` [K] are those of the K most alike pairs of two people, the most
    alike first; `people` [2, K] says of which two. `sizes` [P]: how many faces each person has.
    """

    genuine: Scores
    person: Places
    impostor: Scores
    people: Places
    sizes: NDArray[np.int64]

    def impostor_weight(self, times: Multiplicities) -> int:
        """How many pairs of two people there are where each person is there `times` [P]; nobody
        is an impostor of a copy of their own.
        """
        return pairs_of_two(times * self.sizes)


def pairs_of_two(sizes: NDArray[np.int64]) -> int:
    """How many pairs of faces of two people there are, with `sizes` [P] faces each."""
    return int(sizes.sum() ** 2 - np.sum(sizes**2)) // 2


def find_pairs(
    vectors: Vectors, people: NDArray[np.int64], kept: int, control: JobControl | None = None
) -> Pairs:
    """The pairs of unit `vectors` [N, dim] of `people` [N], numbered 0 to P − 1 without a gap; of
    those of two people the `kept` most alike.

    Raises CancelledError when cancelled.
    """
    control = control or JobControl()
    count, numbers = len(vectors), people.astype(np.int32)
    genuine, person = [np.empty(0, np.float32)], [np.empty(0, np.int32)]
    tail = _Tail(kept)
    step = max(1, _AT_ONCE // max(count, 1))
    for start in range(0, count, step):
        control.checkpoint()
        stop = min(start + step, count)
        cosines = vectors[start:stop] @ vectors[start:].T
        one, other = numbers[start:stop], numbers[start:]
        upper = np.arange(start, count)[None, :] > np.arange(start, stop)[:, None]
        same = one[:, None] == other[None, :]
        own = np.nonzero(upper & same)
        genuine.append(cosines[own])
        person.append(one[own[0]])
        rows, columns = np.nonzero(upper & ~same & (cosines > tail.floor))
        tail.add(cosines[rows, columns], np.stack([one[rows], other[columns]]))
    scores = np.concatenate(genuine)
    rising = np.argsort(scores, kind="stable")
    impostor, two = tail.sorted()
    whose = np.concatenate(person)[rising]
    return Pairs(scores[rising], whose, impostor, two, np.bincount(people).astype(np.int64))


class _Tail:
    """The `kept` most alike of the pairs of two people that were added."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._scores: list[Scores] = []
        self._people: list[Places] = []
        self._waiting = 0
        self.floor = np.float32(-np.inf)
        """Pairs no more alike than this need not be added. Those that are just as alike may be
        left out: where a threshold is found among the pairs kept, they would not move it.
        """

    def add(self, scores: Scores, people: Places) -> None:
        self._scores.append(scores)
        self._people.append(people)
        self._waiting += len(scores)
        if self._waiting > self._kept:
            self._shorten()

    def sorted(self) -> tuple[Scores, Places]:
        self._shorten()
        scores, people = self._scores[0], self._people[0]
        falling = np.argsort(-scores, kind="stable")
        return scores[falling], np.ascontiguousarray(people[:, falling])

    def _shorten(self) -> None:
        scores = np.concatenate([np.empty(0, np.float32), *self._scores])
        people = np.concatenate([np.empty((2, 0), np.int32), *self._people], axis=1)
        if len(scores) > self._kept:
            first = len(scores) - self._kept
            best = np.argpartition(scores, first)[first:]
            scores, people = scores[best], people[:, best]
            self.floor = scores.min()
        self._scores, self._people, self._waiting = [scores], [people], 0
