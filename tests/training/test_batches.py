"""P people with K faces each: shapes, turns, near-duplicates and events."""

from collections import Counter
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photoclust.core.errors import UserError
from photoclust.training.batches import BatchShape, PersonBatches


def batches(labels, shape, seed=0, **others):
    others = {name: np.array(each, np.int64) for name, each in others.items()}
    rng = np.random.default_rng(seed)
    return PersonBatches(np.array(labels, np.int64), shape, rng, **others)


def drawn(labels, shape, count, seed=0, **others):
    return list(islice(batches(labels, shape, seed, **others), count))


def test_a_batch_has_p_people_k_faces_and_s_strangers():
    labels = np.repeat([*range(10), -1], 8)
    for batch in drawn(labels, BatchShape(4, 5, 3), 50):
        assert len(batch) == len(set(batch.tolist())) == 23
        counts = Counter(labels[batch].tolist())
        assert counts.pop(-1) == 3
        assert list(counts.values()) == [5] * 4


def test_who_has_fewer_faces_gives_what_there_is():
    labels = [0] * 2 + [1] * 3 + [2] * 9
    for batch in drawn(labels, BatchShape(3, 5), 10):
        assert sorted(Counter(np.array(labels)[batch].tolist()).items()) == [(0, 2), (1, 3), (2, 5)]


def test_a_single_face_is_a_stranger_among_others():
    labels = np.array([0, 0, 1, 1, 2, 3, -1])
    for batch in drawn(labels, BatchShape(5, 5, 2), 30):
        assert set(labels[batch[:4]].tolist()) == {0, 1}
        assert len(batch) == 6
        assert set(batch[4:].tolist()) <= {4, 5, 6}


def test_all_faces_are_used_about_equally_often():
    """Nobody having more than a batch takes of all faces."""
    sizes = [2, 3, 5, 8, 13, 20, 20, 7, 7, 4]
    labels = np.repeat(np.arange(10), sizes)
    used = np.bincount(np.concatenate(drawn(labels, BatchShape(4, 6), 400)), minlength=len(labels))
    assert used.min() > 0.9 * used.mean()
    assert used.max() < 1.1 * used.mean()


@given(
    sizes=st.lists(st.integers(1, 12), min_size=2, max_size=6),
    faces=st.integers(2, 6),
    seed=st.integers(0, 99),
)
def test_no_face_of_somebody_is_used_twice_more_than_another_of_theirs(sizes, faces, seed):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    if np.sum(np.array(sizes) > 1) < 2:
        return
    used = np.zeros(len(labels), int)
    for batch in drawn(labels, BatchShape(3, faces), 25, seed):
        assert len(batch) == len(set(batch.tolist()))
        used[batch] += 1
        for person, size in enumerate(sizes):
            if size > 1:
                mine = used[labels == person]
                assert mine.max() - mine.min() <= 1


def test_strangers_take_turns():
    labels = np.array([0, 0, 1, 1] + [-1] * 7)
    used = np.bincount(np.concatenate(drawn(labels, BatchShape(2, 2, 3), 70)), minlength=11)
    assert used[4:].tolist() == [30] * 7


def test_of_near_duplicates_a_batch_has_one_and_each_has_its_turn():
    labels = np.repeat([0, 1], 8)
    groups = np.array([7, 7, 7, 7, 5, 5, -1, -1] * 2)
    used = np.zeros(16, int)
    for batch in drawn(labels, BatchShape(2, 4), 120, duplicates=groups):
        for person in (0, 1):
            mine = batch[labels[batch] == person]
            assert len(mine) == 4
            assert sorted(groups[mine].tolist()) == [-1, -1, 5, 7]
        used[batch] += 1
    assert used[:8].tolist() == used[8:].tolist() == [30] * 4 + [60] * 2 + [120] * 2


def test_somebody_of_near_duplicates_alone_has_no_positive():
    labels = [0, 0, 1, 1, 2, 2]
    for batch in drawn(labels, BatchShape(3, 4, 1), 20, duplicates=[-1, -1, -1, -1, 3, 3]):
        assert set(batch[:4].tolist()) == {0, 1, 2, 3}
        assert batch[4] in (4, 5)


def test_faces_of_one_event_are_spread_over_the_batches():
    labels = np.repeat([0, 1], 12)
    events = np.tile(np.repeat([0, 1, 2], 4), 2)
    mixed = [
        len(set(events[batch[labels[batch] == person]].tolist()))
        for batch in drawn(labels, BatchShape(2, 3), 200, events=events)
        for person in (0, 1)
    ]
    blind = [
        len(set(events[batch[labels[batch] == person]].tolist()))
        for batch in drawn(labels, BatchShape(2, 3), 200)
        for person in (0, 1)
    ]
    assert min(mixed) >= 2
    assert np.mean(mixed) > np.mean(blind) + 0.3


def test_faces_of_unknown_events_are_not_of_the_same():
    """Else each of these pairs would be of one that is known and one that is not."""
    labels = np.repeat([0, 1], 6)
    known = np.array([0, 0, 0, -1, -1, -1] * 2)
    pairs = Counter(
        tuple(sorted(known[batch[labels[batch] == 0]].tolist()))
        for batch in drawn(labels, BatchShape(2, 2), 300, events=known)
    )
    assert pairs[-1, -1] > 20
    assert pairs[-1, 0] > 100


def test_the_same_generator_gives_the_same_batches():
    labels = np.repeat([*range(6), -1], 5)
    shape = BatchShape(3, 4, 2)
    one, same, other = (np.stack(drawn(labels, shape, 20, seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_lookalikes_come_together():
    labels = np.repeat(np.arange(20), 4)
    alike = {person: np.array([(person + 1) % 20, (person + 2) % 20, 99]) for person in range(20)}
    source = batches(labels, BatchShape(6, 2))
    used = np.zeros(20, int)
    for _ in range(200):
        people = list(dict.fromkeys(labels[source.draw(alike)].tolist()))
        assert len(people) == 6
        first = people[0]
        assert {(first + 1) % 20, (first + 2) % 20} == set(people[1:3])
        used[people] += 1
    assert used.min() > 0.9 * used.mean()


def test_half_of_a_batch_is_not_lookalikes():
    labels = np.repeat(np.arange(20), 2)
    alike = {person: np.delete(np.arange(20), person) for person in range(20)}
    source = batches(labels, BatchShape(6, 2))
    seen = {person for _ in range(30) for person in labels[source.draw(alike)].tolist()}
    assert seen == set(range(20))


@pytest.mark.parametrize(
    ("labels", "shape"),
    [
        ([], BatchShape()),
        ([0, 0, 0], BatchShape()),
        ([0, 1, 2], BatchShape(strangers=2)),
        ([-1, -1], BatchShape(strangers=2)),
        ([0, 0, -1], BatchShape()),
        ([0, 0], BatchShape(1, 2, 1)),
    ],
)
def test_faces_without_a_triplet_are_refused(labels, shape):
    with pytest.raises(UserError, match="at least two people"):
        batches(labels, shape)


def test_one_person_among_strangers_is_enough():
    (batch,) = drawn([0, 0, -1], BatchShape(4, 4, 1), 1)
    assert sorted(batch.tolist()) == [0, 1, 2]


@pytest.mark.parametrize("shape", [(0, 4, 4), (1, 4, 0), (4, 1, 0), (4, 4, -1)])
def test_a_shape_without_a_triplet_is_refused(shape):
    with pytest.raises(ValueError, match="no batch"):
        BatchShape(*shape)
