"""Undo and redo in the window: the two entries of the Edit menu, and what is told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence

from photoclust.core.language import marked, tr, tr_n
from photoclust.core.progress import JobControl
from photoclust.core.types import EntryId
from photoclust.gui import text
from photoclust.gui.library import OpenLibrary
from photoclust.gui.operations import history as operations
from photoclust.gui.operations import news as news_operations
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane

if TYPE_CHECKING:
    from photoclust.services import history
    from photoclust.services.naming import Named


_TOLD = 3
"""How many acts that were undone together are told by name."""


class History(QObject):
    """Knows what can be undone, and undoes it off the main thread, one act after the other."""

    offered = Signal(str)
    """A sentence about an act that `undo_offered` undoes."""

    def __init__(self, shared: Shared, parent: QObject) -> None:
        super().__init__(parent)
        self._shared = shared
        self._offered: EntryId | None = None
        self.on_page: Callable[[], bool] = lambda: False
        """Takes back what was done last on the page that is shown; whether there was something."""
        self.undo_action = _action(parent, "Ctrl+Z", self.undo)
        self.redo_action = _action(parent, "Ctrl+Shift+Z", self.redo)
        self.redo_action.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        shared.steps_changed.connect(lambda _: self._show())
        shared.library_changed.connect(self._show)
        shared.named.connect(self._offer_name)
        shared.acted.connect(lambda acted: self._offer(acted.told, acted.entry))
        self._show()

    def undo(self) -> None:
        """Undo the last act, on a page that goes back by itself that of the page."""
        if self.on_page():
            return
        self._run(marked("Undoing"), tr("Undone"), lambda library, _: library.undo())

    def undo_offered(self) -> None:
        """Undo the act that was offered last, whatever was done since."""
        if self._offered is not None:
            self.undo_act(self._offered)

    def undo_act(self, entry: EntryId) -> None:
        """Undo the act `entry`, whatever was done since."""
        self._run(marked("Undoing"), tr("Undone"), lambda library, _: library.undo(entry))

    def undo_back_to(self, entry: EntryId) -> None:
        """Undo the act `entry` and everything that was done since."""
        self._run(
            marked("Undoing"),
            tr("Undone"),
            lambda library, control: operations.undo_back_to(library, entry, control),
        )

    def take_names_back(self, namings: list[EntryId]) -> None:
        """Undo what was named automatically in these runs, all at once."""
        self._run(
            marked("Undoing"),
            tr("Undone"),
            lambda library, _: news_operations.take_names_back(library, namings),
        )

    def redo(self) -> None:
        """Do again what was undone last."""
        self._run(marked("Doing again"), tr("Done again"), lambda library, _: library.redo())

    def _run(
        self,
        title: str,
        told: str,
        step: Callable[[OpenLibrary, JobControl], history.History],
    ) -> None:
        library = self._shared.library
        if library is None:
            return

        def done(result: history.History) -> None:
            self._shared.undone.emit()
            self._shared.wrote(result.changes)
            acts = [text.shortened(act, 160) for act in result.titles[:_TOLD]]
            more = len(result.titles) - _TOLD
            if more > 0:
                acts.append(tr_n(more, "{n} more act", "{n} more acts"))
            self._shared.told.emit(f"{told}: {'; '.join(acts)}")
            self._shared.decided.emit()

        job = Job(title, lambda job: step(library, job.control))
        job.succeeded.connect(done)
        job.failed.connect(self._shared.fail)
        self._shared.desk.start(job, Lane.ACT)

    def _offer_name(self, named: Named) -> None:
        self._offer(tr("This is {name} now.", name=named.name), named.entry)

    def _offer(self, words: str, entry: EntryId | None) -> None:
        self._offered = entry
        if entry is None:
            self._shared.told.emit(words)
        else:
            self.offered.emit(words)

    def _show(self) -> None:
        steps = self._shared.steps
        changeable = self._shared.read_only is None
        for action, word, act in (
            (self.undo_action, tr("&Undo"), steps.undo if steps else None),
            (self.redo_action, tr("&Redo"), steps.redo if steps else None),
        ):
            action.setEnabled(act is not None and changeable)
            title = text.menu_text(text.shortened(act)) if act is not None else ""
            action.setText(f"{word}: {title}" if title else word)
            action.setToolTip(text.tooltip(act or word.replace("&", "")))


def _action(parent: QObject, key: str, what: Callable[[], None]) -> QAction:
    action = QAction(parent)
    action.setShortcut(QKeySequence(key))
    action.triggered.connect(lambda _=False: what())
    return action
