"""Comparing groups of faces with each other and with what a photo proves: arrays in, numbers out.

Labels are [N] int64; -1 is a face in no group, which counts as a group of one.
"""

import numpy as np
from numpy.typing import NDArray

from photoclust.core.metrics import Labels, singletons


def provable_errors(labels: Labels, photo_ids: NDArray[np.int64]) -> int:
    """How many faces are in a group with another one of their photo, beyond the first of each."""
    grouped = labels >= 0
    pairs = np.column_stack([labels[grouped], photo_ids[grouped]])
    return len(pairs) - len(np.unique(pairs, axis=0))


def regrouped(one: Labels, other: Labels) -> int:
    """How many faces are not with the very same others in both."""
    names = [np.unique(singletons(labels), return_inverse=True)[1] for labels in (one, other)]
    sizes = [np.bincount(each)[each] for each in names]
    _, cells, shared = np.unique(
        names[0] * len(one) + names[1], return_inverse=True, return_counts=True
    )
    return int(np.sum((shared[cells] != sizes[0]) | (shared[cells] != sizes[1])))


def rand_index(one: Labels, other: Labels) -> float:
    """Adjusted for chance (Hubert and Arabie 1985)."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(singletons(one), singletons(other)))


def homes(people: Labels, labels: Labels) -> dict[int, int]:
    """For each person with faces in groups, the group with most of them."""
    grouped = labels >= 0
    pairs = np.column_stack([people[grouped], labels[grouped]])
    cells, counts = np.unique(pairs, axis=0, return_counts=True)
    fewest_first = np.argsort(counts, kind="stable")
    return dict(cells[fewest_first].tolist())


def neighbours_found(exact: NDArray[np.int64], approximate: NDArray[np.int64]) -> float:
    """The share of the neighbours [N, k] of one graph that another has for the same face."""
    numbers = np.arange(len(exact))[:, None] * len(exact)
    return float(np.mean(np.isin((numbers + exact).ravel(), (numbers + approximate).ravel())))
