"""Faces of one shot speak once."""

import numpy as np
import pytest

from photoclust.cluster.neighbors import nearest
from photoclust.cluster.shots import BURST_S, shots


@pytest.fixture
def faces(people):
    vectors, _ = people(np.random.default_rng(0), 6, 1, dim=64)
    return vectors


def near(vector, cosine, rng):
    other = rng.normal(size=len(vector)).astype(np.float32)
    other -= other @ vector * vector
    return cosine * vector + np.sqrt(1 - cosine**2) * other / np.linalg.norm(other)


def test_copies_are_one_shot_and_the_best_speaks(faces):
    rng = np.random.default_rng(1)
    vectors = np.concatenate([faces, [near(faces[2], 0.99, rng)]]).astype(np.float32)
    quality = np.array([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.9], np.float32)
    assert shots(nearest(vectors), quality).tolist() == [0, 1, 6, 3, 4, 5, 6]
    quality[6] = 0.1
    assert shots(nearest(vectors), quality).tolist() == [0, 1, 2, 3, 4, 5, 2]


@pytest.mark.parametrize(("apart_s", "one"), [(1.0, True), (BURST_S + 1, False), (np.nan, False)])
def test_a_burst_is_one_shot(faces, apart_s, one):
    rng = np.random.default_rng(1)
    vectors = np.concatenate([faces, [near(faces[2], 0.9, rng)]]).astype(np.float32)
    times = 1000.0 * np.arange(7)
    times[6] = times[2] + apart_s
    found = shots(nearest(vectors), np.ones(7, np.float32), times=times)
    assert (found[6] == found[2]) == one


def test_what_is_known_to_be_one_shot_need_not_look_alike(faces):
    duplicates = np.array([-1, 4, -1, 4, -1, 4])
    found = shots(nearest(faces), np.ones(6, np.float32), duplicates=duplicates)
    assert found.tolist() == [0, 1, 2, 1, 4, 1]
    alone = np.arange(6)
    assert shots(nearest(faces), np.ones(6, np.float32), duplicates=alone).tolist() == [*range(6)]
