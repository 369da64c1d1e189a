"""From what is asked to what is trained: the network, what goes into it, and how to write it."""

import copy
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from photoclust.core.errors import UserError
from photoclust.core.progress import JobControl
from photoclust.training import backbones, export, failures, views
from photoclust.training.adapter import ResidualAdapter
from photoclust.training.augment import Augmentation
from photoclust.training.backbones.layers import initialise
from photoclust.training.backbones.stages import Backbone, freeze_batch_norm, split
from photoclust.training.export import Exported
from photoclust.training.faces import RunFaces
from photoclust.training.guarded import GuardedBlocks
from photoclust.training.heads import ProjectionHead
from photoclust.training.normalisation import (
    AverageFaceSubtraction,
    Crops,
    FixedStandardisation,
    Normalisation,
    Prewhitening,
    average_face,
)
from photoclust.training.options import IN_USE, Kind, LossName, Options, Plan, Standardisation
from photoclust.training.standardising import standardising
from photoclust.training.tail_graph import Tail
from photoclust.training.trainee import CachedInputs, CropInputs, Trainee


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """A network to train, and the `backbone` in it, if there is one, which takes pixels by
    `normalisation`.
    """

    trainee: Trainee
    backbone: Backbone | None = None
    normalisation: Normalisation = field(default_factory=FixedStandardisation)

    @property
    def adapter(self) -> ResidualAdapter | None:
        """The adapter that is trained, alone or with blocks."""
        body = self.trainee.body
        found = body.adapter if isinstance(body, GuardedBlocks) else body
        return found if isinstance(found, ResidualAdapter) else None

    @property
    def tail(self) -> Tail:
        """What a file has behind the backbone."""
        body, projection = self.trainee.body, self.trainee.projection
        parts = [body] if isinstance(body, GuardedBlocks | ResidualAdapter) else []
        return [*parts, *([] if projection is None else [projection])]


def prepare(
    options: Options,
    plan: Plan,
    faces: RunFaces,
    generator: torch.Generator,
    control: JobControl,
    *,
    kept: Path | None = None,
    adapter: ResidualAdapter | None = None,
) -> Recipe:
    """What `options` ask to train on `faces`, with weights drawn by `generator` where they are new.

    What a frozen part of the network gives is kept in the folder `kept`, and taken from there where
    it is there already. `adapter` is one that was trained as a head; blocks go on from it. Raises
    UserError when it cannot be; CancelledError when cancelled.
    """
    match options.recipe:
        case Kind.HEAD:
            return _head(options, plan, faces, generator)
        case Kind.BLOCKS:
            return _blocks(options, faces, generator, control, kept=kept, adapter=adapter)
        case Kind.FULL | Kind.SCRATCH:
            return _whole(options, faces, generator)


def write(recipe: Recipe, folder: Path) -> tuple[Exported, Exported | None]:
    """Write the trained network to `folder`: from crops to vectors, and, where it is a head alone,
    also from old vectors to new ones. Raises UserError when that cannot be.
    """
    recipe.trainee.eval()
    tail = recipe.tail
    path = folder / "model.onnx"
    if recipe.backbone is not None:
        backbone = standardising(recipe.backbone, recipe.normalisation)
        return export.export_network(backbone, tail, path), None
    whole = export.export_network(None, tail, path)
    return whole, export.export_tail(tail, recipe.trainee.size, folder / "head.onnx")


def _head(options: Options, plan: Plan, faces: RunFaces, generator: torch.Generator) -> Recipe:
    adapter = ResidualAdapter.imprinted(faces.vectors[faces.train], faces.labels)
    size = faces.vectors.shape[1]
    inputs = CachedInputs(faces.vectors, plan.noise)
    projection = _projection(options, size, generator)
    return Recipe(Trainee(adapter, inputs, size=size, projection=projection))


def _blocks(
    options: Options,
    faces: RunFaces,
    generator: torch.Generator,
    control: JobControl,
    *,
    kept: Path | None,
    adapter: ResidualAdapter | None,
) -> Recipe:
    backbone = backbones.build(IN_USE, options.dimension, generator=generator)
    frozen, trained = split(backbone, options.from_stage)
    freeze_batch_norm(trained, frozen=not options.train_batch_norm)
    crops = CropInputs(_crops(faces, backbone), FixedStandardisation(), Augmentation())
    found = views.compute(frozen, crops, faces, seed=options.seed, control=control, kept=kept)
    body: torch.nn.Module = trained
    if options.dimension is None:
        if adapter is None:
            adapter = ResidualAdapter.imprinted(faces.vectors[faces.train], faces.labels)
        body = GuardedBlocks(copy.deepcopy(trained), trained, adapter)
    return Recipe(
        Trainee(
            body,
            CachedInputs(found.features, views=found.views),
            size=backbone.dimension,
            projection=_projection(options, backbone.dimension, generator),
            learns_statistics=options.train_batch_norm,
        ),
        backbone,
    )


def _whole(options: Options, faces: RunFaces, generator: torch.Generator) -> Recipe:
    from_scratch = options.recipe is Kind.SCRATCH
    backbone = backbones.build(
        options.network, options.dimension, side=options.side, generator=generator
    )
    if from_scratch:
        initialise(backbone, generator)
        freeze_batch_norm(backbone, frozen=False)
    else:
        freeze_batch_norm(backbone, frozen=not options.train_batch_norm)
    crops = _crops(faces, backbone)
    normalisation = _normalisation(options, crops, faces)
    return Recipe(
        Trainee(
            backbone,
            CropInputs(crops, normalisation, Augmentation()),
            size=backbone.dimension,
            projection=_projection(options, backbone.dimension, generator),
            learns_statistics=from_scratch or options.train_batch_norm,
        ).to(_device()),
        backbone,
        normalisation,
    )


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _projection(options: Options, size: int, generator: torch.Generator) -> ProjectionHead | None:
    if options.loss is not LossName.SOFTMAX_TRIPLET:
        return None
    return ProjectionHead(size, size, generator=generator)


def _crops(faces: RunFaces, backbone: Backbone) -> Crops:
    if faces.crops is None:
        raise UserError(failures.NO_PIXELS)
    side = backbone.preprocessing.side
    if faces.crops.shape[1] != side:
        raise UserError(
            f"the network {backbone.name} takes crops of {side} px, and those of the run have "
            f"{faces.crops.shape[1]} px; start the training anew"
        )
    return faces.crops


def _normalisation(options: Options, crops: Crops, faces: RunFaces) -> Normalisation:
    match options.standardisation:
        case Standardisation.FIXED:
            return FixedStandardisation()
        case Standardisation.PREWHITENED:
            return Prewhitening()
        case Standardisation.AVERAGE_FACE:
            return AverageFaceSubtraction(average_face(np.asarray(crops[faces.train])))
