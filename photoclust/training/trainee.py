"""What is trained, and what goes into it: a network's end on cached features, or all of it."""

from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
import torch
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.progress import JobControl
from photoclust.training.adapter import ResidualAdapter
from photoclust.training.augment import Augmentation
from photoclust.training.faces import Rows
from photoclust.training.heads import ProjectionHead
from photoclust.training.normalisation import Crops, Normalisation

_AT_ONCE = 64
"""Faces in a network at once where nothing is learnt."""


class Inputs(Protocol):
    """Gives what a network takes in."""

    def __call__(self, rows: Rows, rng: np.random.Generator | None = None) -> torch.Tensor:
        """Of the faces `rows` [B], changed at random by `rng` where there is one."""
        ...  # pragma: no cover - a protocol


@dataclass(frozen=True, slots=True, eq=False)
class CachedInputs:
    """`features` [R, …] float32 that a frozen part computed once, with Gaussian noise of about the
    length `noise` added to unit vectors. Where there are `views` [N, V], a face is taken at random
    from one of its rows there, and without chance from the first.
    """

    features: NDArray[np.float32]
    noise: float = 0.0
    views: NDArray[np.int64] | None = None

    def __call__(self, rows: Rows, rng: np.random.Generator | None = None) -> torch.Tensor:
        """[B, …]."""
        if rng is not None and self.views is not None:
            rows = self.views[rows, rng.integers(0, self.views.shape[1], len(rows))]
        inputs = np.ascontiguousarray(self.features[rows])
        if rng is not None and self.noise:
            drawn = rng.standard_normal(inputs.shape, np.float32)
            inputs = inputs + drawn * np.float32(self.noise / inputs.shape[1] ** 0.5)
            inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
        return torch.from_numpy(inputs)


@dataclass(frozen=True, slots=True, eq=False)
class CropInputs:
    """`crops` [N, side, side, 3], augmented and standardised."""

    crops: Crops
    normalisation: Normalisation
    augmentation: Augmentation

    def __call__(self, rows: Rows, rng: np.random.Generator | None = None) -> torch.Tensor:
        """[B, 3, side, side] float32."""
        crops = np.ascontiguousarray(self.crops[rows])
        if rng is not None:
            crops = self.augmentation(crops, rng)
        return torch.from_numpy(self.normalisation(crops))


class Trainee(torch.nn.Module):
    """A `body` that gives unit vectors, with a `projection` behind it where there is one.

    `learns_statistics`: batch norm and dropout are as in a training from scratch; else all is in
    evaluation mode, so that a network that is good already is not shaken.
    """

    def __init__(
        self,
        body: torch.nn.Module,
        inputs: Inputs,
        *,
        size: int,
        projection: ProjectionHead | None = None,
        learns_statistics: bool = False,
    ) -> None:
        super().__init__()
        self.body = body
        self.projection = projection
        self.inputs = inputs
        self.size = size
        self.learns_statistics = learns_statistics

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self.parameters()).device

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Unit vectors [B, size] of `inputs` [B, …]."""
        vectors = self.body(inputs)
        return cast(
            "torch.Tensor", vectors if self.projection is None else self.projection(vectors)
        )

    def learn(self, *, classifying: bool) -> None:
        """Let the body learn while it is trained as a classifier; after that its projection alone,
        where it has one.
        """
        learns = self.projection is None or classifying
        if self.projection is not None:
            self.projection.requires_grad_(requires_grad=not classifying)
            self.body.requires_grad_(requires_grad=classifying)
        self.train(self.learns_statistics)
        self.body.train(self.learns_statistics and learns)
        for module in self.body.modules():
            if isinstance(module, ResidualAdapter):
                module.train(learns)

    @torch.no_grad()
    def embed(self, rows: Rows, control: JobControl | None = None) -> Vectors:
        """Unit vectors [B, size] of the faces `rows` as it is now, nothing changed at random; every
        part is in the mode it was in afterwards.

        Raises CancelledError when cancelled.
        """
        control = control or JobControl()
        modes = {module: module.training for module in self.modules()}
        self.eval()
        vectors = np.empty((len(rows), self.size), np.float32)
        try:
            for start in range(0, len(rows), _AT_ONCE):
                control.checkpoint()
                some = slice(start, start + _AT_ONCE)
                vectors[some] = self(self.inputs(rows[some]).to(self.device)).cpu().numpy()
        finally:
            for module, mode in modes.items():
                module.training = mode
        return vectors
