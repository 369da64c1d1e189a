"""Giving the faces of a library vectors of another model, beside those that they have.

From vectors that are there already where the model has a head for them, without opening a photo;
else from the photos, cut out where the faces are known to be. What is written is written in batches
of about a second, and only faces without such a vector are looked at: cut off anywhere, the next
run goes on where this one was. The old vectors serve until somebody chooses the new ones.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from photoclust.core.arrays import Vectors
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.language import marked
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import (
    Engine,
    EntryId,
    EntryStatus,
    FaceId,
    Failure,
    ModelId,
    ModelSpec,
)
from photoclust.services import computing, embedding_model
from photoclust.services.analysis import AnalysisOptions
from photoclust.services.known_faces import KnownFaces
from photoclust.services.worker_pool import Embedded, embed_known
from photoclust.store import embeddings, journal
from photoclust.store.database import Library
from photoclust.vision.heads import Head

STAGE = marked("Looking at faces again")
COMMIT_INTERVAL_S = 1.0
COMMIT_PHOTOS = 64
HEAD_BATCH = 4096
"""Faces that are converted in one transaction."""


@dataclass(frozen=True, slots=True)
class Reembedding:
    """What came of it: how many faces got their vector of `model` from one that they had
    (`converted`), and from their photo (`embedded`); how many still have none (`waiting`), and the
    files that should be there and could not be read.
    """

    model: ModelId
    converted: int = 0
    embedded: int = 0
    waiting: int = 0
    failed: tuple[Failure, ...] = ()
    seconds: float = 0.0


def reembed(
    library: Library,
    model: ModelId,
    settings: Settings,
    *,
    photos: bool = True,
    workers: int | None = None,
    control: JobControl | None = None,
) -> Reembedding:
    """Give every face of `library` that has none a vector of `model`; without `photos` only those
    that need no look at one.

    Photos whose files are not there now, or are not what they were, keep the vectors they have.
    Raises ModelError when the model is damaged, UserError when the library cannot be written,
    CancelledError when cancelled: what was written until then stays.
    """
    library.require_writable()
    control = control or JobControl()
    start = time.monotonic()
    spec = embedding_model.spec_of(library, model)
    with library.read() as tx:
        lacking = embeddings.count_without(tx, model)
    failed: list[Failure] = []
    with _Run(library, model, lacking, control) as run:
        if lacking and spec.head is not None:
            _convert(run, spec, spec.head.of)
        converted = run.written
        if photos and converted < lacking:
            failed = _look_again(run, settings, workers)
        control.checkpoint()
    with library.read() as tx:
        waiting = embeddings.count_without(tx, model)
    control.report(STAGE, lacking, lacking)
    return Reembedding(
        model=model,
        converted=converted,
        embedded=run.written - converted,
        waiting=waiting,
        failed=tuple(failed),
        seconds=time.monotonic() - start,
    )


def catch_up(
    library: Library,
    settings: Settings,
    *,
    workers: int | None = None,
    control: JobControl | None = None,
) -> Reembedding | None:
    """As `reembed` for the faces that lack a vector of the model that serves: of photos that were
    scanned while another one did, or not there when it changed. None where all have one.
    """
    model = embedding_model.current_model(library, settings)
    with library.read() as tx:
        if not embeddings.count_without(tx, model):
            return None
    return reembed(library, model, settings, workers=workers, control=control)


class _Run:
    """Writes vectors, and tells of it in the journal once there are any."""

    def __init__(self, library: Library, model: ModelId, lacking: int, control: JobControl) -> None:
        self.library = library
        self.model = model
        self.control = control
        self.written = 0
        self._lacking = lacking
        self._entry: EntryId | None = None

    def __enter__(self) -> Self:
        self.control.report(STAGE, 0, self._lacking)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._entry is None:
            return
        ended = EntryStatus.DONE if kind is None else EntryStatus.FAILED
        if isinstance(error, CancelledError):
            ended = EntryStatus.CANCELLED
        # Where nothing can be written any more, the next start closes the run as interrupted.
        with contextlib.suppress(UserError), self.library.write() as tx:
            journal.end_run(tx, self._entry, ended, {"faces": self.written})

    def write(
        self,
        faces: list[FaceId],
        vectors: list[Vectors],
        *,
        engine: Engine | None = None,
        source: ModelId | None = None,
    ) -> None:
        """Keep the vectors of `faces`, in pieces that together are [N, dim], in one transaction;
        `engine` and `source` are those of `embeddings.write`.
        """
        if faces:
            with self.library.write() as tx:
                if self._entry is None:
                    self._entry = journal.start_run(tx, journal.EMBED, {"model": self.model})
                self.written += embeddings.write(
                    tx, self.model, faces, np.concatenate(vectors), engine=engine, source=source
                )
        self.control.report(STAGE, min(self.written, self._lacking), self._lacking)


def _convert(run: _Run, spec: ModelSpec, source: ModelId) -> None:
    """Give vectors to the faces that have one of `source`."""
    head = Head(spec)
    last = 0
    while True:
        run.control.checkpoint()
        with run.library.read() as tx:
            ids, vectors = embeddings.convertible(
                tx, run.model, source, after=last, limit=HEAD_BATCH
            )
        if len(ids) == 0:
            return
        last = int(ids[-1])
        faces = [FaceId(face) for face in ids.tolist()]
        run.write(faces, [head.apply(vectors)], source=source)


def _look_again(run: _Run, settings: Settings, workers: int | None) -> list[Failure]:
    """Give vectors to the faces of photos that are there; gives the files that were not."""
    with run.library.read() as tx:
        lacking = embeddings.unembedded(tx, run.model)
    known = {photo.file.path: photo for photo in lacking if photo.file is not None}
    options = AnalysisOptions(
        embedder=run.model,
        own_models=embedding_model.own_models_of(run.library),
        compute=computing.compute_of(settings),
    )
    found: list[Embedded] = []
    failed: list[Failure] = []
    last = time.monotonic()
    outcomes = embed_known(
        [KnownFaces.of(photo) for photo in known.values()],
        options,
        workers=workers or settings.workers,
        control=run.control,
    )
    with closing(outcomes):  # no worker outlives an error raised here
        for outcome in outcomes:
            if isinstance(outcome, Embedded):
                found.append(outcome)
            else:
                failed.append(Failure(outcome.path, outcome.reason))
            if len(found) >= COMMIT_PHOTOS or time.monotonic() - last >= COMMIT_INTERVAL_S:
                _write_found(run, found, known)
                found = []
                last = time.monotonic()
    run.control.checkpoint()
    _write_found(run, found, known)
    return sorted(failed, key=_path)


def _write_found(
    run: _Run, found: Sequence[Embedded], known: Mapping[Path, embeddings.FacesInPhoto]
) -> None:
    # One in most cases; a device that fails in the middle leaves the rest to the processor.
    for engine in dict.fromkeys(each.engine for each in found):
        mine = [each for each in found if each.engine == engine]
        faces = [face for each in mine for face in known[each.path].faces]
        run.write(faces, [each.vectors for each in mine], engine=engine)


def _path(failure: Failure) -> Path:
    return failure.path
