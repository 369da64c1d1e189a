"""The order of the faces of a group portrait."""

import math

import numpy as np
import pytest

from photoclust.core.reading_order import reading_order, rows
from photoclust.core.types import Box


def face(x, y, side=100):
    """A square box around (x, y)."""
    return Box(x - side / 2, y - side / 2, side, side)


def portrait(counts, rng, *, tilt=0.0, wobble=0.12, apart=1.15, side=100.0):
    """Rows of `counts` faces, the back one first, and the order they were made in."""
    boxes = []
    for row, count in enumerate(counts):
        for place in range(count):
            x = (place - count / 2 + 0.5 * (row % 2)) * 1.6 * side
            y = row * apart * side + rng.normal(0, wobble) * side
            turned = (
                x * math.cos(tilt) - y * math.sin(tilt),
                x * math.sin(tilt) + y * math.cos(tilt),
            )
            boxes.append(face(*turned, side * rng.uniform(0.85, 1.15)))
    return boxes


def assert_read_in_order(boxes, rng):
    order = rng.permutation(len(boxes))
    found = reading_order([boxes[index] for index in order])
    assert [int(order[index]) for index in found] == list(range(len(boxes)))


def test_nobody_and_one():
    assert rows([]) == []
    assert rows([face(5, 5)]) == [[0]]


def test_two_side_by_side_are_a_row_and_two_above_each_other_are_two():
    assert rows([face(300, 120), face(100, 100)]) == [[1, 0]]
    assert rows([face(120, 300), face(100, 100)]) == [[1], [0]]


@pytest.mark.parametrize("degrees", [-12, -6, 0, 6, 12])
def test_forty_faces_in_four_tilted_rows(degrees):
    rng = np.random.default_rng(7)
    for _ in range(10):
        boxes = portrait((10, 11, 10, 9), rng, tilt=math.radians(degrees))
        assert [len(row) for row in rows(boxes)] == [10, 11, 10, 9]
        assert_read_in_order(boxes, rng)


def test_one_long_row_of_tall_and_short_people_stays_one():
    rng = np.random.default_rng(3)
    for count in (3, 8, 20):
        boxes = portrait((count,), rng, wobble=0.2)
        assert len(rows(boxes)) == 1
        assert_read_in_order(boxes, rng)


def test_children_in_front_are_the_last_row():
    parents = [face(x, 100, 120) for x in (100, 300, 500)]
    children = [face(x, 260, 90) for x in (200, 400)]
    assert rows([*children, *parents]) == [[2, 3, 4], [0, 1]]


def test_a_small_back_row_far_away_comes_first():
    far = [face(x, 60, 40) for x in (50, 120, 190, 260)]
    near = [face(x, 160, 140) for x in (80, 260)]
    assert rows([*near, *far]) == [[2, 3, 4, 5], [0, 1]]


def test_the_scale_does_not_matter():
    rng = np.random.default_rng(5)
    boxes = portrait((5, 6, 4), rng, tilt=0.1)
    assert rows(boxes) == rows([box.scaled(0.01, 0.01) for box in boxes])


def test_equal_and_empty_boxes_are_all_named():
    boxes = [Box(3, 3, 0, 0), Box(3, 3, 0, 0), face(3, 3)]
    assert sorted(reading_order(boxes)) == [0, 1, 2]
