"""The CenterFace detector: boxes and five landmarks in one pass over the whole picture.

Xu, Yan, Sun, Yang, Luo: CenterFace: Joint Face Detection and Alignment Using Face as Point, 2019.
It sees the picture at the scale it is given; which scale that is, is the caller's decision.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Pixels
from photoclust.core.types import Box, Detection, Engine, ModelSpec
from photoclust.vision import engines, models
from photoclust.vision.overlap import suppress

# The network halves the picture five times, so its sides are multiples of 32 ...
ALIGNMENT_PX = 32
# ... and its maps come at a quarter of the picture's size.
STRIDE_PX = 4
# A box below this is no face but a fault.
SMALLEST_PX = 1.0

Floats = NDArray[np.float32]


@models.detector("centerface")
class CenterFace:
    """Runs the network and decodes its maps; the landmarks are those of `core.types`."""

    def __init__(self, spec: ModelSpec, threads: int, engine: Engine = engines.CPU) -> None:
        self.spec = spec
        self._session = models.open_session(spec, threads=threads, engine=engine)

    @property
    def engine(self) -> Engine:
        """What computes."""
        return self._session.engine

    def detect(
        self, images: Sequence[Pixels], min_score: float | None = None
    ) -> list[list[Detection]]:
        """Faces of each image, the best first; images of one shape share a run.

        Boxes are neither clipped nor scaled: a face cut by the edge reaches beyond it.
        """
        lowest = self.spec.thresholds["score"] if min_score is None else min_score
        shapes: dict[tuple[int, ...], list[int]] = {}
        for index, image in enumerate(images):
            if image.size > 0:
                shapes.setdefault(image.shape, []).append(index)
        found: list[list[Detection]] = [[] for _ in images]
        for indices in shapes.values():
            maps = self._run([images[index] for index in indices])
            for place, index in enumerate(indices):
                found[index] = self._decode([part[place] for part in maps], lowest)
        return found

    def _run(self, images: list[Pixels]) -> list[Floats]:
        """Maps heat, size, offset and landmarks of images of one shape, [N, channels, h, w]."""
        height, width = images[0].shape[:2]
        batch = np.zeros((len(images), 3, _aligned(height), _aligned(width)), np.float32)
        for slot, image in zip(batch, images, strict=True):
            slot[:, :height, :width] = image.transpose(2, 0, 1)
        return self._session.run(["heat", "size", "offset", "landmarks"], {"images": batch})

    def _decode(self, maps: list[Floats], lowest: float) -> list[Detection]:
        """Faces in the maps of one image."""
        heat, size, offset, landmarks = maps
        rows, columns = np.nonzero(heat[0] >= lowest)
        scores = heat[0, rows, columns]
        # The maps speak of y before x.
        sides = np.exp(size[:, rows, columns].T) * STRIDE_PX
        centres = (np.stack([rows, columns], axis=1) + offset[:, rows, columns].T + 0.5) * STRIDE_PX
        corners = centres - sides / 2
        points = landmarks[:, rows, columns].T.reshape(-1, 5, 2)
        points = points * sides[:, None, :] + corners[:, None, :]
        boxes = np.concatenate([corners, corners + sides], axis=1)
        kept = np.flatnonzero((sides >= SMALLEST_PX).all(axis=1))
        kept = kept[suppress(boxes[kept], scores[kept], self.spec.thresholds["overlap"])]
        return [
            Detection(
                Box(
                    x=float(corners[face, 1]),
                    y=float(corners[face, 0]),
                    w=float(sides[face, 1]),
                    h=float(sides[face, 0]),
                ),
                tuple((float(x), float(y)) for y, x in points[face]),
                float(scores[face]),
            )
            for face in kept
        ]


def _aligned(side: int) -> int:
    """The least multiple of 32 that is not below `side`."""
    return -(-side // ALIGNMENT_PX) * ALIGNMENT_PX
