"""Pairs are found as a dictionary finds them, also those of ids whose product would not fit."""

import numpy as np
import pytest

from photoclust.recognize import pairs


@pytest.mark.parametrize("step", [1, 2**40, 2**60])
def test_pairs_are_found_where_a_dictionary_has_them(step):
    rng = np.random.default_rng(0)
    listed = np.unique(rng.integers(0, 6, (12, 2)), axis=0) * step
    listed = listed[rng.permutation(len(listed))]
    one, other = rng.integers(-1, 7, (9, 1)) * step, rng.integers(-1, 7, (9, 5)) * step
    where = {tuple(pair): place for place, pair in enumerate(listed.tolist())}
    naive = [
        [where.get((int(a[0]), int(b)), -1) for b in row] for a, row in zip(one, other, strict=True)
    ]
    assert pairs.places(one, other, listed).tolist() == naive
    assert np.min(naive) == -1 < np.max(naive)


def test_no_pairs_are_nowhere():
    none = np.empty((0, 2), np.int64)
    assert pairs.places(np.arange(3)[:, None], np.arange(2), none).tolist() == [[-1, -1]] * 3
    some = np.array([[1, 2]])
    assert pairs.places(none[:, :1], none, some).shape == (0, 2)


@pytest.mark.parametrize("step", [1, 2**60])
def test_equal_pairs_have_equal_numbers_in_their_order(step):
    one, other = np.array([3, 1, 3, 1, 1]) * step, np.array([0, 5, 0, 4, 5]) * step
    assert pairs.numbered(one, other).tolist() == [2, 1, 2, 0, 1]
    assert pairs.numbered(one[:0], other[:0]).tolist() == []
