"""Layers that are put on top of features for a training, and the weights they start from."""

from typing import cast

import torch


class ProjectionHead(torch.nn.Module):
    """Features to unit vectors of a new space: L2 normalised, projected without a bias, and L2
    normalised again.

    As Parkhi, Vedaldi, Zisserman 2015 learn it with triplets on a network that was trained to
    classify; a bias would cancel in the distances. The second normalisation makes it FaceNet's
    embedding. It starts as the identity, or, between spaces of different sizes, as a random
    projection with orthogonal axes.
    """

    def __init__(self, size_in: int, size_out: int, *, generator: torch.Generator) -> None:
        super().__init__()
        self.projection = linear(size_in, size_out, bias=False, device=generator.device)
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
    ones stays far from sure, whatever the weights (Ranjan, Castillo, Chellappa 2017).
    """

    def __init__(
        self, size: int, people: int, *, generator: torch.Generator, scale: float = 1.0
    ) -> None:
        super().__init__()
        self.scale = scale
        self.logits = linear(size, people, device=generator.device)
        torch.nn.init.xavier_uniform_(self.logits.weight, generator=generator)
        torch.nn.init.zeros_(self.logits.bias)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Logits [B, people] of `features` [B, size]."""
        return cast("torch.Tensor", self.logits(self.scale * features))


def linear(
    size_in: int, size_out: int, *, bias: bool = True, device: torch.device | str = "cpu"
) -> torch.nn.Linear:
    """A layer whose weights are still to be set: the usual start draws them from the global
    generator.
    """
    layer = torch.nn.Linear(size_in, size_out, bias=bias, device="meta")
    return layer.to_empty(device=device)
