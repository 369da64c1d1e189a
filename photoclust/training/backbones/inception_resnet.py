"""Inception-ResNet-v1 as facenet-pytorch builds it, starting from the bundled FaceNet.

Szegedy et al. 2016 and David Sandberg's FaceNet, by facenet-pytorch 2.5.3. The stages bear the
names of its modules, so their state dict is that of its checkpoints.
"""

import torch
from facenet_pytorch import InceptionResnetV1
from torch import nn

from photoclust.training import bundled
from photoclust.training.backbones.layers import UnitLength
from photoclust.training.backbones.stages import Backbone, Preprocessing, Stages

DIMENSION = 512
FEATURES = 1792
"""Numbers a face that enter the last linear layer."""
_MODULES = (
    "conv2d_1a",
    "conv2d_2a",
    "conv2d_2b",
    "maxpool_3a",
    "conv2d_3b",
    "conv2d_4a",
    "conv2d_4b",
    "repeat_1",
    "mixed_6a",
    "repeat_2",
    "mixed_7a",
    "repeat_3",
    "block8",
)


def inception_resnet_v1(dimension: int, side: int) -> Backbone:
    """The layers; batch norm is frozen, and dropout (0.6) belongs to the head."""
    network = InceptionResnetV1(pretrained=None)
    stages: dict[str, nn.Module] = {name: getattr(network, name) for name in _MODULES}
    stages |= {
        "avgpool_1a": nn.Sequential(network.avgpool_1a, nn.Flatten()),
        "dropout": network.dropout,
        "last_linear": nn.Linear(FEATURES, dimension, bias=False),
        "last_bn": nn.BatchNorm1d(dimension, eps=network.last_bn.eps),
        "l2": UnitLength(),
    }
    return Backbone(
        "inception_resnet_v1",
        Stages(stages, frozen_batch_norm=True),
        head="dropout",
        dimension=dimension,
        preprocessing=Preprocessing(side),
    )


def load_bundled(model: Backbone, generator: torch.Generator) -> None:
    """Fill in the bundled weights.

    A last layer of another size than 512 is new: a random projection of the bundled one with
    orthonormal rows, or columns where it is larger. Cosines are kept as far as the new size
    allows, so that training starts from a working embedding.
    """
    state = bundled.unfolded(bundled.read_graph())
    if model.dimension != DIMENSION:
        projection = torch.empty(model.dimension, DIMENSION)
        nn.init.orthogonal_(projection, generator=generator)
        state["last_linear.weight"] = projection @ state["last_linear.weight"]
        state["last_bn.bias"] = projection @ state["last_bn.bias"]
        for part in ("weight", "running_mean", "running_var"):
            key = f"last_bn.{part}"
            # The same number for every channel.
            state[key] = state[key][:1].repeat(model.dimension)
    model.stages.load_state_dict(state)
