"""Made-up people, and how to compare two labellings."""

import numpy as np
import pytest


def _people(rng, count, faces, spread=0.5, dim=32):
    centres = rng.normal(size=(count, dim))
    truth = np.repeat(np.arange(count), faces)
    vectors = centres[truth] + spread * rng.normal(size=(len(truth), dim))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), truth


def _same_partition(one, other):
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    return (
        len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))
        and (one < 0).tolist() == (other < 0).tolist()
    )


@pytest.fixture
def people():
    """`people(rng, count, faces, spread, dim)`: unit vectors and who is who.

    `faces` is how many each has, or [count] how many.
    """
    return _people


@pytest.fixture
def same_partition():
    """Whether two labellings differ in numbers only; who is noise must agree."""
    return _same_partition
