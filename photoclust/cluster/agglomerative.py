"""Average linkage on a neighbour graph (the grouping of the FaceNet paper), near-linear.

Groups that are each other's most similar join round by round, which gives what joining the most
similar pair first gives, because average linkage is reducible (Bruynooghe 1977): two groups that
join come no nearer to a third.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.condensed import NO_DISTANCE, chosen_clusters
from photoclust.cluster.linkage import Edges, Groups
from photoclust.cluster.neighbors import Neighbours
from photoclust.core.arrays import Vectors
from photoclust.core.progress import JobControl

Indices = NDArray[np.int64]


def average_linkage(
    vectors: Vectors,
    neighbours: Neighbours,
    *,
    threshold: float,
    start: Indices | None = None,
    cannot_link: Indices | None = None,
    control: JobControl | None = None,
) -> Indices:
    """Labels [N] of unit `vectors` [N, dim], numbered by their first faces; a face alone is -1.

    Two groups may join while the mean cosine over all pairs of their faces is at least `threshold`
    and an edge of the graph leads from one to the other. On the graph of all pairs the result is
    that of joining the most similar pair first; on a sparser one a join can open the way to a group
    that lies nearer still, and groups that are each other's most similar do not wait for that. Of
    equal pairs the one with the smallest rows is first.

    At first each face is a group, or those that share a label of `start` [N] are, where -1 stands
    for a face alone. The two faces (rows) of each pair of `cannot_link` [P, 2] are never brought
    together: groups join the most similar of those they may join. A group of `start` that holds
    both faces of a pair stays as it is.

    The graph's rows list the nearest, -1 for nobody: a face is taken to be no more alike to those
    that a full row leaves out than to the last in it.
    """
    group_of, count = _numbered(len(vectors), start)
    if count < 2:
        return _labels(group_of)
    apart = np.empty((0, 2), np.int64) if cannot_link is None else group_of[cannot_link]
    groups = Groups(vectors, neighbours, group_of, count)
    edges = Edges(neighbours, group_of, count, max(1 - threshold, 1e-12), control or JobControl())
    for _ in _rounds(groups, edges, apart):
        pass
    return _labels(groups.roots()[group_of])


def persistent_groups(
    vectors: Vectors,
    neighbours: Neighbours,
    *,
    floor: float,
    threshold: float,
    min_cluster_size: int,
    control: JobControl | None = None,
) -> Indices:
    """Labels [N] of unit `vectors` [N, dim], -1 for noise: of all groups that average linkage makes
    down to a mean cosine of `floor`, those that persist longest, by HDBSCAN's excess of mass.

    One threshold fits no album: it cuts people who changed into pieces and joins others. Down to
    the cosine `threshold`, though, nothing is taken apart.
    """
    labels, _ = chosen_clusters(
        dendrogram(vectors, neighbours, threshold=floor, control=control),
        len(vectors),
        farthest=1 - floor,
        min_cluster_size=min_cluster_size,
        epsilon=1 - threshold,
    )
    return labels


def dendrogram(
    vectors: Vectors,
    neighbours: Neighbours,
    *,
    threshold: float,
    control: JobControl | None = None,
) -> NDArray[np.float64]:
    """The joins of `average_linkage` [J, 3]: a face of either group, and the mean distance
    1 − cosine of their faces at which they join; what was joined within a group comes before, and
    at no greater distance.
    """
    count = len(vectors)
    if count < 2:
        return np.empty((0, 3))
    everyone = np.arange(count)
    groups = Groups(vectors, neighbours, everyone, count)
    height = np.zeros(count)
    edges = Edges(neighbours, everyone, count, max(1 - threshold, 1e-12), control or JobControl())
    joins = [np.empty((0, 3))]
    for one, other, mean in _rounds(groups, edges, np.empty((0, 2), np.int64)):
        # On a sparse graph a join can open the way to a group that lies nearer.
        height[one] = np.maximum(
            np.maximum(mean, NO_DISTANCE), np.maximum(height[one], height[other])
        )
        joins.append(np.column_stack([one, other, height[one]]))
    return np.concatenate(joins)


def _rounds(
    groups: Groups, edges: Edges, apart: Indices
) -> Iterator[tuple[Indices, Indices, NDArray[np.float64]]]:
    """The groups that join in each round, and their mean distances, until none may."""
    edges.look(np.arange(len(edges.one)), groups, apart)
    while True:
        edges.control.checkpoint()
        one, other, mean = edges.mutual(groups)
        if len(one) == 0:
            return
        groups.join(one, other)
        yield one, other, mean
        moved = np.flatnonzero(groups.changed[apart].any(axis=1))
        apart[moved] = groups.into[apart[moved]]
        edges.look(edges.follow(groups), groups, apart[moved])


def _numbered(count: int, start: Indices | None) -> tuple[Indices, int]:
    """The group of each face, numbered in the order of their first faces, and how many."""
    if start is None:
        return np.arange(count), count
    alone = start.max(initial=-1) + 1 + np.arange(count)
    own, first, group_of = np.unique(
        np.where(start < 0, alone, start), return_index=True, return_inverse=True
    )
    place = np.empty(len(own), np.int64)
    place[np.argsort(first)] = np.arange(len(own))
    return place[group_of], len(own)


def _labels(group_of: Indices) -> Indices:
    """Groups of two and more numbered 0, 1, 2 …; -1 for a face alone."""
    sizes = np.bincount(group_of)
    number = np.where(sizes > 1, np.cumsum(sizes > 1) - 1, -1)
    return number[group_of]
