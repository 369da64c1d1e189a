"""The page of all photos, the newest first."""

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from photoclust.core.types import PhotoId
from photoclust.gui import text
from photoclust.gui.models.lists import PhotoModel
from photoclust.gui.shared import Shared
from photoclust.gui.views.tiles import PhotoTile, TileGrid
from photoclust.gui.widgets import EmptyState, label


class PhotosPage(QWidget):
    """A grid; a click opens the photo."""

    photo_opened = Signal(object, list)
    """A photo id, and all photos to leaf through."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self.model = PhotoModel(self)
        self.grid = TileGrid(self.model, PhotoTile(shared.thumbnails, self), "Photos")
        self._size = label("", "muted")
        header = QHBoxLayout()
        header.setContentsMargins(8, 0, 16, 0)
        header.setSpacing(12)
        header.addWidget(label("Photos", "title"))
        header.addWidget(self._size)
        header.addStretch()
        photos = QWidget()
        layout = QVBoxLayout(photos)
        layout.setContentsMargins(24, 20, 8, 0)
        layout.setSpacing(8)
        layout.addLayout(header)
        layout.addWidget(self.grid, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(
            EmptyState(
                "photos",
                "No photos yet",
                "Press “Add folders…” on the left, or drop folders on this window.",
            )
        )
        self._stack.addWidget(photos)
        self.grid.opened.connect(self._open)
        shared.overview_changed.connect(self._follow)

    def begin(self) -> None:
        """Take the keyboard and read what there is."""
        self._read()
        self.grid.setFocus()

    def _follow(self) -> None:
        if self.isVisible():
            self._read()

    def _read(self) -> None:
        self._shared.read(lambda library: library.photo_ids(), self._show)

    def _show(self, photos: list[PhotoId]) -> None:
        self.grid.show_items(photos)
        self._size.setText(text.thousands(len(photos)))
        self._stack.setCurrentIndex(1 if photos else 0)

    def _open(self, index: QModelIndex) -> None:
        self.photo_opened.emit(self.model.item(index.row()), list(self.model.items))
