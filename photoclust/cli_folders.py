"""The commands about folders: which there are, where they moved, what was deleted, watching."""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

from pathlib import Path
from typing import Annotated

import typer

from photoclust import console
from photoclust.cli_options import JsonOption, LibraryOption, open_library, read_settings
from photoclust.core.errors import UserError

_STATES = {"present": "there", "offline": "not there", None: "does not answer"}

folders_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


@folders_app.callback()
def folders(
    context: typer.Context, library: LibraryOption = None, as_json: JsonOption = False
) -> None:
    """List the folders of the library and whether they are there."""
    if context.invoked_subcommand is not None:
        return
    from photoclust.media import answering
    from photoclust.services import browse, roots

    with open_library(library, look=True) as opened:
        overview = browse.overview(opened)
        states = roots.states(opened, limit_s=answering.LIMIT_S)
    rows = [(str(folder), _STATES[state]) for folder, state in states.items()]
    if as_json:
        console.print_document(
            {
                "folders": [{"path": path, "there": state == "there"} for path, state in rows],
                "offline_files": overview.offline,
                "deleted_files": overview.deleted,
            }
        )
        return
    if rows:
        console.table(("Folder", ""), rows)
    else:
        console.say("The library has no folders yet: photoclust scan FOLDER adds one.")
    if overview.offline:
        files = console.count(overview.offline, "file")
        console.say(f"{files} on drives or in folders that are not there now.")
    if overview.deleted:
        files = console.count(overview.deleted, "file")
        console.say(f"{files} deleted; photoclust purge removes them from the library.")


@folders_app.command("remove")
def remove(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", show_default=False)],
    people: Annotated[
        str | None,
        typer.Option(
            "--people",
            metavar="keep|forget",
            help="Whether what you decided about faces in it stays.",
            show_default="asks",
        ),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a folder out of the library. Its files are not touched."""
    from photoclust.services import places

    if people not in {None, "keep", "forget"}:
        raise typer.BadParameter(f"{people!r} is none of keep, forget", param_hint="--people")
    if people is None:
        if as_json or not console.is_interactive():
            raise UserError(
                "say with --people keep or --people forget what becomes of the names in it"
            )
        keep = typer.confirm("Keep what you decided about the people in it?", default=True)
        people = "keep" if keep else "forget"
    with open_library(library) as opened:
        removed = places.remove_folder(opened, folder, forget_people=people == "forget")
    if as_json:
        console.print_document({"photos": removed.photos, "faces": removed.faces})
        return
    if removed.within is not None:
        console.say(f"{folder} is not listed any more; its photos stay with {removed.within}.")
        return
    console.say(
        f"{folder} is no folder of the library any more: "
        f"{console.count(removed.photos, 'photo')} removed"
        + (", the names in them kept." if people == "keep" else ", the names in them too.")
    )


def relocate(
    old: Annotated[Path, typer.Argument(metavar="OLD", show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="NEW", show_default=False)],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a folder with photos lies somewhere else now. Nothing is read again."""
    from photoclust.services import places

    with open_library(library) as opened:
        moved = places.relocate(opened, old, new)
    if as_json:
        console.print_document({"files": moved})
    else:
        console.say(f"{console.count(moved, 'file')} of {old} are known in {new} now.")


def purge(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove photos from the library whose files you deleted, with their faces. No undo."""
    from photoclust.services import places

    with open_library(library) as opened:
        count = places.count_deleted(opened)
        if count and not yes:
            photos = console.count(count, "photo")
            if as_json or not console.is_interactive():
                raise UserError(f"{photos} would go, with what you decided there; say --yes")
            typer.confirm(
                f"Remove {photos} with all faces and what you decided about them?", abort=True
            )
        removed = places.purge(opened)
    if as_json:
        console.print_document({"photos": removed.photos, "faces": removed.faces})
    else:
        photos, faces = console.count(removed.photos, "photo"), console.count(removed.faces, "face")
        console.say(f"{photos} with {faces} removed.")


def watch(
    library: LibraryOption = None,
) -> None:
    """Watch the folders of the library and take in what changes, until Ctrl-C."""
    from photoclust.services import live

    with open_library(library) as opened, console.job() as control:
        watching = live.Watching(opened, read_settings(), console.say)
        watching.run(control)
