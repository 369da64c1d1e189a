"""The MTCNN detector: three small networks in a cascade over an image pyramid.

Zhang, Zhang, Li, Qiao: Joint Face Detection and Alignment using Multi-task Cascaded Convolutional
Networks, 2016. The arithmetic (rounding, the extra pixel of a box's width, resizing by area) is
that of facenet-pytorch, whose weights these are, so that both find the same boxes.

Inside this module a box is a row x0, y0, x1, y1 in pixels, float32.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Pixels
from photoclust.core.types import Box, Detection, Engine, ModelSpec
from photoclust.vision import engines, models
from photoclust.vision.overlap import suppress

# P-Net sees a face as a cell of 12 px and looks at every second pixel.
CELL_PX = 12
STEP_PX = 2
# From one level of the pyramid to the next.
PYRAMID_FACTOR = 0.709
REFINE_SIDE_PX = 24
OUTPUT_SIDE_PX = 48
# Crops a run, so that a picture full of candidates needs no more memory than others.
BATCH_SIZE = 512

Floats = NDArray[np.float32]


@models.detector("mtcnn")
class MTCNN:
    """Runs the cascade; the landmarks are those of `core.types`."""

    def __init__(
        self,
        spec: ModelSpec,
        threads: int,
        engine: Engine = engines.CPU,
        min_face_px: int = 20,
    ) -> None:
        self.spec = spec
        self._min_face_px = min_face_px
        self._proposal, self._refinement, self._output = (
            models.open_session(spec, index, threads=threads, engine=engine) for index in range(3)
        )

    @property
    def engine(self) -> Engine:
        """What computes the first of the three networks, which is most of the work."""
        return self._proposal.engine

    def detect(
        self, images: Sequence[Pixels], min_score: float | None = None
    ) -> list[list[Detection]]:
        """Faces of each image, the best first.

        `min_score` is a probability; what the last network gives less than its own threshold (0.7)
        never comes. Boxes may reach beyond the image. Faces below `min_face_px` are not found.
        """
        lowest = self.spec.thresholds["score"] if min_score is None else min_score
        return [[face for face in self._cascade(image) if face.score >= lowest] for image in images]

    def _cascade(self, image: Pixels) -> list[Detection]:
        sums = _AreaSums(image)
        boxes = self._propose(sums)
        boxes, crops = self._crops(sums, _squared(boxes), REFINE_SIDE_PX)
        boxes = self._refine(boxes, crops)
        boxes, crops = self._crops(sums, _squared(boxes), OUTPUT_SIDE_PX)
        return self._finish(boxes, crops)

    def _propose(self, sums: "_AreaSums") -> Floats:
        """First stage: candidates [N, 4] of every level of the pyramid."""
        threshold = self.spec.thresholds["pnet"]
        levels: list[tuple[Floats, Floats, Floats]] = []
        for scale in _scales(sums.height, sums.width, self._min_face_px):
            shape = (int(sums.height * scale + 1), int(sums.width * scale + 1))
            picture = self._normalised(sums.resized(shape))
            shifts, faces = self._proposal.run(["boxes", "faces"], {"crops": picture[None]})
            rows, columns = np.nonzero(faces[0] >= threshold)
            cells = np.stack([columns, rows], axis=1).astype(np.float32) * STEP_PX
            low = np.floor((cells + 1) / np.float32(scale))
            high = np.floor((cells + CELL_PX) / np.float32(scale))
            boxes = np.concatenate([low, high], axis=1)
            scores = faces[0, rows, columns]
            kept = suppress(boxes, scores, 0.5)
            levels.append((boxes[kept], scores[kept], shifts[0][:, rows, columns].T[kept]))
        if not levels:
            return np.empty((0, 4), np.float32)
        boxes, scores, shifts = (np.concatenate(parts) for parts in zip(*levels, strict=True))
        kept = suppress(boxes, scores, 0.7)
        return _shifted(boxes[kept], shifts[kept], extra=0)

    def _refine(self, boxes: Floats, crops: Floats) -> Floats:
        """Second stage: which of `boxes` [N, 4] are faces, and where more exactly."""
        shifts, faces = _run(self._refinement, ["boxes", "faces"], crops)
        passed = faces > self.spec.thresholds["rnet"]
        boxes, shifts, faces = boxes[passed], shifts[passed], faces[passed]
        kept = suppress(boxes, faces, 0.7)
        return _shifted(boxes[kept], shifts[kept], extra=1)

    def _finish(self, boxes: Floats, crops: Floats) -> list[Detection]:
        """Third stage: the faces among `boxes` [N, 4], with landmarks."""
        shifts, points, faces = _run(self._output, ["boxes", "landmarks", "faces"], crops)
        passed = faces > self.spec.thresholds["onet"]
        boxes, shifts, faces = boxes[passed], shifts[passed], faces[passed]
        sides = boxes[:, 2:] - boxes[:, :2] + 1
        # Five x, then five y.
        points = points[passed].reshape(-1, 2, 5).transpose(0, 2, 1)
        points = points * sides[:, None, :] + boxes[:, None, :2] - 1
        boxes = _shifted(boxes, shifts, extra=1)
        inclusive = boxes + np.array([0, 0, 1, 1], np.float32)
        kept = suppress(inclusive, faces, 0.7, relative_to="smaller")
        return [
            Detection(
                Box(*(float(v) for v in (*boxes[face, :2], *(boxes[face, 2:] - boxes[face, :2])))),
                tuple((float(x), float(y)) for x, y in points[face]),
                float(faces[face]),
            )
            for face in kept
        ]

    def _crops(self, sums: "_AreaSums", boxes: Floats, side: int) -> tuple[Floats, Floats]:
        """The boxes that show some of the picture, and their crops [N, 3, side, side]."""
        corners = np.trunc(boxes).astype(np.int64)
        low = np.maximum(corners[:, :2], 1) - 1
        high = np.minimum(corners[:, 2:], [sums.width, sums.height])
        inside = (high > low).all(axis=1)
        crops = sums.crops(low[inside], high[inside], side)
        return boxes[inside], self._normalised(crops)

    def _normalised(self, pixels: Floats) -> Floats:
        """Channels-last pixels 0..255 as the networks want them: channels first."""
        scaled = (pixels - np.float32(self.spec.mean)) / np.float32(self.spec.std)
        return np.moveaxis(scaled, -1, -3)


class _AreaSums:
    """Summed-area table of a picture: the mean over any rectangle from four of its entries.

    Resizing by area gives each new pixel the mean over all old pixels that it touches. Sums wrap
    around at 2³²; a difference of two is right all the same, up to 16 megapixels a rectangle.
    """

    def __init__(self, image: Pixels) -> None:
        self.height, self.width = image.shape[:2]
        self._table = np.zeros((self.height + 1, self.width + 1, 3), np.uint32)
        np.cumsum(image, axis=0, dtype=np.uint32, out=self._table[1:, 1:])
        np.cumsum(self._table[1:, 1:], axis=1, dtype=np.uint32, out=self._table[1:, 1:])

    def resized(self, shape: tuple[int, int]) -> Floats:
        """The whole picture as [height, width, 3] of `shape`."""
        whole = np.array([[self.width, self.height]])
        start = np.zeros_like(whole)
        rows = _windows(start[:, 1], whole[:, 1], shape[0])
        columns = _windows(start[:, 0], whole[:, 0], shape[1])
        resized: Floats = self._means(rows, columns)[0]
        return resized

    def crops(self, low: NDArray[np.int64], high: NDArray[np.int64], side: int) -> Floats:
        """Rectangles from `low` to `high` (x, y), each as [side, side, 3]."""
        rows = _windows(low[:, 1], high[:, 1], side)
        columns = _windows(low[:, 0], high[:, 0], side)
        return self._means(rows, columns)

    def _means(
        self,
        rows: tuple[NDArray[np.int64], NDArray[np.int64]],
        columns: tuple[NDArray[np.int64], NDArray[np.int64]],
    ) -> Floats:
        top, bottom = (part[:, :, None] for part in rows)
        left, right = (part[:, None, :] for part in columns)
        table = self._table
        sums = table[bottom, right] - table[top, right] - table[bottom, left] + table[top, left]
        areas = (bottom - top) * (right - left)
        means: Floats = (sums / areas[..., None]).astype(np.float32)
        return means


def _windows(
    start: NDArray[np.int64], stop: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last-plus-one pixel [N, count] of each new pixel over `start` to `stop` [N]."""
    first, length = start[:, None], (stop - start)[:, None]
    steps = np.arange(count)
    # Rounded down where a window begins, up where it ends.
    return first + steps * length // count, first - (-(steps + 1) * length // count)


def _scales(height: int, width: int, min_face_px: int) -> Iterator[float]:
    """Scales of the pyramid, from the one that makes the smallest face a cell."""
    scale = CELL_PX / min_face_px
    shorter = min(height, width) * scale
    while shorter >= CELL_PX:
        yield scale
        scale *= PYRAMID_FACTOR
        shorter *= PYRAMID_FACTOR


def _shifted(boxes: Floats, shifts: Floats, *, extra: int) -> Floats:
    """Move each side of `boxes` [N, 4] by `shifts` [N, 4], in units of the box's size + `extra`."""
    sides = boxes[:, 2:] - boxes[:, :2] + extra
    return boxes + shifts * np.tile(sides, 2)


def _squared(boxes: Floats) -> Floats:
    """The boxes made square around their centres, as large as their longer sides."""
    sides = boxes[:, 2:] - boxes[:, :2]
    longer = sides.max(axis=1, keepdims=True)
    low = boxes[:, :2] + sides * np.float32(0.5) - longer * np.float32(0.5)
    return np.concatenate([low, low + longer], axis=1)


def _run(session: engines.Session, names: list[str], crops: Floats) -> list[Floats]:
    """The outputs `names` of `session` for all `crops`, in bounded batches."""
    starts = range(0, max(len(crops), 1), BATCH_SIZE)
    parts = [session.run(names, {"crops": crops[start : start + BATCH_SIZE]}) for start in starts]
    return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]
