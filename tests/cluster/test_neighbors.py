"""The neighbour graph against sorting all similarities."""

import numpy as np
import pytest

from photoclust.cluster.neighbors import nearest


def unit(rng, count, dim=16):
    vectors = rng.normal(size=(count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(5))
def test_equals_sorting_all_pairs(seed):
    vectors = unit(np.random.default_rng(seed), 60)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2)
    found = nearest(vectors, 7)
    assert (found.indices == np.argsort(-cosines, axis=1)[:, :7]).all()
    expected = np.take_along_axis(cosines, found.indices, axis=1)
    np.testing.assert_allclose(found.similarities, expected, atol=1e-6)


def test_a_face_is_never_its_own_neighbour_even_among_copies():
    vectors = np.repeat(unit(np.random.default_rng(0), 2), 20, axis=0)
    found = nearest(vectors, 5)
    assert (found.indices != np.arange(40)[:, None]).all()
    np.testing.assert_allclose(found.similarities, 1.0, atol=1e-6)


@pytest.mark.parametrize(("count", "columns"), [(0, 0), (1, 0), (2, 1), (5, 4)])
def test_few_faces_have_few_neighbours(count, columns):
    assert nearest(unit(np.random.default_rng(0), count), 64).indices.shape == (count, columns)


def test_more_than_one_block():
    vectors = unit(np.random.default_rng(3), 5000, 8)
    found = nearest(vectors, 3)
    for row in (0, 4095, 4096, 4999):
        cosines = vectors @ vectors[row]
        cosines[row] = -2
        assert set(found.indices[row]) == set(np.argsort(-cosines)[:3])
