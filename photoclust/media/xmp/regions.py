"""Faces with names in XMP: MWG regions and Microsoft people tags, placed in the upright picture.

MWG regions (`mwg-rs`, Metadata Working Group Guidelines 2.0, 5.9) have their centre as place and
belong to the picture as it is stored; the size that they were made for tells of programs that mean
the upright one instead. People tags (`MP:RegionInfo`, Windows Imaging Component) have their upper
left corner as place, and no size.
"""

import math
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from photoclust.core.language import tr
from photoclust.core.regions import (
    FoundNames,
    NamedRegion,
    PictureShape,
    UnplacedRegion,
    is_known,
    same_aspect,
    upright,
)
from photoclust.core.types import Box
from photoclust.media.xmp.documents import (
    Value,
    fields,
    items,
    local_fields,
    properties,
    text,
)
from photoclust.media.xmp.own import MAX_DATE, NAMESPACE, read_people

MWG = "http://www.metadataworkinggroup.com/schemas/regions/"
MP = "http://ns.microsoft.com/photo/1.2/"
MAX_REGIONS = 1000
"""No photo has more faces."""
WHOLE = 0.999
"""A box of so much of both sides is one of the picture: some phones write it."""


def read_regions(root: Element, shape: PictureShape) -> FoundNames:
    """The names with boxes in an XMP document that is about a picture of `shape`."""
    found = FoundNames()
    for name, value in properties(root):
        space, _, local = name.lstrip("{").rpartition("}")
        if local == "Regions" and space.rstrip("/") == MWG.rstrip("/"):
            found = found.with_others(_mwg_regions(value, shape))
        elif (space, local) == (NAMESPACE, "Present"):
            found = found.with_others(FoundNames(present=read_people(text(value))))
        elif (space, local) == (NAMESPACE, "Dated"):
            found = found.with_others(FoundNames(dated=text(value)[:MAX_DATE] or None))
    # Microsoft's later, so that what both say is known by the better of the two.
    for name, value in properties(root):
        space, _, local = name.lstrip("{").rpartition("}")
        if local == "RegionInfo" and space.rstrip("/") == MP.rstrip("/"):
            found = found.with_others(_people_tags(value, shape))
    return found


class _Collected:
    """What is found, each name at each place once."""

    def __init__(self) -> None:
        self.regions: list[NamedRegion] = []
        self.unplaced: list[UnplacedRegion] = []
        self.nameless = 0

    def add(self, region: NamedRegion) -> None:
        if not is_known(region, self.regions):
            self.regions.append(region)

    def result(self) -> FoundNames:
        return FoundNames(tuple(self.regions), tuple(self.unplaced), self.nameless)


def _mwg_regions(value: Value, shape: PictureShape) -> FoundNames:
    collected = _Collected()
    told = local_fields(value)
    applied = local_fields(told.get("AppliedToDimensions"))
    size = number(text(applied.get("w"))), number(text(applied.get("h")))
    for item in items(told.get("RegionList"))[:MAX_REGIONS]:
        region = local_fields(item)
        kind = text(region.get("Type"))
        if kind and kind.casefold() != "face":
            continue
        own = _extensions(item)
        # Of people who are hidden, and of nobody, photoclust writes no name for others to see.
        name = text(region.get("Name")) or own.get("Name", "")
        if not name and "State" not in own:
            collected.nameless += 1
            continue
        area = _area(local_fields(region.get("Area")), size, shape)
        if isinstance(area, str):
            collected.unplaced.append(UnplacedRegion(name, area))
            continue
        placed = place_stored(area, size, shape)
        if placed is None:
            collected.unplaced.append(UnplacedRegion(name, other_picture()))
            continue
        (box, *others), certain = placed
        collected.add(NamedRegion(name, box, "mwg", own, tuple(others), certain=certain))
    return collected.result()


def _people_tags(value: Value, shape: PictureShape) -> FoundNames:
    collected = _Collected()
    for item in items(local_fields(value).get("Regions"))[:MAX_REGIONS]:
        region = local_fields(item)
        name = text(region.get("PersonDisplayName"))
        if not name:
            collected.nameless += 1
            continue
        sides = [number(part) for part in text(region.get("Rectangle")).split(",")]
        if len(sides) != 4 or not any(sides):
            collected.unplaced.append(UnplacedRegion(name, tr("it has no box")))
            continue
        box = within(Box(*sides))
        if isinstance(box, str):
            collected.unplaced.append(UnplacedRegion(name, box))
            continue
        # Nothing tells how the picture was turned for whoever wrote it.
        turned = shape.orientation != 1
        others = (upright(box, shape.orientation),) if turned else ()
        collected.add(NamedRegion(name, box, "mp", others=others, certain=not turned))
    return collected.result()


def place_stored(
    box: Box, size: tuple[float, float], shape: PictureShape
) -> tuple[tuple[Box, ...], bool] | None:
    """Where a relative `box` may lie in the upright picture, the likeliest place first, and whether
    that is certain; `size` is that of the picture that it was made for, not positive where none is
    told. None where that is another picture than that of `shape`.
    """
    stored, as_shown = upright(box, shape.orientation), box
    alike = shape.orientation == 1
    if not all(side > 0 for side in size):
        return ((stored,) if alike else (stored, as_shown)), alike
    fits_stored = same_aspect(size, shape.stored)
    fits_upright = same_aspect(size, (shape.width, shape.height))
    if fits_stored and fits_upright:
        return ((stored,) if alike else (stored, as_shown)), True
    if fits_stored:
        return (stored,), True
    if fits_upright:
        return (as_shown,), True
    if same_aspect(size, (shape.height, shape.width)):
        # The picture itself was turned since, or its sides are told in the other order.
        return (as_shown, upright(box, 6), upright(box, 8)), False
    return None


def other_picture() -> str:
    """Why a box that was made for a picture of another shape has no place."""
    return tr("the picture was cropped or changed in shape after the name was written")


def within(box: Box) -> Box | str:
    """The part of a relative `box` that lies in the picture; or a clause that says why there is
    none that could be a face.
    """
    sides = (box.x, box.y, box.w, box.h)
    if not all(map(math.isfinite, sides)) or min(box.w, box.h) <= 0:
        return tr("it has no box")
    left, top = max(box.x, 0.0), max(box.y, 0.0)
    right, bottom = min(box.x + box.w, 1.0), min(box.y + box.h, 1.0)
    if right <= left or bottom <= top:
        return tr("its box lies outside the picture")
    if min(right - left, bottom - top) >= WHOLE:
        return tr("its box is the whole picture")
    inside = (left, top, right, bottom) == (box.x, box.y, box.x + box.w, box.y + box.h)
    return box if inside else Box(left, top, right - left, bottom - top)


def number(words: str) -> float:
    """A number as XMP writes it; not a number where there is none."""
    try:
        return float(words)
    except ValueError:
        return math.nan


def _area(area: Mapping[str, Value], size: tuple[float, float], shape: PictureShape) -> Box | str:
    """A `stArea` structure as a relative box, or a clause that says why there is none."""
    x, y, w, h, d = (number(text(area.get(key))) for key in "xywhd")
    pixels = text(area.get("unit")).casefold() in ("pixel", "pixels", "px")
    across, down = size if all(side > 0 for side in size) else shape.stored
    if math.isfinite(d) and not math.isfinite(w):  # a circle, measured by the shorter side
        short = 1.0 if pixels else min(across, down)
        w, h = (d, d) if pixels else (d * short / across, d * short / down)
    if pixels:
        x, w, y, h = x / across, w / across, y / down, h / down
    return within(Box(x - w / 2, y - h / 2, w, h))


def _extensions(item: Element) -> dict[str, str]:
    """What photoclust wrote into a region."""
    found: dict[str, str] = {}
    for name, value in _extension_fields(item):
        space, _, local = name.lstrip("{").rpartition("}")
        if space == NAMESPACE and not (isinstance(value, Element) and len(value)):
            found[local] = text(value)
    return found


def _extension_fields(item: Element) -> Iterator[tuple[str, Value]]:
    for name, value in fields(item).items():
        if name == f"{{{MWG}}}Extensions" and isinstance(value, Element):
            yield from fields(value).items()
