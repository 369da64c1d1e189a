"""Average linkage against a naive loop, and its sparse form against the full one."""

import numpy as np
import pytest

from photoclust.cluster import agglomerative
from photoclust.cluster.agglomerative import average_linkage
from photoclust.cluster.neighbors import nearest


def naive(vectors, threshold):
    """Join the two groups whose faces are most alike on average until none reach the threshold."""
    cosines = vectors @ vectors.T
    groups = [[face] for face in range(len(vectors))]
    while len(groups) > 1:
        best, a, b = max(
            (cosines[np.ix_(groups[i], groups[j])].mean(), i, j)
            for i in range(len(groups))
            for j in range(i)
        )
        if best < threshold:
            break
        groups[b] += groups.pop(a)
    labels = np.full(len(vectors), -1)
    for number, group in enumerate(group for group in groups if len(group) > 1):
        labels[group] = number
    return labels


@pytest.mark.parametrize("seed", range(6))
def test_equals_the_naive_loop(seed, people, same_partition):
    vectors, _ = people(np.random.default_rng(seed), 5, 6, spread=0.7)
    ours = average_linkage(vectors, nearest(vectors), threshold=0.5)
    assert same_partition(ours, naive(vectors, 0.5))


def test_the_sparse_form_finds_the_same_people(monkeypatch, people, same_partition):
    vectors, truth = people(np.random.default_rng(0), 12, 9, spread=0.3)
    monkeypatch.setattr(agglomerative, "ALL_PAIRS_BELOW", 10)
    assert same_partition(average_linkage(vectors, nearest(vectors)), truth)


def test_faces_alone_wait():
    vectors = np.eye(6, dtype=np.float32)
    assert average_linkage(vectors, nearest(vectors)).tolist() == [-1] * 6


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_and_one(count):
    vectors = np.eye(3, dtype=np.float32)[:count]
    assert average_linkage(vectors, nearest(vectors)).tolist() == [-1] * count
