"""The commands about whole libraries: which there are, making one, and where the folders of one now
lie that moved.
"""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import JsonOption, read_settings
from photoclust.core import paths
from photoclust.core.errors import UserError
from photoclust.core.paths import absolute_path

if TYPE_CHECKING:
    from photoclust.services.known_libraries import KnownLibrary
    from photoclust.store.database import Library


def libraries(
    forget: Annotated[
        Path | None,
        typer.Option("--forget", metavar="FOLDER", help="Take one out of the list; it stays."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the libraries that were opened on this computer, the last one first."""
    from photoclust.services import known_libraries

    if forget is not None:
        folder = absolute_path(forget)
        listed = known_libraries.folders()
        # One beside its photos is meant by their folder, also where it is not there any more.
        meant = next(
            (each for each in (folder, folder / paths.PORTABLE_FOLDER) if each in listed), None
        )
        if meant is None:
            raise UserError(f"{folder} is not in the list; photoclust libraries shows it")
        known_libraries.forget(meant)
    known = known_libraries.known()
    if as_json:
        console.print_document(
            [
                {
                    "folder": str(each.folder),
                    "default": each.is_default,
                    "there": each.is_there,
                    "answers": not each.is_silent,
                    "portable": each.portable,
                    "photos": each.photos,
                    "people": each.people,
                }
                for each in known
            ]
        )
    elif not known:
        console.say("There is no library yet; photoclust scan FOLDER makes one.")
    else:
        rows = [
            (
                str(each.folder),
                "" if each.photos is None else f"{each.photos:,}",
                "" if each.people is None else f"{each.people:,}",
                _said(each),
            )
            for each in known
        ]
        console.table(("Library", "Photos", "People", ""), rows)


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", show_default=False)],
    portable: Annotated[
        bool,
        typer.Option(
            "--portable",
            help="FOLDER holds photos, on a drive perhaps; the library lies hidden among them.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make an empty library in FOLDER, or beside the photos there."""
    from photoclust.services import known_libraries, opening
    from photoclust.services import portable as beside

    if portable:
        made = beside.make(folder)
    elif (folder / paths.LIBRARY_FILE).exists():
        raise UserError(f"{folder} is a library already; --library {folder} uses it")
    else:
        _require_no_photos(folder)
        made = folder
    opening.open_library(made).library.close()
    known_libraries.remember(made)
    if as_json:
        console.print_document({"library": str(made)})
        return
    console.say(f"The library {made} is made.")
    if portable:
        console.say(f"Next: photoclust scan --library {shlex.quote(str(folder))}")
    else:
        console.say(f"Next: photoclust scan PHOTOS --library {shlex.quote(str(folder))}")


def _require_no_photos(folder: Path) -> None:
    from photoclust.services import portable

    if not folder.is_dir():
        return
    with console.job() as control:
        if portable.holds_photos(folder, read_settings().skip_patterns, control):
            raise UserError(
                f"{folder} holds photos, and the library would lie openly among them: with "
                "--portable it lies in a hidden folder there, or give an empty folder"
            )


def relocate_all(opened: "Library", pairs: Sequence[str]) -> list[tuple[Path, Path, int]]:
    """Relocate each OLD=NEW of `pairs`; gives how many files of each are known at the new place.

    Raises UserError for one that is none.
    """
    from photoclust.services import places

    done = []
    for pair in pairs:
        old, new = _parted(pair)
        done.append((old, new, places.relocate(opened, old, new)))
    return done


def missing_folders(
    opened: "Library", library: Path | None, *, as_json: bool
) -> list[dict[str, object]]:
    """The folders that are not there, where they may be, and, unless `as_json`, what to type."""
    from photoclust.services import moving

    told: list[dict[str, object]] = []
    with console.job() as control:
        for missing in moving.missing_folders(opened):
            found = moving.find(missing, moving.usual_places(missing.folder), control=control)
            place = None if found is None else str(found)
            told.append({"folder": str(missing.folder), "files": missing.files, "found": place})
            if as_json:
                continue
            files = console.count(missing.files, "file")
            console.say(f"{missing.folder} is not there; {files} of the library lie in it.")
            option = "" if library is None else f" --library {shlex.quote(str(library))}"
            where = "NEW" if place is None else shlex.quote(place)
            why = "If it lies elsewhere now:" if place is None else "Its photos were found:"
            old = shlex.quote(str(missing.folder))
            console.say(f"  {why} photoclust relocate {old} {where}{option}")
    return told


def _parted(pair: str) -> tuple[Path, Path]:
    """The two folders of OLD=NEW; a name may hold an equals sign, so NEW is one that is there."""
    places = [place for place, sign in enumerate(pair) if sign == "="]
    parts = [(pair[:place], pair[place + 1 :]) for place in places]
    parts = [(old, new) for old, new in parts if old and new]
    if not parts:
        raise typer.BadParameter(f"{pair!r} is not OLD=NEW", param_hint="--relocate")
    old, new = next((each for each in parts if Path(each[1]).is_dir()), parts[0])
    return Path(old), Path(new)


def _said(library: "KnownLibrary") -> str:
    said = [] if library.is_there else ["not there"]
    if library.is_silent:
        said = ["does not answer"]
    if library.is_default:
        said.append("used without --library")
    if library.portable:
        said.append("beside its photos")
    return ", ".join(said)
