"""The networks that can be trained, by name, and how to make one.

Each maps crops [B, 3, side, side] float32, standardised as its `preprocessing` says, to unit
vectors [B, dimension]. Nothing here downloads weights: `inception_resnet_v1` starts from the
bundled FaceNet, the others from random numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from photoclust.core.errors import UserError
from photoclust.training.backbones.inception_resnet import inception_resnet_v1, load_bundled
from photoclust.training.backbones.layers import initialise
from photoclust.training.backbones.nn1 import nn1
from photoclust.training.backbones.nn2 import nn2
from photoclust.training.backbones.small import small
from photoclust.training.backbones.stages import Backbone

Start = Callable[[Backbone, torch.Generator], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make a network.

    `layers`, called with dimension and side, gives it without numbers in it; `start` fills the
    numbers in. `side` and `dimension` are those it was published with.
    """

    layers: Callable[[int, int], Backbone]
    start: Start
    side: int
    dimension: int
    any_side: bool


RECIPES = {
    "inception_resnet_v1": Recipe(inception_resnet_v1, load_bundled, 160, 512, any_side=False),
    "nn1": Recipe(nn1, initialise, 220, 128, any_side=False),
    "nn2": Recipe(nn2, initialise, 224, 128, any_side=True),
    "small": Recipe(small, initialise, 64, 128, any_side=True),
}
SMALLEST_SIDE = 32
"""Below this many px the deepest maps would be empty."""


def build(
    name: str,
    dimension: int | None = None,
    *,
    side: int | None = None,
    generator: torch.Generator,
) -> Backbone:
    """The network `name`, ready to train, on the CPU and in evaluation mode.

    `dimension` and `side` (px) are the published ones by default. `generator` gives the numbers of
    every layer that is new; the global one is left alone. Raises UserError for a name, a dimension
    or a side that cannot be.
    """
    if name not in RECIPES:
        raise UserError(f"there is no network {name!r}; choose one of: {', '.join(RECIPES)}")
    recipe = RECIPES[name]
    dimension = recipe.dimension if dimension is None else dimension
    side = recipe.side if side is None else side
    if dimension < 2:
        raise UserError(
            f"a vector needs at least 2 numbers, not {dimension}; 128 and 512 are usual"
        )
    if side != recipe.side and not recipe.any_side:
        raise UserError(f"the network {name} takes crops of {recipe.side} px only, not {side} px")
    if side < SMALLEST_SIDE:
        raise UserError(
            f"the network {name} takes crops of {SMALLEST_SIDE} px and more, not {side} px"
        )
    # Layers made on the device `meta` draw no random numbers: nothing is filled in twice.
    with torch.device("meta"):
        model = recipe.layers(dimension, side)
    model.to_empty(device="cpu")
    recipe.start(model, generator)
    return model.eval()


__all__ = ["RECIPES", "SMALLEST_SIDE", "Backbone", "Recipe", "build"]
