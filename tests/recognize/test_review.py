"""What is asked first, and how many answers it takes."""

import numpy as np
import pytest

from photoclust.recognize.recognizer import Recognition
from photoclust.recognize.review import Kind, Question, answers_left, questions

NO_LOOKALIKES = np.full((20, 3), -1)
NO_GROUPS = np.full(20, -1)


def recognised(rows, person, probability, named=(), asked=None):
    """What recognition said of the faces `rows`; those in `named` have a name."""
    rows = np.array(rows, np.int64)
    probability = np.array(probability, float)
    is_named = np.isin(rows, named)
    is_asked = ~is_named & (probability >= 0.2 if asked is None else np.isin(rows, asked))
    zeros = np.zeros(len(rows))
    return Recognition(
        rows=rows,
        person=np.array(person, np.int64),
        probability=probability,
        likeness=zeros,
        score=zeros,
        runner_up=np.full(len(rows), -1),
        runner_up_probability=zeros,
        runner_up_likeness=zeros,
        named=is_named,
        asked=is_asked,
        share=0.5,
        fair=np.ones(len(rows), bool),
        twins=np.empty((0, 2), np.int64),
    )


def test_what_settles_most_is_asked_first():
    group = NO_GROUPS.copy()
    group[[2, 3, 5]] = 8
    group[[6, 7]] = 4
    found = recognised(
        [1, 2, 3, 4, 5, 6, 7, 9],
        [50, 50, 50, 60, -1, -1, 60, 60],
        [0.9, 0.97, 0.99, 0.6, 0.0, 0.0, 0.3, 0.1],
    )
    asked = questions(found, group, NO_LOOKALIKES)
    assert [(each.kind, each.rows, each.group, each.person) for each in asked] == [
        (Kind.IS, (2, 3, 5), 8, 50),
        (Kind.WHO, (6, 7), 4, -1),
        (Kind.IS, (1,), -1, 50),
        (Kind.IS, (4,), -1, 60),
    ]
    # One person: the mean of the log-odds, of which the face like nobody has its own.
    odds = np.mean([np.log(p / (1 - p)) for p in (0.97, 0.99, 0.01)])
    sure = 1 / (1 + np.exp(-odds))
    assert asked[0].probability == pytest.approx(sure)
    assert [each.gain for each in asked] == pytest.approx([3 * sure, 2, 0.9, 0.6])


def test_a_face_that_others_look_like_is_asked_about_first():
    lookalikes = NO_LOOKALIKES.copy()
    lookalikes[2] = [4, 6, 8]
    lookalikes[1] = [2, -1, -1]
    found = recognised([1, 2, 4, 6, 8], [9, 7, 7, 5, 7], [0.7, 0.6, 0.5, 0.4, 0.1])
    asked = questions(found, NO_GROUPS, lookalikes)
    # Of its look-alikes one is taken for somebody else, and one is not asked about.
    assert [(each.rows[0], each.gain) for each in asked] == [
        (2, pytest.approx(0.6 * 1.5)),
        (1, pytest.approx(0.7)),
        (4, 0.5),
        (6, 0.4),
    ]


def test_what_has_a_name_or_is_hardly_anybody_is_not_asked_about():
    group = NO_GROUPS.copy()
    group[[1, 2, 3]] = 0
    found = recognised([1, 2, 3, 4, 5], [7] * 5, [0.9, 0.99, 0.95, 0.99, 0.1], named=[2, 4])
    (asked,) = questions(found, group, NO_LOOKALIKES)
    assert asked.rows == (1, 3)
    assert questions(recognised([], [], []), NO_GROUPS, NO_LOOKALIKES) == []


def test_equal_gains_are_asked_in_the_order_of_faces():
    found = recognised([3, 1, 2], [7, 8, 9], [0.5] * 3)
    assert [each.rows for each in questions(found, NO_GROUPS, NO_LOOKALIKES)] == [(1,), (2,), (3,)]


def who(faces, group=1):
    return Question(Kind.WHO, tuple(range(faces)), group, -1, 0.0, float(faces))


def whether(faces, probability, group=-1):
    return Question(Kind.IS, tuple(range(faces)), group, 5, probability, probability * faces)


@pytest.mark.parametrize(
    ("asked", "named", "answers"),
    [
        ([], 0, 0),
        ([], 7, 0),
        ([who(5)], 95, 0),
        ([who(6)], 94, 1),
        ([who(50), who(30), who(20)], 0, 3),
        ([who(50), who(46), who(4)], 0, 2),
        # No is no name yet: who else it is costs another answer.
        ([whether(10, 0.9, group=1)], 0, 2),
        ([whether(10, 0.9, group=1)] * 10, 0, 11),
        ([whether(10, 1.0, group=1)] * 10, 0, 10),
        # Of single faces so many as expected can get a name.
        ([whether(1, 0.5)] * 20, 0, 19),
        ([whether(1, 0.5)] * 20, 190, 0),
    ],
)
def test_answers_are_counted_until_nearly_all_faces_have_a_name(asked, named, answers):
    assert answers_left(asked, named) == answers


def test_how_much_is_enough_can_be_chosen():
    asked = [who(5), who(3), who(2)]
    assert [answers_left(asked, 0, enough) for enough in (0.0, 0.5, 0.51, 1.0)] == [0, 1, 2, 3]
