"""The approximate neighbour search of large libraries, behind `neighbors.nearest`.

Faces are dealt into cells by k-means. Those of a cell are first compared with all faces of the few
cells around it, and then each with those of the cells that are nearest to itself (an inverted file:
Sivic and Zisserman 2003) by products of matrices, of which only what is nearer than the last
neighbour so far is looked at. All that is done in as few dimensions as hold the vectors: those of
the bundled model lie in a tenth of theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.neighbor_lists import Neighbours, Rows, enter, search
from photoclust.core.progress import JobControl
from photoclust.core.types import Vectors

_FACES_PER_CELL = 256
_CELLS_AROUND = 8
_CELLS_SEARCHED = 48
_TRAINING_FACES = 32  # per cell
_ITERATIONS = 5
_BLOCK = 8192
_BATCH = 65_536
"""Faces whose own cells are searched at once."""
_HELD = 2_000_000
"""Neighbours that are found before they are put into the lists."""
_MEASURED_FACES = 16_384
"""Faces that tell in which directions all of them lie."""
_LOST = 1e-5
"""The share of the squared length of vectors that may be left out as none."""
_DIMENSIONS_STEP = 8


def search_cells(
    vectors: Vectors, k: int, *, seed: int, control: JobControl, report: Callable[[int], None]
) -> Neighbours:
    """Nearly all of the `k` nearest others of unit `vectors` [N, dim]; cosines to within 1e-5.

    `report` is told how many faces are done. Takes 300 bytes for each face where the vectors can be
    held in 64 dimensions, and some 100 MB. Raises CancelledError.
    """
    rng = np.random.default_rng(seed)
    vectors = _condensed(vectors, rng, control)
    cells = _deal(vectors, rng, seed, control)
    lists = Neighbours.empty(len(vectors), k)
    done = 0
    for cell, rows in enumerate(cells.members):
        control.checkpoint()
        if len(rows):
            others = np.concatenate([cells.members[near] for near in cells.around[cell]])
            part = search(vectors, rows, others, k)
            lists.indices[rows], lists.similarities[rows] = part.indices, part.similarities
            done += len(rows)
            report(done // 2)
    order = np.concatenate(cells.members)
    for start in range(0, len(order), _BATCH):
        _search_own_cells(vectors, order[start : start + _BATCH], cells, lists, control)
        report((done + min(start + _BATCH, done)) // 2)
    return lists


@dataclass(frozen=True, slots=True)
class _Cells:
    """Cells of faces: `centroids` [C, dim], the cell `home` [N] of each face, the `members` of each
    cell, and the cells `around` [C, a] each, itself included.
    """

    centroids: Vectors
    home: Rows
    members: list[Rows]
    around: Rows


def _condensed(vectors: Vectors, rng: np.random.Generator, control: JobControl) -> Vectors:
    """Unit vectors with the same cosines in fewer dimensions, or `vectors` where it takes most."""
    drawn = rng.choice(len(vectors), min(len(vectors), _MEASURED_FACES), replace=False)
    sample = vectors[np.sort(drawn)]
    lengths, axes = np.linalg.eigh(sample.T @ sample)
    left_out = 1 - np.cumsum(lengths[::-1]) / lengths.sum()
    needed = int(np.argmax(left_out <= _LOST)) + 1
    needed = -(-needed // _DIMENSIONS_STEP) * _DIMENSIONS_STEP
    if needed > vectors.shape[1] // 2:
        return np.ascontiguousarray(vectors, np.float32)
    basis = np.ascontiguousarray(axes[:, ::-1][:, :needed])
    condensed = np.empty((len(vectors), needed), np.float32)
    for start in range(0, len(vectors), _BLOCK):
        control.checkpoint()
        part = vectors[start : start + _BLOCK] @ basis
        part /= np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-12)
        condensed[start : start + _BLOCK] = part
    return condensed


def _deal(vectors: Vectors, rng: np.random.Generator, seed: int, control: JobControl) -> _Cells:
    cells = max(len(vectors) // _FACES_PER_CELL, 1)
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
    control.checkpoint()
    means.train(vectors[np.sort(drawn)])
    centroids: Vectors = np.asarray(means.centroids)
    home = np.empty(len(vectors), np.int64)
    for start in range(0, len(vectors), _BLOCK):
        control.checkpoint()
        home[start : start + _BLOCK] = _nearest(vectors[start : start + _BLOCK], centroids, 1)[:, 0]
    order = np.argsort(home, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(home, minlength=cells))[:-1])
    return _Cells(centroids, home, members, _nearest(centroids, centroids, _CELLS_AROUND))


def _nearest(vectors: Vectors, centroids: Vectors, count: int) -> Rows:
    """The `count` nearest of the `centroids` to each of `vectors`."""
    count = min(count, len(centroids))
    found: Rows = faiss.knn(vectors, centroids, count, metric=faiss.METRIC_INNER_PRODUCT)[1]
    return found


def _search_own_cells(
    vectors: Vectors, rows: Rows, cells: _Cells, lists: Neighbours, control: JobControl
) -> None:
    """Put into the lists of `rows` what is nearer in the cells that are nearest to each of them,
    save those around its home, which were searched.
    """
    wanted = np.concatenate(
        [
            _nearest(vectors[rows[start : start + _BLOCK]], cells.centroids, _CELLS_SEARCHED)
            for start in range(0, len(rows), _BLOCK)
        ]
    )
    around = cells.around[cells.home[rows]]
    known = np.zeros(wanted.shape, bool)
    for column in around.T:
        known |= wanted == column[:, None]
    which, _ = np.nonzero(~known)
    cell_of = wanted[~known]
    order = np.argsort(cell_of, kind="stable")
    asking = np.split(
        rows[which[order]],
        np.cumsum(np.bincount(cell_of, minlength=len(cells.members)))[:-1],
    )
    held: list[tuple[Rows, Rows, NDArray[np.float32]]] = []
    size = 0
    for cell, askers in enumerate(asking):
        control.checkpoint()
        members = cells.members[cell]
        cosines = vectors[askers] @ vectors[members].T
        nearer = np.flatnonzero(cosines > lists.similarities[askers, -1][:, None])
        one, other = np.divmod(nearer, max(len(members), 1))
        held.append((askers[one], members[other], cosines.ravel()[nearer]))
        size += len(nearer)
        if size >= _HELD:
            enter(lists, *map(np.concatenate, zip(*held, strict=True)))
            held, size = [], 0
    if held:
        enter(lists, *map(np.concatenate, zip(*held, strict=True)))
