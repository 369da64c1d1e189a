"""The command line: one thin function per command, and no work of its own.

Everything heavy is imported inside the commands, so that `photoclust --help` is quick.
"""

# ruff: noqa: PLC0415 - see above

import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import (
    __version__,
    cli_acts,
    cli_care,
    cli_describe,
    cli_folders,
    cli_groups,
    cli_guide,
    cli_libraries,
    cli_list,
    cli_recognition,
    cli_training,
    console,
)
from photoclust.cli_bench import bench_app, self_test
from photoclust.cli_exchange import decisions_app
from photoclust.cli_export import export_app
from photoclust.cli_measure import evaluate_app
from photoclust.cli_models import model_app
from photoclust.cli_names import names_app
from photoclust.cli_options import (
    ComputeOption,
    DetectorOption,
    JsonOption,
    LibraryOption,
    OnBatteryOption,
    WorkersOption,
    checked_key,
    deciding_library,
    library_folder,
    open_library,
    read_settings,
    recognize_after,
)
from photoclust.cli_scanning import say_scan
from photoclust.cli_stacks import stacks_app
from photoclust.core import paths
from photoclust.core.errors import UserError
from photoclust.core.paths import absolute_path
from photoclust.core.settings import Settings

if TYPE_CHECKING:
    pass

# No help screens drawn by rich: they take longer to load than most commands to run.
app = typer.Typer(
    cls=console.SafeGroup,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(model_app, name="model", help="The face models: bundled ones and your own.")
app.add_typer(cli_folders.folders_app, name="folders", help="The folders of the library.")
app.add_typer(cli_training.trainings_app, name="trainings", help="Trainings and their reports.")
app.add_typer(
    cli_groups.same_photo_app,
    name="same-photo",
    help="Photos in which one person may be there several times.",
)
app.add_typer(stacks_app, name="stacks", help="Photos that are shown as one.")
app.add_typer(decisions_app, name="decisions", help="Take what was decided to another library.")
app.add_typer(names_app, name="names", help="Names that people have in other programs.")
app.add_typer(export_app, name="export", help="Take names and photos to other programs.")
app.add_typer(evaluate_app, name="evaluate", help="Measure photoclust on people you know.")
app.add_typer(bench_app, name="bench", help="Measure how fast photoclust is on this machine.")


def _print_version(asked: bool) -> None:
    if asked:
        console.say(f"photoclust {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    library: LibraryOption = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """Find, group and name the faces in your photos, on your own machine.

    Without a command, the window opens.
    """
    if context.invoked_subcommand is None:
        raise typer.Exit(_open_window(library_folder(library), (), read_settings()))
    if library is not None:
        raise typer.BadParameter("write it after the command", param_hint="--library")


def open_(
    roots: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Folders or photos.", show_default=False),
    ],
    library: LibraryOption = None,
) -> None:
    """Open the window, and scan folders or photos at once: what a file manager calls."""
    from photoclust.services.ingest import require_roots

    require_roots(roots)
    raise typer.Exit(_open_window(library_folder(library), roots, read_settings()))


def scan(
    roots: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH...]",
            help="Folders or files.",
            parser=Path,  # else Typer looks whether each is there, and a dead server never says
            show_default="the folders of the library",
        ),
    ] = None,
    *,
    workers: WorkersOption = None,
    detector: DetectorOption = None,
    compute: ComputeOption = None,
    on_battery: OnBatteryOption = None,
    names: Annotated[
        bool | None,
        typer.Option(
            "--names/--no-names",
            help="Take over the names that other programs wrote into photos and beside them.",
            show_default="settings",
        ),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the faces in photos. What is known and unchanged is passed over."""
    from photoclust.services import ingest, reembedding, reports
    from photoclust.services.roots import say_missing

    settings = read_settings(detector=detector, compute=compute, on_battery=on_battery)
    if names is not None:
        settings = replace(settings, names_from_files=names)
    given, missing = _without_away(roots or (), library)
    with open_library(library, create=bool(given)) as opened:
        with console.job(settings.on_battery) as control:
            if not given:
                from photoclust.services import session  # with all that groups and recognises

                given, missing = session.known_roots(opened)
            report = ingest.ingest(opened, given, settings, workers=workers, control=control)
            reembedding.catch_up(opened, settings, workers=workers, control=control)
        for folder in dict.fromkeys((*missing, *report.silent)):
            console.note(f"Warning: {say_missing(folder)}")
        if as_json:
            console.print_document(reports.scan(report))
        else:
            say_scan(report)
        if report.faces:
            recognize_after(opened, as_json=as_json)
    if report.faces and not as_json:
        console.say_next("group", library)


def name(
    key: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            callback=checked_key("pgf"),
            help="A group (g31), a person (p7) or a face (f9).",
            show_default=False,
        ),
    ],
    new_name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    *,
    into: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="ID",
            callback=checked_key("p"),
            help="The person of this name who is meant (p7).",
        ),
    ] = None,
    another: Annotated[
        bool, typer.Option("--new", help="Somebody else who has the same name.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name a group, a person or a single face."""
    from photoclust.core.types import PersonId
    from photoclust.services import browse, keys, naming, reports

    if into is not None and another:
        raise typer.BadParameter("it contradicts --as", param_hint="--new")
    person = None if into is None else PersonId(keys.parse_key(into, "p")[1])
    with deciding_library(library, as_json=as_json) as opened:
        named = naming.name(opened, key, new_name, into=person, another=another)
        result = browse.person(opened, named.person)
        if as_json:
            console.print_document(reports.person(result))
            return
        faces_, photos = console.count(result.faces, "face"), console.count(result.photos, "photo")
        joined = f"{key} joins" if named.known and key.lower() != result.key else "This is"
        console.say(f"{joined} {result.name} ({result.key}): {faces_} in {photos}.")


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Print what is found instead of opening the window.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what photoclust does on a small album that comes with it."""
    folder = library or paths.cache_folder() / "demo"
    if library is not None and (library / paths.LIBRARY_FILE).exists():
        raise UserError(f"{library} is a library already; the demo wants a folder of its own")
    album = paths.resource("demo", "album")
    settings = read_settings()
    if not headless and not as_json:
        raise typer.Exit(_open_window(folder, (album,), settings))
    from photoclust.services import browse, reports
    from photoclust.services.session import scan_and_group

    with open_library(folder, create=True) as opened, console.job() as control:
        report = scan_and_group(opened, [album], settings, control=control)
        groups, failed = browse.groups(opened), browse.failures(opened)
        more = browse.hidden_forms(opened) if as_json else {}
    if as_json:
        console.print_document(
            {
                "library": str(folder),
                "scan": reports.scan(report.scan),
                "group": reports.grouping(report.grouping),
                "people": reports.people(groups, more),
                "failures": reports.failures(failed),
            }
        )
        return
    say_scan(report.scan)
    cli_groups.say_grouping(report.grouping)
    cli_list.say_people(groups)
    cli_list.say_failures(failed)
    if library is None:
        console.say(f"The library of the demo is in {folder}; delete it whenever you like.")


for command in (
    demo,
    scan,
    cli_groups.group,
    cli_list.people,
    cli_list.faces,
    cli_list.photos,
    cli_list.failures,
    name,
    cli_recognition.recognize,
    cli_recognition.review,
    cli_recognition.why,
    cli_recognition.doubts,
    cli_recognition.compare,
    cli_training.train,
    cli_acts.merge,
    cli_acts.split,
    cli_acts.move,
    cli_acts.confirm,
    cli_acts.reject,
    cli_acts.hide,
    cli_acts.unhide,
    cli_acts.not_a_face,
    cli_acts.draw,
    cli_acts.delete,
    cli_acts.date,
    cli_describe.alias,
    cli_describe.birthday,
    cli_describe.cover,
    cli_describe.tag,
    cli_describe.untag,
    cli_describe.turn,
    cli_describe.negative,
    cli_describe.resize,
    cli_acts.journal,
    cli_acts.undo,
    cli_acts.redo,
    cli_folders.relocate,
    cli_folders.purge,
    cli_folders.watch,
    cli_libraries.libraries,
    cli_libraries.init,
    cli_care.backup,
    cli_care.restore,
    cli_care.doctor,
    cli_care.forget,
    self_test,
):
    app.command()(command)
app.command("open")(open_)
# A minus before a word leaves it out; it must not be taken for an option, nor -h for a question.
app.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})(
    cli_list.find
)
app.command("help")(cli_guide.guide)


def main() -> None:
    """Entry point of `photoclust` and `python -m photoclust`."""
    app(prog_name="photoclust")


def _open_window(folder: Path, roots: Sequence[Path], settings: Settings) -> int:
    """Run the window until it is closed; gives its exit code."""
    on_a_screen = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(map(os.environ.get, on_a_screen)):
        # Qt would abort the process.
        raise UserError(
            "there is no screen to open a window on; photoclust --help lists the commands that "
            "need none, photoclust demo --headless shows the demo"
        )
    # What comes now stays: to look for garbage in it takes a tenth of the start (see `gui.app`).
    gc.disable()
    from photoclust.gui.app import run

    return run(folder, folders_to_scan=tuple(roots), settings=settings)


def _without_away(
    roots: Sequence[Path], library: Path | None
) -> tuple[Sequence[Path], Sequence[Path]]:
    """Those of `roots` that are there, and the folders of the library among them that are away.

    Raises UserError for one that is neither, and where none is there.
    """
    from photoclust.services import browse, ingest
    from photoclust.services.roots import say_missing

    absent = [absolute_path(root) for root in roots if ingest.is_absent(root)]
    if not absent:
        return roots, ()
    known: list[str] = []
    if (library_folder(library) / paths.LIBRARY_FILE).exists():
        with open_library(library, look=True) as opened:
            known = browse.folders(opened)
    ingest.require_roots([root for root in absent if str(root) not in known])
    there = [root for root in roots if absolute_path(root) not in absent]
    if not there:
        raise UserError(say_missing(absent[0]))
    return there, absent
