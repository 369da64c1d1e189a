"""From crops to what a network takes in: float32 [B, 3, side, side], channels red, green, blue.

How it is done travels with a model: a network that was trained with one of these and is given
another sees noise.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Crops = NDArray[np.uint8]
"""RGB, [B, side, side, 3]."""
Points = NDArray[np.float32]
"""The landmarks (x, y) of crops, [B, 5, 2], in px of them."""
Inputs = NDArray[np.float32]


class Normalisation(Protocol):
    """What makes a network's input of crops."""

    def __call__(self, crops: Crops) -> Inputs:
        """Float32 [B, 3, side, side] of `crops` [B, side, side, 3] uint8."""
        ...  # pragma: no cover - a protocol


@dataclass(frozen=True, slots=True)
class FixedStandardisation:
    """(x − mean) / std, the same for every crop: the bundled network's."""

    mean: float = 127.5
    std: float = 128.0

    def __call__(self, crops: Crops) -> Inputs:
        """From -1 to 1 with the defaults."""
        inputs = _channels_first(crops)
        inputs -= np.float32(self.mean)
        inputs /= np.float32(self.std)
        return inputs


@dataclass(frozen=True, slots=True)
class Prewhitening:
    """Every crop to mean 0 and standard deviation 1 over its pixels and channels (Sandberg's
    FaceNet before 2018); a crop of one colour becomes 0.
    """

    def __call__(self, crops: Crops) -> Inputs:
        """Each crop by its own mean and deviation."""
        inputs = _channels_first(crops)
        axes = (1, 2, 3)
        mean = inputs.mean(axis=axes, keepdims=True, dtype=np.float64)
        std = inputs.std(axis=axes, keepdims=True, dtype=np.float64)
        # One step of a single value makes so much: only a crop of one colour has less.
        std = np.maximum(std, 1 / np.sqrt(max(inputs[:1].size, 1)))
        inputs -= mean.astype(np.float32)
        inputs /= std.astype(np.float32)
        return inputs


@dataclass(frozen=True, slots=True, eq=False)
class AverageFaceSubtraction:
    """x − the average face of the training (Parkhi, Vedaldi, Zisserman 2015), divided by `std`.

    `average` is [side, side, 3] float32 (`average_face`). Raises ValueError for crops of another
    size.
    """

    average: NDArray[np.float32]
    std: float = 128.0

    def __call__(self, crops: Crops) -> Inputs:
        """Each crop less the average face."""
        if crops.shape[1:] != self.average.shape:
            raise ValueError(
                f"crops {list(crops.shape[1:])} and the average face {list(self.average.shape)} "
                "are not of one size"
            )
        inputs = _channels_first(crops)
        inputs -= self.average.transpose(2, 0, 1)
        inputs /= np.float32(self.std)
        return inputs


def average_face(crops: Crops) -> NDArray[np.float32]:
    """The mean [side, side, 3] of `crops` [B, side, side, 3]; ValueError without any."""
    if not len(crops):
        raise ValueError("an average face needs faces")
    average: NDArray[np.float32] = crops.mean(axis=0, dtype=np.float64).astype(np.float32)
    return average


def _channels_first(crops: Crops) -> Inputs:
    return np.ascontiguousarray(crops.transpose(0, 3, 1, 2), dtype=np.float32)
