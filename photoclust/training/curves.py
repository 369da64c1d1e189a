"""What the plots of a training report show: ROC curves, histograms of distances, and figures over
the steps of a training. Numbers only; `plots` draws them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError
from photoclust.core.metrics import Floats, pair_similarities
from photoclust.training.measures import Labels, thinned

LOWEST_FAR = 1e-5
_POINTS = 200
_BINS = 100
_BLOCK = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Roc:
    """VAL [P] at rising false accept rates `far` [P], from the lowest that there are enough pairs
    of different people to tell to 1.
    """

    far: NDArray[np.float64]
    val: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How squared L2 distances of unit vectors, 0 to 4, are spread: the share of all pairs of one
    person (`same` [B]), and of two (`different` [B]), between one of `edges` [B + 1] and the next.
    """

    edges: NDArray[np.float64]
    same: NDArray[np.float64]
    different: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A figure over the `steps` [S] of a training: `values` [S], NaN where there is none."""

    name: str
    steps: NDArray[np.float64]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.steps.shape != self.values.shape or self.steps.ndim != 1:
            raise InternalError(f"the curve {self.name!r} has not one value for each step")


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One figure of several trainings, whose names the `curves` bear."""

    title: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Harmonic:
    """ROC curves of old vectors among themselves, new ones, and new probes among old ones."""

    old_old: Roc
    new_new: Roc
    new_old: Roc


@dataclass(frozen=True, slots=True, eq=False)
class SetCurves:
    """ROC curves and histograms of one set of faces before and after."""

    roc_before: Roc
    roc_after: Roc
    distances_before: Histogram
    distances_after: Histogram


def set_curves(before: Vectors, after: Vectors, labels: Labels) -> SetCurves:
    """The curves of unit vectors `before` [N, d] and `after` [N, e] of faces of `labels` [N], of
    whom those labelled -1 say nothing; of many faces a part (see `measures.thinned`).

    Raises ValueError where there is no pair of one person, or none of two.
    """
    rows, people = _some(labels)
    found = []
    for vectors in (before, after):
        genuine, impostor = pair_similarities(vectors[rows], people)
        found.append((roc(genuine, impostor), histogram(genuine, impostor)))
    (old, old_distances), (new, new_distances) = found
    return SetCurves(old, new, old_distances, new_distances)


def roc(genuine: Floats, impostor: Floats) -> Roc:
    """The curve through VAL at false accept rates evenly spaced in their logarithm, each as
    `core.metrics.val_at_far`. Raises ValueError without pairs of either kind.
    """
    if not len(genuine) or not len(impostor):
        raise ValueError("a ROC curve needs pairs of one person and pairs of two")
    rising, falling = np.sort(genuine), np.sort(impostor)[::-1]
    lowest = min(max(LOWEST_FAR, 1 / len(falling)), 1.0)
    far = np.geomspace(lowest, 1.0, _POINTS)
    allowed = np.floor(far * len(falling)).astype(np.int64)
    thresholds = np.append(falling, -np.inf)[np.minimum(allowed, len(falling))]
    return Roc(far, 1 - np.searchsorted(rising, thresholds, side="right") / len(rising))


def histogram(genuine: Floats, impostor: Floats) -> Histogram:
    """How the squared distances of pairs with these cosines are spread. Raises ValueError without
    pairs of either kind.
    """
    if not len(genuine) or not len(impostor):
        raise ValueError("a histogram needs pairs of one person and pairs of two")
    edges = np.linspace(0, 4, _BINS + 1)
    same, different = (
        np.histogram(np.clip(2 - 2 * cosines.astype(np.float64), 0, 4), edges)[0] / len(cosines)
        for cosines in (genuine, impostor)
    )
    return Histogram(edges, same, different)


def mixed_roc(probes: Vectors, gallery: Vectors, labels: Labels) -> Roc:
    """The curve of the pairs of `mixed_similarities`. Raises ValueError where there is no pair of
    one person, or none of two.
    """
    return roc(*mixed_similarities(probes, gallery, labels))


def mixed_similarities(
    probes: Vectors, gallery: Vectors, labels: Labels
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosines of one face's vector among `probes` [N, d] and another face's among `gallery` [N, d],
    of one person and of two: how well new vectors meet old ones (harmonic embeddings, FaceNet §7).

    Both are of the same faces, of `labels` [N], of whom those labelled -1 say nothing; of many
    faces a part (see `measures.thinned`). A pair of faces counts both ways round.
    """
    if probes.shape != gallery.shape:
        raise InternalError(f"vectors {probes.shape} and {gallery.shape} cannot be mixed")
    rows, people = _some(labels)
    genuine, impostor = [np.empty(0, np.float32)], [np.empty(0, np.float32)]
    for start in range(0, len(rows), _BLOCK):
        part = np.arange(start, min(start + _BLOCK, len(rows)))
        cosines = probes[rows[part]] @ gallery[rows].T
        same = people[part, None] == people[None, :]
        impostor.append(cosines[~same])
        same[np.arange(len(part)), part] = False
        genuine.append(cosines[same])
    return np.concatenate(genuine), np.concatenate(impostor)


def _some(labels: Labels) -> tuple[NDArray[np.int64], Labels]:
    known = np.flatnonzero(labels >= 0)
    people = np.unique(labels[known], return_inverse=True)[1].astype(np.int64)
    some = thinned(people) if len(people) else np.empty(0, np.int64)
    return known[some], people[some]
