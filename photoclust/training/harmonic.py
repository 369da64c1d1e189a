"""Whether new vectors may be compared with old ones: FaceNet's harmonic embedding (§7).

A model that is trained with triplets of both keeps serving a library whose faces are still those
of the old one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core import metrics
from photoclust.core.types import Vectors
from photoclust.training.bootstrap import FARS
from photoclust.training.measures import far_name

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Cosines of pairs of faces of one person, and of two."""

    genuine: NDArray[np.float32]
    impostor: NDArray[np.float32]

    def val_at_far(self) -> dict[str, float]:
        """VAL at each of FARS."""
        return {far_name(far): metrics.val_at_far(self.genuine, self.impostor, far) for far in FARS}


@dataclass(frozen=True, slots=True, eq=False)
class HarmonicCurves:
    """Pairs of two old vectors, of two new ones, and of a new one with an old one."""

    old_old: Pairs
    new_new: Pairs
    new_old: Pairs

    def as_json(self) -> dict[str, dict[str, float]]:
        """VAL of the three, for a file."""
        return {
            "old_old": self.old_old.val_at_far(),
            "new_new": self.new_new.val_at_far(),
            "new_old": self.new_old.val_at_far(),
        }


def curves(old: Vectors, new: Vectors, people: Labels) -> HarmonicCurves:
    """Of the unit vectors `old` and `new`, both [N, d], of the same faces of `people` [N]."""
    return HarmonicCurves(
        Pairs(*metrics.pair_similarities(old, people)),
        Pairs(*metrics.pair_similarities(new, people)),
        _across(new, old, people),
    )


def _across(new: Vectors, old: Vectors, people: Labels) -> Pairs:
    """Each face's new vector with the old one of every other face."""
    cosines = new @ old.T
    same = people[:, None] == people
    different = ~same
    np.fill_diagonal(same, val=False)
    return Pairs(cosines[same], cosines[different])
