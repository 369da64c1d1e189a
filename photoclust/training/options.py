"""What a training is asked to do: plain values that a run folder keeps as JSON."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from photoclust.core.errors import UserError

IN_USE = "inception_resnet_v1"
"""The network of the bundled model."""


TRAINED_COPIES, DISTILLED_COPIES = 2, 1
"""Changed copies, for the last blocks, of each face to train with and of each that holds the
embedding; see `views`.
"""


class Kind(StrEnum):
    """What is trained: a head behind the model in use, its last blocks, all of it, or a network
    that starts from random numbers.
    """

    HEAD = "head"
    BLOCKS = "blocks"
    FULL = "full"
    SCRATCH = "scratch"


class LossName(StrEnum):
    """What a batch costs; see `objectives`."""

    TRIPLET = "triplet"
    CONTRASTIVE = "contrastive"
    DEEPID2 = "deepid2"
    SOFTMAX_TRIPLET = "softmax-triplet"
    ARCFACE = "arcface"
    VERIFICATION = "verification"


class Mining(StrEnum):
    """Which triplets are trained on."""

    SEMI_HARD = "semi-hard"
    HARDEST = "hardest"
    VIOLATING = "violating"
    RANDOM = "random"
    BATCH_HARD = "batch-hard"
    CURRICULUM = "curriculum"


class OptimizerName(StrEnum):
    """How steps are taken; AdaGrad is FaceNet's (§3.3)."""

    ADAMW = "adamw"
    ADAGRAD = "adagrad"
    SGD = "sgd"


class Standardisation(StrEnum):
    """How pixels become input; others than the fixed one are for networks from scratch."""

    FIXED = "fixed"
    PREWHITENED = "prewhitened"
    AVERAGE_FACE = "average-face"


@dataclass(frozen=True, slots=True)
class Options:
    """One training. None stands for what suits the recipe.

    `epochs`: how often all faces are seen on average. `weight`: of the relational distillation on
    unlabelled faces. `harmonic`: the new vectors shall be comparable with the old ones (FaceNet
    §7). `offline_every`: steps from one look for easily confused people to the next, 0 for none.
    `align`: the verification head compares faces that are aligned by their landmarks.
    `chunk`: faces in the network at once; larger batches go through it in parts (gradient caching).
    """

    recipe: Kind = Kind.HEAD
    loss: LossName = LossName.TRIPLET
    mining: tuple[Mining, ...] = (Mining.SEMI_HARD,)
    backbone: str | None = None
    harmonic: bool = False
    seed: int = 0
    epochs: float | None = None
    dimension: int | None = None
    optimizer: OptimizerName | None = None
    learning_rate: float | None = None
    margin: float = 0.2
    weight: float | None = None
    from_stage: str = "block8"
    standardisation: Standardisation = Standardisation.FIXED
    people: int | None = None
    faces: int | None = None
    accumulate: int = 1
    offline_every: int = 0
    chunk: int = 256
    train_batch_norm: bool = False
    side: int | None = None
    align: bool = False

    def __post_init__(self) -> None:
        problem = self._problem()
        if problem:
            raise UserError(problem)

    def as_json(self) -> dict[str, Any]:
        """Everything, for a file."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Options":
        """What `as_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        known = {each.name for each in fields(cls)}
        if not set(values) <= known:
            raise ValueError(f"unknown options: {sorted(set(values) - known)}")
        parsed = dict(values)
        for name, kind in _ENUMS.items():
            if parsed.get(name) is not None:
                parsed[name] = kind(parsed[name])
        parsed["mining"] = tuple(Mining(each) for each in values["mining"])
        return cls(**parsed)

    @property
    def network(self) -> str:
        """The network that is trained, or that stays in front of what is."""
        return self.backbone or ("small" if self.recipe is Kind.SCRATCH else IN_USE)

    @property
    def needs_crops(self) -> bool:
        """Whether the faces must have their pixels."""
        return self.recipe is not Kind.HEAD or self.align

    def only(self, mining: Mining) -> "Options":
        """These with one way of mining."""
        return replace(self, mining=(mining,))

    def _problem(self) -> str | None:
        """Why there can be no such training."""
        from_scratch = self.recipe is Kind.SCRATCH
        low = [
            f"{name.replace('_', ' ')} is {getattr(self, name)}; it must be a number, and {least} "
            "or more"
            for name, least in _LEAST.items()
            if getattr(self, name) is not None and not least <= getattr(self, name) < math.inf
        ]
        wrong = {
            f"the network {self.network} has no weights to start from; say --recipe scratch": (
                not from_scratch and self.network != IN_USE
            ),
            "the model in use is made for the fixed standardisation of pixels; another one needs "
            "--recipe scratch": (
                not from_scratch and self.standardisation is not Standardisation.FIXED
            ),
            "vectors that can be compared with old ones start from these and keep their size; "
            "choose another recipe than scratch, and no other dimension": (
                self.harmonic and (from_scratch or self.dimension is not None)
            ),
            "a head keeps the size of the vectors; choose another recipe to change it": (
                self.recipe is Kind.HEAD and self.dimension is not None
            ),
            "a verification head is trained on vectors as they are; choose --recipe head": (
                self.loss is LossName.VERIFICATION and self.recipe is not Kind.HEAD
            ),
            "faces are aligned for a verification head only, as the networks are made for crops as "
            "they are; choose --loss verification": (
                self.align and self.loss is not LossName.VERIFICATION
            ),
            f"the learning rate is {self.learning_rate}; it must be above 0": (
                self.learning_rate is not None and not 0 < self.learning_rate < math.inf
            ),
            f"the seed is {self.seed}; it must be below 2^32": self.seed >= 2**32,
            "say at least one way of mining": not self.mining,
            "say each way of mining once": len(set(self.mining)) < len(self.mining),
            f"the loss {self.loss.value} mines no triplets, so that there are no ways of mining to "
            "compare; say one": (len(self.mining) > 1 and self.loss not in _MINING),
        }
        return next((problem for problem, is_so in wrong.items() if is_so), None) or next(
            iter(low), None
        )


_MINING = (LossName.TRIPLET, LossName.SOFTMAX_TRIPLET)
_ENUMS: dict[str, type[StrEnum]] = {
    "recipe": Kind,
    "loss": LossName,
    "optimizer": OptimizerName,
    "standardisation": Standardisation,
}
_LEAST = {
    "epochs": 0.1,
    "dimension": 2,
    "margin": 0.0,
    "weight": 0.0,
    "people": 2,
    "faces": 2,
    "accumulate": 1,
    "offline_every": 0,
    "chunk": 1,
    "seed": 0,
}


_COMPARED = 0.15
"""Share of the training faces by which ways of mining are compared."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What `Options` come to for a recipe: every number that the loop needs.

    A batch has `people` × `faces`, and `distilled` unlabelled faces beside it. `noise`: the length
    of random noise that is added to cached vectors. Every `check_every` steps a checkpoint is kept
    and VAL is measured on the `watched` share of the training faces, if any; the training stops
    early after `patience` such looks without a better one. However few faces there are, there are
    `least_steps`, unless the epochs were asked for.
    """

    epochs: float
    people: int
    faces: int
    distilled: int
    optimizer: OptimizerName
    learning_rate: float
    weight: float
    noise: float = 0.0
    watched: float = 0.0
    check_every: int = 25
    patience: int = 8
    least_steps: int = 1
    strangers: int = 0


PLANS = {
    Kind.HEAD: Plan(
        epochs=30,
        people=27,
        faces=10,
        distilled=512,
        optimizer=OptimizerName.ADAMW,
        learning_rate=3e-4,
        weight=100.0,
        noise=0.5,
        least_steps=100,
    ),
    Kind.BLOCKS: Plan(
        epochs=8,
        people=18,
        faces=8,
        distilled=128,
        optimizer=OptimizerName.ADAMW,
        learning_rate=1e-4,
        weight=300.0,
        check_every=10,
        least_steps=40,
    ),
    Kind.FULL: Plan(
        epochs=10,
        people=45,
        faces=8,
        distilled=256,
        optimizer=OptimizerName.ADAMW,
        learning_rate=1e-5,
        weight=100.0,
        watched=0.15,
    ),
    Kind.SCRATCH: Plan(
        epochs=40,
        people=27,
        faces=10,
        distilled=0,
        optimizer=OptimizerName.ADAMW,
        learning_rate=1e-3,
        weight=0.0,
        watched=0.15,
    ),
}


def plan_for(options: Options) -> Plan:
    """The recipe's plan with what `options` say instead; to compare several ways of mining, some
    faces have to be watched.
    """
    plan = PLANS[options.recipe]
    if len(options.mining) > 1:
        plan = replace(plan, watched=max(plan.watched, _COMPARED))
    said = {
        name: getattr(options, name)
        for name in ("epochs", "people", "faces", "optimizer", "learning_rate", "weight")
        if getattr(options, name) is not None
    }
    if options.epochs is not None:
        said["least_steps"] = 1
    return replace(plan, **said)
