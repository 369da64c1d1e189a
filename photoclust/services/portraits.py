"""What the page of one person shows: their faces with when they were taken and how old they were,
their photos, and who is in these with them.
"""

from dataclasses import dataclass, field
from datetime import datetime

from photoclust.core.ages import Age, age
from photoclust.core.dates import PhotoDate
from photoclust.core.forms import Shots, as_shown
from photoclust.core.types import ClusterId, Face, Group, GroupKind, PersonId, PhotoId
from photoclust.services.keys import parse_key
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store import presences, stacks, together
from photoclust.store.database import Library


@dataclass(frozen=True, slots=True)
class Portrait:
    """A face, when its photo was taken, and how old its person was then, as far as it is known."""

    face: Face
    taken: PhotoDate | None = None
    age: Age | None = None


@dataclass(frozen=True, slots=True)
class DatedPhoto:
    """A photo and when it was taken; `faces` are those of whoever it is listed for, none where the
    user said that they are in it without one.
    """

    id: PhotoId
    taken: PhotoDate | None
    faces: tuple[Face, ...] = ()


@dataclass(frozen=True, slots=True)
class Portrayal:
    """All that is to be seen of a person or group: its faces, those of a person with the newest
    first and of a group with the best first, and the photos, the newest first. `shots` are these
    photos as they are shown: of the forms of a shot one that they are in.
    """

    faces: tuple[Portrait, ...]
    photos: tuple[DatedPhoto, ...]
    shots: Shots = field(default_factory=Shots)


@dataclass(frozen=True, slots=True)
class Companion:
    """Somebody who is in so many photos with somebody else."""

    person: Group
    photos: int


def portrayal(library: Library, key: str) -> Portrayal:
    """What there is to be seen of the person or group `key` (`p7`, `g31`)."""
    kind, number = parse_key(key, "pg")
    with library.read() as tx:
        person = PersonId(number) if kind == "p" else None
        found = face_store.faces(
            tx,
            person=person,
            cluster=ClusterId(number) if kind == "g" else None,
            without_person=kind == "g",
        )
        ids = [face.photo for face in found]
        ids += presences.photos_without_face(tx, person) if person is not None else []
        dates = together.dates(tx, ids)
        covers = stacks.covers_among(tx, ids)
        known = None if person is None else people_store.person(tx, person)
    born = None if known is None else known.birthday
    portraits = [
        Portrait(face, dates[face.photo], None if born is None else age(born, dates[face.photo]))
        for face in found
    ]
    by_photo: dict[PhotoId, list[Face]] = {photo: [] for photo in ids}
    for face in found:
        by_photo[face.photo].append(face)
    photos = [DatedPhoto(photo, dates[photo], tuple(mine)) for photo, mine in by_photo.items()]
    photos.sort(key=lambda photo: _newest_first(photo.taken))
    if person is not None:
        portraits.sort(key=lambda portrait: _newest_first(portrait.taken))
    shots = as_shown([photo.id for photo in photos], covers)
    return Portrayal(tuple(portraits), tuple(photos), shots)


def companions(library: Library, person: PersonId) -> list[Companion]:
    """Who is in photos with a person, those who are in most of them first."""
    with library.read() as tx:
        groups = people_store.groups(tx)
        people = {group.id: group for group in groups if group.kind is GroupKind.PERSON}
        return [
            Companion(people[who], photos)
            for who, photos in together.companions(tx, person)
            if who in people
        ]


def photos_with_both(library: Library, one: PersonId, other: PersonId) -> Shots:
    """The photos that both people are in."""
    with library.read() as tx:
        found = sorted(together.photos_with_both(tx, one, other))
        return as_shown(found, stacks.covers_among(tx, found))


def _newest_first(taken: PhotoDate | None) -> tuple[bool, float]:
    """Those of which nobody knows when they were taken come last, in the order they have."""
    if taken is None or not taken.is_evidence:
        return True, 0.0
    since = taken.value.replace(tzinfo=None) - datetime.min  # noqa: DTZ901 - of naive values
    return False, -since.total_seconds()
