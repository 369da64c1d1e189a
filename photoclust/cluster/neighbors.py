"""The neighbour graph: for each face the most similar others, through FAISS.

Exact for libraries of up to EXACT_BELOW faces. Above, a cell join: faces are dealt into cells by
k-means, and those of a cell are compared with all faces of the cells around it, as a product of two
matrices, which is what processors are fastest at.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from photoclust.core.progress import JobControl
from photoclust.core.types import Vectors

DEFAULT_K = 64
EXACT_BELOW = 50_000
STAGE = "Comparing faces"
_BLOCK = 4096
_FACES_PER_CELL = 256
_CELLS_AROUND = 24
_TRAINING_FACES = 64  # per cell
_ITERATIONS = 8
_SORT_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The `k` nearest other faces of each of N faces, the nearest first.

    `indices` [N, k] int64, -1 in places without a neighbour, which stand last; `similarities`
    [N, k] float32, cosines, -1 there.
    """

    indices: NDArray[np.int64]
    similarities: NDArray[np.float32]


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
    between cells that are equally near. Memory beyond the result: some 100 MB. Raises
    CancelledError when cancelled.
    """
    count = len(vectors)
    control = control or JobControl()
    k = max(min(k, count - 1), 0)
    indices = np.full((count, k), -1, np.int64)
    similarities = np.full((count, k), -1, np.float32)
    if k == 0:
        return Neighbours(indices, similarities)
    exact = count <= EXACT_BELOW if exact is None else exact
    done = 0
    for rows, others in _blocks(count) if exact else _cells(vectors, seed, control):
        control.checkpoint()
        control.report(STAGE, done, count)
        part = search(vectors, rows, others, k)
        indices[rows], similarities[rows] = part.indices, part.similarities
        done += len(rows)
    return Neighbours(indices, similarities)


def canonical_order(vectors: Vectors) -> NDArray[np.int64]:
    """An order [N] of `vectors` [N, dim] that they give themselves, whatever order they come in.

    By value, the first columns first: only equal vectors have these in common.
    """
    columns = vectors[:, :_SORT_COLUMNS].T
    return np.lexsort(columns[::-1]).astype(np.int64) if len(columns) else np.arange(len(vectors))


def search(
    vectors: Vectors, rows: NDArray[np.int64], others: NDArray[np.int64] | None, k: int
) -> Neighbours:
    """The lists of the faces `rows` alone: the `k` nearest others among all faces, or among those
    of the rows `others`. Every pair is compared.
    """
    pool = vectors if others is None else vectors[others]
    wanted = min(k + 1, len(pool))
    cosines, found = faiss.knn(vectors[rows], pool, wanted, metric=faiss.METRIC_INNER_PRODUCT)
    if others is not None:
        found = others[found]
    # A face is its own nearest, but among exact copies it may come later or not at all.
    own = found == rows[:, None]
    own[~own.any(axis=1), -1] = True
    indices = np.full((len(rows), k), -1, np.int64)
    similarities = np.full((len(rows), k), -1, np.float32)
    indices[:, : wanted - 1] = found[~own].reshape(len(rows), -1)
    similarities[:, : wanted - 1] = np.clip(cosines[~own].reshape(len(rows), -1), -1.0, 1.0)
    return Neighbours(indices, similarities)


def _blocks(count: int) -> Iterator[tuple[NDArray[np.int64], None]]:
    for start in range(0, count, _BLOCK):
        yield np.arange(start, min(start + _BLOCK, count)), None


def _cells(
    vectors: Vectors, seed: int, control: JobControl
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The faces of each cell, and those of the cells around it."""
    cells = max(len(vectors) // _FACES_PER_CELL, 1)
    rng = np.random.default_rng(seed)
    drawn = rng.choice(len(vectors), min(len(vectors), cells * _TRAINING_FACES), replace=False)
    means = faiss.Kmeans(
        vectors.shape[1],
        cells,
        niter=_ITERATIONS,
        spherical=True,
        seed=seed,
        min_points_per_centroid=1,
        max_points_per_centroid=_TRAINING_FACES,
    )
    means.train(vectors[np.sort(drawn)])
    centroids: Vectors = np.asarray(means.centroids)
    home = np.empty(len(vectors), np.int64)
    for rows, _ in _blocks(len(vectors)):
        control.checkpoint()
        _, found = faiss.knn(vectors[rows], centroids, 1, metric=faiss.METRIC_INNER_PRODUCT)
        home[rows] = found[:, 0]
    _, around = faiss.knn(
        centroids, centroids, min(_CELLS_AROUND, cells), metric=faiss.METRIC_INNER_PRODUCT
    )
    order = np.argsort(home, kind="stable")
    ends = np.cumsum(np.bincount(home, minlength=cells))
    members = np.split(order, ends[:-1])
    for cell in np.flatnonzero([len(rows) for rows in members]).tolist():
        others = np.sort(np.concatenate([members[near] for near in around[cell].tolist()]))
        for start in range(0, len(members[cell]), _BLOCK):
            yield members[cell][start : start + _BLOCK], others
