"""DeepFace's verification head on embeddings that stay as they are, beside their plain cosine.

It compares two faces and gives no vectors, so that nothing of a library could use it: a study, not
a model (Taigman, Yang, Ranzato, Wolf, CVPR 2014, §4.2).
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from photoclust.core import metrics
from photoclust.core.progress import JobControl
from photoclust.training.bootstrap import FARS
from photoclust.training.faces import Labels, RunFaces
from photoclust.training.measures import Figures, balanced_accuracy, thinned
from photoclust.training.telling import set_rows
from photoclust.training.verification import VerificationHead, VerificationLoss, balanced_pairs

STAGE = "Training a verification head"
STEPS = 300
_RATE = 0.1
_PAIRS = 65_536
"""Pairs whose differences are held at once, 128 MB for 512 numbers a face."""


def study(
    faces: RunFaces, seed: int, control: JobControl
) -> tuple[Mapping[str, Figures], Mapping[str, Figures]]:
    """Figures of the cosine and of a head trained on the faces `train`, of each set of `faces` that
    says something. Raises CancelledError when cancelled.
    """
    head = _trained(faces, seed, control)
    before, after = {}, {}
    for name, rows in set_rows(faces).items():
        known = rows[faces.person[rows] >= 0]
        known = known[thinned(np.unique(faces.person[known], return_inverse=True)[1])]
        people = faces.person[known]
        if len(np.unique(people)) in (0, 1, len(people)):
            continue
        vectors = torch.from_numpy(np.ascontiguousarray(faces.vectors[known]))
        one, other = np.triu_indices(len(known), 1)
        cosines, logits = _scores(head, vectors, (one, other), control)
        same = people[one] == people[other]
        before[name] = _figures(cosines, same, people)
        after[name] = _figures(logits, same, people)
    return before, after


def _trained(faces: RunFaces, seed: int, control: JobControl) -> VerificationHead:
    vectors = torch.from_numpy(np.ascontiguousarray(faces.vectors[faces.train]))
    labels = torch.from_numpy(faces.labels)
    head = VerificationHead(vectors.shape[1])
    optimizer = torch.optim.Adam(head.parameters(), _RATE)
    generator = torch.Generator().manual_seed(seed)
    loss = VerificationLoss()
    for step in range(STEPS):
        control.checkpoint()
        control.report(STAGE, step, STEPS)
        one, other, is_same = balanced_pairs(labels, generator)
        optimizer.zero_grad()
        torch.autograd.backward(loss(head(vectors[one], vectors[other]), is_same).value)
        optimizer.step()
    control.report(STAGE, STEPS, STEPS)
    return head.eval()


@torch.no_grad()
def _scores(
    head: VerificationHead,
    vectors: torch.Tensor,
    pairs: tuple[Labels, Labels],
    control: JobControl,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosine and logit of each of the `pairs`."""
    cosines, logits = [], []
    for start in range(0, len(pairs[0]), _PAIRS):
        control.checkpoint()
        one, other = (vectors[torch.from_numpy(each[start : start + _PAIRS])] for each in pairs)
        cosines.append((one * other).sum(dim=1).numpy())
        logits.append(head(one, other).numpy())
    return np.concatenate(cosines), np.concatenate(logits)


def _figures(scores: NDArray[np.float32], same: NDArray[np.bool_], people: Labels) -> Figures:
    genuine, impostor = scores[same], scores[~same]
    return Figures(
        {far: metrics.val_at_far(genuine, impostor, far) for far in FARS},
        metrics.equal_error_rate(genuine, impostor),
        balanced_accuracy(genuine, impostor),
        None,
        len(people),
        len(np.unique(people)),
    )
