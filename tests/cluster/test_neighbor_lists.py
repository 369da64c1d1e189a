"""Lists of neighbours that faces are put into, against sorting each."""

import numpy as np
import pytest

from photoclust.cluster.neighbor_lists import Neighbours, enter, true_places


@pytest.mark.parametrize("offers", [0, 1, 40, 400])
def test_of_what_is_there_and_what_is_offered_the_nearest_stay(offers):
    rng = np.random.default_rng(offers)
    cosines = rng.uniform(-1, 1, (30, 90)).astype(np.float32)
    there = np.argsort(-cosines[:, :40], axis=1)[:, :6]
    lists = Neighbours(there, np.take_along_axis(cosines, there, axis=1))
    # Some lists have empty places, one has nothing else.
    for row in range(0, 30, 3):
        lists.indices[row, row // 5 :] = -1
        lists.similarities[row, row // 5 :] = -1
    pairs = rng.choice(30 * 50, offers, replace=False)
    rows, columns = pairs // 50, 40 + pairs % 50
    expected = []
    for row in range(30):
        known = [*lists.indices[row][lists.indices[row] >= 0], *columns[rows == row]]
        best = sorted(known, key=lambda column, row=row: -cosines[row, column])[:6]
        expected.append([*best, *[-1] * (6 - len(best))])
    enter(lists, rows, columns, cosines[rows, columns])
    assert lists.indices.tolist() == expected
    whole = np.where(lists.indices < 0, -1, np.take_along_axis(cosines, lists.indices, axis=1))
    assert (lists.similarities == whole).all()


def test_the_very_opposite_stands_before_an_empty_place():
    lists = Neighbours.empty(1, 3)
    enter(lists, np.array([0, 0]), np.array([5, 4]), np.array([-1, 0.5], np.float32))
    assert lists.indices.tolist() == [[4, 5, -1]]
    assert lists.similarities.tolist() == [[0.5, -1, -1]]


@pytest.mark.parametrize("shape", [(0, 5), (1, 1), (3, 5), (40, 33)])
@pytest.mark.parametrize("share", [0, 0.01, 0.5, 1])
def test_true_places_are_those_of_numpy(shape, share):
    mask = np.random.default_rng(0).random(shape) < share
    assert true_places(mask).tolist() == np.flatnonzero(mask).tolist()
