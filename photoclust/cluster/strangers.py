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

from photoclust.core.types import Vectors

Cosines = NDArray[np.float32] | NDArray[np.float64]

_SAMPLED_FACES = 3_000
_SAMPLED_BLOCK = 300
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


def of_library(vectors: Vectors, seed: int = 0) -> Strangers:
    """The strangers among unit `vectors` [N, dim], from pairs of faces drawn at random.

    Median and lower half only: the upper half holds the pairs of one person, too. A small library
    says little, and is mixed with what is known of the network.
    """
    count, known = len(vectors), Strangers()
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
