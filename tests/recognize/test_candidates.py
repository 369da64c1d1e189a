"""The few people most like each face, against sorting all of them."""

from dataclasses import dataclass

import numpy as np
import pytest

from photoclust.core.errors import CancelledError
from photoclust.core.progress import JobControl
from photoclust.recognize import candidates as module
from photoclust.recognize.candidates import KEPT, LEAD, Candidates, find, renewed

STRANGERS = 0.06


@dataclass(frozen=True, eq=False)
class Table:
    """Likeness [N, P] written down; a face's vector is its number."""

    people: np.ndarray
    likeness: np.ndarray

    def scores(self, vectors, times):
        return self.likeness[vectors[:, 0].astype(int)]

    def only(self, people):
        some = np.isin(self.people, people)
        return Table(self.people[some], self.likeness[:, some])


def numbers(count):
    return np.arange(count, dtype=np.float32)[:, None], np.full(count, np.nan)


def drawn(rng, faces, people):
    ids = np.sort(rng.permutation(50)[:people]) * 2**50
    return Table(ids, rng.uniform(-0.3, 0.9, (faces, people)).astype(np.float32))


@pytest.mark.parametrize("people", [0, 1, 2, 6, 7, 8, 20])
def test_the_most_alike_are_found_in_their_order(people, monkeypatch):
    monkeypatch.setattr(module, "_PAIRS", 1)  # many blocks
    table = drawn(np.random.default_rng(people), 150, people)
    found = find(table, *numbers(150))
    for row in range(150):
        order = np.argsort(-table.likeness[row])[:KEPT]
        missing = KEPT - len(order)
        assert found.people[row].tolist() == table.people[order].tolist() + [-1] * missing
        alike = [*table.likeness[row, order], *[STRANGERS] * missing]
        np.testing.assert_array_equal(found.likeness[row], np.array(alike, np.float32))


@pytest.mark.parametrize("seed", range(10))
def test_scores_are_those_of_the_naive_loop(seed):
    likeness = np.sort(np.random.default_rng(seed).uniform(-1, 1, (4, KEPT)))[:, ::-1]
    found = Candidates(np.zeros((4, KEPT), np.int64), likeness.astype(np.float32))
    for row in range(4):
        for place in range(KEPT):
            others = sorted(np.delete(likeness[row], place), reverse=True)[:5]
            naive = likeness[row, place] + LEAD * (likeness[row, place] - np.mean(others))
            assert found.scores()[row, place] == pytest.approx(naive, abs=1e-6)


@pytest.mark.parametrize("people", [1, 3, 6, 7, 8, 9, 14, 30])
@pytest.mark.parametrize("seed", range(4))
def test_renewed_candidates_are_those_found_anew(seed, people):
    """Some people are other than before, some have gone, some are new."""
    rng = np.random.default_rng([seed, people])
    whole = drawn(rng, 200, people)
    there = rng.random(people) < 0.8
    changed = whole.people[rng.random(people) < 0.3]
    changed = np.union1d(changed, whole.people[~there])
    before = whole.likeness + np.where(
        np.isin(whole.people, changed), rng.normal(0, 0.3, whole.likeness.shape), 0
    ).astype(np.float32)
    old = find(Table(whole.people, before).only(whole.people[there]), *numbers(200))
    gone = changed[rng.random(len(changed)) < 0.3]
    now = whole.only(np.setdiff1d(whole.people, gone))
    vectors, times = numbers(200)
    again = renewed(old, changed, now.only(changed), now, vectors=vectors, times=times)
    anew = find(now, vectors, times)
    assert again.people.tolist() == anew.people.tolist()
    np.testing.assert_array_equal(again.likeness, anew.likeness)


def test_the_others_move_up_where_one_is_barred(as_candidates):
    found = as_candidates([[4, 5, 6], [4]], [[0.9, 0.8, 0.01], [0.5]])
    barred = np.zeros((2, KEPT), bool)
    barred[0, [0, 2]] = barred[1, 0] = True
    left = found.without(barred)
    assert left.people[:, :2].tolist() == [[5, -1], [-1, -1]]
    np.testing.assert_allclose(left.likeness[:, :2], [[0.8, 0.06], [0.06, 0.06]], atol=1e-6)
    assert found.without(np.zeros((2, KEPT), bool)) is found
    assert found.people[0, 0] == 4


def test_the_search_can_be_cancelled():
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        find(drawn(np.random.default_rng(0), 3, 3), *numbers(3), control=control)
