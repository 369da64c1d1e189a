"""Losses that tell the people of a training apart by a class each.

Strangers have no class and count for nothing here; labels must be below the number of people.
"""

from dataclasses import dataclass, field

import torch

from photoclust.training.distances import STRANGER, Loss
from photoclust.training.losses import ContrastiveLoss


@dataclass(frozen=True, slots=True)
class IdentificationLoss:
    """Cross-entropy of a softmax over the people, mean over the faces that are of somebody."""

    def __call__(self, logits: torch.Tensor, labels: torch.Tensor) -> Loss:
        """Of `logits` [B, people] (`SoftmaxHead`) and `labels` [B] int64."""
        known = int((labels != STRANGER).sum())
        total = torch.nn.functional.cross_entropy(
            logits, labels, ignore_index=STRANGER, reduction="sum"
        )
        return Loss(total / max(known, 1), known, float(known > 0))


@dataclass(frozen=True, slots=True)
class DeepId2Loss:
    """Identification plus `weight` times verification, which is contrastive (Sun, Chen, Wang, Tang
    2014, who settle on 0.05).
    """

    weight: float = 0.05
    contrastive: ContrastiveLoss = field(default_factory=ContrastiveLoss)

    def __call__(self, logits: torch.Tensor, distances: torch.Tensor, labels: torch.Tensor) -> Loss:
        """Of `logits` [B, people], squared L2 `distances` [B, B] and `labels` [B] int64."""
        identified = IdentificationLoss()(logits, labels)
        verified = self.contrastive(distances, labels)
        terms = identified.terms + verified.terms
        active = sum(each.terms * each.active for each in (identified, verified))
        value = identified.value + self.weight * verified.value
        return Loss(value, terms, active / max(terms, 1))
