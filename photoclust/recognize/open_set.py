"""How sure it is who a face is, where most faces may be those of strangers.

The odds that the best match of a face is right are the likelihood ratio of its score, by
`calibration`, times how many of the faces are of known people at all, which the scores of all of
them tell (expectation maximisation, Saerens et al. 2002).
"""

from collections.abc import Sequence
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
_GUESSES = 2
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
    `told_by` is how many tell of the two: of few they are uncertain themselves, and a wrong match
    may well stand far above them.
    """

    centre: float
    spread: float
    curve: Calibration
    told_by: float = np.inf

    def standing(self, scores: Scores) -> NDArray[np.float64]:
        """`scores` by the mean and the standard deviation of wrong matches, same shape.

        What is as rare among matches whose mean and deviation so few tell of (the predictive
        distribution is Student's) as a normal one at that place: Wallace's (1959) approximation.
        """
        standing: NDArray[np.float64] = (scores.astype(np.float64) - self.centre) / self.spread
        if np.isinf(self.told_by):
            return standing
        count = self.told_by
        wide = np.log1p(standing**2 / (1 + count))
        correction = (8 * count + 1) / (8 * count + 3)
        rare: NDArray[np.float64] = np.sign(standing) * correction * np.sqrt(count * wide)
        return rare

    def log_odds(self, scores: Scores) -> LogOdds:
        """ln(share of right matches / share of wrong ones) at `scores`, same shape."""
        return self.curve.log_odds(self.standing(scores))


@dataclass(frozen=True, slots=True)
class Witnesses:
    """How many speak independently of one another: the people of whom there are `wrong` matches,
    and the people, as far as can be told, that the `unknown` faces are of.

    The faces of one person are all alike to the same other. A hundred of them tell no more of how
    alike people are than one does.
    """

    wrong: int
    unknown: int


def fit_odds(
    right: Scores,
    wrong: Scores,
    unknown: Scores,
    people: int,
    before: Platt,
    *,
    witnesses: Witnesses | None = None,
) -> OddsModel:
    """The odds that right and wrong matches ([R], [W], scores) among so many `people` tell of,
    starting with the curve `before` of another album, where the best matches of faces of which
    nobody said who they are score `unknown` [U].

    Those of them that are strangers tell best how alike a stranger is to the best of just these
    people: few confirmed faces tell little of that. How many they are, is guessed first. Without
    `witnesses` every match is one.
    """
    witnesses = witnesses or Witnesses(len(wrong), len(unknown))
    # The maximum of so many normal variables, roughly.
    strangers, people = Strangers(), max(people, 1)
    centre = strangers.reached_by(1 / (people + 1))
    variance = (strangers.spread * (1 + LEAD)) ** 2 / (1 + np.log(people))
    # How many are strangers is a best guess, by what holds elsewhere first: look-alikes and slips
    # among the known say nothing of that. To be careful there would make strangers of the known.
    guess = OddsModel(centre, float(np.sqrt(variance)), before)
    counted = witnesses.wrong + _ASSUMED
    if len(wrong):
        known = witnesses.wrong / counted
        centre = known * float(np.mean(wrong)) + (1 - known) * centre
        variance = known * float(np.mean((wrong - centre) ** 2)) + (1 - known) * variance
    model = tested = OddsModel(centre, float(np.sqrt(variance)), before, counted)
    for _ in range(_GUESSES if len(unknown) else 0):
        log_odds = guess.log_odds(unknown)
        strange = float(np.sum(expit(-log_odds - logit(known_share(log_odds)))))
        middle, high = _of_lowest(unknown, strange, (0.5, float(ndtr(_HIGH))))
        more = strange / len(unknown) * witnesses.unknown
        told = more / (more + counted)
        both = told * ((high - middle) / _HIGH) ** 2 + (1 - told) * variance
        mean = told * middle + (1 - told) * centre
        model = OddsModel(mean, float(np.sqrt(both)), before, counted + more)
        guess = replace(model, told_by=np.inf)
    curve = fit(model.standing(right), tested.standing(wrong), before)
    return replace(model, curve=curve)


def _of_lowest(scores: Scores, count: float, shares: Sequence[float]) -> list[float]:
    """What such `shares` of the lowest `count` of `scores` [N] reach: nothing between two of them,
    so that the gap between strangers and known people stays one.
    """
    places = np.ceil(np.array(shares) * count).astype(np.int64) - 1
    reached: list[float] = np.sort(scores)[np.clip(places, 0, len(scores) - 1)].tolist()
    return reached


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
