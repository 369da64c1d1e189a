"""The real CenterFace on demo photos and on pictures composed of them."""

import numpy as np
import pytest
from PIL import Image

from photoclust.core.sizes import looking_size
from photoclust.core.types import Box, Detection
from photoclust.vision import models
from photoclust.vision.finder import (
    FIRST_SIDE,
    LARGEST_SECOND_PX,
    TILE_AREA_PX,
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


@pytest.mark.parametrize("width", [10500, 1500], ids=["wide", "tall"])
def test_people_in_a_panorama_are_found(finder, astronaut, width):
    """At 1 600 px on the longer side these faces would be 16 px high."""
    height = 12000 - width
    across = width > height
    places = [(at, 500) if across else (500, at) for at in (300, 5000, 9500)]
    canvas = canvas_with(astronaut, places, height=height, width=width)
    size = looking_size((width, height), WORKING_SIDE)
    pixels = np.asarray(Image.fromarray(canvas).resize(size, Image.Resampling.BOX))

    found = finder.find(pixels)

    assert found.turn == 0
    assert len(found.detections) == len(places)


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


class SeesOnlyAt:
    """A detector that sees one face, `share` of the picture wide, at one size of picture only."""

    def __init__(self, side, share):
        self.spec = models.model_spec("centerface")
        self._side, self._share = side, share

    def detect(self, images, min_score=None):
        found = []
        for image in images:
            w = self._share * image.shape[1]
            marks = tuple((x * w, y * w) for x, y in MARKS)
            seen = image.shape[1] == self._side
            found.append([Detection(Box(0, 0, w, w), marks, 0.9)] if seen else [])
        return found


MARKS = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))


@pytest.mark.parametrize(("share", "faces"), [(0.8, 1), (0.3, 1), (0.2, 0)])
def test_a_large_face_that_shows_only_in_a_very_small_picture_is_found(share, faces):
    found = FaceFinder(SeesOnlyAt(320, share)).find(np.zeros((800, 800, 3), np.uint8))
    assert [item.side for item in found.detections] == pytest.approx([share * 800] * faces)


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


def test_tiles_show_every_box_whole():
    rng = np.random.default_rng(3)
    for _ in range(200):
        boxes = [
            Box(rng.uniform(0, 1500), rng.uniform(0, 1100), side, side)
            for side in rng.uniform(10, 90, rng.integers(0, 5))
        ]
        tiles = _tiles(boxes, 1600, 1200)
        for box in boxes:
            assert any(inside(box, tile) for tile in tiles)
        for left, top, right, bottom in tiles:
            assert 0 <= left < right <= 1600
            assert 0 <= top < bottom <= 1200


def test_tiles_that_meet_become_one():
    apart = [Box(200, 200, 20, 20), Box(1200, 900, 20, 20)]
    assert len(_tiles(apart, 1600, 1200)) == 2
    assert len(_tiles([*apart, Box(400, 300, 20, 20)], 1600, 1200)) == 2


@pytest.mark.parametrize(("width", "height"), [(1600, 1200), (1200, 1600), (1600, 1600)])
def test_many_tiles_become_strips_of_the_whole_picture(width, height):
    boxes = [Box(x, y, 20, 20) for x in range(0, width, 250) for y in range(0, height, 250)]
    strips = _tiles(boxes, width, height)
    assert len(strips) > 1
    seen = np.zeros((height, width), bool)
    for left, top, right, bottom in strips:
        seen[top:bottom, left:right] = True
        assert (right - left) * (bottom - top) <= TILE_AREA_PX
    assert seen.all()
    rng = np.random.default_rng(0)
    for _ in range(100):
        x = rng.uniform(0, width - LARGEST_SECOND_PX)
        y = rng.uniform(0, height - LARGEST_SECOND_PX)
        face = Box(x, y, LARGEST_SECOND_PX - 2, LARGEST_SECOND_PX - 2)
        assert any(inside(face, strip) for strip in strips)


def test_nothing_small_needs_no_tile():
    assert _tiles([], 1600, 1200) == []


@pytest.mark.parametrize("width", [3600, 4400, 5200])
def test_one_tiny_face_does_not_turn_a_large_photo(finder, demo_album, width):
    """At first look the face is a dozen pixels, and noise in another turn may look better."""
    face = Image.fromarray(opened(demo_album / "Space" / "astronaut.png")).resize((512, 512))
    canvas = Image.new("RGB", (width, width * 3 // 4), (128, 128, 128))
    canvas.paste(face, (width // 3, width // 4))
    pixels = shrink(np.asarray(canvas), WORKING_SIDE)
    found = finder.find(pixels)
    assert found.turn == 0
    assert len(found.detections) == 1
