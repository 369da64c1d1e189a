"""Where things lie: the bundled resources, and the user's data, cache and settings folders."""

import os
import stat
from itertools import takewhile
from pathlib import Path

import platformdirs

from photoclust.core.errors import InternalError, UserError
from photoclust.core.language import tr

APP_NAME = "photoclust"
LIBRARY_FILE = "library.sqlite3"
LOCK_FILE = "library.lock"
THUMBNAILS = "thumbnails"
BACKUPS = "backups"
INDEXES = "indexes"
OWN_MODELS = "models"
TRAINING = "training"
METADATA = "metadata"
PORTABLE_FOLDER = ".photoclust"
"""The folder of a library beside its photos, and in it what says where these were last."""
PORTABLE_FILE = "portable.json"
LIBRARY_PARTS = frozenset(
    (LOCK_FILE, THUMBNAILS, BACKUPS, INDEXES, OWN_MODELS, TRAINING, METADATA, PORTABLE_FILE)
)
"""What a library folder holds, beside LIBRARY_FILE and what SQLite puts next to it."""


def resource(*parts: str) -> Path:
    """Path of a bundled file or folder: within the package in a wheel and in a frozen app, beside
    it in a source tree.

    Raises InternalError when the installation lacks it.
    """
    package = Path(__file__).resolve().parents[1]
    for root in (package / "resources", package.parent / "resources"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise InternalError(f"the installation lacks resources/{'/'.join(parts)}")


def absolute_path(path: Path) -> Path:
    """`path` as an absolute one without `..`, as its user spells it: links are not followed."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() follows links


def library_at(place: Path) -> Path:
    """The folder of the library that `place` stands for: the one beside the photos there, if there
    is one and `place` is none itself.
    """
    beside = place / PORTABLE_FOLDER
    is_library = (place / LIBRARY_FILE).exists()
    return beside if not is_library and (beside / LIBRARY_FILE).exists() else place


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

    Faces are biometric data: an existing folder that others can read is closed as well.
    Raises UserError when it cannot be made.
    """
    try:
        # Path.mkdir(parents=True) would leave the folders above it open to others.
        missing = list(takewhile(lambda folder: not folder.exists(), path.parents))
        for folder in (*reversed(missing), path):
            folder.mkdir(exist_ok=True, mode=0o700)
        open_to_others = os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077
        # Nothing can be closed on a medium that cannot be written, and much can be read.
        if open_to_others and not os.statvfs(path).f_flag & os.ST_RDONLY:
            path.chmod(0o700)
    except OSError as error:
        reason = error.strerror or tr("unknown error")
        raise UserError(
            tr(
                "cannot make the folder {path} ({reason}); check its permissions or choose "
                "another one",
                path=path,
                reason=reason,
            )
        ) from error
    return path


def private(path: str, flags: int) -> int:
    """The `opener` of `open` for a file that only its owner can read from the first byte on."""
    return os.open(path, flags, 0o600)


def make_library_folder(path: Path) -> Path:
    """As `make_private_folder`, save that an existing folder with other things in it, such as one
    of photos, is left open to whom it is open: in it only the library's own files are closed.
    """
    if path.exists() and not path.is_dir():
        raise UserError(
            tr("{path} is a file; a library is a folder, choose another one", path=path)
        )
    try:
        names = [entry.name for entry in path.iterdir()] if path.is_dir() else []
    except OSError as error:
        raise UserError(
            tr("cannot read the folder {path} ({reason})", path=path, reason=error.strerror)
        ) from error
    if all(name in LIBRARY_PARTS or name.startswith(LIBRARY_FILE) for name in names):
        make_private_folder(path)
    return path
