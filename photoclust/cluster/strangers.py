"""How alike strangers are, and from when on two faces are hardly those of strangers.

The cosines of two strangers follow a normal distribution closely, up to the tail that matters: with
the bundled FaceNet network one pair in 1 000 reaches .55 and one in 10 000 reaches .65. Thresholds
are therefore given as deviations from the mean of strangers, and a library of any size is judged by
how many wrong decisions chance alone would bring about in it.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from photoclust.core.arrays import Vectors

Cosines = NDArray[np.float32] | NDArray[np.float64]

_SAMPLED_FACES = 3_000
_SAMPLED_BLOCK = 150
_TOLD_PEOPLE = 50
_TOLD_PAIRS = 50_000
"""So many people, and pairs of their faces, must be known before they say how alike people are: of
fewer a few look-alikes would decide.
"""
_TOLD_FACES = 10
_PRIOR_PEOPLE = 50
_HIGH = 0.999
_PRIOR_FACES = 100
"""A library has to be larger than this to be believed more than what is known of the network."""
_FARTHEST = 0.03
"""How far from what is known: with two people in it, most pairs of a library are no strangers."""


@dataclass(frozen=True, slots=True)
class Strangers:
    """The normal distribution of the cosines of two strangers."""

    mean: float = 0.06
    spread: float = 0.157

    def chance(self, cosines: Cosines) -> NDArray[np.float64]:
        """The share of pairs of strangers that are at least so alike, as `cosines`."""
        share: NDArray[np.float64] = ndtr((self.mean - cosines.astype(np.float64)) / self.spread)
        return share

    def cosine(self, deviations: float) -> float:
        """The cosine that lies so many standard `deviations` above the mean."""
        return self.mean + deviations * self.spread

    def reached_by(self, share: float) -> float:
        """The cosine that this share of pairs of strangers reaches; the inverse of `chance`."""
        return self.cosine(-float(ndtri(share)))


def of_decisions(
    vectors: Vectors, person: NDArray[np.int64], apart: NDArray[np.int64], seed: int = 0
) -> Strangers:
    """The strangers among people who are known: those of the network, until there are enough.

    `person` [N] is the known person of each face, -1 for the others; `apart` [P, 2] are rows of
    faces that are not one person. From the median of such pairs, and from the cosine that one in a
    thousand of them reaches: so where people are more alike than others are elsewhere, or guesses
    were rejected, more is asked for, and less where they differ more.
    """
    known = Strangers()
    told = np.flatnonzero(person >= 0)
    people = len(np.unique(person[told]))
    if people < _TOLD_PEOPLE:
        return known
    rng = np.random.default_rng(seed)
    told = rng.permutation(told)
    # A few faces of each say how alike people are; of who has thousands no more.
    order = told[np.argsort(person[told], kind="stable")]
    first = np.flatnonzero(np.diff(person[order], prepend=-1))
    place = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    chosen = np.sort(rng.permutation(order[place < _TOLD_FACES])[:_SAMPLED_FACES])
    other = person[chosen][:, None] != person[chosen]
    pairs = (vectors[chosen] @ vectors[chosen].T)[np.triu(other)]
    if len(pairs) < _TOLD_PAIRS:
        return known
    rejected = np.einsum("ij,ij->i", vectors[apart[:, 0]], vectors[apart[:, 1]])
    median, high = np.round(np.quantile(np.concatenate([pairs, rejected]), [0.5, _HIGH]), 4)
    trust = people / (people + _PRIOR_PEOPLE)
    spread = (high - median) / float(ndtri(_HIGH))
    return Strangers(
        mean=float(trust * median + (1 - trust) * known.mean),
        spread=float(max(trust * spread + (1 - trust) * known.spread, known.spread - _FARTHEST)),
    )


def of_library(vectors: Vectors, known: Strangers, seed: int = 0) -> Strangers:
    """The strangers among unit `vectors` [N, dim], from pairs of faces drawn at random.

    Median and lower half only: the upper half holds the pairs of one person, too. A small library
    says little, and is mixed with what is `known` otherwise.
    """
    count = len(vectors)
    if count < 2:
        return known
    rng = np.random.default_rng(seed)
    drawn = vectors[rng.choice(count, min(count, _SAMPLED_FACES), replace=False)]
    # Many faces are needed, but not all of their pairs.
    blocks = np.array_split(drawn, max(len(drawn) // _SAMPLED_BLOCK, 1))
    if len(blocks) == 1:
        pairs = (drawn @ drawn.T)[np.triu_indices(count, 1)]
    else:
        pairs = np.concatenate([(one @ other.T).ravel() for one, other in pairwise(blocks)])
    # Rounded, so that nothing hangs on the order in which a processor adds up.
    lower, median = np.round(np.quantile(pairs, [ndtr(-1), 0.5]), 4)
    trust = count / (count + _PRIOR_FACES)
    mean = trust * median + (1 - trust) * known.mean
    spread = trust * (median - lower) + (1 - trust) * known.spread
    return Strangers(
        mean=float(np.clip(mean, known.mean - _FARTHEST, known.mean + _FARTHEST)),
        spread=float(np.clip(spread, known.spread - _FARTHEST, known.spread + _FARTHEST)),
    )


def count_sure(
    cosines: Cosines,
    rivals: NDArray[np.int64],
    strangers: Strangers,
    *,
    share: float,
    already: int = 0,
) -> int:
    """How many of the decisions with `cosines` [R], in descending order, can be taken.

    `rivals` [R]: how many pairs of strangers could have made the decision in that place. Decisions
    are taken one after the other until chance alone would account for more than `share` of them and
    of the `already` taken: a step-down control of the false discovery rate (Benjamini and Hochberg
    1995). So pairs that stand out in a library of a hundred faces do not in one of a hundred
    thousand.
    """
    expected = rivals * strangers.chance(cosines)
    taken = np.arange(1, len(cosines) + 1) + already
    too_many = np.flatnonzero(expected > share * taken)
    return int(too_many[0]) if len(too_many) else len(cosines)
