"""Layers that the networks share, and the random numbers they start from."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from photoclust.core.errors import InternalError
from photoclust.training.backbones.stages import Backbone


class UnitLength(nn.Module):
    """[B, d] to rows of length 1."""

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """Each row divided by its Euclidean length; a row of zeros stays one."""
        return functional.normalize(vectors, p=2.0, dim=1)


class L2Pool(nn.Module):
    """L2 pooling over 3×3, stride 1: the root of the mean square.

    The mean where others take the sum: it keeps the scale of what enters, and differs by a factor
    that the projection behind it takes up. Beyond the edge there is nothing to count.
    """

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """[B, C, H, W] to the same shape."""
        mean = functional.avg_pool2d(maps.square(), 3, 1, 1, count_include_pad=False)
        # The slope of a root is infinite at 0, where ReLU leaves many.
        return (mean + 1e-12).sqrt()


class Maxout(nn.Module):
    """A linear layer of which each output is the largest of `pieces` (Goodfellow et al. 2013)."""

    def __init__(self, inputs: int, outputs: int, pieces: int = 2) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs * pieces)
        self.shape = (pieces, outputs)

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """[B, inputs] to [B, outputs]."""
        pieces: torch.Tensor = self.linear(vectors).unflatten(1, self.shape)
        return pieces.amax(dim=1)


class Concat(nn.Module):
    """Branches that see the same maps; their outputs are joined along the channels."""

    def __init__(self, branches: Sequence[nn.Module]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """[B, C, H, W] to [B, sum of the branches' channels, H', W']."""
        return torch.cat([branch(maps) for branch in self.branches], dim=1)


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """A convolution padded to keep the size at stride 1, and ReLU."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2), nn.ReLU())


def max_pool() -> nn.MaxPool2d:
    """3×3 max pooling, stride 2, that halves even sides."""
    return nn.MaxPool2d(3, 2, padding=1)


def response_norm() -> nn.LocalResponseNorm:
    """Local response normalisation over 5 channels (Krizhevsky et al. 2012)."""
    return nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0)


def initialise(model: Backbone, generator: torch.Generator) -> None:
    """Fill in every number of `model`: weights after He et al. 2015, biases 0, batch norm 1 and 0.

    Raises InternalError for a layer with numbers of its own that is not known here.
    """
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.reset_parameters()
        elif [*module.parameters(recurse=False), *module.buffers(recurse=False)]:
            raise InternalError(f"nobody fills in the numbers of the layer {name}")
