"""From scores to odds: how much more often a right match reaches a score than a wrong one does.

Both curves are fitted to labelled pairs with equal weight for right and wrong ones, so they give
likelihood ratios; how many right ones are to be expected comes in where they are used (the
likelihood-ratio calibration of Brümmer and du Preez 2006). Scores are finite; fitting raises
ValueError where there are no right ones, or no wrong ones.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Scores = NDArray[np.float32] | NDArray[np.float64]
LogOdds = NDArray[np.float64]
Weights = NDArray[np.float64]

ISOTONIC_FROM = 1_000
"""With so many labelled pairs and more the curve is isotonic: it tends to overfit fewer
(Niculescu-Mizil and Caruana 2005).
"""
ENOUGH = 20
"""With fewer right or wrong pairs than this the curve stays as it was before."""
_SLOPE_SPREAD = 0.5
_OFFSET_SPREAD = 1.0
"""How far the two numbers of one album typically lie from those of another."""


class Calibration(Protocol):
    """What turns scores into log-likelihood ratios."""

    def log_odds(self, scores: Scores) -> LogOdds:
        """ln(share of right pairs / share of wrong pairs) at `scores`, same shape."""
        ...  # pragma: no cover - a protocol


@dataclass(frozen=True, slots=True)
class Platt:
    """A straight line: log-odds of `slope` · score + `offset` (Platt 1999)."""

    slope: float
    offset: float

    def log_odds(self, scores: Scores) -> LogOdds:
        """The line at `scores`, same shape."""
        line: LogOdds = self.slope * scores.astype(np.float64) + self.offset
        return line


@dataclass(frozen=True, slots=True, eq=False)
class Isotonic:
    """A curve that never falls, through `log_odds_at` [K] at the ascending scores `at` [K];
    between them straight, beyond them level (Zadrozny and Elkan 2002).
    """

    at: NDArray[np.float64]
    log_odds_at: LogOdds

    def log_odds(self, scores: Scores) -> LogOdds:
        """The curve at `scores`, same shape."""
        curve: LogOdds = np.interp(scores, self.at, self.log_odds_at)
        return curve


def fit(right: Scores, wrong: Scores, before: Platt) -> Calibration:
    """The curve of pairs with the scores `right` [R] and `wrong` [W], starting from the line
    `before` of another album.

    Below ENOUGH of either it is that line. Below ISOTONIC_FROM in all it is the line that these
    pairs make likeliest, given how far the lines of albums lie apart: the fewer pairs, the nearer
    to `before`.
    """
    if min(len(right), len(wrong)) < ENOUGH:
        return before
    if len(right) + len(wrong) >= ISOTONIC_FROM:
        return fit_isotonic(right, wrong, before)
    return fit_platt(right, wrong, before)


def fit_platt(
    right: Scores,
    wrong: Scores,
    before: Platt | None = None,
    *,
    right_weights: Weights | None = None,
    wrong_weights: Weights | None = None,
) -> Platt:
    """The line that the pairs make likeliest, alone or with what is known `before`.

    `right_weights` [R] and `wrong_weights` [W] say how much each counts among its kind, all the
    same where they are None; either kind counts as much as the other.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - .2 s that no start need wait for

    scores, is_right, weights = _balanced(right, wrong, right_weights, wrong_weights)
    spreads = np.array([_SLOPE_SPREAD, _OFFSET_SPREAD])
    start = np.array([3.0, -5.0] if before is None else [before.slope, before.offset])
    wanted = is_right
    if before is None:
        # As Platt did: without a doubt left, pairs that a score parts would make it a cliff.
        wanted = np.where(is_right, 1 - 1 / (len(right) + 2), 1 / (len(wrong) + 2))

    def loss(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = line[0] * scores + line[1]
        value = np.sum(weights * (np.logaddexp(0, logits) - wanted * logits))
        error = weights * (expit(logits) - wanted)
        gradient = np.array([np.sum(error * scores), np.sum(error)])
        if before is not None:
            away = (line - start) / spreads
            value, gradient = value + np.sum(away**2) / 2, gradient + away / spreads
        return float(value), gradient

    slope, offset = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return Platt(float(slope), float(offset))


def fit_isotonic(right: Scores, wrong: Scores, before: Platt | None = None) -> Isotonic:
    """The rising curve that the pairs make likeliest.

    Below the first right and above the last wrong pair it would be infinite; there it goes on as
    their line (`fit_platt`) does.
    """
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 - as in fit_platt

    scores, is_right, weights = _balanced(right, wrong)
    order = np.argsort(scores, kind="stable")
    scores = scores[order]
    found = isotonic_regression(is_right[order], weights=weights[order])
    # In the middle of its block a level is right; steps would make equals of unequal scores.
    middles = [float(np.mean(scores[start:end])) for start, end in pairwise(found.blocks)]
    levels = found.x[found.blocks[:-1]]
    mixed = (levels > 0) & (levels < 1)
    inner = np.log(levels[mixed] / (1 - levels[mixed]))
    ends = np.array([scores[0], scores[-1]])
    low, high = fit_platt(right, wrong, before).log_odds(ends)
    # The line must not make the curve fall.
    outer = np.minimum(low, inner.min(initial=np.inf)), np.maximum(high, inner.max(initial=-np.inf))
    # A mean may lie beyond equal scores by a rounding; where a level is at an end, it holds.
    at = np.concatenate([np.clip(np.array(middles)[mixed], *ends), ends])
    at, places = np.unique(at, return_index=True)
    return Isotonic(at, np.concatenate([inner, outer])[places])


def _balanced(
    right: Scores,
    wrong: Scores,
    right_weights: Weights | None = None,
    wrong_weights: Weights | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Scores, 1 for right and 0 for wrong ones, and weights: half of all for either kind."""
    if not len(right) or not len(wrong):
        raise ValueError("a curve needs both right and wrong pairs")
    scores = np.concatenate([right, wrong]).astype(np.float64)
    is_right = np.concatenate([np.ones(len(right)), np.zeros(len(wrong))])
    kinds = (
        np.ones(len(right)) if right_weights is None else right_weights,
        np.ones(len(wrong)) if wrong_weights is None else wrong_weights,
    )
    half = len(scores) / 2
    weights = np.concatenate([half * kind / kind.sum() for kind in kinds])
    return scores, is_right, weights
