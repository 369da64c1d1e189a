"""A look at the whole photo of a face, over the page."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.language import tr
from photoclust.core.types import Face, PhotoId
from photoclust.gui import text
from photoclust.gui.photo_loader import Loaded, PhotoLoader
from photoclust.gui.shared import Shared
from photoclust.gui.views.canvas import Canvas
from photoclust.gui.widgets import Button, ElidedLabel


class Peek(QFrame):
    """Covers its parent; Space, Escape or a click end it, every other key is the parent's."""

    ended = Signal()

    def __init__(self, shared: Shared, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("peek")
        self._loader = PhotoLoader(shared, self)
        self._page = parent
        self._face: Face | None = None
        self.canvas = Canvas()
        self.canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.words = ElidedLabel("muted")
        close = Button("", "flat", "close", tr("Back to the question (Space)"))
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        top = QHBoxLayout()
        top.setContentsMargins(16, 0, 0, 0)
        top.addWidget(self.words, 1)
        top.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(top)
        layout.addWidget(self.canvas, 1)
        close.clicked.connect(self.end)
        self.canvas.face_opened.connect(self.end)
        self.canvas.missed.connect(self.end)
        self._loader.arrived.connect(self._arrived)
        self._loader.failed.connect(self.end)
        self.hide()

    def show_face(self, face: Face) -> None:
        """Show the photo of `face`, with a box around it."""
        self._face = face
        self.canvas.clear()
        self.words.setText(text.shown_path(face.path))
        self.setGeometry(self._page.rect())
        self.show()
        self.raise_()

        self._loader.want(face.photo, ())

    def _arrived(self, photo: PhotoId, loaded: Loaded) -> None:
        face = self._face
        if face is not None and face.photo == photo:
            self.canvas.show_picture(loaded.image, loaded.view.size)
            shown = [(each, None) for each in loaded.view.faces if each.id == face.id]
            self.canvas.set_faces(shown)

    def end(self) -> None:
        """Back to the page."""
        if not self.isHidden():
            self._face = None
            self.hide()
            self.canvas.clear()
            self.ended.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Keys are the page's."""
        event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click beside the photo ends it."""
        self.end()
