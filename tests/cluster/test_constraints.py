"""What must be together and what must not, in every grouping."""

import numpy as np
import pytest

from photoclust.cluster.constraints import (
    Barred,
    Conflict,
    enforce,
    pairs_of,
    shared_photos,
    understand,
)
from photoclust.core.errors import InternalError

NONE = np.empty((0, 2), np.int64)
LEVELS = {"alike": 0.5, "apart": 0.2}


def known(count, *, photos=None, people=None, must=NONE, cannot=NONE, exceptions=()):
    return understand(
        np.arange(count) if photos is None else np.array(photos),
        np.full(count, -1) if people is None else np.array(people),
        pairs_of(must, "must_link", count),
        pairs_of(cannot, "cannot_link", count),
        exceptions,
    )


def test_who_is_known_or_linked_has_one_identity():
    constraints, conflicts = known(6, people=[7, -1, 7, -1, -1, 9], must=[[2, 3]])
    identity = constraints.identity
    assert identity[0] == identity[2] == identity[3] >= 0
    assert identity[1] == identity[4] == -1
    assert identity[5] not in {-1, identity[0]}
    assert (constraints.person >= 0).tolist() == [True, False, True, True, False, True]
    assert conflicts == ()


def test_contradictions_are_named_and_the_people_stay_apart():
    constraints, conflicts = known(5, people=[1, 1, 2, 2, -1], must=[[1, 4], [4, 2]])
    assert conflicts == (Conflict("people", (0, 2)),)
    assert constraints.person[0] != constraints.person[2]
    constraints, conflicts = known(4, must=[[0, 1], [1, 2]], cannot=[[0, 2]])
    assert conflicts == (Conflict("cannot_link", (0, 2)),)
    assert constraints.apart.tolist() == [[0, 2]]
    assert (constraints.identity == -1).all()


def test_rows_that_are_not_there_are_refused():
    with pytest.raises(InternalError, match="must_link names a face"):
        pairs_of([[0, 5]], "must_link", 5)
    with pytest.raises(InternalError, match="cannot_link"):
        pairs_of([[-1, 2]], "cannot_link", 5)


def test_provable_errors_count_what_shares_a_photo_and_a_group():
    labels = np.array([0, 0, 0, 1, 1, -1, -1])
    photo = np.array([5, 5, 5, 5, 6, 7, 7])
    assert shared_photos(labels, photo) == 2
    assert shared_photos(np.full(7, -1), photo) == 0


def test_faces_of_one_photo_are_two_people_unless_somebody_says_otherwise():
    def errors(**more):
        constraints, _ = known(4, photos=[1, 1, 2, 2], **more)
        return shared_photos(np.zeros(4, np.int64), constraints.photo)

    assert errors() == 2
    assert errors(exceptions=(1,)) == 1
    assert errors(must=[[0, 1]]) == 1
    assert errors(people=[3, 3, -1, -1]) == 1
    assert errors(people=[3, 4, -1, -1]) == 2


def test_groups_bar_each_other_by_photo_person_and_decision():
    labels = np.array([0, 0, 1, 1, 2, 2, 3])
    constraints, _ = known(
        7, photos=[0, 1, 1, 2, 3, 4, 5], people=[-1, -1, 8, -1, 9, -1, -1], cannot=[[6, 5]]
    )
    barred = Barred(labels, constraints)
    one, other = np.triu_indices(4, 1)
    expected = {(0, 1): "photo", (1, 2): "person", (2, 3): "decision"}
    for pair, answer in zip(
        zip(one.tolist(), other.tolist(), strict=True), barred.between(one, other), strict=True
    ):
        assert answer == (pair in expected), pair
    assert (barred.between(other, one) == barred.between(one, other)).all()


@pytest.fixture
def two_people(people):
    """Two people with twelve photos each; everything in one group."""
    vectors, truth = people(np.random.default_rng(0), 2, 12, spread=0.4, dim=64)
    return vectors, truth, np.zeros(24, np.int64)


def test_people_who_are_known_part_their_group(two_people):
    vectors, truth, whole = two_people
    people = np.full(24, -1)
    people[[0, 12]] = 1, 2
    constraints, _ = known(24, people=people)
    labels = enforce(whole, vectors, constraints, **LEVELS)
    assert len({(a, b) for a, b in zip(labels.tolist(), truth.tolist(), strict=True)}) == 2
    assert len(set(labels.tolist())) == 2


def test_what_is_said_to_be_apart_comes_apart(two_people):
    vectors, _, whole = two_people
    constraints, _ = known(24, cannot=[[0, 13], [3, 5]])
    labels = enforce(whole, vectors, constraints, **LEVELS)
    assert labels[0] != labels[13] or labels[0] == -1
    assert labels[3] != labels[5] or labels[3] == -1


def test_one_stranger_beside_a_person_in_a_photo_leaves_the_group(people):
    vectors, truth = people(np.random.default_rng(1), 2, 20, spread=0.4, dim=64)
    photos = np.arange(40)
    photos[20] = photos[3]
    labels = np.where(truth == 0, 0, -1)
    labels[20] = 0
    constraints, _ = known(40, photos=photos)
    after = enforce(labels, vectors, constraints, **LEVELS)
    assert after[20] == -1
    assert (after[:20] == 0).all()


def test_a_few_photos_with_a_person_twice_do_not_part_the_person(people):
    vectors, _ = people(np.random.default_rng(5), 1, 30, spread=0.6, dim=64)
    photos = np.arange(30)
    photos[[1, 3]] = photos[[0, 2]]
    constraints, _ = known(30, photos=photos)
    labels = enforce(np.zeros(30, np.int64), vectors, constraints, **LEVELS)
    assert (labels == 0).sum() == 28
    assert (labels < 0).sum() == 2


def test_many_photos_with_two_of_a_group_part_it(two_people):
    vectors, truth, whole = two_people
    constraints, _ = known(24, photos=np.arange(24) % 12)
    labels = enforce(whole, vectors, constraints, **LEVELS)
    assert shared_photos(labels, constraints.photo) == 0
    assert len({(a, b) for a, b in zip(labels.tolist(), truth.tolist(), strict=True)}) == 2


def test_groups_that_share_a_person_by_decision_become_one(people):
    vectors, _truth = people(np.random.default_rng(2), 2, 10, spread=0.4, dim=64)
    labels = np.repeat([0, 1, 2], [5, 5, 10])
    constraints, _ = known(20, must=[[0, 9]])
    after = enforce(labels, vectors, constraints, **LEVELS)
    assert len(set(after[:10].tolist())) == 1
    assert after[0] != after[10]


def test_a_confirmed_face_in_a_wrong_group_says_nothing_of_that_group(people):
    vectors, truth = people(np.random.default_rng(3), 2, 10, spread=0.4, dim=64)
    labels = truth.copy()
    labels[0] = 1
    people_ = np.full(20, -1)
    people_[[0, 1, 2, 3]] = 5
    constraints, _ = known(20, people=people_)
    after = enforce(labels, vectors, constraints, **LEVELS)
    assert len(set(after[:10].tolist())) == 1
    assert len(set(after[10:].tolist())) == 1
    assert after[0] != after[10]


def test_known_faces_that_waited_are_a_group(people):
    vectors, _ = people(np.random.default_rng(4), 4, 1, dim=64)
    constraints, _ = known(4, people=[3, -1, 3, -1])
    after = enforce(np.full(4, -1), vectors, constraints, **LEVELS)
    assert after.tolist() == [0, -1, 0, -1]


def test_the_only_known_face_of_somebody_never_waits(two_people):
    vectors, _, whole = two_people
    people = np.full(24, -1)
    people[[0, 1, 2, 5]] = 1, 1, 1, 2
    photos = np.arange(24)
    photos[3] = photos[5]
    constraints, _ = known(24, people=people, photos=photos)
    labels = enforce(whole, vectors, constraints, **LEVELS)
    assert labels[5] >= 0
    assert labels[5] != labels[0]


@pytest.mark.parametrize("seed", range(20))
def test_nothing_that_was_decided_is_ever_broken(seed, people):
    rng = np.random.default_rng(seed)
    vectors, _ = people(rng, 6, 8, spread=0.7, dim=32)
    count = len(vectors)
    must, cannot = rng.integers(0, count, (2, 6, 2))
    must, cannot = must[must[:, 0] != must[:, 1]], cannot[cannot[:, 0] != cannot[:, 1]]
    people_ = np.where(rng.random(count) < 0.2, rng.integers(0, 4, count), -1)
    constraints, conflicts = known(
        count, photos=rng.integers(0, 20, count), people=people_, must=must, cannot=cannot
    )
    labels = enforce(rng.integers(-1, 5, count), vectors, constraints, **LEVELS)
    for person in range(4):
        homes = set(labels[people_ == person].tolist())
        assert len(homes) <= 1
        assert -1 not in homes
    ends = labels[constraints.apart]
    assert not ((ends[:, 0] == ends[:, 1]) & (ends[:, 0] >= 0)).any()
    assert shared_photos(labels, constraints.photo) == 0
    homes = {int(labels[people_ == p][0]) for p in range(4) if (people_ == p).any()}
    assert len(homes) == sum((people_ == p).any() for p in range(4))
    if not conflicts:
        assert (labels[must[:, 0]] == labels[must[:, 1]]).all()
