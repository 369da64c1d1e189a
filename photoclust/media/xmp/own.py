"""What photoclust adds to a region of its own: who it is by an id, and what was decided about it.

Namespace `https://photoclust.org/ns/faces/1.0/`, prefix `pc`. In the `mwg-rs:Extensions` of a
region stand, as simple text:

    pc:State     confirmed, suggested, rejected, not-a-face or no-name, see `State`
    pc:Person    UUID of the person, the same in every library that took them over
    pc:Name      their name where the region bears none, because they are hidden
    pc:Hidden    True where the person is kept out of sight
    pc:Drawn     True where a user drew the box
    pc:Rejected  whom the face is not: UUID=name, separated by spaces, names percent-encoded
    pc:Aliases   what the person is also called: names, percent-encoded, separated by spaces
    pc:Born      their birthday: YYYY-MM-DD HH:MM:SS|precision|about, as in files of decisions
    pc:Cover     True where a user chose this face to stand for the person

The last three are said of confirmed faces alone. As properties of the photo there are `pc:Present`,
a list like `pc:Rejected` of those who are in it though no face of theirs can be seen, `pc:Dated`,
when it was taken as a user said, written like a birthday, and `pc:Written…`, what photoclust wrote
last (see `merging`).
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote

NAMESPACE = "https://photoclust.org/ns/faces/1.0/"
PREFIX = "pc"
FIELDS = (
    "State", "Person", "Name", "Hidden", "Drawn", "Rejected", "Aliases", "Born", "Cover",
)  # fmt: skip
"""The local names of the values of a region, in the order in which they are written."""
_YES = "True"  # as XMP writes a Boolean
MAX_TEXT = 20_000
"""Longer values were never written, and are not looked at."""
MAX_DATE = 50
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class State(StrEnum):
    """What is known of a face.

    CONFIRMED: a user said who it is. SUGGESTED: the program takes it for that person. REJECTED:
    only said is who it is not. NOT_A_FACE: a user said that it is none. NO_NAME: a face, and nobody
    said whose.
    """

    CONFIRMED = "confirmed"
    SUGGESTED = "suggested"
    REJECTED = "rejected"
    NOT_A_FACE = "not-a-face"
    NO_NAME = "no-name"


@dataclass(frozen=True, slots=True)
class FaceState:
    """What the values of a region say. `person` is a UUID, `rejected` maps those of people it is
    not to their names (empty where they have none); `name` is set for hidden people only. `aliases`
    and `born` are said of the person, `cover` that the face stands for them.
    """

    state: State
    person: str | None = None
    name: str | None = None
    hidden: bool = False
    drawn: bool = False
    rejected: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()
    born: str | None = None
    cover: bool = False


def to_values(face: FaceState) -> dict[str, str]:
    """The values by their local names; `read_values` gives `face` back."""
    said = {
        "State": face.state.value,
        "Person": face.person,
        "Name": face.name,
        "Hidden": _YES if face.hidden else None,
        "Drawn": _YES if face.drawn else None,
        "Rejected": people_text(face.rejected),
        "Aliases": " ".join(quote(name, safe="") for name in face.aliases),
        "Born": face.born,
        "Cover": _YES if face.cover else None,
    }
    return {key: value for key, value in said.items() if value}


def read_values(values: Mapping[str, str]) -> FaceState | None:
    """What the `pc:` values of one region say; keys are local names (`State`, `Person` …).

    None where they say nothing: no state, or none of ours. Anybody may have written them, so an id
    that is no UUID and a name that cannot be one are left out, and a state that needs a person and
    has none is `NO_NAME`.
    """
    try:
        state = State(values.get("State", "").strip())
    except ValueError:
        return None
    person = _uid(values.get("Person", ""))
    if person is None and state in {State.CONFIRMED, State.SUGGESTED}:
        state = State.NO_NAME
    return FaceState(
        state=state,
        person=person,
        name=_name(values.get("Name", "")) or None,
        hidden=_is_yes(values.get("Hidden")),
        drawn=_is_yes(values.get("Drawn")),
        rejected=read_people(values.get("Rejected", "")),
        aliases=_names(values.get("Aliases", "")),
        born=values.get("Born", "").strip()[:MAX_DATE] or None,
        cover=_is_yes(values.get("Cover")),
    )


def people_text(people: Iterable[tuple[str, str]]) -> str:
    """People (UUID, name) as a list such as `pc:Rejected`; `read_people` reads it."""
    return " ".join(f"{uid}={quote(name, safe='')}" for uid, name in people)


def read_people(text: str) -> tuple[tuple[str, str], ...]:
    """The people (UUID, name) of a list as in `pc:Rejected`; what is none of it is left out."""
    found: dict[str, str] = {}
    for part in text[:MAX_TEXT].split():
        uid, _, name = part.partition("=")
        known = _uid(uid)
        if known is not None:
            found.setdefault(known, _name(unquote(name)))
    return tuple(found.items())


def _names(text: str) -> tuple[str, ...]:
    names = (_name(unquote(part)) for part in text[:MAX_TEXT].split())
    return tuple(dict.fromkeys(filter(None, names)))


def _uid(text: str) -> str | None:
    try:
        return str(uuid.UUID(text.strip()))
    except ValueError:
        return None


def _name(text: str) -> str:
    return "" if len(text) > MAX_TEXT or _CONTROLS.search(text) else text.strip()


def _is_yes(text: str | None) -> bool:
    return text is not None and text.strip().casefold() == "true"
