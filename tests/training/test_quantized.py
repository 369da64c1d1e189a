import numpy as np
import pytest

from photoclust.core import metrics
from photoclust.core.errors import InternalError
from photoclust.training.quantized import dequantize, quantize


def unit(count, dimension, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_a_vector_takes_a_byte_a_number_and_comes_back_as_a_unit_vector():
    vectors = unit(50, 128)
    codes = quantize(vectors)
    back = dequantize(codes)
    assert codes.dtype == np.int8
    assert codes.nbytes == 50 * 128
    assert back.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(back, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("dimension", [2, 128, 512])
def test_codes_are_those_of_a_slow_loop(dimension):
    vectors = unit(20, dimension)
    expected = [
        [round(float(number) * 127 / max(abs(row))) for number in row.astype(np.float64)]
        for row in vectors
    ]
    assert np.abs(quantize(vectors).astype(int) - expected).max() == 0


def test_the_error_is_at_most_half_a_step():
    vectors = unit(200, 128)
    steps = np.abs(vectors).max(axis=1, keepdims=True) / 127
    # Before the length is made 1 again, which moves each number by a few thousandths of it.
    back = dequantize(quantize(vectors))
    lengths = np.linalg.norm(quantize(vectors) * steps, axis=1, keepdims=True)
    assert (np.abs(back * lengths - vectors) <= 0.5001 * steps).all()


def test_the_largest_number_and_the_sign_are_kept():
    vectors = np.array([[0.6, -0.8, 0.0], [0.0, 0.0, -1.0]], np.float32)
    assert quantize(vectors).tolist() == [[95, -127, 0], [0, 0, -127]]
    np.testing.assert_array_equal(quantize(-vectors), -quantize(vectors))


def test_codes_of_codes_stay_the_same():
    codes = quantize(unit(30, 64))
    np.testing.assert_array_equal(quantize(dequantize(codes)), codes)


def test_no_vectors_are_no_codes():
    codes = quantize(np.empty((0, 128), np.float32))
    assert codes.shape == dequantize(codes).shape == (0, 128)


@pytest.mark.parametrize("value", [0.0, 2.0, np.nan, np.inf])
def test_what_is_no_unit_vector_is_a_bug(value):
    vectors = unit(3, 8)
    vectors[1] *= value
    with pytest.raises(InternalError, match="only unit vectors"):
        quantize(vectors)


def test_a_code_of_zeros_is_a_bug():
    with pytest.raises(InternalError, match="zeros"):
        dequantize(np.zeros((1, 8), np.int8))


@pytest.mark.parametrize(("dimension", "spread"), [(128, 1.1), (512, 2.1)])
def test_faces_are_told_apart_as_well_as_before(dimension, spread, people):
    rng = np.random.default_rng(0)
    vectors, who = people(rng, 60, 12, spread=spread, dim=dimension)
    figures = []
    for given in (vectors, dequantize(quantize(vectors))):
        genuine, impostor = metrics.pair_similarities(given, who)
        figures.append(
            [
                metrics.val_at_far(genuine, impostor, 1e-3),
                metrics.equal_error_rate(genuine, impostor),
            ]
        )
    before, after = np.array(figures)
    # Enough are mistaken that a loss would show.
    assert 0.5 < before[0] < 0.99
    np.testing.assert_allclose(after, before, atol=2e-3)
