"""k-means for a known number of people: who is found, and the edges."""

import faiss
import numpy as np
import pytest

from photoclust.cluster.kmeans import kmeans_labels
from photoclust.core.errors import CancelledError, InternalError
from photoclust.core.metrics import bcubed
from photoclust.core.progress import JobControl


@pytest.mark.parametrize("seed", range(3))
def test_finds_people_who_are_apart(seed, people, same_partition):
    vectors, truth = people(np.random.default_rng(seed), 12, 9, spread=0.3)
    assert same_partition(kmeans_labels(vectors, 12, seed=seed), truth)


@pytest.mark.parametrize("seed", range(3))
def test_finds_few_photos_beside_many_better_than_restarts(seed, people):
    sizes = np.maximum(4, 60 // np.arange(1, 41))
    vectors, truth = people(np.random.default_rng(seed), 40, sizes, spread=0.6, dim=64)
    means = faiss.Kmeans(64, 40, nredo=10, spherical=True, seed=seed, min_points_per_centroid=1)
    means.train(vectors)
    restarted = bcubed(truth, means.index.search(vectors, 1)[1][:, 0]).f
    assert bcubed(truth, kmeans_labels(vectors, 40, seed=seed)).f > restarted + 0.02


def test_each_face_has_the_nearest_centre(people):
    vectors, _ = people(np.random.default_rng(5), 6, 20, spread=0.8)
    labels = kmeans_labels(vectors, 6)
    centres = np.stack([vectors[labels == person].sum(axis=0) for person in range(6)])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    assert (np.argmax(vectors @ centres.T, axis=1) == labels).mean() > 0.99


def test_the_same_seed_gives_the_same_labels(people):
    vectors, _ = people(np.random.default_rng(6), 10, 15, spread=0.9)
    first, again = kmeans_labels(vectors, 10, seed=3), kmeans_labels(vectors, 10, seed=3)
    assert first.tolist() == again.tolist()
    assert first.tolist() != kmeans_labels(vectors, 10, seed=4).tolist()


@pytest.mark.parametrize("wanted", [1, 2, 30, 60])
def test_everybody_has_a_face(wanted, people):
    vectors, _ = people(np.random.default_rng(7), 5, 12, spread=0.2)
    labels = kmeans_labels(vectors, wanted)
    assert labels.dtype == np.int64
    assert np.unique(labels).tolist() == list(range(wanted))


@pytest.mark.parametrize("wanted", [1, 4, 40])
def test_copies_are_shared_out(wanted):
    vectors = np.repeat(np.eye(8, dtype=np.float32)[:1], 40, axis=0)
    assert np.unique(kmeans_labels(vectors, wanted)).tolist() == list(range(wanted))


@pytest.mark.parametrize(("count", "wanted"), [(0, 0), (0, 1), (3, 0), (3, -1), (3, 4)])
def test_impossible_numbers_of_people_are_refused(count, wanted):
    with pytest.raises(InternalError, match=f"{count} faces cannot be grouped into {wanted}"):
        kmeans_labels(np.eye(4, dtype=np.float32)[:count], wanted)


def test_it_can_be_cancelled():
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        kmeans_labels(np.eye(4, dtype=np.float32), 2, control=control)
