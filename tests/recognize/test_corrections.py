"""What a user refused is learnt from: for faces like the refused one, and for people mixed up."""

import numpy as np
import pytest

from photoclust.recognize.calibration import Platt
from photoclust.recognize.corrections import heed_rejected, mix_ups, widened
from photoclust.recognize.faces import Decisions
from photoclust.recognize.open_set import OddsModel

MODEL = OddsModel(0.3, 0.1, Platt(2.0, -4.0))
NO_TWINS = np.empty((0, 2), np.int64)


def unit(rng, count, dim=16):
    vectors = rng.normal(size=(count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(5))
def test_likeness_falls_by_as_much_as_a_rejected_face_is_more_alike(seed, as_candidates):
    rng = np.random.default_rng(seed)
    vectors = unit(rng, 30)
    rows = np.sort(rng.permutation(30)[:20])
    ids = np.array([3, 4, 5]) * 2**60
    people = [rng.permutation(ids).tolist() for _ in rows]
    likeness = np.sort(rng.uniform(-0.2, 0.6, (20, 3)))[:, ::-1]
    rejected = np.column_stack([rng.integers(0, 30, 9), rng.choice(ids[:2], 9)])
    found = heed_rejected(as_candidates(people, likeness), rows, rejected, vectors)
    lowered = 0
    for place, row in enumerate(rows):
        naive = {}
        for who, alike in zip(people[place], likeness[place], strict=True):
            refused = [float(vectors[row] @ vectors[j]) for j, p in rejected.tolist() if p == who]
            naive[who] = alike - max([0, *(cosine - alike for cosine in refused)])
            lowered += naive[who] < alike
        order = sorted(naive, key=naive.get, reverse=True)
        assert found.people[place].tolist() == [*order, -1, -1, -1, -1]
        assert found.likeness[place, :3] == pytest.approx([naive[who] for who in order], abs=1e-5)
    assert lowered


def test_without_rejections_nothing_changes(as_candidates):
    before = as_candidates([[3], []], [[0.4], []])
    none = np.empty((0, 2), np.int64)
    found = heed_rejected(before, np.arange(2), none, unit(np.random.default_rng(0), 2))
    assert found.people.tolist() == before.people.tolist()
    assert found.likeness.tolist() == before.likeness.tolist()


def test_mix_ups_are_faces_of_one_that_are_not_the_other():
    person = np.array([3, 7, 3, -1, -2, 7])
    rejected = np.array([[0, 7], [1, 3], [2, 9], [3, 7], [4, 3], [5, 3]])
    pairs, counts = mix_ups(Decisions(person, rejected))
    assert pairs.tolist() == [[3, 7], [3, 9]]
    assert counts.tolist() == [3, 1]
    pairs, counts = mix_ups(Decisions(person))
    assert pairs.shape == (0, 2)
    assert counts.tolist() == []


def test_mix_ups_widen_the_margin_of_that_pair_alone(as_candidates):
    a, b, c = 3, 2**61, 5
    candidates = as_candidates(
        [[a, b], [b, a], [a, b], [a, c], [a], []],
        [[0.6, 0.58], [0.6, 0.58], [0.9, 0.3], [0.6, 0.58], [0.6], []],
    )
    log_odds = np.array([1.0, 1, 1, 1, 1, -np.inf])
    falls = []
    for count in range(1, 13):
        decisions = Decisions(np.full(12, a), np.array([[row, b] for row in range(count)]))
        falls.append(log_odds[:5] - widened(log_odds, candidates, decisions, MODEL, NO_TWINS)[:5])
    falls = np.array(falls)
    assert (np.diff(falls[:10, :2], axis=0) > 0.1).all()
    np.testing.assert_allclose(falls[10:], falls[9:11])  # ten are enough
    np.testing.assert_allclose(falls[:, 0], falls[:, 1])
    assert (falls[:, 3:] == 0).all()
    scores = candidates.scores().astype(float)
    lead = MODEL.log_odds(scores[0, 0]) - MODEL.log_odds(scores[0, 1])
    assert falls[2, 0] == pytest.approx(np.log1p((np.exp(0.7 * 3) - 1) * np.exp(-lead)), rel=1e-4)
    assert (falls[2, :2] > 1).all()
    assert 0 < falls[2, 2] < 0.01
    unsaid = widened(log_odds, candidates, Decisions(np.full(3, a)), MODEL, NO_TWINS)
    assert unsaid.tolist() == log_odds.tolist()


def test_who_may_be_either_of_two_is_one_of_them_by_their_odds(as_candidates):
    a, b, c = 3, 5, 7
    candidates = as_candidates([[a, b], [b, a], [a, b], [a, c]], [[0.6, 0.6], *[[0.6, 0.3]] * 3])
    log_odds = np.full(4, 20.0)
    found = widened(log_odds, candidates, Decisions(np.full(3, a)), MODEL, np.array([[a, b]]))
    assert found[0] == pytest.approx(20 - np.log(2))
    assert found[1] == found[2] < 20
    assert found[1] > found[0]
    assert found[3] == 20
