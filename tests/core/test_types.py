import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photoclust.core import types
from photoclust.core.types import (
    Box,
    ClusterId,
    Detection,
    FoundFace,
    Group,
    GroupKind,
    PersonId,
    turned_point,
)

SIDE = st.integers(1, 12)
PLACE = st.integers(-8, 8)
BOXES = st.builds(Box, PLACE, PLACE, SIDE, SIDE)
FACE = Detection(Box(10, 20, 30, 40), ((12, 25), (30, 25), (20, 40), (15, 50), (28, 50)), 0.9)


def cells(box):
    return {(x, y) for x in range(box.x, box.x + box.w) for y in range(box.y, box.y + box.h)}


@given(BOXES, BOXES)
def test_iou_is_the_share_of_common_cells(one, other):
    common, all_cells = cells(one) & cells(other), cells(one) | cells(other)
    assert one.iou(other) == pytest.approx(len(common) / len(all_cells))
    assert one.iou(other) == other.iou(one)


def test_boxes_that_only_touch_share_nothing():
    assert Box(0, 0, 2, 2).iou(Box(2, 0, 2, 2)) == 0.0
    assert Box(0, 0, 0, 0).iou(Box(0, 0, 0, 0)) == 0.0


def test_a_box_knows_its_middle_and_area_and_scales_from_the_origin():
    box = Box(2, 4, 6, 10)
    assert box.centre == (5, 9)
    assert box.area == 60
    assert box.scaled(0.5, 2) == Box(1, 8, 3, 20)


def test_a_detection_moves_and_scales_as_one():
    assert FACE.side == 40
    moved = FACE.moved(5, -10)
    assert moved.box == Box(15, 10, 30, 40)
    assert moved.landmarks[0] == (17, 15)
    scaled = FACE.scaled(0.5)
    assert scaled.box == Box(5, 10, 15, 20)
    assert scaled.landmarks[0] == (6, 12.5)
    assert moved.score == scaled.score == FACE.score


def test_a_group_is_known_by_its_key():
    assert Group(PersonId(7), GroupKind.PERSON, "Anna", 3, 2, None).key == "p7"
    assert Group(ClusterId(31), GroupKind.CLUSTER, None, 3, 2, None).key == "g31"


def test_found_faces_compare_without_their_vectors():
    with_vector = FoundFace(FACE, 0.5, np.ones(4, np.float32))
    assert with_vector == FoundFace(FACE, 0.5)
    assert pickle.loads(pickle.dumps(with_vector)).vector.tolist() == [1, 1, 1, 1]


def test_what_crosses_layers_cannot_be_changed():
    kinds = [item for item in vars(types).values() if dataclasses.is_dataclass(item)]
    assert len(kinds) > 10
    for kind in kinds:
        assert kind.__dataclass_params__.frozen, kind


@pytest.mark.parametrize("turn", [0, 90, 180, 270, -90, 450])
def test_points_and_boxes_turn_as_pixels_do(turn):
    pixels = np.zeros((40, 60))
    pixels[5:15, 30:50] = 1
    pixels[7, 33] = 2
    after = np.rot90(pixels, turn // 90)
    rows, columns = np.nonzero(after)
    box = Box(columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
    assert Box(30, 5, 20, 10).turned(turn, 60, 40) == box
    ((row, column),) = np.argwhere(after == 2)
    assert turned_point(33.5, 7.5, turn, 60, 40) == (column + 0.5, row + 0.5)
