"""Giving names: to a group, to a person, to a single face."""

import re
from dataclasses import dataclass

from photoclust.core.errors import UserError
from photoclust.core.types import ClusterId, FaceId, LibraryChanges, PersonId
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.database import Library, Transaction

_KEY = re.compile(r"([pgf])([1-9][0-9]{0,17})")

Target = PersonId | ClusterId | FaceId


@dataclass(frozen=True, slots=True)
class Named:
    """Who the name belongs to now, whether they were known before, and what the act touched."""

    person: PersonId
    name: str
    known: bool
    changes: LibraryChanges


def parse_key(key: str, kinds: str = "pgf") -> tuple[str, int]:
    """Letter and number of an id such as `p7` (person), `g31` (group), `f9` (face).

    Raises UserError for anything else, or a letter that is not in `kinds`.
    """
    match = _KEY.fullmatch(key.strip().lower())
    if match is None or match[1] not in kinds:
        names = {"p": "p7 for a person", "g": "g31 for a group", "f": "f9 for a face"}
        wanted = ", ".join(names[kind] for kind in kinds)
        raise UserError(f"{key!r} is no id; write {wanted}")
    return match[1], int(match[2])


def name(
    library: Library,
    key: str,
    new_name: str,
    *,
    into: PersonId | None = None,
    another: bool = False,
) -> Named:
    """Name the group, person or face `key`.

    A group or face given a name that exactly one person has becomes part of that person; case and
    Unicode form do not matter. `into` says which person is meant, `another` that a new person of
    the same name is. A person is renamed; to join two people say `into`.

    Raises UserError when there is no such id, the name is empty or too long, or it is not clear
    who is meant.
    """
    kind, number = parse_key(key)
    with library.write() as tx:
        _require(tx, kind, number, key)
        if into is not None:
            _require_name(tx, into, new_name)
        known = True
        if kind == "p":
            person, changes = _name_person(tx, PersonId(number), new_name, into, another)
        else:
            before = people_store.find_people(tx, new_name)
            person = into if into is not None else _person_called(tx, new_name, another)
            known = person in before
            changes = (
                _name_cluster(tx, ClusterId(number), person)
                if kind == "g"
                else people_store.confirm(tx, [FaceId(number)], person)
            )
        return Named(person, people_store.person_name(tx, person) or "", known, changes)


def _name_cluster(tx: Transaction, cluster: ClusterId, person: PersonId) -> LibraryChanges:
    changes = people_store.name_cluster(tx, cluster, person)
    if not changes.faces:
        shown = {face.person for face in face_store.faces(tx, cluster=cluster)}
        if person not in shown:
            raise UserError(
                f"the group g{cluster} has no face without a name; rename its person, or name its "
                "faces one by one"
            )
    return changes


def _name_person(
    tx: Transaction, person: PersonId, new_name: str, into: PersonId | None, another: bool
) -> tuple[PersonId, LibraryChanges]:
    if into is not None:
        if into == person:
            return person, LibraryChanges()
        return into, people_store.merge_people(tx, person, into)
    others = [other for other in people_store.find_people(tx, new_name) if other != person]
    if others and not another:
        listed = " and ".join(f"p{other}" for other in others)
        raise UserError(
            f"{people_store.clean_name(new_name)} is also {listed}; say --as p{others[0]} to make "
            "them one person or --new to keep two people of this name"
        )
    return person, people_store.rename_person(tx, person, new_name)


def _person_called(tx: Transaction, new_name: str, another: bool) -> PersonId:
    people = [] if another else people_store.find_people(tx, new_name)
    if len(people) > 1:
        listed = ", ".join(f"p{person}" for person in people)
        raise UserError(
            f"{len(people)} people are called {people_store.clean_name(new_name)} ({listed}); "
            f"say which with --as p{people[0]}, or --new for one more"
        )
    return people[0] if people else people_store.add_person(tx, new_name)


def _require_name(tx: Transaction, person: PersonId, new_name: str) -> None:
    """A mistyped id must not make two people one."""
    called = people_store.person_name(tx, person)
    if called is None:
        raise UserError(f"there is no person p{person}")
    if people_store.name_key(called) != people_store.name_key(new_name):
        raise UserError(
            f"p{person} is called {called}, not {people_store.clean_name(new_name)}; give the name "
            "of the person who is meant"
        )


def _require(tx: Transaction, kind: str, number: int, key: str) -> None:
    there = {
        "p": lambda: people_store.person_name(tx, PersonId(number)) is not None,
        "g": lambda: people_store.cluster_exists(tx, ClusterId(number)),
        "f": lambda: bool(face_store.faces(tx, ids=[FaceId(number)])),
    }
    if not there[kind]():
        raise UserError(f"there is no {key}; `photoclust people` and `photoclust faces` list ids")
