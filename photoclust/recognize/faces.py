"""What recognition works on: faces, and what users said of them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.neighbor_lists import Neighbours
from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError

Ids = NDArray[np.int64]
Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """N faces: unit `vectors` [N, dim], `photo` [N], `quality` [N] from 0 to 1, `times` [N] in
    seconds (NaN: unknown), and their `neighbours`, at least the nearest three of each.
    """

    vectors: Vectors
    photo: Ids
    quality: NDArray[np.float32]
    times: Times
    neighbours: Neighbours

    def __post_init__(self) -> None:
        lengths = {len(self.photo), len(self.quality), len(self.times)}
        lengths.add(len(self.neighbours.indices))
        if lengths != {len(self.vectors)}:
            raise InternalError("recognition needs one value for each face")


NO_FACE = -2
"""In place of a person: it is no face, and not judged."""


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What users said of N faces: `person` [N], who they are (-1: nobody said; `NO_FACE`);
    `rejected` [J, 2], rows of faces and who they are not; `excepted`, photos in which a person may
    be several times; `born` [B, 2], people, ascending, and the first day that they may be in a
    photo of; `latest` [N], the last day that each face may be of, on the same calendar, needed
    where anybody is `born`.
    """

    person: Ids
    rejected: Ids = field(default_factory=lambda: np.empty((0, 2), np.int64))
    excepted: Ids = field(default_factory=lambda: np.empty(0, np.int64))
    born: Ids = field(default_factory=lambda: np.empty((0, 2), np.int64))
    latest: Ids = field(default_factory=lambda: np.empty(0, np.int64))
