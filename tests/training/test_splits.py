"""Divided faces: nothing that was tested on was seen in training."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photoclust.core.errors import InternalError, UserError
from photoclust.training.splits import (
    EVENT_S,
    Faces,
    Shares,
    near_duplicates,
    occasions,
    split,
)

HOUR = 3600.0


def some_album(seed, people=8, days=6, photos=5, strangers=20):
    """Everybody is photographed alone several times on several days; there are strangers, too."""
    rng = np.random.default_rng(seed)
    person, photo, taken = [], [], []
    for number in range(people):
        for day in range(days):
            for _ in range(int(rng.integers(1, photos + 1))):
                person.append(number)
                photo.append(len(photo))
                taken.append(24 * HOUR * (people * day + number) + HOUR * rng.random())
    for _ in range(strangers):
        person.append(-1)
        photo.append(len(photo))
        taken.append(np.nan)
    count = len(person)
    return Faces(np.array(person), np.array(photo), np.array(taken), np.full(count, -1, np.int64))


@st.composite
def albums(draw):
    """Any faces: few photos, so that many people share one, times near and far, and copies."""
    count = draw(st.integers(1, 60))

    def some(least, most):
        return np.array(
            draw(st.lists(st.integers(least, most), min_size=count, max_size=count)), np.int64
        )

    hours = some(0, 200).astype(np.float64)
    hours[some(0, 9) == 0] = np.nan
    crowded = draw(st.booleans())
    photo = some(0, 30) if crowded else np.arange(count)
    return Faces(some(-1, 5), photo, hours * HOUR, some(-1, 20) if crowded else some(-9, 5))


def naive_occasions(faces, among):
    """Faces that are connected by any of the three links, one link after the other."""
    group = np.where(among, np.arange(len(among)), -1)

    def join(one, other):
        group[group == group[other]] = group[one]

    for one, other in combinations(np.flatnonzero(among), 2):
        copies = faces.duplicates[one] >= 0 and faces.duplicates[one] == faces.duplicates[other]
        person = faces.person[one] >= 0 and faces.person[one] == faces.person[other]
        near = abs(faces.taken[one] - faces.taken[other]) <= EVENT_S
        if copies or (person and near) or faces.photo[one] == faces.photo[other]:
            join(one, other)
    return group


def same_partition(one, other):
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    return len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))


@given(albums(), st.integers(0, 2))
def test_occasions_are_those_of_a_loop(faces, left_out):
    among = faces.person != left_out
    found = occasions(faces, among)
    assert same_partition(found, naive_occasions(faces, among))
    assert np.array_equal(found >= 0, among)


@given(albums(), st.integers(0, 99), st.sampled_from([0.0, 0.2, 0.6]))
def test_nothing_straddles(faces, seed, held_out):
    shares = Shares(people=1, held_out=held_out)
    try:
        found = split(faces, shares, np.random.default_rng(seed))
    except UserError:
        return
    parts = (found.train, found.test, found.held_out, found.distil, found.strangers)
    every = np.concatenate(parts)
    assert len(every) == len(set(every.tolist()))
    training = np.concatenate([found.train, found.distil])
    testing = np.concatenate([found.test, found.strangers])
    people, photos = faces.person, faces.photo
    assert not set(photos[training]) & set(photos[testing])
    assert not set(found.occasion[training]) & set(found.occasion[testing])
    unseen = np.concatenate([testing, found.held_out])
    copies = set(faces.duplicates[training]) & set(faces.duplicates[unseen])
    assert not {number for number in copies if number >= 0}
    for one in found.train:
        apart = abs(faces.taken[found.test[people[found.test] == people[one]]] - faces.taken[one])
        assert not (apart <= EVENT_S).any()
    # By person: named ones here, unnamed ones there, and held-out people nowhere else.
    assert (people[np.concatenate([found.train, found.test, found.held_out])] >= 0).all()
    assert (people[np.concatenate([found.distil, found.strangers])] < 0).all()
    others = set(people[np.concatenate([found.train, found.test])])
    assert not set(people[found.held_out]) & others
    # Whoever is tested is trained, with pairs on either side for as many as were asked for.
    enough = [
        number
        for number in others
        if min((people[found.test] == number).sum(), (people[found.train] == number).sum()) >= 2
    ]
    assert len(enough) >= 1
    for number in others:
        own = (people[every] == number).sum()
        assert (people[found.test] == number).sum() <= own / 2


def test_most_of_an_album_can_be_used():
    """The property above would hold for a split that leaves everything out."""
    faces = some_album(1, people=10)
    found = split(faces, Shares(), np.random.default_rng(0))
    used = [len(part) for part in (found.train, found.test, found.held_out)]
    assert sum(used) == (faces.person >= 0).sum()
    assert len(np.unique(faces.person[found.held_out])) == 2
    assert len(np.unique(faces.person[found.train])) == 8
    assert 0.25 < len(found.test) / (len(found.test) + len(found.train)) < 0.5
    assert len(found.strangers) == len(found.distil) == 10


def test_every_person_is_tested_in_the_share_asked_for():
    faces = some_album(2, people=10, days=12)
    for share in (0.1, 0.3, 0.5):
        found = split(faces, Shares(test=share, held_out=0), np.random.default_rng(0))
        for number in range(10):
            tested = (faces.person[found.test] == number).mean() * len(found.test)
            own = (faces.person == number).sum()
            assert min(share, 0.4) * own - 1 <= tested <= min(share * own + 5, own / 2)


def test_the_generator_decides():
    faces = some_album(3)

    def run(seed):
        found = split(faces, Shares(), np.random.default_rng(seed))
        return [
            part.tolist()
            for part in (found.train, found.test, found.held_out, found.distil, found.strangers)
        ]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_strangers_go_with_the_photo_they_are_in():
    faces = some_album(4, strangers=0)
    count = len(faces.person)
    both = Faces(
        np.concatenate([faces.person, np.full(count, -1)]),
        np.concatenate([faces.photo, faces.photo]),
        np.concatenate([faces.taken, faces.taken]),
        np.full(2 * count, -1, np.int64),
    )
    found = split(both, Shares(held_out=0), np.random.default_rng(0))
    assert np.array_equal(found.distil, found.train + count)
    assert np.array_equal(found.strangers, found.test + count)


@pytest.mark.parametrize(("share", "strangers"), [(0.0, 0), (0.25, 10), (1.0, 40)])
def test_strangers_have_their_share(share, strangers):
    faces = some_album(5, strangers=40)
    found = split(faces, Shares(strangers=share), np.random.default_rng(0))
    assert len(found.strangers) == strangers
    assert len(found.distil) == 40 - strangers


def test_nobody_is_held_out_where_there_are_just_enough_people():
    faces = some_album(6, people=5)
    found = split(faces, Shares(held_out=0.8), np.random.default_rng(0))
    assert len(found.held_out) == 0
    assert len(np.unique(faces.person[found.test])) == 5


def test_people_of_one_occasion_can_be_held_out_and_are_trained_on():
    """They cost no one who can be tested."""
    faces = some_album(7, people=9)
    once = replace(faces, taken=np.where(faces.person < 4, 0.0, faces.taken))
    found = split(once, Shares(held_out=0.5), np.random.default_rng(0))
    held = np.unique(faces.person[found.held_out])
    assert 2 <= len(held) <= 4
    assert held.max() < 4
    assert len(np.unique(faces.person[found.test])) == 5
    assert set(np.unique(faces.person[found.train])) == set(range(9)) - set(held.tolist())


def test_a_copy_of_a_held_out_face_is_not_trained_on():
    faces = some_album(8, people=10)
    copies = replace(faces, duplicates=np.where(faces.person == -1, 7, -1))
    seen = 0
    for seed in range(6):
        out = split(copies, Shares(), np.random.default_rng(seed)).held_out
        first = int(out[0])
        tied = copies.duplicates.copy()
        tied[first] = 7
        found = split(replace(copies, duplicates=tied), Shares(), np.random.default_rng(seed))
        if first in found.held_out:
            assert len(found.distil) == len(found.strangers) == 0
            seen += 1
    assert seen > 2


@pytest.mark.parametrize(
    ("people", "days", "message"),
    [
        (4, 3, "at least 5 people .* but there are 4; name more"),
        (1, 3, "but there is 1;"),
        (8, 1, "but there are none;"),
        (0, 1, "but there are none;"),
    ],
)
def test_too_few_people_are_an_error_that_says_so(people, days, message):
    with pytest.raises(UserError, match=message):
        split(some_album(9, people, days), Shares(), np.random.default_rng(0))


def test_undated_photos_are_occasions_of_their_own_unless_they_are_copies():
    undated = np.full(4, np.nan)
    faces = Faces(np.zeros(4, np.int64), np.arange(4), undated, np.array([-1, 5, 5, -1]))
    assert occasions(faces, np.ones(4, bool)).tolist() == [0, 1, 1, 2]


def test_arrays_that_do_not_fit_are_a_bug():
    with pytest.raises(InternalError, match="the same faces"):
        Faces(np.zeros(3, np.int64), np.arange(2), np.zeros(3), np.zeros(3, np.int64))


def test_near_duplicates_are_found(make_faces):
    vectors, _ = make_faces(1, [3] * 4, dimension=64)
    nearly = vectors + 0.01 * np.random.default_rng(0).normal(size=vectors.shape)
    nearly = (nearly / np.linalg.norm(nearly, axis=1, keepdims=True)).astype(np.float32)
    found = near_duplicates(np.concatenate([vectors, nearly]))
    assert len(set(found[:12].tolist())) == 12
    assert np.array_equal(found[:12], found[12:])
    assert len(near_duplicates(vectors[:0])) == 0
    assert len(near_duplicates(vectors[:1])) == 1
