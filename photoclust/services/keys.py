"""The ids that people type: `p7` for a person, `g31` for a group, `f9` for a face; and the names
that may stand for the first.
"""

import re
from collections.abc import Sequence

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.query.naming import Names
from photoclust.core.types import ClusterId, FaceId, PersonId
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store import search
from photoclust.store.database import Transaction

_KEY = re.compile(r"([pgf])([1-9][0-9]{0,17})")
_SUGGESTED = 5
"""Of more people none is told to whom a part of a name fits."""


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


def require(tx: Transaction, key: str, kinds: str = "pgf") -> tuple[str, int]:
    """As `parse_key`, for something that there is. Raises UserError when there is not."""
    kind, number = parse_key(key, kinds)
    there = {
        "p": lambda: people_store.person_exists(tx, PersonId(number)),
        "g": lambda: people_store.cluster_exists(tx, ClusterId(number)),
        "f": lambda: bool(face_store.faces(tx, ids=[FaceId(number)])),
    }
    if not there[kind]():
        raise UserError(
            tr("there is no {key}; `photoclust people` and `photoclust faces` list ids", key=key)
        )
    return kind, number


def require_people(tx: Transaction, who: str) -> list[PersonId]:
    """The people whom `who` means, a name or an id (`p7`): more than one where several are called
    so.

    Raises UserError where nobody is, which tells whose name holds these words.
    """
    named = people_store.find_people(tx, who) if who.strip() else []
    if named:
        return named
    if who[:1].lower() == "p" and who[1:].isdecimal():
        return [PersonId(require(tx, who, "p")[1])]
    like = sorted(Names(search.known_names(tx)).like(who))
    if 0 < len(like) <= _SUGGESTED:
        meant = [f"{people_store.person_name(tx, each)} (p{each})" for each in like]
        raise UserError(
            tr(
                "there is nobody called {name}; did you mean {people}?",
                name=who,
                people=", ".join(meant),
            )
        )
    raise UserError(
        tr("there is nobody called {name}; photoclust people lists the names", name=who)
    )


def require_faces(tx: Transaction, keys: Sequence[str]) -> list[FaceId]:
    """The faces that `keys` (`f9` …) name. Raises UserError when one of them is not there."""
    numbers = [FaceId(parse_key(key, "f")[1]) for key in dict.fromkeys(keys)]
    there = {face.id for face in face_store.faces(tx, ids=numbers)}
    for number in numbers:
        if number not in there:
            raise UserError(
                tr("there is no face f{number}; `photoclust faces` lists them", number=number)
            )
    if not numbers:
        raise UserError(tr("no face is named; write f9 for a face"))
    return numbers
