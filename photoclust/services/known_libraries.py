"""The libraries that were opened on this computer, so that they can be found again.

Their folders are listed in a file beside the settings, the last one used first.
"""

# ruff: noqa: PLC0415 - the window, which remembers one, need not wait for what looks at them

import contextlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from photoclust.core import paths
from photoclust.core.errors import PhotoclustError
from photoclust.core.paths import absolute_path
from photoclust.media import answering

FILE = "libraries.json"
MOST = 50


@dataclass(frozen=True, slots=True)
class KnownLibrary:
    """A library that was opened before. `photos` and `people` (with a name) are None where it is
    not there now, or cannot be looked at; `portable` where it lies beside its photos.
    """

    folder: Path
    is_default: bool
    is_there: bool
    portable: bool
    photos: int | None = None
    people: int | None = None
    is_silent: bool = False
    """It may be there, but does not answer."""


def remember(folder: Path) -> None:
    """Put a library that was opened in front. A file that cannot be written keeps nobody from
    working.
    """
    folder = absolute_path(folder)
    before = folders()
    if before[:1] == [folder]:
        return
    with contextlib.suppress(OSError, PhotoclustError):
        _write([folder, *(each for each in before if each != folder)][:MOST])


def forget(folder: Path) -> None:
    """Take a library out of the list; it stays where it is."""
    with contextlib.suppress(OSError, PhotoclustError):
        _write([each for each in folders() if each != folder])


def folders() -> list[Path]:
    """The folders of the libraries that were opened, the last one first."""
    try:
        listed = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    if not isinstance(listed, list):
        return []
    return [Path(each) for each in listed if isinstance(each, str)]


def known() -> list[KnownLibrary]:
    """What there is to say of each, looked at without a change; the user's own where it is. All
    together have `answering.LIMIT_S` to answer.
    """
    default = paths.default_library()
    listed = folders()
    if default not in listed and (default / paths.LIBRARY_FILE).exists():
        listed.append(default)
    looks = {folder: partial(_look, folder, is_default=folder == default) for folder in listed}
    found = answering.ask_all(looks)
    return [
        KnownLibrary(folder, folder == default, is_there=False, portable=False, is_silent=True)
        if isinstance(each, TimeoutError)
        else _raised(each)
        for folder, each in found.items()
    ]


def there(listed: Sequence[Path], *, limit_s: float) -> set[Path]:
    """Those of the folders `listed` that hold a library, and say so within `limit_s`."""
    asked = {folder: (folder / paths.LIBRARY_FILE).exists for folder in listed}
    found = answering.ask_all(asked, limit_s=limit_s)
    return {folder for folder, holds in found.items() if holds is True}


def _raised(found: KnownLibrary | Exception) -> KnownLibrary:
    if isinstance(found, Exception):
        raise found
    return found


def _look(folder: Path, *, is_default: bool) -> KnownLibrary:
    from photoclust.services import browse, portable
    from photoclust.store.database import Library

    is_there = (folder / paths.LIBRARY_FILE).exists()
    beside = portable.is_portable(folder)
    if is_there:
        with contextlib.suppress(PhotoclustError), Library(folder, look_only=True) as library:
            overview = browse.overview(library)
            people = sum(group.name is not None for group in overview.groups)
            return KnownLibrary(folder, is_default, is_there, beside, overview.photos, people)
    return KnownLibrary(folder, is_default, is_there, beside)


def _file() -> Path:
    return paths.settings_file().with_name(FILE)


def _write(listed: Sequence[Path]) -> None:
    target = _file()
    paths.make_private_folder(target.parent)
    text = json.dumps([os.fsencode(each).decode("utf-8", "replace") for each in listed], indent=2)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{FILE}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
