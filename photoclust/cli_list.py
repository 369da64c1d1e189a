"""The commands that list what is in a library, and how lists of it are shown.

As in `cli`, heavy modules are imported inside the commands.
"""

# ruff: noqa: PLC0415 - see above

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import (
    AllFormsOption,
    JsonOption,
    LibraryOption,
    checked_key,
    open_library,
)
from photoclust.core.errors import UserError

if TYPE_CHECKING:
    from photoclust.core.types import Failure, Group


def people(
    hidden: Annotated[bool, typer.Option("--hidden", help="Only those you hid.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List people and groups without a name."""
    from photoclust.services import browse, reports

    with open_library(library, look=True) as opened:
        groups = browse.groups(opened, hidden=hidden)
        more = browse.hidden_forms(opened) if as_json else {}
    if as_json:
        console.print_document(reports.people(groups, more))
    elif hidden and not groups:
        console.say("Nobody is hidden.")
    else:
        say_people(groups)


def faces(
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="ID",
            callback=checked_key("pg"),
            help="Only those of this person (p7) or group (g31).",
        ),
    ] = None,
    *,
    automatic: Annotated[
        bool, typer.Option("--automatic", help="Only those that were named automatically.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List faces, the best quality first."""
    from photoclust.services import browse, reports

    with open_library(library, look=True) as opened:
        found = browse.faces(opened, person, automatic=automatic)
        if not found and person is not None and not automatic:
            _require_group(person, browse.groups(opened))
    rows = reports.faces(found)
    if as_json:
        console.print_document(rows)
        return
    if not rows:
        console.say("There are no such faces.")
        return
    console.table(
        ("Face", "Person", "Group", "Quality", "Box (x, y, w, h in px)", "Photo"),
        [
            (
                row["face"],
                row["person"] or "–",
                row["cluster"] or "–",
                f"{row['quality']:.2f}",
                ", ".join(f"{value:.0f}" for value in row["box"]),
                row["photo"],
            )
            for row in rows
        ],
    )
    console.say(f"{console.count(len(rows), 'face')}.")


def photos(
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="ID",
            callback=checked_key("p"),
            help="Only those that this person (p7) is in, with a face or tagged.",
        ),
    ] = None,
    *,
    all_forms: AllFormsOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List photos with their dates and where their files are, the newest first.

    Of a stack (RAW and JPEG, original and edited version, copies, a burst) one photo is listed.
    """
    from photoclust.services import browse, reports

    with open_library(library, look=True) as opened:
        found = browse.photos(opened) if person is None else browse.photos_of(opened, person)
        shots = browse.as_shown(opened, [photo.id for photo in found])
        if not all_forms:
            shown = set(shots.shown)
            found = [photo for photo in found if photo.id in shown]
        tagged = browse.people_without_face(opened, [photo.id for photo in found])
    if as_json:
        console.print_document(reports.photos(found, tagged, shots))
        return
    console.table(
        ("Date", "From", "There", "Tagged", "File"),
        [
            (
                "–" if photo.date is None else photo.date.describe(),
                "–" if photo.date is None else photo.date.source.value,
                "yes" if photo.present else "no",
                ", ".join(name or f"p{number}" for number, name in tagged.get(photo.id, ())),
                str(path),
            )
            for photo in found
            for path in photo.paths
        ],
    )
    console.say(f"{console.photos(shots)}.")


def find(
    query: Annotated[
        list[str],
        typer.Argument(metavar="QUERY", help="What to look for.", show_default=False),
    ],
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, metavar="N", help="List the newest N.", show_default="all"),
    ] = None,
    all_forms: AllFormsOption = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find photos by who is in them, when they were taken and what their files are called.

    anna ben (both), anna or ben, anna -ben, only: anna ben, (anna or ben) italy, "Anna Maria",
    year:2019, 2018..2021, 2019-07, before:1950, after:2019-07, faces:>4, quality:<0.3, unnamed,
    folder:italy, file:img_12. A word is a name or the beginning of one, else a part of the name of
    a file or folder. Of a stack one photo is listed that fits.
    """
    from photoclust.core.query.errors import QueryError
    from photoclust.services import browse, search_reports, searching

    with open_library(library, look=True) as opened:
        try:
            found = searching.search(opened, " ".join(query))
        except QueryError as error:
            console.note(error.pointed())
            raise
        every = found.photos if all_forms else found.shots.shown
        shown = every[:limit]
        listed = browse.photos_by_id(opened, shown)
        names = searching.names_in(opened, shown, found)
        tagged = browse.people_without_face(opened, shown)
        matched = searching.faces_found(opened, found, shown)
    if as_json:
        console.print_document(search_reports.found(found, listed, names, tagged, matched))
        return
    for meaning in found.meanings:
        left_out = "without " if meaning.left_out else ""
        console.say(f"{found.text[meaning.start : meaning.end]}: {left_out}{meaning.says}")
    if found.hint is not None:
        console.say(f"Nothing found: {found.hint}")
        return
    console.table(
        ("Date", "People", "File"),
        [
            (
                "–" if photo.date is None else photo.date.describe(),
                ", ".join(name for _, name in names.get(photo.id, ())) or "–",
                str(photo.paths[0]),
            )
            for photo in listed
        ],
    )
    of = f"{len(listed):,} of " if len(listed) < len(every) else ""
    console.say(f"{of}{console.photos(found.shots)}.")


def failures(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List the files that could not be read, and why."""
    from photoclust.services import browse, reports

    with open_library(library, look=True) as opened:
        failed = browse.failures(opened)
    if as_json:
        console.print_document(reports.failures(failed))
    elif failed:
        say_failures(failed)
    else:
        console.say("Every file could be read.")


def say_people(groups: Sequence["Group"]) -> None:
    """A table of people and groups, or what to do for there to be some."""
    if not groups:
        console.say("No groups yet: photoclust scan finds faces, photoclust group groups them.")
        return
    console.table(
        ("Id", "Name", "Faces", "Photos"),
        [(group.key, _names(group), group.faces, group.photos) for group in groups],
    )


def _names(group: "Group") -> str:
    if not group.aliases:
        return group.name or "–"
    return f"{group.name or '–'} ({', '.join(group.aliases)})"


def say_failures(failed: Sequence["Failure"]) -> None:
    """A table of files that could not be read, and why."""
    console.table(("File", "Reason"), [(str(item.path), item.reason) for item in failed])


def _require_group(key: str, groups: Sequence["Group"]) -> "Group":
    """The group with this id. Raises UserError when there is none."""
    for candidate in groups:
        if candidate.key == key.strip().lower():
            return candidate
    raise UserError(f"there is no {key}; photoclust people lists the ids")
