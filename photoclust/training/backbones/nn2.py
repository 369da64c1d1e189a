"""NN2 of the FaceNet paper: an Inception network, L2 pooling in most of its modules.

Schroff, Kalenichenko, Philbin: FaceNet, CVPR 2015, Table 2. Weights alone, as the table counts:

    conv1     9 k  inception2 115 k  3a 164 k  3b 228 k  3c 398 k  4a 545 k  4b 595 k
    4c      654 k  4d         722 k  4e 717 k  5a 1.6 M  5b 1.6 M  fc 131 k     total 7.5 M

(the rows add up to 7.45 M).
"""

from dataclasses import dataclass

from torch import nn

from photoclust.training.backbones.layers import (
    Concat,
    L2Pool,
    UnitLength,
    convolution,
    max_pool,
    response_norm,
)
from photoclust.training.backbones.stages import Backbone, Preprocessing, Stages


@dataclass(frozen=True, slots=True)
class _Module:
    """A row of Table 2: channels of each branch, 0 where there is none.

    Rows without a projection have stride 2 and pass the maxima of their input on.
    """

    one: int
    three: tuple[int, int]
    five: tuple[int, int]
    projection: int
    max_pooling: bool = False

    @property
    def stride(self) -> int:
        return 1 if self.projection else 2

    def outputs(self, inputs: int) -> int:
        return self.one + self.three[1] + self.five[1] + (self.projection or inputs)

    def layers(self, inputs: int) -> Concat:
        branches: list[nn.Module] = []
        if self.one:
            branches.append(convolution(inputs, self.one, 1))
        for kernel, (reduced, outputs) in ((3, self.three), (5, self.five)):
            branches.append(
                nn.Sequential(
                    convolution(inputs, reduced, 1),
                    convolution(reduced, outputs, kernel, self.stride),
                )
            )
        if self.projection:
            pool = nn.MaxPool2d(3, 1, padding=1) if self.max_pooling else L2Pool()
            branches.append(nn.Sequential(pool, convolution(inputs, self.projection, 1)))
        else:
            branches.append(max_pool())
        return Concat(branches)


_MODULES = {
    "inception3a": _Module(64, (96, 128), (16, 32), 32, max_pooling=True),
    "inception3b": _Module(64, (96, 128), (32, 64), 64),
    "inception3c": _Module(0, (128, 256), (32, 64), 0),
    "inception4a": _Module(256, (96, 192), (32, 64), 128),
    "inception4b": _Module(224, (112, 224), (32, 64), 128),
    "inception4c": _Module(192, (128, 256), (32, 64), 128),
    "inception4d": _Module(160, (144, 288), (32, 64), 128),
    "inception4e": _Module(0, (160, 256), (64, 128), 0),
    "inception5a": _Module(384, (192, 384), (48, 128), 128),
    "inception5b": _Module(384, (192, 384), (48, 128), 128, max_pooling=True),
}


def nn2(dimension: int, side: int) -> Backbone:
    """NN2; the average at its end is over maps of any size, 7×7 for crops of 224 px."""
    channels = 192
    stages: dict[str, nn.Module] = {
        "conv1": convolution(3, 64, 7, 2),
        "pool1": max_pool(),
        "norm1": response_norm(),
        "inception2": nn.Sequential(convolution(64, 64, 1), convolution(64, channels, 3)),
        "norm2": response_norm(),
        "pool2": max_pool(),
    }
    for name, module in _MODULES.items():
        stages[name] = module.layers(channels)
        channels = module.outputs(channels)
    stages |= {
        "avgpool": nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        "fc": nn.Linear(channels, dimension),
        "l2": UnitLength(),
    }
    return Backbone(
        "nn2",
        Stages(stages),
        head="fc",
        dimension=dimension,
        preprocessing=Preprocessing(side),
    )
