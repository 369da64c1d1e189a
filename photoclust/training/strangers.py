"""Strangers in a library: faces that nobody named, of whom VAL cannot be told without an idea who
is who among them.
"""

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.engine import cluster_faces
from photoclust.core.arrays import Vectors
from photoclust.core.progress import JobControl


def grouped_strangers(
    vectors: Vectors,
    *,
    photos: NDArray[np.int64] | None = None,
    times: NDArray[np.float64] | None = None,
    control: JobControl | None = None,
) -> NDArray[np.int64]:
    """Groups [N] of unnamed faces by the unit vectors [N, dim] of the model in use, to stand in for
    people where two models are compared; -1 for a face in none.

    `photos` [N] and `times` [N] are those of `cluster_faces`. What the model in use tells apart is
    taken for the truth, so that the comparison is in its favour: where another one is measured to
    be no worse for strangers, it is none; but how well the model in use groups them is not to be
    read from it. Raises CancelledError when cancelled.
    """
    return cluster_faces(vectors, photo_ids=photos, times=times, control=control).labels
