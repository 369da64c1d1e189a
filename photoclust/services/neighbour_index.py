"""The neighbour graph of a library, kept beside it, so that not all faces are compared anew.

It is brought up to date and used in the process that groups: it is large, and takes what the window
need not load.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster import NEW, Grouping, cluster_faces
from photoclust.core.arrays import Vectors
from photoclust.core.errors import DamagedCacheError, UserError
from photoclust.core.paths import INDEXES
from photoclust.core.progress import JobControl
from photoclust.core.types import ModelId

if TYPE_CHECKING:
    from photoclust.cluster.neighbor_lists import Neighbours

log = logging.getLogger(__name__)

_COMPARED = 20_000
"""Without a kept graph all faces of a library up to this size are compared with each other."""
_NEW = 5_000
"""Of faces that the graph does not know yet so many are compared with all others."""


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The kept graph of the faces `ids` [N] with vectors of `model` in the library `folder`.

    `seen` is the state of the graph when all of its faces were last asked where they belong, None
    where they have to be asked again.
    """

    folder: Path
    model: ModelId
    ids: NDArray[np.int64]
    seen: str | None = None

    @property
    def path(self) -> Path:
        """The file of the graph."""
        return self.folder / INDEXES / f"{self.model}.neighbours"


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a grouping found, and the `state` of the graph then: equal for equal faces only."""

    grouping: Grouping
    state: str


def cluster_indexed(
    vectors: Vectors,
    index: Index,
    *,
    previous: NDArray[np.int64] | None = None,
    control: JobControl | None = None,
    **options: Any,
) -> Found:
    """`cluster_faces` with the kept graph, which is brought up to date and kept again.

    Of faces that wait (-1 in `previous`) only those are asked that are new since the state `seen`,
    and those near to them. A graph that is damaged, or cannot be written, costs time only.
    """
    # faiss takes a moment to load, which whoever only asks where the file is need not wait for.
    from photoclust.cluster.neighbor_graph import NeighbourGraph  # noqa: PLC0415

    old = None
    try:
        old = NeighbourGraph.load(index.path, index.model)
    except FileNotFoundError:
        pass
    except DamagedCacheError as error:
        log.warning("the neighbour graph is made anew: %s", error)
    if old is None:
        graph = NeighbourGraph.build(index.ids, vectors, control=control)
    else:
        graph = old.update(index.ids, vectors, control=control)
    if old is None or old.state != graph.state:
        try:
            graph.save(index.path, index.model)
        except UserError as error:
            log.warning("the neighbour graph is not kept: %s", error)
    if previous is not None and old is not None and old.state == index.seen:
        previous = np.where((previous < 0) & ~graph.known_to(old), NEW, previous)
    found = cluster_faces(
        vectors, previous=previous, neighbours=graph.lists, control=control, **options
    )
    return Found(found, graph.state)


def nearest_few(index: Index, vectors: Vectors, k: int, control: JobControl) -> "Neighbours":
    """The `k` nearest of each of the faces of `index` with unit `vectors` [N, dim], as far as they
    are known or can be found quickly; nothing is kept. Raises CancelledError when cancelled.
    """
    from photoclust.cluster.neighbor_graph import NeighbourGraph  # noqa: PLC0415 - see above
    from photoclust.cluster.neighbor_lists import Neighbours, search  # noqa: PLC0415
    from photoclust.cluster.neighbors import nearest  # noqa: PLC0415

    count = len(index.ids)
    if count <= _COMPARED:
        return nearest(vectors, k, exact=True, control=control)
    lists = Neighbours.empty(count, k)
    try:
        graph = NeighbourGraph.load(index.path, index.model)
    except (FileNotFoundError, DamagedCacheError) as error:
        log.info("faces are recognised without their look-alikes: %s", error)
        return lists
    known = np.flatnonzero(np.isin(index.ids, graph.ids, assume_unique=True))
    among = graph.neighbours(index.ids[known])
    near = among.indices[:, :k]
    lists.indices[known, : near.shape[1]] = np.append(known, -1)[near]
    lists.similarities[known, : near.shape[1]] = among.similarities[:, :k]
    new = np.setdiff1d(np.arange(count), known, assume_unique=True)
    if len(new) <= _NEW:
        part = search(vectors, new, k)
        lists.indices[new], lists.similarities[new] = part.indices, part.similarities
    return lists
