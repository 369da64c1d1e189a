"""The two kinds of error: those a user can mend, and bugs.

A `UserError` carries one sentence that says what happened, to which file, and what to do; it is
shown as it is. Anything else that reaches the top is a bug: its traceback goes to the log.
"""

from pathlib import Path


class PhotoclustError(Exception):
    """Base class of every error that photoclust raises on purpose."""


class UserError(PhotoclustError):
    """Something the user can mend; `str(error)` is one sentence fit to be shown."""


class InternalError(PhotoclustError):
    """A broken invariant: a bug in photoclust, never the user's doing."""


class UnreadableFileError(UserError):
    """A file without a readable picture: a recorded failure, never the end of a scan.

    The `reason` is English, as what a library keeps outlives the language of a window. `try_again`
    where the file itself need not be to blame, and may be readable at the next scan.
    """

    def __init__(self, path: Path, reason: str, try_again: bool = False) -> None:
        from photoclust.core import reasons  # noqa: PLC0415 - needs this module

        super().__init__(f"{path}: {reasons.said(reason)}")
        self.path = path
        self.reason = reason
        self.try_again = try_again

    def __reduce__(self) -> tuple[type["UnreadableFileError"], tuple[Path, str, bool]]:
        return type(self), (self.path, self.reason, self.try_again)


class ModelError(UserError):
    """A model file that is missing, damaged or not the one its manifest names."""


class LibraryError(UserError):
    """A library that cannot be opened or written."""


class DamagedLibraryError(LibraryError):
    """A library whose file is damaged, or is none."""


class DamagedCacheError(PhotoclustError):
    """A file of what can be computed again that is damaged, or not the one looked for."""


class CancelledError(PhotoclustError):
    """Raised at the next checkpoint of a job whose user cancelled it."""
