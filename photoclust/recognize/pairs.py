"""Pairs of whole numbers, a face and a person or a photo and a person, looked up all at once."""

import numpy as np

from photoclust.recognize.faces import Ids


def numbered(one: Ids, other: Ids) -> Ids:
    """A number from 0 for each different pair of `one` [N] and `other` [N], ascending; [N]."""
    _, first = np.unique(one, return_inverse=True)
    _, second = np.unique(other, return_inverse=True)
    keys = first * (second.max(initial=0) + 1) + second
    numbers: Ids = np.unique(keys, return_inverse=True)[1].astype(np.int64)
    return numbers


def places(one: Ids, other: Ids, pairs: Ids) -> Ids:
    """Where in `pairs` [J, 2] the pairs of `one` and `other`, broadcast to one shape, are; that
    shape, -1 for those that are not there.
    """
    one, other = np.broadcast_arrays(one, other)
    found = np.full(one.shape, -1, np.int64)
    if not len(pairs):
        return found
    # Of small numbers instead of ids, whose products might not fit into 64 bits.
    ones, others = np.unique(pairs[:, 0]), np.unique(pairs[:, 1])
    a = np.minimum(np.searchsorted(ones, one), len(ones) - 1)
    b = np.minimum(np.searchsorted(others, other), len(others) - 1)
    some = (ones[a] == one) & (others[b] == other)
    keys = np.searchsorted(ones, pairs[:, 0]) * len(others) + np.searchsorted(others, pairs[:, 1])
    order = np.argsort(keys, kind="stable")
    wanted = a[some] * len(others) + b[some]
    place = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    found[some] = np.where(keys[order][place] == wanted, order[place], -1)
    return found
