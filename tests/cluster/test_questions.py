"""Which groups may be one person."""

import numpy as np
import pytest

from photoclust.cluster.questions import may_be_one


@pytest.fixture
def halves():
    """Twelve people of five faces, the last of them in two groups of labels far from each other."""
    rng = np.random.default_rng(5)
    centres = rng.standard_normal((12, 128))
    truth = np.repeat(np.arange(12), 6)
    vectors = centres[truth] + 0.6 * rng.standard_normal((len(truth), 128))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    labels = 10 * truth
    labels[-3:] = 7_000_000_000
    return vectors, labels


def pairs(found):
    return [(each.a, each.b) for each in found]


def test_two_groups_of_one_person_are_asked_about_by_their_labels(halves):
    vectors, labels = halves
    found = may_be_one(vectors, labels)
    assert pairs(found)[0] == (110, 7_000_000_000)
    middles = [vectors[labels == label].mean(axis=0) for label in pairs(found)[0]]
    one, other = (middle / np.linalg.norm(middle) for middle in middles)
    assert found[0].similarity == pytest.approx(float(one @ other), abs=1e-5)


def test_faces_in_no_group_change_nothing(halves):
    vectors, labels = halves
    some = labels.copy()
    some[:6] = -1
    assert pairs(may_be_one(vectors, some))[0] == (110, 7_000_000_000)


def test_what_users_and_photos_say_is_two_people_is_no_question(halves):
    vectors, labels = halves
    apart = (110, 7_000_000_000)
    first, last = int(np.flatnonzero(labels == 110)[0]), len(labels) - 1
    assert apart not in pairs(may_be_one(vectors, labels, cannot_link=[(first, last)]))
    photos = np.arange(len(labels))
    photos[last] = photos[first]
    assert apart not in pairs(may_be_one(vectors, labels, photo_ids=photos))
    excepted = (int(photos[first]),)
    found = may_be_one(vectors, labels, photo_ids=photos, same_photo_exceptions=excepted)
    assert apart in pairs(found)
    people = np.full(len(labels), -1)
    people[[first, last]] = 1, 2
    assert apart not in pairs(may_be_one(vectors, labels, people=people))


@pytest.mark.parametrize("labels", [[], [-1, -1], [3, 3], [3, -1]])
def test_less_than_two_groups_are_no_question(labels):
    vectors = np.eye(max(len(labels), 1), 128, dtype=np.float32)[: len(labels)]
    assert may_be_one(vectors, np.array(labels, np.int64)) == []
