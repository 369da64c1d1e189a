"""What the user decides besides names: who is the same, who is not, what is no face, and when.

Every function is one act: one transaction, one entry of the journal, and it can be undone.
"""

from collections.abc import Sequence

from photoclust.core.dates import PhotoDate
from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.types import (
    ClusterId,
    Face,
    FaceId,
    GroupKind,
    LibraryChanges,
    PersonId,
    PhotoId,
)
from photoclust.services.keys import parse_key, require, require_faces
from photoclust.services.naming import Named
from photoclust.services.same_shot import carry_names
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store import photo_dates, recognitions
from photoclust.store.database import Library, Transaction
from photoclust.store.journal import Act


def merge(library: Library, source: str, target: str) -> Named:
    """Make two people or groups one: `source` (`p7`, `g31`) becomes part of `target`.

    Two groups without a person become one that no later run takes apart. Raises UserError when
    there is no such id or both are the same.
    """
    return merge_all(library, [source], target)


def merge_all(library: Library, sources: Sequence[str], target: str) -> Named:
    """As `merge`, of any number of `sources`, in one act."""
    with library.write() as tx:
        require(tx, target, "pg")
        for source in sources:
            require(tx, source, "pg")
            if parse_key(source) == parse_key(target):
                raise UserError(
                    tr(
                        "{source} and {target} are the same; give two different ids",
                        source=source,
                        target=target,
                    )
                )
        act = Act(tx, "merge", {"target": sources[0].strip().lower()})
        person = _as_person(act, target)
        for kind, number in dict.fromkeys(map(parse_key, sources)):
            if kind == "g":
                people_store.name_cluster(act, ClusterId(number), person)
            else:
                act.note_person(number, people_store.person_name(tx, PersonId(number)) or "")
                people_store.merge(act, PersonId(number), person)
        return _done(act, person)


def split(library: Library, faces: Sequence[str]) -> Named:
    """Take faces (`f9` …) out of the person or group they are in: they become one of their own,
    without a name, and are not put back by any later run.

    Raises UserError when they are not all of one person or group, or nothing would be left.
    """
    with library.write() as tx:
        chosen = _faces(tx, faces)
        homes = {
            (face.person, None if face.person is not None else face.cluster) for face in chosen
        }
        if len(homes) != 1 or homes == {(None, None)}:
            raise UserError(tr("the faces are not all of one person or group; choose those of one"))
        ((person, cluster),) = homes
        ids = {face.id for face in chosen}
        everybody = (
            people_store.faces_shown_as(tx, person)
            if person is not None
            else people_store.faces_of_cluster(tx, ClusterId(cluster or 0))
        )
        others = [face for face in everybody if face not in ids]
        if not others:
            raise UserError(
                tr("these are all faces there are; nothing would be left to split from")
            )
        act = Act(tx, "split")
        if person is not None:
            act.note_person(person, people_store.person_name(tx, person) or "")
        new = people_store.split(act, sorted(ids), [] if person is not None else others, person)
        return _done(act, new)


def move(library: Library, faces: Sequence[str], target: str) -> Named:
    """Say that faces (`f9` …) are the person or of the group `target` (`p7`, `g31`)."""
    with library.write() as tx:
        ids = require_faces(tx, faces)
        require(tx, target, "pg")
        act = Act(tx, "move")
        person = _as_person(act, target)
        people_store.confirm(act, ids, person)
        return _done(act, person)


def confirm(library: Library, keys: Sequence[str]) -> LibraryChanges:
    """Say that guesses are right: those for faces (`f9`), or all for a person (`p7`).

    Raises UserError for a face that no person is shown for or asked about.
    """
    with library.write() as tx:
        act = Act(tx, "confirm")
        for key in dict.fromkeys(keys):
            kind, number = require(tx, key, "pf")
            if kind == "p":
                person = PersonId(number)
                people_store.confirm(act, people_store.faces_shown_as(tx, person), person)
                act.note_person(person, people_store.person_name(tx, person) or "")
                continue
            (face,) = _faces(tx, [key])
            shown = _shown_person(tx, face)
            people_store.confirm(act, [face.id], shown)
            act.note_person(shown, people_store.person_name(tx, shown) or "")
        carry_names(act)
        return act.finish()


def reject(library: Library, faces: Sequence[str], person: str | None = None) -> LibraryChanges:
    """Say that faces (`f9` …) are not `person` (`p7`), or not who is shown for each of them.

    Remembered for good: no later run shows that person for them again.
    """
    with library.write() as tx:
        act = Act(tx, "reject")
        wanted = None if person is None else PersonId(require(tx, person, "p")[1])
        for face in _faces(tx, faces):
            refused = wanted if wanted is not None else _shown_person(tx, face)
            people_store.reject(act, [face.id], refused)
            act.note_person(refused, people_store.person_name(tx, refused) or "")
        return act.finish()


def hide(library: Library, keys: Sequence[str], *, hidden: bool = True) -> LibraryChanges:
    """Keep people, groups or single faces (`p7`, `g31`, `f9`) out of sight, with whatever later
    runs add to them; or show hidden people again.
    """
    with library.write() as tx:
        act = Act(tx, "hide" if hidden else "show")
        for key in dict.fromkeys(keys):
            kind, _ = require(tx, key, "pgf" if hidden else "p")
            if kind == "f":
                (face,) = _faces(tx, [key])
                if face.person is not None:
                    who = people_store.person_name(tx, face.person) or f"p{face.person}"
                    raise UserError(
                        tr(
                            "f{face} is {who}; hide p{person}, or say first that the face is not "
                            "them",
                            face=face.id,
                            who=who,
                            person=face.person,
                        )
                    )
                person = people_store.add_person(act, None)
                people_store.confirm(act, [face.id], person)
            else:
                person = _as_person(act, key)
            people_store.hide(act, person, hidden)
            act.note_person(person, people_store.person_name(tx, person) or "")
        return act.finish()


def hide_small_groups(library: Library, fewer_than: int) -> tuple[int, LibraryChanges]:
    """Keep every group without a name that is in fewer than so many photos out of sight, as one
    act; gives how many these are. Faces in no group are not touched.
    """
    with library.write() as tx:
        small = [
            group.id
            for group in people_store.groups(tx)
            if group.kind is GroupKind.CLUSTER and group.photos < fewer_than
        ]
        act = Act(tx, "hide", {"groups": len(small), "smaller_than": fewer_than})
        for number in small:
            people_store.hide(act, _as_person(act, f"g{number}"), True)
        return len(small), act.finish()


def exclude(library: Library, faces: Sequence[str], *, excluded: bool = True) -> LibraryChanges:
    """Say that `faces` (`f9` …) are no faces, for good; or that they are."""
    with library.write() as tx:
        act = Act(tx, "not a face" if excluded else "a face")
        people_store.exclude(act, require_faces(tx, faces), excluded)
        return act.finish()


def delete(library: Library, person: str) -> LibraryChanges:
    """Delete a person (`p7`): the name goes, the faces stay and are nobody's again."""
    with library.write() as tx:
        number = PersonId(require(tx, person, "p")[1])
        act = Act(tx, "delete")
        act.note_person(number, people_store.person_name(tx, number) or "")
        people_store.delete_person(act, number)
        return act.finish()


def set_date(library: Library, photos: Sequence[PhotoId], date: PhotoDate | None) -> LibraryChanges:
    """Say when photos were taken; None: as their files say. Any number of photos is one act."""
    with library.write() as tx:
        act = Act(tx, "date", {"photos": len(photos)})
        text = None if date is None else photo_dates.date_text(date)
        act.details["date"] = text
        people_store.set_date(act, photos, text)
        changes = act.finish()
        return LibraryChanges(frozenset(photos), changes.faces, changes.people, changes.clusters)


def _as_person(act: Act, key: str) -> PersonId:
    """The person `key` (`p7`, `g31`) names; a group without one becomes a person without name."""
    kind, number = parse_key(key, "pg")
    if kind == "p":
        return PersonId(number)
    person = people_store.add_person(act, None)
    people_store.name_cluster(act, ClusterId(number), person)
    if not act.decided_faces:
        raise UserError(
            tr("the group g{number} has no face without a person; name its person", number=number)
        )
    return person


def _faces(tx: Transaction, keys: Sequence[str]) -> list[Face]:
    return face_store.faces(tx, ids=require_faces(tx, keys))


def _shown_person(tx: Transaction, face: Face) -> PersonId:
    """Who is shown for a face, or asked about."""
    if face.person is not None:
        return face.person
    verdict = recognitions.of_face(tx, face.id)
    if verdict is None:
        raise UserError(
            tr("no person is shown for f{face}; say who is meant", face=FaceId(face.id))
        )
    return verdict.person


def _done(act: Act, person: PersonId) -> Named:
    called = people_store.person_name(act.tx, person) or ""
    act.note_person(person, called)
    carry_names(act)
    changes = act.finish()
    return Named(person, called, True, changes, act.entry)
