"""The commands that describe people and photos: other names, birthdays, covers, who is in a photo
without a face, how a photo is shown, whether it is a film negative, and where exactly a face is.

Each is one act that can be undone. As in `cli`, heavy modules are imported inside the commands.
"""

# ruff: noqa: PLC0415 - see above

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_acts import BoxArgument, PhotosArgument, photos_at, say_changes
from photoclust.cli_options import (
    JsonOption,
    LibraryOption,
    checked_key,
    deciding_library,
    one_of,
    open_library,
    read_settings,
)

if TYPE_CHECKING:
    from photoclust.core.types import LibraryChanges

PersonArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID", callback=checked_key("p"), help="A person (p7).", show_default=False
    ),
]
_TURNS = {"left": 90, "right": -90, "around": 180}
"""Degrees, counter-clockwise."""
_NEGATIVES = {"on": True, "off": False}


def alias(
    person: PersonArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    remove: Annotated[bool, typer.Option("--remove", help="They are not called so.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a person is also called. They are found by it."""
    from photoclust.services import describing

    with open_library(library) as opened:
        say = describing.remove_alias if remove else describing.add_alias
        changes = say(opened, person, name)
        _say(changes, f"{person} is {'not' if remove else 'also'} called {name}.", as_json)


def birthday(
    person: PersonArgument,
    born: Annotated[
        str,
        typer.Argument(
            metavar="DATE",
            help="1923, 1923-05, 12 May 1923; 'unknown': nobody knows.",
            show_default=False,
        ),
    ],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say when a person was born. No face from before that is taken for them."""
    from photoclust.core.dates import parse_birthday
    from photoclust.services import describing

    day = None if born.strip().casefold() == "unknown" else parse_birthday(born)
    with deciding_library(library, as_json=as_json) as opened:
        changes = describing.set_birthday(opened, person, day)
        _say(changes, f"Born: {'unknown' if day is None else day.describe()}.", as_json)


def cover(
    key: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            callback=checked_key("pf"),
            help="A face (f9); or a person (p7), for whom the best one is to stand again.",
            show_default=False,
        ),
    ],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Choose the face that stands for its person in lists."""
    from photoclust.services import describing

    with open_library(library) as opened:
        if key.strip().lower().startswith("p"):
            _say(describing.reset_cover(opened, key), f"The best face stands for {key}.", as_json)
        else:
            _say(describing.choose_cover(opened, key), f"{key} stands for its person.", as_json)


def tag(
    person: PersonArgument,
    photos: PhotosArgument,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a person is in photos, though no face of theirs can be seen."""
    _tag(person, photos, library, as_json, present=True)


def untag(
    person: PersonArgument,
    photos: PhotosArgument,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back that a person is in photos without a face."""
    _tag(person, photos, library, as_json, present=False)


def turn(
    way: Annotated[
        str,
        typer.Argument(metavar="WAY", help="left, right or around.", show_default=False),
    ],
    photos: PhotosArgument,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show photos turned. Their files stay as they are."""
    from photoclust.services import describing

    degrees = _TURNS[one_of(way, _TURNS, "WAY")]
    with open_library(library) as opened:
        changes = describing.turn(opened, photos_at(opened, photos), degrees)
        _say(changes, f"{console.count(len(changes.photos), 'photo')} turned {way}.", as_json)


def negative(
    said: Annotated[
        str,
        typer.Argument(
            metavar="WHICH", help="on: they are negatives; off: they are none.", show_default=False
        ),
    ],
    photos: PhotosArgument,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether photos are film negatives. They are shown as positives, and faces looked for."""
    from photoclust.services import negatives

    yes = _NEGATIVES[one_of(said, _NEGATIVES, "WHICH")]
    with deciding_library(library, as_json=as_json) as opened, console.job() as control:
        chosen = photos_at(opened, photos)
        changes = negatives.say(opened, chosen, yes, read_settings(), control=control)
    number = console.count(len(changes.photos), "photo")
    positive = "a positive" if len(changes.photos) == 1 else "positives"
    _say(changes, f"{number} shown as {positive if yes else 'in the file'}.", as_json)


def resize(
    face: Annotated[
        str, typer.Argument(metavar="FACE", callback=checked_key("f"), show_default=False)
    ],
    box: BoxArgument,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say where exactly a face is. It keeps its name, and gets a new id."""
    from photoclust.core.types import Box
    from photoclust.services import drawing, reports

    with deciding_library(library, as_json=as_json) as opened, console.job() as control:
        new, changes = drawing.resize(opened, face, Box(*box), read_settings(), control=control)
    if as_json:
        console.print_document({"face": f"f{new}", **reports.changes(changes)})
    else:
        console.say(f"{face} is f{new} now.")


def _tag(
    person: str, photos: list[Path], library: Path | None, as_json: bool, *, present: bool
) -> None:
    from photoclust.services import describing

    with open_library(library) as opened:
        changes = describing.tag(opened, person, photos_at(opened, photos), present=present)
        number = console.count(len(changes.photos), "photo")
        _say(changes, f"{person} is {'' if present else 'not '}in {number}.", as_json)


def _say(changes: "LibraryChanges", text: str, as_json: bool) -> None:
    if as_json or not (changes.people or changes.photos):
        say_changes(changes, "", as_json)
    else:
        console.say(text)
