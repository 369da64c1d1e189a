"""The photos of a person as they are shown to others: from the oldest on, turned as they are to be
seen, with words below them. No place where they were taken leaves, nor any other data of theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from photoclust.core.arrays import Pixels
from photoclust.core.dates import DatePrecision
from photoclust.core.errors import UnreadableFileError, UserError
from photoclust.core.forms import as_shown
from photoclust.core.language import tr, tr_n
from photoclust.core.types import FaceId, Photo
from photoclust.services import browse, pictures
from photoclust.services.names_out import Wanted, find_people, out_photos, people_in
from photoclust.store import outgoing, stacks
from photoclust.store import people as people_store
from photoclust.store.database import Library


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo with its `date` in words, empty where nobody knows it, and the `names` of who is in
    it, the one whose album it is first.
    """

    photo: Photo
    date: str
    names: tuple[str, ...]

    @property
    def words(self) -> str:
        """What is to be seen, for who cannot see it."""
        people = listed(self.names)
        return people if not self.date else tr("{people}, {date}", people=people, date=self.date)


@dataclass(frozen=True, slots=True)
class Album:
    """All photos of somebody; `cover` is the face that stands for them."""

    name: str
    cover: FaceId | None
    photos: tuple[Shown, ...]

    @property
    def subtitle(self) -> str:
        """How many photos there are, and from when."""
        many = tr_n(len(self.photos), "{n} photo", "{n} photos")
        known = [shown.photo.date for shown in self.photos if shown.date]
        years = sorted(date.value.year for date in known if date is not None)
        if not years:
            return many
        span = str(years[0]) if years[0] == years[-1] else f"{years[0]} – {years[-1]}"
        return f"{many}, {span}"


def album_of(library: Library, who: str, *, all_forms: bool = False) -> Album:
    """The album of the one person `who` means, a name or an id (`p7`): photos that a user said they
    are in, of the forms of a shot one, or with `all_forms` each.

    Raises UserError where that is nobody or several, or there are no photos.
    """
    found = find_people(library, [who]) or frozenset()
    if len(found) > 1:
        ids = ", ".join(f"p{number}" for number in sorted(found))
        raise UserError(
            tr("several people are called {name}: say which by id ({ids})", name=who, ids=ids)
        )
    (person,) = found
    with library.read() as tx:
        people = outgoing.people(tx)
        listed_ = people_store.person(tx, person)
        covers = {} if all_forms else stacks.covers(tx)
    wanted = Wanted()
    shown = []
    for out in out_photos(library):
        there = people_in(out, wanted)
        if person not in there:
            continue
        others = sorted(there - {person})
        names = [people[each].name for each in others if not people[each].hidden]
        own = people[person].name or tr("Without a name")
        shown.append(Shown(out.photo, _date(out.photo), (own, *filter(None, names))))
    wanted_ids = set(as_shown([each.photo.id for each in shown], covers).shown)
    shown = [each for each in shown if each.photo.id in wanted_ids]
    if not shown:
        raise UserError(tr("there is no photo of {name} that a user confirmed", name=who))
    return Album(
        people[person].name or tr("Without a name"),
        None if listed_ is None else listed_.cover,
        tuple(sorted(shown, key=_by_date)),
    )


def picture(library: Library, photo: Photo, side: int) -> Pixels | None:
    """A photo as it is shown, its longer side at most `side` px, or what the library remembers of
    it; None where that is nothing.
    """
    try:
        return pictures.shown_picture(photo, max_side=side)
    except (UnreadableFileError, UserError):
        faces = browse.faces_of_photo(library, photo.id)
        return pictures.remembered_picture(library, photo, faces)


def listed(names: Sequence[str]) -> str:
    """`Anna`, `Anna and Berta`, `Anna, Berta and Carla`."""
    if len(names) < 2:
        return "".join(names)
    return tr("{first} and {last}", first=", ".join(names[:-1]), last=names[-1])


def _date(photo: Photo) -> str:
    date = photo.date
    if date is None or not date.is_evidence:
        return ""
    by_day = date.precision is DatePrecision.SECOND
    return (replace(date, precision=DatePrecision.DAY) if by_day else date).describe()


def _by_date(shown: Shown) -> tuple[bool, str, int]:
    date = shown.photo.date
    known = bool(shown.date) and date is not None
    return (not known, date.value.isoformat() if known and date else "", shown.photo.id)
