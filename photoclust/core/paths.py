"""Where things lie: the bundled resources, and the user's data, cache and settings folders."""

import os
import stat
import sys
from itertools import takewhile
from pathlib import Path

import platformdirs

from photoclust.core.errors import InternalError, UserError

APP_NAME = "photoclust"


def resource(*parts: str) -> Path:
    """Path of a bundled file or folder, from a source tree, a wheel or a frozen app.

    Raises InternalError when the installation lacks it.
    """
    package = Path(__file__).resolve().parents[1]
    roots = [package / "resources", package.parent / "resources"]
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        roots.insert(0, Path(frozen) / "resources")
    for root in roots:
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise InternalError(f"the installation lacks resources/{'/'.join(parts)}")


def default_library() -> Path:
    """The library folder used when none is named."""
    return platformdirs.user_data_path(APP_NAME, appauthor=False) / "library"


def cache_folder() -> Path:
    """Folder for what can be computed again."""
    return platformdirs.user_cache_path(APP_NAME, appauthor=False)


def settings_file() -> Path:
    """The user's settings."""
    return platformdirs.user_config_path(APP_NAME, appauthor=False) / "settings.json"


def make_private_folder(path: Path) -> Path:
    """Create `path` (and what is missing above it) so that only its owner can read it.

    Faces are biometric data: an existing library folder that others can read is closed as well.
    Raises UserError when it cannot be made.
    """
    try:
        # Path.mkdir(parents=True) would leave the folders above it open to others.
        missing = list(takewhile(lambda folder: not folder.exists(), path.parents))
        for folder in (*reversed(missing), path):
            folder.mkdir(exist_ok=True, mode=0o700)
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o700)
    except OSError as error:
        reason = error.strerror or "unknown error"
        raise UserError(
            f"cannot make the folder {path} ({reason}); check its permissions or choose another one"
        ) from error
    return path
