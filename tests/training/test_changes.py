"""Pairs judged otherwise, against a loop."""

from itertools import combinations

import numpy as np
import pytest

from photoclust.core.errors import UserError
from photoclust.core.metrics import pair_similarities, threshold_at_far
from photoclust.training import changes
from photoclust.training.changes import Kind, changed_pairs


def naive_changes(before, after, people, far):
    """The pairs of each kind, the largest change first."""
    limits = [threshold_at_far(pair_similarities(each, people)[1], far) for each in (before, after)]
    found = {kind: [] for kind in Kind}
    for one, other in combinations(range(len(people)), 2):
        margins = [
            float(each[one] @ each[other]) - limit
            for each, limit in zip((before, after), limits, strict=True)
        ]
        was, now = (margin > 1e-6 for margin in margins)
        if was == now:
            continue
        if people[one] == people[other]:
            kind = Kind.SAME_ACCEPTED if now else Kind.SAME_REJECTED
        else:
            kind = Kind.DIFFERENT_ACCEPTED if now else Kind.DIFFERENT_REJECTED
        found[kind].append((-abs(margins[1] - margins[0]), one, other))
    return {kind: sorted(pairs) for kind, pairs in found.items()}


@pytest.mark.parametrize("block", [7, 1024])
def test_the_changes_are_those_of_a_loop(make_faces, monkeypatch, block):
    monkeypatch.setattr(changes, "_BLOCK", block)
    before, people = make_faces(1, [7] * 8, noise=1.0)
    after, _ = make_faces(2, [7] * 8, noise=1.0)
    after = after[np.argsort(np.argsort(people, kind="stable"), kind="stable")]
    mixed = before + after
    after = (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)
    found = changed_pairs(before, after, people, most=4, far=0.05)
    expected = naive_changes(before, after, people, 0.05)
    assert [each.kind for each in found] == list(Kind)
    assert all(expected.values())  # every kind comes about
    for each in found:
        # The pair that is the threshold itself may be taken for above it by a rounding.
        assert abs(each.count - len(expected[each.kind])) <= 1
        used, chosen = set(), []
        for _, one, other in expected[each.kind]:
            if len(chosen) < 4 and not used & {one, other}:
                chosen.append((one, other))
                used |= {one, other}
        assert [(pair.one, pair.other) for pair in each.largest] == chosen
        for pair in each.largest:
            distance = np.sum((before[pair.one] - before[pair.other]) ** 2)
            assert pair.before == pytest.approx(distance)
            assert pair.after == pytest.approx(np.sum((after[pair.one] - after[pair.other]) ** 2))


def test_rows_are_those_of_all_faces(make_faces):
    before, people = make_faces(3, [7] * 8, noise=1.0)
    after, _ = make_faces(3, [7] * 8, noise=0.6)
    known = people >= 3
    apart = changed_pairs(before[known], after[known], people[known], far=0.05)
    beside = changed_pairs(before, after, np.where(known, people, -1), far=0.05)
    rows = np.flatnonzero(known)
    assert any(each.largest for each in apart)
    for one, other in zip(apart, beside, strict=True):
        assert one.count == other.count
        assert [(rows[pair.one], rows[pair.other]) for pair in one.largest] == [
            (pair.one, pair.other) for pair in other.largest
        ]


def test_the_same_model_changes_nothing(make_faces):
    vectors, people = make_faces(4, [5] * 5)
    for each in changed_pairs(vectors, vectors, people):
        assert (each.count, each.largest) == (0, ())


def test_nobody_to_compare_is_an_error_that_says_so(make_faces):
    vectors, _ = make_faces(5, [3])
    with pytest.raises(UserError, match="at least two people"):
        changed_pairs(vectors, vectors, np.zeros(3, np.int64))
