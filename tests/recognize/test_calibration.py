"""Curves from scores to log-odds, against lines one knows and likelihoods written out."""

import numpy as np
import pytest
from scipy.stats import norm

from photoclust.recognize.calibration import (
    ENOUGH,
    ISOTONIC_FROM,
    Isotonic,
    Platt,
    fit,
    fit_isotonic,
    fit_platt,
)

BEFORE = Platt(20.0, -9.0)


def chance(line, scores):
    """Probability of right at `scores`, right and wrong being equally likely beforehand."""
    return 1 / (1 + np.exp(-(line.slope * scores + line.offset)))


def normal_pairs(seed, right, wrong, means=(0.65, 0.15), spread=0.15):
    """Scores of two normal distributions, and the line that is their log-likelihood ratio."""
    rng = np.random.default_rng(seed)
    high, low = means
    slope = (high - low) / spread**2
    line = Platt(slope, -slope * (high + low) / 2)
    return rng.normal(high, spread, right), rng.normal(low, spread, wrong), line


def naive_loss(line, right, wrong, before=None, right_weights=None, wrong_weights=None):
    """Minus the logarithm of the posterior of `line`, pair by pair."""
    total = len(right) + len(wrong)
    doubt_right = 1 / (len(right) + 2) if before is None else 0.0
    doubt_wrong = 1 / (len(wrong) + 2) if before is None else 0.0
    loss = 0.0
    for scores, weights, is_right, doubt in (
        (right, right_weights, True, doubt_right),
        (wrong, wrong_weights, False, doubt_wrong),
    ):
        counted = np.ones(len(scores)) if weights is None else weights
        for score, weight in zip(scores, counted, strict=True):
            p = chance(line, score)
            as_told, otherwise = (p, 1 - p) if is_right else (1 - p, p)
            likelihood = (1 - doubt) * np.log(as_told) + (doubt * np.log(otherwise) if doubt else 0)
            loss -= total / 2 * weight / sum(counted) * likelihood
    if before is not None:
        loss += ((line.slope - before.slope) / 0.5) ** 2 / 2
        loss += ((line.offset - before.offset) / 1.0) ** 2 / 2
    return loss


# The straight line


@pytest.mark.parametrize(("right", "wrong"), [(20_000, 20_000), (2_000, 100_000)])
def test_the_line_that_scores_were_drawn_from_is_recovered(right, wrong):
    """However many more wrong pairs there are: it is a ratio of likelihoods."""
    right_scores, wrong_scores, line = normal_pairs(1, right, wrong)
    fitted = fit_platt(right_scores, wrong_scores)
    assert fitted.slope == pytest.approx(line.slope, rel=0.05)
    assert -fitted.offset / fitted.slope == pytest.approx(0.4, abs=0.01)


@pytest.mark.parametrize("before", [None, BEFORE])
def test_no_line_beside_the_fitted_one_is_likelier(before):
    right, wrong, _ = normal_pairs(2, 60, 90)
    fitted = fit_platt(right, wrong, before)
    least = naive_loss(fitted, right, wrong, before)
    for slope, offset in [(0.2, 0), (-0.2, 0), (0, 0.1), (0, -0.1), (0.2, -0.1), (-0.2, 0.1)]:
        beside = Platt(fitted.slope + slope, fitted.offset + offset)
        assert naive_loss(beside, right, wrong, before) > least


def test_no_line_beside_the_fitted_one_is_likelier_with_weights():
    right, wrong, _ = normal_pairs(3, 40, 50)
    rng = np.random.default_rng(4)
    weights = {"right_weights": rng.uniform(0.1, 5, 40), "wrong_weights": rng.uniform(0.1, 5, 50)}
    fitted = fit_platt(right, wrong, **weights)
    least = naive_loss(fitted, right, wrong, **weights)
    for slope, offset in [(0.2, 0), (-0.2, 0), (0, 0.1), (0, -0.1)]:
        beside = Platt(fitted.slope + slope, fitted.offset + offset)
        assert naive_loss(beside, right, wrong, **weights) > least


def test_a_pair_of_twice_the_weight_is_two_pairs():
    right, wrong, _ = normal_pairs(5, 100, 100)
    weights = np.repeat([2.0, 1.0], [30, 70])
    weighted = fit_platt(right, wrong, BEFORE, right_weights=weights, wrong_weights=weights)
    twice = fit_platt(np.r_[right, right[:30]], np.r_[wrong, wrong[:30]], BEFORE)
    once = fit_platt(right, wrong, BEFORE)
    # 200 pairs beside `before` weigh a little less than 260.
    assert weighted.slope == pytest.approx(twice.slope, abs=0.3)
    assert abs(weighted.slope - twice.slope) < abs(once.slope - twice.slope)


def test_weights_count_within_their_kind_only():
    right, wrong, _ = normal_pairs(6, 50, 80)
    equal = fit_platt(right, wrong, right_weights=np.full(50, 7.0), wrong_weights=np.full(80, 0.1))
    plain = fit_platt(right, wrong)
    assert (equal.slope, equal.offset) == pytest.approx((plain.slope, plain.offset), rel=1e-3)


def test_duplicates_change_nothing_but_how_sure_one_is():
    right, wrong, _ = normal_pairs(7, 200, 200)
    once = fit_platt(right, wrong)
    thrice = fit_platt(np.tile(right, 3), np.tile(wrong, 3))
    assert once.slope < thrice.slope
    assert -thrice.offset / thrice.slope == pytest.approx(-once.offset / once.slope, abs=0.005)
    curves = [fit_isotonic(np.tile(right, n), np.tile(wrong, n)) for n in (1, 3)]
    scores = np.linspace(0.3, 0.5, 20)
    np.testing.assert_allclose(*(curve.log_odds(scores) for curve in curves), atol=0.3)


@pytest.mark.parametrize("before", [None, BEFORE])
@pytest.mark.parametrize("count", [1, 30, 3_000])
def test_pairs_that_a_score_parts_make_no_cliff(before, count):
    right, wrong = np.linspace(0.6, 0.9, count), np.linspace(-0.2, 0.3, count)
    fitted = fit_platt(right, wrong, before)
    assert np.isfinite([fitted.slope, fitted.offset]).all()
    assert 0 < fitted.slope < 200
    assert wrong.max() < -fitted.offset / fitted.slope < right.min()


def test_equal_scores_say_nothing():
    flat = fit_platt(np.full(50, 0.4), np.full(50, 0.4))
    assert flat.log_odds(np.array([0.4])) == pytest.approx([0], abs=1e-3)


def test_the_order_of_the_pairs_does_not_matter():
    right, wrong, _ = normal_pairs(8, 300, 400)
    rng = np.random.default_rng(9)
    mixed = rng.permutation(right), rng.permutation(wrong)
    one, other = fit_platt(right, wrong), fit_platt(*mixed)
    assert (one.slope, one.offset) == pytest.approx((other.slope, other.offset), rel=1e-3)
    scores = np.linspace(-1, 1, 50)
    np.testing.assert_allclose(
        fit_isotonic(right, wrong).log_odds(scores), fit_isotonic(*mixed).log_odds(scores)
    )


@pytest.mark.parametrize("fitter", [fit_platt, fit_isotonic])
def test_a_curve_needs_pairs_of_both_kinds(fitter):
    some, none = np.array([0.5]), np.array([])
    for right, wrong in ((some, none), (none, some), (none, none)):
        with pytest.raises(ValueError, match="both right and wrong"):
            fitter(right, wrong)


# Which curve


@pytest.mark.parametrize(("right", "wrong"), [(0, 0), (0, 5_000), (ENOUGH - 1, 5_000), (5_000, 3)])
def test_too_few_of_either_leave_the_line_from_before(right, wrong):
    right_scores, wrong_scores, _ = normal_pairs(10, right, wrong)
    assert fit(right_scores, wrong_scores, BEFORE) is BEFORE


def test_few_pairs_leave_the_line_near_the_one_before_and_many_do_not():
    _, _, line = normal_pairs(11, 1, 1)
    before = Platt(line.slope + 5, line.offset + 1)
    scores = np.linspace(0.2, 0.6, 20)

    def distance(one, other):
        return np.mean(np.abs(one.log_odds(scores) - other.log_odds(scores)))

    def fitted(count):
        # The quantiles, not a sample, so that chance has no part in it.
        evenly = 0.15 * norm.ppf((np.arange(count) + 0.5) / count)
        return fit(0.65 + evenly, 0.15 + evenly, before)

    lines = [fitted(count) for count in (ENOUGH, 50, 100, 200, ISOTONIC_FROM // 2 - 1)]
    away = [distance(each, before) for each in lines]
    assert away == sorted(away)
    assert away[0] < 0.7 * distance(line, before)
    assert distance(lines[-1], line) < distance(line, before) / 5


def test_a_line_that_fits_stays():
    right, wrong, line = normal_pairs(12, 400, 400)
    fitted = fit(right, wrong, line)
    assert fitted.slope == pytest.approx(line.slope, abs=2.5)
    assert fitted.offset == pytest.approx(line.offset, abs=0.7)


def test_from_many_pairs_on_the_curve_is_isotonic():
    right, wrong, _ = normal_pairs(13, 50, ISOTONIC_FROM - 50)
    assert isinstance(fit(right, wrong, BEFORE), Isotonic)
    assert isinstance(fit(right, wrong[:-1], BEFORE), Platt)


# The rising curve


def test_the_rising_curve_follows_the_line_the_scores_were_drawn_from():
    right, wrong, line = normal_pairs(14, 20_000, 20_000)
    curve = fit_isotonic(right, wrong)
    scores = np.linspace(0.25, 0.55, 31)
    np.testing.assert_allclose(curve.log_odds(scores), line.log_odds(scores), atol=0.5)


@pytest.mark.parametrize("seed", range(5))
def test_the_curve_never_falls_and_is_finite_everywhere(seed):
    right, wrong, _ = normal_pairs(seed, 400, 900, means=(0.5, 0.3))
    right, wrong = (scores.astype(np.float32) for scores in (right, wrong))
    curve = fit_isotonic(right, wrong)
    scores = np.linspace(-50, 50, 20_001)
    odds = curve.log_odds(scores)
    assert np.isfinite(odds).all()
    assert (np.diff(odds) >= 0).all()
    assert (np.diff(curve.at) > 0).all()
    assert odds[0] == curve.log_odds(np.array([curve.at[0]]))
    assert odds[-1] == curve.log_odds(np.array([curve.at[-1]]))


def test_where_one_kind_is_alone_the_curve_goes_on_as_the_line():
    right, wrong = np.linspace(0.6, 0.9, 100), np.linspace(-0.2, 0.3, 900)
    curve, line = fit_isotonic(right, wrong), fit_platt(right, wrong)
    ends = np.array([-0.2, 0.9])
    np.testing.assert_allclose(curve.log_odds(ends), line.log_odds(ends))
    assert curve.log_odds(np.array([-1.0, 1.0])).tolist() == curve.log_odds(ends).tolist()


def test_a_curve_by_hand():
    """No right one of 1, then 1 of 3, then 3 of 4; four of either kind in all."""
    right, wrong = np.array([0.1, 0.6, 0.7, 0.8]), np.array([0.0, 0.2, 0.3, 0.9])
    curve, line = fit_isotonic(right, wrong), fit_platt(right, wrong)
    low, high = line.log_odds(np.array([0.0, 0.9]))
    np.testing.assert_allclose(curve.at, [0, 0.2, 0.75, 0.9])
    inner = np.log([1 / 2, 3])
    np.testing.assert_allclose(curve.log_odds_at, [min(low, inner[0]), *inner, max(high, inner[1])])
    between = np.array([0.475])
    assert curve.log_odds(between) == pytest.approx(inner.mean())


def test_ties_have_one_level_whatever_comes_first():
    right, wrong = np.array([0.5, 0.9, 0.5]), np.array([0.5, 0.1, 0.5])
    curve, line = fit_isotonic(right, wrong), fit_platt(right, wrong)
    low, high = line.log_odds(np.array([0.1, 0.9]))
    np.testing.assert_allclose(curve.at, [0.1, 0.5, 0.9])
    np.testing.assert_allclose(curve.log_odds_at, [low, 0, high], atol=1e-12)


def test_equal_scores_are_one_level():
    curve = fit_isotonic(np.full(30, 0.4), np.full(60, 0.4))
    np.testing.assert_allclose(curve.log_odds(np.array([-1, 0.4, 1])), 0, atol=1e-9)


def test_scores_against_the_grain_are_one_level():
    curve = fit_isotonic(np.linspace(0, 0.4, 50), np.linspace(0.5, 0.9, 50))
    np.testing.assert_allclose(curve.log_odds(np.array([0.0, 0.45, 0.9])), 0, atol=1e-9)


@pytest.mark.parametrize("curve", [BEFORE, Isotonic(np.array([0.0, 1.0]), np.array([-2.0, 2.0]))])
def test_log_odds_have_the_shape_of_the_scores(curve):
    for shape in ((0,), (3,), (2, 3)):
        odds = curve.log_odds(np.full(shape, 0.5, np.float32))
        assert odds.shape == shape
        assert odds.dtype == np.float64
