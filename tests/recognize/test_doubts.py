"""Slips of whoever named faces come first."""

import numpy as np
import pytest

from photoclust.recognize.calibration import Platt
from photoclust.recognize.doubts import find_doubts
from photoclust.recognize.faces import Decisions
from photoclust.recognize.open_set import OddsModel
from photoclust.recognize.recognizer import Recognizer
from photoclust.recognize.self_test import SelfTest

BEFORE = Platt(2.0, -5.0)
MODEL = OddsModel(0.2, 0.1, BEFORE)


@pytest.mark.parametrize("seed", range(4))
def test_planted_slips_come_first(seed, make_faces):
    faces, truth = make_faces(seed, [12] * 6 + [1] * 10)
    person = np.where(truth < 6, truth * 10, -1)
    rng = np.random.default_rng(seed)
    slips = rng.permutation(np.flatnonzero(truth < 6))[:3]
    person[slips] = (truth[slips] + 1) % 6 * 10
    stranger = rng.permutation(np.flatnonzero(truth >= 6))[:1]
    person[stranger] = 0
    found = Recognizer(faces, BEFORE).doubts(Decisions(person))
    planted = [*slips.tolist(), *stranger.tolist()]
    assert sorted(found.rows[:4].tolist()) == sorted(planted)
    assert (np.diff(found.doubt) <= 0).all()
    assert (found.doubt >= 0.5).all()
    for row, who, alike in zip(found.rows, found.other, found.other_likeness, strict=True):
        if row in slips:
            assert who == truth[row] * 10
            assert alike > 0.5


def test_doubt_weighs_the_person_against_others_and_strangers(as_candidates):
    others = as_candidates([[4], [4], [4], [], []], [[0.7], [0.1], [0.7], [], []])
    own = np.array([0.1, 0.8, np.nan, 0.1, 0.8], np.float32)
    tested = SelfTest(np.arange(5) * 3, own, others)
    found = find_doubts(tested, MODEL)
    assert found.rows.tolist() == [0, 9]
    odds = MODEL.log_odds(tested.own_scores()[[0, 3]])
    rival = MODEL.log_odds(others.scores()[0, 0])
    against = np.array([np.exp(rival) + 1, 1.0])
    naive = against / (np.exp(odds) + against)
    assert found.doubt == pytest.approx(naive)
    assert found.other.tolist() == [4, -1]
    assert found.likeness == pytest.approx([0.1, 0.1])


def test_without_confirmed_faces_there_are_no_doubts(make_faces):
    faces, truth = make_faces(0, [3, 2])
    found = Recognizer(faces, BEFORE).doubts(Decisions(np.full(len(truth), -1)))
    assert found.rows.tolist() == []
