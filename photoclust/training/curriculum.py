"""Which negatives a training gets when: easy ones first, harder ones as it goes on.

Early, the hardest negatives of a batch are where embeddings collapse (FaceNet §3.2); late, random
ones cost nothing any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

from photoclust.training.distances import MARGIN
from photoclust.training.mining import NegativeChoice
from photoclust.training.negatives import HardestNegative, Mixed, RandomNegative, SemiHard


@dataclass(frozen=True, slots=True)
class Milestone:
    """What `shares` of the pairs each choice gets at `progress`, 0 (start) to 1 (end)."""

    progress: float
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curriculum:
    """Several choices of negatives whose shares change from milestone to milestone, linearly; they
    stay as they are before the first and after the last. Raises ValueError for milestones that do
    not ascend, or that have not one share for each choice.
    """

    choices: Sequence[NegativeChoice]
    milestones: Sequence[Milestone]
    generator: torch.Generator

    def __post_init__(self) -> None:
        if not self.milestones or any(
            one.progress >= other.progress for one, other in pairwise(self.milestones)
        ):
            raise ValueError("a curriculum needs milestones in ascending order of progress")
        for milestone in self.milestones:
            # Refuses wrong shares now, and not in the middle of a training.
            Mixed(self.choices, milestone.shares, self.generator)

    def at(self, progress: float) -> Mixed:
        """The negatives to choose at `progress`, 0 (start) to 1 (end)."""
        return Mixed(self.choices, self._shares(progress), self.generator)

    def _shares(self, progress: float) -> tuple[float, ...]:
        if progress <= self.milestones[0].progress:
            return self.milestones[0].shares
        for before, after in pairwise(self.milestones):
            if progress < after.progress:
                done = (progress - before.progress) / (after.progress - before.progress)
                return tuple(
                    (1 - done) * low + done * high
                    for low, high in zip(before.shares, after.shares, strict=True)
                )
        return self.milestones[-1].shares


def standard_curriculum(generator: torch.Generator, margin: float = MARGIN) -> Curriculum:
    """From random negatives to semi-hard ones within the first fifth, and from the middle on to a
    third of hardest ones among them.
    """
    return Curriculum(
        (RandomNegative(generator), SemiHard(margin), HardestNegative()),
        (
            Milestone(0.0, (1.0, 0.0, 0.0)),
            Milestone(0.2, (0.0, 1.0, 0.0)),
            Milestone(0.5, (0.0, 1.0, 0.0)),
            Milestone(1.0, (0.0, 2 / 3, 1 / 3)),
        ),
        generator,
    )
