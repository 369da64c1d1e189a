"""k-means for a number of people that is known: spherical (Dhillon, Modha 2001), by FAISS.

A person with three photos beside one with three hundred is missed by centres drawn at random, and
restarts do not mend that: greedy k-means++ (Arthur, Vassilvitskii 2007), by scikit-learn, does.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import kmeans_plusplus

from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError
from photoclust.core.progress import JobControl

RESTARTS = 4
"""How often it is begun anew, of which the best is kept."""
ONCE_ABOVE = 5_000_000
"""Faces times people above which it is begun only once, because each time takes minutes."""
_ITERATIONS = 25


def kmeans_labels(
    vectors: Vectors, people: int, *, seed: int = 0, control: JobControl | None = None
) -> NDArray[np.int64]:
    """Labels [N], 0 to `people` - 1, of unit `vectors` [N, dim]: the nearest of `people` centres.

    Everybody has at least one face, and no face waits. The same `seed` gives the same labels.

    Raises InternalError where there cannot be so many people.
    """
    count = len(vectors)
    if not 1 <= people <= count:
        raise InternalError(f"{count} faces cannot be grouped into {people} people")
    import faiss  # noqa: PLC0415 - nothing else waits for it

    control = control or JobControl()
    vectors = np.ascontiguousarray(vectors)
    random = np.random.RandomState(seed)
    best, labels, cosines = -np.inf, np.empty(0, np.int64), np.empty(0, np.float32)
    for _ in range(RESTARTS if count * people <= ONCE_ABOVE else 1):
        control.checkpoint()
        centres, _rows = kmeans_plusplus(vectors, people, random_state=random)
        control.checkpoint()
        means = faiss.Kmeans(
            vectors.shape[1],
            people,
            niter=_ITERATIONS,
            spherical=True,
            seed=seed,
            # FAISS leaves faces out, or warns, where a centre has many or few of them.
            min_points_per_centroid=1,
            max_points_per_centroid=count,
        )
        means.train(vectors, init_centroids=centres)
        products, nearest = means.index.search(vectors, 1)
        if (total := float(products.sum(dtype=np.float64))) > best:
            best, labels, cosines = total, nearest[:, 0], products[:, 0]
    return _everybody(labels, cosines, people)


def _everybody(
    labels: NDArray[np.int64], cosines: NDArray[np.float32], people: int
) -> NDArray[np.int64]:
    """`labels` with the faces farthest from their centres given to people who have none."""
    sizes = np.bincount(labels, minlength=people)
    nobody = np.flatnonzero(sizes == 0).tolist()
    for face in np.argsort(cosines, kind="stable"):
        if not nobody:
            break
        if sizes[labels[face]] > 1:
            sizes[labels[face]] -= 1
            labels[face] = nobody.pop()
    return labels
