"""Telling whether two faces are of one person by the weighted differences of their embeddings."""

import math

import pytest

torch = pytest.importorskip("torch")

from photoclust.training.verification import (
    VerificationHead,
    VerificationLoss,
    balanced_pairs,
)

pytestmark = pytest.mark.train


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def test_it_starts_undecided_and_learns_which_dimensions_tell():
    one, other = torch.randn(2, 1_000, 3, generator=seeded(4))
    is_same = torch.arange(1_000) % 2 == 0
    # The first dimension tells same from different, the others are noise.
    other[:, 0] = one[:, 0] + torch.where(is_same, 0.1, 2.0)
    head = VerificationHead(3)
    assert not head(one, other).any()
    for _ in range(500):
        loss = VerificationLoss()(head(one, other), is_same).value
        slopes = torch.autograd.grad(loss, list(head.parameters()))
        for parameter, slope in zip(head.parameters(), slopes, strict=True):
            parameter.data -= 2.0 * slope
    weight, bias = head.logit.weight[0].detach(), head.logit.bias[0].detach()
    expected = ((one - other).abs() * weight).sum(dim=1) + bias
    torch.testing.assert_close(head(one, other), expected)
    assert weight[0] < -4
    assert weight[1:].abs().max() < 0.25 * weight[0].abs()
    assert ((head(one, other) > 0) == is_same).all()


def test_it_starts_without_the_global_generator():
    before = torch.get_rng_state()
    VerificationHead(8)
    assert torch.equal(before, torch.get_rng_state())


def test_the_embeddings_learn_nothing():
    one, other = (torch.randn(4, 3, generator=seeded(i)).requires_grad_() for i in (1, 2))
    head = VerificationHead(3)
    VerificationLoss()(head(one, other), torch.tensor([True, False] * 2)).value.backward()
    assert one.grad is None
    assert other.grad is None
    assert head.logit.weight.grad.abs().sum() > 0


def test_the_loss_is_that_of_a_loop():
    for seed in range(200):
        logits = torch.randn(seed % 9, generator=seeded(seed), dtype=torch.float64)
        is_same = torch.rand(len(logits), generator=seeded(seed)) < 0.5
        costs = [
            math.log1p(math.exp(-logit if same else logit))
            for logit, same in zip(logits.tolist(), is_same.tolist(), strict=True)
        ]
        loss = VerificationLoss()(logits, is_same)
        assert loss.value.item() == pytest.approx(sum(costs) / max(len(costs), 1), abs=1e-6)
        assert loss.terms == len(costs)


def test_pairs_are_of_both_kinds_alike_and_never_of_two_strangers():
    for seed in range(200):
        labels = torch.randint(-1, 3, (seed % 10,), generator=seeded(seed))
        names = labels.tolist()
        every = [(i, j) for j in range(len(names)) for i in range(j)]
        same = [(i, j) for i, j in every if names[i] == names[j] >= 0]
        different = [(i, j) for i, j in every if names[i] != names[j]]
        for most in (7, 4_096):
            pairs = balanced_pairs(labels, seeded(seed), most=most)
            count = min(most // 2, len(same), len(different))
            found = list(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True))
            assert len(set(found)) == len(found) == 2 * count
            assert set(found[:count]) <= set(same)
            assert set(found[count:]) <= set(different)
            assert pairs.is_same.tolist() == [True] * count + [False] * count


def test_every_pair_is_drawn_equally_often():
    labels = torch.tensor([0, 0, 1, 1, -1])
    generator = seeded(3)
    counts = {}
    for _ in range(400):
        pairs = balanced_pairs(labels, generator, most=2)
        for pair in zip(pairs.one.tolist(), pairs.other.tolist(), strict=True):
            counts[pair] = counts.get(pair, 0) + 1
    assert len(counts) == 10
    assert counts[0, 1] == pytest.approx(200, abs=50)
    assert all(20 < count < 90 for pair, count in counts.items() if pair not in {(0, 1), (2, 3)})
