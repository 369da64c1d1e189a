"""From crops to a network's input."""

import numpy as np
import pytest

from photoclust.training.normalisation import (
    AverageFaceSubtraction,
    FixedStandardisation,
    Prewhitening,
    average_face,
)


def made_up_crops(count=4, side=6):
    rng = np.random.default_rng(count)
    return rng.integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def every(crops):
    return FixedStandardisation(), Prewhitening(), AverageFaceSubtraction(average_face(crops))


def test_channels_come_first_and_in_their_order():
    crops = made_up_crops()
    for normalise in every(crops):
        inputs = normalise(crops)
        assert (inputs.dtype, inputs.shape) == (np.float32, (4, 3, 6, 6))
        assert inputs.flags.c_contiguous
    plain = FixedStandardisation(0.0, 1.0)(crops)
    assert plain[2, 1, 3, 5] == crops[2, 3, 5, 1]


def test_the_standard_is_that_of_the_bundled_network():
    crops = np.array([[[[0, 127, 255]]]], np.uint8)
    found = FixedStandardisation()(crops).ravel()
    assert found.tolist() == [-127.5 / 128, -0.5 / 128, 127.5 / 128]


def test_each_crop_is_whitened_by_itself():
    crops = made_up_crops()
    inputs = Prewhitening()(crops)
    for crop, found in zip(crops, inputs, strict=True):
        values = crop.astype(float)
        expected = (values - values.mean()) / values.std()
        np.testing.assert_allclose(found, expected.transpose(2, 0, 1), atol=1e-5)
    np.testing.assert_array_equal(Prewhitening()(crops[1:2]), inputs[1:2])


def test_a_crop_of_one_colour_is_whitened_to_nothing():
    assert not Prewhitening()(np.full((2, 6, 6, 3), 200, np.uint8)).any()


def test_the_average_face_becomes_nothing():
    crops = made_up_crops()
    subtract = AverageFaceSubtraction(average_face(crops), std=1.0)
    np.testing.assert_allclose(subtract(crops).mean(axis=0), 0, atol=1e-4)
    expected = crops[1].astype(float) - crops.astype(float).mean(axis=0)
    np.testing.assert_allclose(subtract(crops)[1], expected.transpose(2, 0, 1), atol=1e-4)


def test_crops_of_another_size_have_another_average():
    with pytest.raises(ValueError, match="not of one size"):
        AverageFaceSubtraction(average_face(made_up_crops()))(made_up_crops(side=5))
    with pytest.raises(ValueError, match="needs faces"):
        average_face(made_up_crops(0))


def test_no_crops_are_no_input():
    for normalise in every(made_up_crops()):
        assert normalise(made_up_crops(0)).shape == (0, 3, 6, 6)
