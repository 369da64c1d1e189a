"""Cutting, pairing and joining, each on faces placed by hand."""

import numpy as np

from photoclust.cluster.neighbors import nearest
from photoclust.cluster.refine import (
    add_pairs,
    compact,
    join_groups,
    linked_parts,
    merge_groups,
)


def at(*degrees):
    """Unit vectors in the plane at these angles; their cosines are easy to know."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_a_group_is_cut_where_no_strong_link_holds_it():
    vectors = at(0, 10, 20, 100, 110)
    labels = np.zeros(5, np.int64)
    assert linked_parts(labels, nearest(vectors), 0.65).tolist() == [0, 0, 0, 1, 1]


def test_links_do_not_cross_groups_and_single_faces_wait():
    vectors = at(0, 10, 20, 100)
    labels = np.array([0, 0, 1, 1])
    assert linked_parts(labels, nearest(vectors), 0.65).tolist() == [0, 0, -1, -1]


def test_mutual_nearest_faces_form_a_pair():
    vectors = at(0, 20, 90, 105, 200)
    labels = add_pairs(np.full(5, -1), nearest(vectors), np.arange(5), 0.6)
    assert labels.tolist() == [0, 0, 1, 1, -1]


def test_a_pair_needs_both_to_want_each_other():
    vectors = at(0, 20, 30)  # the first prefers the second, the second the third
    assert add_pairs(np.full(3, -1), nearest(vectors), np.arange(3), 0.6).tolist() == [-1, 0, 0]


def test_two_faces_of_one_photo_are_no_pair():
    vectors = at(0, 5)
    assert add_pairs(np.full(2, -1), nearest(vectors), np.array([7, 7]), 0.6).tolist() == [-1, -1]


def test_faces_of_groups_are_not_paired_again():
    vectors = at(0, 5, 10)
    labels = np.array([0, 0, -1])
    assert add_pairs(labels, nearest(vectors), np.arange(3), 0.6).tolist() == [0, 0, -1]


def test_a_waiting_face_joins_the_nearest_group_only_when_alike():
    vectors = at(0, 10, 90, 100, 30, 50)
    labels = np.array([0, 0, 1, 1, -1, -1])
    waiting = labels < 0
    joined = join_groups(labels, vectors, np.arange(6), waiting, 0.8)
    assert joined.tolist() == [0, 0, 1, 1, 0, -1]


def test_of_two_faces_in_one_photo_the_better_match_joins():
    vectors = at(0, 10, 30, 15)
    labels = np.array([0, 0, -1, -1])
    photos = np.array([1, 2, 3, 3])
    assert join_groups(labels, vectors, photos, labels < 0, 0.5).tolist() == [0, 0, -1, 0]


def test_a_face_does_not_join_a_group_seen_in_its_photo():
    vectors = at(0, 10, 12)
    labels = np.array([0, 0, -1])
    photos = np.array([1, 2, 2])
    assert join_groups(labels, vectors, photos, labels < 0, 0.5).tolist() == [0, 0, -1]


def test_groups_alike_on_average_are_merged_and_others_not():
    vectors = at(0, 2, 30, 32, 120, 122, 250)
    labels = np.array([4, 4, 2, 2, 7, 7, -1])
    assert merge_groups(labels, vectors, 0.8).tolist() == [0, 0, 0, 0, 1, 1, -1]
    assert len(set(merge_groups(labels, vectors, 0.95).tolist())) == 4


def test_merging_equals_joining_the_most_similar_pair_first():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(120, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = rng.integers(0, 40, 120)
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    cosines = vectors @ vectors.T
    while True:
        best, one, other = max(
            (cosines[np.ix_(groups[i], groups[j])].mean(), i, j)
            for i in range(len(groups))
            for j in range(i)
        )
        if best < 0.3:
            break
        groups[other] = np.concatenate([groups[other], groups.pop(one)])
    merged = merge_groups(labels, vectors, 0.3)
    assert {frozenset(group.tolist()) for group in groups} == {
        frozenset(np.flatnonzero(merged == label).tolist()) for label in range(merged.max() + 1)
    }


def test_compact_numbers_without_gaps():
    assert compact(np.array([5, -1, 2, 5])).tolist() == [1, -1, 0, 1]
