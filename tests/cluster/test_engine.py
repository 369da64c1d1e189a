"""Grouping as a whole: who founds, who joins, and the edges."""

import numpy as np
import pytest

from photoclust.cluster import METHODS, cluster_faces
from photoclust.core.errors import InternalError
from photoclust.core.metrics import bcubed


@pytest.mark.parametrize("method", METHODS)
def test_finds_people_with_many_photos(method, people, same_partition):
    vectors, truth = people(np.random.default_rng(0), 15, 20, spread=0.35, dim=128)
    assert same_partition(cluster_faces(vectors, method=method).labels, truth)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [5, 60])
def test_finds_people_with_two_photos_each(method, count, people, same_partition):
    vectors, truth = people(np.random.default_rng(1), count, 2, spread=0.45, dim=128)
    assert same_partition(cluster_faces(vectors, method=method).labels, truth)


def test_large_and_small_people_side_by_side(people):
    rng = np.random.default_rng(2)
    many, names = people(rng, 3, 150, spread=0.5, dim=128)
    few, others = people(rng, 40, 2, spread=0.5, dim=128)
    result = cluster_faces(np.concatenate([many, few]))
    assert bcubed(np.concatenate([names, others + 3]), result.labels).f > 0.97


def test_poor_faces_join_but_do_not_found(people):
    vectors, truth = people(np.random.default_rng(3), 4, 6, spread=0.3, dim=64)
    quality = np.ones(len(vectors), np.float32)
    quality[truth == 0] = 0.01
    quality[6] = 0.01
    labels = cluster_faces(vectors, quality=quality).labels
    assert (labels[truth == 0] == -1).all()
    assert labels[6] == labels[7] >= 0


def test_the_order_of_faces_does_not_matter(people, same_partition):
    rng = np.random.default_rng(4)
    vectors, _ = people(rng, 25, 7, spread=0.55, dim=64)
    order = rng.permutation(len(vectors))
    straight, shuffled = cluster_faces(vectors).labels, cluster_faces(vectors[order]).labels
    assert same_partition(straight[order], shuffled)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [0, 1])
def test_nobody_and_one_face_wait(method, count):
    vectors = np.eye(8, dtype=np.float32)[:count]
    assert cluster_faces(vectors, method=method).labels.tolist() == [-1] * count


@pytest.mark.parametrize("method", METHODS)
def test_two_equal_faces_are_a_group(method):
    vectors = np.repeat(np.eye(8, dtype=np.float32)[:1], 2, axis=0)
    assert cluster_faces(vectors, method=method).labels.tolist() == [0, 0]


@pytest.mark.parametrize("method", METHODS)
def test_all_equal_faces_are_one_group(method):
    vectors = np.repeat(np.eye(8, dtype=np.float32)[:1], 100, axis=0)
    assert cluster_faces(vectors, method=method).labels.tolist() == [0] * 100


def test_unknown_method_and_broken_vectors_are_refused():
    vectors = np.eye(4, dtype=np.float32)
    with pytest.raises(InternalError, match="kmeens"):
        cluster_faces(vectors, method="kmeens")
    vectors[1, 1] = np.nan
    with pytest.raises(InternalError, match="finite"):
        cluster_faces(vectors)
