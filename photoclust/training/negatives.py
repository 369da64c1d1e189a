"""Which negative a pair of anchor and positive gets, from the easiest choice to the hardest."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from photoclust.training.distances import MARGIN
from photoclust.training.mining import NO_NEGATIVE, Anchors, NegativeChoice, Pairs


@dataclass(frozen=True, slots=True)
class RandomNegative:
    """Any negative, each as likely: the baseline that every mining has to beat."""

    generator: torch.Generator

    def __call__(self, anchors: Anchors, pairs: Pairs) -> torch.Tensor:
        """A negative for every pair."""
        counts = anchors.negatives.sum(dim=1)
        faces = anchors.negatives.nonzero(as_tuple=True)[1]
        starts = counts.cumsum(dim=0) - counts
        return faces[starts[pairs.row] + _draw(counts[pairs.row], self.generator)]


@dataclass(frozen=True, slots=True)
class RandomViolating:
    """Any of the negatives nearer than the positive and the margin, each as likely (Parkhi,
    Vedaldi, Zisserman 2015). A pair without one costs nothing and is left out.
    """

    generator: torch.Generator
    margin: float = MARGIN

    def __call__(self, anchors: Anchors, pairs: Pairs) -> torch.Tensor:
        """A violating negative for every pair that has one."""
        counts = anchors.negatives_nearer(pairs, pairs.distance + self.margin)
        place = _draw(counts.clamp(min=1), self.generator)
        found = anchors.ranking.face[pairs.row, place]
        return torch.where(counts > 0, found, NO_NEGATIVE)


@dataclass(frozen=True, slots=True)
class SemiHard:
    """The nearest of the negatives that are farther than the positive, if within the margin
    (FaceNet §3.2).

    A pair without such a negative is left out. Either it costs nothing yet, all farther negatives
    being beyond the margin, or its faces are farther apart than the anchor is from any negative of
    the batch. The paper does not say what becomes of the latter. Taking the farthest negative
    instead would train on the pairs that most often are wrongly labelled, and where everything is
    at one point it would cost the margin for ever; such a pair comes again in other batches.
    """

    margin: float = MARGIN

    def __call__(self, anchors: Anchors, pairs: Pairs) -> torch.Tensor:
        """A semi-hard negative for every pair that has one."""
        distances, faces = anchors.ranking
        # Past the last negative there is always a place: an anchor is no negative of itself.
        place = anchors.negatives_nearer(pairs, pairs.distance, or_as_near=True)
        is_inside = distances[pairs.row, place] < pairs.distance + self.margin
        return torch.where(is_inside, faces[pairs.row, place], NO_NEGATIVE)


@dataclass(frozen=True, slots=True)
class HardestNegative:
    """The nearest negative, whether or not it violates the margin.

    Alone it may bring about a collapse early in a training (FaceNet §3.2), and it finds every
    wrongly labelled face there is.
    """

    def __call__(self, anchors: Anchors, pairs: Pairs) -> torch.Tensor:
        """A negative for every pair."""
        return anchors.hardest[pairs.row]


@dataclass(frozen=True, slots=True)
class Mixed:
    """For each pair one of several choices, drawn with the weights `shares`.

    A pair for which the drawn choice finds nothing is left out.
    """

    choices: Sequence[NegativeChoice]
    shares: Sequence[float]
    generator: torch.Generator

    def __post_init__(self) -> None:
        if len(self.choices) != len(self.shares) or min(self.shares, default=-1) < 0:
            raise ValueError(f"each of {len(self.choices)} choices needs a share ≥ 0")
        if sum(self.shares) <= 0:
            raise ValueError("at least one share must be above 0")

    def __call__(self, anchors: Anchors, pairs: Pairs) -> torch.Tensor:
        """What the choice that was drawn for it finds for every pair."""
        device = self.generator.device
        weights = torch.tensor(self.shares, dtype=torch.float64, device=device)
        ends = (weights / weights.sum()).cumsum(dim=0)
        drawn = torch.searchsorted(ends[:-1], _uniform(len(pairs.row), self.generator), right=True)
        drawn = drawn.to(pairs.row.device)
        negative = torch.full_like(pairs.row, NO_NEGATIVE)
        for number, choice in enumerate(self.choices):
            mine = drawn == number
            if bool(mine.any()):
                negative[mine] = choice(anchors, Pairs(*(each[mine] for each in pairs)))
        return negative


def _draw(counts: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A whole number below each of `counts` [P] int64, which are 1 or more."""
    uniform = _uniform(len(counts), generator).to(counts.device)
    # A product may be rounded up to the count itself.
    return torch.minimum((uniform * counts).long(), counts - 1)


def _uniform(count: int, generator: torch.Generator) -> torch.Tensor:
    """Numbers [count] in [0, 1) in double precision, where the generator is."""
    return torch.rand(count, generator=generator, dtype=torch.float64, device=generator.device)
