"""The card of a person or group on the People page."""

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from photoclust.core.language import tr
from photoclust.core.types import Group
from photoclust.gui import icons, people_text, text, theme
from photoclust.gui.people_order import Spans
from photoclust.gui.thumbnails import Key, Thumbnails
from photoclust.gui.views.pick_tile import PickTile

_BADGE = 26


class GroupCard(PickTile):
    """The cover, the name, how many faces and photos there are, and from which years."""

    lines = 3

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(thumbnails, parent)
        self.spans: Spans = {}
        self.hidden: frozenset[str] = frozenset()

    def key(self, item: Group) -> Key | None:
        """The cover."""
        return None if item.cover is None else Key("face", item.cover)

    def words(self, item: Group) -> tuple[str, ...]:
        """Name, size, years."""
        years = people_text.years(self.spans.get(item.key))
        return item.name or tr(text.UNNAMED), text.group_size(item), years

    def hint(self, item: Group) -> str:
        """All that the card says, in full, with the other names."""
        also = tr("Also called {names}", names=", ".join(item.aliases)) if item.aliases else ""
        hidden = tr(people_text.HIDDEN) if item.key in self.hidden else ""
        return "\n".join(filter(None, (*self.words(item), also, hidden)))

    def is_placeholder(self, item: Group) -> bool:
        """Groups without a name ask for one."""
        return item.name is None

    def paint_over(
        self, painter: QPainter, frame: QRectF, option: QStyleOptionViewItem, item: Group
    ) -> None:
        """Hidden people are paler, with an eye that is struck out."""
        if item.key in self.hidden:
            colours = theme.colours()
            veil = QColor(colours.window)
            veil.setAlphaF(0.6)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(veil)
            painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
            middle = QRectF(0, 0, _BADGE + 10, _BADGE + 10)
            middle.moveCenter(frame.center())
            painter.setBrush(QColor(colours.card))
            painter.drawEllipse(middle)
            icon = icons.pixmap("hidden", colours.text, _BADGE - 4)
            painter.drawPixmap(middle.topLeft().toPoint() + QPoint(7, 7), icon)
        super().paint_over(painter, frame, option, item)
