"""What a training is asked: kept as JSON, refused where it cannot be, and made a plan."""

import dataclasses
import json

import pytest

from photoclust.core.errors import UserError
from photoclust.training.options import (
    IN_USE,
    PLANS,
    Kind,
    LossName,
    Mining,
    OptimizerName,
    Options,
    Standardisation,
    plan_for,
)

OTHER = {
    "recipe": Kind.SCRATCH,
    "loss": LossName.SOFTMAX_TRIPLET,
    "mining": (Mining.CURRICULUM, Mining.BATCH_HARD),
    "backbone": "nn2",
    "harmonic": True,
    "seed": 7,
    "epochs": 1.5,
    "dimension": 64,
    "optimizer": OptimizerName.ADAGRAD,
    "learning_rate": 0.05,
    "margin": 0.3,
    "weight": 10.0,
    "from_stage": "last_linear",
    "standardisation": Standardisation.PREWHITENED,
    "people": 5,
    "faces": 6,
    "accumulate": 2,
    "offline_every": 20,
    "chunk": 64,
    "train_batch_norm": True,
    "side": 48,
    "align": True,
}
"""Another value for every option."""


def test_every_option_survives_json():
    assert OTHER.keys() == {field.name for field in dataclasses.fields(Options)}
    apart = {
        "harmonic": {"recipe": Kind.FULL},
        "align": {"recipe": Kind.HEAD, "loss": LossName.VERIFICATION},
    }
    for name, value in OTHER.items():
        scratch = {} if name == "harmonic" else {"recipe": Kind.SCRATCH}
        options = Options(**(scratch | apart.get(name, {}) | {name: value}))
        assert getattr(options, name) != getattr(Options(), name)
        found = Options.from_json(json.loads(json.dumps(options.as_json())))
        assert found == options
        assert type(getattr(found, name)) is type(value)
    assert Options.from_json(Options().as_json()) == Options()


@pytest.mark.parametrize(
    "wrong",
    [
        {"unheard_of": 1},
        {"mining": ["soft"]},
        {"mining": 3},
        {"mining": "semi-hard"},
        {"recipe": "body"},
        {"optimizer": "adam"},
        {"epochs": "many"},
    ],
)
def test_what_no_options_gave_is_no_options(wrong):
    values = Options().as_json() | wrong
    with pytest.raises((ValueError, TypeError)):
        Options.from_json(values)


def test_options_without_a_way_of_mining_are_none():
    values = Options().as_json()
    del values["mining"]
    with pytest.raises(KeyError):
        Options.from_json(values)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"recipe": Kind.FULL, "backbone": "nn1"}, r"nn1 has no weights .* --recipe scratch"),
        ({"backbone": "small"}, r"small has no weights"),
        ({"standardisation": Standardisation.AVERAGE_FACE}, r"fixed standardisation .* scratch"),
        ({"recipe": Kind.SCRATCH, "harmonic": True}, r"compared with old ones"),
        ({"recipe": Kind.FULL, "harmonic": True, "dimension": 128}, r"compared with old ones"),
        ({"dimension": 128}, r"a head keeps the size"),
        ({"learning_rate": 0.0}, r"learning rate is 0\.0; it must be above 0"),
        ({"learning_rate": float("nan")}, r"learning rate is nan"),
        ({"learning_rate": float("inf")}, r"learning rate is inf"),
        ({"seed": 2**32}, r"seed is 4294967296"),
        ({"mining": ()}, r"at least one way of mining"),
        ({"mining": (Mining.RANDOM, Mining.RANDOM)}, r"each way of mining once"),
        (
            {"mining": (Mining.RANDOM, Mining.SEMI_HARD), "loss": LossName.ARCFACE},
            r"arcface mines no triplets",
        ),
        ({"epochs": 0.0}, r"epochs is 0\.0; .* 0\.1 or more"),
        ({"epochs": float("nan")}, r"epochs is nan"),
        ({"epochs": float("inf")}, r"epochs is inf; it must be a number"),
        ({"recipe": Kind.FULL, "dimension": 1}, r"dimension is 1; .* 2 or more"),
        ({"margin": -0.1}, r"margin is -0\.1"),
        ({"weight": -1.0}, r"weight is -1\.0"),
        ({"people": 1}, r"people is 1"),
        ({"faces": 1}, r"faces is 1"),
        ({"accumulate": 0}, r"accumulate is 0"),
        ({"offline_every": -1}, r"offline every is -1"),
        ({"chunk": 0}, r"chunk is 0"),
        ({"seed": -1}, r"seed is -1"),
    ],
)
def test_a_training_that_cannot_be_is_told(wrong, told):
    with pytest.raises(UserError, match=told):
        Options(**wrong)


@pytest.mark.parametrize(
    ("options", "network"),
    [
        (Options(), IN_USE),
        (Options(recipe=Kind.FULL, backbone=IN_USE), IN_USE),
        (Options(recipe=Kind.SCRATCH), "small"),
        (Options(recipe=Kind.SCRATCH, backbone="nn1"), "nn1"),
    ],
)
def test_the_network_that_is_meant(options, network):
    assert options.network == network


@pytest.mark.parametrize("kind", list(Kind))
def test_a_plan_is_the_recipes_save_for_what_is_said(kind):
    assert plan_for(Options(recipe=kind)) == PLANS[kind]
    said = {
        name: OTHER[name]
        for name in ("epochs", "people", "faces", "optimizer", "learning_rate", "weight")
    }
    found = plan_for(Options(recipe=kind, **said))
    expected = dataclasses.replace(PLANS[kind], **said)
    # Whoever says how many epochs wants no more.
    assert dataclasses.replace(found, least_steps=1) == dataclasses.replace(expected, least_steps=1)


def test_faces_are_watched_where_ways_of_mining_are_compared():
    both = Options(mining=(Mining.RANDOM, Mining.SEMI_HARD))
    assert plan_for(both.only(Mining.RANDOM)).watched == 0
    assert plan_for(both) == dataclasses.replace(PLANS[Kind.HEAD], watched=0.15)
