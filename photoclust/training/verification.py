"""Verification on top of embeddings that stay as they are: are two faces of the same person?"""

from dataclasses import dataclass
from typing import NamedTuple, cast

import torch

from photoclust.training.distances import Loss, pair_masks
from photoclust.training.heads import linear


class VerificationHead(torch.nn.Module):
    """The logit of two faces being of the same person, Σ wᵢ·|xᵢ − yᵢ| + b (DeepFace: Taigman,
    Yang, Ranzato, Wolf 2014, §4.2).

    It learns alone, the embeddings stay as they are: a logistic regression, whose loss is convex,
    so that it may start at 0.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.logit = linear(size, 1)
        torch.nn.init.zeros_(self.logit.weight)
        torch.nn.init.zeros_(self.logit.bias)

    def forward(self, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """Logits [P] of the pairs of `one` [P, size] with `other` [P, size]."""
        apart = (one.detach() - other.detach()).abs()
        return cast("torch.Tensor", self.logit(apart)).squeeze(dim=1)


class FacePairs(NamedTuple):
    """Pairs by the faces' places in the batch, `one` and `other` int64 [P], and whether each
    `is_same` person, bool [P].
    """

    one: torch.Tensor
    other: torch.Tensor
    is_same: torch.Tensor


def balanced_pairs(
    labels: torch.Tensor, generator: torch.Generator, *, most: int = 4_096
) -> FacePairs:
    """As many pairs of the same person as of different people, up to `most` in all, at random.

    `labels` [B] int64 are those of `distances.py`. No pair comes twice.
    """
    kinds = [mask.triu(diagonal=1).nonzero() for mask in pair_masks(labels)]
    count = min(most // 2, *(len(kind) for kind in kinds))
    chosen = []
    for kind in kinds:
        order = torch.randperm(len(kind), generator=generator, device=generator.device)
        chosen.append(kind[order[:count].to(kind.device)])
    one, other = torch.cat(chosen).T
    return FacePairs(one, other, torch.arange(2 * count, device=labels.device) < count)


@dataclass(frozen=True, slots=True)
class VerificationLoss:
    """The logistic loss of a `VerificationHead`, mean over the pairs."""

    def __call__(self, logits: torch.Tensor, is_same: torch.Tensor) -> Loss:
        """Of `logits` [P] and `is_same` [P] bool."""
        total = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, is_same.to(logits.dtype), reduction="sum"
        )
        return Loss(total / max(len(logits), 1), len(logits), float(len(logits) > 0))
