"""What a batch costs, by name: a loss with all it needs to be computed from unit vectors."""

from collections.abc import Callable
from typing import Protocol

import torch

from photoclust.core.errors import InternalError
from photoclust.training.arcface import ArcFace
from photoclust.training.classification import DeepId2Loss, IdentificationLoss
from photoclust.training.curriculum import standard_curriculum
from photoclust.training.distances import Loss, squared_distances
from photoclust.training.heads import SoftmaxHead
from photoclust.training.losses import ContrastiveLoss, TripletLoss
from photoclust.training.mining import HardestPositive, Miner, TripletMiner, mine
from photoclust.training.negatives import (
    HardestNegative,
    RandomNegative,
    RandomViolating,
    SemiHard,
)
from photoclust.training.options import LossName, Mining, Options

_SOFTMAX_SCALE = 16.0
"""Of unit vectors before a softmax; see `SoftmaxHead`."""

MinerAt = Callable[[float], Miner]
"""The miner for a progress of 0 (start) to 1 (end)."""


class Objective(Protocol):
    """A loss of a batch. `learnt` holds numbers that are trained along with the network and thrown
    away after it; `is_classifying` at a progress tells that the network is still trained as a
    classifier, and a projection behind it is not yet.
    """

    learnt: torch.nn.Module

    def __call__(self, embeddings: torch.Tensor, labels: torch.Tensor, progress: float) -> Loss:
        """Of unit `embeddings` [B, d] with `labels` [B] int64, at a progress of 0 to 1."""
        ...  # pragma: no cover - a protocol

    def is_classifying(self, progress: float) -> bool:
        """See the class."""
        ...  # pragma: no cover - a protocol


class TripletObjective:
    """FaceNet's: triplets chosen by a miner."""

    def __init__(self, miner: MinerAt, margin: float) -> None:
        self.learnt: torch.nn.Module = torch.nn.Module()
        self._miner = miner
        self._loss = TripletLoss(margin)

    def __call__(self, embeddings: torch.Tensor, labels: torch.Tensor, progress: float) -> Loss:
        """Mined and weighed in the batch."""
        distances = squared_distances(embeddings)
        return self._loss(distances, mine(distances, labels, self._miner(progress)))

    def is_classifying(self, progress: float) -> bool:
        """Never."""
        return False


class ContrastiveObjective:
    """All pairs of the batch."""

    def __init__(self) -> None:
        self.learnt: torch.nn.Module = torch.nn.Module()

    def __call__(self, embeddings: torch.Tensor, labels: torch.Tensor, progress: float) -> Loss:
        """The same at all times."""
        return ContrastiveLoss()(squared_distances(embeddings), labels)

    def is_classifying(self, progress: float) -> bool:
        """Never."""
        return False


class DeepId2Objective:
    """Identification by a softmax over the people, and verification."""

    def __init__(self, size: int, people: int, generator: torch.Generator) -> None:
        self.learnt: torch.nn.Module = SoftmaxHead(
            size, people, generator=generator, scale=_SOFTMAX_SCALE
        )

    def __call__(self, embeddings: torch.Tensor, labels: torch.Tensor, progress: float) -> Loss:
        """The same at all times."""
        return DeepId2Loss()(self.learnt(embeddings), squared_distances(embeddings), labels)

    def is_classifying(self, progress: float) -> bool:
        """Never: the vectors themselves are verified."""
        return False


class SoftmaxThenTriplets:
    """A classifier in the first half; then triplets on a projection of what it learnt, which stays
    as it is (Parkhi, Vedaldi, Zisserman 2015, §4).
    """

    def __init__(
        self, size: int, people: int, triplets: TripletObjective, generator: torch.Generator
    ) -> None:
        self.learnt: torch.nn.Module = SoftmaxHead(
            size, people, generator=generator, scale=_SOFTMAX_SCALE
        )
        self._triplets = triplets

    def __call__(self, embeddings: torch.Tensor, labels: torch.Tensor, progress: float) -> Loss:
        """By the half of the training that this is."""
        if self.is_classifying(progress):
            return IdentificationLoss()(self.learnt(embeddings), labels)
        return self._triplets(embeddings, labels, progress)

    def is_classifying(self, progress: float) -> bool:
        """In the first half."""
        return progress < 0.5


class ArcFaceObjective:
    """Angles to a learnt centre for each person."""

    def __init__(self, size: int, people: int, generator: torch.Generator) -> None:
        self.learnt: torch.nn.Module = ArcFace(size, people, generator=generator)

    def __call__(self, embeddings: torch.Tensor, labels: torch.Tensor, progress: float) -> Loss:
        """The same at all times."""
        loss: Loss = self.learnt(embeddings, labels)
        return loss

    def is_classifying(self, progress: float) -> bool:
        """Never: the vectors themselves are classified."""
        return False


def build_objective(
    options: Options, *, size: int, people: int, generator: torch.Generator
) -> Objective:
    """That of `options` for vectors [B, size] and labels below `people`. Whatever is drawn, at
    first or later, is drawn with `generator`.
    """
    triplets = TripletObjective(
        _miner(options.mining[0], options.margin, generator), options.margin
    )
    match options.loss:
        case LossName.TRIPLET:
            return triplets
        case LossName.CONTRASTIVE:
            return ContrastiveObjective()
        case LossName.DEEPID2:
            return DeepId2Objective(size, people, generator)
        case LossName.SOFTMAX_TRIPLET:
            return SoftmaxThenTriplets(size, people, triplets, generator)
        case LossName.ARCFACE:
            return ArcFaceObjective(size, people, generator)
        case LossName.VERIFICATION:
            raise InternalError("a verification head gives no vectors to train on")


def _miner(mining: Mining, margin: float, generator: torch.Generator) -> MinerAt:
    match mining:
        case Mining.SEMI_HARD:
            miner = TripletMiner(SemiHard(margin))
        case Mining.HARDEST:
            miner = TripletMiner(HardestNegative())
        case Mining.VIOLATING:
            miner = TripletMiner(RandomViolating(generator, margin))
        case Mining.RANDOM:
            miner = TripletMiner(RandomNegative(generator))
        case Mining.BATCH_HARD:
            miner = TripletMiner(HardestNegative(), HardestPositive())
        case Mining.CURRICULUM:
            curriculum = standard_curriculum(generator, margin)
            return lambda progress: TripletMiner(curriculum.at(progress))
    return lambda _: miner
