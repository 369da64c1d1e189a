"""What turns raw labels into groups of people: nothing loose kept together, pairs found, and
faces that founded nothing taken into the groups they clearly belong to.

HDBSCAN with two samples finds people with many photos and joins strangers where everybody has two;
with one sample it is the other way round. Looking at the similarities themselves settles it: a
group must hang together by links that strangers hardly ever have, and two faces that are each
other's nearest and clearly alike are a group also where nothing else is.
"""

import faiss
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from photoclust.cluster.neighbors import Neighbours
from photoclust.core.types import Vectors

Labels = NDArray[np.int64]


def linked_parts(labels: Labels, neighbours: Neighbours, link: float) -> Labels:
    """Each group cut into the parts that hang together by similarities of at least `link`.

    Parts of one face are -1.
    """
    count = len(labels)
    rows = np.repeat(np.arange(count), neighbours.indices.shape[1])
    columns = neighbours.indices.ravel()
    strong = (
        (neighbours.similarities.ravel() >= link)
        & (labels[rows] >= 0)
        & (labels[rows] == labels[columns])
    )
    ones = np.ones(int(strong.sum()), np.int8)
    graph = coo_array((ones, (rows[strong], columns[strong])), shape=(count, count))
    parts = connected_components(graph, directed=False)[1].astype(np.int64)
    parts[np.bincount(parts, minlength=1)[parts] < 2] = -1
    return compact(parts)


def add_pairs(
    labels: Labels, neighbours: Neighbours, photo_ids: NDArray[np.int64], pair: float
) -> Labels:
    """Two faces without a group that are each other's nearest and alike form one.

    Neighbours in the same photo are passed over: they are somebody else.
    """
    labels = labels.copy()
    if neighbours.indices.shape[1] == 0:
        return labels
    elsewhere = photo_ids[neighbours.indices] != photo_ids[:, None]
    first = np.argmax(elsewhere, axis=1)
    rows = np.arange(len(labels))
    best = neighbours.indices[rows, first]
    alike = (neighbours.similarities[rows, first] >= pair) & elsewhere[rows, first]
    founding = (labels < 0) & (labels[best] < 0) & alike & (best[best] == rows) & (rows < best)
    ones = np.flatnonzero(founding)
    numbers = labels.max(initial=-1) + 1 + np.arange(len(ones))
    labels[ones] = numbers
    labels[best[ones]] = numbers
    return labels


def merge_groups(labels: Labels, vectors: Vectors, merge: float) -> Labels:
    """Groups joined while their faces are, on average over all pairs, at least `merge` alike.

    Bursts and edited copies make dense knots that HDBSCAN takes for people of their own. Groups
    that are each other's most similar are joined round by round, which gives what joining the most
    similar pair first gives (average linkage is reducible: Bruynooghe 1977).
    """
    labels = compact(labels)
    while (count := int(labels.max(initial=-1)) + 1) > 1:
        members = np.flatnonzero(labels >= 0)
        sums = np.zeros((count, vectors.shape[1]), np.float32)
        np.add.at(sums, labels[members], vectors[members])
        # The mean of all similarities between two groups is the product of their mean vectors.
        means = sums / np.bincount(labels[members]).astype(np.float32)[:, None]
        best, similarity = _most_similar(means)
        joined = (best[best] == np.arange(count)) & (similarity >= merge)
        if not joined.any():
            break
        target = np.where(joined, np.minimum(best, np.arange(count)), np.arange(count))
        labels = compact(np.where(labels >= 0, target[labels], -1))
    return labels


def _most_similar(means: Vectors) -> tuple[Labels, NDArray[np.float32]]:
    """For each row the other row of the largest inner product, and that product."""
    index = faiss.IndexFlatIP(means.shape[1])
    index.add(means)
    products, found = index.search(means, 2)
    # A row need not be its own largest product: these are not unit vectors.
    own = found == np.arange(len(means))[:, None]
    own[~own.any(axis=1), 1] = True
    return found[~own].astype(np.int64), products[~own]


def join_groups(
    labels: Labels,
    vectors: Vectors,
    photo_ids: NDArray[np.int64],
    waiting: NDArray[np.bool_],
    join: float,
) -> Labels:
    """`labels` with the faces that are `waiting` put into the group whose middle is nearest, where
    that is at least `join` alike and the group has no face in the same photo.
    """
    labels = labels.copy()
    groups = int(labels.max(initial=-1)) + 1
    rows = np.flatnonzero(waiting)
    if groups == 0 or len(rows) == 0:
        return labels
    members = np.flatnonzero(labels >= 0)
    middles = np.zeros((groups, vectors.shape[1]), np.float32)
    np.add.at(middles, labels[members], vectors[members])
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-12)
    taken = set(zip(labels[members].tolist(), photo_ids[members].tolist(), strict=True))
    cosines = vectors[rows] @ middles.T
    best = np.argmax(cosines, axis=1)
    strength = cosines[np.arange(len(rows)), best]
    # The clearest first: of two faces in one photo the better match gets the place.
    for place in np.argsort(-strength, kind="stable"):
        if strength[place] < join:
            break
        key = (int(best[place]), int(photo_ids[rows[place]]))
        if key not in taken:
            taken.add(key)
            labels[rows[place]] = best[place]
    return labels


def compact(labels: Labels) -> Labels:
    """The same groups numbered 0, 1, 2 … without gaps; -1 stays."""
    result = np.full(len(labels), -1, np.int64)
    grouped = labels >= 0
    result[grouped] = np.unique(labels[grouped], return_inverse=True)[1]
    return result
