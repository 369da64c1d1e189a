"""The command that takes over names from other programs: `names import`."""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import (
    JsonOption,
    LibraryOption,
    one_of,
    open_library,
    read_settings,
    recognize_after,
)

if TYPE_CHECKING:
    from photoclust.services.names_in import LeftName, NamesReport

names_app = typer.Typer(rich_markup_mode=None)
_PICASA_FOLDERS = (
    r"%LocalAppData%\Google\Picasa2\contacts of Windows, "
    "~/Library/Application Support/Google/Picasa3/contacts of a Mac"
)
SOURCES = ("files", "picasa", "digikam", "osxphotos")


@names_app.callback()
def names() -> None:
    """Take over the names that people have in other programs."""


@names_app.command("import")
def import_(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH...]",
            help="Folders of the library to look in; with digikam its database digikam4.db, with "
            "osxphotos the JSON file of a query or the folder of an export with sidecars.",
            show_default="the whole library",
        ),
    ] = None,
    *,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="|".join(SOURCES),
            help="Where the names are: in and beside the photos, or what a program keeps.",
        ),
    ] = "files",
    contacts: Annotated[
        Path | None,
        typer.Option(
            "--contacts",
            metavar="FILE",
            help="Picasa's contacts.xml, where its own folder is not on this computer.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be taken over.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over names from other programs. What is decided here stays, and no file is changed."""
    from photoclust.services import names_in, reembedding, reports
    from photoclust.services.names_in_sources import Source, find_names, title

    chosen = Source(one_of(source, SOURCES, "--from"))
    one_path = chosen in (Source.DIGIKAM, Source.OSXPHOTOS)
    if one_path and len(paths or ()) != 1:
        raise typer.BadParameter(f"give one file or folder with --from {chosen}", param_hint="PATH")
    if contacts is not None and one_path:
        raise typer.BadParameter(f"{chosen} has none", param_hint="--contacts")
    with open_library(library, look=dry_run) as opened:
        with console.job() as control:
            told = find_names(
                opened,
                chosen,
                folders=() if one_path else paths or (),
                path=paths[0] if one_path and paths else None,
                contacts=contacts,
                control=control,
            )
            report = names_in.take_over(opened, told, title(chosen), dry_run=dry_run)
            if report.drawn and not dry_run:
                reembedding.catch_up(opened, read_settings(), control=control)
        if as_json:
            console.print_document(reports.names(report))
        else:
            say_names(report, dry_run=dry_run)
        if report.names and not dry_run:
            recognize_after(opened, as_json=as_json)


def say_names(report: "NamesReport", *, dry_run: bool = False, scanned: bool = False) -> None:
    """Tell what was or would be taken over, by the command or by a scan, and every name that is
    not, with the reason.
    """
    _say_taken(report, dry_run=dry_run)
    if report.contradicting:
        several = report.contradicting > 1
        names = console.count(report.contradicting, "name")
        console.say(
            f"{names} in changed files {'are' if several else 'is'} not what you confirmed here; "
            f"photoclust names import --dry-run shows {'them' if several else 'it'}."
        )
    _say_boxes(report, scanned=scanned)
    if report.unknown_photos:
        photos = console.count(report.unknown_photos, "photo")
        console.say(f"{photos} passed over that the library does not have.")
    if report.conflicts:
        left = console.count(len(report.conflicts), "name")
        console.say(f"{left} not taken over, because you decided otherwise here:")
        _list(report.conflicts)
    if report.left:
        left = console.count(len(report.left), "name")
        console.say(f"{left} not taken over:")
        _list(report.left)
    for problem in report.problems:
        console.note(f"Warning: {problem}")


def _say_taken(report: "NamesReport", *, dry_run: bool) -> None:
    """Tell what is new by it, and what is not."""
    verb = "would get" if dry_run else "got"
    if report.names:
        faces, photos = console.count(report.names, "face"), console.count(report.photos, "photo")
        people = console.count(report.people, "person", "people")
        drawn = f"; {report.drawn:,} of the faces were not found and are drawn"
        console.say(
            f"{faces} in {photos} {verb} a name: {people}, {report.new_people:,} of them new"
            f"{drawn if report.drawn else ''}."
        )
    if report.tagged:
        names = console.count(report.tagged, "name")
        verb = "would be" if dry_run else "were" if report.tagged > 1 else "was"
        people = console.count(report.people, "person", "people")
        who = "" if report.names else f" {people}, {report.new_people:,} of them new."
        console.say(
            f"{names} without a box {verb} taken over: whom they name is in these photos, "
            f"but no face is named by that.{who}"
        )
    if report.entry is not None:
        console.say(f"photoclust undo {report.entry} takes that back.")
    if not (report.names or report.tagged or report.contradicting):
        console.say("No new names.")
    if report.others:
        verb = "would be" if dry_run else "were" if report.others > 1 else "was"
        decided = console.count(report.others, "other decision")
        console.say(f"{decided} that photoclust had written {verb} taken over.")
    if report.same:
        console.say(f"{console.count(report.same, 'name')} stood here already.")


def _say_boxes(report: "NamesReport", *, scanned: bool) -> None:
    """Tell of boxes whose names nobody knows."""
    if report.nameless:
        boxes = console.count(report.nameless, "box", "boxes")
        console.say(f"{boxes} passed over that nobody named.")
    if report.strangers:
        named = console.count(report.strangers, "box names a contact", "boxes name contacts")
        are = "are" if report.strangers > 1 else "is"
        how = "give contacts.xml with --contacts."
        if scanned:
            how = (
                "photoclust names import --from picasa --contacts FILE takes their names from "
                f"contacts.xml, which lies in Picasa's own folder ({_PICASA_FOLDERS})."
            )
        console.say(f"{named} that {are} not known here; {how}")


def _list(left: "Sequence[LeftName]") -> None:
    rows = []
    for each in left:
        box = each.box
        place = "–" if box is None else f"{box.x:.0f}, {box.y:.0f}, {box.w:.0f}, {box.h:.0f}"
        path = "–" if each.path is None else str(each.path)
        rows.append((path, place, each.name, each.ours or "–", each.reason))
    console.table(("Photo", "Box (x, y, w, h in px)", "Name", "Here", "Why"), rows)
