"""People who are known twice, found by the matches of their faces with each other."""

import numpy as np
import pytest

from photoclust.recognize.calibration import Platt
from photoclust.recognize.candidates import KEPT
from photoclust.recognize.faces import Decisions
from photoclust.recognize.open_set import OddsModel
from photoclust.recognize.recognizer import Recognizer
from photoclust.recognize.self_test import SelfTest
from photoclust.recognize.twins import find_twins, of_matches

MODEL = OddsModel(0.3, 0.1, Platt(3.0, -8.0))
NOBODY_APART = np.empty((0, 2), np.int64)
ANNA, ANNE, BERT = 7, 3, 5


@pytest.fixture
def tested(as_candidates):
    """Two faces each of Anna, who is known as Anne as well, and of Bert, who is like nobody."""

    def make(own=(0.9, 0.9, 0.9, 0.9, 0.9, 0.9), alike=0.88):
        people = [[ANNE, BERT]] * 2 + [[ANNA, BERT]] * 2 + [[ANNA, ANNE]] * 2
        likeness = [[alike, 0.2]] * 4 + [[0.25, 0.2]] * 2
        others = as_candidates(people, likeness)
        return SelfTest(np.arange(6), np.array(own, np.float32), others)

    return make


PERSON = np.array([ANNA, ANNA, ANNE, ANNE, BERT, BERT])


def test_two_whose_faces_are_as_alike_as_their_own_may_be_one(tested):
    assert find_twins(tested(), PERSON, MODEL, NOBODY_APART).tolist() == [[ANNE, ANNA]]


def test_a_single_face_each_is_enough_where_it_is_very_alike(tested):
    own = np.full(6, np.nan)
    assert find_twins(tested(own), PERSON, MODEL, NOBODY_APART).tolist() == [[ANNE, ANNA]]
    assert find_twins(tested(own, 0.5), PERSON, MODEL, NOBODY_APART).tolist() == []


def test_who_is_more_like_themselves_is_only_a_relative(tested):
    assert find_twins(tested(alike=0.7), PERSON, MODEL, NOBODY_APART).tolist() == []


def test_two_of_whom_a_user_said_that_they_are_two_are_two(tested):
    assert find_twins(tested(), PERSON, MODEL, np.array([[ANNE, ANNA]])).tolist() == []


def test_only_matches_between_the_two_tell_nothing(tested):
    barred = of_matches(tested(), PERSON, np.array([[ANNE, ANNA]]))
    assert barred.shape == (6, KEPT)
    assert barred[:4, :2].tolist() == [[True, False]] * 4
    assert not barred[4:].any()
    assert (tested().without(barred).wrong() < 0.4).all()


@pytest.mark.parametrize("seed", range(3))
def test_who_is_known_twice_costs_nobody_else_a_name(seed, make_faces):
    faces, truth = make_faces(seed, [16] * 10 + [3] * 10, spread=0.45)
    rng = np.random.default_rng(seed)
    person = np.full(len(truth), -1)
    for who in range(8):
        person[rng.permutation(np.flatnonzero(truth == who))[:4]] = who
    once, twice = person.copy(), person
    of_first = np.flatnonzero(person == 0)
    twice[of_first[2:]] = 100
    before = Recognizer(faces, Platt(3.162, -7.91)).recognize(Decisions(once), 0.995)
    after = Recognizer(faces, Platt(3.162, -7.91)).recognize(Decisions(twice), 0.995)
    assert before.twins.tolist() == []
    assert after.twins.tolist() == [[0, 100]]
    others = np.isin(truth[before.rows], range(1, 8))
    assert before.named[others].sum() > 20
    assert after.named[others].sum() >= before.named[others].sum() - 2
