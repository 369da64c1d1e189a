"""Face vectors for a library of any size, made up from those of real photos.

New people are drawn as a smoothed bootstrap (Silverman and Young 1987) of the middles of real ones:
each takes after one of them, and how much is fitted so that people who are not the same are as
often alike as real ones are. Their faces lie about them as real faces do: as far off as one of a
real person, the poor ones included, in a direction mixed of two real ones, with its quality. Sizes
of people follow Zipf; many people in the background have one face only.

`grouping.py --part made_up` tells how well made-up people can be told apart, beside real ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.metrics import Labels
from photoclust.services.benchmark_faces import MadeUp, photos_of, zipf_sizes

LEARNT_FROM = 5
"""Faces that a real person needs to be learnt from."""
SAME_SIZE = 0.02
"""Residuals are mixed with others this near by rank of their size, as a share of all of them."""
MOST_ALIKE = 0.01
"""The share of pairs of people, the most alike, that made-up ones are fitted to."""
FITTING_ROUNDS, FITTED_ON = 20, 800
"""How often the fit is corrected, and on how many made-up people it is measured."""
BLOCK = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Middles:
    """How people lie: each about `mean` [dim], off it as one of `offsets` [U, dim] and, besides, as
    noise: normal [dim] @ `factor` [dim, dim].
    """

    mean: Vectors
    offsets: Vectors
    factor: Vectors

    def draw(self, count: int, rng: np.random.Generator) -> Vectors:
        """Middles [count, dim] of new people, unit vectors."""
        drawn = np.empty((count, len(self.mean)), np.float32)
        for start in range(0, count, BLOCK):
            block = drawn[start : start + BLOCK]
            block[:] = _normal(rng, *block.shape) @ self.factor
            block += self.offsets[rng.integers(len(self.offsets), size=len(block))] + self.mean
            block[:] = _unit(block)
        return drawn


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """How F faces lie about the middles of their people: those of person u are the rows `first[u]`
    to `first[u] + sizes[u]`.

    `cosines` [F] to the middle, unit `directions` [F, dim] across it, `quality` [F]. `by_size` [F]
    are the rows from the nearest to the middle to the farthest, `rank` [F] their places there.
    """

    first: NDArray[np.int64]
    sizes: NDArray[np.int64]
    cosines: NDArray[np.float32]
    directions: Vectors
    quality: NDArray[np.float32]
    by_size: NDArray[np.int64]
    rank: NDArray[np.int64]

    def add(
        self, middles: Vectors, people: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[Vectors, NDArray[np.float32]]:
        """A face about each of `middles` [B, dim], as far off as one of real person `people` [B].

        Its direction is that of the real face, mixed with those of two others about as far off, of
        whoever they are: a person with many faces does not have the same few again and again.
        Returns vectors [B, dim] and quality [B].
        """
        like = self.first[people] + rng.integers(self.sizes[people])
        reach = max(1, round(SAME_SIZE * len(self.rank)))
        steps = rng.integers(1, reach, size=(2, len(like)), endpoint=True)
        one = self.by_size[np.abs(self.rank[like] - steps[0])]
        last = len(self.rank) - 1
        other = self.by_size[last - np.abs(last - self.rank[like] - steps[1])]
        angle = rng.uniform(np.pi / 6, np.pi / 2, (len(like), 1)).astype(np.float32)
        across = self.directions[one] + self.directions[other]
        across = np.cos(angle) * self.directions[like] + np.sin(angle) * _unit(across)
        across -= _along(across, middles)[:, None] * middles
        cosines = self.cosines[like][:, None]
        vectors = cosines * middles + np.sqrt(1 - cosines**2) * _unit(across)
        return _unit(vectors), self.quality[like]


def learn(
    vectors: Vectors, people: Labels, quality: NDArray[np.float32]
) -> tuple[Middles, Residuals]:
    """What there is to know of people with LEARNT_FROM faces or more.

    Raises ValueError where there are fewer than three of them.
    """
    own, counts = np.unique(people, return_inverse=True, return_counts=True)[1:]
    rows = np.argsort(own, kind="stable")
    rows = rows[counts[own[rows]] >= LEARNT_FROM]
    sizes = counts[counts >= LEARNT_FROM]
    if len(sizes) < 3:
        raise ValueError(f"there are no three people with {LEARNT_FROM} faces or more")
    first = np.cumsum(sizes) - sizes
    own = np.repeat(np.arange(len(sizes)), sizes)
    faces = vectors[rows]
    middles = _unit(np.add.reduceat(faces, first, axis=0))
    along = _along(faces, middles[own])
    across = faces - along[:, None] * middles[own]
    # A middle lies nearer to the faces it was made from than to others of the same person.
    off = np.linalg.norm(across, axis=1) * np.sqrt(sizes / (sizes - 1))[own]
    cosines = (along / np.hypot(along, off)).astype(np.float32)
    by_size = np.argsort(-cosines, kind="stable")
    rank = np.argsort(by_size)
    residuals = Residuals(first, sizes, cosines, _unit(across), quality[rows], by_size, rank)
    return _fitted_middles(middles, across.T @ across), residuals


def _fitted_middles(real: Vectors, within: NDArray[np.float32]) -> Middles:
    """What people are drawn from so that they are as much alike as `real` [U, dim] ones are.

    A few people span few directions. In all the others people differ as the faces of one person
    do, whose covariance is `within` [dim, dim].
    """
    count = len(real)
    cosines = (real @ real.T)[~np.eye(count, dtype=bool)]
    mean = real.mean(axis=0)
    offsets = real - mean
    between = offsets.T @ offsets / (count - 1)
    within = within * np.trace(between) / np.trace(within)
    # The mean of a few people is longer than that of all; this is its length among different ones.
    mean *= np.sqrt(max(float(cosines.mean()), 0.0) / max(float(mean @ mean), 1e-12))

    # The less is kept of the covariance of a few people, which is more uneven than that of all, the
    # less do cosines vary; the more people take after real ones, the more alike are some of them.
    rng = np.random.default_rng(0)
    parents = offsets[rng.integers(count, size=FITTED_ON)]
    as_people = _normal(rng, FITTED_ON, count) @ offsets / np.sqrt(np.float32(count - 1))
    as_faces = _normal(rng, FITTED_ON, len(mean)) @ _root(within)
    above = np.triu(np.ones((FITTED_ON, FITTED_ON), bool), 1)
    kept, taken = 1.0, 0.5
    for _ in range(FITTING_ROUNDS):
        shares = np.sqrt(np.array([taken, kept - taken, 1 - kept], np.float32))
        drawn = _unit(mean + shares[0] * parents + shares[1] * as_people + shares[2] * as_faces)
        made = (drawn @ drawn.T)[above]
        kept = min(kept * float(cosines.std() / made.std()), 1.0)
        taken = min(taken * _most_alike(cosines) / _most_alike(made), kept)
    noise = _root((kept - taken) * between + (1 - kept) * within)
    return Middles(mean, np.sqrt(np.float32(taken)) * offsets, noise)


def _root(covariance: NDArray[np.float32]) -> Vectors:
    """The matrix that turns normal noise [n, dim] into noise of this covariance [dim, dim].

    It is the symmetric one: the signs of axes, which libraries choose as they like, cancel out.
    """
    variances, axes = np.linalg.eigh(covariance)
    return (axes * np.sqrt(np.maximum(variances, 0))) @ axes.T


def _most_alike(cosines: NDArray[np.float32]) -> float:
    """The mean of the share MOST_ALIKE of `cosines` [n] that are largest."""
    place = len(cosines) - max(1, round(MOST_ALIKE * len(cosines)))
    return float(np.partition(cosines, place)[place:].mean())


def resample(
    real_vectors: Vectors,
    real_people: Labels,
    *,
    real_quality: NDArray[np.float32],
    faces: int,
    seed: int,
    strangers: float = 0.25,
    faces_per_person: float = 15.0,
    exponent: float = 1.0,
) -> MadeUp:
    """`faces` faces made from those of real people: `real_vectors` [M, dim] unit, `real_people` [M]
    and `real_quality` [M]; the same for the same seed.

    A share `strangers` of the faces are of people with no other face; the sizes of the others fall
    as rank to the power of -`exponent` and are `faces_per_person` on average, two at least. Takes
    half as much memory again as the vectors, at most.

    Raises ValueError where too few real people have enough faces.
    """
    middles, residuals = learn(real_vectors, real_people, real_quality)
    layout, people_rng, faces_rng = np.random.default_rng(seed).spawn(3)
    named = faces - round(faces * strangers)
    sizes = zipf_sizes(named, faces_per_person=faces_per_person, exponent=exponent)
    known = len(sizes)
    people = np.concatenate(
        [np.repeat(np.arange(known), sizes), np.arange(known, known + faces - sizes.sum())]
    )
    layout.shuffle(people)
    photo_ids = photos_of(people, layout)
    of_known = middles.draw(known, people_rng)
    # Some people look more alike in all their photos than others do.
    takes_after = layout.integers(len(residuals.sizes), size=int(people.max(initial=-1)) + 1)
    vectors = np.empty((faces, len(middles.mean)), np.float32)
    quality = np.empty(faces, np.float32)
    for start in range(0, faces, BLOCK):
        block = slice(start, min(start + BLOCK, faces))
        who = people[block]
        about = np.empty_like(vectors[block])
        about[who < known] = of_known[who[who < known]]
        about[who >= known] = middles.draw(int(np.sum(who >= known)), faces_rng)
        vectors[block], quality[block] = residuals.add(about, takes_after[who], faces_rng)
    return MadeUp(vectors, people, photo_ids, quality)


def _normal(rng: np.random.Generator, rows: int, columns: int) -> Vectors:
    return rng.standard_normal((rows, columns), np.float32)


def _along(vectors: Vectors, axes: Vectors) -> NDArray[np.float32]:
    return np.einsum("ij,ij->i", vectors, axes)


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
