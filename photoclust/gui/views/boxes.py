"""How the boxes of faces are painted over a photo: visible on snow and at night, in any theme."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from photoclust.gui import theme

HANDLE = 9
"""Side of the square by which a corner of a box is dragged, in px."""
_UNNAMED = QColor("#ffd27a")
_NAMED = QColor("#ffffff")
_DARK = QColor(0, 0, 0, 130)
_CHIP = QColor(16, 18, 34, 215)


def paint_box(painter: QPainter, area: QRectF, *, named: bool, strong: bool) -> None:
    """A solid box for who is `named`, a dashed one for who is not; `strong` ones stand out."""
    width = 3 if strong else 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_DARK, width + 2))
    painter.drawRoundedRect(area, 6, 6)
    style = Qt.PenStyle.SolidLine if named else Qt.PenStyle.DashLine
    colour = _strong() if strong else _NAMED if named else _UNNAMED
    painter.setPen(QPen(colour, width, style))
    painter.drawRoundedRect(area, 6, 6)


def paint_handles(painter: QPainter, area: QRectF) -> None:
    """The four corners by which a box is resized."""
    painter.setPen(QPen(_DARK, 1))
    painter.setBrush(_NAMED)
    for corner in corners(area):
        painter.drawEllipse(corner, HANDLE / 2 + 1, HANDLE / 2 + 1)


def paint_drawn(painter: QPainter, area: QRectF) -> None:
    """A box that is being drawn."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_DARK, 4))
    painter.drawRect(area)
    painter.setPen(QPen(_strong(), 2))
    painter.drawRect(area)


def paint_name(painter: QPainter, area: QRectF, name: str, within: QRectF) -> None:
    """`name` on a chip below the box `area`, or above it where there is no room in `within`."""
    metrics = QFontMetrics(painter.font())
    most = max(round(area.width()), 180)
    words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, most)
    width, height = metrics.horizontalAdvance(words) + 16, metrics.height() + 6
    left = min(max(area.center().x() - width / 2, within.left() + 4), within.right() - width - 4)
    top = area.bottom() + 5
    if top + height > within.bottom():
        top = area.top() - height - 5
    chip = QRectF(left, max(top, within.top() + 2), width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_CHIP)
    painter.drawRoundedRect(chip, height / 2, height / 2)
    painter.setPen(_NAMED)
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)


def corners(area: QRectF) -> tuple[QPointF, QPointF, QPointF, QPointF]:
    """Top left, top right, bottom right, bottom left: the opposite of each is two further on."""
    return area.topLeft(), area.topRight(), area.bottomRight(), area.bottomLeft()


def _strong() -> QColor:
    # The accent of the light scheme, lightened: photos are neither light nor dark.
    return QColor(theme.LIGHT.accent).lighter(160)
