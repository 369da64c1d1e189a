"""A small network behind an embedding that changes it near the people it was trained on only.

A linear map that pulls a person's faces together moves every face there is. Here each hidden unit
is a detector of one person: below its threshold it says nothing, and a face that no unit answers to
stays where it was. Units start as imprinted weights (Qi, Brown, Lowe, CVPR 2018): the normalised
mean of a person's vectors detects them, and pushes what it detects further towards itself.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.training.distances import STRANGER

THRESHOLD = 0.65
"""Cosine to a person's mean from which a unit answers at first. One in 10 000 pairs of strangers is
as alike as the bundled model's `far_1e-4`, .636; a mean is nearer to everybody than single faces
are, so this is a little more.
"""
SLACK = 0.05
"""How far below its threshold a unit answers while it is trained, in cosine."""
PUSH = 3.0
"""Length of the push of a face for each 1 of cosine above the threshold, at first."""


class ResidualAdapter(torch.nn.Module):
    """Unit vectors x to unit vectors: x + Σ relu(detectorᵢ · x − thresholdᵢ) · pushᵢ, normalised.

    `detectors` and `pushes` are [units, d], `thresholds` [units]. In training mode units answer
    `slack` below their thresholds already: a training that holds unlabelled faces where they were
    then keeps them, and with them others like them, well clear of the thresholds.
    """

    def __init__(self, units: int, size: int, *, slack: float = SLACK) -> None:
        super().__init__()
        self.slack = slack
        self.detectors = torch.nn.Parameter(torch.zeros(units, size))
        self.thresholds = torch.nn.Parameter(torch.zeros(units))
        self.pushes = torch.nn.Parameter(torch.zeros(units, size))

    @classmethod
    def imprinted(
        cls,
        vectors: Vectors,
        labels: NDArray[np.int64],
        *,
        threshold: float = THRESHOLD,
        push: float = PUSH,
    ) -> "ResidualAdapter":
        """One unit a person, none for strangers, of unit `vectors` [N, d] with `labels` [N]."""
        people = np.unique(labels[labels != STRANGER])
        means = [vectors[labels == person].mean(axis=0) for person in people.tolist()]
        adapter = cls(len(people), vectors.shape[1])
        if means:
            towards = torch.nn.functional.normalize(torch.from_numpy(np.stack(means)).float())
            with torch.no_grad():
                adapter.detectors.copy_(towards)
                adapter.thresholds.fill_(threshold)
                adapter.pushes.copy_(push * towards)
        return adapter

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """Unit vectors [B, d] of unit `vectors` [B, d]."""
        return torch.nn.functional.normalize(vectors + self.answers(vectors) @ self.pushes)

    def answers(self, vectors: torch.Tensor) -> torch.Tensor:
        """By how much each of `vectors` [B, d] is above each unit's threshold, [B, units]."""
        thresholds = self.thresholds - self.slack if self.training else self.thresholds
        return torch.relu(vectors @ self.detectors.T - thresholds)
