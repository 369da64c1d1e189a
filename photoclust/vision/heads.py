"""Vectors of a model from those of another one that are known already, through the model's head.

As in harmonic and backward-compatible embeddings (Shen et al., CVPR 2020), a model that is another
one with a small network behind it needs no picture to embed a face anew.
"""

import numpy as np

from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError
from photoclust.core.types import ModelSpec
from photoclust.vision import models

BATCH_SIZE = 1024


class Head:
    """The head of `spec`, which has one, ready to run."""

    def __init__(self, spec: ModelSpec, threads: int = 1) -> None:
        """Raises ModelError when its file is not sound."""
        if spec.head is None or spec.dimension is None:
            raise InternalError(f"{spec.id} has no head")
        self.spec = spec
        self._dimension = spec.dimension
        self._session = models.open_session(spec, spec.head.file, threads=threads)

    def apply(self, vectors: Vectors) -> Vectors:
        """Unit vectors [N, d'] float32 of the model for unit `vectors` [N, d] of the one it is
        built on.

        Raises ModelError when the head does not give a unit vector for each.
        """
        found = np.empty((len(vectors), self._dimension), np.float32)
        for start in range(0, len(vectors), BATCH_SIZE):
            batch = np.ascontiguousarray(vectors[start : start + BATCH_SIZE], np.float32)
            found[start : start + BATCH_SIZE] = models.run_to_vectors(
                self._session, self.spec, batch
            )
        return found
