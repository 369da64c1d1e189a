"""Pairs found block by block, against all of them written out."""

from itertools import combinations

import numpy as np
import pytest

from photoclust.core.errors import CancelledError
from photoclust.core.metrics import pair_similarities
from photoclust.core.progress import JobControl
from photoclust.training import pairs as pairs_module
from photoclust.training.pairs import find_pairs, pairs_of_two


@pytest.fixture(params=[1, 100, 1 << 22])
def at_once(request, monkeypatch):
    """Blocks of a row, of some and of all."""
    monkeypatch.setattr(pairs_module, "_AT_ONCE", request.param)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("kept", [1, 10, 200, 10_000])
def test_the_pairs_are_those_of_a_loop(make_faces, kept):
    vectors, people = make_faces(1, [5, 1, 4, 8, 2, 7])
    found = find_pairs(vectors, people, kept)
    genuine, impostor = [], []
    for one, other in combinations(range(len(people)), 2):
        cosine = float(vectors[one] @ vectors[other])
        if people[one] == people[other]:
            genuine.append((cosine, people[one]))
        else:
            impostor.append((-cosine, *sorted((people[one], people[other]))))
    genuine, impostor = np.array(sorted(genuine)), np.array(sorted(impostor)[:kept])
    assert found.genuine == pytest.approx(genuine[:, 0], abs=1e-6)
    assert found.person.tolist() == genuine[:, 1].tolist()
    assert found.impostor == pytest.approx(-impostor[:, 0], abs=1e-6)
    assert np.sort(found.people, axis=0).T.tolist() == impostor[:, 1:].tolist()
    assert found.sizes.tolist() == [5, 1, 4, 8, 2, 7]


@pytest.mark.usefixtures("at_once")
def test_they_are_the_pairs_that_the_metrics_are_measured_on(make_faces):
    vectors, people = make_faces(2, [9, 3, 3])
    found = find_pairs(vectors, people, 1_000)
    genuine, impostor = pair_similarities(vectors, people)
    assert found.genuine == pytest.approx(np.sort(genuine), abs=1e-6)
    assert found.impostor == pytest.approx(np.sort(impostor)[::-1], abs=1e-6)


@pytest.mark.parametrize("sizes", [[], [1], [3], [1, 1]])
def test_few_faces_have_few_pairs(make_faces, sizes):
    found = find_pairs(*make_faces(3, sizes), kept=10)
    assert len(found.genuine) == len(found.person) == sum(n * (n - 1) // 2 for n in sizes)
    assert len(found.impostor) == found.people.shape[1] == (1 if len(sizes) == 2 else 0)


def test_pairs_of_two_people_are_counted():
    assert pairs_of_two(np.array([3, 4, 5])) == 3 * 4 + 3 * 5 + 4 * 5
    assert pairs_of_two(np.array([7, 0])) == 0


def test_a_cancelled_search_ends(make_faces):
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        find_pairs(*make_faces(4, [3, 3]), kept=10, control=control)
