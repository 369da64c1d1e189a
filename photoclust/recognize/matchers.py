"""Other ways to tell how alike a face and a person are, to compare the prototypes with.

k nearest neighbours is FaceNet's own recipe. On labelled faces prototypes (`gallery`) are at least
as good as either, and the only ones whose cost does not grow with the number of confirmed faces.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.largest import largest
from photoclust.core.arrays import Vectors
from photoclust.recognize.faces import Ids, Times


@dataclass(frozen=True, slots=True, eq=False)
class Confirmed:
    """The G confirmed faces: unit `vectors` [G, dim], ordered by person; `people` [P] and where
    the faces of each start, `first` [P].
    """

    vectors: Vectors
    people: Ids
    first: Ids

    @classmethod
    def of(cls, vectors: Vectors, person: Ids) -> "Confirmed":
        """Those of the faces with unit `vectors` [N, dim] whose `person` [N] is known (≥ 0)."""
        known = np.flatnonzero(person >= 0)
        known = known[np.argsort(person[known], kind="stable")]
        people, first = np.unique(person[known], return_index=True)
        return cls(np.ascontiguousarray(vectors[known]), people, first)

    @property
    def owner(self) -> Ids:
        """The place in `people` of whose face each is, [G]."""
        counts = np.diff(self.first, append=len(self.vectors))
        return np.repeat(np.arange(len(self.people)), counts)


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """A person is as alike as the nearest of their faces."""

    confirmed: Confirmed

    @property
    def people(self) -> Ids:
        """The ids of the people, [P]."""
        return self.confirmed.people

    def scores(self, vectors: Vectors, times: Times) -> NDArray[np.float32]:
        """[B, P] for unit `vectors` [B, dim]; `times` play no part."""
        del times
        cosines = vectors @ self.confirmed.vectors.T
        best: NDArray[np.float32] = np.maximum.reduceat(cosines, self.confirmed.first, axis=1)
        return best


@dataclass(frozen=True, slots=True, eq=False)
class Vote:
    """The `k` nearest faces vote, each with its cosine: a person has the mean of their votes, over
    as many as they could have at most.
    """

    confirmed: Confirmed
    k: int = 5

    @property
    def people(self) -> Ids:
        """The ids of the people, [P]."""
        return self.confirmed.people

    def scores(self, vectors: Vectors, times: Times) -> NDArray[np.float32]:
        """[B, P] for unit `vectors` [B, dim]; `times` play no part."""
        del times
        k = min(self.k, len(self.confirmed.vectors))
        cosines, faces = largest(vectors @ self.confirmed.vectors.T, k)
        owner = self.confirmed.owner
        votes = np.zeros((len(vectors), len(self.people)), np.float32)
        np.add.at(votes, (np.arange(len(vectors))[:, None], owner[faces]), np.maximum(cosines, 0))
        most: Ids = np.minimum(np.bincount(owner, minlength=len(self.people)), k)
        votes /= most
        return votes
