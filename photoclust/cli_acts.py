"""The commands that decide: who is the same, who is not, what is no face, when; undo and redo.

Each is one act that can be undone. As in `cli`, heavy modules are imported inside the commands.
"""

# ruff: noqa: PLC0415 - see above

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import (
    JsonOption,
    LibraryOption,
    deciding_library,
    open_library,
    read_settings,
)
from photoclust.core.errors import UserError

if TYPE_CHECKING:
    from photoclust.core.types import LibraryChanges, PhotoId
    from photoclust.services.history import History
    from photoclust.services.naming import Named
    from photoclust.store.database import Library

FacesArgument = Annotated[
    list[str], typer.Argument(metavar="FACE...", help="Faces (f9).", show_default=False)
]
PhotosArgument = Annotated[
    list[Path], typer.Argument(metavar="PHOTO...", help="Files.", show_default=False)
]
BoxArgument = Annotated[
    tuple[float, float, float, float],
    typer.Argument(metavar="X Y W H", help="In px of the upright photo.", show_default=False),
]
KeysArgument = Annotated[list[str], typer.Argument(metavar="ID...", show_default=False)]


def merge(
    source: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    target: Annotated[str, typer.Argument(metavar="INTO", show_default=False)],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make two people (p7) or groups (g31) one."""
    from photoclust.services import deciding

    with deciding_library(library, as_json=as_json) as opened:
        _say_named(opened, deciding.merge(opened, source, target), f"{source} is", as_json)


def split(faces: FacesArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Take faces out of a person or group, as somebody of their own."""
    from photoclust.services import deciding

    with deciding_library(library, as_json=as_json) as opened:
        _say_named(opened, deciding.split(opened, faces), "Split off as", as_json)


def move(
    faces: FacesArgument,
    target: Annotated[
        str, typer.Option("--to", metavar="ID", help="The person (p7) or group (g31).")
    ],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that faces are somebody else than shown."""
    from photoclust.services import deciding

    with deciding_library(library, as_json=as_json) as opened:
        _say_named(opened, deciding.move(opened, faces, target), "Moved to", as_json)


def confirm(keys: KeysArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Say that guesses are right: those for faces (f9), or all for a person (p7)."""
    from photoclust.services import deciding

    with deciding_library(library, as_json=as_json) as opened:
        say_changes(deciding.confirm(opened, keys), "confirmed", as_json)


def reject(
    faces: FacesArgument,
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="ID",
            help="Who they are not (p7).",
            show_default="who is shown for each of them",
        ),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who faces are not. Remembered for good."""
    from photoclust.services import deciding

    with deciding_library(library, as_json=as_json) as opened:
        say_changes(deciding.reject(opened, faces, person), "marked as somebody else", as_json)


def hide(
    keys: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", show_default=False)] = None,
    smaller_than: Annotated[
        int | None,
        typer.Option(
            "--smaller-than",
            min=2,
            metavar="N",
            help="Every group without a name that is in fewer than N photos.",
            show_default=False,
        ),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep people (p7), groups (g31) or faces (f9) out of sight, with what joins them later."""
    from photoclust.services import deciding, reports

    if bool(keys) == (smaller_than is not None):
        raise typer.BadParameter("say either which, or --smaller-than", param_hint="ID...")
    with deciding_library(library, as_json=as_json) as opened:
        if smaller_than is not None:
            number, changes = deciding.hide_small_groups(opened, smaller_than)
            if as_json:
                console.print_document({"hidden": number, **reports.changes(changes)})
            else:
                console.say(f"{console.count(number, 'group')} hidden.")
            return
        say_changes(deciding.hide(opened, keys or ()), "hidden", as_json)


def unhide(keys: KeysArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Show hidden people (p7) again; `photoclust people --hidden` lists them."""
    from photoclust.services import deciding

    with deciding_library(library, as_json=as_json) as opened:
        say_changes(deciding.hide(opened, keys, hidden=False), "shown again", as_json)


def not_a_face(
    faces: FacesArgument,
    is_one: Annotated[bool, typer.Option("--is-one", help="Say that they are faces.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that what was found is no face. Remembered for good."""
    from photoclust.services import deciding

    with deciding_library(library, as_json=as_json) as opened:
        changes = deciding.exclude(opened, faces, excluded=not is_one)
        say_changes(changes, "marked as a face" if is_one else "marked as no face", as_json)


def draw(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", show_default=False)],
    box: BoxArgument,
    name: Annotated[str | None, typer.Option("--name", help="Who it is.")] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw a face that was not found."""
    from photoclust.core.types import Box
    from photoclust.services import drawing, reports

    with deciding_library(library, as_json=as_json) as opened, console.job() as control:
        (photo_id,) = photos_at(opened, [photo])
        face, changes = drawing.draw(
            opened, photo_id, Box(*box), read_settings(), name=name, control=control
        )
    if as_json:
        console.print_document({"face": f"f{face}", **reports.changes(changes)})
    else:
        console.say(f"Drawn as f{face}.")


def delete(
    person: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a person (p7). The faces stay and are nobody's again."""
    from photoclust.services import deciding

    with deciding_library(library, as_json=as_json) as opened:
        say_changes(deciding.delete(opened, person), "nobody's again", as_json)


def date(
    when: Annotated[
        str,
        typer.Argument(
            metavar="DATE",
            help="1923, 'about 1923', 1920s, 1923-05, 12 May 1923; 'file': as the file says.",
            show_default=False,
        ),
    ],
    photos: PhotosArgument,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say when photos were taken; a document or video is dated with all its pictures."""
    from photoclust.core.dates import parse_date
    from photoclust.services import browse, deciding

    taken = None if when.strip().casefold() == "file" else parse_date(when)
    with open_library(library) as opened:
        chosen = photos_at(opened, photos)
        further = [each for each in browse.photos_in(opened, photos) if each not in chosen]
        changes = deciding.set_date(opened, [*chosen, *further], taken)
    if as_json:
        console.print_document({"photos": len(changes.photos)})
        return
    said = "as in the file" if taken is None else taken.describe()
    inside = f", {len(further):,} of them on further pages or in moments of videos"
    dated = f"{console.count(len(changes.photos), 'photo')} dated{inside if further else ''}"
    console.say(f"{dated}: {said}.")


def journal(
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="How many entries, the newest first.")
    ] = 50,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was done, the newest first."""
    from photoclust.services import history, reports

    with open_library(library, look=True) as opened:
        found = history.entries(opened, limit=None if everything else limit)
    titles = [history.title(entry) for entry in found]
    if as_json:
        console.print_document(reports.entries(found, titles))
        return
    if not found:
        console.say("Nothing was done yet.")
        return
    console.table(
        ("Entry", "When", "What", "By", "Status"),
        [
            (
                entry.id,
                entry.made_at.astimezone().strftime("%Y-%m-%d %H:%M"),
                title,
                entry.author or "–",
                "" if entry.status.value in {"stands", "done"} else entry.status.value,
            )
            for entry, title in zip(found, titles, strict=True)
        ],
    )


def undo(
    entry: Annotated[
        int | None,
        typer.Argument(
            metavar="ENTRY", help="See photoclust journal.", show_default="the newest act"
        ),
    ] = None,
    *,
    with_later: Annotated[
        bool, typer.Option("--with-later", help="Undo later acts that build on it as well.")
    ] = False,
    keep_later: Annotated[
        bool, typer.Option("--keep-later", help="Keep later acts; undo what they left of it.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo the newest act, or any one however old."""
    from photoclust.core.types import EntryId
    from photoclust.services import history

    if with_later and keep_later:
        raise typer.BadParameter("it contradicts --with-later", param_hint="--keep-later")
    later = history.Later.UNDO if with_later else history.Later.REFUSE
    later = history.Later.KEEP if keep_later else later
    with deciding_library(library, as_json=as_json) as opened:
        try:
            done = history.undo(opened, None if entry is None else EntryId(entry), later)
        except history.CollisionError as error:
            for item in error.later:
                console.note(f"Entry {item.id}: {history.title(item)}")
            raise
        _say_history(done, "Undone", as_json)


def redo(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Do again what was undone last."""
    from photoclust.services import history

    with deciding_library(library, as_json=as_json) as opened:
        done = history.redo(opened)
        _say_history(done, "Done again", as_json)


def _say_history(done: "History", what: str, as_json: bool) -> None:
    from photoclust.services import reports

    if as_json:
        console.print_document(reports.entries(done.entries, done.titles))
        return
    for entry, title in zip(done.entries, done.titles, strict=True):
        console.say(f"{what}: {title} (entry {entry.id}).")


def _say_named(opened: "Library", named: "Named", what: str, as_json: bool) -> None:
    from photoclust.services import browse, reports

    group = browse.person(opened, named.person)
    if as_json:
        console.print_document(reports.person(group))
        return
    faces, photos = console.count(group.faces, "face"), console.count(group.photos, "photo")
    console.say(
        f"{what} {group.name or 'somebody without a name'} ({group.key}): {faces} in {photos}."
    )


def say_changes(changes: "LibraryChanges", what: str, as_json: bool) -> None:
    """What an act touched, as a document or in a sentence that ends with `what`."""
    from photoclust.services import reports

    if as_json:
        console.print_document(reports.changes(changes))
    elif changes.faces:
        console.say(f"{console.count(len(changes.faces), 'face')} {what}.")
    elif changes.people:
        console.say(f"{console.count(len(changes.people), 'person', 'people')} {what}.")
    else:
        console.say("Nothing to change.")


def photos_at(opened: "Library", paths: list[Path]) -> "list[PhotoId]":
    """The photos that files hold. Raises UserError for one that is no photo of the library."""
    from photoclust.services import browse

    found = browse.photos_at(opened, paths)
    for path, photo in zip(paths, found, strict=True):
        if photo is None:
            raise UserError(f"{path} is no photo of the library; scan it first")
    return list(dict.fromkeys(photo for photo in found if photo is not None))
