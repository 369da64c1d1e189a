"""Small tools for labels and graphs."""

import numpy as np

from photoclust.cluster.labels import (
    centres,
    compact,
    cosines_of,
    edges,
    restricted,
    sums,
    within,
    without_small,
)
from photoclust.cluster.neighbors import Neighbours, nearest


def test_compact_numbers_groups_as_they_come():
    assert compact(np.array([7, -1, 3, 7, 5, 3])).tolist() == [0, -1, 1, 0, 2, 1]
    assert compact(np.array([], np.int64)).tolist() == []
    assert compact(np.array([-1, -1])).tolist() == [-1, -1]


def test_small_groups_wait():
    assert without_small(np.array([0, 0, 1, 2, 2, 2, -1]), 2).tolist() == [0, 0, -1, 1, 1, 1, -1]
    assert without_small(np.array([-1, -1]), 2).tolist() == [-1, -1]


def test_sums_and_middles_are_those_of_the_members(people):
    vectors, truth = people(np.random.default_rng(0), 4, 5)
    truth[::7] = -1
    for group in range(4):
        members = vectors[truth == group]
        np.testing.assert_allclose(sums(truth, vectors)[group], members.sum(axis=0), rtol=1e-4)
        middle = members.mean(axis=0) / np.linalg.norm(members.mean(axis=0))
        np.testing.assert_allclose(centres(truth, vectors)[group], middle, atol=1e-5)


def test_cosines_of_pairs_of_rows(people):
    vectors, _ = people(np.random.default_rng(1), 3, 4)
    rows, columns = np.array([0, 5, 11]), np.array([1, 2, 11])
    expected = (vectors @ vectors.T)[rows, columns]
    np.testing.assert_allclose(cosines_of(vectors, rows, vectors, columns), expected, atol=1e-6)


def test_a_graph_among_some_faces_holds_their_edges_and_no_others(people):
    vectors, _ = people(np.random.default_rng(2), 5, 6)
    graph = nearest(vectors, 8)
    rows = np.array([3, 4, 9, 20, 21, 22])
    part = restricted(graph, rows)
    expected = {
        (rows.tolist().index(a), rows.tolist().index(b))
        for a, b, _ in zip(*edges(graph), strict=True)
        if a in rows and b in rows
    }
    one, other, cosines = edges(part)
    assert set(zip(one.tolist(), other.tolist(), strict=True)) == expected
    np.testing.assert_allclose(
        cosines, np.einsum("ij,ij->i", vectors[rows[one]], vectors[rows[other]]), atol=1e-5
    )
    empty = part.indices < 0
    assert (np.diff(empty.astype(int), axis=1) >= 0).all(), "empty places stand last"
    assert (part.similarities[empty] == -1).all()


def test_edges_out_of_a_group_go():
    graph = Neighbours(
        np.array([[1, 2], [0, 2], [1, 0]]), np.array([[0.9, 0.5], [0.9, 0.6], [0.6, 0.5]], "f4")
    )
    inside = within(graph, np.array([0, 1, 0]))
    assert inside.indices.tolist() == [[2, -1], [-1, -1], [0, -1]]
    assert inside.similarities[0].tolist() == [0.5, -1]
    assert (within(graph, np.array([-1, -1, -1])).indices == -1).all()
