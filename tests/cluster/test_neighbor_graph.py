"""A graph that is kept while faces come and go, against one built anew."""

import os
import stat

import numpy as np
import pytest

from photoclust.cluster import neighbor_graph
from photoclust.cluster.neighbor_graph import NeighbourGraph, checksums
from photoclust.cluster.neighbors import nearest
from photoclust.core.errors import CancelledError, DamagedCacheError, InternalError, UserError
from photoclust.core.progress import JobControl

MODEL = "made-up"


def unit(rng, count, dim=16):
    vectors = rng.normal(size=(count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def built_alike(graph, ids, vectors):
    """Assert that each list is a beginning of the one of a graph built anew, of half at least."""
    found = graph.neighbours(ids)
    anew = nearest(vectors, graph.k)
    there = found.indices >= 0
    assert found.indices.shape == anew.indices.shape
    assert (np.diff(there.astype(int), axis=1) <= 0).all()
    assert (2 * there.sum(axis=1) >= anew.indices.shape[1]).all()
    np.testing.assert_allclose(found.similarities[there], anew.similarities[there], atol=1e-5)
    assert (found.similarities[~there] == -1).all()
    cosines = np.einsum("ij,ikj->ik", vectors, vectors[found.indices])
    np.testing.assert_allclose(found.similarities[there], cosines[there], atol=1e-5)
    assert (found.indices != np.arange(len(ids))[:, None]).all()
    for row, others in enumerate(found.indices):
        assert len(set(others[there[row]])) == there[row].sum()
    return there


@pytest.fixture
def never_anew(monkeypatch):
    """Let updates search for as many faces as they like, and never build a graph."""
    monkeypatch.setattr(neighbor_graph, "_NEW_SHARE", 1)
    monkeypatch.setattr(neighbor_graph, "_PAIRS", 2000)
    monkeypatch.setattr(NeighbourGraph, "build", None)


@pytest.fixture
def built():
    """`built(rng, count)`: ids, vectors and their graph, its k 10."""

    def build(rng, count):
        ids = rng.choice(10 * count, count, replace=False) + 1
        vectors = unit(rng, count)
        return ids, vectors, NeighbourGraph.build(ids, vectors, 10)

    return build


def test_a_graph_that_was_built_is_that_of_nearest(built):
    ids, vectors, graph = built(np.random.default_rng(0), 50)
    expected = nearest(vectors, 10)
    found = graph.neighbours(ids)
    assert (found.indices == expected.indices).all()
    assert (found.similarities == expected.similarities).all()


@pytest.mark.parametrize("seed", range(6))
def test_faces_that_come_go_and_change_leave_what_one_built_anew_has(seed, built, request):
    rng = np.random.default_rng(seed)
    ids, vectors, graph = built(rng, 120)
    request.getfixturevalue("never_anew")
    for turn in range(8):
        stay = rng.random(len(ids)) < rng.choice([0.6, 0.9, 1.0])
        ids, vectors = ids[stay], vectors[stay].copy()
        changed = rng.random(len(ids)) < rng.choice([0, 0.1])
        vectors[changed] = unit(rng, int(changed.sum()))
        come = int(rng.choice([0, 1, 30]))
        ids = np.concatenate([ids, 2000 * (turn + 1) + np.arange(come)])
        vectors = np.concatenate([vectors, unit(rng, come)])
        if rng.random() < 0.5:
            order = rng.permutation(len(ids))
            ids, vectors = ids[order], vectors[order]
        graph = graph.update(ids, vectors)
        built_alike(graph, ids, vectors)


def test_where_no_face_went_lists_are_whole(built, request):
    rng = np.random.default_rng(1)
    ids, vectors, graph = built(rng, 100)
    request.getfixturevalue("never_anew")
    ids, vectors = np.append(ids, 5000 + np.arange(80)), np.append(vectors, unit(rng, 80), axis=0)
    vectors[3] = -vectors[3]
    graph = graph.update(np.delete(ids, 3), np.delete(vectors, 3, axis=0))
    graph = graph.update(ids, vectors)
    there = built_alike(graph, ids, vectors)
    assert there.mean() > 0.9


@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_a_few_faces_become_more_and_none(count, built, request):
    rng = np.random.default_rng(2)
    ids, vectors, graph = built(rng, count)
    request.getfixturevalue("never_anew")
    more_ids, more = np.append(ids, [101, 102, 103]), np.append(vectors, unit(rng, 3), axis=0)
    assert built_alike(graph.update(more_ids, more), more_ids, more).all()
    few = graph.update(more_ids, more).update(more_ids[-2:], more[-2:])
    assert few.neighbours(more_ids[-2:]).indices.tolist() == [[1], [0]]
    assert graph.update(ids[:0], vectors[:0]).neighbours(ids[:0]).indices.shape == (0, 0)


def test_copies_of_a_face_are_neighbours_and_none_is_its_own(built, request):
    rng = np.random.default_rng(3)
    ids, vectors, graph = built(rng, 40)
    request.getfixturevalue("never_anew")
    ids, vectors = np.append(ids, 1000 + np.arange(20)), np.append(vectors, vectors[:20], axis=0)
    built_alike(graph.update(ids, vectors), ids, vectors)


def test_only_what_changed_is_compared(built, monkeypatch):
    rng = np.random.default_rng(4)
    ids, vectors, graph = built(rng, 100)
    asked = []
    largest = neighbor_graph.largest

    def counted(cosines, k):
        asked.append(len(cosines))
        return largest(cosines, k)

    monkeypatch.setattr(neighbor_graph, "largest", counted)
    vectors = vectors.copy()
    vectors[[7, 70]] = unit(rng, 2)
    order = rng.permutation(100)
    graph = graph.update(ids[order], vectors[order])
    assert sum(asked) == 2
    graph.update(ids, vectors)
    assert sum(asked) == 2


def test_many_new_faces_make_a_graph_anew(built, monkeypatch):
    rng = np.random.default_rng(5)
    ids, vectors, graph = built(rng, 40)
    monkeypatch.setattr(neighbor_graph, "_search_anew", None)
    ids, vectors = np.append(ids, 1000 + np.arange(20)), np.append(vectors, unit(rng, 20), axis=0)
    assert built_alike(graph.update(ids, vectors), ids, vectors).all()


def test_neighbours_of_some_faces_in_an_order_of_theirs(built):
    rng = np.random.default_rng(6)
    ids, vectors, graph = built(rng, 60)
    rows = rng.permutation(60)[:30]
    found = graph.neighbours(ids[rows])
    whole = nearest(vectors, 10)
    for place, row in enumerate(rows):
        expected = [other for other in whole.indices[row] if other in rows]
        assert [rows[other] for other in found.indices[place] if other >= 0] == expected
    with pytest.raises(InternalError, match="not in the neighbour graph"):
        graph.neighbours(np.array([ids[0], 10_000]))


def test_ids_have_to_be_unique_and_to_fit_the_vectors(built):
    ids, vectors, graph = built(np.random.default_rng(7), 10)
    with pytest.raises(InternalError, match="twice"):
        NeighbourGraph.build(np.zeros(10, np.int64), vectors)
    with pytest.raises(InternalError, match="one vector"):
        graph.update(ids[1:], vectors)


def test_an_update_can_be_cancelled_and_leaves_the_graph_as_it_was(built, request):
    rng = np.random.default_rng(8)
    ids, vectors, graph = built(rng, 100)
    request.getfixturevalue("never_anew")
    before = graph.lists.indices.copy(), graph.lists.similarities.copy(), graph.ids.copy()
    control = JobControl(lambda progress: control.cancel())
    more = np.append(vectors, unit(rng, 90), axis=0)
    with pytest.raises(CancelledError):
        graph.update(np.append(ids, 2000 + np.arange(90)), more, control=control)
    after = graph.lists.indices, graph.lists.similarities, graph.ids
    assert all((one == other).all() for one, other in zip(before, after, strict=True))


def test_an_update_tells_how_far_it_is(built, request):
    rng = np.random.default_rng(9)
    ids, vectors, graph = built(rng, 100)
    request.getfixturevalue("never_anew")
    seen = []
    control = JobControl(lambda progress: seen.append((progress.done, progress.total)))
    vectors = vectors.copy()
    vectors[:10] = unit(rng, 10)
    graph.update(ids, vectors, control=control)
    assert seen[0] == (0, 10)
    assert seen[-1] == (10, 10)


def test_every_bit_of_a_vector_counts():
    vectors = np.repeat(unit(np.random.default_rng(10), 1), 16 * 32 + 1, axis=0)
    bits = vectors.view(np.uint32)
    for row in range(16 * 32):
        bits[row, row // 32] ^= np.uint32(1 << row % 32)
    assert len(np.unique(checksums(vectors))) == len(vectors)


def test_two_signs_that_change_count():
    vectors = np.repeat(unit(np.random.default_rng(11), 1), 16 * 15 // 2, axis=0)
    for row, pair in enumerate(zip(*np.triu_indices(16, 1), strict=True)):
        vectors[row, list(pair)] *= -1
    assert len(np.unique(checksums(vectors))) == len(vectors)


def test_a_saved_graph_is_the_same_and_private(tmp_path, built):
    ids, vectors, graph = built(np.random.default_rng(12), 30)
    graph = graph.update(ids[:25], vectors[:25])
    path = tmp_path / "indexes" / "graph"
    graph.save(path, MODEL)
    graph.save(path, MODEL)
    loaded = NeighbourGraph.load(path, MODEL)
    assert loaded.k == graph.k
    assert (loaded.ids == graph.ids).all()
    assert (loaded.checks == graph.checks).all()
    assert (loaded.lists.indices == graph.lists.indices).all()
    assert (loaded.lists.similarities == graph.lists.similarities).all()
    assert [file.name for file in path.parent.iterdir()] == ["graph"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    built_alike(loaded.update(ids, vectors), ids, vectors)


@pytest.mark.parametrize("count", [0, 1])
def test_a_graph_of_hardly_a_face_is_saved_too(tmp_path, built, count):
    ids, _, graph = built(np.random.default_rng(13), count)
    graph.save(tmp_path / "graph", MODEL)
    found = NeighbourGraph.load(tmp_path / "graph", MODEL).neighbours(ids)
    assert found.indices.shape == (count, 0)


def test_any_damage_to_the_file_is_told(tmp_path, built):
    path = tmp_path / "graph"
    built(np.random.default_rng(14), 12)[2].save(path, MODEL)
    content = path.read_bytes()
    for offset in range(len(content)):
        damaged = bytearray(content)
        damaged[offset] ^= 1 << offset % 8
        path.write_bytes(damaged)
        with pytest.raises(DamagedCacheError):
            NeighbourGraph.load(path, MODEL)
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(DamagedCacheError):
            NeighbourGraph.load(path, MODEL)
    path.write_bytes(content + b"\0")
    with pytest.raises(DamagedCacheError):
        NeighbourGraph.load(path, MODEL)


def test_other_files_are_told_from_graphs(tmp_path, built, monkeypatch):
    path = tmp_path / "graph"
    graph = built(np.random.default_rng(15), 12)[2]
    with pytest.raises(FileNotFoundError):
        NeighbourGraph.load(path, MODEL)
    graph.save(path, "another")
    with pytest.raises(DamagedCacheError, match="another model"):
        NeighbourGraph.load(path, MODEL)
    monkeypatch.setattr(neighbor_graph.neighbor_file, "VERSION", 2)
    graph.save(path, MODEL)
    monkeypatch.undo()
    with pytest.raises(DamagedCacheError, match="version 2"):
        NeighbourGraph.load(path, MODEL)
    with pytest.raises(DamagedCacheError, match="cannot be read"):
        NeighbourGraph.load(tmp_path, MODEL)


def test_a_graph_that_cannot_be_saved_leaves_the_one_that_was(tmp_path, built, monkeypatch):
    ids, vectors, graph = built(np.random.default_rng(16), 12)
    graph.save(tmp_path / "graph", MODEL)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(UserError, match="No space left"):
        graph.update(ids[:5], vectors[:5]).save(tmp_path / "graph", MODEL)
    assert [file.name for file in tmp_path.iterdir()] == ["graph"]
    assert len(NeighbourGraph.load(tmp_path / "graph", MODEL).ids) == 12
