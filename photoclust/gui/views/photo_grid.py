"""A grid of some photos, of each stack one, with all that can be done with them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu

from photoclust.core.forms import Shots
from photoclust.core.types import PhotoId
from photoclust.gui.models.photo_ids import PhotoIdsModel
from photoclust.gui.models.stacks import Stacks
from photoclust.gui.photo_acts import PhotoActs, show_key
from photoclust.gui.shared import Shared
from photoclust.gui.views.grid_layout import Section
from photoclust.gui.views.stack_tile import StackTile
from photoclust.gui.views.tile_view import TileView


class PhotoGrid(TileView):
    """A click opens a photo; with Ctrl and Shift several are chosen; S opens and closes stacks."""

    photo_opened = Signal(object, list)
    """A photo id, and all photos shown to leaf through."""

    def __init__(self, shared: Shared, acts: PhotoActs, name: str) -> None:
        self.stacks = Stacks()
        self.photos = PhotoIdsModel(self.stacks)
        tile = StackTile(shared.thumbnails, self.stacks, shared=shared)
        super().__init__(self.photos, tile, name)
        self._shots = Shots()
        self._shared = shared
        self._acts = acts
        for part in (self.photos, self.itemDelegate()):
            part.setParent(self)
        self.opened.connect(self._open)
        self.menu_wanted.connect(self._show_menu)
        self.drag_wanted.connect(self._drag_out)
        shared.library_changed.connect(self.stacks.clear)

    def show_shots(self, shots: Shots, *, from_top: bool = False) -> None:
        """Show `shots`; place and current photo stay, or are those at the top."""
        self._shots = shots
        photos = self.stacks.spread(shots)
        if photos != self.photos.items:
            current = self.currentIndex()
            before = self.photos.item(current.row()) if current.isValid() else None
            self.photos.set_photos(photos)
            self.show_sections([Section("", 0, len(photos))] if photos else [])
            self.set_current(self.photos.index_of(before))
        self.viewport().update()  # a stack may have grown
        if from_top:
            self.verticalScrollBar().setValue(0)
            if photos:
                self.setCurrentIndex(self.photos.index(0))

    def chosen(self) -> list[PhotoId]:
        """The photos that are selected, in the order shown."""
        return [self.photos.item(row) for part in self.selected_rows() for row in part]

    def toggle_stacks(self) -> None:
        """Show all photos of the stacks that are chosen, or of each only one again."""
        photos = self.chosen()
        if not photos and self.currentIndex().isValid():
            photos = [self.photos.item(self.currentIndex().row())]
        if covers := self.stacks.toggle(photos):
            self.show_shots(self._shots)
            if not covers & self.stacks.opened:
                self.set_current(self.photos.index_of(min(covers)))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Acts on what is selected."""
        if event.text() == "s":
            self.toggle_stacks()
        elif not self._acts.take_key(event, self.chosen(), self):
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        self.photo_opened.emit(self.photos.item(index.row()), list(self.photos.items))

    def _show_menu(self, at: QPoint) -> None:
        if not self.chosen():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if covers := self.stacks.covers(self.chosen()):
            stack = menu.addAction(self.stacks.words(covers))
            stack.triggered.connect(self.toggle_stacks)
            show_key(stack, "S")
            menu.addSeparator()
        self._acts.menu(self.chosen(), menu, self)
        menu.popup(at)

    def _drag_out(self) -> None:
        index = self.currentIndex()
        picture = None
        if index.isValid():
            picture = self._shared.thumbnails.photo(self.photos.item(index.row()))
        self._acts.drag_out(self.chosen(), self, picture)
