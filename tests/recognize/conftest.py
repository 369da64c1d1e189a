"""Made-up libraries: people who come often, strangers, photos of several faces, dates or none."""

import numpy as np
import pytest

from photoclust.cluster.neighbor_lists import search
from photoclust.recognize.candidates import KEPT, Candidates
from photoclust.recognize.faces import Faces

DIM = 64
YEAR_S = 365.25 * 24 * 3600


def _photos(rng, truth):
    """Photos of one to four faces, nobody twice in one."""
    photo, there, number = np.empty(len(truth), np.int64), set(), 0
    for row, who in enumerate(truth.tolist()):
        if who in there or len(there) == 4 or rng.random() < 0.5:
            number, there = number + 1, set()
        photo[row] = number
        there.add(who)
    return photo


@pytest.fixture
def make_faces(people):
    """`make_faces(seed, sizes)`: Faces, and who they are [N].

    One person for each of `sizes`, with so many faces; half of the faces have dates within `years`.
    """

    def make(seed, sizes, *, spread=0.6, years=9.0, dim=DIM):
        rng = np.random.default_rng(seed)
        vectors, truth = people(rng, len(sizes), sizes, spread, dim)
        order = rng.permutation(len(truth))
        vectors, truth = vectors[order], truth[order].astype(np.int64)
        count = len(truth)
        times = rng.uniform(0, years * YEAR_S, count)
        times[rng.random(count) < 0.5] = np.nan
        near = search(vectors, np.arange(count), max(min(3, count - 1), 0))
        quality = rng.uniform(0, 1, count).astype(np.float32)
        return Faces(vectors, _photos(rng, truth), quality, times, near), truth

    return make


@pytest.fixture
def as_candidates():
    """Candidates of rows of people and likeness, the rest filled up as where nobody else is."""

    def make(people, likeness):
        found = Candidates.none(len(people))
        for row, (who, alike) in enumerate(zip(people, likeness, strict=True)):
            assert len(who) <= KEPT
            found.people[row, : len(who)] = who
            found.likeness[row, : len(who)] = alike
        return found

    return make
