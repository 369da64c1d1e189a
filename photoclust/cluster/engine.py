"""The one entry point of grouping: which faces found groups, by which method, and who joins.

The libraries below it take more than a second to load, so they are loaded when first needed: a
window that can group need not wait for them.
"""

# ruff: noqa: PLC0415 - see above

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photoclust.cluster.parameters import KMEANS, METHODS, Parameters
from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError
from photoclust.core.progress import JobControl

if TYPE_CHECKING:
    from photoclust.cluster.constraints import Conflict
    from photoclust.cluster.merging import MergeQuestion
    from photoclust.cluster.neighbor_lists import Neighbours

NEW = -2
"""In `previous`: a face that no grouping has seen yet."""


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """What a grouping found.

    `labels` [N] int64: the group of each face; -1 for a face that waits. `strength` [N] float32:
    the cosine of each face and the middle of its group, 0 for one that waits. `provable_errors`:
    faces in one group with another of their photo. `conflicts`: contradictory decisions.
    `merge_questions`: pairs of groups that may be one person, the most alike first.
    """

    labels: NDArray[np.int64]
    strength: NDArray[np.float32]
    provable_errors: int
    conflicts: tuple["Conflict", ...] = ()
    merge_questions: tuple["MergeQuestion", ...] = ()


def cluster_faces(
    vectors: Vectors,
    *,
    method: str = METHODS[0],
    photo_ids: NDArray[np.int64] | None = None,
    quality: NDArray[np.float32] | None = None,
    people: NDArray[np.int64] | None = None,
    must_link: ArrayLike = (),
    cannot_link: ArrayLike = (),
    times: NDArray[np.float64] | None = None,
    duplicates: NDArray[np.int64] | None = None,
    previous: NDArray[np.int64] | None = None,
    neighbours: "Neighbours | None" = None,
    same_photo_exceptions: Sequence[int] = (),
    seed: int = 0,
    control: JobControl | None = None,
    **parameters: Any,
) -> Grouping:
    """Group unit `vectors` [N, dim] float32 into people.

    `photo_ids` [N] says which faces share a photo (default: none do) and are therefore different
    people, save in the photos of `same_photo_exceptions`. `quality` [N], 0 to 1: which can be
    trusted (default: all). `people` [N]: the number of the person that somebody said a face is, -1
    for the others; `must_link` and `cannot_link` [P, 2]: rows of faces that are one person, or two.
    `times` [N]: when the photos were taken, in seconds (NaN: unknown). `duplicates` [N]: the same
    number ≥ 0 for faces of one shot.

    `previous` [N]: the groups of an earlier grouping. They keep their faces and numbers; those that
    wait (-1) or are `NEW` join them, or form new groups with higher numbers, or wait. Where some
    are `NEW`, of those that wait only the ones near to them are looked at again.

    `neighbours` are the lists of all N faces, where there are any (see `neighbor_graph`); else they
    are searched for. `parameters` are those of `Parameters`. The same faces give the same groups in
    whatever order they come, numbered in the order of their first faces.

    Raises InternalError for an unknown method or parameter, arrays that do not fit together, and
    vectors that are not finite or not of unit length; CancelledError when cancelled.
    """
    # joblib, loaded with hdbscan and scikit-learn, otherwise tries out semaphores in /dev/shm.
    os.environ["JOBLIB_MULTIPROCESSING"] = "0"
    from photoclust.cluster.founding import Faces, group_anew
    from photoclust.cluster.incremental import group_new
    from photoclust.cluster.labels import centres, compact, cosines_of

    if method not in (*METHODS, KMEANS):
        raise InternalError(f"unknown grouping method {method!r}")
    unknown = parameters.keys() - {field.name for field in fields(Parameters)}
    if unknown:
        raise InternalError(f"grouping has no parameter {', '.join(sorted(unknown))}")
    chosen, control = Parameters(**parameters), control or JobControl()
    faces, conflicts = Faces.understand(
        _checked(vectors),
        photo_ids=photo_ids,
        quality=quality,
        people=people,
        must_link=must_link,
        cannot_link=cannot_link,
        times=times,
        duplicates=duplicates,
        same_photo_exceptions=same_photo_exceptions,
    )
    if neighbours is not None and len(neighbours.indices) != len(vectors):
        raise InternalError("neighbours has not one list for each vector")
    if previous is None:
        labels, questions = group_anew(
            faces, method, chosen, graph=neighbours, seed=seed, control=control
        )
    else:
        if len(previous) != len(vectors):
            raise InternalError("previous has not one label for each vector")
        if method == KMEANS:
            raise InternalError("k-means groups all faces at once, not new ones beside others")
        labels, questions = group_new(
            faces, previous, method, chosen, graph=neighbours, seed=seed, control=control
        )
    grouped = np.flatnonzero(labels >= 0)
    strength = np.zeros(len(labels), np.float32)
    numbers = compact(labels)
    middles = centres(numbers, faces.vectors)
    strength[grouped] = cosines_of(faces.vectors, grouped, middles, numbers[grouped])
    return Grouping(labels, strength, faces.provable_errors(labels), conflicts, tuple(questions))


def _checked(vectors: Vectors) -> Vectors:
    if vectors.ndim != 2 or vectors.dtype != np.float32:
        raise InternalError(f"vectors are float32 [N, dim], not {vectors.dtype} {vectors.shape}")
    for start in range(0, len(vectors), 65_536):
        block = vectors[start : start + 65_536]
        length = np.einsum("ij,ij->i", block, block)
        if not np.isfinite(length).all():
            raise InternalError("a face vector is not finite")
        if (np.abs(length - 1) > 1e-2).any():
            raise InternalError("a face vector is not of unit length")
    return vectors
