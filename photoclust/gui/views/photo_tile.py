"""A tile that shows a photo."""

from typing import Any

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QWidget

from photoclust.gui import icons, theme
from photoclust.gui.shared import Shared
from photoclust.gui.thumbnails import Key, Thumbnails
from photoclust.gui.views.tiles import BADGE, Index, Tile


class PhotoTile(Tile):
    """A photo, cut to a square. One that is away bears a badge, and so does a video."""

    least = 168
    lines = 0
    empty = "photos"
    focus = 0.25  # heads are in the upper half

    def __init__(
        self, thumbnails: Thumbnails, parent: QWidget | None = None, shared: Shared | None = None
    ) -> None:
        super().__init__(thumbnails, parent)
        self._shared = shared
        if shared is not None:
            shared.away.changed.connect(self.stale)
            shared.videos.changed.connect(self.stale)

    def paint_over(
        self, painter: QPainter, frame: QRectF, option: QStyleOptionViewItem, item: Any
    ) -> None:
        """The badges, in the lower corners."""
        if self._shared is None:
            return
        if item in self._shared.away.photos:
            _paint_badge(painter, frame.left() + 6, frame.bottom(), "away", theme.colours().muted)
        if item in self._shared.videos.photos:
            right = frame.right() - BADGE - 6
            _paint_badge(painter, right, frame.bottom(), "video", theme.colours().text)

    def key(self, item: Any) -> Key | None:
        """The photo."""
        return Key("photo", item)

    def words(self, item: Any) -> tuple[str, ...]:
        """Nothing: names of files are read when a photo is opened."""
        return ("",)

    def helpEvent(  # noqa: N802 - Qt's name
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """No tooltip."""
        return False


def _paint_badge(painter: QPainter, left: float, bottom: float, icon: str, colour: str) -> None:
    badge = QRectF(left, bottom - BADGE - 6, BADGE, BADGE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.colours().card))
    painter.drawEllipse(badge)
    place = badge.topLeft().toPoint() + QPoint(4, 4)
    painter.drawPixmap(place, icons.pixmap(icon, colour, BADGE - 8))
