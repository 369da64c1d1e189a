"""How alike strangers are, and how many decisions can be taken in a library of a given size."""

import numpy as np
import pytest
from scipy.special import ndtri

from photoclust.cluster.strangers import Strangers, count_sure, of_library


def unit(rng, count, dim=64):
    vectors = rng.normal(size=(count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_chance_and_the_cosine_it_belongs_to_are_inverse():
    strangers = Strangers()
    for share in (0.5, 1e-3, 1e-7):
        cosine = np.array([strangers.reached_by(share)])
        assert strangers.chance(cosine)[0] == pytest.approx(share, rel=1e-6)
    assert strangers.reached_by(0.5) == pytest.approx(strangers.mean)
    assert strangers.cosine(3.0) == pytest.approx(strangers.mean + 3 * strangers.spread)


def test_the_known_distribution_is_that_of_the_network():
    # The cosines at false accept rates of 1e-3 and 1e-4, as measured for the bundled network.
    assert Strangers().reached_by(1e-3) == pytest.approx(0.555, abs=0.02)
    assert Strangers().reached_by(1e-4) == pytest.approx(0.655, abs=0.03)


def test_a_large_library_is_believed_and_a_small_one_is_not():
    vectors = unit(np.random.default_rng(0), 5000, dim=49)
    vectors[:, 0] += 0.22
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = of_library(vectors)
    assert found.mean == pytest.approx(0.05, abs=0.01)
    assert found.spread == pytest.approx(1 / 7, abs=0.01)
    known = Strangers()
    assert of_library(vectors[:5]).spread == pytest.approx(known.spread, abs=0.01)
    assert of_library(vectors[:1]) == known


def test_a_person_with_many_photos_does_not_change_what_strangers_are():
    rng = np.random.default_rng(1)
    strangers = unit(rng, 2000)
    person = strangers[0] + 0.3 * unit(rng, 400)
    person /= np.linalg.norm(person, axis=1, keepdims=True)
    alone, beside = of_library(strangers), of_library(np.concatenate([strangers, person]))
    assert beside.mean == pytest.approx(alone.mean, abs=0.02)
    assert beside.spread == pytest.approx(alone.spread, abs=0.02)


def test_a_library_of_two_people_does_not_make_strangers_of_them(people):
    vectors, _ = people(np.random.default_rng(2), 2, 200, spread=0.3, dim=64)
    found = of_library(vectors)
    assert found.reached_by(1e-4) < 0.85


def test_the_same_pair_is_sure_in_a_small_library_and_not_in_a_large_one():
    cosine, strangers = np.array([0.62]), Strangers()
    for faces, sure in ((4, 1), (10_000, 0)):
        rivals = np.array([faces * (faces - 1) // 2])
        assert count_sure(cosine, rivals, strangers, share=0.01) == sure


def test_decisions_end_with_the_first_that_chance_would_make_too_many_of():
    strangers = Strangers(0.0, 1.0)
    cosines = -ndtri(np.array([1e-6, 1e-5, 1e-2, 1e-6]))
    rivals = np.array([100, 100, 100, 100])
    assert count_sure(cosines, rivals, strangers, share=0.01) == 2
    assert count_sure(cosines, rivals, strangers, share=0.01, already=1000) == 4
    assert count_sure(cosines[:0], rivals[:0], strangers, share=0.01) == 0
