"""The commands about stacks: photos that are shown as one."""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

import typer

from photoclust import console
from photoclust.cli_options import JsonOption, LibraryOption, open_library

stacks_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@stacks_app.command("list")
def list_stacks(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List the photos that are shown as one, the one shown first."""
    from photoclust.services import reports, stacking

    with open_library(library, look=True) as opened:
        found = stacking.stacks(opened)
    if as_json:
        console.print_document(reports.stacks(found))
        return
    console.table(
        ("Stack", "Shown", "File"),
        [
            (
                _KINDS[stack.kind.value] if photo is stack.photos[0] else "",
                "yes" if photo is stack.photos[0] else "",
                str(photo.paths[0]) if photo.paths else "–",
            )
            for stack in found
            for photo in stack.photos
        ],
    )
    console.say(f"{console.count(len(found), 'stack')}.")


@stacks_app.command("rebuild")
def rebuild(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Find the stacks anew, also among photos that an earlier version scanned.

    What these look like is told by their thumbnails. Every scan finds stacks by itself.
    """
    from photoclust.services import stacking

    with open_library(library) as opened:
        with console.job() as control:
            seen = stacking.look_again(opened, control=control)
            stacking.rebuild(opened, control=control)
        count = len(stacking.stacks(opened))
    if as_json:
        console.print_document({"stacks": count, "looked_at": seen})
    else:
        console.say(f"{console.count(count, 'stack')}.")


_KINDS = {"shot": "forms of one shot", "alike": "look alike", "video": "one video"}
