"""A look at the whole photo of a face, over the page."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.types import Face
from photoclust.gui import text
from photoclust.gui.library import OpenLibrary, PhotoView
from photoclust.gui.shared import Shared
from photoclust.gui.views.canvas import Canvas
from photoclust.gui.widgets import Button, ElidedLabel


class Peek(QFrame):
    """Covers its parent; Space, Escape or a click end it, every other key is the parent's."""

    ended = Signal()

    def __init__(self, shared: Shared, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("peek")
        self._shared = shared
        self._page = parent
        self._face: Face | None = None
        self.canvas = Canvas()
        self.canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.words = ElidedLabel("muted")
        close = Button("", "flat", "close", "Back to the question (Space)")
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
        self.hide()

    def show_face(self, face: Face) -> None:
        """Show the photo of `face`, with a box around it."""
        self._face = face
        self.canvas.clear()
        self.words.setText(text.shown_path(face.path))
        self.setGeometry(self._page.rect())
        self.show()
        self.raise_()

        def read(library: OpenLibrary) -> tuple[PhotoView, QImage]:
            view = library.view_photo(face.photo)
            if view.pixels is None:
                return view, QImage()
            height, width, _ = view.pixels.shape
            image = QImage(view.pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
            return view, image.copy()

        def receive(result: tuple[PhotoView, QImage]) -> None:
            view, image = result
            if self._face is not face or self.isHidden():
                return
            self.canvas.show_picture(image, view.size)
            self.canvas.set_faces([(each, None) for each in view.faces if each.id == face.id])

        self._shared.read(read, receive, failed=self.end)

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
