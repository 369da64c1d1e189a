"""How sure a change of VAL is: a paired bootstrap over people (Efron and Tibshirani 1993).

Pairs that share a face depend on one another, people very nearly do not; so people are drawn, with
replacement, and old and new vectors are measured on the same draws. Somebody drawn m times brings
their own pairs m times, and those with somebody drawn n times m·n times; the threshold at a false
accept rate is found anew in every draw.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError
from photoclust.core.language import marked
from photoclust.core.progress import JobControl
from photoclust.training.pairs import Multiplicities, Pairs, find_pairs, pairs_of_two

FARS = (1e-3, 1e-4)
RESAMPLES = 1_000
STAGE = marked("Comparing the models")
_KEPT = 1 << 16
_KEPT_TIMES = 8
"""So many times the pairs that the highest FAR accepts are kept: a draw may lack the very people
whose pairs are the most alike.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """VAL of old and new vectors in R draws of people at F false accept rates.

    `before` and `after` [R, F]; `before_all` and `after_all` [F] with everybody once.
    """

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    before_all: NDArray[np.float64]
    after_all: NDArray[np.float64]


def resample(
    before: Vectors,
    after: Vectors,
    people: NDArray[np.int64],
    *,
    generator: np.random.Generator,
    resamples: int = RESAMPLES,
    fars: tuple[float, ...] = FARS,
    control: JobControl | None = None,
) -> Resampled:
    """VAL of the unit vectors `before` [N, d] and `after` [N, e] of the same faces of `people`
    [N], numbered 0 to P − 1 without a gap.

    `fars` are below 1. Raises InternalError where there are not two people, or none with two faces;
    CancelledError when cancelled.
    """
    sizes = _sizes(people)
    everybody = np.ones((1, len(sizes)), np.int64)
    drawn = np.concatenate([everybody, draws(sizes, resamples, generator)])
    control = control or JobControl()
    old, new = (_values(vectors, people, drawn, fars, control) for vectors in (before, after))
    return Resampled(old[1:], new[1:], old[0], new[0])


def val_of_all(
    vectors: Vectors,
    people: NDArray[np.int64],
    fars: tuple[float, ...] = FARS,
    control: JobControl | None = None,
) -> NDArray[np.float64]:
    """VAL at each of `fars` [F], everybody counting once; arguments and errors as of `resample`."""
    sizes = _sizes(people)
    everybody = np.ones((1, len(sizes)), np.int64)
    values: NDArray[np.float64] = _values(
        vectors, people, everybody, fars, control or JobControl()
    )[0]
    return values


def draws(
    sizes: NDArray[np.int64], resamples: int, generator: np.random.Generator
) -> Multiplicities:
    """How often each person is drawn, [R, P]: in all P people, with replacement.

    `sizes` [P]: how many faces each has. A draw of one person alone, or of people with one face
    each, has no VAL; it is made again.
    """
    people = len(sizes)
    chances = np.full(people, 1 / people)
    drawn = np.empty((resamples, people), np.int64)
    missing = np.arange(resamples)
    while len(missing):
        times = generator.multinomial(people, chances, len(missing))
        usable = ((times > 0).sum(axis=1) > 1) & (times[:, sizes > 1] > 0).any(axis=1)
        drawn[missing[usable]] = times[usable]
        missing = missing[~usable]
    return drawn


def weighted_val(
    pairs: Pairs, times: Multiplicities, fars: tuple[float, ...]
) -> NDArray[np.float64] | None:
    """VAL at each of `fars` [F] where each person is there `times` [P].

    The thresholds are those of `core.metrics.threshold_at_far` on the pairs repeated so often. None
    where `pairs` lacks pairs of two people that are needed to find one.
    """
    total = pairs.impostor_weight(times)
    allowed = np.array([int(np.floor(far * total)) for far in fars])
    stop = 2 * int(allowed.max()) + 64
    while True:
        one, other = pairs.people[:, :stop]
        accepted = np.cumsum(times[one] * times[other])
        if accepted[-1] > allowed.max():
            break
        if stop >= len(pairs.impostor):
            return None
        stop *= 2
    thresholds = pairs.impostor[np.searchsorted(accepted, allowed, side="right")]
    rejected = np.concatenate([[0], np.cumsum(times[pairs.person])])
    # A pair that is just as alike as the threshold is not accepted.
    below = np.searchsorted(pairs.genuine, thresholds, side="right")
    shares: NDArray[np.float64] = (rejected[-1] - rejected[below]) / rejected[-1]
    return shares


def _sizes(people: NDArray[np.int64]) -> NDArray[np.int64]:
    sizes = np.bincount(people).astype(np.int64)
    if len(sizes) < 2 or sizes.max() < 2:
        raise InternalError("VAL needs two people, and one of them with two faces")
    return sizes


def _values(
    vectors: Vectors,
    people: NDArray[np.int64],
    drawn: Multiplicities,
    fars: tuple[float, ...],
    control: JobControl,
) -> NDArray[np.float64]:
    """VAL in each of the draws `drawn` [R, P], [R, F]."""
    kept = max(_KEPT, int(_KEPT_TIMES * max(fars) * pairs_of_two(np.bincount(people))))
    pairs = find_pairs(vectors, people, kept, control)
    values = np.empty((len(drawn), len(fars)))
    for row, times in enumerate(drawn):
        control.checkpoint()
        control.report(STAGE, row + 1, len(drawn))
        found = weighted_val(pairs, times, fars)
        while found is None:
            kept *= 4
            pairs = find_pairs(vectors, people, kept, control)
            found = weighted_val(pairs, times, fars)
        values[row] = found
    return values
