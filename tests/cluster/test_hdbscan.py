"""HDBSCAN on the graph against the library's own on all distances."""

import hdbscan
import numpy as np
import pytest

from photoclust.cluster.hdbscan import hdbscan_labels
from photoclust.cluster.neighbors import nearest


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("min_samples", [1, 2, 4])
def test_equals_the_library_on_the_full_graph(seed, min_samples, people, same_partition):
    # Core distances tie edges, so among people that run into each other several spanning trees
    # are minimal and a border face may fall to either side; these people are apart.
    rng = np.random.default_rng(seed)
    vectors, _ = people(rng, 8, 12, spread=rng.uniform(0.3, 0.6))
    ours = hdbscan_labels(
        vectors,
        nearest(vectors, len(vectors)),
        min_samples=min_samples,
        min_cluster_size=3,
        floor=-1.0,
    )
    reference = hdbscan.HDBSCAN(
        min_cluster_size=3,
        min_samples=min_samples,
        algorithm="generic",
        core_dist_n_jobs=1,
    ).fit_predict(vectors.astype(np.float64))
    assert same_partition(ours, reference)


def test_a_disconnected_graph_works(people, same_partition):
    vectors, truth = people(np.random.default_rng(1), 20, 10, spread=0.2)
    labels = hdbscan_labels(vectors, nearest(vectors, 5))
    assert same_partition(labels, truth)


def test_strangers_are_noise():
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(50, 256)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert (hdbscan_labels(vectors, nearest(vectors)) == -1).all()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_faces_are_noise(count):
    vectors = np.eye(4, dtype=np.float32)[:count]
    assert hdbscan_labels(vectors, nearest(vectors)).tolist() == [-1] * count


def test_copies_do_not_break_it(people):
    vectors, _ = people(np.random.default_rng(3), 3, 5, spread=0.1)
    doubled = np.repeat(vectors, 4, axis=0)
    labels = hdbscan_labels(doubled, nearest(doubled))
    assert (labels.reshape(-1, 4) == labels.reshape(-1, 4)[:, :1]).all()
