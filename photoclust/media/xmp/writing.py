"""Names and places of people into an XMP packet, in the forms that other programs read.

- `mwg-rs:Regions` of the Metadata Working Group (Guidelines for Handling Image Metadata 2.0,
  2010, 5.9): areas by their middle, in parts of `AppliedToDimensions`, in the orientation of the
  stored picture; read by digiKam, Lightroom, Picasa, Immich, PhotoPrism and others.
- `MP:RegionInfo`, the people tags of Microsoft: rectangles by their corner, in the same orientation
  (digiKam writes and reads one rectangle in both forms, see its `dmetadata_faces.cpp`).
- `Iptc4xmpExt:PersonInImage` of IPTC, `dc:subject`, and `lr:hierarchicalSubject` of Lightroom.
- `pc:…`, see `own`: what only photoclust knows, and what it wrote last, so that it never takes
  what others wrote for its own (see `merging`).

Only these properties are touched, and of them only photoclust's own items (see `editing`), save
that names which people had before give way, and what another program made of a name in one form
stands in all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from photoclust.core.language import tr
from photoclust.core.types import Box
from photoclust.media.xmp import forms, own
from photoclust.media.xmp.editing import Packet, Structure, items, structure
from photoclust.media.xmp.merging import (
    Claim,
    Difference,
    Edit,
    Mark,
    Merged,
    Standing,
    Wish,
    is_among,
    merge_regions,
)
from photoclust.media.xmp.merging_words import merge_words
from photoclust.media.xmp.region_edits import change_mp, change_mwg
from photoclust.media.xmp.spans import Element, Name, PacketError, escaped
from photoclust.media.xmp.wide import narrowed

_PEOPLE: Name = (forms.IPTC, "PersonInImage")
_KEYWORDS: Name = (forms.DC, "subject")
_HIERARCHY: Name = (forms.LR, "hierarchicalSubject")
_CHANGING = frozenset((Edit.ALL, Edit.NAME, Edit.UNNAME, Edit.REMOVE))
"""Edits after which a region has not the name any more that it had."""
_SAME_SHAPE = 0.02
"""By how much the proportions of a picture may differ for having been scaled to whole pixels."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be said of a picture whose file holds it as `size` (width, height in px).

    `regions` have boxes relative to the picture as it is stored; `names` are those of everybody in
    it who is told of, `present` (UUID, name) those of whom no face can be seen. Where `people`
    (UUIDs) is given, only these are spoken of, and what stands there of others stays. `former` are
    names that those had before of whom is told.
    """

    size: tuple[int, int]
    regions: tuple[Wish, ...] = ()
    names: tuple[str, ...] = ()
    present: tuple[tuple[str, str], ...] = ()
    people: frozenset[str] | None = None
    ours: bool = False
    dated: str | None = None
    former: frozenset[str] = frozenset()

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.regions or self.names or self.present or self.dated)


@dataclass(frozen=True, slots=True)
class Written:
    """A packet that says it all, but for `differences`, in which other programs had the last word;
    `overruled` are those in which it took that from them.

    `data` are the very bytes that were given where nothing had to be changed.
    """

    data: bytes
    differences: tuple[Difference, ...] = ()
    overruled: tuple[Difference, ...] = ()


def write(data: bytes, said: Said) -> Written:
    """The packet `data` (empty: a new one) with what is `said`, in the encoding that it has.

    Raises PacketError, a clause, for one that is damaged or cannot be changed safely.
    """
    narrow, wide = narrowed(data)
    written = _Writing(Packet(narrow), said).written()
    if wide is None:
        return written
    same = written.data == narrow
    return replace(written, data=data if same else wide.to_wide(written.data))


def stored_box(box: Box, orientation: int) -> Box:
    """A box relative to the upright picture, relative to the stored one, of EXIF `orientation` (1
    to 8) that makes it upright (Exif 2.32, CIPA DC-008, 4.6.4 A).
    """
    turns = {3: 180, 4: 180, 5: 270, 6: 90, 7: 90, 8: 270}
    turned = box.turned(turns.get(orientation, 0), 1, 1)
    if orientation in {2, 4, 5, 7}:
        # Mirrored before it was turned.
        turned = Box(1 - turned.x - turned.w, turned.y, turned.w, turned.h)
    return turned


@dataclass(slots=True)
class _Writing:
    """`replaced` are names of regions that have them no more, `left` those of others, `theirs` what
    they gave to faces instead of photoclust's, by the boxes of these.
    """

    packet: Packet
    said: Said
    differences: list[Difference] = field(default_factory=list)
    overruled: list[Difference] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    theirs: Mapping[Box, str] = field(default_factory=dict)

    def written(self) -> Written:
        self.theirs = self._names_of_others()
        self._regions()
        self._people_tags()
        names = self.said.names
        spoken = self._spoken_names()
        overruled = [each.theirs for each in self.overruled if each.theirs]
        old = [name for name in (*self.said.former, *overruled) if not is_among(name, self.left)]
        sure = self._surely(old)
        theirs = self._words_of_others()
        self._words(_PEOPLE, "Iptc4xmpExt", "WrittenPeople", names, spoken, old=old, theirs=theirs)
        self._words(_KEYWORDS, "dc", "WrittenKeywords", names, spoken, old=sure, theirs=theirs)
        self._words(
            _HIERARCHY,
            "lr",
            "WrittenHierarchy",
            [forms.below_people(name) for name in names],
            None if spoken is None else frozenset(map(forms.below_people, spoken)),
            old=[forms.below_people(name) for name in old],
            theirs={
                forms.below_people(name): forms.below_people(other)
                for name, other in theirs.items()
            },
        )
        self._present()
        if self.said.people is None:
            self._set_own("Dated", self.said.dated or "")
        data = self.packet.finished()
        differences, taken = dict.fromkeys(self.differences), dict.fromkeys(self.overruled)
        return Written(data, tuple(differences), tuple(taken))

    def _spoken_names(self) -> frozenset[str] | None:
        """What those are or were called of whom is spoken."""
        people = self.said.people
        if people is None:
            return None
        marks = self._marks("WrittenRegions")
        before = {mark.name for mark in marks if mark.person in people}
        return frozenset(before | set(self.said.names))

    def _names_of_others(self) -> dict[Box, str]:
        """The names that other programs gave to faces of which photoclust had written another, by
        their boxes: in one form at least, often in one only.
        """
        found: dict[Box, str] = {}
        tags = _listed(self.packet.property((forms.MP, "RegionInfo")), (forms.MP_INFO, "Regions"))
        regions = _listed(self.packet.property((forms.MWG, "Regions")), (forms.MWG, "RegionList"))
        for listed, read, written, wishes in (
            (tags, forms.mp_region, "WrittenTags", self._tags()),
            (regions, forms.mwg_region, "WrittenRegions", self.said.regions),
        ):
            there = [read(structure(item)) for item in items(listed)]
            merged = merge_regions(
                self._marks(written),
                wishes,
                [region for region in there if region is not None],
                self.said.people,
                ours=self.said.ours,
            )
            found |= merged.theirs
        return found

    def _words_of_others(self) -> dict[str, str]:
        """What others call those whom photoclust calls by the names that are the keys."""
        kept = {name for _, name in self.said.present}
        kept |= {wish.name for wish in self.said.regions if wish.box not in self.theirs}
        return {
            wish.name: self.theirs[wish.box]
            for wish in self.said.regions
            if wish.box in self.theirs and wish.name not in kept
        }

    def _surely(self, old: Sequence[str]) -> list[str]:
        """Those of `old` names that stand there as names of people: a keyword may be any word."""
        told = [*self.replaced, *self.packet.texts(_PEOPLE)]
        below = self.packet.texts(_HIERARCHY)
        return [
            name
            for name in old
            if is_among(name, told) or is_among(forms.below_people(name), below)
        ]

    def _regions(self) -> None:
        present = self.packet.property((forms.MWG, "Regions"))
        marks, theirs = self._marks("WrittenRegions"), self.theirs
        listed = _listed(present, (forms.MWG, "RegionList"))
        there = [(item, forms.mwg_region(structure(item))) for item in items(listed)]
        if present is not None and not self._fits(structure(present)):
            if self.said.people is not None or not _all_ours(marks, there):
                raise PacketError(
                    tr("its regions are of a picture of another shape; look at it in the program "
                       "that wrote them")
                )  # fmt: skip
            marks, there, listed, theirs = [], [], None, {}
        known = [(item, region) for item, region in there if region is not None]
        merged = merge_regions(
            marks,
            self.said.regions,
            [region for _, region in known],
            self.said.people,
            ours=self.said.ours,
            theirs=theirs,
        )
        add = [
            partial(forms.mwg_item, step.wish)
            for step in merged.steps
            if step.edit is Edit.ADD and step.wish is not None
        ]
        gone = [known[step.place or 0][0] for step in merged.steps if step.edit is Edit.REMOVE]
        left = len(there) - len(gone) + len(add)
        if left == 0:
            if present is not None and (gone or listed is None):
                self.packet.set_property((forms.MWG, "Regions"), None, {})
        elif listed is None or not self.packet.edit_array(listed, gone, add, forms.MWG_USES):
            self.packet.set_property(
                (forms.MWG, "Regions"),
                partial(forms.mwg_property, self.said.size, add),
                forms.MWG_USES,
            )
        else:
            for step in merged.steps:
                if step.place is not None and step.edit is not Edit.REMOVE:
                    change_mwg(self.packet, known[step.place][0], step)
        self._finish(merged, [region.name for _, region in known], "WrittenRegions")

    def _fits(self, regions: Structure) -> bool:
        """Whether the regions are of a picture of this shape; one that was scaled is."""
        size = regions.inner((forms.MWG, "AppliedToDimensions"))
        if size is None:
            return True
        width, height = (forms.number(size.get((forms.DIMENSIONS, side))) for side in ("w", "h"))
        if width is None or height is None or min(width, height) <= 0:
            return True
        return abs(width / height * self.said.size[1] / self.said.size[0] - 1) <= _SAME_SHAPE

    def _people_tags(self) -> None:
        present = self.packet.property((forms.MP, "RegionInfo"))
        listed = _listed(present, (forms.MP_INFO, "Regions"))
        there = [(item, forms.mp_region(structure(item))) for item in items(listed)]
        known = [(item, region) for item, region in there if region is not None]
        merged = merge_regions(
            self._marks("WrittenTags"),
            self._tags(),
            [region for _, region in known],
            self.said.people,
            ours=self.said.ours,
            theirs=self.theirs,
        )
        add = [
            partial(forms.mp_item, step.wish)
            for step in merged.steps
            if step.edit is Edit.ADD and step.wish is not None
        ]
        gone = [known[step.place or 0][0] for step in merged.steps if step.edit is Edit.REMOVE]
        if len(there) - len(gone) + len(add) == 0:
            if gone:
                self.packet.set_property((forms.MP, "RegionInfo"), None, {})
        elif listed is None or not self.packet.edit_array(listed, gone, add, forms.MP_USES):
            self.packet.set_property(
                (forms.MP, "RegionInfo"), partial(forms.mp_property, add), forms.MP_USES
            )
        else:
            for step in merged.steps:
                if step.place is not None and step.edit is not Edit.REMOVE:
                    change_mp(self.packet, known[step.place][0], step)
        self._finish(merged, [region.name for _, region in known], "WrittenTags")

    def _tags(self) -> list[Wish]:
        """The wishes for people tags, in which nothing else has room."""
        return [replace(wish, own={}) for wish in self.said.regions if wish.name]

    def _words(
        self,
        name: Name,
        prefix: str,
        written: str,
        wishes: Sequence[str],
        spoken: frozenset[str] | None,
        *,
        old: Sequence[str],
        theirs: Mapping[str, str],
    ) -> None:
        present = self.packet.property(name)
        there = items(present)
        texts = self.packet.texts(name)
        merged = merge_words(
            self._marks_of_words(written),
            wishes,
            texts,
            spoken,
            ours=self.said.ours,
            outdated=old,
            theirs=theirs,
        )
        self.differences += merged.differences
        # Of whom a region had another name, that is told already.
        known = {each.ours for each in self.overruled if each.theirs}
        known |= {forms.below_people(each) for each in known if each}
        self.overruled += [each for each in merged.overruled if each.ours not in known]
        gone = [item for item, text in zip(there, texts, strict=True) if text in merged.remove]
        add: list[forms.Write] = [partial(forms.word, word) for word in merged.add]
        if len(there) - len(gone) + len(add) == 0:
            if gone:
                self.packet.set_property(name, None, {})
        elif present is None or not self.packet.edit_array(present, gone, add, {}):
            tag = f"{prefix}:{name[1]}"
            self.packet.set_property(name, partial(forms.bag, tag, add), {prefix: name[0]})
        self._keep(written, merged.marks)

    def _present(self) -> None:
        people = self.said.people
        before = own.read_people(self._own("Present"))
        others = [] if people is None else [each for each in before if each[0] not in people]
        self._set_own("Present", own.people_text([*others, *self.said.present]))

    def _own(self, local: str) -> str:
        property_ = self.packet.property((own.NAMESPACE, local))
        return "" if property_ is None else property_.text

    def _set_own(self, local: str, text: str) -> None:
        """Let a property of photoclust's own be `text`; an empty one is taken out."""
        if text == self._own(local):
            return
        tag = f"{own.PREFIX}:{local}"
        self.packet.set_property(
            (own.NAMESPACE, local),
            (lambda needed: f"<{tag}{needed}>{escaped(text)}</{tag}>") if text else None,
            {own.PREFIX: own.NAMESPACE},
        )

    def _finish(self, merged: Merged, names: Sequence[str], written: str) -> None:
        """Note what came of regions that had these `names`."""
        changed = {step.place for step in merged.steps if step.edit in _CHANGING}
        for place, name in enumerate(names):
            (self.replaced if place in changed else self.left).append(name)
        self.differences += merged.differences
        self.overruled += merged.overruled
        self._keep(written, [forms.mark_text(mark) for mark in merged.marks])

    def _marks(self, written: str) -> list[Mark]:
        return [mark for text in self._marks_of_words(written) if (mark := forms.read_mark(text))]

    def _marks_of_words(self, written: str) -> list[str]:
        return self.packet.texts((own.NAMESPACE, written))

    def _keep(self, written: str, marks: Sequence[str]) -> None:
        if list(marks) == self._marks_of_words(written):
            return
        tag, uses = f"{own.PREFIX}:{written}", {own.PREFIX: own.NAMESPACE}
        add: list[forms.Write] = [partial(forms.word, mark) for mark in marks]
        bag = partial(forms.bag, tag, add) if marks else None
        self.packet.set_property((own.NAMESPACE, written), bag, uses)


def _listed(property_: Element | None, name: Name) -> Element | None:
    """The list called `name` of regions in a property."""
    return None if property_ is None else structure(property_).holder.find(name)


def _all_ours(marks: Sequence[Mark], there: Sequence[tuple[Element, Standing | None]]) -> bool:
    """Whether every region is one that photoclust wrote and nobody changed since."""
    written = {(mark.name, forms.box_text(mark.box)) for mark in marks if mark.claim is Claim.OWN}
    return all(
        region is not None and (region.name, forms.box_text(region.box)) in written
        for _, region in there
    )
