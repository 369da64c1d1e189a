"""What all pages share: the open library, what is in it now, and how an act is done and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from photoclust.core.language import marked
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import Group, GroupKind, LibraryChanges, PersonId
from photoclust.gui.away import AwayPhotos
from photoclust.gui.library import OpenLibrary
from photoclust.gui.tasks import Desk, Job, Lane
from photoclust.gui.thumbnails import Thumbnails
from photoclust.gui.videos import VideoPhotos

if TYPE_CHECKING:
    from photoclust.gui.operations.acts import Acted
    from photoclust.services.browse import Overview
    from photoclust.services.history import NextSteps

CLOSEUPS_KEPT = 40
"""Large pictures of faces in memory: about 1.6 MB each."""


class Shared(QObject):
    """The library that is shown. Pages listen to its signals and ask it to act."""

    library_changed = Signal()
    """Another library is shown, or none."""
    overview_changed = Signal(object)
    """A new Overview was read."""
    steps_changed = Signal(object)
    """Undo and redo would do something else now: NextSteps."""
    changed = Signal(object)
    """LibraryChanges: something was written. Empty changes: the groups are new."""
    decided = Signal()
    """The user decided something, or took it back."""
    named = Signal(object)
    """What the naming service returned: somebody was named."""
    acted = Signal(object)
    """Acted: the user did something that can be undone."""
    undone = Signal()
    """The user undid something, or did it again; it is about to be told as `changed`."""
    told = Signal(str)
    """A sentence for the user: something was done."""
    complained = Signal(str)
    """A sentence for the user: something could not be done."""

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        """As they are now; Preferences changes them."""
        self.desk = Desk(self, self._attend)
        self.thumbnails = Thumbnails(self)
        self.closeups = Thumbnails(self, kept=CLOSEUPS_KEPT)
        self.away = AwayPhotos(self)
        self.videos = VideoPhotos(self)
        self.overview: Overview | None = None
        self.steps: NextSteps | None = None
        self._library: OpenLibrary | None = None
        self._reading = False
        self._stale = False

    @property
    def library(self) -> OpenLibrary | None:
        """The open library, None while none is."""
        return self._library

    @property
    def read_only(self) -> str | None:
        """Why nothing can be changed, a clause; None where it can, or no library is open."""
        return None if self._library is None else self._library.read_only

    def _attend(self, control: JobControl) -> AbstractContextManager[None]:
        """Spare the battery, as it is set at each time, while a job works that `control` holds."""
        from photoclust.services import power  # noqa: PLC0415 - the window need not wait for it

        return power.attended(control, lambda: self.settings.on_battery)

    def follow(self, receive: Callable[[Overview], None]) -> None:
        """Let `receive` have each Overview from now on, beginning with the last one."""
        self.overview_changed.connect(receive)
        if self.overview is not None:
            receive(self.overview)

    def set_library(self, library: OpenLibrary | None) -> None:
        """Show `library` from now on. The one before is closed; no job may use it any more."""
        before, self._library = self._library, library
        self.thumbnails.set_library(library)
        self.closeups.set_library(library)
        self.overview = self.steps = None
        if before is not None:
            before.close()
        self.library_changed.emit()
        if library is not None:
            self.refresh()

    def read(
        self,
        function: Callable[[OpenLibrary], Any],
        receive: Callable[[Any], None],
        *,
        failed: Callable[[], None] = lambda: None,
        finished: Callable[[], None] = lambda: None,
    ) -> None:
        """Call `function` with the library off the main thread, and `receive` with its result.

        What goes wrong is told to the user; then `failed` is called. `finished` is called in the
        end in any case. Nothing is received when the library was changed for another meanwhile.
        """
        library = self._library
        if library is None:
            return
        job = Job(marked("Reading the library"), lambda _: function(library))

        def pass_on(result: Any) -> None:
            if self._library is library:
                receive(result)

        def complain(message: str) -> None:
            if self._library is library:
                self.complained.emit(message)
                failed()

        job.succeeded.connect(pass_on)
        job.failed.connect(complain)
        job.finished.connect(finished)
        self.desk.start(job, Lane.READ)

    def refresh(self) -> None:
        """Read the overview again; while one is being read, once more after it."""
        if self._reading:
            self._stale = True
        elif self._library is not None:
            self._reading, self._stale = True, False
            self.read(
                lambda library: (library.overview(), library.next_steps()),
                self._receive,
                finished=self._read_again,
            )

    def wrote(self, changes: LibraryChanges) -> None:
        """Tell everybody what an act or a scan wrote."""
        self.thumbnails.forget(changes)
        self.changed.emit(changes)
        self.refresh()

    def name(
        self,
        key: str,
        name: str,
        done: Callable[[Any], None],
        into: PersonId | None = None,
        *,
        another: bool = False,
    ) -> None:
        """Name a person, group or face off the main thread; `done` gets what became of it."""
        self._name(lambda library: library.name(key, name, into, another=another), done)

    def name_all(
        self,
        keys: Sequence[str],
        name: str,
        done: Callable[[Any], None],
        into: PersonId | None = None,
        *,
        another: bool = False,
    ) -> None:
        """As `name`, of several groups or faces at once: one act."""
        self._name(lambda library: library.name_all(keys, name, into, another=another), done)

    def _name(self, work: Callable[[OpenLibrary], Any], done: Callable[[Any], None]) -> None:
        library = self._library
        if library is None:
            return
        job = Job(marked("Naming"), lambda _: work(library))

        def written(named: Any) -> None:
            self.wrote(named.changes)
            done(named)
            self.named.emit(named)
            self.decided.emit()

        job.succeeded.connect(written)
        job.failed.connect(self.fail)
        self.desk.start(job, Lane.ACT)

    def act(
        self,
        title: str,
        work: Callable[[OpenLibrary], Acted],
        done: Callable[[Acted], None] = lambda _: None,
        *,
        finished: Callable[[], None] = lambda: None,
    ) -> None:
        """Let the user do something off the main thread, and offer to undo it; `done` gets what
        became of it, and `finished` is called in the end in any case.
        """
        library = self._library
        if library is None:
            return
        job = Job(title, lambda _: work(library))

        def written(acted: Acted) -> None:
            self.wrote(acted.changes)
            done(acted)
            self.acted.emit(acted)
            self.decided.emit()

        job.succeeded.connect(written)
        job.failed.connect(self.fail)
        job.finished.connect(finished)
        self.desk.start(job, Lane.ACT)

    def fail(self, message: str) -> None:
        """Tell that an act failed; what is shown may not be what is there any more."""
        self.complained.emit(message)
        self.refresh()

    def names(self) -> list[str]:
        """Every name there is, once, those with most faces first."""
        groups = self.overview.groups if self.overview is not None else ()
        return list(dict.fromkeys(group.name for group in groups if group.name))

    def people(self) -> list[Group]:
        """Everybody with a name, hidden or not, those with most faces first."""
        overview = self.overview
        every = () if overview is None else (*overview.groups, *overview.hidden)
        return [group for group in every if group.name]

    def person_names(self) -> dict[PersonId, str]:
        """The name of each person."""
        groups = self.overview.groups if self.overview is not None else ()
        return {
            PersonId(group.id): group.name
            for group in groups
            if group.kind is GroupKind.PERSON and group.name
        }

    def shut_down(self) -> bool:
        """Cancel every job, wait for the threads and close the library; False if a thread hangs."""
        self.thumbnails.shut_down()
        self.closeups.shut_down()
        if self._library is not None:
            self._library.stop_watching()
        ended = self.desk.shut_down()
        if ended and self._library is not None:
            self._library.close()
            self._library = None
        return ended

    def _receive(self, read: tuple[Overview, NextSteps]) -> None:
        overview, steps = read
        if steps != self.steps:
            self.steps = steps
            self.steps_changed.emit(steps)
        if overview != self.overview:
            self.overview = overview
            self.overview_changed.emit(overview)

    def _read_again(self) -> None:
        self._reading = False
        if self._stale:
            QTimer.singleShot(0, self, self.refresh)
