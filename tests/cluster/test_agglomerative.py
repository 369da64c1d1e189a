"""Average linkage on the graph against scikit-learn's on all pairs and against naive rounds."""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import AgglomerativeClustering

from photoclust.cluster import linkage
from photoclust.cluster.agglomerative import average_linkage, dendrogram, persistent_groups
from photoclust.cluster.neighbors import Neighbours, nearest
from photoclust.core.errors import CancelledError
from photoclust.core.progress import JobControl

SIZES = np.maximum(1, 30 // np.arange(1, 16))


def naive(vectors, neighbours, threshold, start, cannot_link):
    """Dense matrices of group × group: all pairs of groups that are each other's most similar,
    among those that an edge joins and nothing keeps apart, are joined in each round.
    """
    count = len(vectors)
    own = (
        np.arange(count) if start is None else np.where(start < 0, count + np.arange(count), start)
    )
    member = (own[:, None] == list(dict.fromkeys(own.tolist()))).astype(float)
    edge, apart = np.zeros((2, count, count))
    rows, slots = np.nonzero(neighbours.indices >= 0)
    edge[rows, neighbours.indices[rows, slots]] = 1
    apart[tuple(cannot_link.T)] = 1
    while True:
        means = member / member.sum(axis=0)
        cosine = means.T @ vectors.astype(float)
        cosine = cosine @ cosine.T
        linked = member.T @ (edge + edge.T) @ member > 0
        allowed = linked & ~(member.T @ (apart + apart.T) @ member > 0) & (cosine >= threshold)
        np.fill_diagonal(allowed, False)
        best = np.argmax(np.where(allowed, cosine, -2), axis=1)
        groups = np.flatnonzero(allowed.any(axis=1))
        pairs = groups[(best[best[groups]] == groups) & (groups < best[groups])]
        if len(pairs) == 0:
            break
        member[:, pairs] += member[:, best[pairs]]
        member = np.delete(member, best[pairs], axis=1)
    labels = np.argmax(member, axis=1)
    return np.where(np.bincount(labels)[labels] > 1, labels, -1)


def scikit_learn(vectors, threshold):
    labels = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=1 - threshold
    ).fit_predict(vectors.astype(np.float64))
    return np.where(np.bincount(labels)[labels] > 1, labels, -1)


def album(seed, people, dim=16):
    """Shuffled vectors of few people with many photos and many with one."""
    rng = np.random.default_rng(seed)
    vectors, _ = people(rng, len(SIZES), SIZES, spread=rng.uniform(0.4, 1.2), dim=dim)
    return vectors[rng.permutation(len(vectors))], rng


@pytest.mark.parametrize("seed", range(12))
def test_equals_scikit_learn_on_the_full_graph(seed, people, same_partition):
    vectors, rng = album(seed, people, dim=(8, 16, 32)[seed % 3])
    threshold = rng.uniform(0.2, 0.7)
    expected = scikit_learn(vectors, threshold)
    ours = average_linkage(vectors, nearest(vectors, len(vectors)), threshold=threshold)
    assert same_partition(ours, expected)
    assert ours.dtype == np.int64


@pytest.mark.parametrize("k", [2, 6, 20, 200])
@pytest.mark.parametrize("seed", range(8))
def test_equals_naive_rounds(seed, k, people, same_partition):
    vectors, rng = album(seed, people)
    count, threshold = len(vectors), rng.uniform(0.2, 0.7)
    begun = rng.integers(0, 40, count)
    begun[rng.random(count) < 0.6] = -1
    apart = rng.integers(0, count, (150, 2))
    apart = apart[apart[:, 0] != apart[:, 1]]
    nobody = np.empty((0, 2), np.int64)
    graph = nearest(vectors, k)
    for start, cannot_link in [(None, nobody), (begun, nobody), (None, apart), (begun, apart)]:
        ours = average_linkage(
            vectors, graph, threshold=threshold, start=start, cannot_link=cannot_link
        )
        assert same_partition(ours, naive(vectors, graph, threshold, start, cannot_link))


@pytest.mark.parametrize("seed", range(4))
def test_equals_scikit_learn_where_one_person_grows_face_by_face(seed, people, same_partition):
    rng = np.random.default_rng(seed)
    vectors, _ = people(rng, 30, [250, 60, 20] + [3] * 27, spread=0.9, dim=16)
    vectors = vectors[rng.permutation(len(vectors))]
    for threshold in (0.3, 0.4, 0.5):
        expected = scikit_learn(vectors, threshold)
        ours = average_linkage(vectors, nearest(vectors, len(vectors)), threshold=threshold)
        assert same_partition(ours, expected)


@pytest.mark.parametrize(
    ("name", "value"), [("_TIGHT", 0.1), ("_TIGHT", 1.0), ("_MARGIN", 1.0), ("_WATCH_ROUNDS", 1000)]
)
def test_what_is_put_off_does_not_show(name, value, monkeypatch, people, same_partition):
    monkeypatch.setattr(linkage, name, value)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        vectors, _ = people(rng, 30, [150, 60, 20] + [3] * 27, spread=0.9, dim=16)
        graph = nearest(vectors, len(vectors))
        labels = average_linkage(vectors, graph, threshold=0.4)
        assert same_partition(labels, scikit_learn(vectors, 0.4))


def test_the_sparse_graph_finds_the_same_people(people, same_partition):
    vectors, truth = people(np.random.default_rng(0), 12, 9, spread=0.3)
    labels = average_linkage(vectors, nearest(vectors, 4), threshold=0.5)
    assert same_partition(labels, truth)


def test_many_photos_of_one_person_come_together_beside_others(people, same_partition):
    sizes = [400, 150, 60, 20, 5, 2]
    vectors, truth = people(np.random.default_rng(1), 6, sizes, spread=0.7, dim=64)
    order = np.random.default_rng(2).permutation(len(vectors))
    labels = average_linkage(vectors[order], nearest(vectors[order], 16), threshold=0.4)
    assert same_partition(labels, truth[order])


def test_the_order_of_faces_does_not_matter(people, same_partition):
    vectors, rng = album(3, people)
    order = rng.permutation(len(vectors))
    straight = average_linkage(vectors, nearest(vectors, 10), threshold=0.5)
    shuffled = average_linkage(vectors[order], nearest(vectors[order], 10), threshold=0.5)
    assert same_partition(straight[order], shuffled)


def test_labels_are_numbered_by_their_first_faces(people):
    vectors, _ = album(4, people)
    labels = average_linkage(vectors, nearest(vectors, 10), threshold=0.5)
    firsts = [int(np.flatnonzero(labels == label)[0]) for label in range(labels.max() + 1)]
    assert firsts == sorted(firsts)


def test_pairs_kept_apart_stay_apart_through_others():
    # The three are alike, but the first and the last may not meet: the nearer pair joins.
    angles = np.radians([0, 10, 25])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    labels = average_linkage(
        vectors, nearest(vectors), threshold=0.5, cannot_link=np.array([[2, 0]])
    )
    assert labels.tolist() == [0, 0, -1]


def test_a_face_joins_the_most_similar_group_that_it_may():
    angles = np.radians([0, 1, 40, 41, 20])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    cannot_link = np.array([[0, 2], [4, 1]])
    labels = average_linkage(vectors, nearest(vectors), threshold=0.5, cannot_link=cannot_link)
    assert labels.tolist() == [0, 0, 1, 1, 1]


def test_a_start_group_with_a_forbidden_pair_stays():
    vectors = np.eye(4, dtype=np.float32)
    start = np.array([7, -1, 7, -1])
    cannot_link = np.array([[0, 2]])
    labels = average_linkage(
        vectors, nearest(vectors), threshold=0.5, start=start, cannot_link=cannot_link
    )
    assert labels.tolist() == [0, -1, 0, -1]


def test_slots_without_a_neighbour_are_no_edges(people, same_partition):
    vectors, _ = album(5, people)
    count = len(vectors)
    graph = nearest(vectors, 6)
    padded = Neighbours(
        np.hstack([graph.indices, np.full((count, 2), -1)]),
        np.hstack([graph.similarities, np.full((count, 2), 0.99, np.float32)]),
    )
    assert same_partition(
        average_linkage(vectors, padded, threshold=0.5),
        average_linkage(vectors, graph, threshold=0.5),
    )


@pytest.mark.parametrize("width", [0, 2])
def test_without_edges_all_wait(width):
    vectors = np.repeat(np.eye(4, dtype=np.float32)[:1], 5, axis=0)
    graph = Neighbours(np.full((5, width), -1), np.ones((5, width), np.float32))
    assert average_linkage(vectors, graph, threshold=0.5).tolist() == [-1] * 5


def test_faces_alone_wait():
    vectors = np.eye(6, dtype=np.float32)
    assert average_linkage(vectors, nearest(vectors), threshold=0.5).tolist() == [-1] * 6


@pytest.mark.parametrize("threshold", [-1.0, 0.5, 0.9999])
def test_copies_are_one_group(threshold):
    vectors = np.repeat(np.eye(8, dtype=np.float32)[:1], 100, axis=0)
    labels = average_linkage(vectors, nearest(vectors), threshold=threshold)
    assert labels.tolist() == [0] * 100


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_faces(count):
    vectors = np.repeat(np.eye(3, dtype=np.float32)[:1], count, axis=0)
    labels = average_linkage(vectors, nearest(vectors), threshold=0.5)
    assert labels.tolist() == ([0] * count if count > 1 else [-1] * count)


def test_it_can_be_cancelled(people):
    vectors, _ = album(6, people)
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        average_linkage(vectors, nearest(vectors), threshold=0.5, control=control)


@pytest.mark.parametrize("seed", range(4))
def test_the_joins_are_those_of_scikit_learn_on_the_full_graph(seed, people, same_partition):
    vectors, _ = people(np.random.default_rng(seed), 6, 10, spread=0.8)
    joins = dendrogram(vectors, nearest(vectors, len(vectors)), threshold=-1.0)
    assert len(joins) == len(vectors) - 1
    model = AgglomerativeClustering(
        n_clusters=None, distance_threshold=0, metric="cosine", linkage="average"
    ).fit(vectors)
    np.testing.assert_allclose(np.sort(joins[:, 2]), model.distances_, atol=1e-5)
    for threshold in (0.2, 0.5):
        near = joins[joins[:, 2] <= 1 - threshold, :2].astype(int)
        graph = coo_array((np.ones(len(near)), near.T), shape=(len(vectors),) * 2)
        parts = connected_components(graph, directed=False)[1]
        parts[np.bincount(parts)[parts] == 1] = -1
        labels = average_linkage(vectors, nearest(vectors, len(vectors)), threshold=threshold)
        assert same_partition(parts, labels)


def test_on_a_sparse_graph_no_join_is_nearer_than_those_within(people):
    vectors, _ = people(np.random.default_rng(1), 30, 12, spread=1.0)
    joins = dendrogram(vectors, nearest(vectors, 4), threshold=0.0)
    height = np.zeros(len(vectors))
    group = np.arange(len(vectors))
    for *faces, distance in joins.tolist():
        one, other = group[np.array(faces, int)]
        assert one != other
        assert distance >= max(height[one], height[other])
        group[group == other] = one
        height[one] = distance


def test_people_whose_photos_differ_more_or_less_are_found_alike(people, same_partition):
    """One threshold either joins those who are alike or cuts those who changed."""
    rng = np.random.default_rng(2)
    alike, who = people(rng, 2, 20, spread=0.25, dim=64)
    alike += 0.9 * alike.mean(axis=0)
    changed, too = people(rng, 3, 20, spread=0.9, dim=64)
    vectors = np.concatenate([alike, changed]).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    truth = np.concatenate([who, too + 2])
    graph = nearest(vectors)
    for threshold in np.arange(0.3, 0.9, 0.05):
        labels = average_linkage(vectors, graph, threshold=threshold)
        assert not same_partition(labels, truth)
    found = persistent_groups(vectors, graph, floor=0.2, threshold=0.95, min_cluster_size=5)
    assert same_partition(found, truth)


def test_above_its_threshold_nothing_is_taken_apart(people):
    vectors, _ = people(np.random.default_rng(3), 4, 20, spread=0.9, dim=64)
    graph = nearest(vectors)
    cut = average_linkage(vectors, graph, threshold=0.5)
    assert len(np.unique(cut)) > 4
    found = persistent_groups(vectors, graph, floor=0.1, threshold=0.5, min_cluster_size=2)
    for group in range(cut.max() + 1):
        assert len(np.unique(found[cut == group])) == 1


@pytest.mark.parametrize("count", range(3))
def test_of_few_faces_none_persist(count, people):
    vectors = people(np.random.default_rng(4), 3, 1)[0][:count]
    found = persistent_groups(
        vectors, nearest(vectors), floor=0.4, threshold=0.6, min_cluster_size=2
    )
    assert found.tolist() == [-1] * count
