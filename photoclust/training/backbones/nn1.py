"""NN1 of the FaceNet paper: Zeiler and Fergus' network with 1×1 convolutions between.

Schroff, Kalenichenko, Philbin: FaceNet, CVPR 2015, Table 1. Weights alone, as the table counts:

    conv1    9 k  conv2a   4 k  conv2  111 k  conv3a  37 k  conv3  664 k  conv4a 148 k
    conv4  885 k  conv5a  66 k  conv5  590 k  conv6a  66 k  conv6  590 k
    fc1    103 M  fc2     34 M  fc7128 524 k                             total 140 M
"""

from torch import nn

from photoclust.training.backbones.layers import (
    Maxout,
    UnitLength,
    convolution,
    max_pool,
    response_norm,
)
from photoclust.training.backbones.stages import Backbone, Preprocessing, Stages

_MAXOUT = 32 * 128
_LAST_MAPS = 7 * 7 * 256


def nn1(dimension: int, side: int) -> Backbone:
    """NN1 with the stages of Table 1 under their names there; fc1 allows for 220 px only."""
    stages: dict[str, nn.Module] = {
        "conv1": convolution(3, 64, 7, 2),
        "pool1": max_pool(),
        "rnorm1": response_norm(),
        "conv2a": convolution(64, 64, 1),
        "conv2": convolution(64, 192, 3),
        "rnorm2": response_norm(),
        "pool2": max_pool(),
        "conv3a": convolution(192, 192, 1),
        "conv3": convolution(192, 384, 3),
        "pool3": max_pool(),
        "conv4a": convolution(384, 384, 1),
        "conv4": convolution(384, 256, 3),
        "conv5a": convolution(256, 256, 1),
        "conv5": convolution(256, 256, 3),
        "conv6a": convolution(256, 256, 1),
        "conv6": convolution(256, 256, 3),
        "pool4": max_pool(),
        "concat": nn.Flatten(),
        "fc1": Maxout(_LAST_MAPS, _MAXOUT),
        "fc2": Maxout(_MAXOUT, _MAXOUT),
        "fc7128": nn.Linear(_MAXOUT, dimension),
        "l2": UnitLength(),
    }
    return Backbone(
        "nn1",
        Stages(stages),
        head="fc7128",
        dimension=dimension,
        preprocessing=Preprocessing(side),
    )
