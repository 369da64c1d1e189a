"""Cutting faces out of an open photo for the embedder: the same way where the faces were just found
and where it was known before where they are, so that both give the same vectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from photoclust.core.arrays import Pixels, PixelSource
from photoclust.core.types import Box
from photoclust.media.decode import Picture, read_parts, read_picture
from photoclust.media.files import OriginalFile
from photoclust.vision.contrast import restore_face
from photoclust.vision.crop import crop_face
from photoclust.vision.finder import WORKING_SIDE, turned
from photoclust.vision.seeing import Tone, tone_of

FULL_DECODE_BELOW_PX = 80
"""Faces smaller than this in the reduced picture are cut from a full decode."""


@dataclass(frozen=True, slots=True)
class CutOut:
    """Faces of a photo: the working `picture` (upright, reduced), the `boxes` of the faces in it
    once it is turned by what its faces say, and their `crops`.
    """

    picture: Picture
    boxes: tuple[Box, ...]
    crops: tuple[Pixels, ...]


def cut_known(
    original: OriginalFile, boxes: Sequence[Box], turn: int, side: int, *, negative: bool = False
) -> CutOut:
    """The faces in `boxes` (px of the upright picture) as crops of `side` px; `turn` is by how many
    degrees, counter-clockwise, the faces say that the picture must still be turned, `negative`
    whether it is one of film.

    Raises UnreadableFileError when there is no readable picture.
    """
    picture = read_picture(original, max_side=WORKING_SIDE, looking=True)
    height, width = picture.pixels.shape[:2]
    standing = tuple(
        box.scaled(picture.scale, picture.scale).turned(turn, width, height) for box in boxes
    )
    tone = tone_of(picture.pixels, negative)
    return CutOut(
        picture, standing, cut(original, picture, standing, turn=turn, side=side, tone=tone)
    )


def cut(
    original: OriginalFile,
    picture: Picture,
    boxes: Sequence[Box],
    *,
    turn: int,
    side: int,
    tone: Tone | None,
) -> tuple[Pixels, ...]:
    """The faces in `boxes`, in px of the working `picture` of `original` once it is turned, as
    [side, side, 3] in `tone`, with the contrast that they lack; small ones come from the file
    anew.
    """
    small = [max(box.w, box.h) < FULL_DECODE_BELOW_PX for box in boxes]
    reduced = turned(picture.pixels, turn)
    full: PixelSource = reduced
    ratio = 1.0
    if any(small) and picture.scale < 1:
        full = read_parts(original).turned(turn)
        # Up to where pictures are decoded in full, this is the size of the original.
        ratio = max(full.shape[:2]) / max(reduced.shape[:2])
    crops = (
        crop_face(full, box.scaled(ratio, ratio), side)
        if is_small
        else crop_face(reduced, box, side)
        for box, is_small in zip(boxes, small, strict=True)
    )
    return tuple(restore_face(tone.apply(crop) if tone else crop) for crop in crops)
