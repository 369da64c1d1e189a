"""Two faces of one photo are two people: the best way to give out people, one face each."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from photoclust.recognize.candidates import Candidates
from photoclust.recognize.faces import Ids


def already_there(
    candidates: Candidates, rows: Ids, person: Ids, photo: Ids, excepted: Ids
) -> NDArray[np.bool_]:
    """Which of the `candidates` [R, K] of the faces `rows` [R] are known to be another face of the
    same photo: `person` [N] (-1 unknown), `photo` [N]; none in the photos `excepted`.
    """
    known = np.flatnonzero((person >= 0) & ~np.isin(photo, excepted))
    # Both are small numbers of a database, so that a pair fits into one.
    base = int(person.max(initial=0)) + 2
    there = np.unique(photo[known] * base + person[known])
    asked = photo[rows][:, None] * base + candidates.people
    barred: NDArray[np.bool_] = (candidates.people >= 0) & np.isin(asked, there)
    return barred


def contested(
    candidates: Candidates, log_odds: NDArray[np.float64], photo: Ids, excepted: Ids
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Where several faces of a photo are most like one person: which of the `candidates` [R, K]
    went to another face, and the odds [R] that the first of those left is another face of it.

    `log_odds` [R, K] that each is right, by itself; `photo` [R]. Faces go to people, each to one at
    most, so that all of it together is likeliest.
    """
    taken = np.zeros(candidates.people.shape, np.bool_)
    rivals = np.zeros(len(photo))
    for faces in _photos_with_a_contest(candidates.people[:, 0], photo, excepted):
        mine, odds = candidates.people[faces], log_odds[faces]
        people = np.unique(mine[mine >= 0])
        table = np.full((len(faces), len(people)), -np.inf)
        face, place = np.nonzero(mine >= 0)
        table[face, np.searchsorted(people, mine[face, place])] = odds[face, place]
        # Whoever gets nobody is somebody else, with log-odds of 0.
        gain = np.concatenate([np.maximum(table, -1e3), np.zeros((len(faces),) * 2)], axis=1)
        owners, columns = linear_sum_assignment(gain, maximize=True)
        owner = np.full(len(people), -1)
        given = columns < len(people)
        owner[columns[given]] = owners[given]
        # A person whom nobody got stays a question for the face that is most like them.
        owner = np.where(owner < 0, table.argmax(axis=0), owner)
        of_column = np.searchsorted(people, mine)
        taken[faces] = (mine >= 0) & (
            owner[np.minimum(of_column, len(people) - 1)] != np.arange(len(faces))[:, None]
        )
        all_odds = np.exp(np.minimum(table, 50.0))
        for number, face_row in enumerate(faces):
            left = mine[number][~taken[face_row] & (mine[number] >= 0)]
            if len(left):
                column = int(np.searchsorted(people, left[0]))
                rivals[face_row] = all_odds[:, column].sum() - all_odds[number, column]
    return taken, rivals


def _photos_with_a_contest(first: Ids, photo: Ids, excepted: Ids) -> Iterator[Ids]:
    """The faces of every photo in which two have the same `first` [R] candidate."""
    some = np.flatnonzero((first >= 0) & ~np.isin(photo, excepted))
    pairs = np.column_stack([photo[some], first[some]])
    _, place, counts = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    crowded = np.unique(photo[some[counts[place.ravel()] > 1]])
    order = np.argsort(photo, kind="stable")
    ordered = photo[order]
    for number in crowded.tolist():
        yield order[np.searchsorted(ordered, number) : np.searchsorted(ordered, number, "right")]
