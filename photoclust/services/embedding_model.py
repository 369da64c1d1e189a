"""The model whose vectors a library uses.

A library stays with the model that it began with until it is told to use another one, whatever the
settings say: these are what a new library begins with. Where that model is not there any more, or
damaged, the library goes on with what it has vectors of.
"""

from pathlib import Path

from photoclust.core.errors import ModelError
from photoclust.core.paths import OWN_MODELS
from photoclust.core.settings import Settings
from photoclust.core.types import ModelId, ModelKind, ModelSpec
from photoclust.store import embeddings
from photoclust.store.database import Library, Transaction
from photoclust.vision import models


def own_models_of(library: Library) -> Path:
    """The folder of the library's own models, which need not be there."""
    return library.folder / OWN_MODELS


def spec_of(library: Library, model: str) -> ModelSpec:
    """The model of this name, bundled or the library's own. Raises ModelError where there is none,
    or its record is damaged.
    """
    return models.model_spec(model, own_models_of(library))


def current_model(library: Library, settings: Settings) -> ModelId:
    """The model that makes and compares vectors in `library`."""
    with library.read() as tx:
        return current_in(tx, library, settings)


def current_in(tx: Transaction, library: Library, settings: Settings) -> ModelId:
    """As `current_model`, in a transaction."""
    there = embeddings.models_with_vectors(tx)
    for model in embeddings.chosen(tx):
        spec = _usable(library, model)
        if spec is not None and (not there or {model, spec.comparable_with}.intersection(there)):
            return model
    for model in there:
        if _usable(library, model) is not None:
            return model
    return ModelId(settings.embedder)


def fallback_of(library: Library, model: ModelId) -> ModelId | None:
    """The model whose vectors serve where a face has none of `model` yet: one that it says may be
    compared with its own; None where there is no such model. Those of two models never mix else.
    """
    spec = _usable(library, model)
    return None if spec is None else spec.comparable_with


def complaint(library: Library) -> str | None:
    """Why the library cannot use the model that it was told to use last; None where it can."""
    with library.read() as tx:
        there = embeddings.models_with_vectors(tx)
        wanted = [model for model in embeddings.chosen(tx) if model in there]
    for model in wanted[:1]:
        try:
            spec_of(library, model)
        except ModelError as error:
            return str(error)
    return None


def _usable(library: Library, model: ModelId) -> ModelSpec | None:
    try:
        spec = spec_of(library, model)
    except ModelError:
        return None
    return spec if spec.kind is ModelKind.EMBEDDER else None
