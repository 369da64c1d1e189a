"""ROC curves and histograms, against the metrics and loops."""

import numpy as np
import pytest

from photoclust.core.errors import InternalError
from photoclust.core.metrics import pair_similarities, val_at_far
from photoclust.training import curves
from photoclust.training.curves import Curve, histogram, mixed_roc, roc, set_curves
from photoclust.training.measures import thinned


def test_every_point_is_val_at_that_far():
    rng = np.random.default_rng(0)
    for high, low in [(50, 300), (1, 1), (3, 40), (40, 3)]:
        genuine = rng.normal(0.6, 0.2, high).round(1)  # many are equal
        impostor = rng.normal(0.2, 0.2, low).round(1)
        found = roc(genuine, impostor)
        expected = [val_at_far(genuine, impostor, far) for far in found.far]
        assert found.val == pytest.approx(expected)
        assert found.far[0] == pytest.approx(max(1 / low, 1e-5))
        assert found.far[-1] == 1
        assert found.val[-1] == 1
        assert (np.diff(found.val) >= 0).all()


def test_shares_of_a_histogram_add_up_and_lie_where_they_should():
    found = histogram(np.array([1.0, 0.5, 1.0 + 1e-6]), np.array([-1.0, 0.0]))
    assert found.same.sum() == pytest.approx(1)
    assert found.different.sum() == pytest.approx(1)
    assert found.same[0] == pytest.approx(2 / 3)
    assert found.same[np.searchsorted(found.edges, 1.0 + 1e-9) - 1] == pytest.approx(1 / 3)
    assert found.different[-1] == found.different[len(found.different) // 2] == 0.5


@pytest.mark.parametrize("draw", [roc, histogram])
def test_nothing_to_draw_is_an_error(draw):
    some, none = np.array([0.5]), np.empty(0)
    for genuine, impostor in ((some, none), (none, some), (none, none)):
        with pytest.raises(ValueError, match="needs pairs"):
            draw(genuine, impostor)


def test_curves_of_a_set_leave_out_faces_of_nobody_known(make_faces):
    before, people = make_faces(1, [6] * 6)
    after, _ = make_faces(1, [6] * 6, dimension=32)
    labels = np.where(people < 4, people, -1)
    found = set_curves(before, after, labels)
    for shown, vectors in ((found.roc_before, before), (found.roc_after, after)):
        expected = roc(*pair_similarities(vectors[labels >= 0], labels[labels >= 0]))
        assert np.array_equal(shown.val, expected.val)
    assert not np.array_equal(found.distances_before.same, found.distances_after.same)


def naive_mixed(probes, gallery, labels):
    genuine, impostor = [], []
    for one in range(len(labels)):
        for other in range(len(labels)):
            if one != other:
                kind = genuine if labels[one] == labels[other] else impostor
                kind.append(probes[one] @ gallery[other])
    return roc(np.array(genuine), np.array(impostor))


@pytest.mark.parametrize("block", [1, 5, 1024])
def test_mixed_pairs_are_those_of_a_loop(make_faces, monkeypatch, block):
    monkeypatch.setattr(curves, "_BLOCK", block)
    old, people = make_faces(2, [4, 5, 1, 6])
    new, _ = make_faces(2, [4, 5, 1, 6], noise=0.9)
    found = mixed_roc(new, old, people)
    expected = naive_mixed(new, old, people)
    assert found.val == pytest.approx(expected.val, abs=1 / 40)
    assert np.array_equal(found.far, expected.far)
    # The same on both sides is the usual curve.
    usual = roc(*pair_similarities(old, people))
    own = mixed_roc(old, old, people)
    assert own.val[own.far == 1] == usual.val[usual.far == 1] == 1
    assert np.interp(0.1, own.far, own.val) == pytest.approx(
        np.interp(0.1, usual.far, usual.val), abs=0.05
    )


def test_vectors_of_two_sizes_cannot_be_mixed(make_faces):
    old, people = make_faces(3, [2, 2])
    new, _ = make_faces(3, [2, 2], dimension=8)
    with pytest.raises(InternalError, match="cannot be mixed"):
        mixed_roc(new, old, people)


def test_many_faces_are_drawn_from_a_part(make_faces, monkeypatch):
    vectors, people = make_faces(4, [20] * 8)
    every = set_curves(vectors, vectors, people).roc_before
    monkeypatch.setattr(curves, "thinned", lambda people: thinned(people, 80))
    some = set_curves(vectors, vectors, people).roc_before
    assert some.far[0] > every.far[0]


def test_a_curve_has_a_value_for_each_step():
    with pytest.raises(InternalError, match="one value for each step"):
        Curve("loss", np.arange(3.0), np.arange(2.0))
