"""The Review page: one question at a time, answered by single keys."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import marked, tr
from photoclust.gui import review_text
from photoclust.gui.jobbar import JobBar
from photoclust.gui.operations.review import Mode
from photoclust.gui.reviewing import Reviewing
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.views.peek import Peek
from photoclust.gui.views.regroup import RegroupPart
from photoclust.gui.views.review_bars import AnswerBar, ReviewHeader
from photoclust.gui.views.review_parts import KeyButton, NameLabel
from photoclust.gui.views.review_question import FaceQuestionView, PairQuestionView
from photoclust.gui.widgets import Button, EmptyState
from photoclust.services.questions import FaceQuestion, PairQuestion, Questions, Reply

if TYPE_CHECKING:
    from photoclust.services.naming import Named

_GUARD_MS = 400
"""After a question that came by itself, so long keys are not taken for an answer to it."""
_KEYS = {
    Qt.Key.Key_Y: Reply.YES,
    Qt.Key.Key_Return: Reply.YES,
    Qt.Key.Key_Enter: Reply.YES,
    Qt.Key.Key_N: Reply.NO,
    Qt.Key.Key_U: Reply.NOT_SURE,
    Qt.Key.Key_X: Reply.NOT_A_FACE,
    Qt.Key.Key_2: Reply.OTHER,
}
_PLAIN = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier


class ReviewPage(QWidget):
    """Shows a question, or why there is none; or what another grouping would change."""

    TITLE = marked("Review")
    KEYS = (
        PageKey(marked("Y, Enter"), marked("Yes")),
        PageKey("N", marked("No")),
        PageKey("2", marked("It is the other one")),
        PageKey("U", marked("Not sure")),
        PageKey("X", marked("This is not a face")),
        PageKey("S", marked("Skip the question")),
        PageKey("W", marked("Say who it is")),
        PageKey(marked("Space"), marked("Look at the whole photo")),
        PageKey("Y, N, A", marked("Better groups: accept, leave, accept all")),
        PageKey(marked("Ctrl+Z"), marked("Take the last answer back")),
        PageKey("Esc", marked("End what is shown")),
    )

    people_wanted = Signal()
    """Somebody is to be named first."""

    def __init__(self, shared: Shared, job_bar: JobBar) -> None:
        super().__init__()
        self.setAccessibleName(tr(self.TITLE))
        self._shared = shared
        self._job_bar = job_bar
        self._counts: dict[Mode, int] = {}
        self._stale = True
        self._asked_at = QElapsedTimer()
        self._guarded = False
        self.reviewing = Reviewing(shared)
        self.header = ReviewHeader()
        self.heading = NameLabel("heading")
        self.face_view = FaceQuestionView(shared)
        self.pair_view = PairQuestionView(shared)
        self.answers = AnswerBar()
        self.peek_button = KeyButton(
            tr("Photo"), tr("Space"), role="flat", hint=tr("Look at the whole photo")
        )
        self.back_button = KeyButton(
            tr("Back"), tr("Ctrl+Z"), role="flat", hint=tr("Take the last answer back")
        )
        self._build()
        self.peek = Peek(shared, self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._connect()

    # --- what the window calls --------------------------------------------------------------------

    def begin(self) -> None:
        """Take the keyboard and read what there is to ask."""
        if self._stale:
            self._stale = False
            self.reviewing.refresh()
            for mode in Mode:
                if mode is not self.reviewing.mode:
                    self.reviewing.read_mode(mode)
        if self.is_regrouping:
            self.regroup.begin()
        else:
            self.setFocus()

    def undo_here(self) -> bool:
        """Take back the last answer given here, if there is one; whether there was."""
        if not self.isVisible():
            return False
        return self.regroup.undo() if self.is_regrouping else self.reviewing.go_back()

    @property
    def is_regrouping(self) -> bool:
        """Whether another grouping is looked at, not a question."""
        return self._whole.currentWidget() is not self._asking

    @cached_property
    def regroup(self) -> RegroupPart:
        """Better groups; made when somebody wants them."""
        part = RegroupPart(self._shared, self._job_bar)
        self._whole.addWidget(part)
        return part

    # --- Qt's events ------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Undo is taken before the menu has it: there it is off until the answer is written."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Undo)
            and (self.regroup.can_undo if self.is_regrouping else self.reviewing.can_go_back)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """One key, one answer."""
        key = Qt.Key(event.key())
        if event.matches(QKeySequence.StandardKey.Undo):
            if not self.undo_here():
                super().keyPressEvent(event)
        elif self._is_naming() and key != Qt.Key.Key_Escape:
            event.accept()  # what the name has no use for, as Enter, is no answer
        elif event.modifiers() & ~_PLAIN or not self._take_key(event, key):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The photo that is looked at covers the page."""
        super().resizeEvent(event)
        self.peek.setGeometry(self.rect())

    # --- answers ----------------------------------------------------------------------------------

    def _take_key(self, event: QKeyEvent, key: Qt.Key) -> bool:
        """Whether it is a key of what is asked, or of better groups, wherever the keyboard is."""
        if self.is_regrouping:
            return self.regroup.take_key(event)
        if key in _KEYS:
            # A key that is held down is one answer.
            if not event.isAutoRepeat():
                self._say(_KEYS[key])
        elif key == Qt.Key.Key_S:
            if not event.isAutoRepeat():
                self._skip()
        elif key == Qt.Key.Key_W:
            self._say_who()
        elif key == Qt.Key.Key_Space:
            self._toggle_peek()
        else:
            return key == Qt.Key.Key_Escape and self._escape()
        return True

    def _say(self, said: Reply) -> None:
        question = self.reviewing.current
        if question is None or self._is_too_soon():
            return
        if said is Reply.YES and question.is_open:
            self._say_who()
        elif self.answers.can_say(said):
            self._leave_question()
            self.reviewing.answer(said)

    def _skip(self) -> None:
        if self.reviewing.current is not None and not self._is_too_soon():
            self._leave_question()
            self.reviewing.skip()

    def _is_too_soon(self) -> bool:
        return self._guarded and self._asked_at.elapsed() < _GUARD_MS

    def _leave_question(self) -> None:
        self.peek.end()
        self.setFocus()

    def _say_who(self) -> None:
        if isinstance(self.reviewing.current, FaceQuestion) and self.answers.who.isEnabled():
            self.peek.end()
            self.face_view.editor.show()
            self.face_view.editor.begin()

    def _is_naming(self) -> bool:
        focus = self.focusWidget()
        return focus is not None and self.face_view.editor.isAncestorOf(focus)

    def _end_naming(self) -> None:
        question = self.reviewing.current
        self.face_view.editor.setVisible(question is not None and question.is_open)
        self.setFocus()

    def _named(self, named: Named) -> None:
        self.setFocus()
        self.reviewing.named(named)

    def _toggle_peek(self) -> None:
        if not self.peek.isHidden():
            self.peek.end()
        elif self.reviewing.current is not None:
            self.peek.show_face(self.reviewing.current.large[0])

    def _escape(self) -> bool:
        """Close what is open over the question; whether something was."""
        if not self.peek.isHidden():
            self.peek.end()
        elif self._is_naming():
            self._end_naming()
        else:
            return False
        return True

    # --- what is shown ----------------------------------------------------------------------------

    def _ask(self, question: FaceQuestion | PairQuestion | None, by_itself: bool) -> None:
        self._guarded = by_itself and self._body.currentWidget() is self._question
        self._asked_at.start()
        self.peek.end()
        if question is None:
            self._show_why_nothing()
            return
        self._body.setCurrentWidget(self._question)
        if isinstance(question, PairQuestion):
            self._views.setCurrentWidget(self.pair_view)
            self.heading.set_words(tr("Are they one person?"))
            self.pair_view.show_question(question)
        else:
            self._views.setCurrentWidget(self.face_view)
            candidate = question.candidate
            name = "" if candidate is None else candidate.name or tr(review_text.NOBODY)
            self.heading.set_words(review_text.heading(question), name)
            self.face_view.show_question(question)
        self.answers.show_for(question, self._shared.read_only)
        self._prefetch()
        self._take_keyboard()

    def _show_why_nothing(self) -> None:
        found = self.reviewing.found
        if self.reviewing.is_reading or found is None:
            self._body.setCurrentWidget(self._waiting)
        elif not found.anybody:
            self._body.setCurrentWidget(self.nobody)
        else:
            self._body.setCurrentWidget(self.nothing[self.reviewing.mode])
        self._take_keyboard()

    def _take_keyboard(self) -> None:
        if self.isVisible() and not self.is_regrouping and not self.header.has_focus:
            self.setFocus()

    def _show_progress(self) -> None:
        mode = None if self.is_regrouping else self.reviewing.mode
        self.header.set_counts(self._counts)
        self.header.show_progress(mode, self.reviewing.found, self.reviewing.since_read)
        self.back_button.setEnabled(self.reviewing.can_go_back)

    def _prefetch(self) -> None:
        """Ask for the pictures of the next questions; of what is asked for last, the first."""
        for question in reversed(self.reviewing.upcoming):
            for face in question.evidence:
                self._shared.thumbnails.face(face.id)
            for face in question.large:
                self._shared.closeups.closeup(face.id)

    # --- lists ------------------------------------------------------------------------------------

    def _choose(self, mode: Mode | None) -> None:
        self.peek.end()
        if mode is None:
            self._whole.setCurrentWidget(self.regroup)
            self.regroup.begin()
        else:
            self._whole.setCurrentWidget(self._asking)
            self.reviewing.choose(mode)
            self.setFocus()
        self._show_progress()

    def _read(self, mode: Mode, found: Questions) -> None:
        self._counts[mode] = found.count
        if mode is self.reviewing.mode and self.reviewing.current is None:
            self._show_why_nothing()
        self._show_progress()

    def _changed(self) -> None:
        # Of the other lists as well, which are read when the page is come back to.
        self._stale = True
        if self.isVisible() and not self.is_regrouping:
            self.reviewing.refresh_later()

    def _start_anew(self) -> None:
        self._counts = {}
        self._stale = True
        self._show_progress()

    # --- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self._views = QStackedWidget()
        self._views.addWidget(self.face_view)
        self._views.addWidget(self.pair_view)
        self._question = QWidget()
        question = QVBoxLayout(self._question)
        question.setContentsMargins(0, 0, 0, 0)
        question.setSpacing(10)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.heading, 1)
        top.addWidget(self.peek_button)
        top.addWidget(self.back_button)
        question.addLayout(top)
        question.addWidget(self._views, 1)
        question.addWidget(self.answers)
        self._waiting = EmptyState("review", tr("Looking for questions…"), "")
        self.people_button = Button(tr("Show people"), "primary", "people")
        self.nobody = EmptyState(
            "review",
            tr("Nobody has a name yet"),
            tr(
                "Name a few people first. photoclust then asks who the other faces are, and what "
                "it asks first settles most."
            ),
            [self.people_button],
        )
        self.nothing = {
            Mode.WHO: EmptyState(
                "done",
                tr("Nothing left to ask"),
                tr(
                    "No face without a name looks like somebody you know. New photos and new names "
                    "bring new questions."
                ),
            ),
            Mode.ONE_PERSON: EmptyState(
                "done",
                tr("No two groups look like one person"),
                tr("Groups that may be the same person are asked about here, also after a scan."),
            ),
            Mode.DOUBTFUL: EmptyState(
                "done",
                tr("No face looks out of place"),
                tr("The faces that you named look like the people you said they are."),
            ),
        }
        self._asking = QWidget()
        self._body = QStackedLayout(self._asking)
        for part in (self._waiting, self._question, self.nobody, *self.nothing.values()):
            self._body.addWidget(part)
        self._whole = QStackedWidget()
        self._whole.addWidget(self._asking)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 20, 24, 16)
        layout.setSpacing(10)
        layout.addWidget(self.header)
        layout.addWidget(self._whole, 1)

    def _connect(self) -> None:
        self.header.chosen.connect(self._choose)
        self.answers.said.connect(self._say)
        self.answers.skip.clicked.connect(self._skip)
        self.answers.who.clicked.connect(self._say_who)
        self.peek_button.clicked.connect(self._toggle_peek)
        self.back_button.clicked.connect(self.undo_here)
        self.people_button.clicked.connect(self.people_wanted)
        self.face_view.looked_at.connect(self._toggle_peek)
        self.pair_view.looked_at.connect(self._toggle_peek)
        self.face_view.editor.named.connect(self._named)
        self.reviewing.asked.connect(self._ask)
        self.reviewing.read.connect(self._read)
        self.reviewing.answered.connect(self._show_progress)
        self.peek.ended.connect(self.setFocus)
        self._shared.changed.connect(self._changed)
        self._shared.decided.connect(self._changed)
        self._shared.library_changed.connect(self._start_anew)
