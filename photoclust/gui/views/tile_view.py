"""A grid of tiles that is as quick with a hundred thousand of them as with ten.

Scrolling moves what was painted and paints only what comes into view.
"""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from photoclust.gui import theme
from photoclust.gui.models.keyed import ItemRole
from photoclust.gui.thumbnails import Key
from photoclust.gui.views.grid_layout import Section
from photoclust.gui.views.rubber_band import RubberBand
from photoclust.gui.views.section_view import SectionView
from photoclust.gui.views.tiles import GAP, Tile

STEP = 24
"""By how many px one step of a zoom changes the tiles."""
_CHOOSING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class TileView(SectionView):
    """Tiles under headings. Enter, Return or a click opens one; with Ctrl or Shift a click selects,
    and Ctrl+A selects all.
    """

    opened = Signal(QModelIndex)
    typed = Signal(str)
    """A letter was typed; of no use here, but a page may want it."""
    menu_wanted = Signal(QPoint)
    """A menu for what is selected, at a global position."""
    drag_wanted = Signal()
    """What is selected is dragged out of the window."""
    zoom_wanted = Signal(int)
    """Larger or smaller tiles, by so many px."""

    def __init__(self, model: QAbstractItemModel, delegate: Tile, name: str) -> None:
        super().__init__(delegate)
        self.setObjectName("grid")
        self.setAccessibleName(name)
        # Only of an opaque widget does Qt move the pixels when it scrolls.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setDragEnabled(True)
        self.setMouseTracking(True)
        self._hovered = -1
        self._chooses = False
        self._is_asking = False
        self._awaited: dict[Key, int] = {}
        self._band = RubberBand(self)
        self.setItemDelegate(delegate)
        self.setModel(model)
        self.clicked.connect(self._click)
        delegate.thumbnails.arrived.connect(self._show_arrived)
        delegate.stale.connect(self.viewport().update)

    def show_sections(self, sections: Sequence[Section]) -> None:
        """As `SectionView`; rows may be others now."""
        self._awaited.clear()
        super().show_sections(sections)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The tiles and headings of which something is to be painted."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(theme.colours().window))
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        plain = option.state & ~QStyle.StateFlag.State_Selected
        if not self.isActiveWindow():
            plain &= ~QStyle.StateFlag.State_Active
        dirty, offset = event.rect(), self.verticalOffset()
        top, bottom = dirty.top() + offset, dirty.bottom() + offset
        model, selection, current = self.model(), self.selectionModel(), self.currentIndex()
        focused = self.hasFocus() or self._is_asking
        region = event.region()
        for row in self.grid.rows_between(top, bottom):
            option.rect = self._mirrored(self.grid.rect(row).translated(0, -offset))
            if not region.intersects(option.rect):
                continue
            index = model.index(row, 0)
            option.state = plain
            if row == self._hovered:
                option.state |= QStyle.StateFlag.State_MouseOver
            if selection.isSelected(index):
                option.state |= QStyle.StateFlag.State_Selected
            if focused and index == current:
                option.state |= QStyle.StateFlag.State_HasFocus
            key = self._tile.key(index.data(ItemRole))
            if key is not None and not self._tile.thumbnails.has(key):
                self._awaited[key] = row
            self._tile.paint(painter, option, index)
        if self.grid.sections:
            self._paint_headings(painter, top, bottom)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A press with Ctrl or Shift chooses, and opens nothing."""
        self._band.press(event)
        self._chooses = bool(event.modifiers() & _CHOOSING)
        if event.button() == Qt.MouseButton.RightButton:
            index = self.indexAt(event.position().toPoint())
            if index.isValid() and self.selectionModel().isSelected(index):
                return  # the menu is for all that is selected
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """The tile under the mouse stands out."""
        if self._band.move(event):
            return
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Where a rectangle was drawn, nothing was clicked."""
        if not self._band.release():
            super().mouseReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """The mouse is over no tile any more."""
        super().leaveEvent(event)
        self._hover(-1)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """With Ctrl the wheel changes the size of the tiles."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_wanted.emit(STEP if event.angleDelta().y() > 0 else -STEP)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter and Return open on every platform."""
        if self._band.take_key(event):
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
        elif event.key() == Qt.Key.Key_A and event.modifiers() == _CHOOSING:
            self.clearSelection()
        elif event.text().strip() and event.text().isprintable() and not _held_down(event):
            event.ignore()
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """A menu for what is selected."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            area = self.visualRect(self.currentIndex())
            self.menu_wanted.emit(self.viewport().mapToGlobal(area.center()))
        elif self.indexAt(event.pos()).isValid():
            self.menu_wanted.emit(event.globalPos())

    def startDrag(self, actions: Qt.DropAction) -> None:  # noqa: N802 - Qt's name
        """What is dragged is the affair of the page."""
        self.drag_wanted.emit()

    def _show_arrived(self, key: Key) -> None:
        """Paint the one tile whose picture is there now."""
        row = self._awaited.pop(key, None)
        if row is not None:
            self._update_row(row)

    def _update_row(self, row: int) -> None:
        if 0 <= row < self.model().rowCount():
            self.viewport().update(self.visualRect(self.model().index(row, 0)))

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            before, self._hovered = self._hovered, row
            self._update_row(before)
            self._update_row(row)

    def _click(self, index: QModelIndex) -> None:
        if not self._chooses:
            self.opened.emit(index)

    def _paint_headings(self, painter: QPainter, top: int, bottom: int) -> None:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        for number in range(self.grid.section_at(top), self.grid.section_at(bottom) + 1):
            title = self.grid.sections[number].title
            place = self.grid.heading(number, self.viewport().width())
            place.translate(GAP // 2, -self.verticalOffset())
            place.setWidth(place.width() - GAP)
            painter.setPen(QColor(theme.colours().text))
            words = metrics.elidedText(title, Qt.TextElideMode.ElideRight, place.width())
            edge = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignBottom
            painter.drawText(place.adjusted(0, 0, 0, -8), edge, words)


def _held_down(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
