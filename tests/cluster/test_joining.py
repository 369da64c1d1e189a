"""Pairs of single faces, and faces taken into groups."""

import numpy as np
import pytest

from photoclust.cluster.constraints import pairs_of, understand
from photoclust.cluster.joining import add_pairs, join_groups
from photoclust.cluster.neighbors import nearest
from photoclust.cluster.strangers import Strangers

HERE = Strangers(0.0, 0.125)
"""The strangers of made-up faces in 64 dimensions."""


def free(count, photos=None, cannot=(), people=None):
    return understand(
        np.arange(count) if photos is None else photos,
        np.full(count, -1) if people is None else people,
        pairs_of((), "must_link", count),
        pairs_of(cannot, "cannot_link", count),
    )[0]


@pytest.fixture
def pairs(people):
    """Forty people with two photos each."""
    return people(np.random.default_rng(0), 40, 2, spread=0.45, dim=64)


def paired(pairs, **known):
    vectors, _ = pairs
    labels = np.full(80, -1)
    return add_pairs(labels, nearest(vectors), free(80, **known), HERE, share=0.01)


def test_two_faces_that_are_each_others_nearest_are_a_pair(pairs, same_partition):
    assert same_partition(paired(pairs), pairs[1])


def test_in_a_library_of_strangers_there_are_no_pairs(people):
    vectors, _ = people(np.random.default_rng(1), 80, 1, dim=64)
    found = add_pairs(np.full(80, -1), nearest(vectors), free(80), HERE, share=0.01)
    assert (found == -1).all()


def test_who_shares_a_photo_or_is_said_to_be_apart_is_no_pair(pairs):
    photos = np.arange(80)
    photos[1] = photos[0]
    known = np.full(80, -1)
    known[[6, 7]] = 1, 2
    labels = paired(pairs, photos=photos, cannot=[[2, 3], [5, 4]], people=known)
    for one in (0, 2, 4, 6):
        assert labels[one] == -1 or labels[one] != labels[one + 1]
    assert labels[8] == labels[9] >= 0


def test_groups_that_are_there_are_left_alone(pairs):
    vectors, truth = pairs
    labels = np.where(truth < 5, truth, -1)
    found = add_pairs(labels, nearest(vectors), free(80), HERE, share=0.01)
    assert (found[:10] == labels[:10]).all()
    assert found[10:].min() >= 5


@pytest.fixture
def album(people):
    """Six people with ten photos each, two of which wait, and twenty strangers."""
    rng = np.random.default_rng(2)
    vectors, truth = people(rng, 6, 10, spread=0.5, dim=64)
    strangers, _ = people(rng, 20, 1, dim=64)
    place = np.arange(60) % 10
    labels = np.concatenate([np.where(place < 8, truth, -1), np.full(20, -1)])
    return np.concatenate([vectors, strangers]), np.concatenate([truth, [-1] * 20]), labels


def joined(album, constraints=None, **more):
    vectors, _, labels = album
    settings = {"vote": 0.4, "vote_share": 0.1, "big": 5, "share": 0.003, "rival": 0.25} | more
    return join_groups(labels, vectors, nearest(vectors), constraints or free(80), HERE, **settings)


def test_faces_join_the_group_they_are_like_and_strangers_do_not(album):
    assert joined(album).tolist() == album[1].tolist()


def test_the_three_nearest_faces_can_vote_a_face_in(album):
    _vectors, truth, labels = album
    without = joined(album, share=0.0, vote=2.0)
    assert without.tolist() == labels.tolist()
    voted = joined(album, share=0.0)
    assert (voted[:60] == truth[:60]).mean() > 0.9
    assert (voted[60:] == -1).all()
    assert joined(album, share=0.0, big=9).tolist() == labels.tolist(), "too small to vote"


def test_a_group_takes_nobody_who_is_barred(album):
    photos = np.arange(80)
    photos[8] = photos[0]
    labels = joined(album, free(80, photos=photos, cannot=[[9, 3], [14, 18]]))
    assert labels[8] != 0
    assert labels[9] != 0
    assert labels[18] != 1
    assert labels[19] == 1


def test_a_group_of_one_known_person_takes_no_face_of_another(album):
    known = np.full(80, -1)
    known[0], known[8], known[9] = 3, 4, 3
    labels = joined(album, free(80, people=known))
    assert labels[8] != 0
    assert labels[9] == 0


def test_of_two_faces_in_one_photo_the_more_alike_goes_in(album):
    vectors, _, _ = album
    photos = np.arange(80)
    photos[9] = photos[8]
    labels = joined(album, free(80, photos=photos))
    middle = vectors[:8].mean(axis=0)
    better, worse = (8, 9) if vectors[8] @ middle > vectors[9] @ middle else (9, 8)
    assert labels[better] == 0
    assert labels[worse] != 0


def test_only_the_rows_that_are_asked_for_join(album):
    vectors, _, labels = album
    rows = np.array([8, 19])
    lists = nearest(vectors)
    asked = type(lists)(lists.indices[rows], lists.similarities[rows])
    found = join_groups(
        labels,
        vectors,
        asked,
        free(80),
        HERE,
        rows=rows,
        vote=0.4,
        vote_share=0.1,
        big=5,
        share=0.02,
        rival=0.25,
    )
    assert np.flatnonzero(found != labels).tolist() == [8, 19]
    assert found[rows].tolist() == [0, 1]


def test_a_face_whose_photo_is_in_the_nearest_group_goes_to_the_next(album):
    """Twins: the face is like both, and one of them is beside it."""
    vectors, _, labels = album
    vectors = vectors.copy()
    middles = [vectors[:8].mean(axis=0), vectors[10:18].mean(axis=0)]
    vectors[8] = 0.7 * middles[0] + 0.5 * middles[1]
    vectors[8] /= np.linalg.norm(vectors[8])
    twins = vectors, None, labels
    assert joined(twins, share=1.0, vote=2.0)[8] == 0
    photos = np.arange(80)
    photos[8] = photos[0]
    assert joined(twins, free(80, photos=photos), share=1.0, vote=2.0)[8] == 1


def test_who_is_like_one_group_only_is_taken_in_before_who_is_like_two(people):
    middles, _ = people(np.random.default_rng(5), 2, 1, dim=64)
    middles[1] -= middles[0] * (middles[0] @ middles[1])
    middles[1] /= np.linalg.norm(middles[1])
    faces = [middles[0], middles[0], middles[1], middles[1]]
    rest = np.zeros(64)
    rest[-1] = 1
    rest -= sum(middle * (middle @ rest) for middle in middles)
    rest /= np.linalg.norm(rest)
    both, one = 0.6 * middles[0] + 0.5 * middles[1], 0.55 * middles[0]
    faces += [part + np.sqrt(1 - part @ part) * rest for part in (both, one)]
    vectors = np.stack(faces).astype(np.float32)
    labels = np.array([0, 0, 1, 1, -1, -1])
    # The rest of the two, which they share, speaks for neither group.
    found = join_groups(
        labels,
        vectors,
        nearest(vectors),
        free(6),
        HERE,
        vote=2.0,
        vote_share=0.0,
        big=5,
        share=4e-8,
        rival=0.25,
        rounds=1,
    )
    assert found.tolist() == [0, 0, 1, 1, -1, 0]
