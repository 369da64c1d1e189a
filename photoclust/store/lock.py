"""Who may write a library: one process at a time, told by a lock that dies with its process."""

import errno
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from photoclust.core.language import tr
from photoclust.core.paths import LOCK_FILE

_UNWRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM}


class WriterLock:
    """Tries to become the writer of the library in `folder`; a context manager.

    `refused` tells why not in a clause, None when it did.
    """

    def __init__(self, folder: Path) -> None:
        self.refused: str | None = None
        self._lock = FileLock(folder / LOCK_FILE, timeout=0, mode=0o600, thread_local=False)

    def __enter__(self) -> Self:
        try:
            self._lock.acquire()
        except Timeout:
            self.refused = tr("another photoclust has it open; close that one first")
        except OSError as error:
            if error.errno not in _UNWRITABLE:
                raise
            self.refused = tr("its folder cannot be written ({reason})", reason=error.strerror)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lock.release()
