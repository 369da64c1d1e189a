"""ArcFace: what the triplets are measured against."""

from typing import Any

import torch
from pytorch_metric_learning.losses import ArcFaceLoss

from photoclust.training.distances import STRANGER, Loss

_STEEPEST = 1 - 1e-6
"""Cosine up to which the angle to one's own centre has a gradient: at 1 that is infinite."""


class ArcFace(torch.nn.Module):
    """Softmax over the angles to a learned centre for each person, with a margin added to that of
    the own one (Deng, Guo, Xue, Zafeiriou 2019, eq. 3), by pytorch-metric-learning.

    `margin` is in radians. Strangers have no centre and count for nothing.
    """

    def __init__(
        self,
        size: int,
        people: int,
        *,
        generator: torch.Generator,
        margin: float = 0.5,
        scale: float = 64.0,
    ) -> None:
        super().__init__()

        def start(centres: torch.Tensor) -> None:
            torch.nn.init.normal_(centres, generator=generator)

        self.loss = _FiniteArcFaceLoss(
            num_classes=people,
            embedding_size=size,
            margin=margin * 180 / torch.pi,
            scale=scale,
            weight_init_func=start,
        )

    def forward(self, embeddings: torch.Tensor, labels: torch.Tensor) -> Loss:
        """Of `embeddings` [B, size] and `labels` [B] int64; the mean over faces of somebody."""
        is_known = labels != STRANGER
        known = int(is_known.sum())
        if not known:
            return Loss(embeddings.sum() * 0, 0, 0.0)
        return Loss(self.loss(embeddings[is_known], labels[is_known]), known, 1.0)


class _FiniteArcFaceLoss(ArcFaceLoss):
    def get_angles(self, cosine_of_target_classes: torch.Tensor) -> Any:
        """Angles with a finite gradient everywhere."""
        cosines = cosine_of_target_classes.clamp(-_STEEPEST, _STEEPEST)
        return super().get_angles(cosines)
