"""Losses of the distances within a batch: triplet and contrastive.

Labels are those of `distances.py`. Every loss is finite with a finite gradient, wherever the
embeddings lie, and 0 with a gradient of 0 where a batch has no term for it.
"""

from dataclasses import dataclass

import torch

from photoclust.training.distances import MARGIN, Loss, pair_masks
from photoclust.training.mining import Triplets

_SAME = 1e-6
"""Squared distances below this are taken for it: they are rounding, and so would be the direction
that parts the faces.
"""


@dataclass(frozen=True, slots=True)
class TripletLoss:
    """max(0, d(a, p) − d(a, n) + margin) on squared L2 distances (FaceNet eq. 3).

    The paper sums over the triplets. This is the mean over the active ones, those that cost
    anything: with a mean over all of them the steps would shrink as the easy triplets become many
    (Hermans, Beyer, Leibe 2017, whose "BA≠0" this is for all triplets).
    """

    margin: float = MARGIN

    def __call__(self, distances: torch.Tensor, triplets: Triplets) -> Loss:
        """Of the `triplets` of a batch with squared L2 `distances` [B, B]."""
        anchor, positive, negative = triplets
        further = distances[anchor, positive] - distances[anchor, negative]
        costs = torch.relu(further + self.margin)
        active = int((costs > 0).sum())
        return Loss(costs.sum() / max(active, 1), len(triplets), active / max(len(triplets), 1))


@dataclass(frozen=True, slots=True)
class ContrastiveLoss:
    """½·d² for a pair of the same person, ½·max(0, margin − d)² for two of different people, d
    the L2 distance, not squared (Hadsell, Chopra, LeCun 2006, eq. 4).

    The mean over all pairs of the first kind plus the mean over those of the second kind within the
    margin: in a batch of P people there are about P times as many pairs of the second kind.
    """

    margin: float = 1.0

    def __call__(self, distances: torch.Tensor, labels: torch.Tensor) -> Loss:
        """Of all pairs of a batch with squared L2 `distances` [B, B] and `labels` [B] int64."""
        positives, negatives = (mask.triu(diagonal=1) for mask in pair_masks(labels))
        same, different = distances[positives], distances[negatives]
        gaps = torch.relu(self.margin - different.clamp(min=_SAME).sqrt())
        pulled, pushed = int((same > 0).sum()), int((gaps > 0).sum())
        pull = same.sum() / max(len(same), 1)
        push = gaps.square().sum() / max(pushed, 1)
        terms = len(same) + len(different)
        return Loss((pull + push) / 2, terms, (pulled + pushed) / max(terms, 1))
