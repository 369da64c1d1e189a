"""ExifTool, where it is installed: reads and writes the XMP packet of a photo, nothing else of it.

One process serves many photos: to start Perl for each takes longer than to write it.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from photoclust.core.errors import UserError
from photoclust.core.language import tr

PROGRAM = "exiftool"
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows alone has it
_CLOSE_S = 10


class ExifTool:
    """The running program; a context manager. Raises UserError where it is not installed."""

    def __init__(self) -> None:
        found = shutil.which(PROGRAM)
        if found is None:
            raise UserError(
                tr(
                    "exiftool, which writes into photos, is not installed; install it from "
                    "exiftool.org or as the package libimage-exiftool-perl, or write sidecars"
                )
            )
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `__exit__`
        # Without a configuration of the user's own, which could change what is written.
        self._process = subprocess.Popen(  # noqa: S603 - found on the path, as a shell does
            [found, "-config", "", "-stay_open", "True", "-@", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            creationflags=_NO_WINDOW,
            start_new_session=True,  # Ctrl-C is for photoclust, which lets a photo be finished
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._process.communicate(b"-stay_open\nFalse\n", timeout=_CLOSE_S)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.communicate()
        finally:
            self._complaints.close()

    def read_xmp(self, photo: Path) -> bytes:
        """The XMP packet of a file, empty where it has none. Raises UserError, a clause."""
        return self._run(["-b", "-XMP"], photo)

    def write_xmp(self, photo: Path, packet: Path, target: Path) -> None:
        """Make `target`, which must not exist, a copy of `photo` with the XMP in the file `packet`.

        Raises UserError, a clause, where that cannot be done.
        """
        if "%" in f"{packet}{target}":  # there it begins a code, and stands for nothing else
            raise UserError(tr("exiftool cannot write to {path}", path=target))
        self._run([f"-XMP<={_named(packet)}", "-o", _named(target)], photo)
        if not target.is_file():
            raise UserError(tr("exiftool wrote nothing; it may not know this kind of file"))

    def _run(self, arguments: Sequence[str], photo: Path) -> bytes:
        # A number that nobody can guess: a packet must not be able to say that it is at its end.
        number = secrets.randbelow(10**18)
        ready = f"{{ready{number}}}".encode()
        lines = [*arguments, "-charset", "filename=utf8", _named(photo), f"-execute{number}", ""]
        start = self._complaints.seek(0, os.SEEK_END)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write("\n".join(lines).encode("utf-8", "surrogateescape"))
            self._process.stdin.flush()
        except OSError as error:
            raise UserError(tr("exiftool ended; try again")) from error
        answer = bytearray()
        while not answer.rstrip().endswith(ready):
            line = self._process.stdout.readline()
            if not line:
                raise UserError(tr("exiftool ended; try again"))
            answer += line
        self._complaints.seek(start)
        said = self._complaints.read().decode("utf-8", "replace")
        for line_ in said.splitlines():
            if line_.startswith(("Error: ", "Error writing")):
                reason = line_.removeprefix("Error:").split(" - ")[0].strip()
                raise UserError(tr("exiftool cannot do it ({reason})", reason=reason))
        return bytes(answer.rstrip().removesuffix(ready))


def _named(path: Path) -> str:
    name = str(path)
    if "\n" in name or "\r" in name:
        raise UserError(tr("its name has a line break, which exiftool cannot be given"))
    return name
