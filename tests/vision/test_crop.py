import numpy as np
import pytest

from photoclust.core.types import Box, Detection
from photoclust.vision.crop import (
    CROP_SCALE,
    CROP_UP,
    crop_face,
    crop_square,
    cut,
    landmarks_in_crop,
)


def ramp(height=180, width=240):
    """A picture whose red is the column and whose green is the row."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.arange(width)[None, :]
    pixels[..., 1] = np.arange(height)[:, None]
    return pixels


def expected(square, size, height=180, width=240):
    """Where the middle of each pixel of the crop comes from, in the values of `ramp`."""
    steps = (np.arange(size) + 0.5) / size
    columns = np.clip(square.x + steps * square.w - 0.5, 0, width - 1)
    rows = np.clip(square.y + steps * square.h - 0.5, 0, height - 1)
    return np.broadcast_to(columns[None, :], (size, size)), np.broadcast_to(
        rows[:, None], (size, size)
    )


def test_the_square_is_larger_than_the_box_and_a_little_higher():
    square = crop_square(Box(100, 50, 80, 100))
    assert square.w == square.h == pytest.approx(1.2 * 100)
    assert square.centre == pytest.approx((140, 100 - 0.02 * 120))
    assert (CROP_SCALE, CROP_UP) == (1.2, 0.02)
    assert crop_square(Box(0, 0, 100, 80)).w == pytest.approx(120)


@pytest.mark.parametrize(
    "square",
    [
        Box(60, 10, 160, 160),
        Box(60.5, 10.25, 160, 160),
        Box(30.3, 20.8, 100, 100),
        Box(90, 60, 41.7, 41.7),
        Box(0, 0, 180, 180),
        Box(60, 0, 180, 180),
        Box(72.4, 59.6, 7.5, 7.5),
    ],
)
@pytest.mark.parametrize("size", [160, 40])
def test_every_pixel_comes_from_where_the_square_says(square, size):
    found = cut(ramp(), square, size)
    assert found.shape == (size, size, 3)
    assert found.dtype == np.uint8
    columns, rows = expected(square, size)
    # At the rim, shrinking looks a little less far than inside; rounding to whole values.
    atol = 0.6 + max(0.0, square.w / size - 1) / 2
    np.testing.assert_allclose(found[..., 0], columns, atol=atol)
    np.testing.assert_allclose(found[..., 1], rows, atol=atol)


@pytest.mark.parametrize(
    "square",
    [
        Box(-80, -60, 160, 160),
        Box(160, 100, 160, 160),
        Box(-80, 100, 160, 160),
        Box(-50, -100, 400, 400),
    ],
    ids=["top left", "bottom right", "bottom left", "larger than the picture"],
)
def test_what_lies_outside_repeats_the_edge(square):
    found = cut(ramp(), square, 160)
    columns, rows = expected(square, 160)
    atol = 0.6 + square.w / 160  # the bend at the edge is smoothed
    np.testing.assert_allclose(found[..., 0], columns, atol=atol)
    np.testing.assert_allclose(found[..., 1], rows, atol=atol)


@pytest.mark.parametrize(
    ("square", "red", "green"),
    [
        (Box(-300, 40, 100, 100), 0, None),
        (Box(600, 40, 100, 100), 239, None),
        (Box(100, -300, 100, 100), None, 0),
        (Box(100, 500, 100, 100), None, 179),
        (Box(900, 900, 50, 50), 239, 179),
    ],
    ids=["left", "right", "above", "below", "beyond the corner"],
)
def test_a_square_outside_the_picture_shows_the_nearest_edge(square, red, green):
    found = cut(ramp(), square, 80)
    columns, rows = expected(square, 80)
    np.testing.assert_allclose(found[..., 0], columns if red is None else red, atol=1.5)
    np.testing.assert_allclose(found[..., 1], rows if green is None else green, atol=1.5)


def test_shrinking_averages_rather_than_picks():
    """Else small faces of large photos alias."""
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    found = cut(stripes, Box(40, 40, 320, 320), 80)
    assert abs(float(found[..., 0].mean()) - 127.5) < 2
    assert found[:, 2:-2].std() < 3


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1)])
def test_the_smallest_pictures_can_be_cut(shape):
    pixels = np.full((*shape, 3), 77, np.uint8)
    assert (cut(pixels, Box(-3, -3, 9, 9), 16) == 77).all()


def test_a_face_is_cut_by_its_square_and_the_picture_stays_as_it_is():
    pixels = ramp()
    before = pixels.copy()
    box = Box(100, 80, 60, 90)
    np.testing.assert_array_equal(crop_face(pixels, box), cut(pixels, crop_square(box), 160))
    assert crop_face(pixels, box, 96).shape == (96, 96, 3)
    np.testing.assert_array_equal(pixels, before)


def test_a_turned_view_is_cut_like_a_copy():
    view = np.rot90(ramp())
    box = Box(30, 60, 90, 90)
    np.testing.assert_array_equal(crop_face(view, box), crop_face(view.copy(), box))


def test_landmarks_lie_in_the_crop_where_they_lie_in_the_picture():
    pixels = np.zeros((200, 300, 3), np.uint8)
    places = [(90, 70), (130, 72), (112, 90), (95, 115), (125, 116)]
    for x, y in places:
        pixels[y - 1 : y + 1, x - 1 : x + 1] = 255
    box = Box(70, 40, 80, 100)
    crop = crop_face(pixels, box).astype(int).sum(axis=2)
    for x, y in landmarks_in_crop(Detection(box, tuple(places), 0.9)):
        dot = crop[round(y) - 4 : round(y) + 4, round(x) - 4 : round(x) + 4]
        rows, columns = np.indices(dot.shape) + 0.5
        middle = (columns * dot).sum() / dot.sum(), (rows * dot).sum() / dot.sum()
        assert middle == pytest.approx((x - round(x) + 4, y - round(y) + 4), abs=0.1)
