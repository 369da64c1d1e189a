"""The largest numbers of each row, with their places."""

import numpy as np
from numpy.typing import NDArray

_FEW = 2**20
"""Up to so many numbers FAISS is not asked: to load it takes longer than to sort them, and nothing
else of a program can go on meanwhile.
"""


def largest(
    numbers: NDArray[np.float32], count: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The `count` largest of each row of `numbers` [N, M], the largest first, and their columns:
    both [N, count]. `count` is from 1 to M.
    """
    if numbers.size > _FEW:
        import faiss  # noqa: PLC0415 - see _FEW

        values, places = faiss.kmax(np.ascontiguousarray(numbers), count)
        return values, places
    columns = np.sort(np.argpartition(-numbers, count - 1, axis=1)[:, :count], axis=1)
    values = np.take_along_axis(numbers, columns, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")  # of equal ones the first comes first
    return np.take_along_axis(values, order, axis=1), np.take_along_axis(columns, order, axis=1)
