"""What a file of decisions says of people and photos besides who is who, a value for each register:
dates, birthdays, aliases, covers, who is there without a face, how a photo is shown.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from photoclust.core.types import Box, FaceId, PhotoId
from photoclust.services.decision_files import PersonWords, PhotoWords
from photoclust.store.decisions import Register, Subject, Value
from photoclust.store.names import alias_number
from photoclust.store.photo_dates import read_date

REPEATS = {True: "one person several times", False: "one person once"}
"""In words, whether one person may be in a photo several times."""
NEGATIVE = {True: "a film negative", False: "no film negative"}


@dataclass(frozen=True, slots=True)
class Fact:
    """What `author` says of a register; `say` puts any value of it into words, None included.

    `photo` and `box` (relative to the upright photo) are what it is about, None for a person.
    """

    register: Register
    value: Value
    author: str
    say: Callable[[Value], str]
    photo: PhotoId | None = None
    box: Box | None = None

    def agrees_with(self, ours: Value) -> bool:
        """Whether a value that stands here says the same."""
        # Another spelling of an alias is no other alias.
        return ours == self.value or self.register.subject is Subject.ALIAS


def of_person(said: PersonWords, person: int, called: str) -> Iterator[Fact]:
    """What is said of a person who is `called` so here."""
    if said.birthday is not None:
        yield Fact(
            Register(Subject.BIRTHDAY, person),
            said.birthday,
            said.author,
            lambda born: f"{called} was born: {_when(born, 'unknown')}",
        )
    for alias in said.aliases:
        yield Fact(
            Register(Subject.ALIAS, person, alias_number(alias)),
            alias,
            said.author,
            partial(_called, called, alias),
        )


def of_photo(
    said: PhotoWords, photo: PhotoId, ids: dict[str, int], called: Callable[[Value], str]
) -> Iterator[Fact]:
    """What is said of a photo; `ids` are who there is here, `called` what they are."""
    if said.date is not None:
        yield Fact(
            Register(Subject.DATE, photo),
            said.date,
            said.author,
            lambda date: _when(date, "the date of its file"),
            photo,
        )
    if (repeats := said.repeats) is not None:
        yield Fact(
            Register(Subject.REPEATS, photo),
            int(repeats.allowed),
            repeats.author,
            lambda allowed: REPEATS[not repeats.allowed if allowed is None else bool(allowed)],
            photo,
        )
    if said.turn is not None:
        yield Fact(
            Register(Subject.VIEW, photo),
            said.turn.degrees,
            said.turn.author,
            lambda degrees: f"shown turned by {degrees or 0}°",
            photo,
        )
    if said.negative is not None:
        yield Fact(
            Register(Subject.NEGATIVE, photo),
            int(said.negative.negative),
            said.negative.author,
            lambda negative: NEGATIVE[bool(negative)],
            photo,
        )
    for present in said.people:
        if (person := ids.get(present.person)) is not None:
            yield Fact(
                Register(Subject.PRESENCE, photo, person),
                1,
                present.author,
                partial(_present, called(person)),
                photo,
            )


def of_cover(
    photo: PhotoId, face: FaceId, box: Box, person: int, *, called: str, author: str
) -> Fact:
    """That a face stands for a person."""
    return Fact(
        Register(Subject.COVER, person),
        face,
        author,
        lambda chosen: f"{'this' if chosen == face else 'another'} face stands for {called}",
        photo,
        box,
    )


def _called(name: str, alias: str, is_so: Value) -> str:
    return f"{name} is {'also' if is_so else 'not'} called {alias}"


def _present(name: str, there: Value) -> str:
    return f"{name} is {'' if there else 'not '}in it"


def _when(date: Value, unknown: str) -> str:
    return unknown if date is None else read_date(str(date)).describe()
