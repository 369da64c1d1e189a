"""Choosing tiles with a rectangle that is drawn with the mouse, from where there is no tile."""

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

from photoclust.gui import theme
from photoclust.gui.views.section_view import SectionView
from photoclust.gui.views.tiles import GAP

_MARGIN = GAP // 2
"""So much of the place of a tile, on each side, is no part of it."""
_EDGE = 24
"""So near to the edge it scrolls, the faster the farther the mouse is beyond."""
_STEP_MS, _LEAST, _MOST = 16, 3, 48
_ADDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
_Flag = QItemSelectionModel.SelectionFlag


class RubberBand(QObject):
    """Is asked by `view` about all that the mouse does there, and does what is about a rectangle.

    That chooses what it touches, with Ctrl besides what is chosen. At the upper and the lower edge
    the view is scrolled.
    """

    ended = Signal()
    """Nothing more is chosen by it."""

    def __init__(self, view: SectionView) -> None:
        super().__init__(view)
        self._view = view
        self._area = _Area(view.viewport())
        self._start: QPoint | None = None  # in px of the whole grid
        self._place = QPoint()
        self._adds = False
        self._given_up = False
        self._before: list[tuple[QPersistentModelIndex, QPersistentModelIndex]] = []
        self._scrolling = QTimer(self, interval=_STEP_MS)
        self._scrolling.timeout.connect(self._scroll)

    @property
    def is_drawn(self) -> bool:
        """Whether a rectangle is being drawn."""
        return not self._area.isHidden()

    def press(self, event: QMouseEvent) -> None:
        """Note what may become a rectangle; the view does with it what it does with any press."""
        place = event.position().toPoint()
        several = self._view.selectionMode() is QAbstractItemView.SelectionMode.ExtendedSelection
        self._start = None
        self._given_up = False
        if several and event.button() is Qt.MouseButton.LeftButton and self._is_blank(place):
            self._start = self._in_grid(place)
            self._adds = bool(event.modifiers() & _ADDING)
            self._before = [
                (QPersistentModelIndex(part.topLeft()), QPersistentModelIndex(part.bottomRight()))
                for part in self._view.selectionModel().selection().toList()
            ]

    def move(self, event: QMouseEvent) -> bool:
        """Draw on; whether the move is of no concern to the view."""
        if self._given_up:
            return True
        if self._start is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return False
        self._place = event.position().toPoint()
        if not self.is_drawn:
            far = (self._in_grid(self._place) - self._start).manhattanLength()
            if far < QApplication.startDragDistance():
                return True
            self._area.show()
            self._scrolling.start()
        self._draw()
        return True

    def release(self) -> bool:
        """The mouse is let go; whether it drew, so that it was no click."""
        drew = self.is_drawn or self._given_up
        self._start = None
        self._given_up = False
        if self.is_drawn:
            self._end()
        return drew

    def take_key(self, event: QKeyEvent) -> bool:
        """Escape gives up: what was chosen before is chosen again; whether it was that."""
        if not self.is_drawn or event.key() != Qt.Key.Key_Escape:
            return False
        self._start = None
        self._given_up = True
        self._view.selectionModel().select(self._chosen_before(), _Flag.ClearAndSelect)
        self._end()
        return True

    def _end(self) -> None:
        self._scrolling.stop()
        self._area.hide()
        self.ended.emit()

    def _is_blank(self, place: QPoint) -> bool:
        index = self._view.indexAt(place)
        inner = self._view.visualRect(index).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        return not inner.contains(place)

    # --- what it does -----------------------------------------------------------------------------

    def _scroll(self) -> None:
        height, y = self._view.viewport().height(), self._place.y()
        beyond = max(_EDGE - y, 0) or min(height - _EDGE - y, 0)
        if beyond:
            step = min(max(abs(beyond) // 3, _LEAST), _MOST)
            bar = self._view.verticalScrollBar()
            bar.setValue(bar.value() + (-step if beyond > 0 else step))
            self._draw()

    def _draw(self) -> None:
        """Show the rectangle as it is now, and choose what it touches."""
        if self._start is None:
            return
        corner = self._start - QPoint(0, self._view.verticalOffset())
        seen = QRect(
            QPoint(min(corner.x(), self._place.x()), min(corner.y(), self._place.y())),
            QPoint(max(corner.x(), self._place.x()), max(corner.y(), self._place.y())),
        )
        self._area.setGeometry(seen)
        touched, current = QItemSelection(), self._view.currentIndex()
        model = self._view.model()
        for rows in self._view.rows_touched(seen, _MARGIN):
            touched.select(model.index(rows.start, 0), model.index(rows.stop - 1, 0))
        if touched.count() and not touched.contains(current):
            self._view.set_current(model.index(touched.first().top(), 0))
        if self._adds:
            touched.merge(self._chosen_before(), _Flag.Select)
        self._view.selectionModel().select(touched, _Flag.ClearAndSelect)

    def _chosen_before(self) -> QItemSelection:
        chosen, model = QItemSelection(), self._view.model()
        for first, last in self._before:
            if first.isValid() and last.isValid():
                chosen.select(model.index(first.row(), 0), model.index(last.row(), 0))
        return chosen

    def _in_grid(self, place: QPoint) -> QPoint:
        return place + QPoint(0, self._view.verticalOffset())


class _Area(QWidget):
    """The rectangle, through which the tiles are seen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A frame in the colour of what is chosen, with a breath of it inside."""
        colour = QColor(theme.colours().accent)
        inside = QColor(colour)
        inside.setAlphaF(0.14)
        painter = QPainter(self)
        painter.setPen(QPen(colour, 1))
        painter.setBrush(inside)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
