"""Turning, moving and scaling a crop so that eyes, nose and mouth lie where they lie on average.

A verification head may be trained on faces that were aligned so (DeepFace aligns before it
compares: Taigman, Yang, Ranzato, Wolf, CVPR 2014, §2.1). The bundled network was measured with
crops as they are, and is worse with aligned ones.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from photoclust.training.normalisation import Crops, Points


def mean_shape(points: Points) -> NDArray[np.float32]:
    """Where the landmarks of `points` [N, 5, 2] lie on average, [5, 2]; ValueError without any."""
    if not len(points):
        raise ValueError("a mean shape needs faces")
    shape: NDArray[np.float32] = points.mean(axis=0, dtype=np.float64).astype(np.float32)
    return shape


def similarities(points: Points, shape: NDArray[np.float32]) -> NDArray[np.float64]:
    """For each of `points` [N, K, 2] the similarity [2, 3] (turn, scale, move; never a mirror) that
    takes `shape` [K, 2] to it with the least squared error (Umeyama, PAMI 1991).

    It is the identity where all points of a face, or of the shape, are one.
    """
    target = points.astype(np.float64)
    source = shape.astype(np.float64)
    centre, centres = source.mean(axis=0), target.mean(axis=1)
    # In the plane, turn and scale are one complex number, and the best one a projection.
    around = _complex(source - centre)
    wanted = _complex(target - centres[:, None])
    length = float((np.abs(around) ** 2).sum())
    factor = (wanted * around.conj()).sum(axis=1) / (length or 1.0)
    known = (np.abs(factor) > 0) & (length > 0)
    factor = np.where(known, factor, 1.0)
    move = np.where(known, _complex(centres) - factor * _complex(centre), 0.0)
    rows = [[factor.real, -factor.imag, move.real], [factor.imag, factor.real, move.imag]]
    matrices: NDArray[np.float64] = np.moveaxis(np.array(rows), -1, 0)
    return matrices


def align(crops: Crops, points: Points, shape: NDArray[np.float32]) -> Crops:
    """`crops` [N, side, side, 3] with their landmarks `points` [N, 5, 2] brought to `shape` [5, 2]
    as well as a similarity can, bilinearly; what was outside of a crop repeats its edge.
    """
    count, side = crops.shape[:2]
    # Places are those of pixels' centres here, and -1 … 1 from edge to edge there.
    pixels = similarities(points - 0.5, shape - 0.5)
    turn = pixels[:, :, :2]
    middle = (side - 1) / 2
    move = (turn.sum(axis=2) * middle + pixels[:, :, 2] - middle) * (2 / side)
    theta = np.concatenate([turn, move[:, :, None]], axis=2).astype(np.float32)
    grid = torch.nn.functional.affine_grid(
        torch.from_numpy(theta), [count, 3, side, side], align_corners=False
    )
    inputs = torch.from_numpy(np.ascontiguousarray(crops.transpose(0, 3, 1, 2), np.float32))
    moved = torch.nn.functional.grid_sample(
        inputs, grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    aligned: Crops = moved.round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
    return aligned


def _complex(points: NDArray[np.float64]) -> NDArray[np.complex128]:
    parts: NDArray[np.complex128] = points[..., 0] + 1j * points[..., 1]
    return parts
