"""Two faces of one photo are two people: the best way to give out people, one face each."""

import numpy as np
from numpy.typing import NDArray

from photoclust.recognize import pairs
from photoclust.recognize.candidates import Candidates
from photoclust.recognize.faces import Ids


def already_there(
    candidates: Candidates, rows: Ids, person: Ids, photo: Ids, excepted: Ids
) -> NDArray[np.bool_]:
    """Which of the `candidates` [R, K] of the faces `rows` [R] are known to be another face of the
    same photo: `person` [N] (negative: unknown), `photo` [N]; none in the photos `excepted`.
    """
    known = (person >= 0) & ~np.isin(photo, excepted)
    barred = np.zeros(candidates.people.shape, np.bool_)
    mates = np.flatnonzero(np.isin(photo[rows], photo[known]))
    known &= np.isin(photo, photo[rows[mates]])
    there = np.column_stack([photo[known], person[known]])
    theirs = photo[rows[mates]][:, None]
    barred[mates] = pairs.places(theirs, candidates.people[mates], there) >= 0
    return barred


def contested(
    candidates: Candidates, log_odds: NDArray[np.float64], photo: Ids, excepted: Ids
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Where several faces of a photo are most like one person: which of the `candidates` [R, K]
    went to another face, and the odds [R] that the first of those left is another face of it.

    `log_odds` [R, K] that each is right, by itself, never rising along a row; `photo` [R]. Faces go
    to people, each to one at most, so that all of it together is likeliest.
    """
    people = candidates.people
    taken = np.zeros(people.shape, np.bool_)
    rivals = np.zeros(len(photo))
    contest = _in_a_contest(people[:, 0], photo, excepted)
    if not contest.any():
        return taken, rivals
    # All candidates of these faces, one below the other, and a seat for each person in a photo.
    face, rank = np.nonzero((people >= 0) & contest[:, None])
    odds = log_odds[face, rank]
    seat = pairs.numbered(photo[face], people[face, rank])
    given = _given(face, rank, seat, odds, photo[face])
    busy = np.zeros(len(photo), np.bool_)
    busy[face[given]] = True
    # Whom nobody got stays a question for the face that is most like them and nobody else either.
    may = given | ~busy[face]
    order = np.lexsort((-odds, ~may, ~given, seat))
    best = order[np.flatnonzero(np.diff(seat[order], prepend=-1))]
    owner = np.where(may[best], face[best], -1)[seat]
    gone = (owner >= 0) & (owner != face)
    taken[face, rank] = gone
    likely = np.exp(np.minimum(odds, 50.0))
    others = np.bincount(seat, likely)[seat] - likely
    left = np.flatnonzero(~gone)
    first = left[np.unique(face[left], return_index=True)[1]]
    rivals[face[first]] = np.maximum(others[first], 0.0)
    return taken, rivals


def _in_a_contest(first: Ids, photo: Ids, excepted: Ids) -> NDArray[np.bool_]:
    """Which faces are in a photo in which two have the same `first` [R] candidate."""
    some = np.flatnonzero((first >= 0) & ~np.isin(photo, excepted))
    seat = pairs.numbered(photo[some], first[some])
    crowded: NDArray[np.bool_] = np.isin(photo, photo[some[np.bincount(seat)[seat] > 1]])
    return crowded


def _given(
    face: Ids, rank: Ids, seat: Ids, odds: NDArray[np.float64], photo: Ids
) -> NDArray[np.bool_]:
    """Which candidates [E] are likeliest in all: of each `face` and each `seat` [E] one at most,
    and only those more likely than somebody else, with log-odds of 0.
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - .2 s that no start waits for

    sure = odds > 0
    given: NDArray[np.bool_] = sure & (rank == 0)
    # Where no two faces may well be one person, each has its first; that is nearly everywhere.
    wanted = np.bincount(seat[sure], minlength=int(seat.max()) + 1)
    order = np.argsort(photo, kind="stable")
    ordered = photo[order]
    crowded = np.unique(photo[sure & (wanted[seat] > 1)])
    starts, ends = (np.searchsorted(ordered, crowded, side) for side in ("left", "right"))
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        here = order[start:end]
        faces, row = np.unique(face[here], return_inverse=True)
        seats, column = np.unique(seat[here], return_inverse=True)
        gain = np.full((len(faces), len(seats) + len(faces)), -1.0)
        gain[:, len(seats) :] = 0.0
        gain[row, column] = odds[here]
        best = np.zeros(gain.shape, np.bool_)
        best[linear_sum_assignment(gain, maximize=True)] = True
        given[here] = best[row, column] & sure[here]
    return given
