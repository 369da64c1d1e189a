"""Choosing the triplets that a batch is trained on.

A miner is made of two parts: which positives an anchor gets, and which negative each of these pairs
gets (`negatives.py`). Distances are squared L2 between unit embeddings, without a gradient; labels
are those of `distances.py`: strangers serve as negatives only. Among equals the first face of the
batch is taken, so the same batch gives the same triplets.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

import torch

from photoclust.training.collapse import require_finite
from photoclust.training.distances import pair_masks


@dataclass(frozen=True, slots=True, eq=False)
class Triplets:
    """Faces by their place in the batch, int64 [T] each."""

    anchor: torch.Tensor
    positive: torch.Tensor
    negative: torch.Tensor

    def __len__(self) -> int:
        return len(self.anchor)

    def __iter__(self) -> Iterator[torch.Tensor]:
        """Anchor, positive and negative."""
        return iter((self.anchor, self.positive, self.negative))


class Pairs(NamedTuple):
    """Anchors with a positive each, [P]: `row` of the anchor among the `Anchors`, ascending;
    `positive` is its place in the batch, and `distance` how far it is from the anchor.
    """

    row: torch.Tensor
    positive: torch.Tensor
    distance: torch.Tensor


class Ranking(NamedTuple):
    """The negatives of each anchor, nearest first: `distance` [A, B], infinite past the last one,
    and `face` [A, B], their places in the batch.
    """

    distance: torch.Tensor
    face: torch.Tensor


@dataclass(frozen=True, eq=False)
class Anchors:
    """Faces that may be anchors and how they lie to all B faces of the batch.

    `face` [A] int64 is their place in the batch, `distances` [A, B] are finite, and `positives` and
    `negatives` [A, B] bool say who is what to them.
    """

    face: torch.Tensor
    distances: torch.Tensor
    positives: torch.Tensor
    negatives: torch.Tensor

    @classmethod
    def among(
        cls, distances: torch.Tensor, labels: torch.Tensor, rows: torch.Tensor | None = None
    ) -> "Anchors":
        """Those of the faces `rows` [R] int64, or of all, who have a positive and a negative.

        `distances` [R, B] are theirs to everybody, and `labels` [B] int64. Raises ValueError for
        other shapes and labels, and TrainingDivergedError for distances that are not finite.
        """
        count = len(labels)
        rows = torch.arange(count, device=labels.device) if rows is None else rows
        if distances.shape != (len(rows), count):
            raise ValueError(
                f"distances must be {[len(rows), count]} here, not {list(distances.shape)}"
            )
        require_finite("distances", distances)
        positives, negatives = pair_masks(labels, rows)
        use = positives.any(dim=1) & negatives.any(dim=1)
        return cls(rows[use], distances.detach()[use], positives[use], negatives[use])

    @cached_property
    def ranking(self) -> Ranking:
        """Sorted once for all pairs: one sort costs half of a look through each pair's negatives,
        and never takes more than [A, B].
        """
        return Ranking(*self._only_negatives.sort(dim=1, stable=True))

    @cached_property
    def hardest(self) -> torch.Tensor:
        """The nearest negative of each [A]."""
        return self._only_negatives.argmin(dim=1)

    @property
    def _only_negatives(self) -> torch.Tensor:
        return self.distances.masked_fill(~self.negatives, torch.inf)

    def negatives_nearer(
        self, pairs: Pairs, bound: torch.Tensor, *, or_as_near: bool = False
    ) -> torch.Tensor:
        """How many negatives of each pair's anchor are nearer than its `bound` [P]; int64 [P]."""
        starts = torch.searchsorted(pairs.row, torch.arange(len(self.face), device=bound.device))
        slot = torch.arange(len(bound), device=bound.device) - starts[pairs.row]
        width = int(slot.max()) + 1 if len(slot) else 0
        bounds = bound.new_zeros((len(self.face), width))
        bounds[pairs.row, slot] = bound
        found = torch.searchsorted(self.ranking.distance, bounds, right=or_as_near)
        return found[pairs.row, slot]


class PositiveChoice(Protocol):
    """Which positives the anchors are paired with."""

    def __call__(self, anchors: Anchors) -> Pairs:
        """The pairs, anchor by anchor."""
        ...  # pragma: no cover - a protocol


class NegativeChoice(Protocol):
    """Which negative makes a triplet of a pair."""

    def __call__(self, anchors: Anchors, pairs: Pairs) -> torch.Tensor:
        """The negatives' places in the batch, int64 [P]; NO_NEGATIVE leaves a pair out."""
        ...  # pragma: no cover - a protocol


class Miner(Protocol):
    """What chooses triplets."""

    def __call__(self, anchors: Anchors) -> Triplets:
        """The triplets of the anchors, by the faces' places in the batch."""
        ...  # pragma: no cover - a protocol


NO_NEGATIVE = -1


@dataclass(frozen=True, slots=True)
class AllPositives:
    """Every anchor with every positive of the batch (FaceNet §3.2: more stable, and converging
    slightly faster at the beginning, than the hardest positive alone).
    """

    def __call__(self, anchors: Anchors) -> Pairs:
        """All pairs, each in both directions."""
        row, positive = (each.contiguous() for each in anchors.positives.nonzero(as_tuple=True))
        return Pairs(row, positive, anchors.distances[row, positive])


@dataclass(frozen=True, slots=True)
class HardestPositive:
    """Every anchor with its farthest positive; with the hardest negative this is batch-hard
    (Hermans, Beyer, Leibe 2017, eq. 5).
    """

    def __call__(self, anchors: Anchors) -> Pairs:
        """One pair for each anchor."""
        row = torch.arange(len(anchors.face), device=anchors.face.device)
        positive = anchors.distances.masked_fill(~anchors.positives, -1).argmax(dim=1)
        return Pairs(row, positive, anchors.distances[row, positive])


@dataclass(frozen=True, slots=True)
class TripletMiner:
    """Triplets of chosen pairs with one chosen negative each."""

    negatives: NegativeChoice
    positives: PositiveChoice = field(default_factory=AllPositives)

    def __call__(self, anchors: Anchors) -> Triplets:
        """At most one triplet for each pair."""
        if not len(anchors.face):
            return Triplets(anchors.face, anchors.face, anchors.face)
        pairs = self.positives(anchors)
        negative = self.negatives(anchors, pairs)
        use = negative != NO_NEGATIVE
        return Triplets(anchors.face[pairs.row[use]], pairs.positive[use], negative[use])


@dataclass(frozen=True, slots=True)
class AllTriplets:
    """Every anchor with every positive and every negative.

    For small batches: 24 bytes a triplet are 3 GB for 45 people with 40 faces each.
    """

    def __call__(self, anchors: Anchors) -> Triplets:
        """All triplets, ordered by anchor, positive and negative."""
        row, positive = anchors.positives.nonzero(as_tuple=True)
        pair, negative = anchors.negatives[row].nonzero(as_tuple=True)
        return Triplets(anchors.face[row[pair]], positive[pair], negative)


def mine(distances: torch.Tensor, labels: torch.Tensor, miner: Miner) -> Triplets:
    """The triplets that `miner` chooses from a batch with squared L2 `distances` [B, B] and
    `labels` [B] int64. Raises what `Anchors.among` raises.
    """
    return miner(Anchors.among(distances, labels))
