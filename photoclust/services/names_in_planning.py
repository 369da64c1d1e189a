"""What is to be done about names that other programs wrote: who is meant, which face it is, what is
left, and why. Only reads.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.regions import FoundNames, NamedRegion
from photoclust.core.types import Box, FaceId, PersonId, PhotoId
from photoclust.services.names_in_matching import Match, box_of, match
from photoclust.store import named_faces
from photoclust.store import people as people_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Transaction
from photoclust.store.named_faces import KnownFace
from photoclust.store.names import clean_name, name_key

LEAST_SIDE = 0.002
"""A box that is narrower, relative to its photo, is no face that anybody could tell."""
SAME_BOX_IOU = 0.5


@dataclass(frozen=True, slots=True)
class LeftName:
    """A name that is not taken over: of which photo (`path`), where (`box`, px of the upright
    photo, None where it has no place), and why, in a clause.

    `ours` is whom the user confirmed there instead, where that is why: a conflict.
    """

    photo: PhotoId
    path: Path | None
    box: Box | None
    name: str
    reason: str
    ours: str | None = None


@dataclass(slots=True)
class Plan:
    """What is to be done: faces to confirm and boxes to draw, each with the person's number (of
    the library, or negative: one of `newcomers`), and what is left.
    """

    confirm: dict[FaceId, int] = field(default_factory=dict)
    revive: list[FaceId] = field(default_factory=list)
    draw: list[tuple[PhotoId, Box, int]] = field(default_factory=list)
    newcomers: dict[int, str] = field(default_factory=dict)
    photos: set[PhotoId] = field(default_factory=set)
    same: int = 0
    conflicts: list[LeftName] = field(default_factory=list)
    left: list[LeftName] = field(default_factory=list)
    nameless: int = 0
    problems: list[str] = field(default_factory=list)


def make_plan(
    tx: Transaction, told: Mapping[PhotoId, FoundNames], *, only_new: bool = False
) -> Plan:
    """What is to be done about the names in `told`.

    With `only_new`, faces of which the journal speaks stay as they are, be it in what was undone:
    what the user took back does not come again by itself.
    """
    planner = _Planner(tx, told.keys(), only_new=only_new)
    known = named_faces.faces(tx, told.keys())
    for photo, found in told.items():
        planner.plan_photo(photo, found, known[photo])
    return planner.plan


class _Places:
    """Files and sizes of photos, to tell of them."""

    def __init__(self, tx: Transaction, photos: Collection[PhotoId]) -> None:
        self._photos = {photo.id: photo for photo in photo_store.photos(tx, list(photos))}

    def left(
        self, photo: PhotoId, box: Box | None, name: str, reason: str, ours: str | None = None
    ) -> LeftName:
        """A name of `photo` that is left, at the relative `box`."""
        known = self._photos.get(photo)
        path = known.paths[0] if known is not None and known.paths else None
        if box is not None and known is not None:
            box = box.scaled(known.width, known.height)
        return LeftName(photo, path, box, name, reason, ours)


class _People:
    """Who is meant by a name."""

    def __init__(self, tx: Transaction, plan: Plan) -> None:
        self._tx = tx
        self._plan = plan
        self._known: dict[str, int | str] = {}
        self._uids: dict[str, PersonId] | None = None

    def called(self, region: NamedRegion) -> int | str:
        """The number of the person that a region names; or why nobody can be told, in a clause."""
        try:
            key = name_key(region.name)
        except UserError as error:
            return str(error)
        if key not in self._known:
            self._known[key] = self._look_up(region.name)
        found = self._known[key]
        if isinstance(found, str) and (meant := self._by_uid(region)) is not None:
            return meant
        return found

    def _look_up(self, name: str) -> int | str:
        found = people_store.find_people(self._tx, name)
        if len(found) > 1:
            return tr("several people are called so here")
        if found:
            return found[0]
        number = -1 - len(self._plan.newcomers)
        self._plan.newcomers[number] = clean_name(name)
        return number

    def _by_uid(self, region: NamedRegion) -> PersonId | None:
        """Of several people of one name, the one whom photoclust itself wrote there."""
        if not region.extensions:
            return None
        if self._uids is None:
            people = people_store.names_and_uids(self._tx)
            self._uids = {uid: person for person, (_, uid) in people.items()}
        namesakes = set(people_store.find_people(self._tx, region.name))
        told = (self._uids.get(value) for value in region.extensions.values())
        return next((person for person in told if person in namesakes), None)


class _Planner:
    """Goes through photos and plans what is to be done about their names."""

    def __init__(self, tx: Transaction, photos: Collection[PhotoId], *, only_new: bool) -> None:
        self.plan = Plan()
        self.people = _People(tx, self.plan)
        self.places = _Places(tx, photos)
        self.only_new = only_new

    def plan_photo(self, photo: PhotoId, found: FoundNames, known: Sequence[KnownFace]) -> None:
        """Plan what is to be done about the names in a photo, whose faces are `known`."""
        self.plan.nameless += found.nameless
        self.plan.problems += found.problems
        for each in found.unplaced:
            self.plan.left.append(self.places.left(photo, None, each.name, each.reason))
        # Boxes that were drawn and taken back are there again for whoever asks for it.
        shown = [face for face in known if not (face.drawn and face.excluded)]
        hidden = [face for face in known if face.drawn and face.excluded]
        matched = match(found.regions, [face.box for face in shown])
        for number, region in enumerate(found.regions):
            here = _Here(self, photo, region, box_of(region, matched))
            if number in matched.ambiguous:
                here.leave(tr("it may be one of several faces"))
            elif number in matched.faces:
                here.give(shown[matched.faces[number]])
            elif number in matched.taken:
                here.explain_taken(number, matched, found.regions)
            elif (again := _same_box(here.box, hidden)) is not None:
                here.give(again)
            elif not (region.certain or matched.borne_out):
                here.leave(tr("nothing tells how the picture was turned when it was written"))
            elif min(here.box.w, here.box.h) < LEAST_SIDE:
                here.leave(tr("its box is too small"))
            else:
                here.draw()


def _same_box(box: Box, faces: Sequence[KnownFace]) -> KnownFace | None:
    best = max(faces, key=lambda face: face.box.iou(box), default=None)
    return best if best is not None and best.box.iou(box) >= SAME_BOX_IOU else None


@dataclass(frozen=True, slots=True)
class _Here:
    """One name in one photo, and what is planned about it."""

    planner: _Planner
    photo: PhotoId
    region: NamedRegion
    box: Box

    @property
    def plan(self) -> Plan:
        return self.planner.plan

    def leave(self, reason: str) -> None:
        """Tell that the name is not taken over."""
        self.plan.left.append(self._told(reason))

    def conflict(self, ours: str, reason: str) -> None:
        """Tell that the user said otherwise."""
        self.plan.conflicts.append(self._told(reason, ours))

    def _told(self, reason: str, ours: str | None = None) -> LeftName:
        name, places = self.region.name, self.planner.places
        return places.left(self.photo, self.box, name, reason, ours)

    def give(self, face: KnownFace) -> None:
        """Let `face` be whom the region names, unless the user said otherwise."""
        if self.planner.only_new and face.mentioned:
            return
        person = self.planner.people.called(self.region)
        if isinstance(person, str):
            self.leave(person)
        elif face.person == person:
            self.plan.same += 1
        elif face.person is not None:
            ours = face.name or tr("somebody without a name")
            self.conflict(ours, tr("another name is confirmed here"))
        elif person in face.refused:
            self.conflict(tr("somebody else"), tr("you said that it is not them"))
        elif face.excluded and not face.drawn:
            self.conflict(tr("no face"), tr("you said that it is no face"))
        else:
            if face.excluded:
                self.plan.revive.append(face.id)
            self.plan.confirm[face.id] = person
            self.plan.photos.add(self.photo)

    def draw(self) -> None:
        """Make a face of the box."""
        person = self.planner.people.called(self.region)
        if isinstance(person, str):
            self.leave(person)
            return
        self.plan.draw.append((self.photo, self.box, person))
        self.plan.photos.add(self.photo)

    def explain_taken(self, number: int, matched: Match, regions: Sequence[NamedRegion]) -> None:
        """The face that the region fits went to another one."""
        face = matched.taken[number]
        other = next((each for each, got in matched.faces.items() if got == face), None)
        if other is not None and regions[other].name == regions[number].name:
            return  # written twice
        self.leave(tr("another name fits the face there better"))
