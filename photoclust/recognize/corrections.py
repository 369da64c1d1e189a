"""What can be learnt from being wrong: faces that a user said are not a person.

What looks more like such a face than like the person is not named after them either; and between
two people who were mixed up a greater lead is asked for, the more often it happened.
"""

import numpy as np
from numpy.typing import NDArray

from photoclust.core.types import Vectors
from photoclust.recognize.candidates import Candidates
from photoclust.recognize.faces import Decisions, Ids
from photoclust.recognize.open_set import OddsModel

_DOUBT = 0.7
"""By how much the log-odds of the other of two people rise with every mix-up of them."""
_MOST = 10
"""Mix-ups of a pair that count."""


def heed_rejected(candidates: Candidates, rows: Ids, rejected: Ids, vectors: Vectors) -> Candidates:
    """The `candidates` of the faces `rows` [R], with less likeness to a person where a face that a
    user said is not them (`rejected` [J, 2]: row, person) is more alike; `vectors` [N, dim].
    """
    likeness = candidates.likeness.copy()
    for person in np.unique(rejected[:, 1]).tolist():
        face, place = np.nonzero(candidates.people == person)
        refused = rejected[rejected[:, 1] == person, 0]
        if not len(face):
            continue
        nearest = (vectors[rows[face]] @ vectors[refused].T).max(axis=1)
        above = np.maximum(nearest - likeness[face, place], 0)
        likeness[face, place] -= above
    order = np.argsort(np.where(candidates.people < 0, np.inf, -likeness), axis=1, kind="stable")
    return Candidates(
        np.take_along_axis(candidates.people, order, axis=1),
        np.take_along_axis(likeness, order, axis=1),
    )


def mix_ups(decisions: Decisions) -> dict[tuple[int, int], int]:
    """How often each two people (ids, the smaller first) were mixed up: faces that are one, as a
    user said, and are not the other.
    """
    right = decisions.person[decisions.rejected[:, 0]]
    known = right >= 0
    pairs = np.sort(np.column_stack([right[known], decisions.rejected[known, 1]]), axis=1)
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    return {(a, b): int(count) for (a, b), count in zip(found.tolist(), counts, strict=True)}


def widened(
    log_odds: NDArray[np.float64],
    candidates: Candidates,
    decisions: Decisions,
    model: OddsModel,
) -> NDArray[np.float64]:
    """The `log_odds` [R] of the first of the `candidates`, less where it and the second were mixed
    up and one is hardly ahead of the other.
    """
    known = mix_ups(decisions)
    if not known:
        return log_odds
    two = np.sort(candidates.people[:, :2], axis=1)
    times = np.array([known.get((a, b), 0) for a, b in two.tolist()])
    scores = candidates.scores()
    lead = model.log_odds(scores[:, 0]) - model.log_odds(scores[:, 1])
    other = np.expm1(_DOUBT * np.minimum(times, _MOST)) * np.exp(-np.maximum(lead, 0))
    result: NDArray[np.float64] = log_odds - np.log1p(other)
    return result
