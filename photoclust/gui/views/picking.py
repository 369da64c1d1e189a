"""A grid of which several tiles can be chosen, by the mouse and by keys, and dragged; in sections.

A click opens a tile. A click on the mark in its corner chooses it, and so does one with Ctrl held,
or with Shift for all from the last one on; once some are chosen so, plain clicks choose as well.
From where there is no tile a rectangle is drawn: see `rubber_band`.
"""

from collections.abc import Callable, Hashable, Sequence
from enum import Enum
from typing import Any

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication

from photoclust.gui.models.keyed import ItemRole, KeyedListModel
from photoclust.gui.views.grid_layout import Section
from photoclust.gui.views.pick_tile import PickTile, mark_area
from photoclust.gui.views.tile_view import TileView
from photoclust.gui.views.tiles import GAP

_EDGE = 40
_STEP = 28
_MIME = "application/x-photoclust-tiles"
_MOVES = {
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down),
    *(Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
}
_Flag = QItemSelectionModel.SelectionFlag


class _Press(Enum):
    OPEN = "open"
    CHOOSE = "choose"


class PickGrid(TileView):
    """Arrows move, with Shift they choose; Space chooses, Ctrl+A all, Ctrl+I the others, Escape
    none. `title` says of an item which heading it is below: items with the same one follow one
    another.
    """

    picked_changed = Signal()
    """Other tiles are chosen now."""
    dropped = Signal(list, object)
    """The keys of what was dragged, and the key of the tile that it was dropped on."""

    def __init__(
        self,
        model: KeyedListModel[Any],
        tile: PickTile,
        name: str,
        *,
        title: Callable[[Any], str] = lambda _: "",
        draggable: bool = False,
    ) -> None:
        super().__init__(model, tile, name)
        self._list = model
        self._title = title
        self._pick_tile = tile
        self._draggable = draggable
        self._press: tuple[_Press, QPoint, QPersistentModelIndex] | None = None
        self._anchor = QPersistentModelIndex()
        self._before_menu: list[QPersistentModelIndex] | None = None
        self.setDragEnabled(False)  # Qt's own dragging: see mouseMoveEvent
        self.setAcceptDrops(draggable)
        self._band.ended.connect(self._end_band)
        self.selectionModel().selectionChanged.connect(self._tell)

    def show_items(self, items: Sequence[Any]) -> None:
        """Show `items`; what was at the top of the view stays there."""
        top = self.top_row() if self.verticalOffset() else None
        held = None if top is None else self._list.key(self._list.item(top))
        offset = 0 if top is None else self.grid.rect(top).top() - self.verticalOffset()
        self._list.set_items(items)
        self.show_sections(self._sections())
        row = None if held is None else self._list.row_of(held)
        if row is not None:
            self.verticalScrollBar().setValue(self.grid.rect(row).top() - offset)

    def share_space(self) -> None:
        """Lay the tiles out anew: they need more or less room than before."""
        self._measure()

    @property
    def picked(self) -> list[Any]:
        """The items that are chosen, in the order shown."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self._list.item(row) for row in rows]

    def item(self, index: QModelIndex | QPersistentModelIndex) -> Any:
        """What the tile at `index` shows."""
        return self._list.item(index.row())

    def index_of(self, key: Hashable) -> QModelIndex:
        """The tile of the item with `key`, invalid where it is not there."""
        return self._list.index_of(key)

    @property
    def picking(self) -> bool:
        """Whether plain clicks choose."""
        return self._pick_tile.picking

    def pick_none(self) -> None:
        """Choose nothing any more; the current tile stays the current one."""
        self.clearSelection()

    def end_menu(self, used: bool) -> None:
        """The menu was closed. If nothing was done, what was chosen before it is chosen again."""
        before, self._before_menu = self._before_menu, None
        if before is None or used:
            return
        chosen = QItemSelection()
        for index in filter(QPersistentModelIndex.isValid, before):
            chosen.select(self._list.index(index.row()), self._list.index(index.row()))
        self.selectionModel().select(chosen, _Flag.ClearAndSelect)

    def invert(self) -> None:
        """Choose those that are not chosen, and no others."""
        if self._list.rowCount():
            every = QItemSelection(self._list.index(0), self._list.index(self._list.rowCount() - 1))
            self.selectionModel().select(every, _Flag.Toggle)
            self._begin_picking()

    def make_current(self, index: QModelIndex | QPersistentModelIndex) -> None:
        """Bring the keyboard to `index` without choosing it, and bring it into view."""
        if index.isValid():
            here = self._list.index(index.row())
            self.selectionModel().setCurrentIndex(here, _Flag.NoUpdate)
            self.scrollTo(here)

    def show_asking(self, asking: bool) -> None:
        """Let it be seen that something is asked about the current tile, wherever the keyboard
        is."""
        self._is_asking = self._pick_tile.asking = asking
        self.viewport().update()

    def pick_row(self, row: int) -> None:
        """Choose the tile at `row`, or the last one where there are fewer; the keyboard is there.

        After some tiles went: what is done to one after the other takes one key each.
        """
        if self._list.rowCount():
            index = self._list.index(min(row, self._list.rowCount() - 1))
            self.selectionModel().setCurrentIndex(index, _Flag.ClearAndSelect)
            self.scrollTo(index)

    # --- Qt's events ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """What happens to a tile is decided at the release; a drag may come between."""
        self._band.press(event)
        place = event.position().toPoint()
        index = self.indexAt(place)
        self._press = None
        if event.button() is Qt.MouseButton.RightButton and index.isValid():
            return  # what the menu is about is chosen when it opens
        if event.button() is not Qt.MouseButton.LeftButton or not index.isValid():
            super().mousePressEvent(event)
            self._begin_picking()
            return
        modifiers = event.modifiers()
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._pick_up_to(index, add=bool(modifiers & Qt.KeyboardModifier.ControlModifier))
            return
        on_mark = mark_area(self._frame(index), self.layoutDirection()).contains(event.position())
        choose = on_mark or self.picking or modifiers & Qt.KeyboardModifier.ControlModifier
        kind = _Press.CHOOSE if choose else _Press.OPEN
        self._press = kind, place, QPersistentModelIndex(index)
        self.selectionModel().setCurrentIndex(index, _Flag.NoUpdate)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to drag what is chosen, or the tile that the mouse was pressed on."""
        if self._press is None or self._band.move(event):
            super().mouseMoveEvent(event)
            return
        _, start, index = self._press
        far = (event.position().toPoint() - start).manhattanLength()
        if self._draggable and far >= QApplication.startDragDistance() and index.isValid():
            self._press = None
            self._drag(self._list.index(index.row()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Open or choose the tile that the mouse was pressed on."""
        press, self._press = self._press, None
        if press is None or self._band.is_drawn:
            super().mouseReleaseEvent(event)
            return
        kind, _, pressed = press
        index = self.indexAt(event.position().toPoint())
        if not pressed.isValid() or index != pressed:
            return
        if kind is _Press.CHOOSE:
            self._toggle(index)
        else:
            self.pick_none()
            self.opened.emit(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Two quick clicks are two clicks."""
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Keys that choose; all others as in any grid."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if self._band.take_key(event):
            return
        if event.key() == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.pick_none()
        elif event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._toggle(self.currentIndex())
        elif event.key() == Qt.Key.Key_I and control:
            self.invert()
        elif event.key() == Qt.Key.Key_A and control:
            self.selectAll()
            self._begin_picking()
        else:
            super().keyPressEvent(event)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._begin_picking()
            elif event.key() in _MOVES and not control and self.currentIndex().isValid():
                # Also where the keyboard was there already.
                self.selectionModel().select(self.currentIndex(), _Flag.ClearAndSelect)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """The menu is about what is chosen; by the mouse on another tile, about that one."""
        index = self.indexAt(event.pos())
        where = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            where = self.viewport().mapToGlobal(self.visualRect(index).center())
        if not index.isValid():
            return
        self.end_menu(used=False)  # of another tile
        if not self.selectionModel().isSelected(index):
            self._before_menu = [
                QPersistentModelIndex(each) for each in self.selectionModel().selectedIndexes()
            ]
            self.selectionModel().setCurrentIndex(index, _Flag.ClearAndSelect)
        self.menu_wanted.emit(where)

    # --- dropping ---------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Only tiles of this very grid can be dropped on one another."""
        if self._draggable and event.source() is self and event.mimeData().hasFormat(_MIME):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802 - Qt's name
        """Show where it would be dropped; scroll at the edges."""
        place = event.position().toPoint()
        bar = self.verticalScrollBar()
        if place.y() < _EDGE:
            bar.setValue(bar.value() - _STEP)
        elif place.y() > self.viewport().height() - _EDGE:
            bar.setValue(bar.value() + _STEP)
        index = self.indexAt(place)
        if index.isValid() and self._list.key(self._list.item(index.row())) not in _keys(event):
            self._aim(self._list.item(index.row()))
            event.acceptProposedAction()
        else:
            self._aim(None)
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 - Qt's name
        """It is dropped nowhere here."""
        self._aim(None)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Tell what was dropped on which tile."""
        self._aim(None)
        index = self.indexAt(event.position().toPoint())
        keys = _keys(event)
        if index.isValid():
            target = self._list.key(self._list.item(index.row()))
            if keys and target not in keys:
                event.acceptProposedAction()
                self.dropped.emit(keys, target)

    def _drag(self, index: QModelIndex) -> None:
        chosen = self.picked if self.selectionModel().isSelected(index) else [index.data(ItemRole)]
        data = QMimeData()
        data.setData(_MIME, "\n".join(str(self._list.key(item)) for item in chosen).encode())
        drag = QDrag(self)
        drag.setMimeData(data)
        side = self._pick_tile.cell.width() - GAP
        picture = self.viewport().grab(self._frame(index).toRect())
        drag.setPixmap(picture.scaledToWidth(min(side, 96)))
        drag.setHotSpot(QPoint(48, 48))
        drag.exec(Qt.DropAction.MoveAction)

    def _aim(self, target: Any) -> None:
        self._pick_tile.target = target
        self.viewport().update()

    # --- choosing ---------------------------------------------------------------------------------

    def _toggle(self, index: QModelIndex) -> None:
        self.selectionModel().setCurrentIndex(index, _Flag.Toggle)
        self._anchor = QPersistentModelIndex(index)
        self._begin_picking()

    def _pick_up_to(self, index: QModelIndex, *, add: bool) -> None:
        """Choose all from the tile that was chosen or clicked last to `index`."""
        start = self._anchor if self._anchor.isValid() else self.currentIndex()
        first, last = sorted((start.row() if start.isValid() else index.row(), index.row()))
        chosen = QItemSelection(self._list.index(first), self._list.index(last))
        model = self.selectionModel()
        model.select(chosen, _Flag.Select if add else _Flag.ClearAndSelect)
        model.setCurrentIndex(index, _Flag.NoUpdate)
        self._begin_picking()

    def _begin_picking(self) -> None:
        self._pick_tile.picking = self.selectionModel().hasSelection()
        self.viewport().update()

    def _tell(self) -> None:
        if not self.selectionModel().hasSelection():
            self._pick_tile.picking = False
            self.viewport().update()
        if not self._band.is_drawn:  # what is shown of it below would move the lower edge
            self.picked_changed.emit()

    def _end_band(self) -> None:
        self._begin_picking()
        self.picked_changed.emit()

    def _sections(self) -> list[Section]:
        sections: list[Section] = []
        for row, item in enumerate(self._list.items):
            title = self._title(item)
            if sections and sections[-1].title == title:
                last = sections[-1]
                sections[-1] = Section(title, last.start, last.count + 1)
            else:
                sections.append(Section(title, row, 1))
        return sections

    def _frame(self, index: QModelIndex) -> QRectF:
        """Where the picture of a tile is."""
        rect = self.visualRect(index)
        side = self._pick_tile.cell.width() - GAP
        return QRectF(rect.left() + GAP // 2, rect.top() + GAP // 2, side, side)


def _keys(event: QDropEvent) -> list[Hashable]:
    return list(bytes(event.mimeData().data(_MIME).data()).decode().split())
