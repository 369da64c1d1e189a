"""A user who is asked who is who, and knows: which questions about a grouping are worth an answer,
and what the answers tell the next one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster import Grouping
from photoclust.core.arrays import Vectors

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """Rows of two faces each that are the same person, and that are two people."""

    must_link: Pairs
    cannot_link: Pairs

    @property
    def count(self) -> int:
        """How many questions were answered."""
        return len(self.must_link) + len(self.cannot_link)


def answer(grouping: Grouping, vectors: Vectors, people: NDArray[np.int64], count: int) -> Answers:
    """Up to `count` answers to the most useful questions about a grouping of `vectors` [N, dim],
    by the person of each face in `people` [N]; nobody knows faces of -1, so these are not asked
    about.

    Asked is whether two groups are one person, where the grouping is not sure of it, and then
    whether the faces that fit their group least, and those in none, are who the nearest group is;
    of every group its most typical face is shown.
    """
    must: list[tuple[int, int]] = []
    cannot: list[tuple[int, int]] = []
    asked: set[tuple[int, int]] = set()
    for one, other in _questions(grouping, vectors, people >= 0):
        pair = (min(one, other), max(one, other))
        if len(asked) == count or one == other or pair in asked:
            continue
        asked.add(pair)
        (must if people[one] == people[other] else cannot).append(pair)
    return Answers(tuple(must), tuple(cannot))


def _questions(
    grouping: Grouping, vectors: Vectors, known: NDArray[np.bool_]
) -> Iterator[tuple[int, int]]:
    labels, strength = grouping.labels, grouping.strength
    # The last one written of each group is the strongest.
    typical = {
        int(labels[row]): int(row)
        for row in np.argsort(strength, kind="stable")
        if known[row] and labels[row] >= 0
    }
    for question in grouping.merge_questions:
        if question.a in typical and question.b in typical:
            yield typical[question.a], typical[question.b]
    shown = np.array(sorted(typical.values()), np.int64)
    if len(shown) == 0:
        return
    for row in np.argsort(strength, kind="stable").tolist():
        if not known[row]:
            continue
        if labels[row] >= 0:
            yield row, typical[int(labels[row])]
        else:
            yield row, int(shown[(vectors[shown] @ vectors[row]).argmax()])
