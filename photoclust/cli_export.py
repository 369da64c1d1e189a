"""The commands with which names and photos leave: `export xmp`, `csv`, `json`, `folders`, …"""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import (
    AllFormsOption,
    JsonOption,
    LibraryOption,
    one_of,
    open_library,
    read_settings,
)

if TYPE_CHECKING:
    from photoclust.core.types import Failure
    from photoclust.services.names_out_folders import Sorted
    from photoclust.services.names_out_xmp import Kept, NamesOut

export_app = typer.Typer(rich_markup_mode=None)
CONFLICTS = ("theirs", "ours")

PeopleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--people",
        metavar="NAME|ID",
        help="Only this person (Anna, or p7); say it once for each.",
        show_default="everybody",
    ),
]
GuessesOption = Annotated[
    bool,
    typer.Option("--guesses", help="Also names that photoclust gave and nobody confirmed."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace FILE if it is there.")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", show_default=False)]
PersonArgument = Annotated[
    str, typer.Argument(metavar="PERSON", help="A name (Anna) or an id (p7).", show_default=False)
]

_NOBODY = "Nothing to export: there is nobody yet whom you named or confirmed."


@export_app.command("xmp")
def xmp(
    *,
    people: PeopleOption = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="FOLDER",
            help="Put the sidecars here, in folders like those of the photos.",
            show_default="beside the photos",
        ),
    ] = None,
    guesses: GuessesOption = False,
    into_files: Annotated[
        bool,
        typer.Option(
            "--write-into-files",
            help="Write into the photos themselves, with exiftool; into raw files never.",
        ),
    ] = False,
    conflicts: Annotated[
        str,
        typer.Option(
            "--conflicts",
            metavar="|".join(CONFLICTS),
            help="Whose name stands where another program wrote another one, or took it out.",
        ),
    ] = "theirs",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be written.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write names and places of faces where other programs read them: XMP sidecars.

    What other programs wrote into a sidecar stays, save names with --conflicts ours.
    """
    from photoclust.services import names_out, names_out_reports, names_out_xmp

    if into_files and into is not None:
        raise typer.BadParameter("it contradicts --write-into-files", param_hint="--into")
    ours = one_of(conflicts, CONFLICTS, "--conflicts") == "ours"
    with open_library(library, look=not into_files or dry_run) as opened, console.job() as control:
        wanted = names_out.Wanted(names_out.find_people(opened, people or ()), guesses, ours)
        if into_files:
            from photoclust.services import names_out_exiftool

            report = names_out_exiftool.write_into_files(
                opened, wanted, dry_run=dry_run, control=control
            )
        else:
            report = names_out_xmp.export_sidecars(
                opened, wanted, into=into, dry_run=dry_run, control=control
            )
    if as_json:
        console.print_document(names_out_reports.names(report))
    else:
        _say_names(report, into_files, dry_run)
    _end(report.failed, report.written)


@export_app.command("csv")
def csv(
    file: FileArgument,
    *,
    people: PeopleOption = None,
    guesses: GuessesOption = False,
    force: ForceOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List faces in a CSV file: photo, person, id, state, date, quality, place."""
    _list(file, "csv", people, guesses, force, library, as_json)


@export_app.command("json")
def json(
    file: FileArgument,
    *,
    people: PeopleOption = None,
    guesses: GuessesOption = False,
    force: ForceOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List faces in a JSON file, for programs: the same as csv."""
    _list(file, "json", people, guesses, force, library, as_json)


def _list(  # noqa: PLR0917 - the options of two commands
    file: Path,
    form: str,
    people: list[str] | None,
    guesses: bool,
    force: bool,
    library: Path | None,
    as_json: bool,
) -> None:
    from photoclust.services import names_out, names_out_tables

    write = names_out_tables.export_csv if form == "csv" else names_out_tables.export_json
    with open_library(library, look=True) as opened, console.job() as control:
        wanted = names_out.Wanted(names_out.find_people(opened, people or ()), guesses)
        listed = write(opened, file, wanted, force=force, control=control)
    if as_json:
        console.print_document({"faces": listed.faces, "photos": listed.photos})
        return
    faces, photos = console.count(listed.faces, "face"), console.count(listed.photos, "photo")
    console.say(f"Listed {faces} in {photos} in {file}.")


@export_app.command("folders")
def folders(
    target: Annotated[Path, typer.Argument(metavar="FOLDER", show_default=False)],
    *,
    people: PeopleOption = None,
    guesses: GuessesOption = False,
    link: Annotated[
        str,
        typer.Option("--link", metavar="hard|symbolic|copy", help="How photos come into folders."),
    ] = "copy",
    all_forms: AllFormsOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a folder of photos for each person. Nothing in it is ever overwritten."""
    from photoclust.services import names_out, names_out_folders, names_out_reports

    how = one_of(link, [each.value for each in names_out_folders.Link], "--link")
    with open_library(library, look=True) as opened, console.job() as control:
        wanted = names_out.Wanted(names_out.find_people(opened, people or ()), guesses)
        report = names_out_folders.export_folders(
            opened,
            target,
            wanted,
            link=names_out_folders.Link(how),
            all_forms=all_forms,
            skip_patterns=read_settings().skip_patterns,
            control=control,
        )
    if as_json:
        console.print_document(names_out_reports.folders(report))
    else:
        _say_folders(report, target)
    _end(report.failed, report.made)


def _say_folders(report: "Sorted", target: Path) -> None:
    if not (report.made or report.there or report.offline or report.failed):
        console.say(_NOBODY)
        return
    made = console.count(report.made, "photo")
    many = console.count(report.people, "person", "people")
    console.say(
        f"{made} put into the folders of {many} in {target}, {report.there:,} there already."
    )
    if report.in_same:
        more = console.count(report.in_same, "more photo")
        console.say(f"{more} in the same files: pages of documents, moments of videos.")
    if report.fell_back:
        console.say(report.fell_back)
    if report.offline:
        console.say(f"{console.count(report.offline, 'photo')} passed over that are not there now.")
    _say_failed(report.failed)


@export_app.command("sheet")
def sheet(
    person: PersonArgument,
    file: FileArgument,
    *,
    force: ForceOption = False,
    all_forms: AllFormsOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a contact sheet of a person to print: a PDF of their photos, the oldest first."""
    from photoclust.services import names_out_sheet

    with open_library(library, look=True) as opened, console.job() as control:
        made = names_out_sheet.export_sheet(
            opened, person, file, force=force, all_forms=all_forms, control=control
        )
    if as_json:
        console.print_document({"photos": made.photos, "pages": made.pages})
        return
    pages, photos = console.count(made.pages, "page"), console.count(made.photos, "photo")
    console.say(f"{file} shows {photos} of {made.name} on {pages}.")


@export_app.command("gallery")
def gallery(
    person: PersonArgument,
    target: Annotated[Path, typer.Argument(metavar="FOLDER", show_default=False)],
    *,
    all_forms: AllFormsOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a web page of a person: a folder that needs no network and no scripts."""
    from photoclust.services import names_out_gallery

    with open_library(library, look=True) as opened, console.job() as control:
        made = names_out_gallery.export_gallery(
            opened,
            person,
            target,
            all_forms=all_forms,
            skip_patterns=read_settings().skip_patterns,
            control=control,
        )
    if as_json:
        console.print_document({"photos": made.photos, "page": str(made.page)})
        return
    photos = console.count(made.photos, "photo")
    console.say(f"{photos} of {made.name}: open {made.page} in a browser.")


def _end(failed: "Sequence[Failure]", done: int) -> None:
    """End with status 1 where of what was left to do nothing could be done."""
    if failed and not done:
        raise typer.Exit(1)


def _say_failed(failed: "Sequence[Failure]") -> None:
    if failed:
        console.say(f"{console.count(len(failed), 'photo')} passed over:")
        console.table(("Photo", "Why"), [(str(each.path), each.reason) for each in failed])


def _say_names(report: "NamesOut", into_files: bool, dry_run: bool) -> None:
    from photoclust.services import names_out_xmp

    if not (report.written or report.unchanged or report.offline or report.failed):
        console.say(_NOBODY)
        return
    verb = "Would write" if dry_run else "Wrote"
    what = console.count(report.written, "photo" if into_files else "sidecar")
    faces = console.count(report.regions, "face")
    people = console.count(len(report.people), "person", "people")
    console.say(f"{verb} {what}, {report.unchanged:,} unchanged.")
    console.say(f"They tell of {faces}, {report.unnamed:,} of them without a name, and {people}.")
    if report.offline:
        files = console.count(report.offline, "file")
        console.say(f"{files} passed over that are not there now: connect the drive, or scan.")
    hint = "" if into_files else names_out_xmp.lightroom_hint(report)
    if hint:
        console.say(hint)
    _say_failed(report.failed)
    overruled = "would be overruled" if dry_run else "overruled"
    for changes, what in ((report.overruled, overruled), (report.kept, "left as they are")):
        if changes:
            count = console.count(len(changes), "change")
            console.say(f"{count} by other programs {what}:")
            console.table(("File", "Here", "There", ""), [_row(each) for each in changes])


def _row(kept: "Kept") -> tuple[str, ...]:
    ours, theirs = kept.difference.ours, kept.difference.theirs
    return (
        str(kept.path),
        "–" if ours is None else ours or "no name",
        "–" if theirs is None else theirs or "no name",
        kept.difference.kind,
    )
