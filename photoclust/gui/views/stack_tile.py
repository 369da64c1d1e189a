"""The tile of a photo in a list: one that is shown for a stack says how many it is."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from photoclust.core.language import thousands
from photoclust.gui import icons, theme
from photoclust.gui.models.stacks import Stacks
from photoclust.gui.shared import Shared
from photoclust.gui.thumbnails import Thumbnails
from photoclust.gui.views.photo_tile import PhotoTile

_HEIGHT = 24
_ICON = 16
_PADDING = 6


class StackTile(PhotoTile):
    """A photo with the number of the photos that it stands for; once its stack is opened, all of
    them bear the sign of it.
    """

    def __init__(
        self,
        thumbnails: Thumbnails,
        stacks: Stacks,
        parent: QWidget | None = None,
        shared: Shared | None = None,
    ) -> None:
        super().__init__(thumbnails, parent, shared)
        self.stacks = stacks

    def paint_over(
        self, painter: QPainter, frame: QRectF, option: QStyleOptionViewItem, item: Any
    ) -> None:
        """That, and the badge of a stack."""
        super().paint_over(painter, frame, option, item)
        self.paint_badge(painter, frame, option, item)

    def paint_badge(
        self, painter: QPainter, frame: QRectF, option: QStyleOptionViewItem, item: Any
    ) -> None:
        """The badge, in the upper corner where reading ends; nothing where there is no stack."""
        count, is_open = self.stacks.count(item), self.stacks.is_open(item)
        if not count and not is_open:
            return
        colours = theme.colours()
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold)
        words = thousands(count) if count else ""
        width = _ICON + 2 * _PADDING
        if words:
            width += 4 + QFontMetrics(font).horizontalAdvance(words)
        left = frame.right() - width - 6
        if option.direction is Qt.LayoutDirection.RightToLeft:
            left = frame.left() + 6
        badge = QRectF(left, frame.top() + 6, width, _HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.card))
        painter.drawRoundedRect(badge, _HEIGHT / 2, _HEIGHT / 2)
        colour = colours.accent if is_open else colours.text
        place = badge.topLeft().toPoint() + QPoint(_PADDING, (_HEIGHT - _ICON) // 2)
        painter.drawPixmap(place, icons.pixmap("stack", colour, _ICON))
        painter.setPen(QColor(colour))
        painter.setFont(font)
        right = badge.adjusted(0, 0, -_PADDING, 0)
        painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
