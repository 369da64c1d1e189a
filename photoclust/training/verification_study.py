"""DeepFace's verification head on embeddings that stay as they are, beside their plain cosine.

It compares two faces and gives no vectors, so that nothing of a library could use it: a study, not
a model (Taigman, Yang, Ranzato, Wolf, CVPR 2014, §4.2). The faces may be aligned by their
landmarks, as there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from photoclust.core import metrics
from photoclust.core.arrays import Vectors
from photoclust.core.errors import UserError
from photoclust.core.language import marked
from photoclust.core.progress import JobControl
from photoclust.training import backbones, failures
from photoclust.training.alignment import align, mean_shape
from photoclust.training.bootstrap import FARS
from photoclust.training.faces import Labels, Rows, RunFaces
from photoclust.training.measures import Figures, balanced_accuracy, thinned
from photoclust.training.normalisation import Crops, FixedStandardisation, Points
from photoclust.training.options import IN_USE, Options
from photoclust.training.telling import set_rows
from photoclust.training.trainee import Trainee
from photoclust.training.verification import VerificationHead, VerificationLoss, balanced_pairs

STAGE = marked("Training a verification head")
STEPS = 300
_RATE = 0.1
_PAIRS = 65_536
"""Pairs whose differences are held at once, 128 MB for 512 numbers a face."""


def study(
    faces: RunFaces, options: Options, control: JobControl
) -> tuple[Mapping[str, Figures], Mapping[str, Figures]]:
    """Figures of the cosine, of crops as they are, and of a head trained on the faces `train`, of
    each set of `faces` that says something. Raises UserError when they are to be aligned and have
    no pixels, CancelledError when cancelled.
    """
    compared = _aligned(faces, options.seed, control) if options.align else faces
    head = _trained(compared, options.seed, control)
    before: dict[str, Figures] = {}
    after: dict[str, Figures] = {}
    for name, rows in set_rows(faces).items():
        known = rows[faces.person[rows] >= 0]
        known = known[thinned(np.unique(faces.person[known], return_inverse=True)[1])]
        people = faces.person[known]
        if len(np.unique(people)) in (0, 1, len(people)):
            continue
        one, other = np.triu_indices(len(known), 1)
        same = people[one] == people[other]
        for figures, shown, score in (
            (before, faces, _cosines),
            (after, compared, head),
        ):
            vectors = torch.from_numpy(np.ascontiguousarray(shown.vectors[known]))
            figures[name] = _figures(_scores(score, vectors, (one, other), control), same, people)
    return before, after


@dataclass(frozen=True, slots=True, eq=False)
class AlignedInputs:
    """Gives `crops` [N, 160, 160, 3], their `landmarks` brought to `shape`, as the bundled network
    takes them in.
    """

    crops: Crops
    landmarks: Points
    shape: Points

    def __call__(self, rows: Rows, rng: np.random.Generator | None = None) -> torch.Tensor:
        """[B, 3, 160, 160] of the faces `rows` [B]."""
        aligned = align(np.asarray(self.crops[rows]), self.landmarks[rows], self.shape)
        return torch.from_numpy(FixedStandardisation()(aligned))


def _aligned(faces: RunFaces, seed: int, control: JobControl) -> RunFaces:
    """`faces` with the vectors that the bundled network has for them aligned; their eyes, noses and
    mouths come where those of the faces to train with are on average.
    """
    if faces.crops is None or faces.landmarks is None:
        raise UserError(failures.NO_PIXELS)
    generator = torch.Generator().manual_seed(seed)
    network = backbones.build(IN_USE, generator=generator)
    shape = mean_shape(faces.landmarks[faces.train])
    inputs = AlignedInputs(faces.crops, faces.landmarks, shape)
    rows = np.unique(np.concatenate([faces.train, *set_rows(faces).values()]))
    vectors: Vectors = faces.vectors.copy()
    vectors[rows] = Trainee(network, inputs, size=network.dimension).embed(rows, control)
    return replace(faces, vectors=vectors)


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
    score: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    vectors: torch.Tensor,
    pairs: tuple[Labels, Labels],
    control: JobControl,
) -> NDArray[np.float32]:
    """What `score` says of each of the `pairs`."""
    scores = []
    for start in range(0, len(pairs[0]), _PAIRS):
        control.checkpoint()
        one, other = (vectors[torch.from_numpy(each[start : start + _PAIRS])] for each in pairs)
        scores.append(score(one, other).numpy())
    return np.concatenate(scores)


def _cosines(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return (one * other).sum(dim=1)


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
