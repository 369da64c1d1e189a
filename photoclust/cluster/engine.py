"""The one entry point of grouping: which faces found groups, by which method, and who joins.

The libraries below it take more than a second to load, so they are loaded when first needed: a
window that can group need not wait for them.
"""

# ruff: noqa: PLC0415 - see above

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core.errors import InternalError
from photoclust.core.types import Vectors

METHODS = ("hdbscan", "agglomerative")
FOUNDING_QUALITY = 0.12
"""Faces of lower quality join groups but never found or bridge them."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Cosines. `link`: strangers reach it about once in 10 000 pairs; `pair`: enough for two faces
    that are each other's nearest; `merge`: enough, on average, between the faces of two groups;
    `join`: enough between a face and the middle of a group.
    """

    link: float = 0.65
    pair: float = 0.60
    merge: float = 0.65
    join: float = 0.50


@dataclass(frozen=True, slots=True)
class Grouping:
    """`labels` [N] int64: the group of each face, numbered from 0; -1 for a face that waits."""

    labels: NDArray[np.int64]


def cluster_faces(
    vectors: Vectors,
    *,
    method: str = METHODS[0],
    photo_ids: NDArray[np.int64] | None = None,
    quality: NDArray[np.float32] | None = None,
    thresholds: Thresholds | None = None,
) -> Grouping:
    """Group unit `vectors` [N, dim] float32 into people.

    `photo_ids` [N] says which faces share a photo (default: none do), `quality` [N], 0 to 1, which
    can be trusted (default: all). The same input gives the same labels.

    Raises InternalError for an unknown method or vectors that are not finite.
    """
    from photoclust.cluster.refine import compact, join_groups

    if method not in METHODS:
        raise InternalError(f"unknown grouping method {method!r}")
    if not np.isfinite(vectors).all():
        raise InternalError("a face vector is not finite")
    count = len(vectors)
    thresholds = thresholds or Thresholds()
    photo_ids = np.arange(count) if photo_ids is None else photo_ids
    founder = np.ones(count, bool) if quality is None else quality >= FOUNDING_QUALITY
    labels = np.full(count, -1, np.int64)
    labels[founder] = _found(vectors[founder], photo_ids[founder], method, thresholds)
    labels = join_groups(labels, vectors, photo_ids, labels < 0, thresholds.join)
    return Grouping(compact(labels))


def _found(
    vectors: Vectors, photo_ids: NDArray[np.int64], method: str, thresholds: Thresholds
) -> NDArray[np.int64]:
    """Groups among the faces that can be trusted."""
    # joblib, loaded with hdbscan and scikit-learn, otherwise tries out semaphores in /dev/shm.
    os.environ["JOBLIB_MULTIPROCESSING"] = "0"
    from photoclust.cluster.neighbors import nearest
    from photoclust.cluster.refine import add_pairs, linked_parts, merge_groups

    neighbours = nearest(vectors)
    if method == "hdbscan":
        from photoclust.cluster.hdbscan import hdbscan_labels

        labels = hdbscan_labels(vectors, neighbours)
        labels = linked_parts(labels, neighbours, thresholds.link)
    else:
        from photoclust.cluster.agglomerative import average_linkage

        labels = average_linkage(vectors, neighbours)
    labels = add_pairs(labels, neighbours, photo_ids, thresholds.pair)
    return merge_groups(labels, vectors, thresholds.merge)
