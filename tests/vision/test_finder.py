"""The real CenterFace on demo photos and on pictures composed of them."""

import numpy as np
import pytest
from PIL import Image

from photoclust.core.types import Box, Detection
from photoclust.vision import models
from photoclust.vision.finder import (
    FIRST_SIDE,
    WORKING_SIDE,
    FaceFinder,
    _tiles,
    shrink,
    turned,
    turned_back,
)


@pytest.fixture(scope="module")
def finder():
    return FaceFinder(models.load_detector())


def opened(path, side=WORKING_SIDE):
    with Image.open(path) as image:
        picture = image.convert("RGB")
    picture.thumbnail((side, side))
    return np.array(picture)


@pytest.fixture(scope="module")
def astronaut(demo_album):
    """One frontal face, some 110 px of 448."""
    return opened(demo_album / "Space" / "astronaut.png")


@pytest.fixture(scope="module")
def portrait(demo_album):
    return opened(demo_album / "2012 Oval Office" / "portrait sitting.jpg", 900)


@pytest.fixture(scope="module")
def pair(demo_album):
    return opened(demo_album / "2010 Blue Room" / "side by side.jpg", 1000)


def resized(pixels, scale):
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def canvas_with(pixels, places, height=1200, width=WORKING_SIDE):
    """A large picture of soft noise with `pixels` pasted in at each (x, y)."""
    rng = np.random.default_rng(5)
    noise = rng.integers(90, 140, (height // 40, width // 40, 3)).astype(np.uint8)
    canvas = np.array(Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC))
    for x, y in places:
        canvas[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
    return canvas


# Sizes


@pytest.mark.parametrize("side", [25, 32, 40])
def test_small_faces_are_found_at_working_size(finder, astronaut, side):
    (face,) = finder.find(astronaut).detections
    scale = side / face.side
    places = [(100, 80), (1300, 700), (700, 900)]
    canvas = canvas_with(resized(astronaut, scale), places)
    found = finder.find(canvas)
    assert found.turn == 0
    wanted = [face.scaled(scale).moved(x, y) for x, y in places]
    assert len(found.detections) == len(places)
    for expected in wanted:
        best = max(found.detections, key=lambda item: item.box.iou(expected.box))
        assert best.box.iou(expected.box) > 0.6
        np.testing.assert_allclose(best.landmarks, expected.landmarks, atol=0.15 * side)


def test_small_and_large_faces_are_each_found_once(finder, astronaut):
    (face,) = finder.find(astronaut).detections
    canvas = canvas_with(resized(astronaut, 2), [(0, 0)])
    small = resized(astronaut, 32 / face.side)
    canvas[100 : 100 + small.shape[0], 1300 : 1300 + small.shape[1]] = small
    found = finder.find(canvas).detections
    assert sorted(item.side for item in found) == pytest.approx([32, 2 * face.side], rel=0.25)


@pytest.mark.parametrize("side", [300, 1500])
def test_a_face_that_fills_the_frame_is_found(finder, astronaut, side):
    (face,) = finder.find(astronaut).detections
    x, y = (round(value) for value in face.box.centre)
    half = round(face.side * 0.62)
    close = astronaut[max(0, y - half) : y + half, x - half : x + half]
    picture = resized(close, side / close.shape[0])
    found = finder.find(picture)
    assert found.turn == 0
    (found_face,) = found.detections
    assert found_face.side > side / 2


def test_both_of_two_people_are_found_once_the_best_first(finder, pair):
    found = finder.find(pair).detections
    assert len(found) == 2
    assert found[0].score >= found[1].score
    assert found[0].box.iou(found[1].box) == 0


# Turns


@pytest.mark.parametrize("quarter", [1, 2, 3])
@pytest.mark.parametrize("name", ["astronaut", "portrait", "pair"])
def test_a_turned_photo_is_turned_back(finder, request, name, quarter):
    pixels = request.getfixturevalue(name)
    upright = finder.find(pixels)
    assert upright.turn == 0
    found = finder.find(np.ascontiguousarray(np.rot90(pixels, quarter)))
    assert found.turn == 360 - 90 * quarter
    assert len(found.detections) == len(upright.detections)
    for expected in upright.detections:
        best = max(item.box.iou(expected.box) for item in found.detections)
        assert best > 0.9


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_are_turned_back_to_the_picture_as_it_lies(turn):
    """A picture with one bright rectangle and one bright pixel, as seen before and after."""
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[5:15, 30:50] = 100
    pixels[7, 33] = 255
    after = turned(pixels, turn)
    rows, columns = np.nonzero(after[..., 0])
    box = Box(columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
    ((row, column),) = np.argwhere(after[..., 0] == 255)
    face = Detection(box, ((column + 0.5, row + 0.5),), 0.9)
    back = turned_back(face, turn, 60, 40)
    assert back == Detection(Box(30, 5, 20, 10), ((33.5, 7.5),), 0.9)


# Nothing to find


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 1600), (1600, 1), (31, 33), (480, 640), (1200, 1600)]
)
@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_blank_picture_of_any_shape_has_no_face_and_no_turn(finder, shape, grey):
    found = finder.find(np.full((*shape, 3), grey, np.uint8))
    assert (found.turn, found.detections) == (0, ())


def test_a_photo_without_a_face_has_none(finder, demo_album):
    assert finder.find(opened(demo_album / "coffee break.webp")).detections == ()


def test_the_picture_stays_as_it_is_and_the_answer_the_same(finder, pair):
    before = pair.copy()
    assert finder.find(pair) == finder.find(pair)
    np.testing.assert_array_equal(pair, before)


# Its parts


@pytest.mark.parametrize(
    ("shape", "size"),
    [((1200, 1600), (480, 640)), ((1600, 1200), (640, 480)), ((1, 1600), (1, 640))],
)
def test_shrinking_keeps_the_proportions(shape, size):
    assert shrink(np.zeros((*shape, 3), np.uint8), FIRST_SIDE).shape[:2] == size


def test_what_is_small_enough_is_not_touched():
    pixels = np.zeros((480, 640, 3), np.uint8)
    assert shrink(pixels, FIRST_SIDE) is pixels


def inside(box, tile):
    left, top, right, bottom = tile
    return left <= box.x and top <= box.y and right >= box.x + box.w and bottom >= box.y + box.h


def test_tiles_show_every_box_whole_and_do_not_meet():
    rng = np.random.default_rng(3)
    for _ in range(200):
        boxes = [
            Box(rng.uniform(0, 1500), rng.uniform(0, 1100), side, side)
            for side in rng.uniform(10, 90, rng.integers(0, 5))
        ]
        tiles = _tiles(boxes, 1600, 1200)
        for box in boxes:
            assert any(inside(box, tile) for tile in tiles)
        for place, (left, top, right, bottom) in enumerate(tiles):
            assert 0 <= left < right <= 1600
            assert 0 <= top < bottom <= 1200
            for other in tiles[:place]:
                assert (
                    right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
                )


def test_many_tiles_become_the_whole_picture():
    boxes = [Box(x, y, 20, 20) for x in range(0, 1600, 250) for y in range(0, 1200, 250)]
    assert _tiles(boxes, 1600, 1200) == [(0, 0, 1600, 1200)]
    assert _tiles([], 1600, 1200) == []
