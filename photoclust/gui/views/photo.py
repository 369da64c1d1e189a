"""One photo with the boxes of its faces; a box can be named, the arrow keys leaf through."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.types import Face, LibraryChanges, PhotoId
from photoclust.gui import text
from photoclust.gui.dialogs.naming import NameEditor
from photoclust.gui.library import OpenLibrary, PhotoView, Whereabouts
from photoclust.gui.shared import Shared
from photoclust.gui.views.canvas import Canvas
from photoclust.gui.widgets import Button, ElidedLabel, label

POPUP_WIDTH = 480
_NOT_HERE = {
    Whereabouts.AWAY: "Its file is on a drive or in a folder that is not there now.",
    Whereabouts.DELETED: "Its file was deleted; what you said about its faces is kept.",
}


class PhotoPage(QWidget):
    """Loads off the main thread; what arrives late for another photo is dropped."""

    back_wanted = Signal()

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self._ids: list[PhotoId] = []
        self._row = 0
        self._view: PhotoView | None = None
        self.canvas = Canvas()
        self.title = ElidedLabel("heading")
        self.details = ElidedLabel("muted")
        self.not_here = label("", wrap=True)
        self._place = label("", "muted")
        back = Button("", "flat", "back", "Back (Esc)")
        self._earlier = Button("", "flat", "back", "Previous photo (Left)")
        self._later = Button("", "flat", "next", "Next photo (Right)")
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(self.title)
        words.addWidget(self.details)
        words.addWidget(self.not_here)
        header = QHBoxLayout()
        header.setContentsMargins(24, 12, 16, 8)
        header.setSpacing(12)
        header.addWidget(back)
        header.addLayout(words, 1)
        header.addWidget(self._place)
        header.addWidget(self._earlier)
        header.addWidget(self._later)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(header)
        layout.addWidget(self.canvas, 1)
        self.not_here.hide()
        self.editor = NameEditor(shared, large=False)
        self.popup = self._panel(self.editor)
        for button in (back, self._earlier, self._later):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        back.clicked.connect(self.back_wanted)
        self._earlier.clicked.connect(lambda: self._leaf(-1))
        self._later.clicked.connect(lambda: self._leaf(1))
        self.canvas.face_opened.connect(self._ask_name)
        self.canvas.missed.connect(self._close_popup)
        self.editor.named.connect(self._named)
        self.editor.kept.connect(self._close_popup)
        self.editor.choices.resized.connect(self._place_popup)
        shared.overview_changed.connect(self._label_faces)
        shared.changed.connect(self._changed)

    @property
    def photo(self) -> PhotoId | None:
        """The photo that is shown or being loaded."""
        return self._ids[self._row] if self._ids else None

    def show_photo(self, photo: PhotoId, among: Sequence[PhotoId]) -> None:
        """Show `photo`; the arrow keys leaf through `among`."""
        self._ids = list(among) if photo in among else [photo]
        self._row = self._ids.index(photo)
        self.canvas.clear()
        self._load()
        self.canvas.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Left and Right leaf through; Escape closes the popup first."""
        if event.key() == Qt.Key.Key_Left:
            self._leaf(-1)
        elif event.key() == Qt.Key.Key_Right:
            self._leaf(1)
        elif event.key() == Qt.Key.Key_Escape and not self.popup.isHidden():
            self._close_popup()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The popup stays at its face."""
        super().resizeEvent(event)
        self._place_popup()

    def _panel(self, content: QWidget) -> QFrame:
        panel = QFrame(self)
        panel.setObjectName("panel")
        layout = QVBoxLayout(panel)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(content)
        panel.hide()
        return panel

    def _leaf(self, step: int) -> None:
        row = self._row + step
        if 0 <= row < len(self._ids):
            self._row = row
            self._load()

    def _load(self) -> None:
        self._close_popup()
        photo = self._ids[self._row]
        self._place.setText(f"{text.thousands(self._row + 1)} of {text.thousands(len(self._ids))}")
        self._earlier.setEnabled(self._row > 0)
        self._later.setEnabled(self._row + 1 < len(self._ids))

        def read(library: OpenLibrary) -> tuple[PhotoView, QImage]:
            view = library.view_photo(photo)
            if view.pixels is None:
                return view, QImage()
            height, width, _ = view.pixels.shape
            image = QImage(view.pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
            return view, image.copy()

        def show(result: tuple[PhotoView, QImage]) -> None:
            if photo == self.photo:
                self._show(*result)

        self._shared.read(read, show, failed=lambda: self._show_failure(photo))

    def _show_failure(self, photo: PhotoId) -> None:
        if photo == self.photo:
            self._view = None
            self.title.setText("This photo cannot be shown")
            self.details.setText("")
            self.not_here.hide()
            self.canvas.clear()

    def _show(self, view: PhotoView, image: QImage) -> None:
        self._view = view
        path = view.photo.paths[0] if view.photo.paths else None
        taken = text.photo_date(view.photo.date)
        size = f"{view.size[0]} × {view.size[1]}"
        faces = text.count(len(view.faces), "face")
        self.title.setText(text.shown_path(path and path.relative_to(path.parent)))
        self.title.setToolTip(text.tooltip(text.shown_path(path)))
        self.details.setText(" · ".join(filter(None, (taken, view.photo.camera, size, faces))))
        self.not_here.setText(_NOT_HERE.get(view.whereabouts, ""))
        self.not_here.setVisible(view.whereabouts is not Whereabouts.HERE)
        self.canvas.show_picture(image, view.size)
        self._label_faces()

    def _label_faces(self) -> None:
        if self._view is None:
            return
        names = self._shared.person_names()
        self.canvas.set_faces(
            [
                (face, names.get(face.person) if face.person is not None else None)
                for face in self._view.faces
            ]
        )

    def _changed(self, changes: LibraryChanges) -> None:
        if self.isVisible() and self._view is not None and self.photo in changes.photos:
            self._load()

    def _ask_name(self, face: Face, name: object) -> None:
        if self._shared.read_only is not None:
            self._shared.complained.emit(f"no names can be given: {self._shared.read_only}")
            return
        self.editor.set_target(f"f{face.id}", str(name) if name else None)
        self.canvas.asking = True
        self.popup.show()
        self._place_popup()
        self.popup.raise_()
        self.editor.begin()

    def _place_popup(self) -> None:
        if self.popup.isHidden():
            return
        area = self.canvas.selected_area()
        self.popup.setFixedWidth(min(POPUP_WIDTH, self.width() - 32))
        self.popup.adjustSize()
        below = self.canvas.mapTo(self, area.bottomLeft().toPoint()) + QPoint(0, 12)
        x = max(16, min(below.x(), self.width() - self.popup.width() - 16))
        y = max(16, min(below.y(), self.height() - self.popup.height() - 16))
        self.popup.move(x, y)

    def _close_popup(self) -> None:
        if not self.popup.isHidden():
            self.popup.hide()
            self.canvas.asking = False
            self.editor.set_target(None, None)
            self.canvas.setFocus()

    def _named(self) -> None:
        self._close_popup()
