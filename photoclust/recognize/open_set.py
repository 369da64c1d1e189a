"""How sure it is who a face is, where most faces may be those of strangers.

The odds that the best match of a face is right are the likelihood ratio of its score, by
`calibration`, times how many of the faces are of known people at all, which the scores of all of
them tell (expectation maximisation, Saerens et al. 2002).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from photoclust.cluster.strangers import Strangers
from photoclust.recognize.calibration import Calibration, LogOdds, Platt, Scores, fit
from photoclust.recognize.candidates import LEAD

Probabilities = NDArray[np.float64]

_ASSUMED = 10
"""What is known of other libraries counts like so many wrong matches."""
_ROUNDS = 100
_HALVES = 2.0
"""Before any face is seen, half of them are of known people; that counts like so many faces."""
_HIGH = 1.5
"""Hardly any right match is among the wrong ones up to so many standard deviations above their
mean, and those above these are what matters.
"""
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class OddsModel:
    """From scores to the log-odds of right matches over wrong ones.

    Scores are taken as `standing`, by how many times their `spread` they are above the mean of
    wrong matches, `centre`: the more people there are, the more alike the best of them is to a
    stranger, and the less it matters who exactly they are. So what one album tells holds in others.
    """

    centre: float
    spread: float
    curve: Calibration

    def standing(self, scores: Scores) -> NDArray[np.float64]:
        """`scores` by the mean and the standard deviation of wrong matches, same shape."""
        standing: NDArray[np.float64] = (scores.astype(np.float64) - self.centre) / self.spread
        return standing

    def log_odds(self, scores: Scores) -> LogOdds:
        """ln(share of right matches / share of wrong ones) at `scores`, same shape."""
        return self.curve.log_odds(self.standing(scores))


def fit_odds(
    right: Scores, wrong: Scores, unknown: Scores, people: int, before: Platt
) -> OddsModel:
    """The odds that right and wrong matches ([R], [W], scores) among so many `people` tell of,
    starting with the curve `before` of another album, where the best matches of faces of which
    nobody said who they are score `unknown` [U].

    Those of them that are strangers tell best how alike a stranger is to the best of just these
    people: few confirmed faces tell little of that. How many they are, is guessed first.
    """
    # The maximum of so many normal variables, roughly.
    strangers, people = Strangers(), max(people, 1)
    centre = strangers.reached_by(1 / (people + 1))
    variance = (strangers.spread * (1 + LEAD)) ** 2 / (1 + np.log(people))
    counted = len(wrong) + _ASSUMED
    centre = (float(np.sum(wrong)) + _ASSUMED * centre) / counted
    variance = (float(np.sum((wrong - centre) ** 2)) + _ASSUMED * variance) / counted
    model = tested = OddsModel(centre, float(np.sqrt(variance)), before)
    # Without a right match to fit the curve to, its share is too uncertain to go on from.
    steps = min(len(right), 1) + 1 if len(unknown) else 0
    for _ in range(steps):
        strange = 1 - known_share(model.log_odds(unknown))
        middle, high = np.quantile(unknown, [strange * 0.5, strange * float(ndtr(_HIGH))])
        told = strange * len(unknown) / (strange * len(unknown) + counted)
        both = told * ((high - middle) / _HIGH) ** 2 + (1 - told) * variance
        model = OddsModel(float(told * middle + (1 - told) * centre), float(np.sqrt(both)), before)
    curve = fit(model.standing(right), tested.standing(wrong), before)
    return replace(model, curve=curve)


def known_share(log_odds: LogOdds) -> float:
    """The share of faces, by the `log_odds` [N] of their best matches, that are of known people."""
    share = 0.5
    for _ in range(_ROUNDS):
        found = float(np.sum(expit(log_odds + logit(share))))
        new = (found + _HALVES / 2) / (len(log_odds) + _HALVES)
        if abs(new - share) < _CLOSE:
            break
        share = new
    return share


def most_at(probabilities: Probabilities, precision: float, least: float) -> NDArray[np.bool_]:
    """Which of the matches with `probabilities` [N] can be taken so that, as expected, a share of
    `precision` of them is right; none that is less sure than `least`.
    """
    order = np.argsort(-probabilities, kind="stable")
    expected = np.cumsum(probabilities[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero((expected >= precision) & (probabilities[order] >= least))
    taken = np.zeros(len(order), np.bool_)
    if len(good):
        taken[order[: good[-1] + 1]] = True
    return taken
