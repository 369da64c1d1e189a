"""The inside of a worker process: it reads, asks, looks and embeds, and reports each step.

Owns what is said over the pipe. Whom to give which file, and what became of a worker that says no
more, is the business of `worker_pool`.
"""

import contextlib
import logging
import os
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from photoclust.core import logs, memory
from photoclust.core.errors import ModelError, UnreadableFileError
from photoclust.core.types import FileStat
from photoclust.media.files import OriginalFile
from photoclust.services.analysis import (
    AnalysisOptions,
    Analyst,
    Pending,
    PhotoAnalysis,
    SamePicture,
)

BATCH_FACES = 16
BATCH_PHOTOS = 8
NICENESS = 10
"""Whatever else the user does with the machine comes first."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that gave no picture, and why; `try_again` where something else may be to blame:
    a reader that ran out of memory, a program that was still writing the file.
    """

    path: Path
    reason: str
    try_again: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A file whose content the library has already; nothing was detected again."""

    path: Path
    stat: FileStat
    digest: str


Outcome = PhotoAnalysis | Unreadable | Known | SamePicture


@dataclass(frozen=True, slots=True)
class Started:
    """The worker has taken up this file."""

    path: Path


@dataclass(frozen=True, slots=True)
class Hashed:
    """Is this content known? The worker waits for a bool."""

    digest: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """Is this picture known? The worker waits for a bool."""

    picture_digest: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The worker cannot work at all, for instance because a model file is damaged."""

    message: str


def serve(pipe: Connection, options: AnalysisOptions) -> None:
    """Do the paths that come through `pipe` until it breaks or this process is ended."""
    logs.attach()
    memory.return_large_pieces()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        try:
            analyst = Analyst(options)
        except ModelError as error:
            pipe.send(Broken(str(error)))
            return
        _Desk(pipe, analyst).run()


class _Desk:
    """What a worker has before it: paths to do, photos that wait for their vectors."""

    def __init__(self, pipe: Connection, analyst: Analyst) -> None:
        self.pipe = pipe
        self.analyst = analyst
        self.paths: deque[Path] = deque()
        self.pending: list[Pending] = []

    def run(self) -> None:
        while True:
            if not self.paths and self.pending and not self.pipe.poll():
                self.finish_pending()
            path = self.paths.popleft() if self.paths else self.pipe.recv()
            self.pipe.send(Started(path))
            try:
                self.read(path)
            except UnreadableFileError as error:
                self.pipe.send(Unreadable(path, error.reason, error.try_again))
            except MemoryError:
                self.pipe.send(
                    Unreadable(path, "there is not enough memory to read it", try_again=True)
                )
            except (EOFError, OSError):
                raise
            except Exception as error:
                log.exception("analysing %s", path)
                self.pipe.send(
                    Unreadable(path, f"photoclust failed on it ({type(error).__name__})")
                )
            faces = sum(len(item.crops) for item in self.pending)
            if faces >= BATCH_FACES or len(self.pending) >= BATCH_PHOTOS:
                self.finish_pending()

    def read(self, path: Path) -> None:
        with OriginalFile(path) as original:
            digest = original.content_hash()
            if self.ask(Hashed(digest)):
                self.pipe.send(Known(path, original.stat, digest))
                return
            found = self.analyst.look(
                original, digest, lambda picture_digest: self.ask(Decoded(picture_digest))
            )
        if isinstance(found, SamePicture):
            self.pipe.send(found)
        else:
            self.pending.append(found)

    def ask(self, question: Hashed | Decoded) -> bool:
        self.pipe.send(question)
        # Paths may arrive ahead of the answer.
        while not isinstance(message := self.pipe.recv(), bool):
            self.paths.append(message)
        return message

    def finish_pending(self) -> None:
        for analysis in self.analyst.embed(self.pending):
            self.pipe.send(analysis)
        self.pending.clear()
