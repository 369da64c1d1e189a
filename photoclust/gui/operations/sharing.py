"""Photos for the world outside: where their files are, and copies of them."""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from photoclust.core.progress import JobControl
from photoclust.core.types import PhotoId
from photoclust.gui.library import OpenLibrary

if TYPE_CHECKING:
    from photoclust.services.copying import Copied


def files(library: OpenLibrary, photos: Sequence[PhotoId]) -> list[Path]:
    """A file of each of `photos` that has one at its place, in the order given."""
    from photoclust.services import browse

    known = browse.photos_by_id(library.opened, photos)
    first = (next((path for path in photo.paths if path.is_file()), None) for photo in known)
    return [path for path in first if path is not None]


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
