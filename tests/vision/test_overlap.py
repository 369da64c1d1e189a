import numpy as np
import pytest

from photoclust.core.types import Box
from photoclust.vision.overlap import suppress


def slow_suppress(boxes, scores, most, relative_to):
    """Take the best box, drop those that share too much with it, and again."""
    waiting = sorted(range(len(boxes)), key=lambda place: -scores[place])
    kept = []
    while waiting:
        best = waiting.pop(0)
        kept.append(best)
        waiting = [other for other in waiting if share(boxes, best, other, relative_to) <= most]
    return kept


def share(boxes, one, other, relative_to):
    a, b = (Box(x, y, x1 - x, y1 - y) for x, y, x1, y1 in (boxes[one], boxes[other]))
    union_share = a.iou(b)
    if relative_to == "union":
        return union_share
    shared = union_share * (a.area + b.area) / (1 + union_share)
    return shared / min(a.area, b.area)


@pytest.mark.parametrize("relative_to", ["union", "smaller"])
@pytest.mark.parametrize("most", [0.2, 0.5, 0.7])
def test_the_same_boxes_stay_as_by_the_obvious_way(relative_to, most):
    rng = np.random.default_rng(7)
    low = rng.uniform(0, 60, (80, 2))
    boxes = np.concatenate([low, low + rng.uniform(5, 40, (80, 2))], axis=1)
    scores = rng.uniform(0, 1, 80)
    kept = suppress(boxes, scores, most, relative_to=relative_to)
    assert list(kept) == slow_suppress(boxes, scores, most, relative_to)
    assert 1 < len(kept) < 80


def test_none_and_one():
    assert suppress(np.empty((0, 4)), np.empty(0), 0.5).size == 0
    assert list(suppress(np.array([[0, 0, 2, 2]]), np.array([0.3]), 0.5)) == [0]


def test_of_equal_boxes_with_equal_scores_the_first_stays():
    boxes = np.array([[0.0, 0, 2, 2]] * 3)
    assert list(suppress(boxes, np.array([0.3, 0.3, 0.3]), 0.5)) == [0]


def test_a_small_box_inside_a_large_one_goes_only_relative_to_the_smaller():
    boxes = np.array([[0.0, 0, 10, 10], [4.0, 4, 6, 6]])
    scores = np.array([0.9, 0.8])
    assert list(suppress(boxes, scores, 0.5)) == [0, 1]
    assert list(suppress(boxes, scores, 0.5, relative_to="smaller")) == [0]
