"""Small files that are whole or not there: written beside their place, then moved to it."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.paths import make_private_folder, private
from photoclust.services.names_out_places import written_path


def write_whole(path: Path, data: bytes) -> None:
    """Let `path` hold `data`. A new file can be read by its owner only, another keeps its mode.

    The temporary file has one name for each place, so that an interrupted export leaves none for
    good. Raises UserError, a clause, when it cannot be written.
    """
    target = written_path(path)
    temporary = target.with_name(f".{target.name}.photoclust.tmp")
    try:
        temporary.unlink(missing_ok=True)
        try:
            with open(temporary, "xb", opener=private) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileNotFoundError):
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            tr(
                "{path} cannot be written ({reason}); choose another place",
                path=path,
                reason=error.strerror,
            )
        ) from error


def make_folders(folder: Path) -> None:
    """Make `folder` and what is missing above it, readable by their owner only."""
    if not folder.is_dir():
        make_private_folder(folder)


def require_free(target: Path, force: bool) -> None:
    """Raise UserError where a file cannot be written at `target`: a folder is there, or, unless
    with `force`, a file.
    """
    if target.is_dir():
        raise UserError(tr("{path} is a folder; give the name of a file", path=target))
    if target.exists() and not force:
        raise UserError(
            tr("{path} is there already; choose another name or say --force", path=target)
        )
