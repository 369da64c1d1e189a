from types import SimpleNamespace

import numpy as np
import pytest

from photoclust.cluster import Grouping
from photoclust.services.answering import Answers, answer

LABELS = [0, 0, 0, 1, 1, -1]
STRENGTH = [0.9, 0.8, 0.7, 0.6, 0.95, 0.0]
PEOPLE = [4, 4, 5, 5, 4, 6]
"""Face 0 is typical of the first group, face 4 of the second; face 5 waits, and is like face 4."""
ONE_PERSON = SimpleNamespace(a=0, b=1, similarity=0.5)
SAME_AGAIN = SimpleNamespace(a=1, b=0, similarity=0.5)


@pytest.fixture
def vectors():
    vectors = np.eye(6, dtype=np.float32)
    vectors[5, 4] = 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def answered(vectors, count, people=PEOPLE, questions=(ONE_PERSON,)):
    strength = np.array(STRENGTH, np.float32)
    grouping = Grouping(np.array(LABELS), strength, 0, merge_questions=questions)
    return answer(grouping, vectors, np.array(people), count)


def test_groups_that_may_be_one_come_first_then_faces_that_fit_least(vectors):
    found = answered(vectors, 100)
    assert found == Answers(must_link=((0, 4), (0, 1)), cannot_link=((4, 5), (3, 4), (0, 2)))
    assert found.count == 5
    assert answered(vectors, 1) == Answers(((0, 4),), ())
    assert answered(vectors, 2) == Answers(((0, 4),), ((4, 5),))
    assert answered(vectors, 0) == Answers((), ())


def test_nobody_asks_about_faces_that_nobody_knows(vectors):
    found = answered(vectors, 100, people=[-1, 4, 5, 5, -1, 6])
    # Those that are known stand for their groups.
    assert found == Answers(must_link=(), cannot_link=((1, 3), (1, 5), (1, 2)))
    assert answered(vectors, 100, people=[-1] * 6) == Answers((), ())


def test_the_same_is_not_asked_twice(vectors):
    assert answered(vectors, 2, questions=(ONE_PERSON, SAME_AGAIN)) == answered(vectors, 2)
