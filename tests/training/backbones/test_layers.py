import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn

from photoclust.core.errors import InternalError
from photoclust.training.backbones.layers import L2Pool, Maxout, UnitLength, initialise
from photoclust.training.backbones.small import small
from photoclust.training.backbones.stages import Backbone, Preprocessing, Stages

pytestmark = pytest.mark.train


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_l2_pooling_is_the_root_of_the_mean_square_of_what_is_there():
    maps = torch.randn(2, 3, 4, 5, generator=generator())
    expected = np.empty(maps.shape)
    for image, channel, row, column in np.ndindex(*maps.shape):
        seen = [
            float(maps[image, channel, y, x]) ** 2
            for y in range(max(row - 1, 0), min(row + 2, 4))
            for x in range(max(column - 1, 0), min(column + 2, 5))
        ]
        expected[image, channel, row, column] = np.sqrt(np.mean(seen))
    np.testing.assert_allclose(L2Pool()(maps), expected, atol=1e-6)


def test_l2_pooling_of_zeros_has_a_slope():
    maps = torch.zeros(1, 2, 5, 5, requires_grad=True)
    L2Pool()(maps).sum().backward()
    assert torch.equal(maps.grad, torch.zeros(1, 2, 5, 5))


def test_maxout_takes_the_larger_of_two_linear_maps():
    layer = Maxout(4, 3)
    vectors = torch.randn(5, 4, generator=generator())
    both = vectors @ layer.linear.weight.T + layer.linear.bias
    expected = np.array(
        [[max(row[place], row[place + 3]) for place in range(3)] for row in both.tolist()]
    )
    np.testing.assert_allclose(layer(vectors).detach(), expected, atol=1e-6)


def test_vectors_get_unit_length_and_zeros_stay():
    lengths = UnitLength()(torch.tensor([[3.0, 4.0], [1e-20, 0.0], [0.0, 0.0]])).norm(dim=1)
    np.testing.assert_allclose(lengths, [1, 1e-8, 0], rtol=1e-5)


def filled(seed):
    with torch.device("meta"):
        model = small(8, 64)
    model.to_empty(device="cpu")
    for tensor in model.state_dict().values():
        tensor.fill_(77)
    initialise(model, generator(seed))
    return model


def test_every_number_is_filled_in_and_told_by_the_generator():
    one, same, other = filled(1), filled(1), filled(2)
    for key, tensor in one.state_dict().items():
        assert not (tensor == 77).any(), key
        assert torch.equal(tensor, same.state_dict()[key])
    assert not torch.equal(one.stages.linear.weight, other.stages.linear.weight)


def test_maps_keep_their_scale_through_rectified_convolutions():
    weights = filled(1).stages.block3.more[0].weight
    assert weights.std().item() == pytest.approx((2 / (192 * 9)) ** 0.5, rel=0.02)


def test_a_layer_nobody_fills_in_is_a_bug():
    stages = Stages({"one": nn.Sequential(nn.PReLU())})
    model = Backbone("made up", stages, head="one", dimension=2, preprocessing=Preprocessing(8))
    with pytest.raises(InternalError, match=r"stages\.one\.0"):
        initialise(model, generator())
