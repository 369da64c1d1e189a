"""Grouping of new faces beside groups that stay as they are.

A new face joins a group, or founds one with others that wait, or waits. What the new faces cannot
change is not looked at: of the faces that wait only those near to a new one.
"""

from typing import TYPE_CHECKING

import faiss
import numpy as np

from photoclust.cluster import strangers as stranger_model
from photoclust.cluster.founding import Faces, followed, found
from photoclust.cluster.joining import join_groups
from photoclust.cluster.labels import Labels, restricted
from photoclust.cluster.merging import MergeQuestion, merge_groups
from photoclust.cluster.neighbors import Neighbours, nearest
from photoclust.cluster.shots import shots
from photoclust.cluster.strangers import Strangers
from photoclust.core.progress import JobControl

if TYPE_CHECKING:
    from photoclust.cluster.engine import Parameters

_NEAR = 8
"""Waiting faces beside a new one that it may found a group with."""


def group_new(
    faces: Faces, previous: Labels, chosen: "Parameters", seed: int, control: JobControl
) -> tuple[Labels, list[MergeQuestion]]:
    """Labels [N] of `faces`: those of `previous` that are 0 or more stay as they are."""
    new = np.flatnonzero(previous < -1) if (previous < -1).any() else np.flatnonzero(previous < 0)
    labels = np.maximum(previous, -1)
    if len(new) == 0 or len(labels) < 2:
        return labels, []
    old = np.unique(previous[previous >= 0])
    labels[labels >= 0] = np.searchsorted(old, labels[labels >= 0])
    labels, questions = _with_new(faces, labels, new, chosen, seed=seed, control=control)
    # Old groups get their numbers back; new ones follow the largest.
    first = int(old[-1]) + 1 if len(old) else 0
    numbers = np.append(old, first + np.arange(max(int(labels.max(initial=-1)) + 1 - len(old), 0)))
    named = np.where(labels >= 0, np.append(numbers, -1)[labels], -1)
    return named, followed(questions, labels, named)


def _with_new(
    faces: Faces,
    labels: Labels,
    new: Labels,
    chosen: "Parameters",
    *,
    seed: int,
    control: JobControl,
) -> tuple[Labels, list[MergeQuestion]]:
    """`labels` [N], numbered without gaps, with the faces `new` in groups."""
    fixed = int(labels.max(initial=-1)) + 1
    lists = _lists(faces, new, chosen.neighbours, control)
    labels = _with_decided(faces, labels, new)
    here = stranger_model.of_library(faces.vectors, seed)
    labels = _joined(faces, labels, new, lists, chosen=chosen, here=here)
    waiting = _that_may_found(labels, new, lists)
    if len(waiting) < 2:
        return labels, []
    mine = faces.of(waiting)
    graph = nearest(mine.vectors, chosen.neighbours, seed=seed, control=control)
    shot = shots(graph, mine.quality, times=mine.times, duplicates=mine.duplicates)
    founders = np.flatnonzero(
        (shot == np.arange(len(waiting))) & (mine.quality >= chosen.founding_quality)
    )
    founded = np.full(len(waiting), -1, np.int64)
    founded[founders], _ = found(
        mine.of(founders),
        restricted(graph, founders),
        chosen,
        method="hdbscan",
        seed=seed,
        control=control,
    )
    founded = np.where(founded < 0, founded[shot], founded)
    labels[waiting] = np.where(founded >= 0, founded + fixed, labels[waiting])
    labels = _joined(faces, labels, new, lists, chosen=chosen, here=here)
    if not (labels >= fixed).any():
        return labels, []
    return merge_groups(
        labels,
        faces.vectors,
        faces.constraints,
        merge=Strangers().cosine(chosen.merge),
        ask=Strangers().cosine(chosen.ask),
        rival=Strangers().cosine(chosen.rival),
        fixed=fixed,
        control=control,
    )


def _lists(faces: Faces, rows: Labels, k: int, control: JobControl) -> Neighbours:
    """The nearest others of the faces `rows` among all, without those that are no other face."""
    control.checkpoint()
    vectors = faces.vectors
    k = min(k, len(vectors) - 1)
    cosines, found_rows = faiss.knn(
        np.ascontiguousarray(vectors[rows]), vectors, k + 1, metric=faiss.METRIC_INNER_PRODUCT
    )
    own = found_rows == rows[:, None]
    own[~own.any(axis=1), -1] = True
    return Neighbours(
        found_rows[~own].reshape(-1, k).astype(np.int64), cosines[~own].reshape(-1, k)
    )


def _joined(
    faces: Faces,
    labels: Labels,
    new: Labels,
    lists: Neighbours,
    *,
    chosen: "Parameters",
    here: Strangers,
) -> Labels:
    """`labels` with those of the faces `new`, whose neighbours are `lists`, in groups that clearly
    belong there.
    """
    return join_groups(
        labels,
        faces.vectors,
        lists,
        faces.constraints,
        here,
        rows=new,
        vote=Strangers().cosine(chosen.vote),
        vote_share=chosen.vote_share,
        big=chosen.big,
        share=chosen.join_share,
    )


def _with_decided(faces: Faces, labels: Labels, new: Labels) -> Labels:
    """`labels` with the `new` faces of known people where most of the others of theirs are."""
    identity = faces.constraints.identity
    labels = labels.copy()
    for row in new[identity[new] >= 0].tolist():
        others = labels[identity == identity[row]]
        if (others >= 0).any():
            labels[row] = np.bincount(others[others >= 0]).argmax()
    return labels


def _that_may_found(labels: Labels, new: Labels, lists: Neighbours) -> Labels:
    """The new faces that wait, and those that wait near them."""
    still = labels[new] < 0
    indices = lists.indices[still]
    waits = labels[indices] < 0
    order = np.argsort(~waits, axis=1, kind="stable")[:, :_NEAR]
    near = np.take_along_axis(indices, order, axis=1)[np.take_along_axis(waits, order, axis=1)]
    return np.union1d(new[still], near)
