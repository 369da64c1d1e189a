"""Layers that are put on top of features for a training, and the weights they start from."""

from typing import cast

import torch


class ProjectionHead(torch.nn.Module):
    """Features to unit vectors of a new space: L2 normalised, projected without a bias, and L2
    normalised again.

    As Parkhi, Vedaldi, Zisserman 2015, §4.4, learn it with triplets on a network that was trained
    to classify; a bias would cancel in the distances. The second normalisation makes it FaceNet's
    embedding. It starts as the identity, or, between spaces of different sizes, as a random
    projection with orthogonal axes.
    """

    def __init__(self, size_in: int, size_out: int, *, generator: torch.Generator) -> None:
        super().__init__()
        self.projection = _linear(size_in, size_out, bias=False, device=generator.device)
        if size_in == size_out:
            torch.nn.init.eye_(self.projection.weight)
        else:
            torch.nn.init.orthogonal_(self.projection.weight, generator=generator)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Unit vectors [B, size_out] of `features` [B, size_in]."""
        projected = self.projection(torch.nn.functional.normalize(features))
        return torch.nn.functional.normalize(projected)


class SoftmaxHead(torch.nn.Module):
    """Features to the logits of `people` people, for a training by classification.

    Features are multiplied by `scale` first. Unit vectors need one above 1: the softmax of so short
    ones stays far from sure, whatever the weights (Ranjan, Castillo, Chellappa 2017, §3.3).
    """

    def __init__(
        self, size: int, people: int, *, generator: torch.Generator, scale: float = 1.0
    ) -> None:
        super().__init__()
        self.scale = scale
        self.logits = _linear(size, people, device=generator.device)
        torch.nn.init.xavier_uniform_(self.logits.weight, generator=generator)
        torch.nn.init.zeros_(self.logits.bias)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Logits [B, people] of `features` [B, size]."""
        return cast("torch.Tensor", self.logits(self.scale * features))


class VerificationHead(torch.nn.Module):
    """The logit of two faces being of the same person, Σ wᵢ·|xᵢ − yᵢ| + b (DeepFace: Taigman,
    Yang, Ranzato, Wolf 2014, §4.2).

    It learns alone, the embeddings stay as they are: a logistic regression, which has one best
    solution, so that it may start at 0.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.logit = _linear(size, 1)
        torch.nn.init.zeros_(self.logit.weight)
        torch.nn.init.zeros_(self.logit.bias)

    def forward(self, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """Logits [P] of the pairs of `one` [P, size] with `other` [P, size]."""
        apart = (one.detach() - other.detach()).abs()
        return cast("torch.Tensor", self.logit(apart)).squeeze(dim=1)


def _linear(
    size_in: int, size_out: int, *, bias: bool = True, device: torch.device | str = "cpu"
) -> torch.nn.Linear:
    """A layer without weights yet: the usual ones would be drawn from the global generator."""
    layer = torch.nn.Linear(size_in, size_out, bias=bias, device="meta")
    return layer.to_empty(device=device)
