"""NN1 and NN2 against the FaceNet paper's Tables 1 and 2, row by row, on a device without numbers.

The tables count weights without biases, and multiplications; in thousands and millions.
"""

import pytest

torch = pytest.importorskip("torch")

from torch import nn

from photoclust.training.backbones import RECIPES

pytestmark = pytest.mark.train

NN1 = {
    "conv1": ((64, 110, 110), 9e3, 115e6),
    "pool1": ((64, 55, 55), 0, 0),
    "rnorm1": ((64, 55, 55), 0, 0),
    "conv2a": ((64, 55, 55), 4e3, 13e6),
    "conv2": ((192, 55, 55), 111e3, 335e6),
    "rnorm2": ((192, 55, 55), 0, 0),
    "pool2": ((192, 28, 28), 0, 0),
    "conv3a": ((192, 28, 28), 37e3, 29e6),
    "conv3": ((384, 28, 28), 664e3, 521e6),
    "pool3": ((384, 14, 14), 0, 0),
    "conv4a": ((384, 14, 14), 148e3, 29e6),
    "conv4": ((256, 14, 14), 885e3, 173e6),
    "conv5a": ((256, 14, 14), 66e3, 13e6),
    "conv5": ((256, 14, 14), 590e3, 116e6),
    "conv6a": ((256, 14, 14), 66e3, 13e6),
    "conv6": ((256, 14, 14), 590e3, 116e6),
    "pool4": ((256, 7, 7), 0, 0),
    "concat": ((7 * 7 * 256,), 0, 0),
    "fc1": ((32 * 128,), 103e6, 103e6),
    "fc2": ((32 * 128,), 34e6, 34e6),
    "fc7128": ((128,), 524e3, 0.5e6),
    "l2": ((128,), 0, 0),
}
NN2 = {
    "conv1": ((64, 112, 112), 9e3, 119e6),
    "pool1": ((64, 56, 56), 0, 0),
    "norm1": ((64, 56, 56), 0, 0),
    "inception2": ((192, 56, 56), 115e3, 360e6),
    "norm2": ((192, 56, 56), 0, 0),
    "pool2": ((192, 28, 28), 0, 0),
    "inception3a": ((256, 28, 28), 164e3, 128e6),
    "inception3b": ((320, 28, 28), 228e3, 179e6),
    "inception3c": ((640, 14, 14), 398e3, 108e6),
    "inception4a": ((640, 14, 14), 545e3, 107e6),
    "inception4b": ((640, 14, 14), 595e3, 117e6),
    "inception4c": ((640, 14, 14), 654e3, 128e6),
    "inception4d": ((640, 14, 14), 722e3, 142e6),
    "inception4e": ((1024, 7, 7), 717e3, 56e6),
    "inception5a": ((1024, 7, 7), 1.6e6, 78e6),
    "inception5b": ((1024, 7, 7), 1.6e6, 78e6),
    "avgpool": ((1024,), 0, 0),
    "fc": ((128,), 131e3, 0.1e6),
    "l2": ((128,), 0, 0),
}


def last_digit(weights):
    """By how much a rounded number of the tables may be off; they round up more than down."""
    return 1e3 if weights < 1e6 else 1e5 if weights < 1e7 else 1e6


def without_numbers(name):
    recipe = RECIPES[name]
    with torch.device("meta"):
        return recipe.layers(recipe.dimension, recipe.side), torch.empty(
            1, 3, recipe.side, recipe.side
        )


def rows(name):
    """Shape, weights and multiplications of each stage."""
    model, maps = without_numbers(name)
    multiplications = 0

    def count(layer, _, output):
        nonlocal multiplications
        places = output[0, 0].numel() if output.ndim == 4 else 1
        multiplications += layer.weight.numel() * places

    found = {}
    for stage, module in model.stages.named_children():
        multiplications = 0
        for layer in module.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                layer.register_forward_hook(count)
        maps = module(maps)
        weights = sum(value.numel() for key, value in module.named_parameters() if "weight" in key)
        found[stage] = (tuple(maps.shape[1:]), weights, multiplications)
    return found


@pytest.mark.parametrize(("name", "table"), [("nn1", NN1), ("nn2", NN2)])
def test_every_stage_is_the_row_of_the_table(name, table):
    found = rows(name)
    assert list(found) == list(table)
    for stage, (shape, weights, multiplications) in table.items():
        assert found[stage][0] == shape, stage
        assert found[stage][1] == pytest.approx(weights, abs=last_digit(weights)), stage
        # conv1 is counted 1 % higher there than its size gives.
        assert found[stage][2] == pytest.approx(multiplications, abs=1e6, rel=0.011), stage


@pytest.mark.parametrize(("name", "weights"), [("nn1", 140e6), ("nn2", 7.5e6)])
def test_the_totals_are_those_of_the_table(name, weights):
    model, _ = without_numbers(name)
    assert sum(value.numel() for value in model.parameters()) == pytest.approx(weights, rel=0.02)
    assert sum(row[2] for row in rows(name).values()) == pytest.approx(1.6e9, rel=0.02)


def test_the_pooling_of_each_inception_module_is_that_of_the_table():
    model, _ = without_numbers("nn2")
    pools = {
        stage: {
            type(layer).__name__ for layer in module.modules() if "Pool" in type(layer).__name__
        }
        for stage, module in model.stages.named_children()
        if stage.startswith("inception")
    }
    largest = {"inception3a", "inception3c", "inception4e", "inception5b"}
    assert pools.pop("inception2") == set()
    assert pools == {stage: {"MaxPool2d"} if stage in largest else {"L2Pool"} for stage in pools}
    assert len(pools) == 10


def test_nn1_computes_on_numbers_too():
    # Its stages before the layers that take 540 MB.
    model, _ = without_numbers("nn1")
    before = model.stages[: model.stages.names.index("fc1")].to_empty(device="cpu")
    for value in before.parameters():
        nn.init.normal_(value, std=0.02, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert before(torch.randn(1, 3, 220, 220)).shape == (1, 7 * 7 * 256)
