"""What the commands share: their options, and how these become a library and settings."""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.core import paths
from photoclust.core.errors import UserError
from photoclust.core.settings import LOW_BATTERY_PERCENT, ON_BATTERY, Settings, load

if TYPE_CHECKING:
    from photoclust.services.recognition import RecognitionReport
    from photoclust.store.database import Library

_SHOWN_PAIRS = 3


def checked_key(kinds: str) -> Callable[[str | None], str | None]:
    """A check that an id looks like one; whether there is such a thing is for the command."""

    def check(key: str | None) -> str | None:
        if key is not None:
            from photoclust.services.keys import parse_key

            try:
                parse_key(key, kinds)
            except UserError as error:
                raise typer.BadParameter(str(error)) from error
        return key

    return check


LibraryOption = Annotated[
    Path | None,
    typer.Option(
        "--library", metavar="FOLDER", help="The library to use.", show_default="a private folder"
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on standard output.")
]
AllFormsOption = Annotated[
    bool,
    typer.Option("--all-forms", help="All photos of each stack, and not only one that is shown."),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers", min=1, help="Processes that read photos.", show_default="one a core, up to 3"
    ),
]
DetectorOption = Annotated[
    str | None,
    typer.Option(
        "--detector", metavar="centerface|mtcnn", help="What finds faces.", show_default="settings"
    ),
]
ComputeOption = Annotated[
    str | None,
    typer.Option(
        "--compute",
        metavar="auto|float32|int8",
        help="In which numbers the networks compute; auto takes the fastest.",
        show_default="settings",
    ),
]
MethodOption = Annotated[
    str | None,
    typer.Option(
        "--method",
        metavar="hdbscan|agglomerative",
        help="How faces are grouped.",
        show_default="settings",
    ),
]
OnBatteryOption = Annotated[
    str | None,
    typer.Option(
        "--on-battery",
        metavar="|".join(ON_BATTERY),
        help=f"Without mains power: wait, wait below {LOW_BATTERY_PERCENT} %, or go on.",
        show_default="settings",
    ),
]
ImagesOption = Annotated[
    Path,
    typer.Option("--images", metavar="DIR", help="A folder with one folder per person."),
]
TruthOption = Annotated[
    Path | None,
    typer.Option(
        "--truth",
        metavar="CSV",
        help="Whose face is where: image, person, x, y, w, h. All faces are then processed.",
    ),
]
FaceOption = Annotated[
    str,
    typer.Option(
        "--face",
        metavar="centre|largest",
        help="The face of a picture that is its person's, without --truth.",
    ),
]


def library_folder(library: Path | None) -> Path:
    """The folder of the library to use."""
    if library == Path():
        raise typer.BadParameter("it names no folder", param_hint="--library")
    return paths.default_library() if library is None else paths.library_at(library)


def open_library(library: Path | None, *, create: bool = False, look: bool = False) -> "Library":
    """The library; only a scan makes one, so that a mistyped folder is noticed.

    To `look` at it needs no right to write; for anything else a daily copy of it is kept first.
    """
    from photoclust.services import known_libraries, opening

    folder = library_folder(library)
    if not create and not (folder / paths.LIBRARY_FILE).exists():
        raise UserError(f"there is no library in {folder} yet; make it with photoclust scan FOLDER")
    opened = opening.open_library(folder, look_only=look)
    known_libraries.remember(folder)
    try:
        if not look:
            opened.library.require_writable()
            opening.keep_daily_copy(opened.library)
    except BaseException:
        opened.library.close()
        raise
    for note in opened.notes:
        console.note(f"Warning: {note}")
    return opened.library


@contextlib.contextmanager
def deciding_library(library: Path | None, *, as_json: bool) -> Iterator["Library"]:
    """The library, to decide something in; faces are recognised anew by what was decided."""
    with open_library(library) as opened:
        yield opened
        recognize_after(opened, as_json=as_json)


def recognize_after(opened: "Library", *, as_json: bool) -> None:
    """Recognise faces where anybody is known, and tell what is new."""
    from photoclust.services import recognition

    with console.job() as control:
        report = recognition.catch_up(opened, read_settings(), control=control)
    if report is None or as_json:
        return
    if report.newly_named:
        faces = console.count(len(report.newly_named), "face")
        console.say(f"{faces} named automatically; photoclust undo {report.entry} takes that back.")
    if report.no_longer_named:
        faces = console.count(len(report.no_longer_named), "face")
        console.say(f"{faces} no longer named automatically.")
    say_may_be_one(report)
    if len(report.no_longer_named) > len(report.newly_named):
        console.say("photoclust doubts lists confirmed faces that may be a slip.")
    if report.asked and (report.newly_named or report.no_longer_named):
        console.say(f"photoclust review asks about {console.count(report.asked, 'face')}.")


def say_may_be_one(report: "RecognitionReport") -> None:
    """Tell who is known twice, as it seems."""
    if report.may_be_one:
        pairs = [
            f"{each.one_name or 'somebody'} (p{each.one}) and "
            f"{each.other_name or 'somebody'} (p{each.other})"
            for each in report.may_be_one[:_SHOWN_PAIRS]
        ]
        more = len(report.may_be_one) - _SHOWN_PAIRS
        shown = ", ".join(pairs) + (f" and {more:,} more pairs" if more > 0 else "")
        console.say(f"May be one person each: {shown}. photoclust merge makes them one.")


def read_settings(
    *,
    method: str | None = None,
    detector: str | None = None,
    compute: str | None = None,
    on_battery: str | None = None,
) -> Settings:
    """The user's settings with what the command line says instead; problems are told."""
    settings, problems = load(paths.settings_file())
    for problem in problems:
        console.note(f"Warning: {problem}")
    return with_options(
        settings, method=method, detector=detector, compute=compute, on_battery=on_battery
    )


def with_options(
    settings: Settings,
    *,
    method: str | None = None,
    detector: str | None = None,
    compute: str | None = None,
    on_battery: str | None = None,
) -> Settings:
    """`settings` with what the command line says instead."""
    if method is not None:
        from photoclust.cluster import METHODS

        settings = replace(settings, grouping_method=one_of(method, METHODS, "--method"))
    if detector is not None:
        from photoclust.core.types import ModelKind
        from photoclust.vision import models

        known = [spec.id for spec in models.list_models() if spec.kind is ModelKind.DETECTOR]
        settings = replace(settings, detector=one_of(detector, known, "--detector"))
    if compute is not None:
        choices = ("auto", "float32", "int8")
        settings = replace(settings, compute=one_of(compute, choices, "--compute"))
    if on_battery is not None:
        settings = replace(settings, on_battery=one_of(on_battery, ON_BATTERY, "--on-battery"))
    return settings


def one_of(value: str, allowed: Iterable[str], option: str) -> str:
    """`value` where it is allowed; wrong usage of `option` otherwise."""
    choices = list(allowed)
    if value not in choices:
        listed = ", ".join(choices)
        raise typer.BadParameter(f"{value!r} is none of {listed}", param_hint=option)
    return value
