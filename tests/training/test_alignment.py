"""Alignment by landmarks: against least squares, and on pictures whose turn is known."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from photoclust.training.alignment import align, mean_shape, similarities

pytestmark = pytest.mark.train

SHAPE = np.array([[20, 22], [44, 22], [32, 34], [23, 46], [41, 46]], np.float32)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def _transformed(factor: complex, move: complex) -> np.ndarray:
    z = factor * (SHAPE[:, 0] + 1j * SHAPE[:, 1]) + move
    return np.stack([z.real, z.imag], axis=1).astype(np.float32)


def test_a_similarity_is_recovered(rng: np.random.Generator) -> None:
    factors = rng.uniform(0.5, 2, 20) * np.exp(1j * rng.uniform(-np.pi, np.pi, 20))
    moves = rng.normal(0, 30, 20) + 1j * rng.normal(0, 30, 20)
    points = np.stack([_transformed(*pair) for pair in zip(factors, moves, strict=True)])
    found = similarities(points, SHAPE)
    assert np.allclose(found[:, 0, 0] + 1j * found[:, 1, 0], factors, atol=1e-4)
    assert np.allclose(found[:, 0, 2] + 1j * found[:, 1, 2], moves, atol=1e-3)


def test_it_has_the_least_squared_error(rng: np.random.Generator) -> None:
    points = SHAPE + rng.normal(0, 4, (10, 5, 2)).astype(np.float32)
    found = similarities(points, SHAPE)
    # The four numbers of a similarity, by least squares: x' = a x − b y + c, y' = b x + a y + d.
    for face, matrix in zip(points, found, strict=True):
        rows = [[x, -y, 1, 0] for x, y in SHAPE] + [[y, x, 0, 1] for x, y in SHAPE]
        a, b, c, d = np.linalg.lstsq(np.array(rows), face.T.reshape(-1), rcond=None)[0]
        assert np.allclose(matrix, [[a, -b, c], [b, a, d]], atol=1e-4)


def test_a_mirrored_face_is_not_mirrored_back() -> None:
    mirrored = (SHAPE * [-1, 1]).astype(np.float32)[None]
    (matrix,) = similarities(mirrored, SHAPE)
    assert np.linalg.det(matrix[:, :2]) > 0


@pytest.mark.parametrize("points", [np.ones((1, 5, 2), np.float32), SHAPE[None]])
def test_points_that_say_nothing_change_nothing(points: np.ndarray) -> None:
    shape = SHAPE if points.max() == 1 else np.ones((5, 2), np.float32)
    assert np.array_equal(similarities(points, shape), [[[1, 0, 0], [0, 1, 0]]])


def test_a_crop_at_its_place_stays_as_it_is(rng: np.random.Generator) -> None:
    crops = rng.integers(0, 256, (2, 64, 64, 3), np.uint8)
    points = np.stack([SHAPE, SHAPE])
    assert np.array_equal(align(crops, points, SHAPE), crops)


def test_a_turned_crop_is_turned_back(rng: np.random.Generator) -> None:
    crop = rng.integers(0, 256, (64, 64, 3), np.uint8)
    # A quarter turn takes the pixel's corner (x, y) to (64 − y, x).
    turned = np.rot90(crop, -1)
    points = np.stack([64 - SHAPE[:, 1], SHAPE[:, 0]], axis=1)
    (found,) = align(turned[None], points[None], SHAPE)
    assert np.abs(found.astype(int) - crop).max() <= 1


def test_a_moved_crop_is_moved_back_and_its_edge_repeated(rng: np.random.Generator) -> None:
    crop = rng.integers(0, 256, (64, 64, 3), np.uint8)
    moved = np.roll(crop, 5, axis=1)
    (found,) = align(moved[None], (SHAPE + np.array([5, 0], np.float32))[None], SHAPE)
    assert np.abs(found[:, :59].astype(int) - crop[:, :59]).max() <= 1
    assert np.abs(found[:, 59:].astype(int) - moved[:, 63:]).max() <= 1


def test_landmarks_come_to_the_mean_shape(rng: np.random.Generator) -> None:
    turns = np.exp(1j * rng.uniform(-0.4, 0.4, 30)) * rng.uniform(0.8, 1.2, 30)
    points = np.stack([_transformed(factor, 3 - 2j) for factor in turns])
    shape = mean_shape(points)
    matrices = similarities(points, shape)
    # From the shape to each face, every landmark is hit: they differ by a similarity alone.
    back = np.einsum("nij,kj->nki", matrices[:, :, :2], shape) + matrices[:, None, :, 2]
    assert np.allclose(back, points, atol=1e-3)


def test_a_mean_shape_needs_faces() -> None:
    with pytest.raises(ValueError, match="needs faces"):
        mean_shape(np.empty((0, 5, 2), np.float32))
