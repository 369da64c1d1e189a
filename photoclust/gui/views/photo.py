"""The viewer: one photo, who is in it, and the way to the next one."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.types import Face, FaceId, LibraryChanges, PhotoId
from photoclust.gui import photo_text, text
from photoclust.gui.dialogs.face_naming import FaceNaming
from photoclust.gui.models.photo_faces import InPhoto
from photoclust.gui.operations.viewing import Whereabouts
from photoclust.gui.photo_loader import Loaded, PhotoLoader
from photoclust.gui.shared import Shared
from photoclust.gui.views.canvas import Canvas
from photoclust.gui.views.in_photo import InPhotoPanel
from photoclust.gui.views.photo_header import PhotoHeader

_SHARPEN_MS = 120
"""How long a zoom must rest until all pixels are loaded."""
_ROOM_FOR_PANEL = 720
_AHEAD = (1, -1, 2)
"""Which neighbours are loaded in advance, the likeliest first."""


class PhotoPage(QWidget):
    """Loads off the main thread; what arrives late for another photo is dropped."""

    back_wanted = Signal()

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self._ids: list[PhotoId] = []
        self._row = 0
        self._loaded: Loaded | None = None
        self.loader = PhotoLoader(shared, self)
        self.canvas = Canvas()
        self.header = PhotoHeader()
        self.panel = InPhotoPanel(shared.thumbnails)
        self.popup = FaceNaming(shared, self)
        self._sharpen = QTimer(self, singleShot=True, interval=_SHARPEN_MS)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.canvas, 1)
        middle.addWidget(self.panel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.header)
        layout.addLayout(middle, 1)
        self.popup.raise_()
        self._connect()

    @property
    def photo(self) -> PhotoId | None:
        """The photo that is shown or being loaded."""
        return self._ids[self._row] if self._ids else None

    @property
    def loaded(self) -> Loaded | None:
        """What is known of the photo that is shown; None while it is being loaded."""
        return self._loaded

    def show_photo(self, photo: PhotoId, among: Sequence[PhotoId]) -> None:
        """Show `photo`; the arrow keys leaf through `among`."""
        self._ids = list(among) if photo in among else [photo]
        self._row = self._ids.index(photo)
        self._load()
        self.canvas.setFocus()

    def name_everybody(self) -> None:
        """Ask for the name of one face after the other."""
        if self._may_name() and not self.popup.begin_pass():
            self._shared.told.emit("Every face in this photo has a name.")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The keys of the viewer; Escape closes what is open first."""
        key, plain = event.key(), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_PageUp: -1, Qt.Key.Key_Right: 1}
        steps |= {Qt.Key.Key_PageDown: 1, Qt.Key.Key_Space: 1}
        face = self.canvas.selected
        if key in steps and plain:
            self._leaf(steps[Qt.Key(key)])
        elif key == Qt.Key.Key_Home and plain:
            self._leaf(-self._row)
        elif key == Qt.Key.Key_End and plain:
            self._leaf(len(self._ids) - 1 - self._row)
        elif key == Qt.Key.Key_F2:
            self.name_everybody()
        elif key == Qt.Key.Key_Escape and not self.popup.isHidden():
            self.popup.close_panel()
        elif face is not None and event.text().strip() and event.text().isprintable():
            self._begin_with(face, event.text())
        elif not self._view_key(event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The popup stays at its face; the list of faces goes where there is no room for it."""
        super().resizeEvent(event)
        self._show_panel()
        self._place_popup()

    # --- loading ----------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.header.back.clicked.connect(self.back_wanted)
        self.header.earlier.clicked.connect(lambda: self._leaf(-1))
        self.header.later.clicked.connect(lambda: self._leaf(1))
        self.header.faces_button.clicked.connect(self._show_panel)
        self.header.boxes_button.toggled.connect(self.canvas.show_boxes)
        self.header.name_button.clicked.connect(self.name_everybody)
        self.header.zoom_button.clicked.connect(self._toggle_zoom)
        self.canvas.face_opened.connect(self._ask_name)
        self.canvas.missed.connect(self.popup.close_panel)
        self.canvas.hovered.connect(self.panel.highlight)
        self.canvas.zoomed.connect(self._zoomed)
        self.panel.hovered.connect(self.canvas.highlight)
        self.panel.opened.connect(self._open)
        self.popup.asked.connect(self._asked)
        self.popup.finished.connect(self.canvas.setFocus)
        self.popup.editor.choices.resized.connect(self._place_popup)
        self._sharpen.timeout.connect(self._load_sharp)
        self.loader.arrived.connect(self._arrived)
        self.loader.failed.connect(self._show_failure)
        self.loader.sharpened.connect(self._sharpened)
        self._shared.overview_changed.connect(self._label_faces)
        self._shared.changed.connect(self._changed)
        self._shared.library_changed.connect(self._forget)

    def _forget(self) -> None:
        self._ids, self._row, self._loaded = [], 0, None
        self.canvas.clear()

    def _leaf(self, step: int) -> None:
        row = self._row + step
        if step and 0 <= row < len(self._ids):
            self._row = row
            self._load()

    def _load(self) -> None:
        self.popup.close_panel()
        photo = self._ids[self._row]
        if self._loaded is None or self._loaded.view.photo.id != photo:
            self._loaded = None
            self.canvas.begin_drawing(False)
        self.header.show_place(self._row, len(self._ids))
        near = [self._row + step for step in _AHEAD]
        self.loader.want(photo, [self._ids[row] for row in near if 0 <= row < len(self._ids)])

    def _arrived(self, photo: PhotoId, loaded: Loaded) -> None:
        if photo != self.photo:
            return
        before, self._loaded = self._loaded, loaded
        self.header.show_photo(loaded.view)
        if before is None or before.image is not loaded.image:
            self.canvas.show_picture(loaded.image, loaded.view.size)
        self._label_faces()

    def _show_failure(self, photo: PhotoId) -> None:
        if photo == self.photo:
            self._loaded = None
            self.header.show_failure()
            self.canvas.clear()
            self.panel.show_people([])

    def _load_sharp(self) -> None:
        here = self._loaded is not None and self._loaded.view.whereabouts is Whereabouts.HERE
        if here and self.photo is not None and self.canvas.wants_sharper:
            self.loader.want_sharp(self.photo)

    def _sharpened(self, photo: PhotoId, levels: list) -> None:
        if photo == self.photo and self._loaded is not None:
            self.canvas.sharpen(levels)

    def _changed(self, changes: LibraryChanges) -> None:
        if self.isVisible() and self.photo in changes.photos:
            self.loader.reload(self._ids[self._row], self._loaded)

    # --- who is in it -----------------------------------------------------------------------------

    def _label_faces(self) -> None:
        if self._loaded is None:
            return
        names = self._shared.person_names()
        changeable = self._shared.read_only is None
        self.canvas.can_change = changeable
        self.panel.allow(changeable)
        self.canvas.set_faces(
            [
                (face, names.get(face.person) if face.person is not None else None)
                for face in self._loaded.view.faces
            ]
        )
        self.popup.set_faces(self.canvas.faces)
        self.panel.show_people(photo_text.in_photo(self._loaded.view, self.canvas.faces))
        unnamed = any(face.person is None for face, _ in self.canvas.faces)
        self.header.name_button.setVisible(unnamed and changeable)
        self._place_popup()

    def _open(self, somebody: InPhoto) -> None:
        if somebody.face is not None:
            self.canvas.select(somebody.face.id)
            self._ask_name(somebody.face, somebody.name)

    def _may_name(self) -> bool:
        why_not = self._shared.read_only
        if why_not is not None:
            self._shared.complained.emit(f"no names can be given: {why_not}")
        return why_not is None

    def _ask_name(self, face: Face, name: object) -> None:
        if self._may_name():
            self.popup.ask(face, str(name) if name else None)

    def _begin_with(self, face: Face, letters: str) -> None:
        if self._may_name():
            names = {known.id: name for known, name in self.canvas.faces}
            self.popup.begin_with(face, names.get(face.id), letters)

    def _asked(self, face: FaceId | None) -> None:
        self.canvas.asking = face is not None
        self.canvas.select(face)
        self.canvas.bring_into_view()
        self.panel.select(face)
        self._place_popup()

    def _place_popup(self) -> None:
        area = self.canvas.selected_area().toRect()
        area.moveTopLeft(self.canvas.mapTo(self, area.topLeft()))
        self.popup.place(area, self.size())

    # --- how it is shown --------------------------------------------------------------------------

    def _view_key(self, event: QKeyEvent) -> bool:
        """Zoom and what is shown beside the photo; whether the key was one of these."""
        match event.text():
            case "+" | "=":
                self.canvas.zoom(1.25)
            case "-":
                self.canvas.zoom(1 / 1.25)
            case "0":
                self.canvas.zoom_fit()
            case "1":
                self.canvas.zoom_full()
            case "b":
                self.header.boxes_button.toggle()
            case "f":
                self.header.faces_button.click()
            case _:
                return False
        return True

    def _toggle_zoom(self) -> None:
        if self.canvas.viewport.is_fitted:
            self.canvas.zoom_full()
        else:
            self.canvas.zoom_fit()

    def _zoomed(self) -> None:
        percent = self.canvas.viewport.scale * self.canvas.devicePixelRatioF()
        self.header.show_zoom(percent, fitted=self.canvas.viewport.is_fitted)
        self._place_popup()
        if self.canvas.wants_sharper:
            self._sharpen.start()

    def _show_panel(self) -> None:
        wanted = self.header.faces_button.isChecked()
        room = self.width() >= _ROOM_FOR_PANEL
        self.header.faces_button.setVisible(room)
        self.panel.setVisible(wanted and room)
