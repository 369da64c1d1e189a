"""Losses, against loops and against pytorch-metric-learning."""

import math

import pytest

torch = pytest.importorskip("torch")

from photoclust.training.arcface import ArcFace
from photoclust.training.classification import DeepId2Loss, IdentificationLoss
from photoclust.training.distances import squared_distances
from photoclust.training.distillation import Pull, RelationalDistillation
from photoclust.training.losses import ContrastiveLoss, TripletLoss
from photoclust.training.mining import (
    AllTriplets,
    HardestPositive,
    TripletMiner,
    Triplets,
    mine,
)
from photoclust.training.negatives import (
    HardestNegative,
    RandomNegative,
    RandomViolating,
    SemiHard,
)

pytestmark = pytest.mark.train

BATCHES = 200


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def unit(numbers):
    return torch.nn.functional.normalize(numbers)


def made_up_batch(seed, dtype=torch.float64):
    """Unit embeddings [B, 4], some of them the same, and labels with strangers."""
    generator = seeded(seed)
    count = int(torch.randint(2, 12, (), generator=generator))
    embeddings = unit(torch.randn(count, 4, generator=generator, dtype=dtype))
    copied = torch.randint(0, count, (count // 4,), generator=generator)
    embeddings[: len(copied)] = embeddings[copied]
    return embeddings, torch.randint(-1, 4, (count,), generator=generator)


def apart(x, y):
    return sum((a - b) ** 2 for a, b in zip(x, y, strict=True))


# Triplets

MINERS = {
    "all": lambda seed: AllTriplets(),
    "semi-hard": lambda seed: TripletMiner(SemiHard()),
    "hardest": lambda seed: TripletMiner(HardestNegative()),
    "batch-hard": lambda seed: TripletMiner(HardestNegative(), HardestPositive()),
    "random": lambda seed: TripletMiner(RandomNegative(seeded(seed))),
    "random violating": lambda seed: TripletMiner(RandomViolating(seeded(seed))),
}


@pytest.mark.parametrize("miner", MINERS)
def test_the_triplet_loss_is_that_of_a_loop(miner):
    for seed in range(BATCHES):
        embeddings, labels = made_up_batch(seed)
        distances = squared_distances(embeddings)
        triplets = mine(distances, labels, MINERS[miner](seed))
        rows = embeddings.tolist()
        costs = []
        for a, p, n in zip(*(each.tolist() for each in triplets), strict=True):
            cost = apart(rows[a], rows[p]) - apart(rows[a], rows[n]) + 0.2
            costs.append(max(0.0, cost))
        active = [cost for cost in costs if cost > 0]
        loss = TripletLoss()(distances, triplets)
        assert loss.value.item() == pytest.approx(sum(active) / max(len(active), 1), abs=1e-6)
        assert loss.terms == len(costs)
        assert loss.active == pytest.approx(len(active) / max(len(costs), 1))


@pytest.mark.parametrize("kind", ["all", "semihard"])
def test_triplets_and_their_gradient_are_those_of_pytorch_metric_learning(kind):
    """Its miner gives every semi-hard negative of a pair; the hardest one is the first of them."""
    from pytorch_metric_learning.distances import LpDistance
    from pytorch_metric_learning.losses import TripletMarginLoss
    from pytorch_metric_learning.miners import TripletMarginMiner

    distance = LpDistance(normalize_embeddings=True, p=2, power=2)
    their_miner = TripletMarginMiner(margin=0.2, type_of_triplets=kind, distance=distance)
    their_loss = TripletMarginLoss(margin=0.2, distance=distance)
    compared = 0
    for seed in range(BATCHES):
        generator = seeded(seed)
        raw = torch.randn(12, 4, generator=generator, dtype=torch.float64)
        labels = torch.randint(-1, 4, (12,), generator=generator)
        # A person of their own each makes of strangers what they are here.
        theirs = torch.where(labels < 0, 100 + torch.arange(12), labels)
        ours_in, theirs_in = (raw.clone().requires_grad_() for _ in range(2))
        found = their_miner(theirs_in, theirs)
        if kind == "semihard":
            found = nearest_of_each_pair(found, distance(theirs_in))
        expected = their_loss(theirs_in, theirs, found)
        expected.backward()

        distances = squared_distances(unit(ours_in))
        miner = AllTriplets() if kind == "all" else TripletMiner(SemiHard(0.2))
        loss = TripletLoss(0.2)(distances, mine(distances, labels, miner))
        loss.value.backward()
        torch.testing.assert_close(loss.value, expected, atol=1e-6, rtol=0)
        torch.testing.assert_close(ours_in.grad, theirs_in.grad, atol=1e-6, rtol=0)
        compared += expected.item() > 0
    assert compared > BATCHES / 2


def nearest_of_each_pair(triplets, distances):
    best = {}
    for a, p, n in zip(*(each.tolist() for each in triplets), strict=True):
        if (a, p) not in best or distances[a, n] < distances[a, best[a, p]]:
            best[a, p] = n
    found = torch.tensor([(*pair, n) for pair, n in best.items()]).reshape(-1, 3)
    return tuple(found.T)


def test_without_triplets_the_loss_is_nothing_and_can_be_learned_from():
    embeddings = unit(torch.randn(3, 4, generator=seeded(0))).requires_grad_()
    none = torch.empty(0, dtype=torch.int64)
    loss = TripletLoss()(squared_distances(embeddings), Triplets(none, none, none))
    loss.value.backward()
    assert (loss.value.item(), loss.terms, loss.active) == (0, 0, 0)
    assert not embeddings.grad.any()


# Contrastive


def naive_contrastive(rows, labels, margin):
    same, different = [], []
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            if labels[i] == labels[j] >= 0:
                same.append(apart(rows[i], rows[j]))
            elif labels[i] != labels[j]:
                different.append(max(0.0, margin - math.sqrt(apart(rows[i], rows[j]))) ** 2)
    pushed = [cost for cost in different if cost > 0]
    value = (sum(same) / max(len(same), 1) + sum(pushed) / max(len(pushed), 1)) / 2
    return value, len(same) + len(different)


@pytest.mark.parametrize("margin", [0.5, 1.0, 1.9])
def test_the_contrastive_loss_is_that_of_a_loop(margin):
    for seed in range(BATCHES):
        generator = seeded(seed)
        embeddings = unit(torch.randn(9, 4, generator=generator, dtype=torch.float64))
        labels = torch.randint(-1, 4, (9,), generator=generator)
        value, terms = naive_contrastive(embeddings.tolist(), labels.tolist(), margin)
        loss = ContrastiveLoss(margin)(squared_distances(embeddings), labels)
        assert loss.value.item() == pytest.approx(value, abs=1e-6)
        assert loss.terms == terms


def test_pairs_beyond_the_margin_are_not_active():
    embeddings = torch.eye(4, dtype=torch.float64)
    loss = ContrastiveLoss(1.0)(squared_distances(embeddings), torch.tensor([0, 0, 1, 2]))
    assert loss.terms == 6
    assert loss.active == pytest.approx(1 / 6)
    assert loss.value.item() == pytest.approx(1.0)


# Classification


def test_identification_is_the_cross_entropy_of_those_who_are_somebody():
    for seed in range(BATCHES):
        generator = seeded(seed)
        logits = torch.randn(6, 3, generator=generator, dtype=torch.float64)
        labels = torch.randint(-1, 3, (6,), generator=generator)
        costs = [
            math.log(sum(math.exp(each) for each in row)) - row[label]
            for row, label in zip(logits.tolist(), labels.tolist(), strict=True)
            if label >= 0
        ]
        loss = IdentificationLoss()(logits, labels)
        assert loss.value.item() == pytest.approx(sum(costs) / max(len(costs), 1), abs=1e-6)
        assert loss.terms == len(costs)


def test_deepid2_adds_a_little_verification():
    embeddings, labels = made_up_batch(5)
    logits = torch.randn(len(labels), 4, generator=seeded(5), dtype=torch.float64)
    distances = squared_distances(embeddings)
    one, other = IdentificationLoss()(logits, labels), ContrastiveLoss(0.8)(distances, labels)
    loss = DeepId2Loss(0.3, ContrastiveLoss(0.8))(logits, distances, labels)
    assert loss.value.item() == pytest.approx(one.value.item() + 0.3 * other.value.item())
    assert loss.terms == one.terms + other.terms
    assert loss.active * loss.terms == pytest.approx(
        one.active * one.terms + other.active * other.terms
    )


def naive_arcface(rows, labels, centres, margin, scale):
    costs = []
    for row, label in zip(rows, labels, strict=True):
        if label < 0:
            continue
        cosines = [sum(x * c for x, c in zip(row, centre, strict=True)) for centre in centres]
        angle = math.acos(cosines[label])
        if angle <= math.pi - margin:
            cosines[label] = math.cos(angle + margin)
        else:
            cosines[label] -= margin * math.sin(margin)
        costs.append(
            math.log(sum(math.exp(scale * each) for each in cosines)) - scale * cosines[label]
        )
    return sum(costs) / max(len(costs), 1)


def test_arcface_is_that_of_a_loop():
    for seed in range(BATCHES):
        embeddings, labels = made_up_batch(seed)
        head = ArcFace(4, 4, generator=seeded(seed), margin=0.5, scale=8.0).double()
        centres = unit(head.loss.W.detach().T).tolist()
        loss = head(embeddings, labels)
        expected = naive_arcface(embeddings.tolist(), labels.tolist(), centres, 0.5, 8.0)
        assert loss.value.item() == pytest.approx(expected, abs=1e-6)
        assert loss.terms == int((labels >= 0).sum())


def test_arcface_starts_from_its_generator_alone():
    torch.manual_seed(1)
    one = ArcFace(4, 3, generator=seeded(9)).loss.W
    torch.manual_seed(2)
    assert torch.equal(one, ArcFace(4, 3, generator=seeded(9)).loss.W)
    assert not torch.equal(one, ArcFace(4, 3, generator=seeded(8)).loss.W)


# Holding on to the old embedding


def test_relational_distillation_is_that_of_a_loop():
    for seed in range(BATCHES):
        new, _ = made_up_batch(seed)
        old = unit(torch.randn(len(new), 7, generator=seeded(seed), dtype=torch.float64))
        total = 0.0
        for i in range(len(new)):
            for j in range(len(new)):
                total += (float(new[i] @ new[j]) - float(old[i] @ old[j])) ** 2
        loss = RelationalDistillation(3.0)(new, old)
        assert loss.value.item() == pytest.approx(3 * total / len(new) ** 2, abs=1e-6)
        assert loss.terms == len(new) ** 2


def test_relational_distillation_lets_space_turn():
    old = unit(torch.randn(8, 5, generator=seeded(1), dtype=torch.float64))
    turn = torch.linalg.qr(torch.randn(5, 5, generator=seeded(2), dtype=torch.float64)).Q
    assert RelationalDistillation()(old @ turn, old).value.item() == pytest.approx(0, abs=1e-12)
    assert Pull()(old @ turn, old).value.item() > 0.1


def test_the_pull_is_the_mean_squared_distance_to_the_old_place():
    for seed in range(BATCHES):
        new, _ = made_up_batch(seed)
        old = unit(torch.randn(new.shape, generator=seeded(seed), dtype=torch.float64))
        moved = [apart(x, y) for x, y in zip(new.tolist(), old.tolist(), strict=True)]
        loss = Pull(0.5)(new, old)
        assert loss.value.item() == pytest.approx(0.5 * sum(moved) / len(moved), abs=1e-6)
        assert loss.terms == len(moved)
        assert loss.active == 1


def test_what_does_not_belong_together_is_refused():
    one, other = torch.eye(3), torch.eye(4)
    with pytest.raises(ValueError, match="3 new embeddings"):
        RelationalDistillation()(one, other)
    with pytest.raises(ValueError, match="cannot be pulled"):
        Pull()(one, other[:3])


@pytest.mark.parametrize("loss", [RelationalDistillation(), Pull()])
def test_the_old_embedding_learns_nothing(loss):
    new, old = (unit(torch.randn(4, 3, generator=seeded(i))).requires_grad_() for i in (1, 2))
    loss(new, old).value.backward()
    assert new.grad.abs().sum() > 0
    assert old.grad is None


# All of them


def every_loss(raw, labels):
    """Each loss of a batch [B, 4] of the kind a network gives, not normalised yet."""
    embeddings = unit(raw)
    distances = squared_distances(embeddings)
    head = ArcFace(4, 3, generator=seeded(0))
    with torch.no_grad():
        head.loss.W[:, 0] = raw[0] if len(raw) else 1.0
    yield "triplet", TripletLoss()(distances, mine(distances, labels, AllTriplets()))
    yield "contrastive", ContrastiveLoss()(distances, labels)
    yield "identification", IdentificationLoss()(raw[:, :3], labels)
    yield "DeepID2", DeepId2Loss()(raw[:, :3], distances, labels)
    yield "ArcFace", head(embeddings, labels)
    yield "distillation", RelationalDistillation()(embeddings, embeddings.detach())
    yield "pull", Pull()(embeddings, embeddings.detach())


@pytest.mark.parametrize(
    "labels",
    [[], [0], [-1], [0, 0, 0], [0, 1, 2], [-1, -1, -1], [0, 0, 1, -1], [0, 0, 1, 1, 2, 2, -1]],
    ids=str,
)
@pytest.mark.parametrize("one_point", [True, False])
def test_gradients_are_finite_wherever_the_embeddings_lie(labels, one_point):
    labels = torch.tensor(labels, dtype=torch.int64)
    start = torch.randn(len(labels), 4, generator=seeded(len(labels)))
    if one_point:
        # Of a length and direction that leave no rounding: distances are 0 and cosines 1.
        start = torch.tensor([2.0, 0.0, 0.0, 0.0]).repeat(len(labels), 1)
    names = [name for name, _ in every_loss(start, labels)]
    for name in names:
        raw = start.clone().requires_grad_()
        loss = dict(every_loss(raw, labels))[name]
        loss.value.backward()
        assert loss.value.shape == (), name
        assert torch.isfinite(loss.value), name
        assert torch.isfinite(raw.grad).all(), name
        assert 0 <= loss.active <= 1, name


def test_the_contrastive_gradient_has_a_bound_where_the_distance_is_rounding():
    for distance in (0.0, 1e-12, 1e-7):
        distances = torch.full((2, 2), distance, requires_grad=True)
        ContrastiveLoss()(distances, torch.tensor([0, 1])).value.backward()
        assert distances.grad.abs().max() < 1e4


def test_the_angle_of_arcface_has_a_gradient_with_a_bound():
    """Beyond 1 - 1e-6 it would grow to infinity."""
    cosines = torch.tensor([1.0, 1 - 6e-8, 0.5, -1 + 6e-8, -1.0], requires_grad=True)
    ArcFace(4, 3, generator=seeded(0)).loss.get_angles(cosines).sum().backward()
    assert cosines.grad.abs().max() < 1_000
    assert cosines.grad[2].item() == pytest.approx(-1 / math.sqrt(0.75))


def test_at_one_point_each_triplet_costs_the_margin():
    distances = torch.zeros(4, 4)
    labels = torch.tensor([0, 0, 1, 1])
    triplets = mine(distances, labels, AllTriplets())
    assert TripletLoss(0.3)(distances, triplets).value.item() == pytest.approx(0.3)


def test_single_precision_is_off_by_less_than_a_millionth():
    for seed in range(BATCHES):
        embeddings, labels = made_up_batch(seed, torch.float32)
        exact = squared_distances(embeddings.double())
        distances = squared_distances(embeddings)
        assert distances.min() >= 0
        assert (distances - exact).abs().max() < 1e-6
        triplets = mine(exact, labels, AllTriplets())
        one, other = (TripletLoss()(each, triplets).value for each in (distances, exact))
        assert one.item() == pytest.approx(other.item(), abs=2e-6)
