"""How well the people of a set of face vectors can be told apart, whatever the sizes of people are:
everybody has one voice, so that a made-up set can be read beside a real one.
"""

from dataclasses import dataclass

import numpy as np

from photoclust.core import metrics
from photoclust.core.arrays import Vectors
from photoclust.core.metrics import Labels

SAMPLED_PEOPLE, SAMPLED_FACES = 400, 10
"""So many people at most are looked at, and so many faces of each."""


@dataclass(frozen=True, slots=True)
class Separability:
    """Cosines of pairs of faces, and the share of pairs of one person accepted (VAL) at the cosine
    where a thousandth and a ten-thousandth of the pairs of two people are (FAR).
    """

    val_at_far_1e3: float
    val_at_far_1e4: float
    cosine_at_far_1e3: float
    cosine_at_far_1e4: float
    different_mean: float
    different_std: float
    same_mean: float
    same_lowest_twentieth: float
    same_lowest_hundredth: float


def separability(vectors: Vectors, people: Labels, *, seed: int = 0) -> Separability:
    """Measured on SAMPLED_FACES of each of up to SAMPLED_PEOPLE people who have as many.

    Raises ValueError where there are no two such people.
    """
    rng = np.random.default_rng(seed)
    names, counts = np.unique(people, return_counts=True)
    enough = names[counts >= SAMPLED_FACES]
    if len(enough) < 2:
        raise ValueError(f"there are no two people with {SAMPLED_FACES} faces or more")
    chosen = np.sort(rng.permutation(enough)[:SAMPLED_PEOPLE])
    rows = rng.permutation(np.flatnonzero(np.isin(people, chosen)))
    rows = rows[np.argsort(people[rows], kind="stable")]
    firsts = np.searchsorted(people[rows], chosen)
    rows = rows[firsts[:, None] + np.arange(SAMPLED_FACES)].ravel()
    same, different = metrics.pair_similarities(vectors[rows], people[rows])
    return Separability(
        val_at_far_1e3=metrics.val_at_far(same, different, 1e-3),
        val_at_far_1e4=metrics.val_at_far(same, different, 1e-4),
        cosine_at_far_1e3=metrics.threshold_at_far(different, 1e-3),
        cosine_at_far_1e4=metrics.threshold_at_far(different, 1e-4),
        different_mean=float(different.mean()),
        different_std=float(different.std()),
        same_mean=float(same.mean()),
        same_lowest_twentieth=float(np.quantile(same, 0.05)),
        same_lowest_hundredth=float(np.quantile(same, 0.01)),
    )
