"""What recognition is measured on: albums in which users said of some faces who they are."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from common import Judge
from numpy.typing import NDArray
from real_faces import Real

from photoclust.cluster.neighbor_lists import search
from photoclust.core.metrics import Labels
from photoclust.recognize.calibration import Platt
from photoclust.recognize.faces import Decisions, Faces, Ids
from photoclust.recognize.lookalikes import NEAREST
from photoclust.services.recognition_evaluation import Split, split

DRAWS = 10
KNOWN, CONFIRMED = 0.5, 3
"""The share of the people that is known, and by how many faces, where one number is enough."""
NO_ONE = -1


@dataclass
class Bench(Judge):
    """What the parts work on: the faces; what is known of the model, its line `before` from
    standings to odds and the cosine that one in 10 000 pairs of strangers reaches (`threshold`);
    where the large library is kept.
    """

    real: Real
    before: Platt
    threshold: float
    library: Path | None


@dataclass(frozen=True, slots=True, eq=False)
class Album:
    """N faces, who they are (`people` [N]), and whom users know (`drawn`)."""

    faces: Faces
    people: Labels
    drawn: Split

    @property
    def decisions(self) -> Decisions:
        return Decisions(self.drawn.person)

    @property
    def asked(self) -> Ids:
        """The faces [R] that are recognised."""
        return np.flatnonzero(self.drawn.person == NO_ONE)

    @property
    def truth(self) -> Ids:
        """Who they are, [R]."""
        return self.people[self.asked]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which of them are of known people, [R]."""
        return np.isin(self.truth, self.drawn.known)


Draw = Callable[[Real, int], Album]
"""An album of these faces for each seed."""


def faces_of(real: Real, rows: Labels | None = None) -> Faces:
    """All faces or the `rows` of some, each in a photo of its own without a date."""
    rows = np.arange(len(real.people)) if rows is None else rows
    vectors = np.ascontiguousarray(real.vectors[rows])
    near = search(vectors, np.arange(len(rows)), NEAREST)
    undated = np.full(len(rows), np.nan)
    return Faces(vectors, np.arange(len(rows)), real.quality[rows], undated, near)


def few_of_everybody(photos: int) -> Draw:
    """Nobody has more than so many photos."""

    def draw(real: Real, seed: int) -> Album:
        everybody = np.ones(len(real.people), np.bool_)
        rows = thinned(real.people, everybody, photos, np.random.default_rng(seed))
        people = real.people[rows]
        return Album(faces_of(real, rows), people, split(people, KNOWN, CONFIRMED, seed))

    return draw


def few_of_strangers(photos: int) -> Draw:
    """No stranger has more than so many photos; known people have all of theirs."""

    def draw(real: Real, seed: int) -> Album:
        drawn = split(real.people, KNOWN, CONFIRMED, seed)
        strange = ~np.isin(real.people, drawn.known)
        rows = thinned(real.people, strange, photos, np.random.default_rng(seed))
        said = Split(drawn.known, drawn.person[rows])
        return Album(faces_of(real, rows), real.people[rows], said)

    return draw


def thinned(
    people: Labels, which: NDArray[np.bool_], photos: int, rng: np.random.Generator
) -> Labels:
    """The rows of `people` [N] that stay when everybody of `which` [N] keeps so many at most."""
    mixed = rng.permutation(len(people))
    order = mixed[np.argsort(people[mixed], kind="stable")]
    place = np.arange(len(order)) - np.searchsorted(people[order], people[order])
    return np.sort(order[(place < photos) | ~which[order]])
