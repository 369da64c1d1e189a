"""The neighbour graph of a library, kept beside it, so that not all faces are compared anew.

It is brought up to date and used in the process that groups: it is large, and takes what the window
need not load.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster import NEW, Grouping, cluster_faces
from photoclust.core.errors import DamagedCacheError, UserError
from photoclust.core.paths import INDEXES
from photoclust.core.progress import JobControl
from photoclust.core.types import ModelId, Vectors

log = logging.getLogger(__name__)


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
