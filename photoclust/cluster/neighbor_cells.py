"""The approximate neighbour search of large libraries, behind `neighbors.nearest`.

Faces are dealt into cells by k-means. Those of a cell are first compared with all faces of the few
cells around it, and then each with those of the cells that are nearest to itself (an inverted file:
Sivic and Zisserman 2003) by products of matrices, of which only what is nearer to one of the two
than its last neighbour so far is looked at. All that is done in as few dimensions as hold the
vectors: those of the bundled model lie in a tenth of theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.neighbor_lists import Neighbours, Rows, enter, true_places
from photoclust.core.arrays import Vectors
from photoclust.core.progress import JobControl

_CELLS_AROUND = 3
_SEARCHED_SHARE = 1.25
"""How many cells are searched for each face, as a multiple of the root of their number: the more
faces there are, the more cells lie near to each.
"""
_TRAINING_FACES = 64  # per cell
_ITERATIONS = 6
_BLOCK = 8192
_BATCH = 32_768
"""Faces whose own cells are searched at once."""
_PAIRS = 4_000_000
"""Pairs that are compared at once, 16 MB."""
_HELD = 1_000_000
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

    `report` is told how many faces are done. Takes 400 bytes for each face where the vectors can be
    held in 64 dimensions, and some 100 MB. Raises CancelledError.
    """
    rng = np.random.default_rng(seed)
    vectors = _condensed(vectors, rng, control)
    cells = _deal(vectors, rng, seed, control)
    lists = Neighbours.empty(len(vectors), k)
    done = 0
    for cell, rows in enumerate(cells.members):
        others = np.concatenate([cells.members[near] for near in cells.around[cell]])
        size = max(_PAIRS // max(len(others), 1), 1)
        for start in range(0, len(rows), size):
            control.checkpoint()
            part = rows[start : start + size]
            _search_around(vectors, part, others, start, lists)
            done += len(part)
            report(done // 4)
    order = np.concatenate(cells.members)
    found = _Found(lists)
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        for cell, askers in enumerate(_askers(batch, cells)):
            _search_cell(vectors, cell, askers, cells, found, control=control)
            report((done + 3 * (start + len(batch) * cell // len(cells.members))) // 4)
    found.enter()
    report(done)
    return lists


@dataclass(frozen=True, slots=True)
class _Cells:
    """C cells of faces: the cell `home` [N] of each face, the cells `nearest` [N, n] to it, the
    `members` of each cell, and the cells `around` [C, a] each, itself included.
    """

    home: NDArray[np.uint16]
    nearest: NDArray[np.uint16]
    members: list[Rows]
    around: NDArray[np.uint16]

    def searched(self, rows: Rows, cells: NDArray[np.uint16]) -> NDArray[np.bool_]:
        """Whether the faces `rows` [E] are compared with those of the one of `cells` [E] beside
        each when it is their turn.
        """
        own: NDArray[np.bool_] = (self.nearest[rows] == cells[:, None]).any(axis=1)
        return own | self.near(rows, cells)

    def near(self, rows: Rows, cells: NDArray[np.uint16]) -> NDArray[np.bool_]:
        """Whether each of `cells` [E] is around the home of the one of `rows` [E] beside it."""
        found: NDArray[np.bool_] = (self.around[self.home[rows]] == cells[:, None]).any(axis=1)
        return found


class _Found:
    """Neighbours that wait to be put into the lists, many at once."""

    def __init__(self, lists: Neighbours) -> None:
        self.lists = lists
        self._held: list[tuple[Rows, Rows, NDArray[np.float32]]] = []
        self._size = 0

    def add(self, rows: Rows, columns: Rows, cosines: NDArray[np.float32]) -> None:
        self._held.append((rows, columns, cosines))
        self._size += len(rows)
        if self._size >= _HELD:
            self.enter()

    def enter(self) -> None:
        if self._held:
            rows, columns, cosines = zip(*self._held, strict=True)
            self._held, self._size = [], 0
            enter(self.lists, *map(np.concatenate, (rows, columns, cosines)))


def _condensed(vectors: Vectors, rng: np.random.Generator, control: JobControl) -> Vectors:
    """Unit vectors with the same cosines in fewer dimensions, or `vectors` where it takes most."""
    drawn = rng.choice(len(vectors), min(len(vectors), _MEASURED_FACES), replace=False)
    sample = vectors[np.sort(drawn)]
    lengths, axes = np.linalg.eigh((sample.T @ sample).astype(np.float64))
    left_out = 1 - np.cumsum(lengths[::-1]) / lengths.sum()
    needed = int(np.argmax(left_out <= _LOST)) + 1
    needed = -(-needed // _DIMENSIONS_STEP) * _DIMENSIONS_STEP
    if needed > vectors.shape[1] // 2:
        return np.ascontiguousarray(vectors, np.float32)
    basis = np.ascontiguousarray(axes[:, ::-1][:, :needed], np.float32)
    condensed = np.empty((len(vectors), needed), np.float32)
    for start in range(0, len(vectors), _BLOCK):
        control.checkpoint()
        part = vectors[start : start + _BLOCK] @ basis
        part /= np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-12)
        condensed[start : start + _BLOCK] = part
    return condensed


def _deal(vectors: Vectors, rng: np.random.Generator, seed: int, control: JobControl) -> _Cells:
    # As many as a cell has faces on average: about as much to do to find cells as within them.
    cells = max(round(len(vectors) ** 0.5), 1)
    drawn = rng.choice(len(vectors), min(len(vectors), cells * _TRAINING_FACES), replace=False)
    import faiss  # noqa: PLC0415 - few libraries need it, and it takes long to load

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
    searched = min(max(round(_SEARCHED_SHARE * cells**0.5), 1), cells)
    near = np.empty((len(vectors), searched), np.uint16)
    for start in range(0, len(vectors), _BLOCK):
        control.checkpoint()
        block = vectors[start : start + _BLOCK]
        near[start : start + _BLOCK] = _nearest(block, centroids, near.shape[1])
    home = near[:, 0].copy()
    order = np.argsort(home, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(home, minlength=cells))[:-1])
    around = _nearest(centroids, centroids, min(_CELLS_AROUND, cells)).astype(np.uint16)
    # Itself first: where two centroids are the same, a cell need not be the nearest to its own.
    around = np.where(around == np.arange(cells)[:, None], around[:, :1], around)
    around[:, 0] = np.arange(cells)
    return _Cells(home, near, members, around)


def _nearest(vectors: Vectors, centroids: Vectors, count: int) -> Rows:
    """The `count` nearest of the `centroids` to each of `vectors`."""
    import faiss  # noqa: PLC0415 - as in _deal

    found: Rows = faiss.knn(vectors, centroids, count, metric=faiss.METRIC_INNER_PRODUCT)[1]
    return found


def _askers(rows: Rows, cells: _Cells) -> list[Rows]:
    """For each cell, the faces of `rows` that it is one of the nearest to, but not around."""
    wanted = cells.nearest[rows].ravel()
    asking = np.repeat(rows, cells.nearest.shape[1])
    new = ~cells.near(asking, wanted)
    wanted, asking = wanted[new], asking[new]
    order = np.argsort(wanted, kind="stable")
    ends = np.cumsum(np.bincount(wanted, minlength=len(cells.members)))
    return np.split(asking[order], ends[:-1])


def _search_around(
    vectors: Vectors, rows: Rows, others: Rows, first: int, lists: Neighbours
) -> None:
    """Fill the lists of `rows`, which are among `others` from the place `first` on, with the
    nearest of these. Sorting all of each row would take three times as long as the product.
    """
    cosines = vectors[rows] @ vectors[others].T
    own = np.arange(len(rows))
    cosines[own, first + own] = -np.inf
    k = min(lists.indices.shape[1], len(others) - 1)
    best = np.argpartition(cosines, len(others) - 1 - k, axis=1)[:, len(others) - k :]
    near = np.take_along_axis(cosines, best, axis=1)
    order = np.argsort(-near, axis=1, kind="stable")
    lists.indices[rows, :k] = others[np.take_along_axis(best, order, axis=1)]
    lists.similarities[rows, :k] = np.clip(np.take_along_axis(near, order, axis=1), -1.0, 1.0)


def _search_cell(
    vectors: Vectors,
    cell: int,
    askers: Rows,
    cells: _Cells,
    found: _Found,
    *,
    control: JobControl,
) -> None:
    """Compare `askers` with the members of a cell, for both."""
    members = cells.members[cell]
    if len(askers) == 0 or len(members) == 0:
        return
    last = found.lists.similarities[:, -1]
    size = max(_PAIRS // len(members), 1)
    for start in range(0, len(askers), size):
        control.checkpoint()
        part = askers[start : start + size]
        cosines = vectors[part] @ vectors[members].T
        near = cosines > last[part][:, None]
        near |= cosines > last[members]
        places = true_places(near)
        alike = cosines.ravel()[places]
        one, other = np.divmod(places, len(members))
        one, other = part[one], members[other]
        mine = alike > last[one]
        # The other looks at this one itself where it searches its cell.
        its = np.flatnonzero(alike > last[other])
        its = its[~cells.searched(other[its], cells.home[one[its]])]
        found.add(
            np.concatenate([one[mine], other[its]]),
            np.concatenate([other[mine], one[its]]),
            np.concatenate([alike[mine], alike[its]]),
        )
