"""Vectors of faces of people who do not exist, to be grouped by benchmarks. Numpy alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.metrics import Labels

DIMENSION = 512
PER_PERSON, STRANGERS, EXPONENT = 15.0, 0.25, 1.0
SPECTRUM_FROM = 1.5
"""Faces differ along axis i with a variance of 1 / (i + this). One pair of strangers in 1 000 has a
cosine above 0.43 then, nearly as with FaceNet, and not 0.14 as where all directions are alike.
"""
TO_MIDDLE = (0.55, 0.95)
"""Cosine of a face to the middle of its person."""
FACES_PER_PHOTO = (0.40, 0.25, 0.15, 0.10, 0.06, 0.04)
"""The share of photos with one, two … faces, before those that show somebody twice are parted."""


@dataclass(frozen=True, slots=True, eq=False)
class MadeUp:
    """Faces of people who do not exist, in no order, no two alike.

    `vectors` [N, dim] float32 unit, `people` [N], `photo_ids` [N], `quality` [N] from 0 to 1. No
    photo shows a person twice.
    """

    vectors: Vectors
    people: Labels
    photo_ids: NDArray[np.int64]
    quality: NDArray[np.float32]


def made_up_faces(count: int, *, seed: int = 0) -> MadeUp:
    """`count` faces, the same for the same seed.

    A share STRANGERS of them are of people with no other face; the sizes of the others fall by
    Zipf's law and are PER_PERSON on average.
    """
    layout, middles_rng, faces_rng = np.random.default_rng(seed).spawn(3)
    sizes = zipf_sizes(
        count - round(count * STRANGERS), faces_per_person=PER_PERSON, exponent=EXPONENT
    )
    known = len(sizes)
    people = np.concatenate(
        [np.repeat(np.arange(known), sizes), np.arange(known, known + count - sizes.sum())]
    )
    layout.shuffle(people)
    number = int(people.max(initial=-1)) + 1
    deviations = np.sqrt(1 / (np.arange(DIMENSION, dtype=np.float32) + SPECTRUM_FROM))
    middles = _unit(middles_rng.standard_normal((number, DIMENSION), np.float32) * deviations)
    vectors = middles[people]
    across = faces_rng.standard_normal((count, DIMENSION), np.float32) * deviations
    across -= np.einsum("ij,ij->i", across, vectors)[:, None] * vectors
    cosines = faces_rng.uniform(*TO_MIDDLE, (count, 1)).astype(np.float32)
    vectors = cosines * vectors + np.sqrt(1 - cosines**2) * _unit(across)
    quality = layout.uniform(0, 1, count).astype(np.float32)
    return MadeUp(_unit(vectors), people, photos_of(people, layout), quality)


def zipf_sizes(faces: int, *, faces_per_person: float, exponent: float) -> NDArray[np.int64]:
    """How many of `faces` each person has, the largest first; nobody has fewer than two."""
    people = min(max(round(faces / faces_per_person), 1), faces // 2)
    if people == 0:
        return np.empty(0, np.int64)
    shares = np.arange(1, people + 1, dtype=np.float64) ** -exponent
    sizes: NDArray[np.int64] = np.floor((faces - 2 * people) * shares / shares.sum()).astype(
        np.int64
    )
    sizes += 2
    sizes[: faces - int(sizes.sum())] += 1
    return sizes


def photos_of(people: Labels, rng: np.random.Generator) -> NDArray[np.int64]:
    """A photo for each face of `people` [N], numbered from 0, so that none shows a person twice.

    Photos are filled by chance; who is in one already goes into a later one. In the end that
    leaves those who are in most photos, often alone.
    """
    photo_ids = np.empty(len(people), np.int64)
    waiting, photos = rng.permutation(len(people)), 0
    while len(waiting):
        sizes = rng.choice(len(FACES_PER_PHOTO), size=len(waiting), p=FACES_PER_PHOTO) + 1
        photo = photos + np.repeat(np.arange(len(waiting)), sizes)[: len(waiting)]
        order = np.lexsort((people[waiting], photo))
        waiting, photo = waiting[order], photo[order]
        again = np.zeros(len(waiting), bool)
        again[1:] = (photo[1:] == photo[:-1]) & (people[waiting[1:]] == people[waiting[:-1]])
        photo_ids[waiting[~again]] = photo[~again]
        photos = int(photo[-1]) + 1
        waiting = rng.permutation(waiting[again])
    return photo_ids


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit
