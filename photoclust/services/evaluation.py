"""How well photoclust tells people apart, measured on pictures of people one knows."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from photoclust.core import metrics
from photoclust.core.arrays import Vectors
from photoclust.core.errors import UserError
from photoclust.core.metrics import PrecisionRecall
from photoclust.core.progress import JobControl
from photoclust.services.answering import Answers, answer
from photoclust.services.grouping import Computed, compute_labels
from photoclust.services.labelled import LabelledFaces, Pair

FARS = ("0.01", "0.001", "0.0001")
"""The shares of wrongly accepted pairs at which VAL is given."""
PERSON_FAR = 1e-3


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """How well two pictures are told to show the same person.

    `pairs`, `accuracy` and `accuracy_std` speak of the pairs given (of all pairs, with no accuracy,
    where none were); everything else of all pairs of all labels. `person_val_mean` and
    `person_val_worst_decile` give each of the `people` with two or more faces one voice.
    """

    pairs: int
    accuracy: float | None
    accuracy_std: float | None
    val_at_far: dict[str, float]
    eer: float
    auc: float
    people: int
    person_val_mean: float
    person_val_worst_decile: float


@dataclass(frozen=True, slots=True)
class ClusteringReport:
    """How well the groups are the people.

    `faces` counts the labels, missed ones included; `clusters` the groups that hold one of them;
    `unclustered` the faces found that are in no group. `provable_errors` counts the faces that are
    in one group with another of their picture. `seconds` is what grouping alone took,
    `peak_memory_mb` the most that its process held. `constraints` answers of a user were heeded;
    `unconstrained` is how it was without any, None where there were none.
    """

    faces: int
    people: int
    clusters: int
    bcubed: PrecisionRecall
    pairwise: PrecisionRecall
    unclustered: int
    provable_errors: int
    constraints: int
    seconds: float
    peak_memory_mb: float
    unconstrained: "ClusteringReport | None" = None


def verification(faces: LabelledFaces, pairs: Sequence[Pair] | None = None) -> VerificationReport:
    """Compare every label with every other, and the `pairs` by the protocol of LFW.

    The pairs of a missed face count as wrong. Raises UserError when a pair names a picture that is
    not among the labels, there are fewer than two folds, or no two labels are of the same person or
    of two people.
    """
    vectors, people = faces.label_vectors(), faces.people
    genuine, impostor = metrics.pair_similarities(vectors, people)
    if not len(genuine) or not len(impostor):
        raise UserError(
            "there is nothing to compare; give two pictures of one person and one of another"
        )
    accuracy = None if pairs is None else _accuracy(faces, vectors, pairs)
    shares = metrics.val_per_person(vectors, people, metrics.threshold_at_far(impostor, PERSON_FAR))
    return VerificationReport(
        pairs=len(genuine) + len(impostor) if pairs is None else len(pairs),
        accuracy=accuracy and accuracy[0],
        accuracy_std=accuracy and accuracy[1],
        val_at_far={far: metrics.val_at_far(genuine, impostor, float(far)) for far in FARS},
        eer=metrics.equal_error_rate(genuine, impostor),
        auc=metrics.area_under_roc(genuine, impostor),
        people=len(shares),
        person_val_mean=float(np.mean(shares)),
        person_val_worst_decile=metrics.worst_decile(shares),
    )


def clustering(
    faces: LabelledFaces,
    method: str,
    *,
    constraints: int = 0,
    control: JobControl | None = None,
) -> ClusteringReport:
    """Group all faces as `photoclust group` does, and compare the labels' groups with the people.

    With `constraints` a user who knows everybody answers as many questions about these groups, and
    the faces are grouped once more. Labels whose face was missed or is in no group stand alone.
    Raises UserError for an unknown method, CancelledError when cancelled.
    """
    first = _grouped(faces, method, Answers((), ()), control)
    if not constraints:
        return first[1]
    found = first[0].found
    people = np.full(len(faces.vectors), -1, np.int64)
    people[faces.rows[faces.rows >= 0]] = faces.people[faces.rows >= 0]
    answers = answer(found, faces.vectors, people, constraints)
    return replace(_grouped(faces, method, answers, control)[1], unconstrained=first[1])


def _grouped(
    faces: LabelledFaces, method: str, answers: Answers, control: JobControl | None
) -> tuple[Computed, ClusteringReport]:
    start = time.monotonic()
    computed = compute_labels(
        faces.vectors,
        method=method,
        control=control,
        photo_ids=faces.image_of,
        quality=faces.quality,
        must_link=answers.must_link,
        cannot_link=answers.cannot_link,
    )
    seconds = time.monotonic() - start
    found = faces.rows >= 0
    predicted = np.full(len(faces.labels), -1, np.int64)
    predicted[found] = computed.labels[faces.rows[found]]
    people = faces.people
    report = ClusteringReport(
        faces=len(people),
        people=len(np.unique(people)),
        clusters=len(np.unique(predicted[predicted >= 0])),
        bcubed=metrics.bcubed(people, predicted),
        pairwise=metrics.pairwise(people, predicted),
        unclustered=int(np.sum(predicted[found] < 0)),
        provable_errors=computed.found.provable_errors,
        constraints=answers.count,
        seconds=seconds,
        peak_memory_mb=computed.peak_memory_mb,
    )
    return computed, report


def _accuracy(faces: LabelledFaces, vectors: Vectors, pairs: Sequence[Pair]) -> tuple[float, float]:
    """Mean and standard deviation of the accuracy over the folds."""
    row_of: dict[Path, int] = {}
    for row, label in enumerate(faces.labels):
        row_of.setdefault(label.image, row)
    for pair in pairs:
        for image in (pair.image_a, pair.image_b):
            if image not in row_of:
                raise UserError(f"a pair names {image}, but there is no such picture with a label")
    folds = np.array([pair.fold for pair in pairs], np.int64)
    if len(np.unique(folds)) < 2:
        raise UserError("the pairs are of one fold only; the accuracy needs two or more")
    same = np.array([pair.same for pair in pairs])
    similarities = np.einsum(
        "ij,ij->i",
        vectors[[row_of[pair.image_a] for pair in pairs]],
        vectors[[row_of[pair.image_b] for pair in pairs]],
    )
    missed = np.isnan(similarities)
    similarities[missed] = np.where(same[missed], -np.inf, np.inf)
    return metrics.ten_fold_accuracy(similarities, same, folds)
