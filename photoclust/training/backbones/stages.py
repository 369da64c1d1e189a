"""What every network here is: named stages in a row, the last of which gives unit vectors.

Whoever trains only the end of a network splits it at a stage, computes what the frozen part gives
once for all faces, and trains the rest on that.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from photoclust.core.errors import UserError


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a pixel value v (0..255) of a crop of `side` px enters: `(v - mean) / std`."""

    side: int
    mean: float = 127.5
    std: float = 128.0
    channel_order: str = "RGB"


class Stages(nn.Sequential):
    """Modules by name, applied in order.

    With `frozen_batch_norm`, batch norm stays in evaluation mode when the rest trains: batches of
    a few people would replace statistics of thousands. Its weights and biases still learn.
    """

    def __init__(self, stages: Mapping[str, nn.Module], *, frozen_batch_norm: bool = False) -> None:
        super().__init__(OrderedDict(stages))
        self.frozen_batch_norm = frozen_batch_norm

    @property
    def names(self) -> tuple[str, ...]:
        """The names, from input to output."""
        return tuple(self._modules)

    def train(self, mode: bool = True) -> Self:
        """Switch to training or evaluation mode, save for batch norm that is frozen."""
        super().train(mode)
        if self.frozen_batch_norm:
            for module in self.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self


class Backbone(nn.Module):
    """A network: crops [B, 3, side, side] float32, standardised, to unit vectors [B, dimension].

    `stages` applied in order are the network. What enters the stage `head` are its features (1792
    numbers a face for Inception-ResNet-v1); from there on come its last linear layer and the
    division by the length.
    """

    def __init__(
        self,
        name: str,
        stages: Stages,
        *,
        head: str,
        dimension: int,
        preprocessing: Preprocessing,
    ) -> None:
        super().__init__()
        self.name = name
        self.stages = stages
        self.head = head
        self.dimension = dimension
        self.preprocessing = preprocessing

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        """Unit vectors [B, dimension] of standardised crops [B, 3, side, side]."""
        vectors: torch.Tensor = self.stages(crops)
        return vectors


def split(model: Backbone, from_stage: str) -> tuple[Stages, Stages]:
    """The stages before `from_stage`, frozen, and those from there on, to be trained.

    Both share their weights with `model`, and the second of the first of a batch is `model` of it.
    The first is in evaluation mode and learns nothing; call `train()` on the second alone. Raises
    UserError when there is no such stage.
    """
    names = model.stages.names
    if from_stage not in names:
        raise UserError(
            f"the network {model.name} has no stage {from_stage!r}; choose one of: "
            f"{', '.join(names)}"
        )
    place = names.index(from_stage)
    stages = dict(model.stages.named_children())
    frozen = Stages({name: stages[name] for name in names[:place]}, frozen_batch_norm=True)
    trained = Stages(
        {name: stages[name] for name in names[place:]},
        frozen_batch_norm=model.stages.frozen_batch_norm,
    )
    frozen.requires_grad_(requires_grad=False).eval()
    trained.requires_grad_(requires_grad=True)
    return frozen, trained


def freeze_batch_norm(module: nn.Module, *, frozen: bool = True) -> None:
    """Keep the statistics of batch norm in all Stages of `module` from now on, or let them learn.

    Where they are let go they change again from the next call of `train()` on.
    """
    for part in module.modules():
        if isinstance(part, Stages):
            part.frozen_batch_norm = frozen
            part.train(part.training)
