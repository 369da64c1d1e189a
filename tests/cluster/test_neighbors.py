"""The neighbour graph against sorting all similarities."""

import numpy as np
import pytest

from photoclust.cluster import neighbor_cells
from photoclust.cluster.neighbors import canonical_order, nearest, search
from photoclust.core.errors import CancelledError
from photoclust.core.progress import JobControl


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


@pytest.mark.parametrize("hidden", [False, True], ids=["all dimensions", "few dimensions"])
def test_cells_find_nearly_all_of_the_neighbours(people, hidden):
    rng = np.random.default_rng(4)
    vectors, _ = people(rng, 1000, 8, spread=0.6, dim=16)
    if hidden:
        turned = np.linalg.qr(rng.normal(size=(64, 16)))[0].astype(np.float32)
        vectors = vectors @ turned.T
    found = nearest(vectors, 7, exact=False)
    rows = rng.choice(len(vectors), 500, replace=False)
    exact = search(vectors, rows, 7)
    kept = [np.isin(a, b) for a, b in zip(exact.indices, found.indices[rows], strict=True)]
    assert np.mean(kept) > 0.98
    assert np.mean(np.array(kept)[exact.similarities > 0.9]) > 0.995
    assert (np.diff(found.similarities, axis=1) <= 0).all()
    assert (np.diff(np.sort(found.indices, axis=1), axis=1) > 0).all()
    assert (found.indices >= 0).all()
    assert (found.indices != np.arange(len(vectors))[:, None]).all()
    cosines = np.einsum("ij,ikj->ik", vectors, vectors[found.indices])
    np.testing.assert_allclose(found.similarities, cosines, atol=1e-5)
    again = nearest(vectors, 7, exact=False)
    assert (again.indices == found.indices).all()


def test_where_too_few_faces_are_searched_places_stay_empty_at_the_end(monkeypatch):
    monkeypatch.setattr(neighbor_cells, "_CELLS_AROUND", 1)
    monkeypatch.setattr(neighbor_cells, "_SEARCHED_SHARE", 0)
    found = nearest(unit(np.random.default_rng(5), 300), 299, exact=False)
    empty = found.indices < 0
    assert empty.any()
    assert (np.diff(empty.astype(int), axis=1) >= 0).all()
    assert (found.similarities[empty] == -1).all()
    assert not empty.all(axis=1).any()


@pytest.mark.parametrize("count", [2, 3, 40])
def test_cells_of_hardly_a_face_find_them_all(count):
    vectors = unit(np.random.default_rng(8), count)
    exact, found = (nearest(vectors, 64, exact=exact) for exact in (True, False))
    assert (found.indices[:, :2] == exact.indices[:, :2]).mean() > 0.9


def test_in_cells_a_face_is_never_its_own_neighbour_even_among_copies():
    vectors = np.repeat(unit(np.random.default_rng(9), 3), 100, axis=0)
    found = nearest(vectors, 5, exact=False)
    assert (found.indices != np.arange(300)[:, None]).all()
    assert (np.diff(np.sort(found.indices, axis=1), axis=1) > 0).all()
    np.testing.assert_allclose(found.similarities, 1.0, atol=1e-5)


def test_the_canonical_order_depends_on_the_faces_alone():
    rng = np.random.default_rng(6)
    vectors = np.repeat(unit(rng, 40), 2, axis=0)
    vectors[::2, :3] = 0.25
    shuffled = rng.permutation(80)
    one, other = canonical_order(vectors), canonical_order(vectors[shuffled])
    assert (vectors[one] == vectors[shuffled][other]).all()
    assert canonical_order(vectors[:0]).tolist() == []


def test_a_search_tells_how_far_it_is_and_can_be_cancelled():
    seen = []
    control = JobControl(lambda progress: seen.append(progress.done))
    vectors = unit(np.random.default_rng(7), 9000, 8)
    nearest(vectors, 3, control=control)
    assert seen == sorted(seen)
    seen.clear()
    nearest(vectors, 3, exact=False, control=control)
    assert seen == sorted(seen)
    assert seen[-1] == 9000
    control.cancel()
    for exact in (True, False):
        with pytest.raises(CancelledError):
            nearest(vectors, 3, exact=exact, control=control)
