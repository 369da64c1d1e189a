import faiss
import numpy as np
import pytest

from photoclust.cluster import largest as module
from photoclust.cluster.largest import largest


@pytest.mark.parametrize(("rows", "columns"), [(0, 3), (1, 1), (7, 20), (30, 500)])
def test_the_largest_of_each_row_as_a_loop_and_as_faiss_find_them(rows, columns, monkeypatch):
    numbers = np.random.default_rng(rows).normal(size=(rows, columns)).astype(np.float32)
    numbers[:, ::7] = -1
    for count in {1, min(columns, 3), columns}:
        values, places = largest(numbers, count)
        for row, line in enumerate(numbers.tolist()):
            wanted = sorted(line, reverse=True)[:count]
            assert values[row].tolist() == wanted
            assert [line[place] for place in places[row]] == wanted
            assert len(set(places[row].tolist())) == count
        if rows:
            assert np.array_equal(values, faiss.kmax(numbers, count)[0])
            with monkeypatch.context() as patch:
                patch.setattr(module, "_FEW", 0)
                assert np.array_equal(values, largest(numbers, count)[0])


def test_of_equal_ones_the_first_comes_first():
    numbers = np.array([[1, 3, 3, 2, 3]], np.float32)
    assert largest(numbers, 4)[1].tolist() == [[1, 2, 4, 3]]


def test_what_is_left_out_comes_last():
    numbers = np.array([[-np.inf, 0.1, 0.3]], np.float32)
    assert largest(numbers, 3)[1].tolist() == [[2, 1, 0]]
