"""Distances within a batch, the pairs that they are of, and what a loss hands back.

A label is the number of a person, ≥ 0, or STRANGER: somebody nobody knows, who is a negative for
every person. Whether two strangers are the same is unknown, so they are no pair.
"""

from dataclasses import dataclass

import torch

STRANGER = -1
"""The label of a face that belongs to nobody the training knows."""
MARGIN = 0.2
"""FaceNet's α, on squared L2 distances (§3.1)."""


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """What a batch costs: `value`, a scalar to call `backward` on, whatever the batch.

    `terms` is how many terms it is made of (triplets, pairs or faces) and `active` the share of
    them that has a gradient, 0 without terms.
    """

    value: torch.Tensor
    terms: int
    active: float


def squared_distances(embeddings: torch.Tensor) -> torch.Tensor:
    """Squared L2 distances [B, B] of unit `embeddings` [B, d], from 0 to 4.

    By the cosines, 2 − 2·x·y: the gradient costs two matrix products however many triplets there
    are, and is finite for faces that are the same. Off by up to 1e-6 in float32.
    """
    return (2 - 2 * embeddings @ embeddings.T).clamp(min=0)


def pair_masks(
    labels: torch.Tensor, rows: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Which faces are positives and which negatives [R, B] of the faces `rows` [R], or of all.

    `labels` [B] int64. No face is its own positive, and strangers are neither to each other.
    Raises ValueError for labels of another kind.
    """
    if labels.ndim != 1 or labels.dtype != torch.int64:
        raise ValueError(f"labels must be [B] int64, not {list(labels.shape)} {labels.dtype}")
    if bool((labels < STRANGER).any()):
        raise ValueError(f"labels must be {STRANGER} or more, not {int(labels.min())}")
    everyone = torch.arange(len(labels), device=labels.device)
    rows = everyone if rows is None else rows
    mine, others = labels[rows, None], labels[None, :]
    positives = (mine == others) & (mine != STRANGER) & (rows[:, None] != everyone)
    return positives, mine != others
