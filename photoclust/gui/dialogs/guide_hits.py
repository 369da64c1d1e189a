"""How topics are listed beside the guide: the title, and below it what was found."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QListWidget, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from photoclust.gui import theme
from photoclust.services import guide

HIT_ROLE = int(Qt.ItemDataRole.UserRole)
"""Where an item of the list holds its `guide.Hit`."""
_LINES = 3
"""So many lines of what was found are shown of a topic."""
_EDGE_X, _EDGE_Y = 10, 8
_WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(
    Qt.TextFlag.TextWordWrap
)


class HitDelegate(QStyledItemDelegate):
    """A title in as many lines as it needs, and below it what was found."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The theme draws what lies below the words."""
        empty = QStyleOptionViewItem(option)
        self.initStyleOption(empty, index)
        empty.text = ""
        style = empty.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, empty, painter, empty.widget)
        hit: guide.Hit = index.data(HIT_ROLE)
        area: QRect = option.rect.adjusted(_EDGE_X, _EDGE_Y, -_EDGE_X, -_EDGE_Y)
        colours = theme.colours()
        painter.save()
        painter.setPen(QColor(colours.text))
        painter.drawText(area, _WRAPPED, hit.topic.title)
        if hit.excerpt:
            area.setTop(area.top() + _height(option, area.width(), hit.topic.title) + 2)
            painter.setPen(QColor(colours.muted))
            painter.setClipRect(area)
            painter.drawText(area, _WRAPPED, hit.excerpt)
        painter.restore()

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """As high as the words need."""
        hit: guide.Hit = index.data(HIT_ROLE)
        view = self.parent()
        assert isinstance(view, QListWidget)
        width = view.viewport().width() - 2 * _EDGE_X
        height = _height(option, width, hit.topic.title)
        if hit.excerpt:
            lines = _LINES * option.fontMetrics.lineSpacing()
            height += 2 + min(_height(option, width, hit.excerpt), lines)
        return QSize(width, height + 2 * _EDGE_Y)


def _height(option: QStyleOptionViewItem, width: int, words: str) -> int:
    room = QRect(0, 0, width, 1 << 14)
    return int(option.fontMetrics.boundingRect(room, _WRAPPED, words).height())
