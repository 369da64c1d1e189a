"""Which of the groups that there are may be one person, whatever made them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photoclust.cluster.founding import Faces
from photoclust.cluster.labels import Labels, compact
from photoclust.cluster.merging import MergeQuestion, merge_groups
from photoclust.cluster.parameters import Parameters
from photoclust.core.arrays import Vectors
from photoclust.core.progress import JobControl


def may_be_one(
    vectors: Vectors,
    labels: Labels,
    *,
    photo_ids: NDArray[np.int64] | None = None,
    people: NDArray[np.int64] | None = None,
    cannot_link: ArrayLike = (),
    same_photo_exceptions: tuple[int, ...] = (),
    control: JobControl | None = None,
) -> list[MergeQuestion]:
    """Pairs of the groups `labels` [N] of unit `vectors` [N, dim] that may be one person, the most
    alike first, by the labels given. A group is in one pair at most.

    `people` [N]: whom the user said each face is, -1 for the others; the rest as in
    `cluster_faces`. Raises CancelledError when cancelled.
    """
    numbers = compact(labels)
    if numbers.max(initial=-1) < 1:
        return []
    chosen = Parameters()
    faces, _ = Faces.understand(
        vectors,
        photo_ids=photo_ids,
        quality=None,
        people=people,
        must_link=(),
        cannot_link=cannot_link,
        times=None,
        duplicates=None,
        same_photo_exceptions=same_photo_exceptions,
    )
    # Nothing is alike enough to be joined unasked, so every pair worth it becomes a question.
    _, found = merge_groups(
        numbers,
        vectors,
        faces.constraints,
        merge=np.inf,
        ask=faces.known.cosine(chosen.ask),
        rival=faces.known.cosine(chosen.rival),
        control=control,
    )
    _, first = np.unique(numbers, return_index=True)
    label_of = labels[first[int((numbers < 0).any()) :]]
    return [
        MergeQuestion(int(label_of[each.a]), int(label_of[each.b]), each.similarity)
        for each in found
    ]
