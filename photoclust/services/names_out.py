"""Who and what leaves the library for other programs: the people asked for, and what is said of the
faces in their photos.

Programs know a document or a video as one picture. So its own sidecar names also those who are in
its further pictures, whose boxes are told in sidecars of their own.

Names that the program only guesses leave where that is asked for. People whom the user hid are told
of to photoclust alone (see `media.xmp.own`): other programs get the place of the face, no name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from photoclust.core.types import PersonId, Photo, PhotoId
from photoclust.media.xmp.merging import Wish
from photoclust.media.xmp.own import FaceState, State, to_values
from photoclust.media.xmp.writing import Said, stored_box
from photoclust.services.keys import require_people
from photoclust.store import outgoing, stacks
from photoclust.store import photos as photo_store
from photoclust.store.chunks import chunks
from photoclust.store.database import Library
from photoclust.store.outgoing import OutFace, OutFile, OutPerson

_ORDER = {State.NO_NAME: 1, State.REJECTED: 1, State.NOT_A_FACE: 2}
"""Regions without a name come last: some programs read no further than the first of them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of whom is to be told: of `people`, or of everybody and every face where that is None; with
    `guesses` also what the program only takes for them. With `ours`, where another program changed
    a name that was exported, or has another, that is overruled.
    """

    people: frozenset[PersonId] | None = None
    guesses: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True)
class OutPhoto:
    """A photo with its files, its faces and who is in it without one; `dated` is when it was taken
    as the user said (`photo_dates.date_text`), `along` who is in the further pictures in each of
    its files, and whether the user said so.
    """

    photo: Photo
    files: tuple[OutFile, ...]
    faces: tuple[OutFace, ...]
    present: tuple[PersonId, ...]
    dated: str | None = None
    along: Mapping[Path, Mapping[PersonId, bool]] = field(default_factory=dict)


def find_people(library: Library, who: Sequence[str]) -> frozenset[PersonId] | None:
    """The people whom `who` means, by ids (`p7`) or names; None for an empty list: everybody.

    Raises UserError where there is nobody of that name, or nobody who has that id.
    """
    if not who:
        return None
    found: set[PersonId] = set()
    with library.read() as tx:
        for each in who:
            found.update(require_people(tx, each))
    return frozenset(found)


def out_photos(
    library: Library, photos: Sequence[PhotoId] | None = None, *, with_along: bool = False
) -> Iterator[OutPhoto]:
    """All photos, or these, the newest first, some at a time; `along` is looked up only where that
    is asked for.
    """
    if photos is None:
        with library.read() as tx:
            photos = photo_store.photo_ids(tx)
    for part in chunks(photos):
        with library.read() as tx:
            known = photo_store.photos(tx, part)
            files, faces = outgoing.files(tx, part), outgoing.faces(tx, part)
            present, dated = outgoing.present(tx, part), outgoing.dated(tx, part)
            paths = [file.path for each in files.values() for file in each]
            along = outgoing.people_along(tx, paths) if with_along else {}
        for photo in known:
            yield OutPhoto(
                photo,
                tuple(files.get(photo.id, ())),
                tuple(faces.get(photo.id, ())),
                tuple(present.get(photo.id, ())),
                dated.get(photo.id),
                {
                    file.path: along[file.path]
                    for file in files.get(photo.id, ())
                    if file.path in along
                },
            )


def state_of(face: OutFace, guesses: bool) -> State | None:
    """What leaves of a face; None where nothing was decided about it."""
    if face.excluded:
        # A drawn box that counts for nothing was taken back.
        return None if face.drawn else State.NOT_A_FACE
    if face.person is not None and (face.confirmed or guesses):
        return State.CONFIRMED if face.confirmed else State.SUGGESTED
    if face.rejected:
        return State.REJECTED
    return State.NO_NAME if face.drawn else None


def people_in(out: OutPhoto, wanted: Wanted) -> set[PersonId]:
    """Who is in a photo, with a face or without, of those who are wanted."""
    seen = {
        face.person
        for face in out.faces
        if face.person is not None and not face.excluded and (face.confirmed or wanted.guesses)
    }
    found = seen | set(out.present)
    return found if wanted.people is None else found & wanted.people


def say(
    out: OutPhoto,
    people: Mapping[PersonId, OutPerson],
    wanted: Wanted,
    orientation: int,
    file: Path | None = None,
) -> Said:
    """What is to be said of a photo in a file that holds it in this EXIF `orientation`; with `file`
    also the names of those who are in the further pictures in that.
    """
    size = (out.photo.width, out.photo.height)
    regions: list[tuple[int, Wish]] = []
    named: dict[PersonId, None] = {}
    for face in out.faces:
        state = state_of(face, wanted.guesses)
        if state is None or (wanted.people is not None and face.person not in wanted.people):
            continue
        person = people.get(face.person) if face.person is not None else None
        if person is not None and state in {State.CONFIRMED, State.SUGGESTED}:
            named[person.id] = None
        else:
            person = None
        regions.append((_ORDER.get(state, 0), _wish(face, state, person, people, orientation)))
    told = [people[each] for each in out.present if _is_wanted(each, people, wanted)]
    named |= dict.fromkeys(person.id for person in told)
    along = {} if file is None else out.along.get(file, {})
    named |= dict.fromkeys(
        person
        for person, said in along.items()
        if (said or wanted.guesses) and _is_wanted(person, people, wanted)
    )
    regions.sort(key=lambda each: (each[0], not each[1].name))
    return Said(
        size=size[::-1] if orientation >= 5 else size,
        regions=tuple(wish for _, wish in regions),
        names=tuple(
            dict.fromkeys(
                people[each].name for each in named if people[each].name and not people[each].hidden
            )
        ),
        present=tuple((person.uid, person.name) for person in told),
        people=None
        if wanted.people is None
        else frozenset(people[each].uid for each in wanted.people if each in people),
        ours=wanted.ours,
        dated=out.dated if wanted.people is None else None,
        former=frozenset[str]().union(*(people[each].former for each in named)),
    )


def is_told_of(out: OutPhoto, people: Mapping[PersonId, OutPerson], wanted: Wanted) -> bool:
    """Whether there is anything to say of a photo, in any of its files."""
    return any(not say(out, people, wanted, 1, path).is_nothing for path in (None, *out.along))


def _is_wanted(person: PersonId, people: Mapping[PersonId, OutPerson], wanted: Wanted) -> bool:
    return person in people and (wanted.people is None or person in wanted.people)


def _wish(
    face: OutFace,
    state: State,
    person: OutPerson | None,
    people: Mapping[PersonId, OutPerson],
    orientation: int,
) -> Wish:
    hidden = person is not None and person.hidden
    name = "" if person is None else person.name
    known = person if state is State.CONFIRMED else None
    own = FaceState(
        state=state,
        person=None if person is None else person.uid,
        name=name if hidden and name else None,
        hidden=hidden,
        drawn=face.drawn,
        rejected=tuple(
            (people[each].uid, people[each].name) for each in face.rejected if each in people
        ),
        aliases=() if known is None else known.aliases,
        born=None if known is None else known.born,
        cover=known is not None and known.cover == face.id,
    )
    return Wish(
        box=stored_box(face.box, orientation),
        name="" if hidden else name,
        person="" if person is None else person.uid,
        own=to_values(own),
        former=frozenset() if person is None or hidden else person.former,
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """How many photos, faces and people with a name an export is about."""

    photos: int
    faces: int
    people: int


def count(library: Library, wanted: Wanted, *, all_forms: bool = True) -> Counted:
    """What an export would tell of, without a look at any file; without `all_forms` those of a shot
    are one photo.
    """
    with library.read() as tx:
        people = outgoing.people(tx)
        covers = {} if all_forms else stacks.covers(tx)
    photos: set[PhotoId] = set()
    faces = 0
    names: set[str] = set()
    for out in out_photos(library):
        said = say(out, people, wanted, 1)
        if said.regions or said.present:
            photos.add(covers.get(out.photo.id, out.photo.id))
        faces += len(said.regions)
        names.update(wish.person for wish in said.regions if wish.name)
        names.update(uid for uid, name in said.present if name)
    return Counted(len(photos), faces, len(names))
