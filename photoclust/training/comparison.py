"""An old and a new embedding of the same faces: what changed, and how sure that is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError
from photoclust.core.progress import JobControl
from photoclust.training.bootstrap import FARS, RESAMPLES, Resampled, resample
from photoclust.training.measures import (
    Figures,
    Labels,
    far_name,
    figures,
    measurable,
    require_unit,
)

_TAILS = (2.5, 97.5)
"""Percentiles of the resamples that a 95 % interval reaches from and to."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and between what it lies with 95 % confidence (percentile bootstrap)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Change:
    """VAL at one `far` before and after, and by how much it changed; `mean` is that change on
    average over the resamples.
    """

    far: float
    before: Interval
    after: Interval
    change: Interval
    mean: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Old and new vectors of the same faces.

    `changes`: of VAL at each of FARS. `gain`: in which share of the resamples the new ones are
    better, that is, have a higher VAL at the first of FARS. Where it is the same to the last pair,
    as it is once all pairs are accepted, the next, stricter one decides; what is the same at all is
    no gain. `people`: with two faces or more.
    """

    before: Figures
    after: Figures
    changes: tuple[Change, ...]
    gain: float
    people: int

    def as_json(self) -> dict[str, object]:
        """For a file."""
        return {
            "before": self.before.as_json(),
            "after": self.after.as_json(),
            "intervals": {
                far_name(each.far): {
                    "before": [each.before.low, each.before.high],
                    "after": [each.after.low, each.after.high],
                    "change": [each.change.low, each.change.high],
                    "mean_change": each.mean,
                }
                for each in self.changes
            },
            "gain_probability": self.gain,
        }


def compare(
    before: Vectors,
    after: Vectors,
    labels: Labels,
    *,
    what: str,
    generator: np.random.Generator,
    resamples: int = RESAMPLES,
    grouping: bool = True,
    control: JobControl | None = None,
) -> Comparison:
    """Compare unit vectors `before` [N, d] and `after` [N, e] of the same faces of `labels` [N].

    `what` names the set in errors. Faces labelled -1 say nothing. Raises UserError for vectors
    that are not finite, fewer than two people or nobody with two faces; CancelledError when
    cancelled.
    """
    if not len(before) == len(after) == len(labels):
        raise InternalError(f"{len(before)}, {len(after)} vectors, {len(labels)} labels: not one")
    known = measurable(labels, what)
    require_unit(before, "the model in use")
    require_unit(after, "the new model")
    old, new = (each[known.rows].astype(np.float32, copy=False) for each in (before, after))
    drawn = resample(
        old, new, known.people, generator=generator, resamples=resamples, control=control
    )
    old_figures, new_figures = (
        figures(vectors, known.people, values, grouping=grouping, control=control)
        for vectors, values in ((old, drawn.before_all), (new, drawn.after_all))
    )
    return Comparison(
        old_figures,
        new_figures,
        tuple(_change(drawn, place) for place in range(len(FARS))),
        _gain(drawn),
        known.with_pairs,
    )


def _gain(drawn: Resampled) -> float:
    better = np.zeros(len(drawn.before), bool)
    undecided = ~better
    for change in (drawn.after - drawn.before).T:
        better |= undecided & (change > 0)
        undecided &= change == 0
    return float(np.mean(better))


def _change(drawn: Resampled, place: int) -> Change:
    before, after = drawn.before[:, place], drawn.after[:, place]
    value, new = float(drawn.before_all[place]), float(drawn.after_all[place])
    return Change(
        FARS[place],
        _interval(value, before),
        _interval(new, after),
        _interval(new - value, after - before),
        float(np.mean(after - before)),
    )


def _interval(value: float, drawn: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(drawn, _TAILS)
    return Interval(value, float(low), float(high))
