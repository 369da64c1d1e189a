"""Groups of one person become one, or a question."""

import numpy as np
import pytest

from photoclust.cluster.constraints import pairs_of, understand
from photoclust.cluster.merging import merge_groups

LEVELS = {"merge": 0.8, "ask": 0.5, "rival": 0.3}


def groups_at(cosines, rng, faces=6, dim=128):
    """Groups whose middles have these cosines to the first one, and else nothing in common."""
    axes = np.linalg.qr(rng.normal(size=(dim, len(cosines) + 1)))[0].T
    middles = [axes[0]] + [
        cosine * axes[0] + np.sqrt(1 - cosine**2) * axis
        for cosine, axis in zip(cosines, axes[1:], strict=True)
    ]
    vectors = np.repeat(middles, faces, axis=0)
    vectors = vectors + 0.01 * rng.normal(size=vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), np.repeat(np.arange(len(middles)), faces)


def free(count, photos=None, cannot=()):
    return understand(
        np.arange(count) if photos is None else photos,
        np.full(count, -1),
        pairs_of((), "must_link", count),
        pairs_of(cannot, "cannot_link", count),
    )[0]


def test_alike_groups_join_and_less_alike_ones_are_asked_about():
    vectors, labels = groups_at([0.9, 0.1], np.random.default_rng(0))
    merged, questions = merge_groups(labels, vectors, free(18), **LEVELS)
    assert merged.tolist() == [0] * 12 + [1] * 6
    assert questions == []
    vectors, labels = groups_at([0.6, 0.1], np.random.default_rng(0))
    merged, (question,) = merge_groups(labels, vectors, free(18), **LEVELS)
    assert merged.tolist() == labels.tolist()
    assert (question.a, question.b) == (0, 1)
    assert question.similarity == pytest.approx(0.6, abs=0.03)


def test_a_close_rival_makes_it_a_question():
    # .72 alone is enough with the lead over anybody else; with a rival at .70 it is not.
    vectors, labels = groups_at([0.72], np.random.default_rng(1))
    assert merge_groups(labels, vectors, free(12), **LEVELS)[0].max() == 0
    vectors, labels = groups_at([0.72, 0.70], np.random.default_rng(1))
    merged, questions = merge_groups(labels, vectors, free(18), **LEVELS)
    assert merged.tolist() == labels.tolist()
    assert [(one.a, one.b) for one in questions] == [(0, 1)]


def test_fragments_join_round_by_round(people):
    vectors, truth = people(np.random.default_rng(2), 5, 24, spread=0.4, dim=128)
    labels = truth * 6 + np.arange(len(truth)) % 6
    merged, _ = merge_groups(labels, vectors, free(len(truth)), **LEVELS)
    assert len(np.unique(merged)) == 5
    assert len({(a, b) for a, b in zip(merged.tolist(), truth.tolist(), strict=True)}) == 5


def test_groups_that_bar_each_other_stay_two_and_are_not_asked_about():
    vectors, labels = groups_at([0.95, 0.1], np.random.default_rng(3))
    photos = np.arange(18)
    photos[7] = photos[2]
    for constraints in (free(18, photos=photos), free(18, cannot=[[8, 0]])):
        merged, questions = merge_groups(labels, vectors, constraints, **LEVELS)
        assert merged.tolist() == labels.tolist()
        assert questions == []


def test_what_is_barred_is_no_rival():
    vectors, labels = groups_at([0.72, 0.75], np.random.default_rng(4))
    constraints = free(18, cannot=[[0, 13]])
    merged, _ = merge_groups(labels, vectors, constraints, **LEVELS)
    assert merged.tolist() == [0] * 12 + [1] * 6


def test_old_groups_keep_their_numbers_and_never_join_each_other():
    vectors, labels = groups_at([0.95, 0.1], np.random.default_rng(5))
    merged, questions = merge_groups(labels, vectors, free(18), fixed=2, **LEVELS)
    assert merged.tolist() == labels.tolist()
    assert questions == []
    labels = np.where(labels == 1, 9, np.where(labels == 2, 1, labels))
    merged, _ = merge_groups(labels, vectors, free(18), fixed=2, **LEVELS)
    assert merged.tolist() == [0] * 12 + [1] * 6


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_groups(count):
    vectors = np.eye(4, dtype=np.float32)[: count + 1]
    labels = np.array([0] * count + [-1])
    merged, questions = merge_groups(labels, vectors, free(count + 1), **LEVELS)
    assert merged.tolist() == labels.tolist()
    assert questions == []
