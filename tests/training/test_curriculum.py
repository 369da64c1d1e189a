"""Negatives that get harder as a training goes on."""

import pytest

torch = pytest.importorskip("torch")

from photoclust.training.curriculum import (
    Curriculum,
    Milestone,
    standard_curriculum,
)
from photoclust.training.distances import squared_distances
from photoclust.training.mining import TripletMiner, mine
from photoclust.training.negatives import HardestNegative, SemiHard

pytestmark = pytest.mark.train


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def curriculum(*milestones):
    choices = (SemiHard(), HardestNegative())
    return Curriculum(choices, [Milestone(*each) for each in milestones], seeded(0))


@pytest.mark.parametrize(
    ("progress", "shares"),
    [
        (-1.0, (1.0, 0.0)),
        (0.0, (1.0, 0.0)),
        (0.2, (1.0, 0.0)),
        (0.3, (0.75, 0.25)),
        (0.4, (0.5, 0.5)),
        (0.6, (0.0, 1.0)),
        (1.0, (0.0, 1.0)),
        (2.0, (0.0, 1.0)),
    ],
)
def test_shares_go_from_milestone_to_milestone(progress, shares):
    plan = curriculum((0.2, (1.0, 0.0)), (0.6, (0.0, 1.0)))
    assert plan.at(progress).shares == pytest.approx(shares)


@pytest.mark.parametrize(
    "milestones",
    [
        (),
        ((0.5, (1.0, 0.0)), (0.5, (0.0, 1.0))),
        ((0.5, (1.0, 0.0)), (0.2, (0.0, 1.0))),
        ((0.0, (1.0,)),),
        ((0.0, (0.0, 0.0)),),
        ((0.0, (-1.0, 2.0)),),
    ],
)
def test_a_plan_that_is_none_is_refused(milestones):
    with pytest.raises(ValueError, match=r"milestones|share"):
        curriculum(*milestones)


def made_up_batch():
    """Distances [200, 200] of people who overlap, and labels."""
    generator = seeded(1)
    labels = torch.arange(20).repeat_interleave(10)
    centres = torch.randn(20, 16, generator=generator)
    noise = torch.randn(200, 16, generator=generator)
    return squared_distances(torch.nn.functional.normalize(centres[labels] + noise)), labels


def test_the_standard_curriculum_gets_harder():
    """By how much farther the negatives are than the positives."""
    distances, labels = made_up_batch()
    plan = standard_curriculum(seeded(2))
    farther = []
    for progress in (0.0, 0.1, 0.2, 0.75, 1.0):
        anchor, positive, negative = mine(distances, labels, TripletMiner(plan.at(progress)))
        gaps = distances[anchor, negative] - distances[anchor, positive]
        farther.append(gaps.mean().item())
    assert farther == sorted(farther, reverse=True)
    assert farther[0] > 0.5
    assert 0 < farther[2] < 0.2
    assert farther[-1] < 0


def test_in_its_middle_the_standard_curriculum_is_semi_hard():
    distances, labels = made_up_batch()
    mixed = mine(distances, labels, TripletMiner(standard_curriculum(seeded(2)).at(0.4)))
    alone = mine(distances, labels, TripletMiner(SemiHard()))
    assert len(alone)
    assert all(torch.equal(one, other) for one, other in zip(mixed, alone, strict=True))


def test_the_same_generator_gives_the_same_triplets():
    distances = torch.rand(30, 30, generator=seeded(1))
    labels = torch.arange(3).repeat_interleave(10)
    one, other = (
        mine(distances, labels, TripletMiner(standard_curriculum(seeded(5)).at(0.1)))
        for _ in range(2)
    )
    assert all(torch.equal(*each) for each in zip(one, other, strict=True))
