"""People who are known twice: two that look as if they were one.

Somebody who was named twice, in two spellings perhaps, would make every match in a library look
doubtful: their faces score as high with the other of the two as right ones do.
"""

import numpy as np
from numpy.typing import NDArray

from photoclust.recognize import pairs
from photoclust.recognize.faces import Ids
from photoclust.recognize.open_set import OddsModel
from photoclust.recognize.self_test import SelfTest

_CHANCE = 3.0
"""By chance one library in e³ has two people who are taken for one: of wrong matches one in k at
most is k times as likely among right ones, and there are as many best ones as people.
"""
_AS_ALIKE = 3.0
"""By how much the log-odds of the other of two people may be behind those of the person, as far as
these can be told.
"""


def find_twins(tested: SelfTest, person: Ids, model: OddsModel, apart: Ids) -> Ids:
    """The pairs of people who may be one, [M, 2], the smaller id first, in order.

    `person` [N] is who the faces are; `apart` [A, 2] are pairs, the smaller first, of whom users
    said that they are two people.
    """
    mine = person[tested.rows]
    best = tested.others.people[:, 0]
    asked = np.unique(_sorted(mine, best)[best >= 0], axis=0)
    asked = asked[pairs.places(asked[:, 0], asked[:, 1], apart) < 0]
    if not len(asked):
        return asked
    # Every match of a face of one of two people with the other.
    face, rank = np.nonzero(tested.others.people >= 0)
    both = _sorted(mine[face], tested.others.people[face, rank])
    place = pairs.places(both[:, 0], both[:, 1], asked)
    face, rank, place = face[place >= 0], rank[place >= 0], place[place >= 0]
    other = model.log_odds(tested.others.scores())[face, rank]
    behind = model.log_odds(tested.own_scores())[face] - other
    tells = ~np.isnan(behind)
    likely = _mean(place, other, len(asked))
    behind = _mean(place[tells], behind[tells], len(asked))
    people = max(len(np.unique(mine)), 1)
    twins: Ids = asked[(likely > _CHANCE + np.log(people)) & (behind < _AS_ALIKE)]
    return twins


def of_matches(tested: SelfTest, person: Ids, twins: Ids) -> NDArray[np.bool_]:
    """Which of the other people [J, K] that `tested` faces are most like make one of the pairs
    `twins` [M, 2] with their person; `person` [N].
    """
    mine = np.broadcast_to(person[tested.rows][:, None], tested.others.people.shape)
    both = _sorted(mine.ravel(), tested.others.people.ravel())
    found: NDArray[np.bool_] = pairs.places(both[:, 0], both[:, 1], twins) >= 0
    return found.reshape(mine.shape)


def _sorted(one: Ids, other: Ids) -> Ids:
    return np.sort(np.column_stack([one, other]), axis=1)


def _mean(place: Ids, values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The mean of the `values` at each of `count` places, 0 where there is none."""
    sums = np.bincount(place, values, minlength=count)
    return sums / np.maximum(np.bincount(place, minlength=count), 1)
