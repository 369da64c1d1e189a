"""The commands that tell who somebody is: so far `compare`, for two photos without a library.

As in `cli`, heavy modules are imported inside the commands.
"""

# ruff: noqa: PLC0415 - see above

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import DetectorOption, JsonOption, LibraryOption, read_settings

if TYPE_CHECKING:
    from photoclust.core.types import FoundFace
    from photoclust.services.verifying import Comparison, FacePair

_SURE = 0.9
"""Below this probability the verdict is told with a `probably`."""


def compare(
    photo_a: Annotated[Path, typer.Argument(metavar="A", help="A photo.", show_default=False)],
    photo_b: Annotated[
        Path, typer.Argument(metavar="B", help="Another photo.", show_default=False)
    ],
    *,
    every: Annotated[
        bool,
        typer.Option(
            "--every",
            help="Compare every face of A with every face of B, not only the largest of each.",
        ),
    ] = False,
    detector: DetectorOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell whether two photos show the same person, and how sure that is.

    Beforehand, one person and two are taken for equally likely. The exit status is 0 whichever it
    is, and 1 when a photo cannot be read or shows no face.
    """
    from photoclust.services import reports, verifying

    del library  # the photos need not be in one; the option is there for every command
    settings = read_settings(detector=detector)
    with console.job() as control:
        found = verifying.compare(photo_a, photo_b, settings, control=control)
    if as_json:
        console.print_document(reports.comparison(found, every=every))
    elif every:
        _say_pairs(found)
    else:
        _say_comparison(found)


def _say_comparison(found: "Comparison") -> None:
    console.say(
        f"{_verdict(found.main)} (similarity {found.main.similarity:.2f}; from "
        f"{found.threshold:.2f} on two faces are taken for one person)."
    )
    if found.same_picture:
        console.say("Both files hold the same picture.")
        return
    for photo in (found.a, found.b):
        count = len(photo.faces)
        which = "its one face" if count == 1 else f"the largest of {count:,} faces"
        console.say(f"{photo.path}: {which}, {_place(photo.main)}.")
    _explain_unclear([found.main])
    if len(found.pairs) > 1:
        console.say("With --every, every face of one is compared with every face of the other.")


def _say_pairs(found: "Comparison") -> None:
    for letter, photo in (("A", found.a), ("B", found.b)):
        console.say(f"{letter}: {photo.path}, {console.count(len(photo.faces), 'face')}")
    console.table(
        ("Face of A", "Face of B", "Similarity", "Verdict"),
        [
            (_place(pair.a), _place(pair.b), f"{pair.similarity:.2f}", _verdict(pair))
            for pair in found.pairs
        ],
    )
    same = sum(pair.same for pair in found.pairs)
    console.say(
        f"{same:,} of {console.count(len(found.pairs), 'pair')} taken for one person, from a "
        f"similarity of {found.threshold:.2f} on."
    )
    _explain_unclear(found.pairs)


def _verdict(pair: "FacePair") -> str:
    sure = max(pair.probability, 1 - pair.probability)
    words = "the same person" if pair.same else "different people"
    if sure < _SURE:
        words = f"probably {words}"
    # Rounded down: nothing is ever 100 % sure.
    percent = min(math.floor(sure * 1000) / 10, 99.9)
    more = "more than " if sure > 0.999 else ""
    return f"{words.capitalize()}, {more}{percent:.1f} % sure"


def _place(face: "FoundFace") -> str:
    from photoclust.services.verifying import is_unclear

    box = face.detection.box
    unclear = ", unclear" if is_unclear(face) else ""
    return f"{box.w:.0f} × {box.h:.0f} px at {box.x:.0f}, {box.y:.0f}{unclear}"


def _explain_unclear(pairs: Sequence["FacePair"]) -> None:
    from photoclust.services.verifying import is_unclear

    if any(is_unclear(pair.a) or is_unclear(pair.b) for pair in pairs):
        console.say(
            "A face that is unclear (small, blurred, turned away) says little of who it is."
        )
