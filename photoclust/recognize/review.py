"""Which question is best asked next: the one whose answer is expected to settle most faces."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

import numpy as np
from scipy.special import expit, logit

from photoclust.recognize.faces import Ids
from photoclust.recognize.recognizer import Recognition

ENOUGH = 0.95
"""The share of faces that has a name when a library counts as done."""
_LIKE_NOBODY = 0.01
_FOLLOWS = 0.5
"""What a face counts that may be settled along with one that looks like it."""


class Kind(StrEnum):
    """WHO are the faces of a group; IS it, a face or a group, this person."""

    WHO = "who"
    IS = "is"


@dataclass(frozen=True, slots=True)
class Question:
    """A question about the faces `rows`; those of the group `group`, or a single one (-1).

    `person` is who they may be, with `probability` (0.0 and -1: nobody in particular); `gain` is
    how many faces the answer is expected to settle.
    """

    kind: Kind
    rows: tuple[int, ...]
    group: int
    person: int
    probability: float
    gain: float


def questions(found: Recognition, group: Ids, lookalikes: Ids) -> list[Question]:
    """What could be asked about the faces that have no name, the most rewarding first.

    `group` [N]: the group of each face, -1 for none; `lookalikes` [N, k]: faces that look like it
    (-1 for none), which may be settled along with it. Groups come as a whole; a face by itself is
    asked about where `found` says so.
    """
    open_ = np.flatnonzero(~found.named)
    of_group = group[found.rows[open_]]
    alone = open_[(of_group < 0) & found.asked[open_]]
    asked = [
        _of_group(found, open_[places], int(of_group[places[0]])) for places in _parts(of_group)
    ]
    asked += _of_faces(found, alone, lookalikes)
    return sorted(asked, key=lambda each: (-each.gain, each.group, each.rows[0]))


def answers_left(asked: Sequence[Question], named: int, enough: float = ENOUGH) -> int:
    """How many answers to the questions `asked`, in their order, it is expected to take for a share
    `enough` of all faces to have a name that can get one, where `named` faces have one already.

    A group gets its name in any case: who it is asked next if it is not whom it was taken for.
    """
    settled = _settled(asked)
    wanted = enough * (named + sum(settled))
    there, answers = float(named), 0.0
    for question, faces in zip(asked, settled, strict=True):
        if there >= wanted:
            break
        there += faces
        answers += 1
        if question.group >= 0 and question.kind is Kind.IS:
            answers += 1 - question.probability
    return ceil(answers)


def still_to_settle(asked: Sequence[Question]) -> float:
    """How many faces are expected to get a name by the answers to all of `asked`."""
    return sum(_settled(asked))


def _settled(asked: Sequence[Question]) -> list[float]:
    return [len(each.rows) if each.group >= 0 else each.probability for each in asked]


def _parts(of_group: Ids) -> list[Ids]:
    """The places of the faces of each group, by the group of each of R, -1 for none."""
    order = np.argsort(of_group, kind="stable")
    starts = np.flatnonzero(np.diff(of_group[order], prepend=-2))
    parts = np.split(order, starts[1:])
    return [part for part in parts if np.any(of_group[part] >= 0)]


def _of_group(found: Recognition, places: Ids, group: int) -> Question:
    """The question about the faces of a group, who are one person, whoever it is."""
    rows = tuple(found.rows[places].tolist())
    who = Question(Kind.WHO, rows, group, -1, 0.0, float(len(rows)))
    people, place = np.unique(found.person[places], return_inverse=True)
    sums = np.bincount(place, weights=found.probability[places])
    best = int(np.argmax(np.where(people >= 0, sums, -1.0)))
    person = int(people[best])
    if person < 0:
        return who
    mine = np.where(place == best, found.probability[places], _LIKE_NOBODY)
    # One person: the faces speak about the same thing, so their odds are averaged, not added up.
    odds = float(np.mean(logit(np.clip(mine, 1e-9, 1 - 1e-9))))
    probability = float(expit(odds))
    if probability < 1 / 2:
        return who
    return Question(Kind.IS, rows, group, person, probability, probability * len(rows))


def _of_faces(found: Recognition, places: Ids, lookalikes: Ids) -> list[Question]:
    """A question for each of the faces `places`."""
    rows, people = found.rows[places], found.person[places]
    # The last stands for the neighbours that are not there.
    guessed = np.full(len(lookalikes) + 1, -1, np.int64)
    guessed[rows] = people
    follow = np.sum(guessed[lookalikes[rows]] == people[:, None], axis=1)
    probability = found.probability[places]
    gain = probability * (1 + _FOLLOWS * follow)
    columns = (each.tolist() for each in (rows, people, probability, gain))
    return [
        Question(Kind.IS, (row,), -1, person, sure, settles)
        for row, person, sure, settles in zip(*columns, strict=True)
    ]
