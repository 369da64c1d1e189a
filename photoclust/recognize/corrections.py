"""What can be learnt from being wrong: faces that a user said are not a person.

What looks more like such a face than like the person is not named after them either; and between
two people who were mixed up a greater lead is asked for, the more often it happened.
"""

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.recognize import pairs
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
    face, place = np.nonzero(np.isin(candidates.people, rejected[:, 1]))
    order = np.argsort(candidates.people[face, place], kind="stable")
    face, place = face[order], place[order]
    owner = candidates.people[face, place]
    people, starts = np.unique(owner, return_index=True)
    ends = np.searchsorted(owner, people, "right")
    for person, start, end in zip(people, starts, ends, strict=True):
        mine = face[start:end], place[start:end]
        refused = rejected[rejected[:, 1] == person, 0]
        nearest = (vectors[rows[mine[0]]] @ vectors[refused].T).max(axis=1)
        likeness[mine] -= np.maximum(nearest - likeness[mine], 0)
    order = np.argsort(np.where(candidates.people < 0, np.inf, -likeness), axis=1, kind="stable")
    return Candidates(
        np.take_along_axis(candidates.people, order, axis=1),
        np.take_along_axis(likeness, order, axis=1),
    )


def mix_ups(decisions: Decisions) -> tuple[Ids, Ids]:
    """Which two people were mixed up, [M, 2] ids, the smaller first, and how often [M]: faces that
    are one, as a user said, and are not the other.
    """
    right = decisions.person[decisions.rejected[:, 0]]
    known = right >= 0
    both = np.sort(np.column_stack([right[known], decisions.rejected[known, 1]]), axis=1)
    found, counts = np.unique(both, axis=0, return_counts=True)
    return found, counts


def widened(
    log_odds: NDArray[np.float64],
    candidates: Candidates,
    decisions: Decisions,
    model: OddsModel,
    twins: Ids,
) -> NDArray[np.float64]:
    """The `log_odds` [R] of the first of the `candidates`, less where it and the second were mixed
    up, or are one of the pairs `twins` [M, 2], and one is hardly ahead of the other.
    """
    known, counts = mix_ups(decisions)
    first, second = candidates.people[:, 0], candidates.people[:, 1]
    both = np.minimum(first, second), np.maximum(first, second)
    place = pairs.places(*both, known)
    # The last stands for those that are not among them.
    times = np.append(np.minimum(counts, _MOST), 0)[place]
    scores = candidates.scores()
    lead = model.log_odds(scores[:, 0]) - model.log_odds(scores[:, 1])
    # Who may be either is one of the two, by their odds.
    either = pairs.places(*both, twins) >= 0
    other = (np.expm1(_DOUBT * times) + either) * np.exp(-np.maximum(lead, 0))
    result: NDArray[np.float64] = log_odds - np.log1p(other)
    return result
