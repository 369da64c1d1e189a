"""Waiting faces and fragments that known people draw."""

import numpy as np
import pytest

from photoclust.cluster import NEW, cluster_faces
from photoclust.cluster.constraints import pairs_of, understand
from photoclust.cluster.known import draw_to_known
from photoclust.cluster.neighbors import Neighbours, nearest
from photoclust.cluster.strangers import Strangers

HERE = Strangers(0.0, 0.125)
"""The strangers of made-up faces in 64 dimensions."""
FACES = 8


def constraints_of(people, photos=None, cannot=()):
    count = len(people)
    return understand(
        np.arange(count) if photos is None else photos,
        people,
        pairs_of((), "must_link", count),
        pairs_of(cannot, "cannot_link", count),
    )[0]


@pytest.fixture
def scattered(people):
    """Ten people with eight photos each: five are in a group, two in another, one waits."""
    vectors, truth = people(np.random.default_rng(0), 10, FACES, spread=0.8, dim=64)
    place = np.arange(len(truth)) % FACES
    labels = np.where(place < 5, 2 * truth, np.where(place < 7, 2 * truth + 1, -1))
    known = np.where((truth < 3) & (place < 2), truth, -1)
    return vectors, truth, labels, known


def drawn(scattered, *, photos=None, cannot=(), **options):
    vectors, _, labels, known = scattered
    graph = nearest(vectors)
    constraints = constraints_of(known, photos, cannot)
    options = {"big": 5, "share": 0.01, "rival": 0.25} | options
    return draw_to_known(labels, vectors, graph, constraints, HERE, **options)


def test_known_people_draw_what_is_theirs_and_nobody_else_does(scattered, same_partition):
    _, truth, labels, _ = scattered
    found = drawn(scattered)
    expected = np.where(truth < 3, 2 * truth, labels)
    assert same_partition(found, expected)


def test_where_nobody_is_known_nothing_changes(scattered):
    vectors, truth, labels, known = scattered
    found = drawn((vectors, truth, labels, np.full_like(known, -1)))
    assert (found == labels).all()


def test_groups_that_are_large_enough_decide_for_themselves(scattered):
    found = drawn(scattered, big=2)
    assert found[5] == found[6] != found[0]
    assert found[7] == found[0]


def test_what_is_like_somebody_else_as_well_stays(scattered):
    vectors, truth, labels, known = scattered
    vectors = vectors.copy()
    vectors[7] = vectors[0:5].mean(axis=0) + 1.05 * vectors[FACES * 5 : FACES * 5 + 5].mean(axis=0)
    vectors[7] /= np.linalg.norm(vectors[7])
    assert drawn((vectors, truth, labels, known))[7] == -1


def test_decisions_and_photos_bar(scattered):
    photos = np.arange(len(scattered[0]))
    photos[5] = photos[0]  # one of the pair is beside one of the group
    photos[FACES + 7] = photos[FACES + 5]  # the pair and the face that waits share one
    found = drawn(scattered, photos=photos, cannot=[[2 * FACES + 7, 2 * FACES + 1]])
    assert found[5] == found[6] != found[0]
    assert len({int(found[FACES + 7]), int(found[FACES + 5])} & {int(found[FACES])}) == 1
    assert found[2 * FACES + 7] != found[2 * FACES + 1]
    assert found[2 * FACES + 5] == found[2 * FACES]


def test_who_was_said_to_be_apart_does_not_meet_in_a_group(scattered):
    found = drawn(scattered, cannot=[[7, 6]])
    assert found[7] != found[6]
    assert found[0] in {found[7], found[6]}


def test_of_strangers_hardly_any_are_drawn(people):
    vectors, truth = people(np.random.default_rng(1), 40, 6, spread=0.6, dim=64)
    strangers, _ = people(np.random.default_rng(2), 400, 1, dim=64)
    labels = np.concatenate([truth, np.full(400, -1)])
    known = np.concatenate([np.where(np.arange(240) % 6 == 0, truth, -1), np.full(400, -1)])
    found = draw_to_known(
        labels,
        vectors := np.concatenate([vectors, strangers]),
        nearest(vectors),
        constraints_of(known),
        HERE,
        big=5,
        share=0.01,
        rival=0.25,
    )
    assert (found[:240] == labels[:240]).all()
    assert (found[240:] >= 0).mean() <= 0.02


def test_groups_that_are_fixed_take_in_and_stay(scattered):
    vectors, truth, labels, known = scattered
    groups = int(labels.max()) + 1
    found = drawn(scattered, fixed=groups)
    assert (found[labels >= 0] == labels[labels >= 0]).all()
    assert found[7] == found[0]
    rows = np.array([7])
    graph = nearest(vectors)
    found = draw_to_known(
        labels,
        vectors,
        Neighbours(graph.indices[rows], graph.similarities[rows]),
        constraints_of(known),
        HERE,
        big=5,
        share=0.01,
        rival=0.25,
        rows=rows,
        fixed=groups,
    )
    assert np.flatnonzero(found != labels).tolist() == [7]
    assert truth[7] == truth[0]


def test_a_new_face_goes_to_a_known_person_it_would_not_go_to_otherwise(people):
    vectors, truth = people(np.random.default_rng(3), 60, 9, spread=1.8, dim=128)
    place = np.arange(len(truth)) % 9
    previous = np.where(place < 8, truth, NEW)
    known = np.where((place < 3) & (truth < 20), truth, -1)
    asked = (place == 8) & (truth < 20)
    without = cluster_faces(vectors, previous=previous).labels
    with_them = cluster_faces(vectors, previous=previous, people=known).labels
    assert (with_them[asked] == truth[asked]).sum() > (without[asked] == truth[asked]).sum()
    assert (with_them[previous >= 0] == previous[previous >= 0]).all()
