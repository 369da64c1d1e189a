"""Three ways: what photoclust wrote last, what it would write now, and what stands there now.

Whoever changed something since it was written last has a say: photoclust where nobody else did,
another program where photoclust has nothing new. Where both did, theirs stays, and is told; or ours
comes, where that is asked for and there is a name to write. What another program wrote before
somebody was renamed is no word against their name now.
"""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum

from photoclust.core.types import Box

SAME_FACE_IOU = 0.5
"""Regions that overlap so much are of one face."""
SAME_BOX_IOU = 0.9
"""Boxes that overlap so much are the same, rounded to pixels by a program that wrote them anew."""


_WRITTEN = 2e-6
"""Boxes are written with six decimals."""


class Claim(StrEnum):
    """What of a region is photoclust's: all of it, its name, or only what it added of its own."""

    OWN = "own"
    NAMED = "named"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Mark:
    """A region as photoclust left it; `person` is a UUID, empty where it was nobody's."""

    claim: Claim
    box: Box
    person: str
    name: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A region as photoclust would write it now; `own` are its `pc:` values, `former` names that
    the person had before.
    """

    box: Box
    name: str
    person: str = ""
    own: Mapping[str, str] = field(default_factory=dict)
    former: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """A region as it stands in the packet."""

    box: Box
    name: str
    own: Mapping[str, str] = field(default_factory=dict)


class Edit(Enum):
    """What to do with a region: ADD a wish, make one say all that a wish says (ALL), its name and
    `pc:` values (NAME), or these alone (OWN); REMOVE it, or take out its name and `pc:` values
    (UNNAME), or these alone (DISOWN).
    """

    ADD = "add"
    ALL = "all"
    NAME = "name"
    OWN = "own"
    REMOVE = "remove"
    UNNAME = "unname"
    DISOWN = "disown"


@dataclass(frozen=True, slots=True)
class Step:
    """One edit: of the region that stands at `place` (None for ADD), to what `wish` says."""

    edit: Edit
    place: int | None = None
    wish: Wish | None = None


class Kind(StrEnum):
    """What another program did: changed, removed, or what photoclust would change as well."""

    CHANGED = "changed"
    REMOVED = "removed"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Difference:
    """What another program wrote, and photoclust leaves as it is or overrules: `ours` and `theirs`
    are names, empty for a face without one, None for what is not there.
    """

    kind: Kind
    ours: str | None
    theirs: str | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The steps to take, how photoclust then left each region, what was left to others, and in what
    they are overruled. `theirs` are the names that others gave to wishes, by the boxes of these.
    """

    steps: tuple[Step, ...]
    marks: tuple[Mark, ...]
    differences: tuple[Difference, ...]
    overruled: tuple[Difference, ...] = ()
    theirs: Mapping[Box, str] = field(default_factory=dict)


def merge_regions(
    marks: Sequence[Mark],
    wishes: Sequence[Wish],
    standing: Sequence[Standing],
    people: frozenset[str] | None = None,
    *,
    ours: bool = False,
    theirs: Mapping[Box, str] | None = None,
) -> Merged:
    """Merge the regions of one list. Of `people` (UUIDs) alone is spoken; None: of all faces. With
    `ours`, a name of photoclust's takes the place of what others wrote instead. `theirs` are names
    that others gave to wishes in any list, by their boxes: they stand in this one as well.
    """
    work = _Merging(ours, theirs or {})
    spoken = [mark for mark in marks if people is None or mark.person in people]
    others = [mark for mark in marks if people is not None and mark.person not in people]
    # Whose region is not spoken of keeps its place: it is nobody else's.
    taken = set(_matched([mark.box for mark in others], [each.box for each in standing]).values())
    free = [place for place in range(len(standing)) if place not in taken]
    wish_of = _matched([mark.box for mark in spoken], [wish.box for wish in wishes])
    place_of = {
        mark: free[found]
        for mark, found in _matched(
            [mark.box for mark in spoken], [standing[place].box for place in free]
        ).items()
    }
    _match_by_name(spoken, standing, place_of, [p for p in free if p not in place_of.values()])
    work.marks += others
    for index, mark in enumerate(spoken):
        place, wanted = place_of.get(index), wish_of.get(index)
        wish = None if wanted is None else wishes[wanted]
        if place is None:
            work.removed_there(mark, wish)
        elif wish is None:
            work.no_longer_ours(mark, place, standing[place])
        else:
            work.known_to_both(mark, place, standing[place], wish)
    new = [wish for number, wish in enumerate(wishes) if number not in wish_of.values()]
    left = [place for place in free if place not in place_of.values()]
    found = _matched([wish.box for wish in new], [standing[place].box for place in left])
    for index, wish in enumerate(new):
        if wish.box in work.theirs:
            continue
        if index in found:
            work.theirs_already(left[found[index]], standing[left[found[index]]], wish)
        else:
            work.steps.append(Step(Edit.ADD, wish=wish))
            work.keep(Claim.OWN, wish)
    return Merged(
        tuple(work.steps),
        tuple(work.marks),
        tuple(work.differences),
        tuple(work.overruled),
        work.theirs,
    )


class _Merging:
    def __init__(self, ours: bool, theirs: Mapping[Box, str]) -> None:
        self.theirs = dict(theirs)
        self.steps: list[Step] = []
        self.marks: list[Mark] = []
        self.differences: list[Difference] = []
        self.overruled: list[Difference] = []
        self._ours = ours

    def keep(self, claim: Claim, wish: Wish) -> None:
        self.marks.append(Mark(claim, wish.box, wish.person, wish.name))

    def removed_there(self, mark: Mark, wish: Wish | None) -> None:
        if wish is None:
            return
        kind = Kind.REMOVED if _is_as_left(mark, wish) else Kind.CONFLICT
        if not self._overrules(Difference(kind, wish.name, None)):
            self.marks.append(mark)
            return
        self.steps.append(Step(Edit.ADD, wish=wish))
        self.keep(Claim.OWN, wish)

    def no_longer_ours(self, mark: Mark, place: int, there: Standing) -> None:
        if not _stands_as_left(mark, there):
            self.differences.append(Difference(Kind.CONFLICT, None, there.name))
            self.marks.append(mark)
            return
        edit = {Claim.OWN: Edit.REMOVE, Claim.NAMED: Edit.UNNAME, Claim.SHARED: Edit.DISOWN}
        self.steps.append(Step(edit[mark.claim], place))

    def known_to_both(self, mark: Mark, place: int, there: Standing, wish: Wish) -> None:
        if wish.box in self.theirs:
            self._follow(self.theirs[wish.box], mark, place, there, wish)
            return
        if _stands_as_left(mark, there):
            if mark.claim is Claim.SHARED and _is_outdated(there, wish):
                self.steps.append(Step(Edit.NAME, place, wish))
                self.keep(Claim.NAMED, wish)
                return
            if mark.claim is Claim.SHARED and wish.name != there.name:
                self._settle(Kind.CONFLICT, mark, place, there, wish)
                return
            ours = (there.name, dict(there.own)) == (wish.name, dict(wish.own))
            if mark.claim is not Claim.OWN:
                edit = Edit.NAME if mark.claim is Claim.NAMED else Edit.OWN
            else:
                edit = Edit.ALL
                ours = ours and _is_equal_box(mark.box, wish.box)
            if not ours:
                self.steps.append(Step(edit, place, wish))
            self.keep(mark.claim, wish)
        elif there.name == wish.name and _is_same_box(there.box, wish.box):
            self.steps += _own(place, there, wish)
            self.keep(mark.claim, wish)
        else:
            kind = Kind.CHANGED if _is_as_left(mark, wish) else Kind.CONFLICT
            self._settle(kind, mark, place, there, wish)

    def theirs_already(self, place: int, there: Standing, wish: Wish) -> None:
        """Another program has a region of that face already."""
        if there.name == wish.name:
            self.steps += _own(place, there, wish)
            self.keep(Claim.SHARED, wish)
        elif (
            not there.name
            or _is_outdated(there, wish)
            or self._overrules(Difference(Kind.CONFLICT, wish.name, there.name))
        ):
            self.steps.append(Step(Edit.NAME, place, wish))
            self.keep(Claim.NAMED, wish)

    def _follow(self, name: str, mark: Mark, place: int, there: Standing, wish: Wish) -> None:
        """Let a region have the `name` that others gave the face, as if they had written it."""
        if there.name != name:
            self.steps.append(Step(Edit.NAME, place, replace(wish, name=name)))
        kind = Kind.CHANGED if _is_as_left(mark, wish) else Kind.CONFLICT
        self.differences.append(Difference(kind, wish.name, name))
        self.marks.append(mark)

    def _settle(self, kind: Kind, mark: Mark, place: int, there: Standing, wish: Wish) -> None:
        """Leave what they made of a region, or make it ours as far as it ever was."""
        if not self._overrules(Difference(kind, wish.name, there.name)):
            self.marks.append(mark)
            if wish.name and there.name not in {"", wish.name}:
                self.theirs[wish.box] = there.name
            return
        is_own = mark.claim is Claim.OWN
        self.steps.append(Step(Edit.ALL if is_own else Edit.NAME, place, wish))
        self.keep(Claim.OWN if is_own else Claim.NAMED, wish)

    def _overrules(self, difference: Difference) -> bool:
        """Whether ours is to be written: never an empty name over one of theirs."""
        overrules = self._ours and bool(difference.ours)
        (self.overruled if overrules else self.differences).append(difference)
        return overrules


def is_among(name: str, names: Collection[str]) -> bool:
    """Whether `name` is one of `names`, whatever the case and the spaces."""
    return _folded(name) in set(map(_folded, names))


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _is_outdated(there: Standing, wish: Wish) -> bool:
    """Whether another program calls the person by a name that they had before."""
    return bool(wish.name) and wish.name != there.name and is_among(there.name, wish.former)


def _own(place: int, there: Standing, wish: Wish) -> list[Step]:
    return [] if dict(there.own) == dict(wish.own) else [Step(Edit.OWN, place, wish)]


def _stands_as_left(mark: Mark, there: Standing) -> bool:
    same = mark.name == there.name
    return same and (mark.claim is not Claim.OWN or mark.box.iou(there.box) >= SAME_BOX_IOU)


def _is_as_left(mark: Mark, wish: Wish) -> bool:
    return mark.name == wish.name and _is_same_box(mark.box, wish.box)


def _is_same_box(one: Box, other: Box) -> bool:
    return one.iou(other) >= SAME_BOX_IOU


def _is_equal_box(one: Box, other: Box) -> bool:
    """Whether they are equal as far as they are written."""
    pairs = zip((one.x, one.y, one.w, one.h), (other.x, other.y, other.w, other.h), strict=True)
    return all(abs(mine - theirs) < _WRITTEN for mine, theirs in pairs)


def _matched(ours: Sequence[Box], theirs: Sequence[Box]) -> dict[int, int]:
    """Which of `theirs` each of `ours` is, one to one, those that overlap most first."""
    pairs = sorted(
        (
            (overlap, one, other)
            for one, box in enumerate(ours)
            for other, there in enumerate(theirs)
            if (overlap := box.iou(there)) >= SAME_FACE_IOU
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, one, other in pairs:
        if one not in found and other not in taken:
            found[one] = other
            taken.add(other)
    return found


def _match_by_name(
    marks: Sequence[Mark], standing: Sequence[Standing], found: dict[int, int], free: Sequence[int]
) -> None:
    """A region that another program moved further away is known by a name that is there once."""
    left = list(free)
    for index, mark in enumerate(marks):
        named = [place for place in left if mark.name and standing[place].name == mark.name]
        if index not in found and len(named) == 1:
            found[index] = named[0]
            left.remove(named[0])
