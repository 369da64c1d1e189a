"""The one entry point of grouping."""
from dataclasses import dataclass

import hdbscan
import numpy as np
from numpy.typing import NDArray

from photoclust.core.types import Vectors

METHODS = ("hdbscan", "agglomerative")


@dataclass(frozen=True, slots=True)
class Grouping:
    """`labels` [N] int64: the group of each face, -1 for one that waits."""

    labels: NDArray[np.int64]


def cluster_faces(
    vectors: Vectors,
    *,
    method: str = "hdbscan",
    photo_ids: NDArray[np.int64] | None = None,
    quality: NDArray[np.float32] | None = None,
) -> Grouping:
    """Group unit vectors [N, dim]."""
    if len(vectors) < 3:
        return Grouping(np.full(len(vectors), -1, np.int64))
    labels = hdbscan.HDBSCAN(min_cluster_size=2, min_samples=2, core_dist_n_jobs=1).fit_predict(
        vectors
    )
    return Grouping(labels.astype(np.int64))
