"""The commands with which names and photos leave: `export xmp`, `csv`, `json`, `folders`, …"""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import JsonOption, LibraryOption, open_library

if TYPE_CHECKING:
    from photoclust.services.names_out_xmp import Kept, NamesOut

export_app = typer.Typer(rich_markup_mode=None)

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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be written.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write names and places of faces where other programs read them: XMP sidecars.

    What other programs wrote into a sidecar stays.
    """
    from photoclust.services import names_out, names_out_reports, names_out_xmp

    if into_files and into is not None:
        raise typer.BadParameter("it contradicts --write-into-files", param_hint="--into")
    with open_library(library, look=not into_files or dry_run) as opened, console.job() as control:
        wanted = names_out.Wanted(names_out.find_people(opened, people or ()), guesses)
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
        return
    _say_names(report, into_files, dry_run)


def _say_names(report: "NamesOut", into_files: bool, dry_run: bool) -> None:
    from photoclust.services import names_out_xmp

    verb = "would be" if dry_run else "were"
    what = console.count(report.written, "photo" if into_files else "sidecar")
    faces = console.count(report.regions, "face")
    people = console.count(len(report.people), "person", "people")
    console.say(f"{what} {verb} written, {report.unchanged:,} unchanged.")
    console.say(f"They tell of {faces}, {report.unnamed:,} of them without a name, and {people}.")
    if report.offline:
        files = console.count(report.offline, "file")
        console.say(f"{files} passed over that are not there now: connect the drive, or scan.")
    hint = "" if into_files else names_out_xmp.lightroom_hint(report)
    if hint:
        console.say(hint)
    if report.failed:
        console.say(f"{console.count(len(report.failed), 'photo')} passed over:")
        console.table(("Photo", "Why"), [(str(each.path), each.reason) for each in report.failed])
    if report.kept:
        changes = console.count(len(report.kept), "change")
        console.say(f"{changes} by other programs left as they are:")
        console.table(("File", "Here", "There", ""), [_row(each) for each in report.kept])


def _row(kept: "Kept") -> tuple[str, ...]:
    ours, theirs = kept.difference.ours, kept.difference.theirs
    return (
        str(kept.path),
        "–" if ours is None else ours or "no name",
        "–" if theirs is None else theirs or "no name",
        kept.difference.kind,
    )
