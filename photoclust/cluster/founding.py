"""Grouping from nothing: shots, founders, dense groups, decisions, pairs, merges, joins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photoclust.cluster import strangers as stranger_model
from photoclust.cluster.agglomerative import persistent_groups
from photoclust.cluster.constraints import (
    Conflict,
    Constraints,
    enforce,
    pairs_of,
    shared_photos,
    understand,
)
from photoclust.cluster.dense import core_parts, cut_wide
from photoclust.cluster.hdbscan import hdbscan_labels
from photoclust.cluster.joining import add_pairs, join_groups
from photoclust.cluster.kmeans import kmeans_labels
from photoclust.cluster.known import draw_to_known
from photoclust.cluster.labels import Labels, among, compact, restricted, without_small
from photoclust.cluster.merging import MergeQuestion, merge_groups
from photoclust.cluster.neighbors import Neighbours, canonical_order, nearest
from photoclust.cluster.parameters import KMEANS, Parameters
from photoclust.cluster.shots import shots
from photoclust.cluster.strangers import Strangers
from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError
from photoclust.core.progress import JobControl

FLOOR = 0.4
"""Faces and groups less alike (cosine) are all equally far apart, so that how strangers lie to
each other says nothing about where people end. In a large library that is the cosine that a face
has with as many strangers as the graph lists.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """N faces and what is known of them; the arguments of `cluster_faces` in full. `known`: how
    alike strangers are, by all that was decided.
    """

    vectors: Vectors
    photo_ids: Labels
    quality: NDArray[np.float32]
    times: NDArray[np.float64] | None
    duplicates: Labels | None
    constraints: Constraints
    known: Strangers

    @classmethod
    def understand(
        cls,
        vectors: Vectors,
        *,
        photo_ids: Labels | None,
        quality: NDArray[np.float32] | None,
        people: Labels | None,
        must_link: ArrayLike,
        cannot_link: ArrayLike,
        times: NDArray[np.float64] | None,
        duplicates: Labels | None,
        same_photo_exceptions: Sequence[int],
    ) -> tuple["Faces", tuple[Conflict, ...]]:
        """The faces, and what contradicts itself of what was decided on them."""
        count = len(vectors)
        for name, array in (
            ("photo_ids", photo_ids),
            ("quality", quality),
            ("people", people),
            ("times", times),
            ("duplicates", duplicates),
        ):
            if array is not None and len(array) != count:
                raise InternalError(f"{name} has not one value for each vector")
        photos = np.arange(count) if photo_ids is None else photo_ids
        constraints, conflicts = understand(
            photos,
            np.full(count, -1, np.int64) if people is None else people,
            pairs_of(must_link, "must_link", count),
            pairs_of(cannot_link, "cannot_link", count),
            same_photo_exceptions,
        )
        trusted = np.ones(count, np.float32) if quality is None else quality
        known = stranger_model.of_decisions(vectors, constraints.person, constraints.apart)
        return cls(vectors, photos, trusted, times, duplicates, constraints, known), conflicts

    def of(self, rows: Labels) -> "Faces":
        """The faces `rows`, numbered by their places in `rows`."""
        return Faces(
            self.vectors[rows],
            self.photo_ids[rows],
            self.quality[rows],
            None if self.times is None else self.times[rows],
            None if self.duplicates is None else self.duplicates[rows],
            self.constraints.of(rows),
            self.known,
        )

    def provable_errors(self, labels: Labels) -> int:
        """How many faces of `labels` are in a group with another face of their photo."""
        return shared_photos(labels, self.constraints.photo)


def group_anew(
    faces: Faces,
    method: str,
    chosen: Parameters,
    *,
    graph: Neighbours | None,
    seed: int,
    control: JobControl,
) -> tuple[Labels, list[MergeQuestion]]:
    """Labels [N] of `faces`, and which groups may be one person; `graph` where there is one."""
    count = len(faces.vectors)
    # Ties are broken by rows, which are the same for the same faces in an order of their own.
    order = canonical_order(faces.vectors)
    sorted_faces = faces.of(order)
    questions: list[MergeQuestion] = []
    if method == KMEANS:
        labels = _in_numbers(sorted_faces, chosen, seed, control)
    else:
        if graph is None:
            lists = nearest(sorted_faces.vectors, chosen.neighbours, seed=seed, control=control)
        else:
            lists = restricted(graph, order)
        labels, questions = _group_sorted(
            sorted_faces, lists, method, chosen, seed=seed, control=control
        )
    result = np.full(count, -1, np.int64)
    result[order] = labels
    numbered = compact(result)
    return numbered, followed(questions, result, numbered)


def _in_numbers(faces: Faces, chosen: Parameters, seed: int, control: JobControl) -> Labels:
    if chosen.groups is None:
        raise InternalError("k-means has to be told the number of groups")
    labels = kmeans_labels(faces.vectors, chosen.groups, seed=seed, control=control)
    return _obey(faces, labels, chosen)


def _group_sorted(
    faces: Faces,
    graph: Neighbours,
    method: str,
    chosen: Parameters,
    *,
    seed: int,
    control: JobControl,
) -> tuple[Labels, list[MergeQuestion]]:
    labels, questions = found_shots(faces, graph, method, chosen, seed=seed, control=control)
    settled = settle(faces, graph, labels, chosen, seed)
    return settled, followed(questions, labels, settled)


def found_shots(
    faces: Faces,
    graph: Neighbours,
    method: str,
    chosen: Parameters,
    *,
    besides: int = 0,
    seed: int,
    control: JobControl,
) -> tuple[Labels, list[MergeQuestion]]:
    """Groups of all `faces`, founded by the best of each shot; copies go where that one goes.

    So many others wait `besides`, with which they could have been taken for one by chance as well.
    """
    shot = shots(graph, faces.quality, times=faces.times, duplicates=faces.duplicates)
    founders = (shot == np.arange(len(shot))) & (faces.quality >= chosen.founding_quality)
    labels, questions = found(
        replace(faces, constraints=faces.constraints.among(founders)),
        among(graph, founders),
        chosen,
        method=method,
        besides=besides,
        seed=seed,
        control=control,
    )
    return np.where(labels < 0, labels[shot], labels), questions


def found(
    faces: Faces,
    graph: Neighbours,
    chosen: Parameters,
    *,
    method: str,
    besides: int,
    seed: int,
    control: JobControl,
) -> tuple[Labels, list[MergeQuestion]]:
    """Groups of the faces that the graph holds: those that can be trusted, of different shots. The
    others have no neighbours in it, and wait, as so many others do `besides`.
    """
    founders = int((graph.indices >= 0).any(axis=1).sum())
    if founders < 2:
        return np.full(len(faces.vectors), -1, np.int64), []
    vectors, constraints = faces.vectors, faces.constraints
    known = faces.known
    cosine = known.cosine
    here = stranger_model.of_library(vectors, known, seed)
    listed = graph.indices.shape[1] / (founders + besides)
    floor = max(FLOOR, known.reached_by(listed)) if listed < 1 else FLOOR
    control.checkpoint()
    if method == "hdbscan":
        labels = hdbscan_labels(
            vectors,
            graph,
            min_samples=chosen.min_samples,
            min_cluster_size=chosen.big,
            floor=floor,
            selection=chosen.selection,
            epsilon=chosen.epsilon,
        ).labels
    else:
        labels = persistent_groups(
            vectors,
            graph,
            floor=floor,
            threshold=chosen.linkage,
            min_cluster_size=chosen.big,
            control=control,
        )
    control.checkpoint()
    link = max(cosine(chosen.link), known.reached_by(chosen.link_chance / (founders + besides)))
    labels = core_parts(labels, graph, link)
    labels = without_small(labels, chosen.big)
    labels = cut_wide(
        labels, vectors, graph, alike=cosine(chosen.alike), apart=cosine(chosen.apart)
    )
    labels = without_small(labels, chosen.big)
    labels = _obey(faces, labels, chosen)
    control.checkpoint()
    labels = join(faces, labels, graph, here, chosen)
    labels = add_pairs(labels, graph, constraints, here, share=chosen.pair_share, besides=besides)
    control.checkpoint()
    return merge(faces, labels, chosen, control=control)


def settle(
    faces: Faces, graph: Neighbours, labels: Labels, chosen: Parameters, seed: int
) -> Labels:
    """`labels` with the decisions obeyed, and with the faces that founded nothing taken in."""
    labels = _obey(faces, labels, chosen)
    here = stranger_model.of_library(faces.vectors, faces.known, seed)
    labels = join(faces, labels, graph, here, chosen)
    return draw(faces, labels, graph, here, chosen)


def draw(
    faces: Faces,
    labels: Labels,
    graph: Neighbours,
    here: Strangers,
    chosen: Parameters,
    *,
    rows: Labels | None = None,
    fixed: int = 0,
) -> Labels:
    """`draw_to_known`, as `chosen`."""
    return draw_to_known(
        labels,
        faces.vectors,
        graph,
        faces.constraints,
        here,
        big=chosen.big,
        share=chosen.known_share,
        rival=faces.known.cosine(chosen.rival),
        rows=rows,
        fixed=fixed,
    )


def join(
    faces: Faces,
    labels: Labels,
    graph: Neighbours,
    here: Strangers,
    chosen: Parameters,
    *,
    rows: Labels | None = None,
) -> Labels:
    """`join_groups`, as `chosen`."""
    return join_groups(
        labels,
        faces.vectors,
        graph,
        faces.constraints,
        here,
        rows=rows,
        vote=faces.known.cosine(chosen.vote),
        vote_share=chosen.vote_share,
        big=chosen.big,
        share=chosen.join_share,
        rival=faces.known.cosine(chosen.rival),
    )


def merge(
    faces: Faces, labels: Labels, chosen: Parameters, *, fixed: int = 0, control: JobControl
) -> tuple[Labels, list[MergeQuestion]]:
    """`merge_groups`, as `chosen`; the more groups there are, the more alike they have to be."""
    known = faces.known
    groups = max(int(labels.max(initial=-1)) + 1, 1)
    return merge_groups(
        labels,
        faces.vectors,
        faces.constraints,
        merge=max(known.cosine(chosen.merge), known.reached_by(chosen.merge_chance / groups)),
        ask=known.cosine(chosen.ask),
        rival=known.cosine(chosen.rival),
        fixed=fixed,
        control=control,
    )


def followed(
    questions: Sequence[MergeQuestion], before: Labels, after: Labels
) -> list[MergeQuestion]:
    """The questions about groups of the labels `before` in terms of `after`, by the first face of
    each; without those that have become one group.
    """
    _, first = np.unique(before, return_index=True)
    first = first[int((before < 0).any()) :]
    return [
        MergeQuestion(min(a, b), max(a, b), question.similarity)
        for question in questions
        if (a := int(after[first[question.a]])) != (b := int(after[first[question.b]]))
        and min(a, b) >= 0
    ]


def _obey(faces: Faces, labels: Labels, chosen: Parameters) -> Labels:
    cosine = faces.known.cosine
    return enforce(
        labels,
        faces.vectors,
        faces.constraints,
        alike=cosine(chosen.alike),
        apart=cosine(chosen.apart),
    )
