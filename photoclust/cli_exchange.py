"""The commands with which decisions travel: `decisions export` and `decisions import`."""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import JsonOption, LibraryOption, open_library

if TYPE_CHECKING:
    from photoclust.services.exchange import Conflict, ImportReport

decisions_app = typer.Typer(rich_markup_mode=None)


@decisions_app.command("export")
def export_(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    author: Annotated[
        str | None,
        typer.Option(
            "--author",
            metavar="NAME",
            help="Who decided what was decided in this library.",
            show_default="your login name",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it is there.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write who is who, what is no face and when photos were taken to a file, for others to import.

    It holds names and places of faces, no pictures.
    """
    from photoclust.services import exchange, reports

    with open_library(library, look=True) as opened:
        report = exchange.export_decisions(opened, file, author=author, force=force)
    if as_json:
        console.print_document(reports.decisions_export(report))
        return
    people = console.count(report.people, "person", "people")
    faces, photos = console.count(report.faces, "face"), console.count(report.photos, "photo")
    console.say(f"Decisions about {people}, and {faces} in {photos}, are in {file}.")


@decisions_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be taken over.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over what others decided about the same photos. What is decided here stays."""
    from photoclust.services import exchange, reports

    with open_library(library, look=dry_run) as opened:
        report = exchange.import_decisions(opened, file, dry_run=dry_run)
    if as_json:
        console.print_document(reports.decisions_import(report))
        return
    _say_import(report, dry_run)


def _say_import(report: "ImportReport", dry_run: bool) -> None:
    verb = "would be" if dry_run else "were"
    if report.taken:
        by = ", ".join(f"{author} ({number:,})" for author, number in report.taken.items())
        console.say(f"Decisions that {verb} taken over, by author: {by}.")
        people = console.count(report.people, "new person", "new people")
        faces, photos = console.count(report.faces, "face"), console.count(report.photos, "photo")
        folders = console.count(report.folders, "folder")
        console.say(
            f"They are about {faces}, {report.drawn:,} of them drawn by hand, {photos} and "
            f"{folders}; {people}."
        )
    else:
        console.say("Nothing new.")
    console.say(f"{console.count(report.same, 'decision')} stood here already.")
    if report.missing_photos:
        photos = console.count(report.missing_photos, "photo")
        console.say(f"{photos} passed over that the library does not have.")
    if report.missing_folders:
        folders = console.count(report.missing_folders, "folder")
        console.say(f"{folders} passed over that the library does not have.")
    if report.missing_faces:
        faces = console.count(report.missing_faces, "face")
        console.say(f"{faces} passed over that were not found in the photos here.")
    if report.conflicts:
        decided = console.count(len(report.conflicts), "decision")
        console.say(f"{decided} not taken over, because another stands here:")
        console.table(
            ("Photo", "Box (x, y, w, h in px)", "Here", "In the file", "By"),
            [_row(conflict) for conflict in report.conflicts],
        )


def _row(conflict: "Conflict") -> tuple[str, ...]:
    box = conflict.box
    place = (
        "–" if box is None else ", ".join(f"{value:.0f}" for value in (box.x, box.y, box.w, box.h))
    )
    path = "–" if conflict.path is None else str(conflict.path)
    return path, place, conflict.ours, conflict.theirs, conflict.author
