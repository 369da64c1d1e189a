"""The inside of a worker process: it reads, asks, looks and embeds, and reports each step.

Owns what is said over the pipe. Whom to give which file, and what became of a worker that says no
more, is the business of `worker_pool`.
"""

import contextlib
import logging
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from photoclust.core import logs, memory, reasons
from photoclust.core.errors import ModelError, UnreadableFileError
from photoclust.core.language import marked
from photoclust.core.pages import is_part
from photoclust.core.types import Box, FileStat
from photoclust.media.files import OriginalFile
from photoclust.media.pages import further_pages
from photoclust.services import priority
from photoclust.services.analysis import (
    AnalysisOptions,
    Analyst,
    Pending,
    PhotoAnalysis,
    SamePicture,
)
from photoclust.services.known_faces import (
    CutFaces,
    FacesToCut,
    KnownFaceEmbedder,
    KnownFaces,
)
from photoclust.vision import engines, models

BATCH_FACES = 16
BATCH_PHOTOS = 8
_NETWORKS_BYTES = 2**30
"""More than the networks take while they are loaded."""
_ROOMY_BYTES = 448 * 2**20
"""Own pages above which a worker hands back what large pictures left behind. It needs 350 to 430
MB; what the networks kept of a few odd pictures was 300 MB more, for the rest of a scan.
"""

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
class NextPart:
    """The file goes on: what is allowed for one counts for each picture in it."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """Is this content known? The worker waits for a bool."""

    digest: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """Is this picture known? The worker waits for a bool."""

    picture_digest: str


@dataclass(frozen=True, slots=True)
class Loading:
    """The networks begin to be loaded, or are; that time counts against no file."""

    begins: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """The worker cannot work at all, for instance because a model file is damaged."""

    message: str


def serve(pipe: Connection, options: AnalysisOptions, allowance_bytes: int) -> None:
    """Do the paths, known faces and faces to cut that come through `pipe` until it breaks or this
    process is ended.

    A file for which more than `allowance_bytes` would have to be allocated is a failure, on systems
    that can say no (Linux).
    """
    logs.attach()
    _silence_libraries()
    memory.return_large_pieces()
    priority.lower_fully()
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):

        def tell_loading(begins: bool) -> None:
            pipe.send(Loading(begins))
            if begins:
                memory.return_large_pieces()
            else:
                # What is kept from now on counts: what loading left would have come for nothing.
                memory.keep_large_pieces()
                limit_allocation(allowance_bytes)

        # What the networks take is not the doing of the file that needs them first.
        limit_allocation(allowance_bytes + _NETWORKS_BYTES)
        try:
            _Desk(
                pipe, Analyst(options, tell_loading), KnownFaceEmbedder(options, tell_loading)
            ).run()
        except ModelError as error:
            pipe.send(Broken(str(error)))


def _silence_libraries() -> None:
    """Keep what C libraries such as libtiff print about a damaged file off the user's terminal; the
    file's reason is told as a failure.
    """
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)


def limit_allocation(allowance_bytes: int) -> None:
    """Let this process allocate so much more than it has now; then it gets a MemoryError.

    Only Linux counts all that is allocated (RLIMIT_DATA); elsewhere nothing is done.
    """
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - not on every system

    import psutil  # noqa: PLC0415 - the window need not wait for it

    allocated = psutil.Process().memory_info().data
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = allocated + allowance_bytes
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


class _Desk:
    """What a worker has before it: files to do, photos that wait for their vectors."""

    def __init__(
        self, pipe: Connection, analyst: Analyst, embedder: KnownFaceEmbedder | None = None
    ) -> None:
        self.pipe = pipe
        self.analyst = analyst
        self.embedder = embedder
        self.tasks: deque[Path | KnownFaces | FacesToCut] = deque()
        self.pending: list[Pending] = []
        self.resident_bytes = resident_meter()

    def run(self) -> None:
        while True:
            if not self.tasks and self.pending and not self.pipe.poll():
                self.finish_pending()
            task = self.tasks.popleft() if self.tasks else self.pipe.recv()
            path = task if isinstance(task, Path) else task.path
            self.pipe.send(Started(path))
            with self.recorded(path):
                match task:
                    case KnownFaces():
                        self.embed_known(task)
                    case FacesToCut():
                        self.cut_known(task)
                    case Path():
                        self.read(task)
            faces = sum(len(item.crops) for item in self.pending)
            if faces >= BATCH_FACES or len(self.pending) >= BATCH_PHOTOS:
                self.finish_pending()

    def read(self, path: Path) -> None:
        with OriginalFile(path) as original:
            only = self.read_parts(original) if self.analyst.wants_pages else None
            self.read_picture(original, only)

    def read_parts(self, original: OriginalFile) -> list[Box] | None:
        """Read the further pictures in a file; gives the boxes of the faces to be kept of its
        first, None for all. That comes last: a scan that is cut off before reads all of it again.
        """
        only: dict[Path, list[Box]] = {}
        if not original.is_video:
            parts = further_pages(original)
        elif self.ask(Hashed(original.content_hash())):
            return None
        else:
            only = self.analyst.watch(original)
            parts = [path for path in only if path != original.path]
        for part in parts:
            self.pipe.send(NextPart())
            with self.recorded(part):
                self.read_picture(original.part(part), only.get(part))
            if len(self.pending) >= BATCH_PHOTOS:
                self.finish_pending()
        if self.pending and is_part(self.pending[-1].analysis.path):
            self.finish_pending()
        return only.get(original.path)

    def read_picture(self, original: OriginalFile, only: Sequence[Box] | None) -> None:
        digest = original.content_hash()
        if self.ask(Hashed(digest)):
            self.pipe.send(Known(original.path, original.stat, digest))
            return
        found = self.analyst.look(
            original, digest, lambda picture_digest: self.ask(Decoded(picture_digest)), only
        )
        if isinstance(found, SamePicture):
            self.pipe.send(found)
        else:
            self.pending.append(found)

    def embed_known(self, known: KnownFaces) -> None:
        assert self.embedder is not None
        self.pipe.send(self.embedder.embed(known))
        self.hand_back_memory()

    def cut_known(self, task: FacesToCut) -> None:
        self.pipe.send(CutFaces(task.path, task.known.cut(task.side)))
        self.hand_back_memory()

    def ask(self, question: Hashed | Decoded) -> bool:
        self.pipe.send(question)
        # Paths may arrive ahead of the answer.
        while not isinstance(message := self.pipe.recv(), bool):
            self.tasks.append(message)
        return message

    def finish_pending(self) -> None:
        pending, self.pending = self.pending, []
        try:
            analyses = self.analyst.embed(pending)
        except Exception:  # most likely too little memory: one by one takes less, and tells whose
            log.exception("embedding the faces of %d photos", len(pending))
            for item in pending:
                with self.recorded(item.analysis.path):
                    self.pipe.send(*self.analyst.embed([item]))
        else:
            for analysis in analyses:
                self.pipe.send(analysis)
        self.hand_back_memory()

    def hand_back_memory(self) -> None:
        if self.resident_bytes() > _ROOMY_BYTES:
            memory.return_freed()
            engines.trim()

    @contextlib.contextmanager
    def recorded(self, path: Path) -> Iterator[None]:
        """Make whatever goes wrong with a file its outcome, but for a broken pipe or model."""
        try:
            yield
        except UnreadableFileError as error:
            self.pipe.send(Unreadable(path, error.reason, error.try_again))
        except (EOFError, OSError, ModelError):
            raise
        except Exception as error:
            if models.is_out_of_memory(error):
                reason, try_again = marked("there is not enough memory to read it"), True
            else:
                log.exception("analysing %s", path)
                reason, try_again = reasons.FAILED.format(what=type(error).__name__), False
            self.pipe.send(Unreadable(path, reason, try_again))


def resident_meter(pid: int | None = None) -> Callable[[], int]:
    """What tells the bytes in memory that are a process's own, by default this one's.

    Pages of a mapped file are not counted: the system can drop them at any time.
    """
    import psutil  # noqa: PLC0415 - the window need not wait for it

    process = psutil.Process(pid)

    def resident_bytes() -> int:
        try:
            info = process.memory_info()
        except psutil.Error:  # it has ended, as its pipe will tell
            return 0
        own: int = info.rss - getattr(info, "shared", 0)
        return own

    return resident_bytes


def processor_meter(pid: int | None) -> Callable[[], float]:
    """What tells for how many seconds the threads of a process have computed so far, together."""
    import psutil  # noqa: PLC0415 - the window need not wait for it

    process = psutil.Process(pid)

    def processor_s() -> float:
        try:
            times = process.cpu_times()
        except psutil.Error:  # it has ended, as its pipe will tell
            return 0.0
        used: float = times.user + times.system
        return used

    return processor_s
