"""Finding every face of a picture: at which scales to look, which way up, and what counts once.

A detector sees the picture at the scale it is given. At 640 px on the longer side CenterFace finds
faces that fill the frame and misses small ones; at 1 600 px it is the other way round. So the whole
picture is looked at small first, and again at working size only around what may be small faces.

A picture that lies on its side gives boxes that look good and vectors that are useless, so where
the landmarks do not stand upright, or nothing convincing is found, the other three turns are tried.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from photoclust.core.arrays import Pixels
from photoclust.core.sizes import looking_size
from photoclust.core.types import Box, Detection, turned_point
from photoclust.vision.models import Detector
from photoclust.vision.overlap import suppress
from photoclust.vision.pose import eyes_to_mouth, tilt

WORKING_SIDE = 1600
"""In px: `FaceFinder.find` expects a picture no larger than `looking_size` makes it by this."""
FIRST_SIDE = 640
NARROW_SIDE = 320
"""Where nothing is found, a face may fill the frame so much that only this scale shows it."""

CANDIDATE_SCORE = 0.05
"""Enough to look again at working size; a face of 20 px there leaves no more at first look."""
SURE_SCORE = 0.6
SMALL_PX = 30
"""Side at first look below which a face has better landmarks at working size."""
TILE_PX = 320
TILE_AREA_PX = 1_150_000
"""A larger tile is looked at in strips: the detector's memory grows with what it sees at once."""
LARGEST_SECOND_PX = 240
"""Larger faces are the first look's business."""
SMALLEST_PX = 16
"""Smaller boxes, at working size, hold too few pixels to tell people apart."""

SAME_FACE_IOU = 0.4
INSIDE_SHARE = 0.75
"""A box with this share of it inside a better one shows a part of the same face."""

TRACE_SCORE = 0.2
CONVINCING_SCORE = 0.75
UPRIGHT_SHARE = 0.85
TURN_MARGIN = 1.3
FLATTEST_FACE = 0.2
"""Eyes to mouth over the longer side of the box; less is no face seen the right way up."""


Rectangle = tuple[int, int, int, int]
"""Left, top, right, bottom in px, the latter two not included."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The faces of a picture that must be turned by `turn` degrees, counter-clockwise, to stand.

    Boxes and landmarks are in pixels of the turned picture. `look` is that picture as the first
    look saw it, at most of the size that `looking_size` gives by FIRST_SIDE.
    """

    turn: int
    detections: tuple[Detection, ...]
    look: Pixels = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _View:
    """The faces of one turn of a picture, and how strongly they say that it stands upright."""

    look: Pixels
    faces: list[Detection]
    evidence: float


class FaceFinder:
    """Looks at pictures with one detector."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._score = detector.spec.thresholds["score"]

    def find(self, pixels: Pixels) -> Findings:
        """Faces of a picture ([h, w, 3], see WORKING_SIDE), the best first."""
        height, width = pixels.shape[:2]
        small = shrink(pixels, max(looking_size((width, height), FIRST_SIDE)))
        first = self._look(small)
        here = self._see(pixels, small, first)
        turn = self._likely_turn(small, first)
        if turn:
            upright, small = turned(pixels, turn), turned(small, turn)
            there = self._see(upright, small, self._look(small))
            if there.evidence > TURN_MARGIN * here.evidence:
                return Findings(turn, tuple(_distinct(there.faces)), there.look)
        faces = here.faces or self._narrow_look(pixels)
        return Findings(0, tuple(_distinct(faces)), here.look)

    def glance(self, pixels: Pixels) -> bool:
        """Whether there is a trace of a face in a picture, at a sixth of the cost of `find`."""
        return bool(self._look(shrink(pixels, NARROW_SIDE), TRACE_SCORE))

    def _look(self, pixels: Pixels, lowest: float = CANDIDATE_SCORE) -> list[Detection]:
        return self._detector.detect([pixels], lowest)[0]

    def _see(self, pixels: Pixels, small: Pixels, first: Sequence[Detection]) -> _View:
        """What first and second look find in one turn of a picture."""
        scale = max(pixels.shape[:2]) / max(small.shape[:2])
        candidates = [item.scaled(scale) for item in first]
        found = [item for item in candidates if item.score >= self._score]
        clear = found
        if scale > 1:
            second = self._second_look(pixels, candidates, scale)
            # A small face speaks for a turn only as the second look saw it: at first look a dozen
            # pixels of anything can make a face.
            clear = [item for item in found if item.side >= SMALL_PX * scale] + second
            found = found + second
        return _View(
            small,
            [item for item in found if item.side >= SMALLEST_PX],
            _upright_evidence(_distinct(clear)),
        )

    def _likely_turn(self, small: Pixels, first: Sequence[Detection]) -> int:
        """Degrees, counter-clockwise, by which the first look says that the picture is turned."""
        good = [item for item in first if item.score >= self._score]
        whole = sum(item.score * item.side for item in good)
        here = _upright_evidence(good)
        if good and good[0].score >= CONVINCING_SCORE and here >= UPRIGHT_SHARE * whole:
            return 0
        # Where there is no trace of a face, most often there is none: a cheaper look will do.
        trace = bool(first) and first[0].score >= TRACE_SCORE
        seen = small if trace else shrink(small, NARROW_SIDE)
        evidence = {
            turn: _upright_evidence(self._look(turned(seen, turn), self._score))
            for turn in (90, 180, 270)
        }
        best = max(evidence, key=evidence.__getitem__)
        return best if evidence[best] > TURN_MARGIN * here else 0

    def _second_look(
        self, pixels: Pixels, candidates: Sequence[Detection], scale: float
    ) -> list[Detection]:
        """Faces at working size around the candidates that were small or doubtful."""
        doubtful = [
            item
            for item in candidates
            if item.side < SMALL_PX * scale
            or (item.score < SURE_SCORE and item.side < LARGEST_SECOND_PX)
        ]
        height, width = pixels.shape[:2]
        found = []
        for left, top, right, bottom in _tiles((item.box for item in doubtful), width, height):
            tile = np.ascontiguousarray(pixels[top:bottom, left:right])
            for item in self._look(tile, self._score):
                cut = (
                    (item.box.x <= 1 and left > 0)
                    or (item.box.y <= 1 and top > 0)
                    or (item.box.x + item.box.w >= right - left - 1 and right < width)
                    or (item.box.y + item.box.h >= bottom - top - 1 and bottom < height)
                )
                # A face cut by the edge of its tile is whole in another tile or at first look.
                if item.side <= LARGEST_SECOND_PX and not cut:
                    found.append(item.moved(left, top))
        return found

    def _narrow_look(self, pixels: Pixels) -> list[Detection]:
        narrow = shrink(pixels, NARROW_SIDE)
        scale = max(pixels.shape[:2]) / max(narrow.shape[:2])
        found = [item.scaled(scale) for item in self._look(narrow, self._score)]
        # Only for faces that are large: what is small here was seen better before.
        return [item for item in found if item.side > max(pixels.shape[:2]) / 4]


def shrink(pixels: Pixels, longer_side: int) -> Pixels:
    """`pixels` with the longer side at most `longer_side` px, antialiased; never enlarged."""
    height, width = pixels.shape[:2]
    scale = longer_side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(pixels)
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.0))


def turned(pixels: Pixels, turn: int) -> Pixels:
    """`pixels` turned by `turn` degrees (a multiple of 90), counter-clockwise, contiguous."""
    return np.ascontiguousarray(np.rot90(pixels, turn // 90))


def turned_back(detection: Detection, turn: int, width: float, height: float) -> Detection:
    """A detection in a picture that was turned by `turn`, as it lies in the picture before that,
    which is `width` × `height` px.
    """
    size = (width, height) if turn % 180 == 0 else (height, width)
    return Detection(
        detection.box.turned(-turn, *size),
        tuple(turned_point(x, y, -turn, *size) for x, y in detection.landmarks),
        detection.score,
    )


def _upright_evidence(detections: Iterable[Detection]) -> float:
    """Sum of score × size of the faces, each weighted by how upright it stands."""
    return sum(
        item.score * item.side * max(0.0, math.cos(math.radians(tilt(item))))
        for item in detections
        if eyes_to_mouth(item) > FLATTEST_FACE * item.side
    )


def _tiles(boxes: Iterable[Box], width: int, height: int) -> list[Rectangle]:
    """Rectangles (left, top, right, bottom) that show every box with room around it.

    Tiles that meet are joined; the whole picture is looked at where they would cover half of it.
    """
    tiles: list[Rectangle] = []
    for box in boxes:
        x, y = box.centre
        half = max(TILE_PX, 2 * max(box.w, box.h)) / 2
        tile = (
            max(0, math.floor(x - half)),
            max(0, math.floor(y - half)),
            min(width, math.ceil(x + half)),
            min(height, math.ceil(y + half)),
        )
        while meeting := next((other for other in tiles if _meet(tile, other)), None):
            tiles.remove(meeting)
            tile = (
                min(tile[0], meeting[0]),
                min(tile[1], meeting[1]),
                max(tile[2], meeting[2]),
                max(tile[3], meeting[3]),
            )
        tiles.append(tile)
    if 2 * sum((right - left) * (bottom - top) for left, top, right, bottom in tiles) > (
        width * height
    ):
        tiles = [(0, 0, width, height)]
    return [strip for tile in tiles for strip in _strips(tile)]


def _strips(tile: Rectangle) -> Iterator[Rectangle]:
    """`tile` cut across its longer side into equal strips no larger than TILE_AREA_PX, which
    overlap so that every face of up to LARGEST_SECOND_PX is whole in one of them.
    """
    left, top, right, bottom = tile
    wide = right - left >= bottom - top
    length, depth = (right - left, bottom - top) if wide else (bottom - top, right - left)
    count = 1
    while (strip := math.ceil((length + (count - 1) * LARGEST_SECOND_PX) / count)) * depth > (
        TILE_AREA_PX
    ):
        count += 1
    for number in range(count):
        start = round(number * (length - strip) / max(count - 1, 1))
        if wide:
            yield left + start, top, left + start + strip, bottom
        else:
            yield left, top + start, right, top + start + strip


def _meet(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _distinct(detections: Sequence[Detection]) -> list[Detection]:
    """Each face once, the best score first."""
    if not detections:
        return []
    boxes = np.array([[d.box.x, d.box.y, d.box.x + d.box.w, d.box.y + d.box.h] for d in detections])
    scores = np.array([d.score for d in detections])
    kept = suppress(boxes, scores, SAME_FACE_IOU)
    kept = kept[suppress(boxes[kept], scores[kept], INSIDE_SHARE, relative_to="smaller")]
    return [detections[place] for place in kept]
