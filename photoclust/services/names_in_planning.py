"""What is to be done about names that other programs wrote: who is meant, which face it is, what is
left, and why. Only reads.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from photoclust.core.language import tr
from photoclust.core.regions import FoundNames, NamedRegion
from photoclust.core.types import Box, FaceId, PhotoId
from photoclust.media.xmp.own import FaceState, State, read_values
from photoclust.services.names_in_facts import plan_facts
from photoclust.services.names_in_matching import Match, box_of, match
from photoclust.services.names_in_people import People
from photoclust.services.names_in_plan import Drawing, LeftName, PersonFacts, Places, Plan
from photoclust.services.names_in_presences import plan_presences
from photoclust.store import named_faces
from photoclust.store.database import Transaction
from photoclust.store.named_faces import KnownFace

LEAST_SIDE = 0.002
"""A box that is narrower, relative to its photo, is no face that anybody could tell."""
SAME_BOX_IOU = 0.5


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
    # Whoever a box names is somebody for the words of every photo.
    plan_presences(tx, planner.plan, planner.places, told, known, only_new=only_new)
    plan_facts(tx, planner.plan, told)
    return planner.plan


class _Planner:
    """Goes through photos and plans what is to be done about their names."""

    def __init__(self, tx: Transaction, photos: Collection[PhotoId], *, only_new: bool) -> None:
        self.plan = Plan(People(tx))
        self.places = Places(tx, photos)
        self.only_new = only_new

    def plan_photo(self, photo: PhotoId, found: FoundNames, known: Sequence[KnownFace]) -> None:
        """Plan what is to be done about the names in a photo, whose faces are `known`."""
        self.plan.nameless += found.nameless
        self.plan.strangers += found.strangers
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
                here.settle(shown[matched.faces[number]])
            elif number in matched.taken:
                face = matched.taken[number]
                here.explain_taken(shown[face], _who_else(face, matched, found.regions))
            elif number in matched.over:
                face = matched.over[number]
                ours = shown[face].name or _who_else(face, matched, found.regions)
                here.leave(tr("it lies over a face that it does not fit"), ours)
            elif (again := _same_box(here.box, hidden)) is not None:
                here.settle(again)
            elif not (region.certain or matched.borne_out):
                here.leave(tr("nothing tells how the picture was turned when it was written"))
            elif min(here.box.w, here.box.h) < LEAST_SIDE:
                here.leave(tr("its box is too small"))
            else:
                here.draw()


def _same_box(box: Box, faces: Sequence[KnownFace]) -> KnownFace | None:
    best = max(faces, key=lambda face: face.box.iou(box), default=None)
    return best if best is not None and best.box.iou(box) >= SAME_BOX_IOU else None


def _who_else(face: int, matched: Match, regions: Sequence[NamedRegion]) -> str | None:
    """Who is said to be a face by the region that got it."""
    got = next((number for number, other in matched.faces.items() if other == face), None)
    return None if got is None else regions[got].name or None


def _shown(face: KnownFace) -> str:
    return face.name or tr("somebody without a name")


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

    @property
    def own(self) -> FaceState | None:
        """What photoclust itself wrote with it."""
        return read_values(self.region.extensions)

    @property
    def state(self) -> State:
        return State.CONFIRMED if self.own is None else self.own.state

    def leave(self, reason: str, ours: str | None = None) -> None:
        """Tell that the name is not taken over; `ours` is who is there."""
        self.plan.left.append(self._told(reason, ours))

    def conflict(self, ours: str, reason: str) -> None:
        """Tell that the user said otherwise."""
        self.plan.conflicts.append(self._told(reason, ours))

    def _told(self, reason: str, ours: str | None = None) -> LeftName:
        name, places = self.region.name, self.planner.places
        return places.left(self.photo, self.box, name, reason, ours)

    def settle(self, face: KnownFace) -> None:
        """Let `face` be what is said of it, unless the user said otherwise."""
        if self.planner.only_new and face.mentioned:
            self.plan.contradicting += self._contradicts(face)
            return
        match self.state:
            case State.CONFIRMED:
                self._give(face)
            case State.NOT_A_FACE:
                self._exclude(face)
            case State.SUGGESTED:
                self.leave(tr("photoclust had only guessed it"), face.name)
            case State.REJECTED | State.NO_NAME:
                if face.excluded and face.drawn:
                    self.plan.revive.append(face.id)
        if self.own is not None:
            self._refuse(face, self.own)

    def draw(self) -> None:
        """Make a face of the box."""
        person: int | None = None
        if self.state is State.CONFIRMED:
            called = self._called()
            if isinstance(called, str):
                self.leave(called)
                return
            person = called
        elif self.own is None or not self.own.drawn or self.state is State.NOT_A_FACE:
            return
        refused = () if self.own is None else tuple(self._refused(self.own))
        drawing = Drawing(self.photo, self.box, person, refused)
        self.plan.draw.append(drawing)
        if person is not None:
            self._note(person, drawing)
        self.plan.photos.add(self.photo)

    def _called(self) -> int | str:
        uid = None if self.own is None else self.own.person
        hidden = self.own is not None and self.own.hidden
        return self.planner.plan.people.called(self.region.name, uid, hidden=hidden)

    def _contradicts(self, face: KnownFace) -> bool:
        """Whether it is said of the face that it is not who was confirmed."""
        if self.state is not State.CONFIRMED or face.person is None:
            return False
        return not (self._is_meant(face) or self._is_former(face))

    def _is_meant(self, face: KnownFace) -> bool:
        """Whether the person of the face is meant."""
        if face.person is None:
            return False
        uid = None if self.own is None else self.own.person
        return self.plan.people.is_called(face.person, self.region.name, uid)

    def _is_former(self, face: KnownFace) -> bool:
        """Whether it is said of the face by the name that its person had when it was written."""
        return face.person in self.plan.people.formerly_called(self.region.name)

    def _give(self, face: KnownFace) -> None:
        if self._is_former(face):
            self.plan.same += 1
            return
        person = self._called()
        if isinstance(person, str):
            self.leave(person, face.name)
        elif face.person == person:
            self.plan.same += 1
            self._note(person, face.id)
        elif face.person is not None:
            self.conflict(_shown(face), tr("another name is confirmed here"))
        elif person in face.refused:
            self.conflict(tr("somebody else"), tr("you said that it is not them"))
        elif face.excluded and not face.drawn:
            self.conflict(tr("no face"), tr("you said that it is no face"))
        else:
            if face.excluded:
                self.plan.revive.append(face.id)
            self.plan.confirm[face.id] = person
            self.plan.photos.add(self.photo)
            self._note(person, face.id)

    def _note(self, person: int, face: FaceId | Drawing) -> None:
        """Note what is said of the person whose face it is."""
        own = self.own
        if own is None or not (own.aliases or own.born or own.cover):
            return
        facts = self.plan.facts.setdefault(person, PersonFacts())
        facts.aliases |= dict.fromkeys(own.aliases)
        facts.born = facts.born or own.born
        if own.cover and facts.cover is None:
            facts.cover = face

    def _exclude(self, face: KnownFace) -> None:
        if face.person is not None:
            self.conflict(_shown(face), tr("another name is confirmed here"))
        elif not face.excluded:
            self.plan.exclude.append(face.id)
            self.plan.photos.add(self.photo)

    def _refuse(self, face: KnownFace, own: FaceState) -> None:
        """Say who `face` is not."""
        for person in self._refused(own):
            if face.person == person:
                self.conflict(_shown(face), tr("another name is confirmed here"))
            elif person not in face.refused:
                self.plan.refuse.append((face.id, person))
                self.plan.photos.add(self.photo)

    def _refused(self, own: FaceState) -> Iterator[int]:
        for uid, name in own.rejected:
            person = self.plan.people.called(name, uid)
            if not isinstance(person, str):
                yield person

    def explain_taken(self, face: KnownFace, other: str | None) -> None:
        """The `face` that the region fits went to one of the name `other`."""
        if (other or "") == self.region.name:
            return  # written twice
        if self._is_former(face) or self._is_meant(face):
            return
        self.leave(tr("another name fits the face there better"), face.name or other)
