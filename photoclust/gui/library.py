"""The services as the window uses them, bound to one open library.

Everything here runs in threads of `tasks.Desk` and imports what it needs when it is called: the
window is on the screen before SQLAlchemy, Pillow or the face models are loaded.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import (
    EntryId,
    Face,
    FaceId,
    Failure,
    Group,
    LibraryChanges,
    PersonId,
    PhotoId,
)

if TYPE_CHECKING:
    from photoclust.gui.trainings import Wanted
    from photoclust.services.browse import Overview
    from photoclust.services.history import History, NextSteps
    from photoclust.services.ingest import ScanReport
    from photoclust.services.naming import Named
    from photoclust.services.opening import Opened
    from photoclust.services.recognition import LibraryRecognizer, RecognitionReport
    from photoclust.services.session import CaughtUp, SessionReport
    from photoclust.services.switching import Switched
    from photoclust.services.training import Prepared
    from photoclust.services.training_health import TrainingHealth
    from photoclust.services.training_runs import Look, Run
    from photoclust.services.watching import FolderChange, FolderWatcher
    from photoclust.store.database import Library


class OpenLibrary:
    """An open library. Safe to use from several threads."""

    def __init__(self, opened: Opened) -> None:
        self._library = opened.library
        self.notes = opened.notes
        """Clauses to tell the user once it is open."""
        self.was_interrupted = any(entry.kind == "scan" for entry in opened.interrupted)
        """Whether a scan was cut off, with its process, before it was at its end."""
        self._watcher: FolderWatcher | None = None
        self._watched: tuple[tuple[Path, ...], tuple[str, ...]] = ((), ())
        """The folders that are watched, and what in them is left out."""
        self._recognizer: LibraryRecognizer | None = None
        self._recognizer_settings: Settings | None = None
        self._may_watch = True
        self._watching = threading.Lock()

    @classmethod
    def open(cls, folder: Path) -> OpenLibrary:
        """Open or create the library in `folder`. Raises LibraryError and UserError."""
        from photoclust.services import opening

        return cls(opening.open_library(folder))

    @property
    def opened(self) -> Library:
        """What the services take, for `gui.operations`."""
        return self._library

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._library.folder

    @property
    def read_only(self) -> str | None:
        """Why nothing in it can be changed, a clause; None where it can."""
        return self._library.read_only

    def close(self) -> None:
        """Give its file back."""
        self.stop_watching()
        self._library.close()

    def overview(self) -> Overview:
        """Groups and counts."""
        from photoclust.services import browse

        return browse.overview(self._library)

    def faces(self, key: str) -> list[Face]:
        """The faces of a person or group."""
        from photoclust.services import browse

        return browse.faces(self._library, key)

    def single_faces(self) -> list[Face]:
        """The faces without person and group."""
        from photoclust.services import browse

        return browse.single_faces(self._library)

    def photo_ids(self) -> list[PhotoId]:
        """All photos, the newest first."""
        from photoclust.services import browse

        return browse.photo_ids(self._library)

    def failures(self) -> list[Failure]:
        """The files that could not be read."""
        from photoclust.services import browse

        return browse.failures(self._library)

    def people_called(self, name: str) -> list[Group]:
        """Everybody of this name. Raises UserError for one that cannot be a name."""
        from photoclust.services import browse

        return browse.people_called(self._library, name)

    def name(
        self, key: str, name: str, into: PersonId | None = None, *, another: bool = False
    ) -> Named:
        """Name a person, group or face; see `services.naming.name`."""
        from photoclust.services import naming

        return naming.name(self._library, key, name, into=into, another=another)

    def name_all(
        self,
        keys: Sequence[str],
        name: str,
        into: PersonId | None = None,
        *,
        another: bool = False,
    ) -> Named:
        """Name several groups or faces as one act; see `services.naming.name_all`."""
        from photoclust.services import naming

        return naming.name_all(self._library, keys, name, into=into, another=another)

    def next_steps(self) -> NextSteps:
        """What undo and redo would do now."""
        from photoclust.services import history

        return history.next_steps(self._library)

    def undo(self, entry: EntryId | None = None) -> History:
        """Undo the last act, or the act `entry`.

        Raises UserError when there is nothing to undo, or something else builds on it.
        """
        from photoclust.services import history

        try:
            return history.undo(self._library, entry)
        except history.CollisionError as error:
            later = history.title(error.later[0])
            raise UserError(
                tr("“{act}” came after it; undo that first (Ctrl+Z)", act=later)
            ) from error

    def redo(self) -> History:
        """Do again what was undone last. Raises UserError when there is nothing."""
        from photoclust.services import history

        return history.redo(self._library)

    def homes(self, faces: Sequence[FaceId]) -> list[str]:
        """The people and groups that `faces` are in, those with most of them first."""
        from photoclust.services import browse

        return browse.homes(self._library, faces)

    def picture(self, kind: str, number: int) -> bytes:
        """JPEG thumbnail of a `face` or `photo`, or a `closeup` of a face. Raises as
        `services.pictures`.
        """
        from photoclust.services import pictures

        if kind == "closeup":
            return pictures.face_closeup(self._library, FaceId(number))
        if kind == "face":
            return pictures.face_picture(self._library, FaceId(number))
        return pictures.photo_picture(self._library, PhotoId(number))

    def scan(
        self,
        roots: Sequence[Path] | None,
        settings: Settings,
        control: JobControl,
        on_changes: Callable[[LibraryChanges], None],
    ) -> SessionReport:
        """Scan `roots`, or with None every folder of the library, and group the faces."""
        from photoclust.services import deputy, errands

        return deputy.call(
            self._library,
            errands.scan,
            None if roots is None else tuple(roots),
            settings,
            control=control,
            on_changes=on_changes,
        )

    def recognize(self, settings: Settings, control: JobControl) -> RecognitionReport | None:
        """Recognise the faces as things stand; None where nobody is known. One call at a time."""
        from photoclust.services import recognition

        if not recognition.is_worth_while(self._library):
            return None
        return self.recognizer(settings).update(control)

    def recognizer(self, settings: Settings) -> LibraryRecognizer:
        """The recogniser of this library; for jobs of the lane of recognition only."""
        from photoclust.services import recognition

        if self._recognizer is None or settings != self._recognizer_settings:
            self._recognizer_settings = settings
            self._recognizer = recognition.LibraryRecognizer(self._library, settings)
        return self._recognizer

    @property
    def has_recognizer(self) -> bool:
        """Whether faces were judged since it was opened: to do so again takes a moment only."""
        return self._recognizer is not None

    def training_health(self) -> TrainingHealth:
        """What there is to train with."""
        from photoclust.services import training_health

        return training_health.health(self._library)

    def count_doubtful(self, settings: Settings) -> int:
        """How many confirmed faces look like a slip."""
        from photoclust.services import training_health

        return training_health.count_doubtful(self._library, settings)

    def prepare_training(self, wanted: Wanted, settings: Settings, control: JobControl) -> Prepared:
        """Make a training ready to start; see `services.training.prepare`."""
        from photoclust.services import training
        from photoclust.training.options import Options

        return training.prepare(
            self._library,
            training.Asked(people=wanted.people),
            Options(recipe=wanted.recipe),
            settings,
            without_doubtful=wanted.without_doubtful,
            control=control,
        )

    def train(self, folder: Path, control: JobControl) -> None:
        """Run the training in `folder`, or go on with it; see `services.training.run`."""
        from photoclust.services import training

        self._library.require_writable()
        training.run(self._library, folder, control=control)

    def training_runs(self) -> list[Run]:
        """All trainings, the latest first."""
        from photoclust.services import training_runs

        return training_runs.runs(self._library)

    def training_run(self, folder: Path) -> Run:
        """The training in `folder`."""
        from photoclust.services import training_runs

        return training_runs.run(folder)

    def training_curves(self, folder: Path) -> dict[str, Sequence[Look]]:
        """What was measured so far in the training in `folder`."""
        from photoclust.services import training_runs

        return training_runs.curves(folder)

    def use_model(self, model: str, settings: Settings, control: JobControl) -> Switched:
        """Let the library use `model`; see `services.switching.use`."""
        from photoclust.services import switching

        return switching.use(self._library, model, settings, control=control)

    def discard_training(self, folder: Path) -> None:
        """Delete a training and the model that came of it."""
        from photoclust.services import training_runs

        training_runs.discard(self._library, folder)

    def keep_daily_copy(self) -> None:
        """Copy the library into its backups where the newest copy is older than a day."""
        from photoclust.services import opening

        opening.keep_daily_copy(self._library)

    def catch_up(
        self,
        settings: Settings,
        control: JobControl,
        on_changes: Callable[[LibraryChanges], None],
    ) -> CaughtUp:
        """Take in what changed in the folders while the library was closed."""
        from photoclust.services import deputy, errands

        return deputy.call(
            self._library, errands.catch_up, settings, control=control, on_changes=on_changes
        )

    def take_in(
        self,
        change: FolderChange,
        settings: Settings,
        control: JobControl,
        on_changes: Callable[[LibraryChanges], None],
    ) -> ScanReport:
        """Take in what was told of the watched folders."""
        from photoclust.services import deputy, errands

        if not (change.changed or change.folders):
            # Nothing is read: that is done before a process has started.
            return errands.take_in(
                self._library, change, settings, control=control, on_changes=on_changes
            )
        return deputy.call(
            self._library, errands.take_in, change, settings, control=control, on_changes=on_changes
        )

    def watch(
        self,
        folders: Sequence[Path],
        skip_patterns: Sequence[str],
        on_change: Callable[[FolderChange], None],
        *,
        wait_s: float = 0.0,
    ) -> None:
        """Watch `folders` from now on; waits up to `wait_s` seconds until that has begun.

        `on_change` is called in a thread of its own. Nothing is watched any more after
        `stop_watching`.
        """
        from photoclust.services.watching import FolderWatcher

        with self._watching:
            wanted = (tuple(folders), tuple(skip_patterns))
            if not self._may_watch or self._watched == wanted:
                return
            before, self._watched = self._watched, wanted
            if self._watcher is not None and before[1] != wanted[1]:
                self._watcher.stop()
                self._watcher = None
            if self._watcher is None:
                self._watcher = FolderWatcher(folders, on_change, skip_patterns=skip_patterns)
                self._watcher.start()
            else:
                self._watcher.set_roots(folders)
            watcher = self._watcher
        watcher.wait_until_watching(wait_s)

    def stop_watching(self) -> None:
        """Watch nothing any more, for good."""
        with self._watching:
            self._may_watch = False
            watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.stop()
