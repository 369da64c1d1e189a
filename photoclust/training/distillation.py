"""Losses that hold a new embedding to the old one, so that it stays right about everybody else.

Trained on a few dozen people alone, an embedding gets better for them and worse for all others.
"""

from dataclasses import dataclass

import torch

from photoclust.training.distances import Loss


@dataclass(frozen=True, slots=True)
class RelationalDistillation:
    """weight · mean((ẑẑᵀ − zzᵀ)²): the cosines between faces stay what they were (relational
    knowledge distillation: Park, Kim, Lu, Cho 2019; here of cosines).

    Space may turn as a whole, and have another number of dimensions. The mean is over all B² pairs
    of faces, those of a face with itself included.
    """

    weight: float = 100.0

    def __call__(self, new: torch.Tensor, old: torch.Tensor) -> Loss:
        """Of the unit vectors `new` [B, d] and `old` [B, e] of the same faces, whoever they are.

        Raises ValueError when they are not as many.
        """
        if len(new) != len(old):
            raise ValueError(f"{len(new)} new embeddings cannot be compared with {len(old)} old")
        change = new @ new.T - (old @ old.T).detach()
        return _mean(self.weight, change.square())


@dataclass(frozen=True, slots=True)
class Pull:
    """weight · mean‖ẑ − z‖²: every face stays where it was."""

    weight: float = 1.0

    def __call__(self, new: torch.Tensor, old: torch.Tensor) -> Loss:
        """Of the unit vectors `new` and `old`, both [B, d]; ValueError for other shapes."""
        if new.shape != old.shape:
            raise ValueError(f"{list(new.shape)} cannot be pulled to {list(old.shape)}")
        return _mean(self.weight, (new - old.detach()).square().sum(dim=1))


def _mean(weight: float, costs: torch.Tensor) -> Loss:
    terms = costs.numel()
    active = int((costs.detach() > 0).sum())
    return Loss(weight * costs.sum() / max(terms, 1), terms, active / max(terms, 1))
