"""How regions, people and keywords are written in XMP, and how regions are read to be merged.

What writes one is given the declarations of namespaces that its first tag needs, see `editing`.
"""

import math
from collections.abc import Callable, Iterable, Mapping

from photoclust.core.types import Box
from photoclust.media.xmp import own
from photoclust.media.xmp.editing import Structure
from photoclust.media.xmp.merging import Claim, Mark, Standing, Wish
from photoclust.media.xmp.spans import escaped, quoted

MWG = "http://www.metadataworkinggroup.com/schemas/regions/"
AREA = "http://ns.adobe.com/xmp/sType/Area#"
DIMENSIONS = "http://ns.adobe.com/xap/1.0/sType/Dimensions#"
MP = "http://ns.microsoft.com/photo/1.2/"
MP_INFO = "http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
MP_REGION = "http://ns.microsoft.com/photo/1.2/t/Region#"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
DC = "http://purl.org/dc/elements/1.1/"
LR = "http://ns.adobe.com/lightroom/1.0/"

HIERARCHY = "People"
"""The keyword above all names, in English as in the programs that read it."""
MWG_USES = {"mwg-rs": MWG, "stArea": AREA, "stDim": DIMENSIONS, own.PREFIX: own.NAMESPACE}
MP_USES = {"MP": MP, "MPRI": MP_INFO, "MPReg": MP_REGION}

Write = Callable[[str], str]
"""Gives a piece of a packet when it gets the declarations for its first tag."""


def mwg_region(inside: Structure) -> Standing | None:
    """A region that may be of a face; None for what else there is: pets, focus, bar codes."""
    if (inside.get((MWG, "Type")) or "Face") != "Face":
        return None
    where = inside.inner((MWG, "Area"))
    if where is None or (where.get((AREA, "unit")) or "normalized") != "normalized":
        return None
    x, y, w, h = (number(where.get((AREA, key))) for key in ("x", "y", "w", "h"))
    if x is None or y is None or w is None or h is None:
        return None
    added = inside.inner((MWG, "Extensions"))
    values = {} if added is None else added.fields()
    return Standing(
        Box(x - w / 2, y - h / 2, w, h),
        inside.get((MWG, "Name")) or "",
        {name[1]: value for name, value in values.items() if name[0] == own.NAMESPACE},
    )


def mp_region(inside: Structure) -> Standing | None:
    """A people tag; None where it has no rectangle."""
    text = inside.get((MP_REGION, "Rectangle")) or ""
    parts = text.split(",")
    if len(parts) != 4:
        return None
    x, y, w, h = map(number, parts)
    if x is None or y is None or w is None or h is None:
        return None
    return Standing(Box(x, y, w, h), inside.get((MP_REGION, "PersonDisplayName")) or "")


def number(text: str | None) -> float | None:
    """The finite number that is written; None where it is none."""
    try:
        value = float((text or "").strip())
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def mwg_property(size: tuple[int, int], items_: Iterable[Write], needed: str) -> str:
    """All of `mwg-rs:Regions` of a picture of `size`, in px as it is stored."""
    lines = "".join(f"\n      {write('')}" for write in items_)
    return (
        f'<mwg-rs:Regions{needed} rdf:parseType="Resource">\n'
        f'    <mwg-rs:AppliedToDimensions stDim:w="{size[0]}" stDim:h="{size[1]}"'
        ' stDim:unit="pixel"/>\n'
        f"    <mwg-rs:RegionList>\n     <rdf:Bag>{lines}\n     </rdf:Bag>\n"
        "    </mwg-rs:RegionList>\n   </mwg-rs:Regions>"
    )


def mwg_item(wish: Wish, needed: str) -> str:
    """One region."""
    name = f" mwg-rs:Name={quoted(wish.name)}" if wish.name else ""
    kind = ' mwg-rs:Type="Face"' if is_face(wish) else ""
    added = extensions(wish.own, "", "") if wish.own else ""
    return (
        f"<rdf:li{needed}><rdf:Description{name}{kind}>"
        f"{area(wish.box, '')}{added}</rdf:Description></rdf:li>"
    )


def is_face(wish: Wish) -> bool:
    """Whether a region is to be shown as a face."""
    # What is none is of no kind: those who look at that (Lightroom, Picasa) do not take it for one.
    return wish.own.get("State") != own.State.NOT_A_FACE


def area(box: Box, needed: str) -> str:
    """The place of a region, by its middle."""
    x, y = box.centre
    numbers = zip("xywh", (x, y, box.w, box.h), strict=True)
    values = "".join(f' stArea:{key}="{_digits(value)}"' for key, value in numbers)
    return f'<mwg-rs:Area{needed}{values} stArea:unit="normalized"/>'


def extensions(values: Mapping[str, str], kept: str, needed: str) -> str:
    """What only photoclust knows of a region, behind what others keep there (`kept`)."""
    if not kept:
        said = "".join(f" {own.PREFIX}:{key}={quoted(text)}" for key, text in values.items())
        return f"<mwg-rs:Extensions{needed}{said}/>"
    said = "".join(
        f"<{own.PREFIX}:{key}>{escaped(text)}</{own.PREFIX}:{key}>" for key, text in values.items()
    )
    return f'<mwg-rs:Extensions{needed} rdf:parseType="Resource">{kept}{said}</mwg-rs:Extensions>'


def mp_property(items_: Iterable[Write], needed: str) -> str:
    """All of `MP:RegionInfo`."""
    lines = "".join(f"\n      {write('')}" for write in items_)
    return (
        f'<MP:RegionInfo{needed} rdf:parseType="Resource">\n'
        f"    <MPRI:Regions>\n     <rdf:Bag>{lines}\n     </rdf:Bag>\n    </MPRI:Regions>\n"
        "   </MP:RegionInfo>"
    )


def mp_item(wish: Wish, needed: str) -> str:
    """One people tag."""
    return (
        f"<rdf:li{needed} MPReg:Rectangle={quoted(rectangle(wish.box))}"
        f" MPReg:PersonDisplayName={quoted(wish.name)}/>"
    )


def rectangle(box: Box) -> str:
    """The place of a people tag, by its corner."""
    return ", ".join(map(_digits, (box.x, box.y, box.w, box.h)))


def bag(tag: str, items_: Iterable[Write], needed: str) -> str:
    """An array of texts as the property `tag`."""
    lines = "".join(f"\n     {write('')}" for write in items_)
    return f"<{tag}{needed}>\n    <rdf:Bag>{lines}\n    </rdf:Bag>\n   </{tag}>"


def word(text: str, needed: str) -> str:
    """One item of an array of texts."""
    return f"<rdf:li{needed}>{escaped(text)}</rdf:li>"


def below_people(name: str) -> str:
    """The keyword of a name in a hierarchy."""
    # The bar parts the levels of a hierarchy.
    return f"{HIERARCHY}|{name.replace('|', '/')}"


def _digits(value: float) -> str:
    """Six decimals: a hundredth of a pixel of the largest pictures."""
    return f"{value:.6f}"


def box_text(box: Box) -> str:
    """A box as it is compared and kept."""
    return " ".join(map(_digits, (box.x, box.y, box.w, box.h)))


def mark_text(mark: Mark) -> str:
    """A mark as `pc:WrittenRegions` keeps it; `read_mark` reads it."""
    return f"{mark.claim} {box_text(mark.box)} {mark.person or '-'} {mark.name}".rstrip()


def read_mark(text: str) -> Mark | None:
    """The mark that `mark_text` wrote; None for what it did not."""
    parts = text.split(" ", 6)
    try:
        claim = Claim(parts[0])
        box = Box(*map(float, parts[1:5]))
    except (ValueError, TypeError):
        return None
    person = parts[5] if len(parts) > 5 and parts[5] != "-" else ""
    return Mark(claim, box, person, parts[6] if len(parts) > 6 else "")
