"""Trying an own model out before it is let in: whether its networks run and give what they should.

For a process of its own, which whatever a network does brings down alone.
"""

import numpy as np

from photoclust.core.errors import ModelError
from photoclust.core.types import ModelSpec
from photoclust.vision import models
from photoclust.vision.heads import Head

_CROPS = 3
_AGREEMENT = 0.99
"""The cosine of a vector that the network gives and the one that the head gives for it at least."""


def try_out(spec: ModelSpec, source: ModelSpec | None = None) -> None:
    """Run the networks of the own model `spec`, whose head is behind the model `source` if it is
    known.

    Raises ModelError when they do not run, do not give unit vectors, give other ones for a crop
    beside others than alone, or when network and head say different things.
    """
    assert spec.folder is not None
    embedder = models.load_embedder(spec.id, own=spec.folder.parent)
    side = spec.input_size or 160
    crops = np.random.default_rng(0).integers(0, 256, (_CROPS, side, side, 3), np.uint8)
    vectors = embedder.embed(crops)
    alone = np.concatenate([embedder.embed(crops[row : row + 1]) for row in range(_CROPS)])
    if np.abs(vectors - alone).max() > 1e-3:
        raise ModelError(
            f"{spec.id} gives a face another vector when there are others beside it; export it in "
            "evaluation mode"
        )
    if spec.head is None:
        return
    head = Head(spec)
    if source is None or source.input_size != side:
        return
    own = None if source.folder is None else source.folder.parent
    behind = head.apply(models.load_embedder(source.id, own=own).embed(crops))
    if np.einsum("ij,ij->i", behind, vectors).min() < _AGREEMENT:
        raise ModelError(
            f"the head of {spec.id} gives other vectors than its network does; export both from "
            "the same training"
        )
