"""Boxes with names, as other programs write them beside and into photos.

Boxes are relative to the upright picture: left, top, width and height, each 0 to 1 of its sides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from photoclust.core.types import Box

SAME_REGION_IOU = 0.5
"""Two boxes of one name that overlap so much are the same one, written twice."""


@dataclass(frozen=True, slots=True)
class NamedRegion:
    """Somebody's face: `box` is where it lies in the upright picture.

    `source` tells who wrote it: `mwg`, `mp`, `picasa`, `digikam` or `osxphotos`. `extensions` are
    the values that photoclust itself wrote with it, by their names without the prefix. What is
    written may leave open how the picture was turned then; `others` are where the box lies by the
    other readings, the likeliest first, in one order for all boxes of a picture. Where it is not
    `certain`, nothing is to be made of it unless a face in the picture bears it out.
    """

    name: str
    box: Box
    source: str
    extensions: Mapping[str, str] = field(default_factory=dict, hash=False)
    others: tuple[Box, ...] = ()
    certain: bool = True

    @property
    def readings(self) -> tuple[Box, ...]:
        """All places where it may lie, the likeliest first."""
        return (self.box, *self.others)


@dataclass(frozen=True, slots=True)
class UnplacedRegion:
    """A name whose box cannot be placed in the picture, and why, in a clause."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class TaggedName:
    """A name that is said of a whole photo, without a box.

    Where it is not `sure`, it may be any word: a keyword. `groups` are the keywords that it stands
    below, from the one below "people" on: none of them is a person.
    """

    name: str
    sure: bool
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundNames:
    """What stands in and beside a photo: `nameless` counts boxes without a name, `strangers` those
    of contacts of Picasa whose names are not known. `present` are people (uid, name) of whom
    photoclust wrote that they are in it without a face, `tagged` what others say of the whole
    photo, `dated` when it was taken as photoclust wrote it. `problems` are sentences about what
    could not be read.
    """

    regions: tuple[NamedRegion, ...] = ()
    unplaced: tuple[UnplacedRegion, ...] = ()
    nameless: int = 0
    strangers: int = 0
    present: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    tagged: tuple[TaggedName, ...] = ()
    dated: str | None = None

    def __bool__(self) -> bool:
        boxes = self.regions or self.unplaced or self.nameless or self.strangers
        return bool(boxes or self.present or self.tagged or self.dated or self.problems)

    def with_others(self, other: "FoundNames") -> "FoundNames":
        """Both together; what is the same in both counts once, as this one tells it."""
        fresh = [region for region in other.regions if not is_known(region, self.regions)]
        placed = {region.name for region in (*self.regions, *other.regions)}
        unplaced = dict.fromkeys((*self.unplaced, *other.unplaced))
        return FoundNames(
            (*self.regions, *fresh),
            tuple(each for each in unplaced if each.name not in placed),
            max(self.nameless, other.nameless),
            max(self.strangers, other.strangers),
            tuple(dict.fromkeys((*self.present, *other.present))),
            tuple(dict.fromkeys((*self.problems, *other.problems))),
            tuple(dict.fromkeys((*self.tagged, *other.tagged))),
            self.dated or other.dated,
        )


@dataclass(frozen=True, slots=True)
class PictureShape:
    """Sides of the upright picture in px, and the EXIF orientation (1–8) that made it upright."""

    width: int
    height: int
    orientation: int = 1

    @property
    def stored(self) -> tuple[int, int]:
        """Width and height as the picture is stored."""
        turned = self.orientation >= 5
        return (self.height, self.width) if turned else (self.width, self.height)


def upright(box: Box, orientation: int) -> Box:
    """Where a relative `box` of the picture as it is stored lies in the upright one (EXIF 2.32,
    tag 274).
    """
    x, y, w, h = box.x, box.y, box.w, box.h
    right, below = 1 - x - w, 1 - y - h
    turned = {
        2: (right, y, w, h),
        3: (right, below, w, h),
        4: (x, below, w, h),
        5: (y, x, h, w),
        6: (below, x, h, w),
        7: (below, right, h, w),
        8: (y, right, h, w),
    }
    return Box(*turned[orientation]) if orientation in turned else box


def is_known(region: NamedRegion, known: Sequence[NamedRegion]) -> bool:
    """Whether one of `known` is the same name at the same place, by any reading of `region`."""
    return any(
        other.name == region.name
        and any(other.box.iou(box) >= SAME_REGION_IOU for box in region.readings)
        for other in known
    )


def same_aspect(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two sizes (width, height) are of one picture, at the most reduced: within a hundredth
    or the rounding of a px.
    """
    if min(*one, *other) <= 0:
        return False
    across, down = one[0] * other[1], one[1] * other[0]
    slack = max(0.01, 1 / min(*one, *other))
    return abs(across - down) <= slack * max(across, down)


@dataclass(frozen=True, slots=True)
class ForeignPhoto:
    """A photo as another program knows it: `paths` are what it may be called here, the likeliest
    first, be it no more than the end of a path.

    `faces` are names with their boxes in the upright picture: in px of it (`in_pixels`), or
    relative. `size` is its width and height, in either order, None where that is not told.
    """

    paths: tuple[Path, ...]
    faces: tuple[tuple[str, Box], ...]
    size: tuple[int, int] | None
    source: str
    in_pixels: bool = False


@dataclass(frozen=True, slots=True)
class ForeignPhotos:
    """What another program knows: its photos with names, boxes without a name (`nameless`), and
    sentences about what could not be read.
    """

    photos: tuple[ForeignPhoto, ...]
    nameless: int = 0
    problems: tuple[str, ...] = ()
