"""Figures of an embedding, against the metrics and loops."""

import numpy as np
import pytest

from photoclust.cluster.engine import cluster_faces
from photoclust.core.errors import InternalError, UserError
from photoclust.core.metrics import bcubed, equal_error_rate, pair_similarities, val_at_far
from photoclust.training import measures
from photoclust.training.measures import balanced_accuracy, far_name, measure, thinned


def test_the_figures_are_those_of_the_metrics(make_faces):
    vectors, people = make_faces(1, [9] * 12, dimension=64, noise=0.9)
    found = measure(vectors, people)
    genuine, impostor = pair_similarities(vectors, people)
    assert found.val_at_far == {
        far: pytest.approx(val_at_far(genuine, impostor, far), abs=2 / len(genuine))
        for far in (1e-3, 1e-4)
    }
    assert 0.1 < found.val_at_far[1e-3] < 1
    assert found.eer == pytest.approx(equal_error_rate(genuine, impostor), abs=1e-4)
    assert found.bcubed_f == bcubed(people, cluster_faces(vectors).labels).f
    assert (found.faces, found.people) == (108, 12)


def naive_accuracy(genuine, impostor):
    thresholds = [-np.inf, *genuine, *impostor]
    return max((np.mean(genuine > t) + np.mean(impostor <= t)) / 2 for t in thresholds)


def test_the_accuracy_is_that_of_the_best_of_all_thresholds():
    rng = np.random.default_rng(2)
    for _ in range(60):
        high, low = rng.integers(1, 9, 2)
        # Few different scores, so that many are equal.
        genuine, impostor = rng.integers(3, 9, high) / 8, rng.integers(0, 6, low) / 8
        expected = naive_accuracy(genuine, impostor)
        assert balanced_accuracy(genuine, impostor) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("genuine", "impostor", "accuracy"),
    [([0.9], [0.1], 1.0), ([0.1], [0.9], 0.5), ([0.5], [0.5], 0.5), ([0.5, 0.9], [0.5], 0.75)],
)
def test_accuracies_one_knows(genuine, impostor, accuracy):
    assert balanced_accuracy(np.array(genuine), np.array(impostor)) == accuracy


def test_faces_of_nobody_known_say_nothing(make_faces):
    vectors, people = make_faces(3, [6] * 6, dimension=32)
    named = people < 4
    with_others = measure(vectors, np.where(named, people, -1))
    assert with_others == measure(vectors[named], people[named])
    assert (with_others.faces, with_others.people) == (24, 4)


@pytest.mark.parametrize("labels", [[], [0], [0, 0, 0], [0, 1, 2], [0, 0, -1, -1]])
def test_too_few_people_are_an_error_that_says_so(labels):
    vectors = np.eye(4, dtype=np.float32)[: len(labels)]
    with pytest.raises(UserError, match="at least two people"):
        measure(vectors, np.array(labels, np.int64))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_vectors_that_are_none_are_an_error_that_says_so(bad):
    vectors = np.eye(4, dtype=np.float32)
    vectors[2, 1] = bad
    with pytest.raises(UserError, match="the model gives 1 of 4 faces no valid vector"):
        measure(vectors, np.array([0, 0, 1, 1]))


def test_vectors_that_do_not_fit_are_a_bug():
    vectors, labels = np.eye(4, dtype=np.float32), np.array([0, 0, 1, 1])
    for wrong, message in [
        (2 * vectors, "unit length"),
        (vectors[:3], "labels"),
        (vectors[:, 0], "dim"),
    ]:
        with pytest.raises(InternalError, match=message):
            measure(wrong, labels)


def test_many_faces_are_thinned_evenly():
    rng = np.random.default_rng(4)
    people = rng.permutation(np.repeat(np.arange(5), [2, 3, 40, 30, 50]))
    rows = thinned(people, 60)
    assert rows.tolist() == sorted(set(rows.tolist()))
    assert np.bincount(people[rows]).tolist() == [2, 3, 18, 18, 18]
    own = np.flatnonzero(people == 4)
    assert {own[0], own[-1]} <= set(rows.tolist())  # from the first to the last
    assert np.array_equal(thinned(people, 125), np.arange(125))
    assert np.bincount(people[thinned(people, 1)]).tolist() == [2] * 5


def test_thinned_faces_give_about_the_same_figures_and_the_same_val(make_faces, monkeypatch):
    vectors, people = make_faces(5, [30] * 10, dimension=48, noise=1.4)
    exact = measure(vectors, people, grouping=False)
    monkeypatch.setattr(measures, "thinned", lambda people: thinned(people, 120))
    fewer = measure(vectors, people, grouping=False)
    assert fewer.val_at_far == exact.val_at_far
    assert fewer.eer != exact.eer
    assert fewer.eer == pytest.approx(exact.eer, abs=0.03)


def test_the_form_for_a_file(make_faces):
    figures = measure(*make_faces(6, [5] * 5), grouping=False)
    stored = figures.as_json()
    assert stored["val_at_far"] == {
        "0.001": figures.val_at_far[1e-3],
        "0.0001": figures.val_at_far[1e-4],
    }
    assert (stored["faces"], stored["people"], stored["bcubed_f"]) == (25, 5, None)
    assert (stored["eer"], stored["accuracy"]) == (figures.eer, figures.accuracy)
    assert far_name(1e-5) == "0.00001"


def test_balanced_pairs_count_alike_however_many_there_are():
    genuine, impostor = np.array([0.2, 0.8]), np.array([0.1] * 999 + [0.9])
    expected = max((1 + np.mean(impostor <= t)) / 2 for t in (0.1, 0.15))
    assert balanced_accuracy(genuine, impostor) == pytest.approx(expected)
