"""Film negatives, made of demo photos as film makes them, become positives again."""

import numpy as np
import pytest
from PIL import Image

from photoclust.vision.negatives import Positive, as_positive, may_be_negative

COLOUR = [True, False]
IDS = ["colour", "black and white"]


@pytest.fixture(scope="module")
def portrait(demo_album):
    with Image.open(demo_album / "2012 Oval Office" / "portrait sitting.jpg") as image:
        picture = image.convert("RGB")
    picture.thumbnail((500, 500))
    return np.array(picture)


def alike(one, other):
    """The correlation of the brightness of two pictures."""
    return np.corrcoef(one.mean(axis=2).ravel(), other.mean(axis=2).ravel())[0, 1]


@pytest.mark.parametrize("colour", COLOUR, ids=IDS)
def test_a_negative_becomes_the_picture_that_was_taken(portrait, as_film, colour):
    film = as_film(portrait, colour=colour)
    assert alike(film, portrait) < -0.8
    positive = as_positive(film).apply(film)
    assert alike(positive, portrait) > 0.95
    low, high = np.percentile(positive, (1, 99), axis=(0, 1))
    assert low.max() < 40
    assert high.min() > 200


@pytest.mark.parametrize("mask", [0.3, 1.0])
def test_the_orange_mask_leaves_no_cast(portrait, as_film, mask):
    film = as_film(portrait, colour=True, mask=mask)
    positive = as_positive(film).apply(film)
    cast = positive.mean(axis=(0, 1)) - portrait.mean(axis=(0, 1))
    assert np.ptp(cast) < 25, "all channels are off by the same"
    film_cast = film.mean(axis=(0, 1))
    assert np.ptp(film_cast) > 40 * mask


@pytest.mark.parametrize("light", [255, 0, 40], ids=["light table", "black holder", "grey"])
def test_what_is_around_the_film_says_nothing_of_it(portrait, as_film, light):
    film = as_film(portrait, colour=True)
    framed = np.full((film.shape[0] + 120, film.shape[1] + 120, 3), light, np.uint8)
    framed[60:-60, 60:-60] = film
    inside = as_positive(framed).apply(framed)[60:-60, 60:-60]
    assert np.abs(inside.astype(int) - as_positive(film).apply(film)).mean() < 12


def test_parts_and_sizes_of_a_negative_become_the_same(portrait, as_film):
    film = as_film(portrait, colour=True)
    whole = as_positive(film)
    part = (slice(50, 120), slice(30, 90))
    np.testing.assert_array_equal(whole.apply(film[part]), whole.apply(film)[part])
    large = np.asarray(Image.fromarray(film).resize((film.shape[1] * 3, film.shape[0] * 3)))
    tables = as_positive(large).tables.astype(int)
    assert np.abs(tables - whole.tables).mean() < 4


def test_tables_are_applied_channel_by_channel():
    tables = np.stack([np.arange(256)[::-1], np.arange(256), np.full(256, 7)], axis=1)
    pixels = np.array([[[10, 20, 30], [255, 0, 1]]], np.uint8)
    found = Positive(tables.astype(np.uint8)).apply(pixels)
    np.testing.assert_array_equal(found, [[[245, 20, 7], [0, 0, 7]]])


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 700, 3), (40, 40, 3)])
@pytest.mark.parametrize("value", [0, 90, 255])
def test_an_even_picture_of_any_size_does_no_harm(shape, value):
    pixels = np.full(shape, value, np.uint8)
    assert as_positive(pixels).apply(pixels).shape == shape
    may_be_negative(pixels)


@pytest.mark.parametrize("colour", COLOUR, ids=IDS)
def test_negatives_may_be_negatives(portrait, as_film, colour):
    assert may_be_negative(as_film(portrait, colour=colour))


def test_a_photo_in_colour_is_none_and_a_grey_one_may_be(portrait):
    assert not may_be_negative(portrait)
    grey = portrait // 3 + 80
    assert may_be_negative(np.repeat(grey.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8))


def test_what_goes_on_into_black_is_no_film():
    values = np.where(np.indices((64, 64)).sum(axis=0) % 2, 230, 8).astype(np.uint8)
    picture = np.repeat(values[..., None], 3, axis=2)
    assert not may_be_negative(picture)
    assert may_be_negative(np.maximum(picture, 40))
