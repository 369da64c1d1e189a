"""Telling a training that died: embeddings at one point, and numbers that ran off."""

import math

import pytest

torch = pytest.importorskip("torch")

from photoclust.core.errors import UserError
from photoclust.training.collapse import (
    CollapseWatch,
    TrainingCollapsedError,
    TrainingDivergedError,
    embedding_spread,
)
from photoclust.training.distances import squared_distances
from photoclust.training.losses import TripletLoss
from photoclust.training.mining import TripletMiner, mine
from photoclust.training.negatives import HardestNegative, SemiHard

pytestmark = pytest.mark.train

LOSS = torch.tensor(0.2)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def unit_vectors(count, size, *, spread=1.0, seed=0):
    """Around one direction, the closer the smaller `spread`."""
    around = spread * torch.randn(count, size, generator=seeded(seed)) / math.sqrt(size)
    around[:, 0] += 1.0 if spread < 1 else 0.0
    return torch.nn.functional.normalize(around)


def test_the_spread_is_that_of_loops():
    for seed in range(50):
        points = torch.randn(2 + seed % 7, 3, generator=seeded(seed), dtype=torch.float64)
        count = len(points)
        distances = [
            float((points[i] - points[j]).square().sum())
            for i in range(count)
            for j in range(count)
            if i != j
        ]
        values = torch.linalg.svdvals(points - points.mean(dim=0))
        shares = [float(each / values.sum()) for each in values if each > 1e-9]
        spread = embedding_spread(points)
        assert spread.mean_distance == pytest.approx(sum(distances) / len(distances))
        variance = points.var(dim=0, correction=0).mean()
        assert spread.deviation == pytest.approx(float(variance.sqrt()))
        entropy = -sum(share * math.log(share) for share in shares)
        assert spread.effective_rank == pytest.approx(math.exp(entropy), rel=1e-5)


@pytest.mark.parametrize("count", [0, 1, 2, 40])
def test_the_same_embedding_again_and_again_has_no_spread(count):
    spread = embedding_spread(unit_vectors(1, 8).expand(count, 8))
    assert spread.mean_distance == pytest.approx(0, abs=1e-12)
    assert (spread.deviation, spread.effective_rank) == (pytest.approx(0, abs=1e-12), 0)


def test_vectors_in_all_directions_are_2_apart_and_fill_all_dimensions():
    spread = embedding_spread(unit_vectors(2_000, 16))
    assert spread.mean_distance == pytest.approx(2, abs=0.01)
    assert spread.deviation == pytest.approx(0.25, abs=0.01)
    assert spread.effective_rank == pytest.approx(16, abs=0.5)


def test_a_line_has_one_dimension_however_long_it_is():
    ends = torch.tensor([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]]).repeat(20, 1)
    spread = embedding_spread(ends)
    assert spread.mean_distance > 2
    assert spread.effective_rank == pytest.approx(1, abs=1e-6)


def test_embeddings_that_fall_together_end_the_training_with_advice():
    watch = CollapseWatch(patience=3)
    watch(unit_vectors(40, 8), LOSS)
    for _ in range(2):
        watch(unit_vectors(40, 8, spread=1e-3), LOSS)
    with pytest.raises(TrainingCollapsedError, match=r"step 4.*learning rate.*semi-hard") as raised:
        watch(unit_vectors(40, 8, spread=1e-3), LOSS)
    assert isinstance(raised.value, UserError)


def test_a_twentieth_of_the_widest_spread_is_a_collapse_too():
    near = unit_vectors(40, 8, spread=0.2)
    assert 0.01 < embedding_spread(near).mean_distance < 0.1
    CollapseWatch(patience=1)(near, LOSS)
    watch = CollapseWatch(patience=1)
    watch(unit_vectors(40, 8), LOSS)
    with pytest.raises(TrainingCollapsedError):
        watch(near, LOSS)


def test_embeddings_on_one_line_are_a_collapse():
    ends = torch.tensor([[1.0, 0.0], [-1.0, 0.0]]).repeat(20, 1)
    with pytest.raises(TrainingCollapsedError):
        CollapseWatch(patience=1)(ends, LOSS)


def test_batches_that_come_apart_again_are_forgiven():
    watch = CollapseWatch(patience=3)
    for _ in range(4):
        for spread in (1.0, 1e-3, 1e-3):
            watch(unit_vectors(40, 8, spread=spread), LOSS)


def test_a_network_may_start_with_everything_at_one_point():
    watch = CollapseWatch()
    for _ in range(watch.patience - 1):
        watch(unit_vectors(40, 8, spread=1e-3), LOSS)
    watch(unit_vectors(40, 8), LOSS)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_numbers_that_ran_off_end_the_training_at_once(wrong):
    embeddings = unit_vectors(4, 8)
    with pytest.raises(TrainingDivergedError, match=r"loss.*learning rate") as raised:
        CollapseWatch()(embeddings, torch.tensor(wrong))
    assert isinstance(raised.value, UserError)
    embeddings[2, 3] = wrong
    with pytest.raises(TrainingDivergedError, match="embeddings"):
        CollapseWatch()(embeddings, LOSS)


def train(negatives, steps):
    """A linear network on faces that nothing tells apart, with large steps: its last spread."""
    generator = seeded(3)
    faces = torch.randn(60, 16, generator=generator)
    labels = torch.arange(6).repeat_interleave(10)
    weight = (0.1 * torch.randn(16, 8, generator=generator)).requires_grad_()
    bias = torch.zeros(8, requires_grad=True)
    watch = CollapseWatch(patience=20)
    spread = None
    for _ in range(steps):
        embeddings = torch.nn.functional.normalize(faces @ weight + bias)
        distances = squared_distances(embeddings)
        loss = TripletLoss()(distances, mine(distances, labels, TripletMiner(negatives))).value
        spread = watch(embeddings, loss)
        for parameter, slope in zip(
            (weight, bias), torch.autograd.grad(loss, (weight, bias)), strict=True
        ):
            parameter.data -= 0.5 * slope
    return spread


def test_the_hardest_negatives_let_a_training_collapse_and_semi_hard_ones_do_not():
    """FaceNet §3.2."""
    with pytest.raises(TrainingCollapsedError):
        train(HardestNegative(), 100)
    assert train(SemiHard(), 300).mean_distance > 1
