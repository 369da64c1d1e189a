"""Whether new vectors may be compared with old ones: FaceNet's harmonic embedding (§7).

A model that is trained with triplets of both keeps serving a library whose faces are still those
of the old one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core import metrics
from photoclust.core.arrays import Vectors
from photoclust.training.bootstrap import FARS
from photoclust.training.curves import Harmonic, mixed_similarities, roc
from photoclust.training.measures import Labels, far_name

_Cosines = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class HarmonicPairs:
    """Cosines of pairs of two old vectors, of two new ones, and of a new one with an old one: of
    one person, and of two.
    """

    old_old: _Cosines
    new_new: _Cosines
    new_old: _Cosines

    @classmethod
    def of(cls, old: Vectors, new: Vectors, labels: Labels) -> "HarmonicPairs":
        """Of the unit vectors `old` and `new`, both [N, d], of the same faces of `labels` [N]."""
        return cls(
            mixed_similarities(old, old, labels),
            mixed_similarities(new, new, labels),
            mixed_similarities(new, old, labels),
        )

    def as_json(self) -> dict[str, dict[str, float]]:
        """VAL at each of FARS, of the three kinds of pairs."""
        kinds = {"old_old": self.old_old, "new_new": self.new_new, "new_old": self.new_old}
        return {
            name: {far_name(far): metrics.val_at_far(same, different, far) for far in FARS}
            for name, (same, different) in kinds.items()
        }

    def curves(self) -> Harmonic:
        """To be drawn."""
        return Harmonic(roc(*self.old_old), roc(*self.new_new), roc(*self.new_old))
