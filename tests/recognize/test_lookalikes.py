"""Faces judged together: who counts, and that nothing but what users said has a say."""

import numpy as np
import pytest

from photoclust.cluster.neighbor_lists import Neighbours, search
from photoclust.recognize.lookalikes import blended, count_people, weights

NOBODY = np.full(4, -1)


def naive_weights(lists, person, photo, rejected):
    found = {}
    for a, row in enumerate(lists.indices.tolist()):
        for place, b in enumerate(row[:3]):
            cosine = lists.similarities[a, place]
            if b < 0 or a not in lists.indices[b, :3].tolist() or cosine <= 0.4:
                continue
            two = person[a] >= 0 and person[b] >= 0 and person[a] != person[b]
            two |= [a, person[b]] in rejected or [b, person[a]] in rejected
            if not two and photo[a] != photo[b]:
                found[a, b] = cosine**3
    return found


@pytest.mark.parametrize("seed", range(5))
def test_weights_are_those_of_the_naive_loop(seed, people):
    rng = np.random.default_rng(seed)
    vectors, truth = people(rng, 12, 5, 0.6)
    count = len(truth)
    lists = search(vectors, np.arange(count), 5)
    lists.indices[::7, 2:] = -1
    lists.similarities[::7, 2:] = -1
    person = np.where(rng.random(count) < 0.5, (truth + rng.integers(0, 2, count)) * 2**50, -1)
    refused = rng.integers(0, count, 30)
    rejected = np.column_stack([refused, truth[refused] * 2**50])
    photo = rng.integers(0, count // 2, count)
    near = weights(lists, person, photo, rejected)
    rows, places = np.nonzero(near.similarities)
    found = {
        (a, int(near.indices[a, place])): near.similarities[a, place]
        for a, place in zip(rows.tolist(), places.tolist(), strict=True)
    }
    assert found == pytest.approx(naive_weights(lists, person, photo, rejected.tolist()), rel=1e-5)
    assert {(b, a) for a, b in found} == set(found)
    without = weights(lists, person, photo).similarities
    assert (without > 0).sum() > len(found)


def test_blended_faces_are_of_unit_length_and_only_rows_that_are_asked_for(people, monkeypatch):
    monkeypatch.setattr("photoclust.recognize.lookalikes._BLOCK", 7)
    rng = np.random.default_rng(0)
    vectors, truth = people(rng, 10, 4, 0.6)
    count = len(truth)
    lists = search(vectors, np.arange(count), 3)
    near = weights(lists, np.full(count, -1), np.arange(count))
    everything = blended(vectors, near)
    assert everything.dtype == np.float32
    assert np.linalg.norm(everything, axis=1) == pytest.approx(1, abs=1e-6)
    for row in range(count):
        total = vectors[row] + sum(
            weight * vectors[other]
            for other, weight in zip(near.indices[row], near.similarities[row], strict=True)
        )
        np.testing.assert_allclose(everything[row], total / np.linalg.norm(total), atol=1e-6)
    rows = rng.permutation(count)[:11]
    np.testing.assert_array_equal(blended(vectors, near, rows), everything[rows])


def test_faces_without_neighbours_are_themselves():
    vectors = np.eye(4, dtype=np.float32)
    for k in (0, 3):
        near = weights(Neighbours.empty(4, k), NOBODY, np.arange(4))
        np.testing.assert_array_equal(blended(vectors, near), vectors)


def test_faces_that_hang_together_are_counted_as_one_person():
    # 0-1-2 are a chain, 3 and 4 a pair; 5 is alone, and 6 is nobody's whose link counts nothing.
    indices = np.array([[1], [2], [1], [4], [3], [0], [5]])
    weight = np.array([[1], [0.5], [0.5], [0.2], [0.2], [0], [0]], np.float32)
    near = Neighbours(indices, weight)
    assert count_people(near, np.arange(7)) == 4
    assert count_people(near, np.array([0, 2, 5])) == 2
    assert count_people(near, np.empty(0, np.int64)) == 0
