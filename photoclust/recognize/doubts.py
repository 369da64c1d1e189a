"""Label noise: confirmed faces that look like a slip of whoever named them."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from photoclust.recognize.faces import Ids
from photoclust.recognize.open_set import OddsModel, Probabilities
from photoclust.recognize.self_test import SelfTest

_FROM = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Doubts:
    """Confirmed faces `rows` [D] for a second look, the most doubtful first.

    `doubt` [D]: how probable it is that they are not their person; `likeness` [D] to their person
    by the other faces; `other` [D], who is most like them else (-1: nobody), `other_likeness` [D].
    """

    rows: Ids
    doubt: Probabilities
    likeness: NDArray[np.float32]
    other: Ids
    other_likeness: NDArray[np.float32]

    def only(self, kept: NDArray[np.bool_]) -> "Doubts":
        """Those that are `kept` [D]."""
        return Doubts(*(getattr(self, column.name)[kept] for column in fields(self)))


def find_doubts(tested: SelfTest, model: OddsModel) -> Doubts:
    """The doubtful ones of all confirmed faces: each is judged by the others (leave one out), as
    likely its person's, one of another person's or a stranger's beforehand.

    Faces of a person who has no other faces cannot be judged.
    """
    own = model.log_odds(tested.own_scores())
    other = model.log_odds(tested.others.scores()[:, 0])
    other[tested.others.people[:, 0] < 0] = -np.inf
    # A stranger has odds of 1.
    doubt = expit(np.logaddexp(other, 0.0) - own)
    order = np.argsort(-np.where(np.isnan(doubt), -1.0, doubt), kind="stable")
    order = order[doubt[order] >= _FROM]
    return Doubts(
        rows=tested.rows[order],
        doubt=doubt[order],
        likeness=tested.own[order],
        other=tested.others.people[order, 0],
        other_likeness=tested.others.likeness[order, 0],
    )
