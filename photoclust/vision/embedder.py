"""The FaceNet embedder: face crops in, unit vectors out.

Schroff, Kalenichenko, Philbin: FaceNet, CVPR 2015; the network is Inception-ResNet-v1 (Szegedy et
al., 2016).
"""

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError
from photoclust.core.types import Engine, ModelSpec
from photoclust.vision import engines, models

# Larger batches are no faster and hold more memory.
BATCH_SIZE = 16


@models.embedder("facenet")
class FaceNet:
    """Embeds RGB crops whose side is `spec.input_size`: 160 px and 512 numbers for the bundled one,
    others for own models.
    """

    def __init__(self, spec: ModelSpec, threads: int, engine: Engine = engines.CPU) -> None:
        if spec.input_size is None or spec.dimension is None or spec.channel_order != "RGB":
            raise InternalError(f"the record of {spec.id} does not describe a FaceNet")
        self.spec = spec
        self._side = spec.input_size
        self._dimension = spec.dimension
        self._session = models.open_session(spec, threads=threads, engine=engine)

    @property
    def engine(self) -> Engine:
        """What computes."""
        return self._session.engine

    def embed(self, crops: NDArray[np.uint8]) -> Vectors:
        """Unit vectors [N, dimension] float32 of RGB crops [N, side, side, 3], in batches of 16.

        A crop's vector does not depend on the crops beside it. Raises InternalError for crops of
        another shape or type, and as `models.run_to_vectors` does.
        """
        if crops.dtype != np.uint8 or crops.shape[1:] != (self._side, self._side, 3):
            raise InternalError(
                f"crops are uint8 [N, {self._side}, {self._side}, 3], "
                f"not {crops.dtype} {list(crops.shape)}"
            )
        vectors = np.empty((len(crops), self._dimension), np.float32)
        for start in range(0, len(crops), BATCH_SIZE):
            batch = crops[start : start + BATCH_SIZE].transpose(0, 3, 1, 2).astype(np.float32)
            batch -= np.float32(self.spec.mean)
            batch /= np.float32(self.spec.std)
            vectors[start : start + BATCH_SIZE] = models.run_to_vectors(
                self._session, self.spec, batch
            )
        return vectors
