"""A small residual network, to study training with: minutes on a CPU, from random numbers.

Basic blocks of He et al. 2016 at four sizes. 0.68 M weights at 128 numbers a vector, 24 million
multiplications a crop of 64 px (the bundled network: 1.4 thousand million). It has batch norm, so
its batches need several faces.
"""

import torch
from torch import nn
from torch.nn import functional

from photoclust.training.backbones.layers import UnitLength
from photoclust.training.backbones.stages import Backbone, Preprocessing, Stages

_CHANNELS = (24, 48, 96, 192)


class _Residual(nn.Module):
    """Halves the sides, then adds what one more convolution finds."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.down = _normed(inputs, outputs, 2)
        self.more = _normed(outputs, outputs, 1)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        down: torch.Tensor = self.down(maps).relu()
        return functional.relu(down + self.more(down))


def _normed(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    # Batch norm takes the mean away: a bias before it would do nothing.
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs)
    )


def small(dimension: int, side: int) -> Backbone:
    """The small network, for crops of any size."""
    stages: dict[str, nn.Module] = {
        "stem": nn.Sequential(_normed(3, _CHANNELS[0], 2), nn.ReLU()),
    }
    for number, channels in enumerate(_CHANNELS[1:], start=1):
        stages[f"block{number}"] = _Residual(_CHANNELS[number - 1], channels)
    stages |= {
        "avgpool": nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        "linear": nn.Linear(_CHANNELS[-1], dimension),
        "l2": UnitLength(),
    }
    return Backbone(
        "small",
        Stages(stages),
        head="linear",
        dimension=dimension,
        preprocessing=Preprocessing(side),
    )
