"""Every loss that can be asked for by name, against its formula, and its phases."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from photoclust.training.objectives import build_objective
from photoclust.training.options import LossName, Mining, Options

pytestmark = pytest.mark.train
MARGIN = 0.5
PEOPLE = 5


def built(seed=0, **options):
    generator = torch.Generator().manual_seed(seed)
    options = Options(margin=MARGIN, **options)
    return build_objective(options, size=16, people=PEOPLE, generator=generator)


@pytest.fixture
def batch(make_faces):
    vectors, labels = make_faces(3, [4, 3, 5, 1, 2], noise=1.5)
    return torch.from_numpy(vectors), torch.from_numpy(labels)


@pytest.fixture
def one_stranger(make_faces):
    """Faces of one person and a single one of another: every negative is that one."""
    vectors, labels = make_faces(5, [6, 1], noise=1.8)
    return torch.from_numpy(vectors), torch.from_numpy(labels)


def squared(vectors):
    points = vectors.numpy().astype(np.float64)
    return ((points[:, None] - points[None]) ** 2).sum(axis=2)


def semi_hard(negatives, positive):
    return min((n for n in negatives if positive < n < positive + MARGIN), default=None)


def violating(negatives, positive):
    return min((n for n in negatives if n < positive + MARGIN), default=None)


def nearest(negatives, positive):
    return min(negatives)


def triplet_loss(vectors, labels, choose, *, hardest_positive=False):
    """Mean of what costs anything, and how many triplets there are."""
    distances, costs = squared(vectors), []
    for anchor, who in enumerate(labels):
        same = [i for i, other in enumerate(labels) if other == who and i != anchor]
        negatives = [distances[anchor, i] for i, other in enumerate(labels) if other != who]
        positives = [distances[anchor, i] for i in same]
        if hardest_positive:
            positives = [max(positives)] if positives else []
        for positive in positives:
            negative = choose(negatives, positive)
            if negative is not None:
                costs.append(max(0, positive - negative + MARGIN))
    active = [cost for cost in costs if cost > 0]
    return (np.mean(active) if active else 0.0), len(costs)


def contrastive_loss(vectors, labels):
    distances = np.sqrt(squared(vectors))
    pairs = [(i, j) for i in range(len(labels)) for j in range(i)]
    same = [distances[i, j] ** 2 for i, j in pairs if labels[i] == labels[j]]
    gaps = [max(0, 1 - distances[i, j]) ** 2 for i, j in pairs if labels[i] != labels[j]]
    active = [gap for gap in gaps if gap > 0]
    return (np.mean(same) + (np.mean(active) if active else 0)) / 2


def cross_entropy(logits, labels):
    costs = []
    for row, who in zip(logits, labels, strict=True):
        costs.append(math.log(sum(math.exp(value - row[who]) for value in row)))
    return np.mean(costs)


def softmax_loss(learnt, vectors, labels):
    weight, bias = (each.detach().numpy().astype(np.float64) for each in learnt.parameters())
    return cross_entropy(16 * vectors.numpy() @ weight.T + bias, labels.tolist())


def shaken(objective):
    """With weights other than those of the start, a bias among them that is not 0."""
    generator = torch.Generator().manual_seed(9)
    with torch.no_grad():
        for parameter in objective.learnt.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=0.3)
    return objective


@pytest.mark.parametrize(
    ("mining", "choose", "hardest_positive"),
    [
        (Mining.SEMI_HARD, semi_hard, False),
        (Mining.HARDEST, nearest, False),
        (Mining.BATCH_HARD, nearest, True),
    ],
)
def test_triplets_that_are_chosen_without_chance(batch, mining, choose, hardest_positive):
    vectors, labels = batch
    expected, terms = triplet_loss(
        vectors, labels.tolist(), choose, hardest_positive=hardest_positive
    )
    found = built(mining=(mining,))(vectors, labels, 0.3)
    assert found.value.item() == pytest.approx(expected, rel=1e-5)
    assert found.terms == terms > 0


@pytest.mark.parametrize(
    ("mining", "progress", "choose"),
    [
        (Mining.RANDOM, 0.5, nearest),
        (Mining.VIOLATING, 0.5, violating),
        (Mining.CURRICULUM, 0.0, nearest),  # any negative
        (Mining.CURRICULUM, 0.3, semi_hard),
    ],
)
def test_triplets_that_are_drawn_where_there_is_one_negative_to_draw(
    one_stranger, mining, progress, choose
):
    vectors, labels = one_stranger
    expected, terms = triplet_loss(vectors, labels.tolist(), choose)
    found = built(mining=(mining,))(vectors, labels, progress)
    assert found.value.item() == pytest.approx(expected, rel=1e-5)
    assert found.terms == terms > 0
    assert {triplet_loss(vectors, labels.tolist(), each)[1] for each in (nearest, violating)} == {
        30,
        triplet_loss(vectors, labels.tolist(), violating)[1],
    }


@pytest.mark.parametrize("mining", [Mining.RANDOM, Mining.VIOLATING, Mining.CURRICULUM])
def test_what_is_drawn_hangs_on_the_generator(batch, mining):
    values = [built(seed, mining=(mining,))(*batch, 0.1).value.item() for seed in (1, 1, 2)]
    assert values[0] == values[1] != values[2]


def test_contrastive_and_deepid2(batch):
    vectors, labels = batch
    contrastive = contrastive_loss(vectors, labels.tolist())
    found = built(loss=LossName.CONTRASTIVE)(vectors, labels, 0.5)
    assert found.value.item() == pytest.approx(contrastive, rel=1e-5)
    objective = shaken(built(loss=LossName.DEEPID2))
    identified = softmax_loss(objective.learnt, vectors, labels)
    found = objective(vectors, labels, 0.5)
    assert found.value.item() == pytest.approx(identified + 0.05 * contrastive, rel=1e-5)


def test_a_classifier_in_the_first_half_and_triplets_after(batch):
    vectors, labels = batch
    objective = shaken(built(loss=LossName.SOFTMAX_TRIPLET))
    first, last = (objective(vectors, labels, progress).value for progress in (0.49, 0.5))
    identified = softmax_loss(objective.learnt, vectors, labels)
    assert first.item() == pytest.approx(identified, rel=1e-5)
    expected, _ = triplet_loss(vectors, labels.tolist(), semi_hard)
    assert last.item() == pytest.approx(expected, rel=1e-5)


def test_arcface_adds_a_margin_to_the_angle_to_ones_own_centre(batch):
    vectors, labels = batch
    objective = built(loss=LossName.ARCFACE)
    (centres,) = (each.detach().double() for each in objective.learnt.parameters())
    centres = torch.nn.functional.normalize(centres.reshape(16, PEOPLE), dim=0)
    angles = torch.arccos(vectors.double() @ centres).numpy()
    rows = np.arange(len(labels))
    angles[rows, labels] += 0.5
    expected = cross_entropy(64 * np.cos(angles), labels.tolist())
    assert objective(vectors, labels, 0.5).value.item() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("loss", [each for each in LossName if each != "verification"])
def test_who_classifies_when_and_what_is_learnt_along(batch, loss):
    objective = built(loss=loss)
    is_classifying = [objective.is_classifying(progress) for progress in (0.0, 0.49, 0.5, 1.0)]
    assert is_classifying == [loss is LossName.SOFTMAX_TRIPLET] * 2 + [False] * 2
    learns = loss not in (LossName.TRIPLET, LossName.CONTRASTIVE)
    assert bool(list(objective.learnt.parameters())) is learns
    vectors = batch[0].clone().requires_grad_()
    objective(vectors, batch[1], 0.2).value.backward()
    assert vectors.grad.abs().sum() > 0
    assert all(each.grad.abs().sum() > 0 for each in objective.learnt.parameters())
