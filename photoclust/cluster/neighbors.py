"""The neighbour graph: for each face the most similar others, through FAISS.

Exact for libraries of up to EXACT_BELOW faces; above, faces that are likely to be near are compared
(`neighbor_cells`).
"""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.neighbor_cells import search_cells
from photoclust.cluster.neighbor_lists import Neighbours, search
from photoclust.core.arrays import Vectors
from photoclust.core.language import marked
from photoclust.core.progress import JobControl

__all__ = ["Neighbours", "canonical_order", "nearest", "search"]

DEFAULT_K = 64
EXACT_BELOW = 50_000
STAGE = marked("Comparing faces")
_BLOCK = 4096
_SORT_COLUMNS = 8


def nearest(
    vectors: Vectors,
    k: int = DEFAULT_K,
    *,
    exact: bool | None = None,
    seed: int = 0,
    control: JobControl | None = None,
) -> Neighbours:
    """The `k` nearest others (all of them where there are fewer) of unit `vectors` [N, dim].

    `exact` says whether every pair is compared; by default up to EXACT_BELOW faces. The same
    vectors and `seed` give the same graph; above that number, how many threads there are may decide
    between cells that are equally near. Memory beyond the result: some 100 MB, and above that
    number what `search_cells` takes. Raises CancelledError when cancelled.
    """
    count = len(vectors)
    control = control or JobControl()
    report = partial(control.report, STAGE, total=count)
    k = max(min(k, count - 1), 0)
    if k == 0:
        return Neighbours.empty(count, k)
    control.checkpoint()
    control.report(STAGE, 0, count)
    if not (count <= EXACT_BELOW if exact is None else exact):
        return search_cells(vectors, k, seed=seed, control=control, report=report)
    lists = Neighbours.empty(count, k)
    for start in range(0, count, _BLOCK):
        control.checkpoint()
        rows = np.arange(start, min(start + _BLOCK, count))
        part = search(vectors, rows, k)
        lists.indices[rows], lists.similarities[rows] = part.indices, part.similarities
        report(int(rows[-1]) + 1)
    return lists


def canonical_order(vectors: Vectors) -> NDArray[np.int64]:
    """An order [N] of `vectors` [N, dim] that they give themselves, whatever order they come in.

    By value, the first columns first: only equal vectors have these in common.
    """
    columns = vectors[:, :_SORT_COLUMNS].T
    return np.lexsort(columns[::-1]).astype(np.int64) if len(columns) else np.arange(len(vectors))
