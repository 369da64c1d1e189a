"""A grid of some photos, with all that can be done with them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, Signal
from PySide6.QtGui import QKeyEvent

from photoclust.core.types import PhotoId
from photoclust.gui.models.photo_ids import PhotoIdsModel
from photoclust.gui.photo_acts import PhotoActs
from photoclust.gui.shared import Shared
from photoclust.gui.views.grid_layout import Section
from photoclust.gui.views.tile_view import TileView
from photoclust.gui.views.tiles import PhotoTile


class PhotoGrid(TileView):
    """A click opens a photo; with Ctrl and Shift several are chosen."""

    photo_opened = Signal(object, list)
    """A photo id, and all photos shown to leaf through."""

    def __init__(self, shared: Shared, acts: PhotoActs, name: str) -> None:
        self.photos = PhotoIdsModel()
        super().__init__(self.photos, PhotoTile(shared.thumbnails, away=shared.away), name)
        self._shared = shared
        self._acts = acts
        for part in (self.photos, self.itemDelegate()):
            part.setParent(self)
        self.opened.connect(self._open)
        self.menu_wanted.connect(self._show_menu)
        self.drag_wanted.connect(self._drag_out)

    def show_photos(self, photos: Sequence[PhotoId], *, from_top: bool = False) -> None:
        """Show `photos`; place and current photo stay, or are those at the top."""
        if tuple(photos) != self.photos.items:
            current = self.currentIndex()
            before = self.photos.item(current.row()) if current.isValid() else None
            self.photos.set_photos(photos)
            self.show_sections([Section("", 0, len(photos))] if photos else [])
            self.set_current(self.photos.index_of(before))
        if from_top:
            self.verticalScrollBar().setValue(0)
            if photos:
                self.setCurrentIndex(self.photos.index(0))

    def chosen(self) -> list[PhotoId]:
        """The photos that are selected, in the order shown."""
        return [self.photos.item(row) for part in self.selected_rows() for row in part]

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Acts on what is selected."""
        if not self._acts.take_key(event, self.chosen(), self):
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        self.photo_opened.emit(self.photos.item(index.row()), list(self.photos.items))

    def _show_menu(self, at: QPoint) -> None:
        if self.chosen():
            self._acts.show_menu(self.chosen(), self, at)

    def _drag_out(self) -> None:
        index = self.currentIndex()
        picture = None
        if index.isValid():
            picture = self._shared.thumbnails.photo(self.photos.item(index.row()))
        self._acts.drag_out(self.chosen(), self, picture)
