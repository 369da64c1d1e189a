"""Mining on a larger subset: who is taken for whom, and hard triplets among all faces."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from photoclust.training import offline
from photoclust.training.collapse import TrainingDivergedError
from photoclust.training.distances import squared_distances
from photoclust.training.mining import (
    HardestPositive,
    TripletMiner,
    Triplets,
    mine,
)
from photoclust.training.negatives import HardestNegative, SemiHard
from photoclust.training.offline import (
    lookalikes,
    offline_triplets,
    triplet_batches,
)

pytestmark = pytest.mark.train


def listed(triplets):
    return list(zip(*(each.tolist() for each in triplets), strict=True))


def test_those_with_the_nearest_mean_come_first(people):
    rng = np.random.default_rng(1)
    vectors, labels = people(rng, 8, 5, 0.4)
    names = np.array([3, 10, 11, 12, 40, 41, 42, 50])[labels]
    names[::7] = -1
    centres = {}
    for name in set(names.tolist()) - {-1}:
        mean = vectors[names == name].mean(axis=0)
        centres[name] = mean / np.linalg.norm(mean)
    found = lookalikes(vectors, names, each=3)
    assert set(found) == set(centres)
    for name, others in found.items():
        cosines = {other: centres[name] @ centres[other] for other in centres if other != name}
        assert others.tolist() == sorted(cosines, key=cosines.get, reverse=True)[:3]


@pytest.mark.parametrize(
    ("labels", "found"), [([], {}), ([-1, -1], {}), ([4, 4], {4: []}), ([4, 7], {4: [7], 7: [4]})]
)
def test_few_people_have_few_lookalikes(labels, found):
    vectors = np.eye(3, dtype=np.float32)[: len(labels)]
    got = lookalikes(vectors, np.array(labels, np.int64))
    assert {name: others.tolist() for name, others in got.items()} == found


@pytest.mark.parametrize("miner", [SemiHard(), HardestNegative()])
@pytest.mark.parametrize("block", [1, 100, 2**24])
def test_blocks_give_what_one_batch_of_all_faces_gives(people, monkeypatch, miner, block):
    monkeypatch.setattr(offline, "_BLOCK_DISTANCES", block)
    vectors, labels = people(np.random.default_rng(2), 6, 5, 0.8, 8)
    labels[::6] = -1
    for parts in (TripletMiner(miner), TripletMiner(miner, HardestPositive())):
        found = offline_triplets(vectors.astype(np.float64), labels, parts)
        embeddings = torch.from_numpy(vectors.astype(np.float64))
        expected = mine(squared_distances(embeddings), torch.from_numpy(labels), parts)
        assert listed(found) == listed(expected)
        assert listed(found)


def test_no_faces_give_no_triplets():
    found = offline_triplets(np.empty((0, 4)), np.empty(0, np.int64), TripletMiner(SemiHard()))
    assert len(found) == 0
    assert list(triplet_batches(found, 10, torch.Generator())) == []


def test_embeddings_that_are_no_numbers_or_too_few_are_refused():
    vectors = np.ones((3, 2))
    with pytest.raises(ValueError, match="do not belong"):
        offline_triplets(vectors, np.zeros(2, np.int64), TripletMiner(SemiHard()))
    vectors[1, 1] = np.nan
    with pytest.raises(TrainingDivergedError):
        lookalikes(vectors, np.zeros(3, np.int64))


def test_batches_of_triplets_hold_each_once_by_the_faces_they_name():
    rng = torch.Generator().manual_seed(1)
    triplets = Triplets(*torch.randint(0, 50, (3, 25), generator=rng))
    seen = []
    for faces, local in triplet_batches(triplets, 10, torch.Generator().manual_seed(2)):
        assert len(local) in (10, 5)
        assert len(faces) == len(set(faces.tolist())) <= 3 * len(local)
        assert set(torch.cat(list(local)).tolist()) == set(range(len(faces)))
        seen += listed(faces[each] for each in local)
    assert sorted(seen) == sorted(listed(triplets))
    assert seen != listed(triplets)
    again = triplet_batches(triplets, 10, torch.Generator().manual_seed(2))
    assert seen == [each for faces, local in again for each in listed(faces[one] for one in local)]
