"""Faded pictures get their contrast back; others are left alone."""

import numpy as np
import pytest

from photoclust.vision.contrast import picture_stretch, restore_face


def picture(low, high, seed=0, side=120):
    rng = np.random.default_rng(seed)
    return rng.integers(low, high + 1, (side, side, 3)).astype(np.uint8)


def test_a_picture_with_contrast_is_left_alone():
    assert picture_stretch(picture(0, 255)) is None


@pytest.mark.parametrize("seed", range(5))
def test_black_and_white_are_the_percentiles_of_the_mean_of_the_channels(seed):
    faded = picture(60, 130 + 10 * seed, seed, side=97)

    stretch = picture_stretch(faded)

    expected = np.percentile(faded.mean(axis=2), (0.1, 99.9))
    np.testing.assert_allclose((stretch.low, stretch.high), expected, rtol=1e-12)


def test_a_faded_picture_comes_close_to_what_it_was():
    rng = np.random.default_rng(1)
    grey = np.kron(rng.integers(0, 256, (12, 12)), np.ones((10, 10))).astype(np.uint8)
    original = np.repeat(grey[..., None], 3, axis=2)
    faded = (original * 0.25 + 110).round().astype(np.uint8)
    stretch = picture_stretch(faded)
    assert stretch is not None
    error = np.abs(stretch.apply(faded).astype(int) - original)
    assert error.max() <= 8


def test_an_even_picture_is_left_alone():
    assert picture_stretch(np.full((50, 50, 3), 90, np.uint8)) is None


def test_a_flat_face_is_stretched_and_a_good_one_is_the_very_same():
    good, flat = picture(20, 230), picture(100, 140)
    assert restore_face(good) is good
    restored = restore_face(flat)
    assert restored.min() == 0
    assert restored.max() == 255


def test_the_order_of_brightness_is_kept():
    ramp = np.repeat(np.linspace(100, 150, 160).astype(np.uint8)[None, :, None], 160, axis=0)
    restored = restore_face(np.repeat(ramp, 3, axis=2))
    assert (np.diff(restored[0, :, 0].astype(int)) >= 0).all()
