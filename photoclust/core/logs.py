"""The log: where the traceback of a bug goes, so that no user has to read one.

One file for every process of photoclust. It names photos, so only its owner can read it.
"""

import io
import logging
import os
from pathlib import Path

from photoclust.core.paths import cache_folder, make_private_folder

MAX_BYTES = 2**20
"""A longer log is put aside as `photoclust.log.1` when the next process opens it."""

_root = logging.getLogger("photoclust")


def log_file() -> Path:
    """The log of this user."""
    return cache_folder() / "photoclust.log"


def attach() -> None:
    """Send what this process logs to the log file; it is opened when there is something to log."""
    path = log_file()
    for handler in _root.handlers[:]:
        if isinstance(handler, _PrivateFileHandler):
            if handler.baseFilename == os.fspath(path):
                return
            _root.removeHandler(handler)
            handler.close()
    _root.addHandler(_PrivateFileHandler(path))


def clear() -> None:
    """Empty the log, also what was put aside of it. Raises OSError when that cannot be done."""
    path = log_file()
    path.with_name(f"{path.name}.1").unlink(missing_ok=True)
    if path.exists():
        # Others may have it open: they append to whatever is left.
        os.truncate(path, 0)


class _PrivateFileHandler(logging.FileHandler):
    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", delay=True, errors="backslashreplace")
        self.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(message)s"))

    def _open(self) -> io.TextIOWrapper:
        path = Path(self.baseFilename)
        make_private_folder(path.parent)
        if path.exists() and path.stat().st_size > MAX_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(handle, "a", encoding=self.encoding, errors=self.errors)
