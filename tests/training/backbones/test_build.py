import pytest

torch = pytest.importorskip("torch")

from photoclust.core.errors import UserError
from photoclust.training.backbones import RECIPES, build

pytestmark = pytest.mark.train
LIGHT = ["inception_resnet_v1", "nn2", "small"]
"""All but NN1, which takes 560 MB."""


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def same_numbers(one, other):
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(*pair) for pair in pairs)


@pytest.mark.parametrize("name", LIGHT)
@pytest.mark.parametrize("dimension", [None, 96])
def test_crops_become_unit_vectors_of_the_size_asked_for(name, dimension):
    model = build(name, dimension, generator=generator())
    side = model.preprocessing.side
    crops = torch.randn(2, 3, side, side, generator=generator())
    with torch.no_grad():
        vectors = model(crops)
    assert not model.training
    assert vectors.shape == (2, dimension or RECIPES[name].dimension) == (2, model.dimension)
    assert vectors.dtype == torch.float32
    assert torch.allclose(vectors.norm(dim=1), torch.ones(2), atol=1e-5)


@pytest.mark.parametrize("name", LIGHT)
def test_the_generator_alone_tells_the_numbers_of_new_layers(name):
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    one = build(name, 64, generator=generator(1))
    same = build(name, 64, generator=generator(1))
    other = build(name, 64, generator=generator(2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert same_numbers(one, same)
    assert not same_numbers(one, other)


@pytest.mark.parametrize("name", ["nn2", "small"])
@pytest.mark.parametrize("side", [32, 75, 96])
def test_networks_that_average_at_the_end_take_other_sides(name, side):
    model = build(name, side=side, generator=generator())
    assert model.preprocessing.side == side
    with torch.no_grad():
        vectors = model(torch.randn(2, 3, side, side, generator=generator()))
    assert torch.isfinite(vectors).all()


def test_every_recipe_has_stages_that_split_before_its_last_layer():
    for name, recipe in RECIPES.items():
        with torch.device("meta"):
            model = recipe.layers(recipe.dimension, recipe.side)
        assert model.name == name
        assert model.head in model.stages.names
        assert model.preprocessing.side == recipe.side


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "nn9"}, "no network 'nn9'; choose one of: inception_resnet_v1, nn1, nn2, small"),
        ({"name": "small", "dimension": 1}, "at least 2 numbers, not 1"),
        ({"name": "small", "side": 31}, "32 px and more, not 31"),
        ({"name": "inception_resnet_v1", "side": 112}, "160 px only, not 112"),
        ({"name": "nn1", "side": 160}, "220 px only, not 160"),
    ],
)
def test_what_cannot_be_is_told(arguments, message):
    with pytest.raises(UserError, match=message):
        build(**arguments, generator=generator())
