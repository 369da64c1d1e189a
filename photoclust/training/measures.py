"""Figures of merit of one embedding on faces whose people are known, and the faces that can be
measured. The definitions are those of `core.metrics`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.engine import cluster_faces
from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError, UserError
from photoclust.core.metrics import Floats, bcubed, equal_error_rate, pair_similarities
from photoclust.core.progress import JobControl
from photoclust.training.bootstrap import FARS, val_of_all

Labels = NDArray[np.int64]
Rows = NDArray[np.int64]

MOST_FACES = 4_000
"""What all pairs are held for is measured on so many faces at most: 8 million pairs."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How well an embedding tells people apart, each figure 0 to 1.

    `val_at_far`: VAL at each false accept rate. `eer`: the equal error rate. `accuracy`: of telling
    same from different at the best threshold for these very pairs, either kind counting half; a
    little too good therefore, which old and new have in common. `bcubed_f`: of grouping these
    faces, None where that was not asked for. `faces` and `people`: how many were measured.
    """

    val_at_far: Mapping[float, float]
    eer: float
    accuracy: float
    bcubed_f: float | None
    faces: int
    people: int

    def as_json(self) -> dict[str, object]:
        """For a file; false accept rates are text such as "0.001"."""
        return {
            "val_at_far": {far_name(far): value for far, value in self.val_at_far.items()},
            "eer": self.eer,
            "accuracy": self.accuracy,
            "bcubed_f": self.bcubed_f,
            "faces": self.faces,
            "people": self.people,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Measurable:
    """The faces `rows` [M] that belong to somebody, and to whom: `people` [M], numbered 0 to P − 1
    without a gap.
    """

    rows: Rows
    people: Labels

    @property
    def with_pairs(self) -> int:
        """How many people have two faces or more: only they have a VAL."""
        return int(np.sum(np.bincount(self.people) > 1))


def measurable(labels: Labels, what: str) -> Measurable:
    """The faces of `labels` [N] that say something; -1, of nobody known, says nothing.

    Raises UserError, naming the set `what`, where there are not two people, or nobody has two
    faces.
    """
    rows = np.flatnonzero(labels >= 0)
    names, people = np.unique(labels[rows], return_inverse=True)
    if len(names) < 2 or len(names) == len(rows):
        raise UserError(
            f"the faces of {what} cannot tell two models apart: that takes at least two people, and"
            f" two faces of one of them, but there are {len(rows)} faces of {len(names)} people"
        )
    return Measurable(rows, people.astype(np.int64))


def require_unit(vectors: Vectors, what: str) -> None:
    """Raise UserError where `vectors` [N, dim] of the model `what` are not all finite, as those of
    a model whose training diverged are; InternalError where they are not unit vectors.
    """
    if vectors.ndim != 2:
        raise InternalError(f"vectors are [N, dim], not {vectors.shape}")
    length = np.linalg.norm(vectors, axis=1)
    broken = int(np.sum(~np.isfinite(length)))
    if broken:
        raise UserError(
            f"{what} gives {broken} of {len(vectors)} faces no valid vector; train again with a"
            " lower learning rate"
        )
    if (np.abs(length - 1) > 1e-2).any():
        raise InternalError(f"the vectors of {what} are not of unit length")


def measure(
    vectors: Vectors,
    labels: Labels,
    *,
    what: str = "the model",
    grouping: bool = True,
    control: JobControl | None = None,
) -> Figures:
    """Figures of unit `vectors` [N, dim] of faces of `labels` [N], -1 for nobody known.

    VAL is exact. With more than MOST_FACES faces the equal error rate and the accuracy are those of
    so many of them, as many of each person as possible. Raises UserError for vectors that are not
    finite, fewer than two people or nobody with two faces; CancelledError when cancelled.
    """
    if len(vectors) != len(labels):
        raise InternalError(f"{len(vectors)} vectors do not fit {len(labels)} labels")
    known = measurable(labels, what)
    require_unit(vectors, what)
    own = vectors[known.rows].astype(np.float32, copy=False)
    values = val_of_all(own, known.people, FARS, control)
    return figures(own, known.people, values, grouping=grouping, control=control)


def figures(
    vectors: Vectors,
    people: Labels,
    values: NDArray[np.float64],
    *,
    grouping: bool,
    control: JobControl | None = None,
) -> Figures:
    """As `measure`, of faces that can be measured and whose VAL at FARS is `values` [F]."""
    some = thinned(people)
    genuine, impostor = pair_similarities(vectors[some], people[some])
    bcubed_f = None
    if grouping:
        found = cluster_faces(vectors, control=control).labels
        bcubed_f = bcubed(people, found).f
    return Figures(
        dict(zip(FARS, values.tolist(), strict=True)),
        equal_error_rate(genuine, impostor),
        balanced_accuracy(genuine, impostor),
        bcubed_f,
        len(people),
        int(people.max()) + 1,
    )


def balanced_accuracy(genuine: Floats, impostor: Floats) -> float:
    """Share of pairs told right at the best threshold, same and different ones counting half."""
    rising, ordered = np.sort(genuine), np.sort(impostor)
    # Between two of the same-person scores, a higher threshold only rejects more different pairs:
    # the best one lies just below one of them, or above all.
    rejected = np.searchsorted(rising, rising, side="left") / len(rising)
    accepted = 1 - np.searchsorted(ordered, rising, side="left") / len(ordered)
    return float(1 - min((rejected + accepted).min(), 1.0) / 2)


def thinned(people: Labels, most: int = MOST_FACES) -> Rows:
    """Rows, rising, of about `most` of the faces of `people` [N], of everybody the same number (but
    two at least) where they have so many, spread evenly over theirs; of all where they are few.
    """
    if len(people) <= most:
        return np.arange(len(people))
    sizes = np.bincount(people)
    share = 2
    while np.minimum(sizes, share + 1).sum() <= most:
        share += 1
    order = np.argsort(people, kind="stable")
    starts = np.cumsum(sizes) - sizes
    chosen = [
        order[start + np.linspace(0, size - 1, min(size, share)).round().astype(np.int64)]
        for start, size in zip(starts, sizes, strict=True)
    ]
    return np.sort(np.concatenate(chosen))


def far_name(far: float) -> str:
    """A false accept rate as it stands in a file: 1e-4 is "0.0001"."""
    return np.format_float_positional(far, trim="-")
