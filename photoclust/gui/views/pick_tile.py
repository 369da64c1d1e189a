"""How a tile looks that can be chosen: its mark, and the rings around it."""

from typing import Any

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from photoclust.gui import icons, theme
from photoclust.gui.views.tiles import RING, Tile

MARK = 26
_IN = 7


class PickTile(Tile):
    """A tile with a mark in its leading upper corner when it is chosen or may be."""

    picking = False
    """Whether clicks choose: every tile then has its mark."""
    target: Any = None
    """The item that what is dragged would be dropped on."""
    asking = False
    """Whether something is asked about the tile that the keyboard is at, or was before."""

    def paint_over(
        self, painter: QPainter, frame: QRectF, option: QStyleOptionViewItem, item: Any
    ) -> None:
        """The mark, and a ring around the tile that something is dragged over, or that the
        keyboard is at.
        """
        super().paint_over(painter, frame, option, item)
        state: QStyle.StateFlag = option.state
        colours = theme.colours()
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        dropping = self.target is not None and self.target == item
        at = bool(state & QStyle.StateFlag.State_HasFocus)
        if dropping or (at and not chosen):
            firm = dropping or self.asking
            pen = QPen(QColor(colours.accent), RING if firm else 2)
            pen.setStyle(Qt.PenStyle.SolidLine if firm else Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = frame.adjusted(-RING, -RING, RING, RING)
            painter.drawRoundedRect(ring, theme.RADIUS + RING, theme.RADIUS + RING)
        if not (chosen or self.picking or state & QStyle.StateFlag.State_MouseOver):
            return
        mark = mark_area(frame, option.direction).adjusted(2, 2, -2, -2)
        painter.setPen(QPen(QColor(colours.accent if chosen else colours.muted), 1.5))
        painter.setBrush(QColor(colours.accent if chosen else colours.card))
        painter.drawEllipse(mark)
        if chosen:
            tick = icons.pixmap("done", colours.on_accent, MARK - 12)
            painter.drawPixmap(mark.topLeft().toPoint() + QPoint(4, 4), tick)


def mark_area(frame: QRectF, direction: Qt.LayoutDirection) -> QRectF:
    """Where the mark of a tile is whose picture is at `frame`."""
    left = frame.left() + _IN
    if direction is Qt.LayoutDirection.RightToLeft:
        left = frame.right() - _IN - MARK
    return QRectF(left, frame.top() + _IN, MARK, MARK)
