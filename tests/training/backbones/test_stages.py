import copy

import pytest

torch = pytest.importorskip("torch")

from torch import nn

from photoclust.core.errors import UserError
from photoclust.training.backbones import build
from photoclust.training.backbones.stages import Stages, freeze_batch_norm, split

pytestmark = pytest.mark.train


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def small():
    return build("small", 16, generator=generator())


@pytest.fixture(scope="module")
def facenet():
    return build("inception_resnet_v1", generator=generator())


def batch_norms(module):
    return [part for part in module.modules() if isinstance(part, nn.BatchNorm2d | nn.BatchNorm1d)]


def statistics(module):
    return [part.running_mean.clone() for part in batch_norms(module)]


def test_the_stages_in_order_are_the_network(small):
    crops = torch.randn(3, 3, 64, 64, generator=generator())
    maps = crops
    for name in small.stages.names:
        maps = dict(small.stages.named_children())[name](maps)
    assert torch.equal(maps, small(crops))


def test_both_parts_of_any_split_are_the_network(small):
    crops = torch.randn(3, 3, 64, 64, generator=generator())
    expected = small(crops)
    for name in small.stages.names:
        frozen, trained = split(small, name)
        assert frozen.names + trained.names == small.stages.names
        assert trained.names[0] == name
        assert torch.equal(trained(frozen(crops)), expected)


def test_only_the_second_part_learns(small):
    frozen, trained = split(small, "block3")
    before = copy.deepcopy(small.state_dict())
    optimiser = torch.optim.SGD(trained.parameters(), lr=0.1)
    crops = torch.randn(4, 3, 64, 64, generator=generator())
    trained.train()
    trained(frozen(crops))[:, 0].sum().backward()
    optimiser.step()
    changed = {
        key for key, value in small.state_dict().items() if not torch.equal(value, before[key])
    }
    assert {key.split(".")[1] for key in changed} == {"block3", "linear"}
    assert all(value.grad is None for value in frozen.parameters())


def test_a_part_that_was_frozen_can_be_trained_again(small):
    split(small, "linear")
    _, trained = split(small, "block2")
    assert all(value.requires_grad for value in trained.parameters())


def test_the_features_of_facenet_are_1792_numbers(facenet):
    features, _ = split(copy.deepcopy(facenet), facenet.head)
    with torch.no_grad():
        assert features(torch.zeros(2, 3, 160, 160)).shape == (2, 1792)


def test_an_unknown_stage_is_told_with_those_there_are(small):
    with pytest.raises(UserError, match="no stage 'block9'; choose one of: stem, block1"):
        split(small, "block9")


def test_batch_norm_of_facenet_keeps_its_statistics_in_training(facenet):
    model = copy.deepcopy(facenet).train()
    before = statistics(model)
    _, trained = split(model, "block8")
    trained.train()
    for part, maps in ((model, torch.randn(2, 3, 160, 160)), (trained, torch.randn(2, 1792, 3, 3))):
        assert part.training
        with torch.no_grad():
            part(maps)
    assert all(map(torch.equal, before, statistics(model)))


def test_batch_norm_is_frozen_until_it_is_let_go(small):
    crops = torch.randn(4, 3, 64, 64, generator=generator())
    small.train()
    freeze_batch_norm(small)
    before = statistics(small)
    small(crops)
    small.train()(crops)
    assert all(map(torch.equal, before, statistics(small)))
    assert small.stages.block1.more[0].training
    freeze_batch_norm(small, frozen=False)
    small(crops)
    assert not any(map(torch.equal, before, statistics(small)))


def test_freezing_batch_norm_leaves_the_mode_of_the_rest(small):
    freeze_batch_norm(small)
    assert not any(part.training for part in small.modules())


def test_frozen_batch_norm_still_learns_its_weights(facenet):
    model = copy.deepcopy(facenet)
    _, trained = split(model, "last_bn")
    trained.train()
    trained(torch.randn(3, 512, generator=generator()))[:, 0].sum().backward()
    assert model.stages.last_bn.bias.grad.abs().sum() > 0


def test_a_slice_of_stages_is_one():
    stages = Stages({"a": nn.Identity(), "b": nn.Flatten()})
    assert stages[1:].names == ("b",)
