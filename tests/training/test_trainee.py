"""What is trained: what goes into it, what of it learns when, and that looking changes nothing."""

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from photoclust.core.errors import CancelledError
from photoclust.core.progress import JobControl
from photoclust.training.adapter import ResidualAdapter
from photoclust.training.augment import Augmentation
from photoclust.training.heads import ProjectionHead
from photoclust.training.normalisation import FixedStandardisation
from photoclust.training.trainee import CachedInputs, CropInputs, Trainee

pytestmark = pytest.mark.train


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def vectors(make_faces):
    return make_faces(0, [20] * 10)[0]


@pytest.fixture
def crops():
    return np.random.default_rng(0).integers(0, 256, (70, 16, 16, 3), np.uint8)


class Body(torch.nn.Module):
    """What there may be in a network: batch norm, dropout and an adapter."""

    def __init__(self, vectors):
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(16)
        self.dropout = torch.nn.Dropout(0.5)
        self.adapter = ResidualAdapter.imprinted(vectors[:40], np.arange(40) // 10)

    def forward(self, inputs):
        return self.adapter(torch.nn.functional.normalize(self.dropout(self.norm(inputs))))


def made(vectors, *, projection=False, learns=False):
    return Trainee(
        Body(vectors),
        CachedInputs(vectors, 0.5),
        size=16,
        projection=ProjectionHead(16, 16, generator=seeded()) if projection else None,
        learns_statistics=learns,
    )


def modes(trainee):
    return {name: module.training for name, module in trainee.named_modules()}


def test_cached_features_are_given_as_they_are_without_chance(vectors):
    before = vectors.copy()
    rows = np.array([5, 3, 3, 199])
    for found in (CachedInputs(vectors, 0.5)(rows), CachedInputs(vectors)(rows, rng())):
        np.testing.assert_array_equal(found.numpy(), vectors[rows])
        found.add_(1)
    np.testing.assert_array_equal(vectors, before)


def rng(seed=1):
    return np.random.default_rng(seed)


def test_noise_is_of_its_length_and_hangs_on_the_seed():
    vectors = np.eye(256, dtype=np.float32)
    rows = np.arange(256)
    one, same, other = (CachedInputs(vectors, 0.5)(rows, rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    torch.testing.assert_close(one.norm(dim=1), torch.ones(256))
    # Of a unit vector and noise across it of length 0.5, the cosine to the former.
    cosines = one.numpy()[rows, rows]
    assert cosines.mean() == pytest.approx(1 / np.sqrt(1 + 0.5**2), abs=0.01)


def test_features_that_are_maps_are_given_as_they_are():
    maps = rng().normal(size=(6, 3, 4, 4)).astype(np.float32)
    np.testing.assert_array_equal(CachedInputs(maps)(np.array([4, 1]), rng()), maps[[4, 1]])


def test_crops_are_standardised_and_in_training_changed_by_the_seed(crops):
    inputs = CropInputs(crops, FixedStandardisation(), Augmentation())
    rows = np.array([2, 0])
    expected = (crops[rows].transpose(0, 3, 1, 2).astype(np.float32) - 127.5) / 128
    np.testing.assert_allclose(inputs(rows), expected, atol=1e-6)
    rows = np.arange(20)
    one, same, other = (inputs(rows, rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    changed = (one != inputs(rows)).flatten(1).any(dim=1)
    assert changed.float().mean() > 0.5


@pytest.mark.parametrize("learns", [False, True])
def test_without_a_projection_everything_learns(vectors, learns):
    trainee = made(vectors, learns=learns)
    trainee.learn(classifying=False)
    assert modes(trainee) == {
        "": learns,
        "body": learns,
        "body.norm": learns,
        "body.dropout": learns,
        "body.adapter": True,  # it answers early while it is trained
    }
    assert all(parameter.requires_grad for parameter in trainee.parameters())


@pytest.mark.parametrize(("learns", "classifying"), [*itertools.product((False, True), repeat=2)])
def test_the_body_learns_to_classify_and_its_projection_after_that(vectors, learns, classifying):
    trainee = made(vectors, projection=True, learns=learns)
    trainee.learn(classifying=not classifying)
    trainee.learn(classifying=classifying)
    found = modes(trainee)
    assert found["body.norm"] == found["body.dropout"] == (learns and classifying)
    assert found["body.adapter"] == classifying
    assert all(each.requires_grad == classifying for each in trainee.body.parameters())
    assert all(each.requires_grad != classifying for each in trainee.projection.parameters())


@pytest.mark.parametrize("projection", [False, True])
def test_embedding_changes_nothing(vectors, projection):
    trainee = made(vectors, projection=projection, learns=True)
    trainee.learn(classifying=True)
    trainee.body.norm.eval()  # frozen in the middle of what is trained
    before = modes(trainee), {name: one.clone() for name, one in trainee.state_dict().items()}
    rows = np.arange(150)[::-1].copy()
    found = trainee.embed(rows)
    assert modes(trainee) == before[0]
    assert all(torch.equal(one, before[1][name]) for name, one in trainee.state_dict().items())
    trainee.eval()
    with torch.no_grad():
        expected = trainee(torch.from_numpy(vectors[rows]))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.dtype == np.float32
    assert trainee.embed(rows[:0]).shape == (0, 16)


def cancelled_at(call):
    """A control that is cancelled at the checkpoint of this number."""
    control, calls = JobControl(), itertools.count()
    checkpoint = control.checkpoint

    def counted():
        if next(calls) == call:
            control.cancel()
        checkpoint()

    control.checkpoint = counted
    return control


def test_embedding_that_is_cancelled_leaves_the_modes(vectors):
    trainee = made(vectors, learns=True)
    trainee.learn(classifying=False)
    before = modes(trainee)
    with pytest.raises(CancelledError):
        trainee.embed(np.arange(150), cancelled_at(1))
    assert modes(trainee) == before


def test_faces_are_taken_from_one_of_their_views_by_chance(vectors):
    views = np.stack([np.arange(len(vectors)), np.arange(len(vectors))[::-1]], axis=1)
    inputs = CachedInputs(vectors, views=views)
    rows = np.arange(40)
    np.testing.assert_array_equal(inputs(rows), vectors[rows])
    found = inputs(rows, rng()).numpy()
    own, other = ((found == vectors[views[rows, view]]).all(axis=1) for view in (0, 1))
    assert (own | other).all()
    assert 5 < own.sum() < 35
