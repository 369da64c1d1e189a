"""What the user says of people and photos besides who is who: other names, birthdays, the picture
that stands for somebody, who is in a photo without a face, and how a photo is shown.

Every function is one act: one transaction, one entry of the journal, and it can be undone.
"""

from collections.abc import Sequence

from photoclust.core.dates import PhotoDate, is_birthday
from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.types import Face, FaceId, LibraryChanges, PersonId, PhotoId
from photoclust.services.keys import require, require_faces
from photoclust.store import aliases, birthdays, photo_dates, presences
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library, Transaction
from photoclust.store.journal import Act
from photoclust.store.names import clean_name, name_key


def add_alias(library: Library, person: str, alias: str) -> LibraryChanges:
    """Say that the person (`p7`) is also called `alias`: they are found and named by it.

    Raises UserError when there is no such person, it cannot be a name, or it is another person's
    name or alias, so that nobody could tell who is meant.
    """
    with library.write() as tx:
        number, called = _person(tx, person)
        if called is not None and name_key(called) == name_key(alias):
            raise UserError(
                tr(
                    "p{number} is called {called} already; give another name besides",
                    number=number,
                    called=called,
                )
            )
        for other in people_store.find_people(tx, alias):
            if other != number:
                raise UserError(
                    tr(
                        "{alias} is p{other}; photoclust merge p{number} p{other} makes them one "
                        "person, or give an alias that nobody else has",
                        alias=clean_name(alias),
                        other=other,
                        number=number,
                    )
                )
        act = Act(tx, "alias", {"alias": clean_name(alias)})
        act.note_person(number, called or "")
        aliases.add_alias(act, number, alias)
        return act.finish()


def remove_alias(library: Library, person: str, alias: str) -> LibraryChanges:
    """Say that the person (`p7`) is not called `alias` any more.

    Raises UserError when there is no such person, or they have no such alias.
    """
    with library.write() as tx:
        number, called = _person(tx, person)
        known = {name_key(each): each for each in aliases.aliases_of(tx, number)}
        if name_key(alias) not in known:
            listed = ", ".join(known.values()) or tr("nothing else")
            raise UserError(
                tr(
                    "p{number} has no alias {alias}; they are also called {listed}",
                    number=number,
                    alias=clean_name(alias),
                    listed=listed,
                )
            )
        act = Act(tx, "no alias", {"alias": known[name_key(alias)]})
        act.note_person(number, called or "")
        aliases.remove_alias(act, number, alias)
        return act.finish()


def set_birthday(library: Library, person: str, born: PhotoDate | None) -> LibraryChanges:
    """Say when the person (`p7`) was born; None: nobody knows.

    From then on no face from before that is guessed to be them; what the user confirmed stays.
    Raises UserError when there is no such person, or a birthday is not known to the year.
    """
    if born is not None and not is_birthday(born):
        raise UserError(
            tr("a birthday cannot be {date}; give a day, a month or a year", date=born.describe())
        )
    with library.write() as tx:
        number, called = _person(tx, person)
        text = None if born is None else photo_dates.date_text(born)
        act = Act(tx, "birthday", {"birthday": text})
        act.note_person(number, called or "")
        birthdays.set_birthday(act, number, born)
        return act.finish()


def choose_cover(library: Library, face: str) -> LibraryChanges:
    """Let a face (`f9`) stand for the person who is shown for it, as long as it is shown as them.

    Raises UserError when there is no such face, or nobody is shown for it.
    """
    with library.write() as tx:
        (number,) = require_faces(tx, [face])
        person = _only_face(tx, number).person
        if person is None:
            raise UserError(tr("nobody is shown for f{number}; name it first", number=number))
        return _set_cover(tx, person, number)


def reset_cover(library: Library, person: str) -> LibraryChanges:
    """Let the best face stand for the person (`p7`) again."""
    with library.write() as tx:
        return _set_cover(tx, _person(tx, person)[0], None)


def tag(
    library: Library, person: str, photos: Sequence[PhotoId], *, present: bool = True
) -> LibraryChanges:
    """Say that the person (`p7`) is in photos though no face of theirs can be seen, or is not.

    The photos count as theirs. Raises UserError when there is no such person.
    """
    with library.write() as tx:
        number, called = _person(tx, person)
        act = Act(tx, "tag" if present else "untag")
        act.note_person(number, called or "")
        before = set(presences.photos_without_face(tx, number))
        act.details["photos"] = sum((photo in before) != present for photo in set(photos))
        presences.set_present(act, photos, number, present)
        return act.finish()


def turn(library: Library, photos: Sequence[PhotoId], degrees: int) -> LibraryChanges:
    """Show photos turned by `degrees`, counter-clockwise, a multiple of 90, from how each is shown
    now. No file is changed, and boxes stay in the pixels of the upright picture (see `Photo`).
    """
    with library.write() as tx:
        act = Act(tx, "turn", {"photos": len(set(photos)), "degrees": degrees % 360})
        for photo in photo_store.photos(tx, list(dict.fromkeys(photos))):
            people_store.set_view_turn(act, [photo.id], photo.view_turn + degrees)
        return act.finish()


def _set_cover(tx: Transaction, person: PersonId, face: FaceId | None) -> LibraryChanges:
    act = Act(tx, "cover", {"face": None if face is None else f"f{face}"})
    act.note_person(person, people_store.person_name(tx, person) or "")
    people_store.choose_cover(act, person, face)
    return act.finish()


def _person(tx: Transaction, key: str) -> tuple[PersonId, str | None]:
    """The person `key` names and what they are called."""
    number = PersonId(require(tx, key, "p")[1])
    return number, people_store.person_name(tx, number)


def _only_face(tx: Transaction, face: FaceId) -> Face:
    (found,) = face_store.faces(tx, ids=[face])
    return found
