"""The viewer: one photo, who is in it, and the way to the next one."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.language import marked
from photoclust.core.types import LibraryChanges, PhotoId
from photoclust.gui.operations.viewing import Whereabouts
from photoclust.gui.photo_acts import PhotoActs
from photoclust.gui.photo_loader import Loaded, PhotoLoader
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.views.canvas import Canvas
from photoclust.gui.views.in_photo import InPhotoPanel
from photoclust.gui.views.photo_header import PhotoHeader
from photoclust.gui.views.photo_people import PhotoPeople
from photoclust.gui.views.picture_view import STEP

_SHARPEN_MS = 120
"""How long a zoom must rest until all pixels are loaded."""
_ROOM_FOR_PANEL = 720
_EDGE = 8
_AHEAD = (1, -1, 2)
"""Which neighbours are loaded in advance, the likeliest first."""
_LEAF_KEYS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_PageUp: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_PageDown: 1,
    Qt.Key.Key_Space: 1,
}


class PhotoPage(QWidget):
    """Loads off the main thread; what arrives late for another photo is dropped."""

    TITLE = marked("Photo")
    KEYS = (
        PageKey(
            "←, →", marked("The photo before, the next one; zoomed in: to the left, to the right")
        ),
        PageKey(marked("Space, Page Down"), marked("The next photo")),
        PageKey(marked("Page Up"), marked("The photo before")),
        PageKey(marked("Home, End"), marked("The first photo, the last one")),
        PageKey("+, −", marked("Zoom in, zoom out")),
        PageKey("0, 1", marked("Show the whole photo, show it in full size")),
        PageKey("B", marked("Show or hide the boxes around faces")),
        PageKey("F", marked("Show or hide the list of faces")),
        PageKey(marked("Tab"), marked("The next face")),
        PageKey(marked("Enter"), marked("Name the chosen face")),
        PageKey("F2", marked("Name everybody, one after the other")),
        PageKey("D", marked("Draw a face that was missed")),
        PageKey("T", marked("Tag somebody who is there without a face")),
        PageKey(marked("Delete"), marked("Remove the chosen face")),
        PageKey(marked("R, Shift+R"), marked("Turn the photo to the right, to the left")),
        PageKey("Ctrl+D", marked("Say when it was taken")),
        PageKey(marked("Ctrl+Shift+C"), marked("Copy the path")),
        PageKey(marked("Ctrl+Shift+E"), marked("Copy to a folder")),
        PageKey(marked("Esc"), marked("Back")),
    )

    back_wanted = Signal()

    def __init__(self, shared: Shared, acts: PhotoActs) -> None:
        super().__init__()
        self._acts = acts
        self._ids: list[PhotoId] = []
        self._row = 0
        self._loaded: Loaded | None = None
        self.loader = PhotoLoader(shared, self)
        self.canvas = Canvas()
        self.header = PhotoHeader()
        self.panel = InPhotoPanel(shared.thumbnails)
        self._sharpen = QTimer(self, singleShot=True, interval=_SHARPEN_MS)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.canvas, 1)
        middle.addWidget(self.panel)
        self._middle = middle
        self._is_over = False
        self._is_wanted_beside = True
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.header)
        layout.addLayout(middle, 1)
        self._layout = layout
        self.people = PhotoPeople(shared, self.canvas, self.panel, self)
        self._connect()
        shared.changed.connect(self._changed)
        shared.library_changed.connect(self._forget)

    def resume(self) -> None:
        """Take the keyboard."""
        self.canvas.setFocus()

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

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The keys of the viewer."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() == Qt.Key.Key_Escape and self._is_over and self.panel.isVisible():
            self.header.faces_button.click()
        elif event.key() in _LEAF_KEYS and plain:
            self._leaf(_LEAF_KEYS[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Home and plain:
            self._leaf(-self._row)
        elif event.key() == Qt.Key.Key_End and plain:
            self._leaf(len(self._ids) - 1 - self._row)
        elif not (
            self._zoom_key(event)
            or self.people.take_key(event)
            or self._view_key(event)
            or self._acts.take_key(event, self._shown, self)
        ):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Where there is no room for it beside the photo, the list of faces lies over it."""
        super().resizeEvent(event)
        self._arrange()
        self.people.place()

    def _connect(self) -> None:
        self.header.back.clicked.connect(self.back_wanted)
        self.header.earlier.clicked.connect(lambda: self._leaf(-1))
        self.header.later.clicked.connect(lambda: self._leaf(1))
        self.header.faces_button.clicked.connect(self._show_panel)
        self.panel.draw_wanted.connect(self._uncover)
        self.header.boxes_button.toggled.connect(self.canvas.show_boxes)
        self.header.name_button.clicked.connect(self.people.name_everybody)
        self.header.play_button.clicked.connect(self._play)
        self.header.zoom_button.clicked.connect(self._toggle_zoom)
        self.people.unnamed.connect(self.header.name_button.setVisible)
        self.people.photo_menu_wanted.connect(self._show_menu)
        self.canvas.zoomed.connect(self._zoomed)
        self.canvas.drag_wanted.connect(self._drag_out)
        self._sharpen.timeout.connect(self._load_sharp)
        self.loader.arrived.connect(self._arrived)
        self.loader.failed.connect(self._show_failure)
        self.loader.sharpened.connect(self._sharpened)

    # --- loading ----------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._ids, self._row, self._loaded = [], 0, None
        self.canvas.clear()
        self.people.show(None)

    def _leaf(self, step: int) -> None:
        row = self._row + step
        if step and 0 <= row < len(self._ids):
            self._row = row
            self._load()

    def _load(self) -> None:
        self.people.close_panels()
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
        self.people.show(loaded.view)

    def _show_failure(self, photo: PhotoId) -> None:
        if photo == self.photo:
            self._loaded = None
            self.header.show_failure()
            self.canvas.clear()
            self.people.show(None)

    def _load_sharp(self) -> None:
        here = self._loaded is not None and self._loaded.view.whereabouts is Whereabouts.HERE
        if here and self.photo is not None and self.canvas.wants_sharper:
            self.loader.want_sharp(self.photo)

    def _sharpened(self, photo: PhotoId, levels: list[QImage]) -> None:
        if photo == self.photo and self._loaded is not None:
            self.canvas.sharpen(levels)

    def _changed(self, changes: LibraryChanges) -> None:
        if self.isVisible() and self.photo in changes.photos:
            self.loader.reload(self._ids[self._row], self._loaded)

    # --- how it is shown, and what can be done with it --------------------------------------------

    @property
    def _shown(self) -> list[PhotoId]:
        return [] if self._loaded is None else [self._loaded.view.photo.id]

    def _zoom_key(self, event: QKeyEvent) -> bool:
        match event.text():
            case "+" | "=":
                self.canvas.zoom(STEP)
            case "-":
                self.canvas.zoom(1 / STEP)
            case "0":
                self.canvas.zoom_fit()
            case "1":
                self.canvas.zoom_full()
            case _:
                return False
        return True

    def _view_key(self, event: QKeyEvent) -> bool:
        if event.text() == "b":
            self.header.boxes_button.toggle()
        elif event.text() == "f":
            self.header.faces_button.click()
        else:
            return False
        return True

    def _play(self) -> None:
        if self._shown:
            self._acts.open_outside(self._shown[0])

    def _toggle_zoom(self) -> None:
        if self.canvas.viewport.is_fitted:
            self.canvas.zoom_full()
        else:
            self.canvas.zoom_fit()

    def _zoomed(self) -> None:
        share = self.canvas.viewport.scale * self.canvas.devicePixelRatioF()
        self.header.show_zoom(share, fitted=self.canvas.viewport.is_fitted)
        self.people.place()
        if self.canvas.wants_sharper:
            self._sharpen.start()

    def _arrange(self) -> None:
        """Let the list be beside the photo, or over it where there is no room: then only when it is
        asked for.
        """
        over, button = self.width() < _ROOM_FOR_PANEL, self.header.faces_button
        if over != self._is_over:
            self._is_over = over
            if over:
                self._is_wanted_beside = button.isChecked()
                self._middle.removeWidget(self.panel)
            else:
                self._middle.addWidget(self.panel)
            button.setChecked(not over and self._is_wanted_beside)
            self.panel.lie_over(over)
            self.panel.setVisible(button.isChecked())
        self._place_panel()

    def _place_panel(self) -> None:
        if self._is_over:
            self._layout.activate()  # the photo has its place by now
            photo = self.canvas.geometry()
            area = QRect(photo.topLeft(), QSize(self.panel.width(), photo.height()))
            area.adjust(0, _EDGE, 0, -_EDGE)
            area.moveRight(photo.right() - _EDGE)
            if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
                area.moveLeft(photo.left() + _EDGE)
            self.panel.setGeometry(area)

    def _show_panel(self) -> None:
        shown = self.header.faces_button.isChecked()
        self.panel.setVisible(shown)
        self._place_panel()
        if self._is_over:
            if shown:
                self.panel.raise_()
            (self.panel.list if shown else self.canvas).setFocus()

    def _uncover(self) -> None:
        """Let the whole photo be seen to draw on."""
        if self._is_over and self.panel.isVisible():
            self.header.faces_button.click()

    def _show_menu(self, at: QPoint) -> None:
        self._acts.show_menu(self._shown, self, at)

    def _drag_out(self) -> None:
        self._acts.drag_out(self._shown, self.canvas, QPixmap.fromImage(self.canvas.image))
