"""Made-up faces of people."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

MakeFaces = Callable[..., tuple[NDArray[np.float32], NDArray[np.int64]]]


@pytest.fixture(scope="session")
def make_faces() -> MakeFaces:
    """`make_faces(seed, sizes, dimension, noise)`: unit vectors and their people, numbered without
    a gap, in no order. The same but for `noise` gives the same people in the same order.
    """

    def make(
        seed: int, sizes: Sequence[int], dimension: int = 16, noise: float = 0.8
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        rng = np.random.default_rng(seed)
        people = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
        vectors = rng.normal(size=(len(sizes), dimension))[people]
        vectors = vectors + noise * rng.normal(size=vectors.shape)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / lengths).astype(np.float32), people

    return make
