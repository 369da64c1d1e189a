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
    """A file of each of `photos` that has one at its place, in the order given. Raises UserError
    that says where the first one is when none has.
    """
    from photoclust.services import browse, roots

    known = browse.photos_by_id(library.opened, photos)
    first = (roots.first_file(library.opened, photo) for photo in known)
    # Two pages of a file are one file.
    found = list(dict.fromkeys(file_of(file.path) for file in first if file is not None))
    if known and not found:
        roots.require_file(library.opened, known[0])
    return found


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
