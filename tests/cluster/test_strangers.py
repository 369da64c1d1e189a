"""How alike strangers are, and how many decisions can be taken in a library of a given size."""

import numpy as np
import pytest
from scipy.special import ndtri

from photoclust.cluster import cluster_faces
from photoclust.cluster.strangers import Strangers, count_sure, of_decisions, of_library


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
    found = of_library(vectors, Strangers())
    assert found.mean == pytest.approx(0.05, abs=0.01)
    assert found.spread == pytest.approx(1 / 7, abs=0.01)
    known = Strangers()
    assert of_library(vectors[:5], Strangers()).spread == pytest.approx(known.spread, abs=0.01)
    assert of_library(vectors[:1], Strangers()) == known


def test_a_person_with_many_photos_does_not_change_what_strangers_are():
    rng = np.random.default_rng(1)
    strangers = unit(rng, 2000)
    person = strangers[0] + 0.3 * unit(rng, 400)
    person /= np.linalg.norm(person, axis=1, keepdims=True)
    alone = of_library(strangers, Strangers())
    beside = of_library(np.concatenate([strangers, person]), Strangers())
    assert beside.mean == pytest.approx(alone.mean, abs=0.02)
    assert beside.spread == pytest.approx(alone.spread, abs=0.02)


def test_a_library_of_two_people_does_not_make_strangers_of_them(people):
    vectors, _ = people(np.random.default_rng(2), 2, 200, spread=0.3, dim=64)
    found = of_library(vectors, Strangers())
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


NOBODY = np.empty((0, 2), np.int64)


def test_few_known_people_say_nothing_of_strangers(people):
    for count, faces in ((49, 10), (60, 5)):
        vectors, truth = people(np.random.default_rng(5), count, faces, dim=64)
        assert of_decisions(vectors, truth, NOBODY) == Strangers()
    assert of_decisions(vectors[:0], truth[:0], NOBODY) == Strangers()


def test_known_people_say_how_alike_strangers_are(people):
    rng = np.random.default_rng(6)
    vectors, truth = people(rng, 300, 6, spread=0.3, dim=64)
    found = of_decisions(vectors, truth, NOBODY)
    assert found.mean == pytest.approx(0.0, abs=0.01)
    assert found.spread == pytest.approx(1 / 8, abs=0.01)
    # The faces of nobody known count for nothing, nor do the thousands of one person.
    strangers = np.concatenate([vectors, np.repeat(vectors[:1], 2000, axis=0)])
    for person in (-1, truth[0]):
        more = of_decisions(strangers, np.append(truth, [person] * 2000), NOBODY)
        assert more.cosine(4) == pytest.approx(found.cosine(4), abs=0.02)


def test_rejected_guesses_make_it_ask_for_more(people):
    vectors, truth = people(np.random.default_rng(7), 60, 6, spread=0.3, dim=64)
    alike = np.array([[0, 1], [6, 7], [12, 13]] * 60)  # as the user says, against all likeness
    before, after = (of_decisions(vectors, truth, apart) for apart in (NOBODY, alike))
    assert after.cosine(3) > before.cosine(3) + 0.05


def test_where_all_look_alike_known_people_keep_strangers_apart(people):
    rng = np.random.default_rng(8)
    vectors, truth = people(rng, 120, 6, spread=0.4, dim=128)
    strangers, _ = people(rng, 200, 1, dim=128)
    vectors = np.concatenate([vectors, strangers]) + np.float32(0.95) * strangers[0]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    known = np.concatenate([truth, np.full(200, -1)])
    without = cluster_faces(vectors).labels
    labels = cluster_faces(vectors, people=known).labels
    assert (without[720:] >= 0).mean() > 0.5
    assert (labels[720:] >= 0).mean() < 0.02
