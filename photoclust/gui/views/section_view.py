"""An item view of sections of tiles that lays out only what is seen.

It has the selection, the keys and the accessibility of any item view of Qt; how the tiles look and
what a click does is the affair of `tile_view`.
"""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView

from photoclust.gui.views.grid_layout import GridLayout, Section
from photoclust.gui.views.tiles import GAP, Index, Tile

HEADING = 44
"""Height of the title of a section in px."""
_Hint = QAbstractItemView.ScrollHint
_Action = QAbstractItemView.CursorAction


class SectionView(QAbstractItemView):
    """Rows of tiles that fill the width, section below section; the model knows only rows."""

    scrolled = Signal()
    """Another part is shown, or the whole is laid out anew."""

    def __init__(self, tile: Tile) -> None:
        super().__init__()
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.grid = GridLayout(HEADING)
        self._tile = tile
        self._spare = 0

    @property
    def tile_side(self) -> int:
        """The least width of a picture in px; it grows until the row is filled."""
        return self._tile.least

    def set_tile_side(self, side: int) -> None:
        """Show pictures of at least this width; what is in the middle of the view stays there."""
        if side == self._tile.least:
            return
        held = self._held(self.viewport().height() // 2)
        self._tile.least = side
        self._measure()
        self._hold(held)

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Lay out `sections` of what the model holds now; the view stays where it is."""
        self.grid.set_sections(sections)
        self.updateGeometries()
        self.viewport().update()
        self.scrolled.emit()

    def select(self, index: QModelIndex) -> None:
        """Make `index` the current one and bring it into view."""
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def set_current(self, index: QModelIndex) -> None:
        """Make `index` the current one without selecting it, and without moving the view."""
        flag = QItemSelectionModel.SelectionFlag.NoUpdate
        scrolls = self.hasAutoScroll()
        self.setAutoScroll(False)
        self.selectionModel().setCurrentIndex(index, flag)
        self.setAutoScroll(scrolls)

    def selected_rows(self) -> list[range]:
        """What is selected, as ranges of rows in ascending order."""
        selection = self.selectionModel().selection()
        return sorted(
            (range(part.top(), part.bottom() + 1) for part in selection.toList()),
            key=lambda r: r.start,
        )

    def select_rows(self, ranges: Sequence[range]) -> None:
        """Select these rows and no others; the current one stays as it is."""
        model, selection = self.model(), QItemSelection()
        for part in ranges:
            selection.select(model.index(part.start, 0), model.index(part.stop - 1, 0))
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().select(selection, flag)

    def scroll_up(self, px: int) -> None:
        """Move the tiles up by `px`, where there is nothing below them as well; until
        `scroll_no_further`.
        """
        bar = self.verticalScrollBar()
        wanted = bar.value() + px
        if wanted > bar.maximum():
            self._spare = wanted + self.viewport().height() - self.grid.height
            self.updateGeometries()
        bar.setValue(wanted)

    def scroll_no_further(self) -> None:
        """Scroll to the end of the tiles at most, as ever."""
        if self._spare:
            self._spare = 0
            self.updateGeometries()

    def top_row(self) -> int | None:
        """The first row of which something is seen."""
        return next(self._rows_seen(), None)

    def rows_touched(self, area: QRect, inset: int) -> Iterator[range]:
        """The rows of which something is seen in `area` of the viewport, or would be outside it; of
        the place of each, `inset` px on every side are no part of it.
        """
        wanted = self._mirrored(QRect(area)).translated(0, self.verticalOffset())
        return self.grid.rows_within(wanted, inset)

    # --- what an item view must know --------------------------------------------------------------

    def visualRect(self, index: Index) -> QRect:  # noqa: N802 - Qt's name
        """Where a tile is in the viewport."""
        if not index.isValid() or not self.grid.sections:
            return QRect()
        return self._mirrored(self.grid.rect(index.row()).translated(0, -self.verticalOffset()))

    def indexAt(self, point: QPoint) -> QModelIndex:  # noqa: N802 - Qt's name
        """The tile at a point of the viewport, or outside it."""
        if self.isRightToLeft():
            point = QPoint(self.viewport().width() - 1 - point.x(), point.y())
        row = self.grid.row_at(point + QPoint(0, self.verticalOffset()))
        return QModelIndex() if row is None else self.model().index(row, 0)

    def scrollTo(  # noqa: N802 - Qt's name
        self, index: Index, hint: _Hint = _Hint.EnsureVisible
    ) -> None:
        """Bring a tile into view, with the heading above it where it is in the first line."""
        if not index.isValid() or not self.grid.sections:
            return
        tile = self.grid.rect(index.row())
        top, bottom = tile.top(), tile.bottom()
        if top - self.grid.top(self.grid.section_of(index.row())) <= HEADING:
            top -= HEADING
        room, bar = self.viewport().height(), self.verticalScrollBar()
        match hint:
            case _Hint.PositionAtTop:
                bar.setValue(top)
            case _Hint.PositionAtCenter:
                bar.setValue(tile.center().y() - room // 2)
            case _ if top < bar.value():
                bar.setValue(top)
            case _ if bottom > bar.value() + room:
                bar.setValue(bottom - room + 1)

    def horizontalOffset(self) -> int:  # noqa: N802 - Qt's name
        """Nothing lies beside the view."""
        return 0

    def verticalOffset(self) -> int:  # noqa: N802 - Qt's name
        """How far it is scrolled."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:  # noqa: N802 - Qt's name
        """None is."""
        return False

    def moveCursor(  # noqa: N802 - Qt's name
        self, action: _Action, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Left and Right go on over the end of a line, Up and Down stay in their column."""
        rows, row = self.model().rowCount(), self.currentIndex().row()
        if not rows or not self.grid.sections:
            return QModelIndex()
        if row < 0 and action not in (_Action.MoveHome, _Action.MoveEnd):
            return self.model().index(self.top_row() or 0, 0)
        page = max(1, self.viewport().height() // self.grid.cell.height())
        forth = -1 if self.isRightToLeft() else 1
        match action:
            case _Action.MoveLeft:
                row -= forth
            case _Action.MoveRight:
                row += forth
            case _Action.MovePrevious:
                row -= 1
            case _Action.MoveNext:
                row += 1
            case _Action.MoveUp:
                row = self.grid.beside(row, -1)
            case _Action.MoveDown:
                row = self.grid.beside(row, 1)
            case _Action.MovePageUp:
                row = self.grid.beside(row, -page)
            case _Action.MovePageDown:
                row = self.grid.beside(row, page)
            case _Action.MoveHome:
                row = 0
            case _Action.MoveEnd:
                row = rows - 1
        return self.model().index(min(max(row, 0), rows - 1), 0)

    def setSelection(  # noqa: N802 - Qt's name
        self, rect: QRect, command: QItemSelectionModel.SelectionFlag
    ) -> None:
        """All from the tile at one corner of `rect` to the one at the other."""
        first, last = self.indexAt(rect.topLeft()), self.indexAt(rect.bottomRight())
        selection = QItemSelection()
        if first.isValid() and last.isValid():
            if first.row() > last.row():
                first, last = last, first
            selection.select(first, last)
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:  # noqa: N802
        """What is seen of the selection: all that is seen changes at once."""
        return QRegion(self.viewport().rect())

    def updateGeometries(self) -> None:  # noqa: N802 - Qt's name
        """The scroll bar fits the height."""
        bar, room = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self.grid.height + self._spare - room))
        bar.setPageStep(room)
        bar.setSingleStep(max(16, self.grid.cell.height() // 3))
        super().updateGeometries()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Share the width among as many tiles as fit; what was at the top stays there."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            held = self._held(0)
            self._measure()
            self._hold(held)

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802 - Qt's name
        """Move what was painted, so that only what is new must be."""
        self.viewport().scroll(dx, dy)
        self.scrolled.emit()

    def _measure(self) -> None:
        width = self.viewport().width()
        columns = max(1, width // (self._tile.least + GAP))
        self._tile.cell = QSize(width // columns, self._tile.height_for(width // columns))
        self.grid.set_cell(self._tile.cell, columns)
        self.updateGeometries()
        self.viewport().update()
        self.scrolled.emit()

    def _held(self, y: int) -> tuple[int, int] | None:
        """The first row at the height `y` of the viewport or below, and how far from it."""
        below = self.grid.rows_between(self.verticalOffset() + y, self.grid.height)
        row = next(below, None)
        if row is None or not self.verticalOffset():
            return None
        return row, self.grid.rect(row).top() - self.verticalOffset()

    def _hold(self, held: tuple[int, int] | None) -> None:
        if held is not None:
            self.verticalScrollBar().setValue(self.grid.rect(held[0]).top() - held[1])

    def _rows_seen(self) -> Iterator[int]:
        top = self.verticalOffset()
        return self.grid.rows_between(top, top + self.viewport().height() - 1)

    def _mirrored(self, area: QRect) -> QRect:
        if self.isRightToLeft():
            area.moveRight(self.viewport().width() - 1 - area.left())
        return area
