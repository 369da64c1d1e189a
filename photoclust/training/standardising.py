"""How pixels become input, as a layer: a file of a network that was trained with another way than
the bundled one's takes what that one takes, and does the rest itself.
"""

import numpy as np
import torch

from photoclust.training.backbones.stages import Backbone, Preprocessing, Stages
from photoclust.training.normalisation import (
    AverageFaceSubtraction,
    FixedStandardisation,
    Normalisation,
    Prewhitening,
)


def standardising(backbone: Backbone, normalisation: Normalisation) -> Backbone:
    """`backbone`, which was trained with `normalisation`, for crops standardised as its
    `preprocessing` says; both share their weights.
    """
    if isinstance(normalisation, FixedStandardisation):
        return backbone
    layer = _layer(normalisation, backbone.preprocessing)
    return Backbone(
        f"{backbone.name} behind a standardisation",
        Stages({"standardisation": layer, **dict(backbone.stages.named_children())}),
        head=backbone.head,
        dimension=backbone.dimension,
        preprocessing=backbone.preprocessing,
    )


def _layer(normalisation: Normalisation, given: Preprocessing) -> torch.nn.Module:
    match normalisation:
        case Prewhitening():
            return _Prewhitened(1 / (3 * given.side**2) ** 0.5 / given.std)
        case AverageFaceSubtraction(average, std):
            shift = (np.float32(given.mean) - average.transpose(2, 0, 1)) / np.float32(std)
            return _Shifted(given.std / std, torch.from_numpy(shift))
        case _:
            raise ValueError(f"{type(normalisation).__name__} cannot be a layer")


class _Prewhitened(torch.nn.Module):
    """Each crop less its mean, divided by its deviation, which is `least` at least."""

    def __init__(self, least: float) -> None:
        super().__init__()
        self.least = least

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        axes = (1, 2, 3)
        centred = inputs - inputs.mean(axes, keepdim=True)
        deviation = centred.square().mean(axes, keepdim=True).sqrt()
        return centred / deviation.clamp(min=self.least)


class _Shifted(torch.nn.Module):
    """Each crop times `scale`, plus `shift` [3, side, side]."""

    shift: torch.Tensor

    def __init__(self, scale: float, shift: torch.Tensor) -> None:
        super().__init__()
        self.scale = scale
        self.register_buffer("shift", shift)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs * self.scale + self.shift
