"""Another grouping as a difference: who would gain and lose which faces, accepted one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import tr, tr_n
from photoclust.core.types import EntryId, FaceId
from photoclust.gui.jobbar import JobBar
from photoclust.gui.models.changes import Change, ChangeModel, changes
from photoclust.gui.notice_place import keep_clear
from photoclust.gui.operations import review as operations
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane
from photoclust.gui.views.change_parts import ChangeList, FacesOfChange
from photoclust.gui.views.review_parts import KeyButton
from photoclust.gui.widgets import Button, ElidedLabel, EmptyState, label

if TYPE_CHECKING:
    from photoclust.gui.library import OpenLibrary
    from photoclust.gui.operations.acts import Acted
    from photoclust.services.history import History
    from photoclust.services.proposing import Proposal


@dataclass(eq=False)
class _Step:
    """Something that was decided: `faces` that stay where they are, or what was `accepted`, with
    its entry in the journal once it is written.
    """

    faces: frozenset[FaceId]
    accepted: bool = False
    entry: EntryId | None = None


class RegroupPart(QWidget):
    """From looking for better groups to the last accepted change. Nothing changes before."""

    def __init__(self, shared: Shared, job_bar: JobBar) -> None:
        super().__init__()
        self._shared = shared
        self._job_bar = job_bar
        self._job: Job | None = None
        self._proposal: Proposal | None = None
        self._steps: list[_Step] = []
        self._left_alone: frozenset[FaceId] = frozenset()
        self._writing = 0
        self.model = ChangeModel(self)
        self.list = ChangeList(self.model)
        self.coming = FacesOfChange(shared, tr("Would come"))
        self.going = FacesOfChange(shared, tr("Would go"))
        self._build()
        self._connect()
        self._show_start()

    @property
    def can_undo(self) -> bool:
        """Whether something was accepted or left here."""
        return bool(self._steps)

    def begin(self) -> None:
        """Take the keyboard."""
        if self._proposal is not None and self.model.rowCount():
            self.list.setFocus()
            self._tell_again()
        else:
            self.look_button.setFocus()

    def look(self) -> None:
        """Group all faces anew, beside the present groups."""
        library, settings = self._shared.library, self._shared.settings
        if library is None or self._job is not None:
            return
        job = Job(
            tr("Looking for better groups"),
            lambda job: operations.propose(library, settings, job.control),
        )
        job.started.connect(lambda: self._job_bar.watch(job, pausable=False))
        job.succeeded.connect(self._found)
        job.failed.connect(self._shared.complained)
        job.cancelled.connect(self._tell_cancelled)
        job.finished.connect(self._end)
        self._job = job
        self._say("people", tr("Looking for better groups…"), tr("Nothing changes meanwhile."))
        self._shared.desk.start(job, Lane.SCAN)

    def accept(self) -> None:
        """Make the change that is chosen true."""
        change = self._chosen()
        if change is not None:
            self._accept(frozenset((*change.added, *change.removed)))

    def accept_all(self) -> None:
        """Make all true that was not left alone."""
        if self._proposal is not None:
            self._accept(self._proposal.difference.faces - self._left_alone)

    def leave(self) -> None:
        """The faces of the change that is chosen stay where they are."""
        change = self._chosen()
        if change is None:
            return
        faces = frozenset((*change.added, *change.removed))
        self._steps.append(_Step(faces))
        self._left_alone |= faces
        self._show()

    def undo(self) -> bool:
        """Take back what was accepted or left last; whether there was something."""
        library = self._shared.library
        if not self._steps or library is None:
            return False
        step = self._steps.pop()
        if step.accepted:
            self._take_back(step)
        else:
            self._left_alone -= step.faces
            self._show()
        return True

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether it was the key of a button, which is pressed then."""
        acts = {
            Qt.Key.Key_Y: self.accept_button,
            Qt.Key.Key_N: self.leave_button,
            Qt.Key.Key_A: self.all_button,
        }
        button = acts.get(Qt.Key(event.key()))
        if button is None or not button.isVisible() or not button.isEnabled():
            return False
        button.click()
        return True

    # --- jobs -------------------------------------------------------------------------------------

    def _accept(self, faces: frozenset[FaceId]) -> None:
        proposal = self._proposal
        if self._shared.library is None or proposal is None or not faces:
            return
        step = _Step(faces, accepted=True)
        self._steps.append(step)
        self._writing += 1
        rest = [left for each in self.model.items if (left := each.without(faces)).size]
        self._show_changes(rest)

        def write(library: OpenLibrary) -> Acted:
            acted = operations.accept(library, proposal.id, faces)
            # Here, not where it is received: taking it back may have its turn before that.
            step.entry = acted.entry
            return acted

        def finish() -> None:
            self._writing -= 1
            if step.entry is None and step in self._steps:
                self._steps.remove(step)
            self._tell_again()

        self._shared.act(tr("Moving faces to better groups"), write, finished=finish)

    def _take_back(self, step: _Step) -> None:
        library = self._shared.library
        assert library is not None

        def undo() -> History | None:
            # What was accepted is written by now: acts wait for one another.
            return None if step.entry is None else operations.take_back(library, step.entry)

        def done(result: History | None) -> None:
            if result is None:
                self.undo()  # that was undone elsewhere, so what came before it is meant
                return
            self._shared.told.emit(tr("Undone: the groups are as they were before."))
            self._shared.wrote(result.changes)
            self._shared.decided.emit()

        job = Job(tr("Undoing"), lambda _: undo())
        job.succeeded.connect(done)
        job.failed.connect(self._shared.fail)
        self._shared.desk.start(job, Lane.ACT)

    def _tell_again(self) -> None:
        """What is left of the proposal, as things are now."""
        if self._proposal is None:
            return
        number = self._proposal.id

        def receive(proposal: Proposal) -> None:
            waits = self._writing > 0
            if self._proposal is not None and self._proposal.id == number and not waits:
                self._proposal = proposal
                self._show()

        self._shared.read(
            lambda library: operations.proposal(library, number), receive, failed=self._forget
        )

    def _found(self, proposal: Proposal) -> None:
        self._proposal, self._steps, self._left_alone = proposal, [], frozenset()
        self._show()
        if self.isVisible() and self.model.rowCount():
            self.list.setFocus()

    def _tell_cancelled(self) -> None:
        self._shared.told.emit(tr("Cancelled. Nothing was changed."))

    def _end(self) -> None:
        self._job = None
        if self._proposal is None:
            self._show_start()

    def _forget(self) -> None:
        self._proposal, self._steps, self._left_alone = None, [], frozenset()
        self._show_start()

    # --- what is shown ----------------------------------------------------------------------------

    def _show(self) -> None:
        if self._proposal is not None:
            self._show_changes(changes(self._proposal.difference, self._left_alone))

    def _show_changes(self, found: list[Change]) -> None:
        row = self.list.currentIndex().row()
        self.model.set_items(found)
        self.undo_button.setVisible(self.can_undo)
        if not found:
            if self.can_undo:
                self._say("done", tr("That was all"), tr("The other groups stay as they are."))
            else:
                self._say(
                    "done",
                    tr("The groups are as good as they get"),
                    tr("Grouping all faces anew would change nothing."),
                )
            return
        self._stack.setCurrentWidget(self._diff)
        self._size.setText(tr_n(len(found), "{n} person or group", "{n} people and groups"))
        if not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.model.index(min(max(row, 0), len(found) - 1)))
        self._show_chosen()

    def _show_chosen(self) -> None:
        change = self._chosen()
        if change is None:
            return
        self.name.setText(change.title)
        for part, faces in ((self.coming, change.added), (self.going, change.removed)):
            part.show_faces(faces)

    def _show_start(self) -> None:
        self.undo_button.setVisible(self.can_undo)
        self._say(
            "people",
            tr("Look for better groups"),
            tr(
                "All faces are grouped anew, with all that you said about them, beside the groups "
                "that there are. You see what would change, and nothing does before you accept it."
            ),
        )

    def _say(self, icon: str, title: str, words: str) -> None:
        self.start.title.setText(title)
        self.start.words.setText(words)
        self.start.set_icon(icon)
        running = self._job is not None
        self.look_button.setVisible(not running)
        self.look_button.setEnabled(self._shared.read_only is None)
        self._stack.setCurrentWidget(self.start)

    def _chosen(self) -> Change | None:
        index = self.list.currentIndex()
        return self.model.item(index.row()) if index.isValid() else None

    # --- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self.look_button = Button(tr("Look for better groups"), "primary")
        self.undo_button = KeyButton(
            tr("Back"), tr("Ctrl+Z"), role="flat", hint=tr("Take the last step back")
        )
        self.start = EmptyState("people", "", "", [self.look_button])
        self._size = label("", "muted")
        self.name = ElidedLabel("heading")
        self.accept_button = KeyButton(
            tr("Accept"), "Y", role="primary", hint=tr("Make this change")
        )
        self.leave_button = KeyButton(tr("Leave as it is"), "N", hint=tr("These faces stay"))
        self.all_button = KeyButton(tr("Accept all"), "A", hint=tr("Make all changes of the list"))
        for button in (self.accept_button, self.leave_button, self.all_button, self.undo_button):
            keep_clear(button)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self._size)
        left.addWidget(self.list, 1)
        left.addWidget(self.all_button)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self.name)
        right.addWidget(self.coming, 1)
        right.addWidget(self.going, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.accept_button)
        row.addWidget(self.leave_button)
        row.addStretch()
        right.addLayout(row)
        self._diff = QWidget()
        layout = QHBoxLayout(self._diff)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(left, 2)
        layout.addLayout(right, 5)
        pages = QWidget()
        self._stack = QStackedLayout(pages)
        self._stack.addWidget(self.start)
        self._stack.addWidget(self._diff)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(pages, 1)
        undo = QHBoxLayout()
        undo.addStretch()
        undo.addWidget(self.undo_button)
        whole.addLayout(undo)

    def _connect(self) -> None:
        self.look_button.clicked.connect(self.look)
        self.accept_button.clicked.connect(self.accept)
        self.leave_button.clicked.connect(self.leave)
        self.all_button.clicked.connect(self.accept_all)
        self.undo_button.clicked.connect(self.undo)
        self.list.selectionModel().currentChanged.connect(self._show_chosen)
        self._shared.library_changed.connect(self._forget)
        self._shared.decided.connect(self._tell_again)
