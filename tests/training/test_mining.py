"""Choosing triplets, against loops that look at every negative of every pair."""

import math

import pytest

torch = pytest.importorskip("torch")

from photoclust.training.collapse import TrainingDivergedError
from photoclust.training.distances import squared_distances
from photoclust.training.mining import (
    AllPositives,
    AllTriplets,
    Anchors,
    HardestPositive,
    TripletMiner,
    mine,
)
from photoclust.training.negatives import (
    HardestNegative,
    Mixed,
    RandomNegative,
    RandomViolating,
    SemiHard,
)

pytestmark = pytest.mark.train

MARGIN = 0.2
BATCHES = 200


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def made_up_batch(seed):
    """Distances [B, B] full of ties, some exactly a margin apart, and labels with strangers."""
    generator = seeded(seed)
    count = int(torch.randint(0, 14, (), generator=generator))
    labels = torch.randint(-1, 4, (count,), generator=generator)
    distances = torch.randint(0, 12, (count, count), generator=generator) * (MARGIN / 4)
    distances = torch.minimum(distances, distances.T).double().fill_diagonal_(0)
    return distances, labels


def pairs_of(labels):
    faces = range(len(labels))
    return [
        (a, p) for a in faces for p in faces if a != p and labels[a] == labels[p] and labels[a] >= 0
    ]


def negatives_of(anchor, distances, labels):
    """Nearest first, among equals the first of the batch."""
    others = [face for face in range(len(labels)) if labels[face] != labels[anchor]]
    return sorted(others, key=lambda face: distances[anchor][face])


def all_pairs(distances, labels):
    """Those whose anchor has a negative."""
    return [(a, p) for a, p in pairs_of(labels) if negatives_of(a, distances, labels)]


def hardest_pairs(distances, labels):
    best = {}
    for a, p in all_pairs(distances, labels):
        if a not in best or distances[a][p] > distances[a][best[a]]:
            best[a] = p
    return sorted(best.items())


def semi_hard(distances, labels, pairs, seed):
    for a, p in pairs:
        near = distances[a][p]
        inside = [
            n for n in negatives_of(a, distances, labels) if near < distances[a][n] < near + MARGIN
        ]
        if inside:
            yield a, p, inside[0]


def hardest(distances, labels, pairs, seed):
    for a, p in pairs:
        yield a, p, negatives_of(a, distances, labels)[0]


def random_violating(distances, labels, pairs, seed):
    drawn = torch.rand(len(pairs), dtype=torch.float64, generator=seeded(seed)).tolist()
    for (a, p), chance in zip(pairs, drawn, strict=True):
        bound = distances[a][p] + MARGIN
        inside = [n for n in negatives_of(a, distances, labels) if distances[a][n] < bound]
        if inside:
            yield a, p, inside[int(chance * len(inside))]


def any_negative(distances, labels, pairs, seed):
    drawn = torch.rand(len(pairs), dtype=torch.float64, generator=seeded(seed)).tolist()
    for (a, p), chance in zip(pairs, drawn, strict=True):
        others = sorted(negatives_of(a, distances, labels))
        yield a, p, others[int(chance * len(others))]


def listed(triplets):
    return list(zip(*(each.tolist() for each in triplets), strict=True))


CHOICES = {
    "semi-hard": (semi_hard, lambda generator: SemiHard(MARGIN)),
    "hardest": (hardest, lambda generator: HardestNegative()),
    "random violating": (random_violating, lambda generator: RandomViolating(generator, MARGIN)),
    "random": (any_negative, RandomNegative),
}


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize(
    ("pairs", "positives"), [(all_pairs, AllPositives()), (hardest_pairs, HardestPositive())]
)
def test_triplets_are_those_of_a_loop(choice, pairs, positives):
    naive, make = CHOICES[choice]
    found = 0
    for seed in range(BATCHES):
        distances, labels = made_up_batch(seed)
        rows, names = distances.tolist(), labels.tolist()
        expected = list(naive(rows, names, pairs(rows, names), seed))
        mined = mine(distances, labels, TripletMiner(make(seeded(seed)), positives))
        assert listed(mined) == expected
        found += len(expected)
    assert found > BATCHES


def test_all_triplets_are_those_of_a_loop():
    for seed in range(BATCHES):
        distances, labels = made_up_batch(seed)
        names = labels.tolist()
        expected = [
            (a, p, n) for a, p in pairs_of(names) for n in range(len(names)) if names[n] != names[a]
        ]
        mined = mine(distances, labels, AllTriplets())
        assert listed(mined) == expected
        assert len(mined) == len(expected)


def test_blocks_of_anchors_give_what_all_of_them_give():
    for seed in range(BATCHES):
        distances, labels = made_up_batch(seed)
        miner = TripletMiner(SemiHard(MARGIN))
        by_block = []
        for rows in torch.arange(len(labels)).split(3):
            by_block += listed(miner(Anchors.among(distances[rows], labels, rows)))
        assert by_block == listed(mine(distances, labels, miner))


def test_a_stranger_is_a_negative_and_nothing_else():
    """Though the two lie together, as if they were one person."""
    embeddings = torch.nn.functional.normalize(
        torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.0, 1.0]])
    )
    labels = torch.tensor([5, 5, -1, -1])
    triplets = listed(mine(squared_distances(embeddings), labels, AllTriplets()))
    assert triplets == [(0, 1, 2), (0, 1, 3), (1, 0, 2), (1, 0, 3)]


@pytest.mark.parametrize(
    "labels", [[], [3], [3, 3, 3], [-1, -1, -1], [0, 1, 2], [-1, 0, 1]], ids=str
)
@pytest.mark.parametrize("choice", CHOICES)
def test_no_triplets_without_pairs_or_negatives(labels, choice):
    labels = torch.tensor(labels, dtype=torch.int64)
    count = len(labels)
    distances = torch.rand(count, count, generator=seeded(0))
    for miner in (
        TripletMiner(CHOICES[choice][1](seeded(0))),
        TripletMiner(CHOICES[choice][1](seeded(0)), HardestPositive()),
        AllTriplets(),
    ):
        triplets = mine(distances, labels, miner)
        assert len(triplets) == 0
        assert all(each.dtype == torch.int64 for each in triplets)


def test_where_everything_is_at_one_point_there_is_nothing_semi_hard():
    distances = torch.zeros(4, 4)
    labels = torch.tensor([0, 0, 1, 1])
    assert len(mine(distances, labels, TripletMiner(SemiHard()))) == 0
    assert len(mine(distances, labels, TripletMiner(HardestNegative()))) == 4


def test_a_pair_farther_apart_than_every_negative_is_left_out():
    distances = torch.tensor([[0.0, 3.0, 1.0], [3.0, 0.0, 3.1], [1.0, 3.1, 0.0]])
    labels = torch.tensor([0, 0, 1])
    assert listed(mine(distances, labels, TripletMiner(SemiHard()))) == [(1, 0, 2)]


def test_a_negative_at_the_margin_or_beside_the_positive_is_not_semi_hard():
    labels = torch.tensor([0, 0, 1])
    for apart, expected in ((0.5, 0), (0.75, 1), (1.0, 0)):
        distances = torch.full((3, 3), 9.0)
        distances[0, 1], distances[0, 2] = 0.5, apart
        triplets = mine(distances, labels, TripletMiner(SemiHard(margin=0.5)))
        assert [a for a, _, _ in listed(triplets)].count(0) == expected


def test_another_order_of_the_batch_gives_the_same_triplets_of_faces():
    for seed in range(20):
        generator = seeded(seed)
        embeddings = torch.nn.functional.normalize(torch.randn(20, 3, generator=generator).double())
        labels = torch.randint(-1, 5, (20,), generator=generator)
        order = torch.randperm(20, generator=generator)
        miner = TripletMiner(SemiHard())
        straight = listed(mine(squared_distances(embeddings), labels, miner))
        turned = mine(squared_distances(embeddings[order]), labels[order], miner)
        assert straight
        assert sorted(listed(order[each] for each in turned)) == sorted(straight)


@pytest.mark.parametrize("negatives", [SemiHard(), HardestNegative()])
def test_of_many_equals_the_first_is_taken(negatives):
    distances = torch.full((500, 500), 0.5)
    distances[0, 1] = distances[1, 0] = 0.4
    labels = torch.ones(500, dtype=torch.int64)
    labels[:5] = torch.tensor([0, 0, 0, -1, 2])
    triplets = listed(mine(distances, labels, TripletMiner(negatives)))
    assert (0, 1, 3) in triplets
    assert {negative for anchor, _, negative in triplets if anchor in (0, 1)} == {3}


@pytest.mark.parametrize("choice", ["random", "random violating"])
def test_every_negative_is_drawn_equally_often(choice):
    labels = torch.tensor([0, 0, 1, 1, -1, 2])
    distances = torch.full((6, 6), 0.1)
    generator = seeded(7)
    counts = dict.fromkeys((2, 3, 4, 5), 0)
    draws = 500
    for _ in range(draws):
        triplets = mine(distances, labels, TripletMiner(CHOICES[choice][1](generator)))
        for anchor, _, negative in listed(triplets):
            if anchor == 0:
                counts[negative] += 1
    deviation = math.sqrt(draws * 0.25 * 0.75)
    assert all(abs(count - draws / 4) < 5 * deviation for count in counts.values())
    assert sum(counts.values()) == draws


def test_a_mixture_gives_each_choice_its_share():
    distances = torch.rand(60, 60, generator=seeded(1))
    labels = torch.arange(3).repeat_interleave(20)
    anchors = Anchors.among(distances, labels)
    pairs = AllPositives()(anchors)
    choices = (HardestNegative(), RandomNegative(seeded(2)))
    mixed = Mixed(choices, (3.0, 1.0), seeded(3))(anchors, pairs)
    share = float((mixed == HardestNegative()(anchors, pairs)).double().mean())
    # A random one is the hardest of 40 once in 40 times.
    assert share == pytest.approx(0.75 + 0.25 / 40, abs=0.05)


@pytest.mark.parametrize("first", [True, False])
def test_a_mixture_of_one_choice_is_that_choice(first):
    for seed in range(BATCHES):
        distances, labels = made_up_batch(seed)
        shares = (2.0, 0.0) if first else (0.0, 2.0)
        mixed = Mixed((SemiHard(MARGIN), HardestNegative()), shares, seeded(seed))
        alone = SemiHard(MARGIN) if first else HardestNegative()
        assert listed(mine(distances, labels, TripletMiner(mixed))) == listed(
            mine(distances, labels, TripletMiner(alone))
        )


@pytest.mark.parametrize("shares", [(1.0,), (1.0, -0.1), (0.0, 0.0)])
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(ValueError, match="share"):
        Mixed((SemiHard(), HardestNegative()), shares, seeded(0))


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_distances_that_ran_off_end_the_training(wrong):
    distances = torch.zeros(3, 3)
    distances[1, 2] = wrong
    with pytest.raises(TrainingDivergedError, match="distances"):
        mine(distances, torch.tensor([0, 0, 1]), TripletMiner(SemiHard()))


@pytest.mark.parametrize(
    ("distances", "labels"),
    [
        (torch.zeros(3, 2), torch.tensor([0, 0, 1])),
        (torch.zeros(3, 3), torch.tensor([0, 0, -2])),
        (torch.zeros(3, 3), torch.tensor([0.0, 0.0, 1.0])),
        (torch.zeros(3, 3), torch.tensor([[0, 0, 1]])),
    ],
)
def test_a_batch_of_another_kind_is_refused(distances, labels):
    with pytest.raises(ValueError, match="must be"):
        mine(distances, labels, AllTriplets())
