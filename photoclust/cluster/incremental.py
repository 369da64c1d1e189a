"""Grouping of new faces beside groups that stay as they are.

A new face joins a group, or founds one with others that wait, or waits. What the new faces cannot
change is not looked at: of the faces that wait only those near to a new one.
"""

import numpy as np

from photoclust.cluster import strangers as stranger_model
from photoclust.cluster.founding import Faces, draw, followed, found_shots, join, merge
from photoclust.cluster.labels import Labels, restricted
from photoclust.cluster.merging import MergeQuestion
from photoclust.cluster.neighbors import Neighbours, nearest, search
from photoclust.cluster.parameters import Parameters
from photoclust.core.progress import JobControl

_NEAR = 8
"""Waiting faces beside a new one that it may found a group with."""
_FEW = 10_000
"""So many faces that wait are compared with each other in a second or two; the lists of a graph of
all faces leave out what groups stand between.
"""


def group_new(
    faces: Faces,
    previous: Labels,
    method: str,
    chosen: Parameters,
    *,
    graph: Neighbours | None,
    seed: int,
    control: JobControl,
) -> tuple[Labels, list[MergeQuestion]]:
    """Labels [N] of `faces`: those of `previous` that are 0 or more stay as they are; `graph` where
    there is one.
    """
    new = np.flatnonzero(previous < -1) if (previous < -1).any() else np.flatnonzero(previous < 0)
    labels = np.maximum(previous, -1)
    if len(new) == 0 or len(labels) < 2:
        return labels, []
    old = np.unique(previous[previous >= 0])
    labels[labels >= 0] = np.searchsorted(old, labels[labels >= 0])
    labels = _with_decided(faces, labels, new)
    control.checkpoint()
    if graph is None:
        lists = search(faces.vectors, new, min(chosen.neighbours, len(labels) - 1))
    else:
        lists = Neighbours(graph.indices[new], graph.similarities[new])
    here = stranger_model.of_library(faces.vectors, faces.known, seed)
    labels = join(faces, labels, lists, here, chosen, rows=new)
    waiting = _that_may_found(labels, new, lists)
    mine = faces.of(waiting)
    if graph is None or len(waiting) <= _FEW:
        own = nearest(mine.vectors, chosen.neighbours, seed=seed, control=control)
    else:
        own = restricted(graph, waiting)
    besides = int((labels < 0).sum()) - len(waiting)
    founded, _ = found_shots(mine, own, method, chosen, besides=besides, seed=seed, control=control)
    labels[waiting[founded >= 0]] = founded[founded >= 0] + labels.max(initial=-1) + 1
    labels = join(faces, labels, lists, here, chosen, rows=new)
    questions: list[MergeQuestion] = []
    labels = draw(faces, labels, lists, here, chosen, rows=new, fixed=len(old))
    if (labels >= len(old)).any():
        labels, questions = merge(faces, labels, chosen, fixed=len(old), control=control)
    # Old groups get their numbers back; new ones follow the largest.
    first = int(old[-1]) + 1 if len(old) else 0
    more = max(int(labels.max(initial=-1)) + 1 - len(old), 0)
    numbers = np.concatenate([old, first + np.arange(more), [-1]])
    named = numbers[labels]
    return named, followed(questions, labels, named)


def _with_decided(faces: Faces, labels: Labels, new: Labels) -> Labels:
    """`labels` with the `new` faces of known people where most of the others of theirs are, or in
    a group of their own.
    """
    identity = faces.constraints.identity
    labels = labels.copy()
    for row in new[identity[new] >= 0].tolist():
        others = labels[identity == identity[row]]
        placed = others[others >= 0]
        labels[row] = np.bincount(placed).argmax() if len(placed) else labels.max(initial=-1) + 1
    return labels


def _that_may_found(labels: Labels, new: Labels, lists: Neighbours) -> Labels:
    """The new faces that wait, and those that wait near them."""
    still = labels[new] < 0
    indices = lists.indices[still]
    waits = labels[indices] < 0
    order = np.argsort(~waits, axis=1, kind="stable")[:, :_NEAR]
    near = np.take_along_axis(indices, order, axis=1)[np.take_along_axis(waits, order, axis=1)]
    return np.union1d(new[still], near)
