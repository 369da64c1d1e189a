"""A question to look at: a face beside the person it may be, or two groups beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from photoclust.core.language import tr
from photoclust.core.types import Face
from photoclust.gui import review_text, text
from photoclust.gui.dialogs.naming import NameEditor
from photoclust.gui.shared import Shared
from photoclust.gui.views.review_parts import FacePicture, FaceStrip, NameLabel
from photoclust.gui.widgets import ElidedLabel, label
from photoclust.services.questions import FaceQuestion, PairQuestion, Side

if TYPE_CHECKING:
    from photoclust.services.explaining import Candidate

_SHOWN = 3
_STRIP = 4


class FaceQuestionView(QWidget):
    """The face asked about, large; who it may be with the confirmed faces nearest to it; and who
    else.
    """

    looked_at = Signal()
    """The picture was clicked."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.picture = FacePicture(shared, large=True, name=tr("The face asked about"))
        self.picture.setCursor(Qt.CursorShape.PointingHandCursor)
        self.strip = FaceStrip(shared, _STRIP)
        self.editor = NameEditor(shared, large=False)
        self.editor.edit.setPlaceholderText(tr("Who is it?"))
        self.name = ElidedLabel("heading")
        self.sure = label("", "muted")
        self.nearest = [_Likeness(shared) for _ in range(_SHOWN)]
        self.other = _Likeness(shared)
        self.other_name = NameLabel("")
        self.nobody = label(tr("Nobody you named looks like them."), "muted", wrap=True)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.picture, 1)
        left.addWidget(self.strip)
        self.panel = QFrame()
        self.panel.setObjectName("panel")
        inner = QVBoxLayout(self.panel)
        inner.setContentsMargins(16, 12, 16, 12)
        inner.setSpacing(6)
        inner.addWidget(self.name)
        inner.addWidget(self.sure)
        together = QWidget()
        together.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        faces = QHBoxLayout(together)
        faces.setContentsMargins(0, 0, 0, 0)
        faces.setSpacing(10)
        for each in self.nearest:
            faces.addWidget(each)
        faces.addStretch()
        inner.addWidget(together)
        self.runner_up = QWidget()
        row = QHBoxLayout(self.runner_up)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.other)
        row.addWidget(self.other_name, 1)
        inner.addWidget(self.runner_up)
        inner.addWidget(self.nobody)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.editor)
        right.addWidget(self.panel)
        right.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(left, 5)
        layout.addLayout(right, 5)
        self.picture.clicked.connect(self.looked_at)

    def show_question(self, question: FaceQuestion) -> None:
        """Show what `question` is about."""
        candidate = question.candidate
        best, *others = question.faces
        self.picture.show_face(best)
        self.editor.set_target(question.key, None)
        self.editor.setVisible(candidate is None)
        self.nobody.setVisible(candidate is None)
        self.runner_up.setVisible(question.runner_up is not None)
        if candidate is not None:
            self.strip.show_faces(others[:_STRIP], question.count - 1 - len(others[:_STRIP]))
            self._show_candidate(candidate)
        else:
            self.strip.show_faces(())
            self._show_group(question)
        if question.runner_up is not None:
            nearest = question.runner_up.nearest
            self.other.show_face(nearest[0].face if nearest else None, "")
            alike = review_text.alike(question.runner_up.similarity)
            words = tr("Or {name}?")
            self.other_name.set_words(
                f"{words} {alike}" if alike else words,
                question.runner_up.name or tr(review_text.NOBODY),
            )

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Small faces grow with the page."""
        super().resizeEvent(event)
        room = (self.panel.width() - 32 - (_SHOWN - 1) * 10) // _SHOWN
        side = max(56, min(room, self.height() // 3, 200))
        for each in self.nearest:
            each.set_side(side)
        self.other.set_side(max(40, min(side * 2 // 3, 96)))
        self.strip.set_side(44 if self.height() < 420 else 64)
        # While the page is laid out, nobody is told that the panel needs another height now.
        QTimer.singleShot(0, self.panel, self.panel.updateGeometry)

    def _show_candidate(self, candidate: Candidate) -> None:
        self.name.setText(candidate.name or tr(review_text.NOBODY))
        self.sure.setText(review_text.likely(candidate.probability))
        for number, each in enumerate(self.nearest):
            if number < len(candidate.nearest):
                found = candidate.nearest[number]
                each.show_face(found.face, review_text.alike(found.similarity))
            else:
                each.show_face(None, "")

    def _show_group(self, question: FaceQuestion) -> None:
        """Where nobody is known to be like them, more of the faces asked about."""
        self.name.setText(tr("The others of this group"))
        self.sure.setText(text.faces(question.count))
        others = question.faces[1:]
        for number, each in enumerate(self.nearest):
            each.show_face(others[number] if number < len(others) else None, "")


class _Likeness(QWidget):
    """A confirmed face, and how alike it is."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.picture = FacePicture(shared, name=tr("A confirmed face"))
        self.words = label("", "muted")
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.words)

    def show_face(self, face: Face | None, words: str) -> None:
        """Show `face` with `words` below it."""
        self.picture.show_face(face)
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.setVisible(face is not None)

    def set_side(self, side: int) -> None:
        """Show it `side` px wide."""
        self.picture.setFixedSize(side, side)


class PairQuestionView(QWidget):
    """Two groups, or a person and a group, beside each other."""

    looked_at = Signal()
    """A picture was clicked."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.sides = (_SideView(shared), _SideView(shared))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        for side in self.sides:
            layout.addWidget(side, 1)
            side.picture.clicked.connect(self.looked_at)

    def show_question(self, question: PairQuestion) -> None:
        """Show both sides."""
        for view, side in zip(self.sides, (question.one, question.other), strict=True):
            view.show_side(side)


class _SideView(QFrame):
    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.picture = FacePicture(shared, large=True, name=tr("The best face"))
        self.strip = FaceStrip(shared, _STRIP)
        self.name = ElidedLabel("heading")
        self.size_ = label("", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(6)
        layout.addWidget(self.name)
        layout.addWidget(self.size_)
        layout.addWidget(self.picture, 1)
        layout.addWidget(self.strip)

    def show_side(self, side: Side) -> None:
        """Show a person or group."""
        best, *others = side.faces
        self.name.setText(side.name or tr("Without a name"))
        self.size_.setText(review_text.size_of(side))
        self.picture.show_face(best)
        self.strip.show_faces(others[:_STRIP], side.count - 1 - len(others[:_STRIP]))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Small faces grow with the page."""
        super().resizeEvent(event)
        room = (self.width() - 80 - _STRIP * 8) // _STRIP
        self.strip.set_side(max(32, min(room, 40 if self.height() < 420 else 84)))
