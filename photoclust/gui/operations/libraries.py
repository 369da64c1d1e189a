"""What the window asks about whole libraries: which there are, and where folders of one now lie."""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from photoclust.core import foreign
from photoclust.core.paths import library_at
from photoclust.core.progress import JobControl
from photoclust.gui.library import OpenLibrary

if TYPE_CHECKING:
    from photoclust.services.moving import MissingFolder
    from photoclust.services.roots import AllAway

T = TypeVar("T")
_DRIVES = (("media",), ("mnt",), ("run",), ("Volumes",))


def to_ask_about(library: OpenLibrary) -> tuple[MissingFolder, ...]:
    """The folders that are not there, where the library looks as if it came from another computer:
    one of another operating system, or none that is there. A drive that is away comes back, and
    nobody is asked about it.
    """
    from photoclust.services import browse, moving

    missing = moving.missing_folders(library.opened)
    folders = browse.overview(library.opened).folders
    moved = len(missing) == len(folders) or any(foreign.is_foreign(each) for each in folders)
    asked = (each for each in missing if each.files and not _is_on_a_drive(each.folder))
    return tuple(asked) if moved else ()


def away(library: OpenLibrary) -> AllAway:
    """What is away, as far as it was noted."""
    from photoclust.services import roots

    return roots.all_away(library.opened)


def missing(library: OpenLibrary, folder: Path) -> MissingFolder | None:
    """What there is to ask about `folder`, where it is not there and files in it are known."""
    from photoclust.services import moving

    found = moving.missing_folders(library.opened)
    return next((each for each in found if each.folder == folder and each.files), None)


def _is_on_a_drive(folder: Path) -> bool:
    """Whether a folder that is not there lies where drives come and go."""
    if foreign.is_foreign(folder):
        return False
    return folder.parts[1:2] in _DRIVES or not Path(folder.anchor).exists()


def find(missing: MissingFolder, places: Sequence[Path] | None, control: JobControl) -> Path | None:
    """Where the photos of `missing` lie now, at or below `places`, or near the old place, or where
    photos mostly are.
    """
    from photoclust.services import moving

    looked_at = moving.usual_places(missing.folder) if places is None else places
    return moving.find(missing, looked_at, control=control)


def relocate(library: OpenLibrary, old: Path, new: Path) -> int:
    """Say that a folder lies somewhere else; see `services.places.relocate`."""
    from photoclust.services import places

    return places.relocate(library.opened, old, new)


def known() -> list[Path]:
    """The folders of the libraries that were opened before, the last one first."""
    from photoclust.services import known_libraries

    return known_libraries.folders()


def there(folders: Sequence[Path]) -> set[Path]:
    """Those of `folders` that hold a library, and say so before anybody notices that they were
    asked.
    """
    from photoclust.media import answering
    from photoclust.services import known_libraries

    return known_libraries.there(folders, limit_s=answering.UNNOTICED_S)


def library_in(chosen: Path) -> Path | None:
    """The library in the folder `chosen`, or beside the photos in it, if there is one."""
    folder = _asked(chosen, lambda: library_at(chosen), chosen)
    return folder if folder in there([folder]) else None


def is_empty(folder: Path) -> bool:
    """Whether nothing is in a folder; False where it cannot be looked at."""
    return _asked(folder, lambda: not any(folder.iterdir()), otherwise=False)


def _asked(folder: Path, question: Callable[[], T], otherwise: T) -> T:
    from photoclust.media import answering

    try:
        return answering.ask(folder, question, limit_s=answering.UNNOTICED_S)
    except OSError:
        return otherwise


def remember(folder: Path) -> None:
    """Put a library in front of the ones that are known."""
    from photoclust.services import known_libraries

    known_libraries.remember(folder)
