"""Odds, the share of known people and automatic names, on scores one knows the source of."""

import numpy as np
import pytest
from scipy.stats import norm, t

from photoclust.recognize.calibration import Platt
from photoclust.recognize.open_set import Witnesses, fit_odds, known_share, most_at

BEFORE = Platt(2.0, -5.0)
NONE = np.empty(0, np.float32)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_the_share_of_known_people_is_found(share):
    rng = np.random.default_rng(1)
    known = rng.random(20_000) < share
    scores = rng.normal(np.where(known, 3.0, 0.0), 1.0)
    assert known_share(3 * scores - 4.5) == pytest.approx(known.mean(), abs=0.01)


def test_few_faces_say_little_about_the_share():
    assert known_share(np.empty(0)) == 0.5
    assert known_share(np.array([-np.inf])) == pytest.approx(1 / 3, abs=1e-4)
    assert known_share(np.array([50.0])) == pytest.approx(2 / 3, abs=1e-4)
    assert known_share(np.full(1000, -np.inf)) < 0.01


@pytest.mark.parametrize("people", [0, 1, 2, 100, 10_000])
def test_without_pairs_what_is_known_of_others_holds(people):
    model = fit_odds(NONE, NONE, NONE, people, BEFORE)
    assert model.curve is BEFORE
    assert np.isfinite(model.log_odds(np.array([-1.0, 0.5, 1.5]))).all()
    assert model.spread > 0
    at = model.centre + 3 * model.spread
    as_rare = norm.isf(t.sf(3 / np.sqrt(1 + 1 / model.told_by), model.told_by))
    assert as_rare < 2.5  # what is known of others is as uncertain as ten matches
    assert model.log_odds(np.array([at])) == pytest.approx([2 * as_rare - 5], abs=0.05)


def test_a_hundred_faces_of_one_person_tell_no_more_than_one_does():
    rng = np.random.default_rng(7)
    wrong = rng.normal(0.1, 0.01, 100).astype(np.float32)
    every, one, none = (
        fit_odds(NONE, wrong, NONE, 9, BEFORE, witnesses=Witnesses(count, 0))
        for count in (100, 1, 0)
    )
    known = fit_odds(NONE, NONE, NONE, 9, BEFORE)
    assert (none.centre, none.spread) == (known.centre, known.spread)
    assert every.centre < one.centre < none.centre
    assert every.spread < one.spread
    at = np.array([0.6])
    assert every.log_odds(at) > one.log_odds(at) + 5


def test_a_large_group_of_strangers_is_one_witness():
    rng = np.random.default_rng(8)
    unknown = rng.normal(0.2, 0.01, 200).astype(np.float32)
    many, few = (
        fit_odds(NONE, NONE, unknown, 9, BEFORE, witnesses=Witnesses(0, n)) for n in (200, 2)
    )
    assert many.spread < few.spread
    assert many.told_by > few.told_by
    at = np.array([0.5])
    assert many.log_odds(at) > few.log_odds(at) + 3


def test_the_gap_between_strangers_and_known_people_stays_a_gap():
    unknown = np.array([0.08] * 5 + [1.1] * 24, np.float32)
    model = fit_odds(np.full(30, 1.1), np.full(36, 0.1), unknown, 12, BEFORE)
    assert model.centre == pytest.approx(0.1, abs=0.06)
    assert model.spread < 0.1


def test_the_more_people_the_more_alike_is_the_best_of_them():
    centres = [fit_odds(NONE, NONE, NONE, people, BEFORE).centre for people in (1, 10, 100, 1000)]
    assert centres == sorted(centres)
    assert centres[0] == pytest.approx(0.06)


def test_many_wrong_matches_say_themselves_where_they_are():
    rng = np.random.default_rng(2)
    wrong = rng.normal(0.4, 0.05, 5000).astype(np.float32)
    model = fit_odds(NONE, wrong, NONE, 30, BEFORE)
    assert model.centre == pytest.approx(0.4, abs=0.005)
    assert model.spread == pytest.approx(0.05, abs=0.005)
    assert model.standing(np.array([0.5], np.float32)) == pytest.approx([2.0], abs=0.2)


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_strangers_tell_where_wrong_matches_are_better_than_few_known_faces(share):
    rng = np.random.default_rng(4)
    known = rng.random(5000) < share
    unknown = rng.normal(np.where(known, 1.1, 0.3), np.where(known, 0.12, 0.08)).astype(np.float32)
    tested = rng.normal(0.15, 0.04, 6).astype(np.float32)  # of two people who are unlike
    right = rng.normal(1.0, 0.1, 6).astype(np.float32)
    alone = fit_odds(right, tested, NONE, 2, BEFORE)
    model = fit_odds(right, tested, unknown, 2, BEFORE)
    assert abs(model.centre - 0.3) < 0.01 < abs(alone.centre - 0.3)
    assert model.spread == pytest.approx(0.08, abs=0.015)


def test_right_matches_alone_are_not_taken_for_strangers():
    rng = np.random.default_rng(5)
    right, wrong = rng.normal(1.0, 0.1, 200), rng.normal(0.3, 0.08, 200)
    unknown = rng.normal(1.0, 0.1, 5000)
    model = fit_odds(right, wrong, unknown, 50, BEFORE)
    assert model.centre == pytest.approx(0.3, abs=0.08)


def test_odds_of_fitted_matches_are_those_they_were_drawn_with():
    rng = np.random.default_rng(3)
    right, wrong = rng.normal(0.7, 0.1, 4000), rng.normal(0.4, 0.1, 4000)
    model = fit_odds(right, wrong, NONE, 30, BEFORE)
    at = np.array([0.45, 0.55, 0.65])
    np.testing.assert_allclose(model.log_odds(at), (at - 0.55) * 30, atol=0.5)


@pytest.mark.parametrize("seed", range(8))
def test_the_most_matches_are_taken_that_keep_the_expected_precision(seed):
    rng = np.random.default_rng(seed)
    probabilities = rng.beta(2, 1, 40).round(2)
    for precision, least in [(0.9, 0.0), (0.8, 0.7), (0.99, 0.5), (1.0, 0.5)]:
        taken = most_at(probabilities, precision, least)
        most = 0
        for count in range(1, 41):
            best = sorted(probabilities, reverse=True)[:count]
            if np.mean(best) >= precision and best[-1] >= least:
                most = count
        assert taken.sum() == most
        if most:
            assert probabilities[taken].min() >= probabilities[~taken].max(initial=0)
            assert probabilities[taken].mean() >= precision


def test_of_no_matches_none_is_taken():
    assert most_at(np.empty(0), 0.9, 0.5).tolist() == []
    assert most_at(np.zeros(3), 0.9, 0.5).tolist() == [False] * 3
