"""Opening originals: read-only, never a pipe, never a cloud placeholder, each byte read once.

`OriginalFile` is what hashing and decoding share, so that a photo is read from the disk a single
time however often its pixels are asked for.
"""

import copy
import errno
import hashlib
import io
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from photoclust.core import reasons
from photoclust.core.errors import UnreadableFileError
from photoclust.core.language import marked
from photoclust.core.pages import VIDEO_EXTENSIONS, file_of, is_part
from photoclust.core.types import FileStat

IN_MEMORY_BYTES = 128 * 2**20
"""Files up to this size are held in memory; a larger one is read in pieces, once per use."""
MAX_FILE_BYTES = 4 * 2**30
"""Larger files are refused: no picture within the pixel limit takes more."""
MAX_VIDEO_BYTES = 2**40
"""The same for videos, of which little is read."""

_SF_DATALESS = 0x40000000  # macOS <sys/stat.h>
_CLOUD_ATTRIBUTES = 0x1000 | 0x40000 | 0x400000  # Windows OFFLINE, RECALL_ON_OPEN, …_ON_DATA_ACCESS

_REASONS = {
    errno.ENOENT: marked("the file is gone"),
    errno.ENOTDIR: marked("the file is gone"),
    errno.EACCES: marked("no permission to read it"),
    errno.EPERM: marked("no permission to read it"),
    errno.EISDIR: marked("it is a folder"),
    errno.ELOOP: marked("it is a link that leads in a circle"),
}


def is_placeholder(status: os.stat_result) -> bool:
    """Whether a file or folder lies in a cloud and would be downloaded by opening it.

    macOS marks such files SF_DATALESS, Windows with the OFFLINE and RECALL attributes. Linux has no
    mark: a size without blocks also belongs to files that are whole, on btrfs (inline data), tmpfs,
    NFS and FUSE, so it is not taken for one.
    """
    flags: int = getattr(status, "st_flags", 0)
    attributes: int = getattr(status, "st_file_attributes", 0)
    return bool(flags & _SF_DATALESS or attributes & _CLOUD_ATTRIBUTES)


def reason_of(error: OSError) -> str:
    """What an error of the operating system means for the file, in a few words, in English."""
    known = _REASONS.get(error.errno or 0)
    return known or reasons.SYSTEM.format(what=error.strerror or "unknown error")


class OriginalFile:
    """One original, open for reading; a context manager.

    Raises UnreadableFileError when it cannot be opened, is empty, absurdly large, not a regular
    file (a pipe would block for ever), lies in the cloud, or is written to while it is read: what
    is half of one picture and half of another must not be known by the hash of either.

    With `head_only` little of it is wanted, and no more is read than is asked for. `path` may be
    that of a further picture in a file (see `core.pages`).
    """

    def __init__(self, path: Path, *, head_only: bool = False) -> None:
        self.path = path
        self._digest: str | None = None
        file = file_of(path)
        # Without O_NONBLOCK, a file replaced by a pipe after the check would hang the scan.
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            self._check(file.stat())
            self._file = os.fdopen(os.open(file, flags), "rb")
        except OSError as error:
            raise UnreadableFileError(path, reason_of(error)) from error
        try:
            status = os.fstat(self._file.fileno())
            self._check(status)
            self.stat = FileStat(path, status.st_size, status.st_mtime_ns)
            kept = not head_only and self.fits_in_memory and not self.is_video
            self._data = self._read_all() if kept else None
        except OSError as error:
            self._file.close()
            raise UnreadableFileError(path, reason_of(error)) from error
        except UnreadableFileError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file and its memory back."""
        self._file.close()
        self._data = None

    def part(self, path: Path) -> "OriginalFile":
        """The same file, as long as this is open, for the further picture in it at `path`."""
        part = copy.copy(self)
        part.path = path
        part.stat = FileStat(path, self.stat.size, self.stat.mtime_ns)
        return part

    @property
    def is_video(self) -> bool:
        """Whether it is a video, by its name."""
        return file_of(self.path).suffix.lower() in VIDEO_EXTENSIONS

    @property
    def in_memory(self) -> bool:
        """Whether `stream` reads from memory rather than from the disk."""
        return self._data is not None

    @property
    def fits_in_memory(self) -> bool:
        """Whether all of it may be held there."""
        return self.stat.size <= IN_MEMORY_BYTES

    def stream(self) -> io.BytesIO | io.BufferedReader:
        """The content from its beginning; two streams of a file not in memory share a position."""
        if self._data is not None:
            return io.BytesIO(self._data)
        self._file.seek(0)
        return self._file

    def content_hash(self) -> str:
        """BLAKE2b (RFC 7693) of the content, 160 bits, as 40 hexadecimal digits; of a further
        picture in a file, that of the file's and of which picture it is.

        Raises UnreadableFileError when the disk fails or the file changed.
        """
        if self._digest is None:
            try:
                digest = hashlib.file_digest(self.stream(), lambda: hashlib.blake2b(digest_size=20))
            except OSError as error:
                raise UnreadableFileError(self.path, reason_of(error)) from error
            self.check_unchanged()
            self._digest = digest.hexdigest()
        if not is_part(self.path):
            return self._digest
        named = f"{self._digest} {self.path.name}".encode()
        return hashlib.blake2b(named, digest_size=20).hexdigest()

    def check_unchanged(self) -> None:
        """Raise UnreadableFileError when what was read from the disk need not be of one piece.

        What is held in memory was checked when it was read; what becomes of the file does not
        matter then.
        """
        try:
            changed = self._data is None and self._has_changed()
        except OSError as error:  # a network volume that is gone
            raise UnreadableFileError(self.path, reason_of(error)) from error
        if changed:
            raise self._changed()

    def _read_all(self) -> bytes:
        # One byte more than there should be tells a file that grows, however fast it does.
        data = self._file.read(self.stat.size + 1)
        if len(data) != self.stat.size or self._has_changed():
            raise self._changed()
        return data

    def _has_changed(self) -> bool:
        now = os.fstat(self._file.fileno())
        return (now.st_size, now.st_mtime_ns) != (self.stat.size, self.stat.mtime_ns)

    def _changed(self) -> UnreadableFileError:
        return UnreadableFileError(
            self.path,
            marked("it changed while it was read; scan again when it is no longer written to"),
            try_again=True,
        )

    def _check(self, status: os.stat_result) -> None:
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableFileError(self.path, marked("it is a folder"))
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFileError(
                self.path, marked("it is a pipe or a device, not a regular file")
            )
        if is_placeholder(status):
            raise UnreadableFileError(
                self.path, marked("its content is in the cloud only; download it and scan again")
            )
        if status.st_size == 0:
            raise UnreadableFileError(self.path, marked("the file is empty"))
        if status.st_size > (MAX_VIDEO_BYTES if self.is_video else MAX_FILE_BYTES):
            raise UnreadableFileError(
                self.path, reasons.TOO_MANY_BYTES.format(size=f"{status.st_size / 2**30:.1f}")
            )
