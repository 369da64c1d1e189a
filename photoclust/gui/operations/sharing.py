"""Photos for the world outside: where their files are, and copies of them."""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from photoclust.core.pages import file_of
from photoclust.core.progress import JobControl
from photoclust.core.types import PhotoId
from photoclust.gui.library import OpenLibrary

if TYPE_CHECKING:
    from photoclust.services.copying import Copied


def files(library: OpenLibrary, photos: Sequence[PhotoId]) -> list[Path]:
    """A file of each of `photos` that has one at its place, in the order given."""
    from photoclust.services import browse

    known = browse.photos_by_id(library.opened, photos)
    places = ((file_of(path) for path in photo.paths) for photo in known)
    first = (next((path for path in paths if path.is_file()), None) for paths in places)
    # Two pages of a file are one file.
    return list(dict.fromkeys(path for path in first if path is not None))


def copy(
    library: OpenLibrary,
    photos: Sequence[PhotoId],
    folder: Path,
    *,
    with_place: bool,
    control: JobControl,
) -> Copied:
    """Copy `photos` into `folder`; see `services.copying`."""
    from photoclust.services import copying

    return copying.copy_photos(
        library.opened, photos, folder, with_place=with_place, control=control
    )
