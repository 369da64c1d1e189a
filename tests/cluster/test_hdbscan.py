"""HDBSCAN on the graph against the library's own on all distances."""

import hdbscan
import numpy as np
import pytest
from hdbscan._hdbscan_linkage import label, mst_linkage_core
from hdbscan.hdbscan_ import _tree_to_labels

from photoclust.cluster.hdbscan import hdbscan_labels
from photoclust.cluster.neighbors import Neighbours, nearest
from photoclust.core.errors import InternalError


def full(vectors):
    return nearest(vectors, len(vectors))


def assert_same(ours, labels, strength, same_partition):
    assert same_partition(ours.labels, labels)
    np.testing.assert_allclose(ours.strength, strength, atol=1e-4)
    assert (ours.labels.dtype, ours.strength.dtype) == (np.int64, np.float32)


def library(vectors, min_samples, min_cluster_size, selection, epsilon):
    model = hdbscan.HDBSCAN(
        metric="euclidean",
        algorithm="generic",
        min_samples=min_samples,
        min_cluster_size=min_cluster_size,
        cluster_selection_method=selection,
        cluster_selection_epsilon=epsilon,
    ).fit(vectors.astype(np.float64))
    return model.labels_, model.probabilities_


def library_with_ties_to_the_nearer(vectors, min_samples, min_cluster_size, selection, epsilon):
    vectors = vectors.astype(np.float64)
    distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    core = np.sort(distances, axis=1)[:, min_samples]
    reach = np.maximum(np.maximum(core[:, None], core[None]), distances)
    edges = mst_linkage_core(reach * (1 + 1e-9 * distances))
    tree = label(edges[np.argsort(edges[:, 2])])
    return _tree_to_labels(
        vectors, tree, min_cluster_size, selection, cluster_selection_epsilon=epsilon
    )[:2]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("selection", ["eom", "leaf"])
def test_equals_the_library_where_no_reachability_is_tied(seed, selection, people, same_partition):
    # With one sample the mutual reachability of two faces is their distance.
    rng = np.random.default_rng(seed)
    vectors, _ = people(rng, 8, 12, spread=rng.uniform(0.3, 1.0))
    for min_cluster_size in (2, 3, 6):
        for epsilon in (0.0, 0.8):
            ours = hdbscan_labels(
                vectors,
                full(vectors),
                min_samples=1,
                min_cluster_size=min_cluster_size,
                selection=selection,
                epsilon=epsilon,
            )
            expected = library(vectors, 1, min_cluster_size, selection, epsilon)
            assert_same(ours, *expected, same_partition)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("min_samples", [1, 2, 4])
def test_min_samples_is_that_of_the_library(seed, min_samples, people, same_partition):
    # More samples tie the edges of a face within its core distance, and a border face may fall to
    # either side, in the library by the order of the faces; these people are apart.
    rng = np.random.default_rng(seed)
    vectors, _ = people(rng, 8, 12, spread=rng.uniform(0.3, 0.6))
    ours = hdbscan_labels(vectors, full(vectors), min_samples=min_samples, min_cluster_size=3)
    assert same_partition(ours.labels, library(vectors, min_samples, 3, "eom", 0.0)[0])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("min_samples", [2, 4, 7])
def test_equals_the_stages_of_the_library_with_ties(seed, min_samples, people, same_partition):
    rng = np.random.default_rng(seed)
    vectors, _ = people(rng, 8, 12, spread=rng.uniform(0.3, 1.0))
    for min_cluster_size, selection, epsilon in [
        (2, "eom", 0.0),
        (3, "leaf", 0.0),
        (3, "eom", 0.8),
        (6, "leaf", 0.8),
    ]:
        options = (min_samples, min_cluster_size, selection, epsilon)
        ours = hdbscan_labels(
            vectors,
            full(vectors),
            min_samples=min_samples,
            min_cluster_size=min_cluster_size,
            selection=selection,
            epsilon=epsilon,
        )
        expected = library_with_ties_to_the_nearer(vectors, *options)
        assert_same(ours, *expected, same_partition)


def test_the_order_of_faces_does_not_matter(people, same_partition):
    rng = np.random.default_rng(9)
    vectors, _ = people(rng, 10, 10, spread=0.9)
    order = rng.permutation(len(vectors))
    straight, shuffled = (
        hdbscan_labels(rows, nearest(rows, 20), min_samples=4, min_cluster_size=3)
        for rows in (vectors, vectors[order])
    )
    assert same_partition(straight.labels[order], shuffled.labels)
    np.testing.assert_allclose(straight.strength[order], shuffled.strength, atol=1e-4)


def test_a_graph_in_parts_works(people, same_partition):
    vectors, truth = people(np.random.default_rng(1), 20, 10, spread=0.2)
    result = hdbscan_labels(vectors, nearest(vectors, 5), min_samples=2, min_cluster_size=2)
    assert same_partition(result.labels, truth)


def test_faces_below_the_floor_are_equally_far(people, same_partition):
    rng = np.random.default_rng(2)
    vectors, _ = people(rng, 6, 10, spread=0.3)
    graph = full(vectors)
    strangers = graph.similarities < 0.4
    noise = rng.uniform(-1, 0.39, graph.similarities.shape).astype(np.float32)
    other = Neighbours(graph.indices, np.where(strangers, noise, graph.similarities))
    one, same = (
        hdbscan_labels(vectors, each, min_samples=2, min_cluster_size=2, floor=0.4)
        for each in (graph, other)
    )
    assert same_partition(one.labels, same.labels)
    assert one.labels.max() > 0


def test_slots_without_a_neighbour_are_no_edges(people, same_partition):
    vectors, _ = people(np.random.default_rng(3), 6, 10, spread=0.4)
    graph = nearest(vectors, 8)
    empty = np.full((60, 3), -1), np.full((60, 3), 0.9, np.float32)
    padded = Neighbours(
        np.hstack([graph.indices, empty[0]]), np.hstack([graph.similarities, empty[1]])
    )
    one, same = (
        hdbscan_labels(vectors, each, min_samples=2, min_cluster_size=3) for each in (graph, padded)
    )
    assert same_partition(one.labels, same.labels)
    np.testing.assert_array_equal(one.strength, same.strength)


def test_strangers_are_noise():
    vectors = np.random.default_rng(2).normal(size=(50, 256)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    result = hdbscan_labels(vectors, nearest(vectors), min_samples=2, min_cluster_size=2, floor=0.4)
    assert (result.labels == -1).all()
    assert (result.strength == 0).all()


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_too_few_faces_are_noise(count):
    vectors = np.eye(4, dtype=np.float32)[:count]
    result = hdbscan_labels(vectors, nearest(vectors), min_samples=2, min_cluster_size=2)
    assert result.labels.tolist() == [-1] * count
    assert result.strength.tolist() == [0] * count


@pytest.mark.parametrize("width", [0, 3])
def test_without_edges_all_are_noise(width):
    graph = Neighbours(np.full((6, width), -1), np.ones((6, width), np.float32))
    vectors = np.eye(6, dtype=np.float32)
    result = hdbscan_labels(vectors, graph, min_samples=1, min_cluster_size=2)
    assert result.labels.tolist() == [-1] * 6


@pytest.mark.parametrize("count", [2, 5, 100])
def test_copies_of_one_face_are_noise_as_all_faces_are_no_cluster(count):
    vectors = np.repeat(np.eye(8, dtype=np.float32)[:1], count, axis=0)
    result = hdbscan_labels(vectors, nearest(vectors), min_samples=2, min_cluster_size=2)
    assert result.labels.tolist() == [-1] * count


def test_copies_listed_in_any_order_make_no_pairs_of_their_own():
    graph = Neighbours(
        np.array([[4], [5], [6], [7], [5], [6], [7], [3]]), np.ones((8, 1), np.float32)
    )
    vectors = np.repeat(np.eye(8, dtype=np.float32)[:1], 8, axis=0)
    result = hdbscan_labels(vectors, graph, min_samples=1, min_cluster_size=2)
    assert result.labels.tolist() == [-1] * 8


def test_copies_do_not_break_it(people, same_partition):
    vectors, _ = people(np.random.default_rng(3), 3, 5, spread=0.1)
    copies = np.repeat(vectors, 4, axis=0)
    labels = hdbscan_labels(copies, nearest(copies), min_samples=2, min_cluster_size=2).labels
    assert same_partition(labels, np.repeat(labels[::4], 4))


def test_clusters_larger_than_all_faces_are_none(people):
    vectors, _ = people(np.random.default_rng(4), 3, 5, spread=0.1)
    result = hdbscan_labels(vectors, nearest(vectors), min_samples=2, min_cluster_size=16)
    assert result.labels.tolist() == [-1] * 15


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_samples": 0},
        {"min_cluster_size": 1},
        {"selection": "best"},
        {"epsilon": -0.1},
        {"epsilon": 1.2, "floor": 0.4},
    ],
)
def test_parameters_out_of_range_are_refused(wrong):
    vectors = np.eye(4, dtype=np.float32)
    options = {"min_samples": 2, "min_cluster_size": 2} | wrong
    with pytest.raises(InternalError, match="HDBSCAN"):
        hdbscan_labels(vectors, nearest(vectors), **options)
