"""A neighbour graph that is kept while faces come and go: only what changed is searched for.

It holds no vectors, only a checksum of each, to tell which faces are not what they were.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster import neighbor_file
from photoclust.cluster.labels import restricted
from photoclust.cluster.largest import largest
from photoclust.cluster.neighbor_lists import Neighbours, Rows, enter, true_places
from photoclust.cluster.neighbors import DEFAULT_K, STAGE, nearest
from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError
from photoclust.core.progress import JobControl

_NEW_SHARE = 5
"""A graph is built anew when the lists of more than one of so many faces are searched for."""
_AS_BUILDING = 10_000
"""Faces that are compared with all others in the time an approximate graph of all takes."""
_PAIRS = 32_000_000
"""Pairs that are compared at once, 128 MB."""
_BLOCK = 2048


@dataclass(frozen=True, slots=True, eq=False)
class NeighbourGraph:
    """The `k` nearest others of each of N faces, as far as they are known; it never changes.

    `ids` [N] int64, `checks` [N] uint64, a checksum of each vector. `lists` hold rows of `ids`. A
    list from which faces went is the nearest of the others, fewer than `k`, but at least half.
    """

    ids: NDArray[np.int64]
    checks: NDArray[np.uint64]
    lists: Neighbours
    k: int

    @classmethod
    def build(
        cls,
        ids: NDArray[np.int64],
        vectors: Vectors,
        k: int = DEFAULT_K,
        *,
        seed: int = 0,
        control: JobControl | None = None,
    ) -> "NeighbourGraph":
        """The graph of the faces `ids` [N], no two alike, with unit `vectors` [N, dim], by
        `nearest`.

        Raises InternalError where ids and vectors do not fit, CancelledError when cancelled.
        """
        _check(ids, vectors)
        lists = nearest(vectors, k, seed=seed, control=control)
        return cls(ids.copy(), checksums(vectors), lists, k)

    def update(
        self,
        ids: NDArray[np.int64],
        vectors: Vectors,
        *,
        seed: int = 0,
        control: JobControl | None = None,
    ) -> "NeighbourGraph":
        """The graph of the faces `ids` [M] with `vectors` [M, dim], from this one of other faces,
        which stays as it is.

        Faces that are new or whose vector changed are compared with all others. Where many are, it
        is built anew. Raises as `build` does.
        """
        _check(ids, vectors)
        control = control or JobControl()
        control.checkpoint()
        checks = checksums(vectors)
        before = _places(self.ids, ids)
        known = np.flatnonzero(before >= 0)
        before[known[self.checks[before[known]] != checks[known]]] = -1
        new = before < 0
        width = max(min(self.k, len(ids) - 1), 0)
        lists = self._carried(before, width)
        short = _short(lists, new)
        if np.sum(new | short) > min(len(ids) // _NEW_SHARE, _AS_BUILDING):
            return self.build(ids, vectors, self.k, seed=seed, control=control)
        _search_anew(vectors, lists, new, short, control)
        return NeighbourGraph(ids.copy(), checks, lists, self.k)

    def neighbours(self, ids: NDArray[np.int64]) -> Neighbours:
        """The graph among the faces `ids` [M], in their order; edges to others leave empty places
        at the ends of the lists.

        Raises InternalError where one of them is not in the graph.
        """
        rows = _places(self.ids, ids)
        if (rows < 0).any():
            raise InternalError("a face is not in the neighbour graph")
        return restricted(self.lists, rows)

    @property
    def state(self) -> str:
        """Some letters that are the same for the same faces with the same vectors only."""
        content = self.ids.tobytes() + self.checks.tobytes()
        return hashlib.blake2b(content, digest_size=16).hexdigest()

    def known_to(self, other: "NeighbourGraph") -> NDArray[np.bool_]:
        """Which of the faces [N] are in the `other` graph with the same vector."""
        places = _places(other.ids, self.ids)
        known = places >= 0
        known[known] = other.checks[places[known]] == self.checks[known]
        return known

    def save(self, path: Path, model: str) -> None:
        """Write a file that only its owner can read, in place of what was there once it is whole.

        `model` names what made the vectors. Raises UserError when it cannot be written.
        """
        neighbor_file.write(
            path, model, k=self.k, ids=self.ids, checks=self.checks, lists=self.lists
        )

    @classmethod
    def load(cls, path: Path, model: str) -> "NeighbourGraph":
        """The graph that was saved at `path`.

        Raises FileNotFoundError where there is none, and DamagedCacheError where it cannot be read,
        is damaged, or of another version or model.
        """
        k, ids, checks, lists = neighbor_file.read(path, model)
        return cls(ids, checks, lists, k)

    def _carried(self, before: Rows, width: int) -> Neighbours:
        """Lists [M, width] of the faces that were the rows `before` [M] (-1: none), of those that
        still are there; empty for new ones.
        """
        kept = np.flatnonzero(before >= 0)
        lists = Neighbours.empty(len(before), width)
        shared = min(width, self.lists.indices.shape[1])
        if np.array_equal(before[: len(kept)], np.arange(len(self.ids))):
            lists.indices[: len(kept), :shared] = self.lists.indices[:, :shared]
            lists.similarities[: len(kept), :shared] = self.lists.similarities[:, :shared]
            return lists
        among = restricted(self.lists, before[kept])
        # The last -1 is for empty places.
        lists.indices[kept, :shared] = np.append(kept, -1)[among.indices[:, :shared]]
        lists.similarities[kept, :shared] = among.similarities[:, :shared]
        return lists


def checksums(vectors: Vectors) -> NDArray[np.uint64]:
    """A checksum of each of `vectors` [N, dim], from its bits.

    Multilinear hashing (Carter and Wegman 1979) modulo 2^64: other vectors have another one, but
    for one case in 2^32.
    """
    words = np.ascontiguousarray(vectors, np.float32).view(np.uint32)
    weights = np.random.default_rng(0).integers(2**64, size=words.shape[1], dtype=np.uint64)
    weights |= np.uint64(1)
    sums = np.empty(len(words), np.uint64)
    for start in range(0, len(words), _BLOCK):
        block = slice(start, start + _BLOCK)
        np.einsum("ij,j->i", words[block], weights, out=sums[block])
    return sums


def _check(ids: NDArray[np.int64], vectors: Vectors) -> None:
    if len(ids) != len(vectors):
        raise InternalError("the neighbour graph needs one vector for each face")
    ordered = np.sort(ids, kind="stable")
    if (ordered[1:] == ordered[:-1]).any():
        raise InternalError("a face is in the neighbour graph twice")


def _places(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> Rows:
    """Where each of `wanted` stands in `ids`, -1 for those that do not."""
    if len(ids) == 0:
        return np.full(len(wanted), -1, np.int64)
    order = np.argsort(ids, kind="stable")
    places = order[np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)]
    return np.where(ids[places] == wanted, places, -1)


def _lengths(lists: Neighbours) -> Rows:
    """How many neighbours are in each list [N]."""
    count, k = lists.indices.shape
    lengths = np.full(count, k, np.int64)
    if k:
        shorter = np.flatnonzero(lists.indices[:, -1] < 0)
        lengths[shorter] = np.sum(lists.indices[shorter] >= 0, axis=1)
    return lengths


def _short(lists: Neighbours, new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which lists of faces that are not `new` have less than half of what there is to have."""
    wanted = lists.indices.shape[1]
    there = _lengths(lists)
    others = len(new) - int(new.sum()) - 1
    short: NDArray[np.bool_] = ~new & (there < wanted / 2) & (there < others)
    return short


def _search_anew(
    vectors: Vectors,
    lists: Neighbours,
    new: NDArray[np.bool_],
    short: NDArray[np.bool_],
    control: JobControl,
) -> None:
    """Fill the lists of the faces that are `new` or whose list is `short`, by comparing them with
    all others, and put the new ones into the lists of all the others that they belong in.
    """
    count, k = lists.indices.shape
    rows = np.flatnonzero(new | short)
    if len(rows) == 0 or k == 0:
        return
    limits = _last(lists, new)
    limits[rows] = np.inf
    size = max(_PAIRS // count, 1)
    for start in range(0, len(rows), size):
        control.checkpoint()
        control.report(STAGE, start, len(rows))
        asked = rows[start : start + size]
        cosines = vectors[asked] @ vectors.T
        cosines[np.arange(len(asked)), asked] = -np.inf
        found_cosines, found = largest(cosines, k)
        lists.indices[asked] = found
        lists.similarities[asked] = np.clip(found_cosines, -1.0, 1.0)
        # The others know the faces that are not new.
        cosines[~new[asked]] = -np.inf
        nearer = true_places(cosines > limits)
        which, others = np.divmod(nearer, count)
        enter(lists, others, asked[which], cosines.ravel()[nearer])
    control.report(STAGE, len(rows), len(rows))


def _last(lists: Neighbours, new: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How near a face has to be to belong into each list [N].

    Nearer than the last that is there: behind it, where faces went, others may be missing. Any face
    does where all the others that are not `new` are there already.
    """
    there = _lengths(lists)
    last: NDArray[np.float32] = lists.similarities[np.arange(len(there)), there - 1]
    full = there == lists.indices.shape[1]
    last[~full & (there >= len(new) - int(new.sum()) - 1)] = -np.inf
    return last
