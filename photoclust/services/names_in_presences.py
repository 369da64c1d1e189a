"""Who is said to be in a photo without a box: by photoclust's own list, by `PersonInImage`, and by
keywords. Only reads.

Programs know a document or a video as one picture: who is in a further picture in a file is not in
its first one for being named there.

No face is confirmed by such a name, not even where a photo has one face and one name: the face may
be of whoever stood behind. The photo becomes one of theirs, and the face is asked about as others.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.regions import FoundNames, TaggedName
from photoclust.core.types import PhotoId
from photoclust.services.names_in_plan import Places, Plan
from photoclust.store import named_faces, outgoing
from photoclust.store.database import Transaction
from photoclust.store.named_faces import KnownFace
from photoclust.store.names import name_key


def plan_presences(
    tx: Transaction,
    plan: Plan,
    places: Places,
    told: Mapping[PhotoId, FoundNames],
    known: Mapping[PhotoId, Sequence[KnownFace]],
    *,
    only_new: bool,
) -> None:
    """Add to `plan`, in which all boxes have their place, who is in photos without one.

    With `only_new`, what the journal speaks of stays as it is, be it in what was undone.
    """
    planner = _Planner(tx, plan, places, told, only_new=only_new)
    for photo, found in told.items():
        for uid, name in found.present:
            if name and planner.stays(photo, name):
                continue
            person = plan.people.called(name, uid)
            if isinstance(person, int):
                planner.be_present(photo, person, name, plan.present)
    # A keyword that may be any word is a name where one that is none other is.
    for sure in (True, False):
        for photo, found in told.items():
            planner.plan_words(
                photo, found, known[photo], [each for each in found.tagged if each.sure is sure]
            )


class _Planner:
    def __init__(
        self,
        tx: Transaction,
        plan: Plan,
        places: Places,
        told: Mapping[PhotoId, FoundNames],
        *,
        only_new: bool,
    ) -> None:
        self._plan = plan
        self._places = places
        self._only_new = only_new
        self._said = named_faces.presences_said(tx, told.keys())
        here = outgoing.present(tx, list(told))
        self._here = {photo: set(here.get(photo, ())) for photo in told}
        self._along = _people_along(tx, list(told))
        self._planned: set[tuple[PhotoId, int]] = set()
        self._groups = {
            _key(group) for found in told.values() for each in found.tagged for group in each.groups
        }
        self._drawn: dict[PhotoId, set[int]] = defaultdict(set)
        for drawing in plan.draw:
            if drawing.person is not None:
                self._drawn[drawing.photo].add(drawing.person)

    def plan_words(
        self,
        photo: PhotoId,
        found: FoundNames,
        known: Sequence[KnownFace],
        tagged: Sequence[TaggedName],
    ) -> None:
        """Plan what is to be done about names that are said of a photo, whose faces are `known`."""
        names = [region.name for region in found.regions] + [each.name for each in found.unplaced]
        boxed = set(map(_key, names))
        confirm = self._plan.confirm
        seen: set[int] = {face.person for face in known if face.person is not None}
        seen |= {confirm[face.id] for face in known if face.id in confirm}
        seen |= self._drawn.get(photo, set()) | self._along.get(photo, set())
        inside = seen | self._here[photo]
        refused = {person for face in known for person in face.refused}
        for each in tagged:
            key = _key(each.name)
            if key in boxed or key in self._groups or self.stays(photo, each.name):
                continue
            people = self._plan.people
            if not inside.isdisjoint(people.formerly_called(each.name)):
                continue  # by the name that they had when it was written
            person = people.called(each.name) if each.sure else people.known(each.name)
            if isinstance(person, str):
                self._plan.left.append(self._places.left(photo, None, each.name, person))
            elif person is None or person in seen or (not each.sure and person in refused):
                continue
            else:
                self.be_present(photo, person, each.name, self._plan.tagged)

    def be_present(
        self, photo: PhotoId, person: int, name: str, into: list[tuple[PhotoId, int]]
    ) -> None:
        """Let somebody be in a photo, unless that is said here already, or that they are not."""
        pair = photo, person
        if pair in self._planned:
            return
        self._planned.add(pair)
        if pair in self._said and self._only_new:
            return
        if person in self._here[photo]:
            self._plan.same += into is self._plan.tagged
        elif self._said.get(pair, False):
            reason = tr("you said that they are not in the photo")
            left = self._places.left(photo, None, name, reason, tr("nobody"))
            self._plan.conflicts.append(left)
        else:
            into.append(pair)
            if into is self._plan.present:
                self._plan.photos.add(photo)

    def stays(self, photo: PhotoId, name: str) -> bool:
        """Whether it is to stay as it is who of that name is in a photo, as the journal speaks of
        it: be it of somebody who was called so and is gone by now.
        """
        ever = self._plan.people.ever_called(name) if self._only_new else ()
        return any((photo, who) in self._said for who in ever)


def _people_along(tx: Transaction, photos: Sequence[PhotoId]) -> Mapping[PhotoId, set[int]]:
    """Who is in the further pictures in the files of each of `photos`."""
    photo_of = {
        file.path: photo for photo, files in outgoing.files(tx, photos).items() for file in files
    }
    found: dict[PhotoId, set[int]] = defaultdict(set)
    for path, people in outgoing.people_along(tx, list(photo_of)).items():
        found[photo_of[path]].update(people)
    return found


def _key(name: str) -> str:
    try:
        return name_key(name)
    except UserError:
        return name
