"""Figures of merit for verification, probabilities and clustering: pure numpy, no I/O.

Verification follows the FaceNet paper (Schroff et al., CVPR 2015, §4): VAL is the share of
same-person pairs accepted, FAR the share of different-person pairs accepted. Clustering follows
Amigó et al. 2009 (BCubed) and the usual pairwise precision and recall. A face labelled -1 by a
clustering stands alone: it counts as a group of one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32] | NDArray[np.float64]
Labels = NDArray[np.int64]
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class PrecisionRecall:
    """Precision, recall and their harmonic mean, each 0 to 1."""

    precision: float
    recall: float

    @property
    def f(self) -> float:
        """The harmonic mean; 0 where both are 0."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def pair_similarities(
    vectors: NDArray[np.float32], labels: Labels
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosines of all unordered pairs of `vectors` ([N, dim], unit): same-person, different-person.

    A row of NaN stands for a face that was missed; its pairs count as wrong, that is, a
    same-person pair scores -inf and a different-person pair +inf.
    """
    genuine, impostor = [], []
    for start in range(0, len(vectors), _BLOCK):
        stop = min(start + _BLOCK, len(vectors))
        cosines = vectors[start:stop] @ vectors[start:].T
        upper = np.arange(start, len(vectors))[None, :] > np.arange(start, stop)[:, None]
        same = labels[start:stop, None] == labels[None, start:]
        genuine.append(np.nan_to_num(cosines[upper & same], nan=-np.inf))
        impostor.append(np.nan_to_num(cosines[upper & ~same], nan=np.inf))
    if not genuine:
        empty = np.empty(0, np.float32)
        return empty, empty
    return np.concatenate(genuine), np.concatenate(impostor)


def threshold_at_far(impostor: Floats, far: float) -> float:
    """The lowest threshold at which at most `far` of the different-person pairs are accepted.

    A pair is accepted when its similarity is above the threshold.
    """
    allowed = int(np.floor(far * len(impostor)))
    if allowed >= len(impostor):
        return -np.inf
    place = len(impostor) - 1 - allowed
    return float(np.partition(impostor, place)[place])


def val_at_far(genuine: Floats, impostor: Floats, far: float) -> float:
    """Share of same-person pairs accepted at the threshold of `far`."""
    return float(np.mean(genuine > threshold_at_far(impostor, far)))


def equal_error_rate(genuine: Floats, impostor: Floats) -> float:
    """The error rate where false accepts and false rejects are equally frequent."""
    scores = np.concatenate([genuine, impostor])
    order = np.argsort(scores, kind="stable")
    is_genuine = np.concatenate([np.ones(len(genuine), bool), np.zeros(len(impostor), bool)])[order]
    # A threshold lies between two different scores, or below all: ties are told apart by none.
    ends = np.concatenate([[True], scores[order][1:] > scores[order][:-1], [True]])
    false_reject = np.concatenate([[0], np.cumsum(is_genuine)])[ends] / len(genuine)
    false_accept = 1 - np.concatenate([[0], np.cumsum(~is_genuine)])[ends] / len(impostor)
    place = int(np.argmin(np.abs(false_reject - false_accept)))
    return float((false_reject[place] + false_accept[place]) / 2)


def area_under_roc(genuine: Floats, impostor: Floats) -> float:
    """Probability that a same-person pair scores above a different-person one; ties count half."""
    ordered = np.sort(impostor)
    below = np.searchsorted(ordered, genuine, side="left")
    up_to = np.searchsorted(ordered, genuine, side="right")
    return float(np.mean(below + up_to) / 2 / len(impostor))


def ten_fold_accuracy(
    similarities: Floats, same: NDArray[np.bool_], folds: Labels
) -> tuple[float, float]:
    """LFW protocol: accuracy on each fold with the threshold chosen on the others; mean and std.

    Raises ValueError for fewer than two folds.
    """
    names = np.unique(folds)
    if len(names) < 2:
        raise ValueError("the accuracy needs pairs in at least two folds")
    accuracies = []
    for fold in names:
        threshold = _best_threshold(similarities[folds != fold], same[folds != fold])
        test = folds == fold
        accuracies.append(np.mean((similarities[test] > threshold) == same[test]))
    return float(np.mean(accuracies)), float(np.std(accuracies))


def _best_threshold(similarities: Floats, same: NDArray[np.bool_]) -> float:
    """Middle of the gap between two similarities at which most pairs are told right."""
    order = np.argsort(similarities, kind="stable")
    scores, truth = similarities[order].astype(np.float64), same[order]
    # Rejecting the k lowest: right are the different pairs below and the same pairs above.
    accepted = truth.sum() - np.concatenate([[0], np.cumsum(truth)])
    right = np.concatenate([[0], np.cumsum(~truth)]) + accepted
    finite = np.clip(scores, -2.0, 2.0)
    # No threshold parts equal similarities.
    right[1:-1][np.diff(finite) <= 0] = -1
    best = int(np.argmax(right))
    low = finite[best - 1] if best > 0 else finite[0] - 1
    high = finite[best] if best < len(finite) else finite[-1] + 1
    return float((low + high) / 2)


def identification_rate(
    scores: Floats, right: NDArray[np.bool_], known: NDArray[np.bool_], fpir: float
) -> float:
    """Detection and identification rate (DIR) at a false positive identification rate `fpir`
    (Grother and Ngan 2014): the share of the faces of `known` people [N] whose best match is
    `right` [N] and scores above what all but `fpir` of the other faces' best matches do.

    `scores` [N]: of the best match of each face. NaN where nobody is known, or everybody is.
    """
    strangers = np.sort(scores[~known])[::-1]
    if not len(strangers) or not known.any():
        return float("nan")
    limit = strangers[min(int(fpir * len(strangers)), len(strangers) - 1)]
    return float(np.mean(right[known] & (scores[known] > limit)))


def expected_calibration_error(
    probabilities: Floats,
    right: NDArray[np.bool_],
    bins: int = 15,
    *,
    weights: Floats | None = None,
) -> float:
    """How far `probabilities` [N] are from how often it was so (`right` [N]), 0 to 1.

    The mean over `bins` of equal width, each by its share of the total weight, of the distance
    between the mean probability and the share of right ones (Naeini et al., AAAI 2015). `weights`
    [N] are equal where they are None. Raises ValueError when there is nothing to average.
    """
    counted = np.ones(len(probabilities)) if weights is None else weights.astype(np.float64)
    total = counted.sum()
    if not total > 0:
        raise ValueError("the calibration error needs at least one probability with a weight")
    inner_edges = np.linspace(0, 1, bins + 1)[1:-1]
    place = np.searchsorted(inner_edges, probabilities, side="right")
    # Weight times distance of the means is the distance of the sums: no bin is divided by.
    said = np.bincount(place, counted * probabilities)
    seen = np.bincount(place, counted * right)
    return float(np.abs(said - seen).sum() / total)


def val_per_person(
    vectors: NDArray[np.float32], labels: Labels, threshold: float
) -> NDArray[np.float64]:
    """For each person with at least two faces: share of their own pairs above `threshold`.

    Albums are dominated by a few people with hundreds of photos; this gives everyone one voice.
    """
    shares = []
    for person in np.unique(labels):
        own = vectors[labels == person]
        if len(own) < 2:
            continue
        cosines = np.nan_to_num(own @ own.T, nan=-np.inf)[np.triu_indices(len(own), 1)]
        shares.append(float(np.mean(cosines > threshold)))
    return np.array(shares)


def worst_decile(values: NDArray[np.float64]) -> float:
    """Mean of the lowest tenth of `values` (at least one of them)."""
    count = max(1, round(len(values) / 10))
    return float(np.mean(np.sort(values)[:count]))


def singletons(labels: Labels) -> Labels:
    """`labels` with each -1 replaced by a label of its own."""
    alone = labels < 0
    result = labels.copy()
    result[alone] = labels.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    return result


def pairwise(truth: Labels, predicted: Labels) -> PrecisionRecall:
    """Precision and recall over pairs of faces that share a group."""
    counts, rows, columns = _contingency(truth, predicted)
    both = _pairs(counts)
    return PrecisionRecall(
        precision=both / max(_pairs(columns), 1), recall=both / max(_pairs(rows), 1)
    )


def bcubed(truth: Labels, predicted: Labels) -> PrecisionRecall:
    """BCubed precision and recall (Amigó et al. 2009): the mean over faces, so that a person
    with many photos does not drown the rest as quadratically as with pairs.
    """
    truth_ids = np.unique(truth, return_inverse=True)[1]
    predicted_ids = np.unique(singletons(predicted), return_inverse=True)[1]
    width = int(predicted_ids.max(initial=0)) + 1
    cell = truth_ids * width + predicted_ids
    cells, inverse, counts = np.unique(cell, return_inverse=True, return_counts=True)
    shared = counts[inverse]
    if len(cells) == 0:
        return PrecisionRecall(1.0, 1.0)
    return PrecisionRecall(
        precision=float(np.mean(shared / np.bincount(predicted_ids)[predicted_ids])),
        recall=float(np.mean(shared / np.bincount(truth_ids)[truth_ids])),
    )


def _contingency(
    truth: Labels, predicted: Labels
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Sizes of the non-empty cells, of the people and of the groups."""
    truth_ids = np.unique(truth, return_inverse=True)[1]
    predicted_ids = np.unique(singletons(predicted), return_inverse=True)[1]
    width = int(predicted_ids.max(initial=0)) + 1
    counts = np.unique(truth_ids * width + predicted_ids, return_counts=True)[1]
    return counts, np.bincount(truth_ids), np.bincount(predicted_ids)


def _pairs(sizes: NDArray[np.int64]) -> float:
    return float(np.sum(sizes.astype(np.float64) * (sizes - 1) / 2))
