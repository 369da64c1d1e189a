"""Giving names: to a group, to a person, to a single face."""

from collections.abc import Sequence
from dataclasses import dataclass

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.types import ClusterId, EntryId, FaceId, LibraryChanges, PersonId
from photoclust.services.keys import parse_key, require
from photoclust.services.same_shot import carry_names
from photoclust.store import aliases
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.database import Library, Transaction
from photoclust.store.journal import Act
from photoclust.store.names import clean_name, name_key

Target = PersonId | ClusterId | FaceId


@dataclass(frozen=True, slots=True)
class Named:
    """Who the name belongs to now, whether they were known before, and what the act touched.

    `entry` is the act in the journal, None where nothing was new.
    """

    person: PersonId
    name: str
    known: bool
    changes: LibraryChanges
    entry: EntryId | None = None


def name(
    library: Library,
    key: str,
    new_name: str,
    *,
    into: PersonId | None = None,
    another: bool = False,
) -> Named:
    """Name the group, person or face `key`.

    A group, a face or a person without a name that is given a name which exactly one person has
    becomes part of that person; case and Unicode form do not matter, and where it is nobody's name
    an alias counts. `into` says which person is
    meant, `another` that a new person of the same name is. A person with a name is renamed; to join
    two people say `into`.

    Raises UserError when there is no such id, the name is empty or too long, or it is not clear
    who is meant.
    """
    kind, number = parse_key(key)
    with library.write() as tx:
        require(tx, key)
        if into is not None:
            _require_name(tx, into, new_name)
        if kind == "p":
            return _name_person(tx, PersonId(number), new_name, into, another)
        before = people_store.find_people(tx, new_name)
        act = Act(tx, "name", {"target": key.strip().lower()})
        person = into if into is not None else person_called(act, new_name, another=another)
        if kind == "g":
            _name_cluster(act, ClusterId(number), person)
        else:
            people_store.confirm(act, [FaceId(number)], person)
        return _named(act, person, person in before)


def name_all(
    library: Library,
    keys: Sequence[str],
    new_name: str,
    *,
    into: PersonId | None = None,
    another: bool = False,
) -> Named:
    """Name several groups, people without a name and faces at once: all of them are one person.

    `into` and `another` are as in `name`. Faces that somebody else is shown for move. Raises
    UserError when one of `keys` is not there or is a person with a name, when the name cannot be
    one, or it is not clear who is meant.
    """
    with library.write() as tx:
        targets = [require(tx, key) for key in dict.fromkeys(keys)]
        if not targets:
            raise UserError(tr("nothing is chosen; choose groups or faces to name"))
        for kind, number in targets:
            called = people_store.person_name(tx, PersonId(number)) if kind == "p" else None
            if called is not None:
                raise UserError(
                    tr(
                        "p{number} is {called} already; merge people to make them one",
                        number=number,
                        called=called,
                    )
                )
        if into is not None:
            _require_name(tx, into, new_name)
        faces = [FaceId(number) for kind, number in targets if kind == "f"]
        moved = len(faces) == len(targets)
        before = people_store.find_people(tx, new_name)
        act = Act(tx, "move" if moved else "name", {} if moved else {"target": keys[0]})
        person = into if into is not None else person_called(act, new_name, another=another)
        people_store.confirm(act, faces, person)
        for kind, number in targets:
            if kind == "g":
                _name_cluster(act, ClusterId(number), person)
            elif kind == "p" and number != person:
                people_store.merge(act, PersonId(number), person)
        return _named(act, person, person in before)


def _named(act: Act, person: PersonId, known: bool) -> Named:
    called = people_store.person_name(act.tx, person) or ""
    act.note_person(person, called)
    carry_names(act)
    changes = act.finish()
    return Named(person, called, known, changes, act.entry)


def _name_cluster(act: Act, cluster: ClusterId, person: PersonId) -> None:
    people_store.name_cluster(act, cluster, person)
    if not act.decided_faces:
        shown = {face.person for face in face_store.faces(act.tx, cluster=cluster)}
        if person not in shown:
            raise UserError(
                tr(
                    "the group g{cluster} has no face without a name; rename its person, or name "
                    "its faces one by one",
                    cluster=cluster,
                )
            )


def _name_person(
    tx: Transaction, person: PersonId, new_name: str, into: PersonId | None, another: bool
) -> Named:
    before = people_store.person_name(tx, person)
    others = [other for other in people_store.find_people(tx, new_name) if other != person]
    if into is None and before is None and len(others) == 1 and not another:
        into = others[0]
    if into is not None:
        act = Act(tx, "merge", {"target": f"p{person}"})
        act.note_person(person, before or "")
        if into != person:
            people_store.merge(act, person, into)
        return _named(act, into, True)
    if others and not another:
        listed = " and ".join(f"p{other}" for other in others)
        raise UserError(
            f"{clean_name(new_name)} is also {listed}; say --as p{others[0]} to make "
            "them one person or --new to keep two people of this name"
        )
    act = Act(tx, "rename" if before is not None else "name", {"target": f"p{person}"})
    if before is not None:
        act.details["before"] = before
    people_store.rename(act, person, new_name)
    return _named(act, person, True)


def person_called(act: Act, new_name: str, *, another: bool = False) -> PersonId:
    """The one person of this name; a new one where there is none, or `another` is wanted.

    Raises UserError when several people have the name, or it cannot be one.
    """
    people = [] if another else people_store.find_people(act.tx, new_name)
    if len(people) > 1:
        listed = ", ".join(f"p{person}" for person in people)
        raise UserError(
            f"{len(people)} people are called {clean_name(new_name)} ({listed}); "
            f"say which with --as p{people[0]}, or --new for one more"
        )
    return people[0] if people else people_store.add_person(act, new_name)


def _require_name(tx: Transaction, person: PersonId, new_name: str) -> None:
    """A mistyped id must not make two people one."""
    called = people_store.person_name(tx, person)
    if called is None:
        raise UserError(tr("there is no person p{person} with a name", person=person))
    names = (called, *aliases.aliases_of(tx, person))
    if name_key(new_name) not in map(name_key, names):
        raise UserError(
            tr(
                "p{person} is called {called}, not {name}; give the name of the person who is "
                "meant",
                person=person,
                called=called,
                name=clean_name(new_name),
            )
        )
