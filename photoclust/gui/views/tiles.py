"""The grid that all pages of pictures share, and how its tiles are painted."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QBrush,
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from photoclust.core.language import tr
from photoclust.gui import icons, text, theme
from photoclust.gui.models.keyed import ItemRole, KeyedListModel
from photoclust.gui.thumbnails import Key, Thumbnails

GAP = 16
RING = 3
BADGE = 24
"""Side of the badges in the corners of a tile, in px."""
_MADE = 300
"""Pictures of tiles that are kept as they are painted: 180 kB each."""
Index = QModelIndex | QPersistentModelIndex


class TileGrid(QListView):
    """Tiles in rows that fill the width. Enter, Return or a click opens one."""

    opened = Signal(QModelIndex)
    typed = Signal(str)
    """A letter was typed; of no use here, but a page may want it for a name."""
    menu_wanted = Signal(QPoint)
    """A menu for the current tile, at a global position."""

    def __init__(self, model: KeyedListModel[Any], delegate: "Tile", name: str) -> None:
        super().__init__()
        self.setObjectName("grid")
        self.setAccessibleName(name)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().setSingleStep(48)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self._tile = delegate
        self.setItemDelegate(delegate)
        self.setModel(model)
        self.clicked.connect(self.opened)
        delegate.thumbnails.loaded.connect(self.viewport().update)
        delegate.stale.connect(self.viewport().update)

    def show_items(self, items: Sequence[Any]) -> None:
        """Show `items`; what was at the top of the view stays there."""
        model = self.model()
        assert isinstance(model, KeyedListModel)
        anchor = QPersistentModelIndex(self.indexAt(self.viewport().rect().topLeft()))
        top = self.visualRect(anchor).top() if anchor.isValid() else 0
        scrolled = self.verticalScrollBar().value() > 0
        model.set_items(items)
        if scrolled and anchor.isValid():
            self.executeDelayedItemsLayout()
            moved = self.visualRect(anchor).top() - top
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + moved)

    def select(self, index: QModelIndex) -> None:
        """Make `index` the current one and bring it into view."""
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter and Return open on every platform."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
            return
        if event.text().strip() and event.text().isprintable():
            self.typed.emit(event.text())
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """The menu is for the tile that the mouse is on, or that the keyboard is at."""
        index = self.indexAt(event.pos())
        where = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            self.scrollTo(index)
            where = self.viewport().mapToGlobal(self.visualRect(index).center())
        if index.isValid():
            self.setCurrentIndex(index)
            self.menu_wanted.emit(where)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Share the width among as many tiles as fit."""
        width = self.viewport().width() - 2  # a row that fits exactly would be broken
        columns = max(1, width // (self._tile.least + GAP))
        self._tile.cell = QSize(width // columns, self._tile.height_for(width // columns))
        self.setGridSize(self._tile.cell)
        super().resizeEvent(event)


class Tile(QStyledItemDelegate):
    """A rounded picture with some lines below it. Subclasses say which picture and what lines."""

    least = 148
    """Width of the picture in px; it grows until the row is filled."""
    lines = 2
    empty = "face"
    """The icon in place of a picture that is not there."""
    focus = 0.5
    """Which part of a tall picture is shown: 0 its top, 1 its bottom."""
    stale = Signal()
    """Tiles are to be painted anew."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = thumbnails
        self._made: OrderedDict[tuple[int | str, int, int], QPixmap] = OrderedDict()
        self.cell = QSize(self.least + GAP, self.least + GAP)

    def picture(self, item: Any) -> QPixmap | None:
        """The picture, None while it is not there."""
        key = self.key(item)
        return None if key is None else self.thumbnails.get(key)

    def key(self, item: Any) -> Key | None:
        """Which thumbnail the picture is, None where there is none."""
        raise NotImplementedError

    def words(self, item: Any) -> tuple[str, ...]:
        """The lines."""
        raise NotImplementedError

    def hint(self, item: Any) -> str:
        """The tooltip."""
        return "\n".join(filter(None, self.words(item)))

    def height_for(self, cell_width: int) -> int:
        """Height of a cell of this width."""
        side = cell_width - GAP
        if not self.lines:
            return side + GAP
        return side + GAP + self.lines * QFontMetrics(QFont()).lineSpacing() + 12

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """All tiles are equal."""
        return self.cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The picture with its frame, then the words."""
        item = index.data(ItemRole)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        colours = theme.colours()
        side = self.cell.width() - GAP
        frame = QRectF(rect.left() + GAP // 2, rect.top() + GAP // 2, side, side)
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        if state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.hover))
            around = QRectF(rect).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(around, theme.RADIUS + 4, theme.RADIUS + 4)
        self._paint_picture(painter, frame, item)
        if state & QStyle.StateFlag.State_Selected:
            colour = colours.accent if state & QStyle.StateFlag.State_Active else colours.border
            painter.setPen(QPen(QColor(colour), RING))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = frame.adjusted(-RING, -RING, RING, RING)
            painter.drawRoundedRect(ring, theme.RADIUS + RING, theme.RADIUS + RING)
        self.paint_over(painter, frame, option, item)
        if self.lines:
            self._paint_words(painter, frame, item)
        painter.restore()

    def paint_over(
        self, painter: QPainter, frame: QRectF, option: QStyleOptionViewItem, item: Any
    ) -> None:
        """What is painted over the picture, whose place is `frame`; nothing."""

    def helpEvent(  # noqa: N802 - Qt's name
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """A tooltip made of plain text."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        QToolTip.showText(event.globalPos(), text.tooltip(self.hint(index.data(ItemRole))), view)
        return True

    def _paint_picture(self, painter: QPainter, frame: QRectF, item: Any) -> None:
        """Made once for a size, as scrolling paints it again and again."""
        pixmap = self.picture(item)
        ratio = painter.device().devicePixelRatioF()
        source = theme.colours().placeholder if pixmap is None else pixmap.cacheKey()
        key = (source, round(frame.width() * ratio), round(frame.height() * ratio))
        made = self._made.get(key)
        if made is None:
            made = QPixmap((frame.size() * ratio).toSize())
            made.setDevicePixelRatio(ratio)
            made.fill(Qt.GlobalColor.transparent)
            with QPainter(made) as part:
                part.setRenderHints(
                    QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
                )
                part.setPen(Qt.PenStyle.NoPen)
                self._paint_tile(part, QRectF(QPointF(0, 0), frame.size()), pixmap)
            self._made[key] = made
            while len(self._made) > _MADE:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        painter.drawPixmap(frame.topLeft(), made)

    def _paint_tile(self, painter: QPainter, frame: QRectF, pixmap: QPixmap | None) -> None:
        if pixmap is None:
            colours = theme.colours()
            painter.setBrush(QColor(colours.placeholder))
            painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
            painter.setOpacity(0.5)
            icon = icons.pixmap(self.empty, colours.muted, 40)
            painter.drawPixmap(frame.center() - QPointF(20, 20), icon)
            return
        # A brush rather than a clip: the rounded edge is then smooth.
        scale = max(frame.width() / pixmap.width(), frame.height() / pixmap.height())
        place = QTransform.fromTranslate(
            (frame.width() - pixmap.width() * scale) / 2,
            -(pixmap.height() * scale - frame.height()) * self.focus,
        ).scale(scale, scale)
        brush = QBrush(pixmap)
        brush.setTransform(place)
        painter.setBrush(brush)
        painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)

    def _paint_words(self, painter: QPainter, frame: QRectF, item: Any) -> None:
        first, *others = self.words(item)
        font = QFont()
        metrics = QFontMetrics(font)
        top = frame.bottom() + 6
        colours = theme.colours()
        small = QFont()
        small.setPointSizeF(small.pointSizeF() * 0.9)
        if not others:
            self._line(painter, small, colours.muted, first, (frame, top))
            return
        font.setWeight(QFont.Weight.DemiBold)
        colour = colours.accent if self.is_placeholder(item) else colours.text
        self._line(painter, font, colour, first, (frame, top))
        for number, words in enumerate(others, start=1):
            place = frame, top + number * (metrics.lineSpacing() + 1)
            self._line(painter, small, colours.muted, words, place)

    def is_placeholder(self, item: Any) -> bool:
        """Whether the first line stands for a name that is not known."""
        return False

    @staticmethod
    def _line(
        painter: QPainter, font: QFont, colour: str, words: str, place: tuple[QRectF, float]
    ) -> None:
        frame, top = place
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        elided = metrics.elidedText(words, Qt.TextElideMode.ElideRight, round(frame.width()))
        area = QRectF(frame.left(), top, frame.width(), metrics.height())
        painter.drawText(area, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, elided)


class FaceTile(Tile):
    """A face, and nothing else: the page says whose it is. A star marks who was named
    automatically.
    """

    least = 120
    lines = 0
    _drawn: tuple[str, QPixmap] | None = None

    def key(self, item: Any) -> Key | None:
        """The face."""
        return Key("face", item.id)

    def words(self, item: Any) -> tuple[str, ...]:
        """The file, for the tooltip."""
        return (text.shown_path(item.path),)

    def hint(self, item: Any) -> str:
        """The file, and how the face came to its name."""
        path = text.shown_path(item.path)
        return f"{path}\n{tr(text.AUTOMATIC)}" if text.is_automatic(item) else path

    def _paint_picture(self, painter: QPainter, frame: QRectF, item: Any) -> None:
        super()._paint_picture(painter, frame, item)
        if not text.is_automatic(item):
            return
        colours = theme.colours()
        corner = frame.bottomRight()
        badge = QRectF(corner.x() - BADGE - 6, corner.y() - BADGE - 6, BADGE, BADGE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.card))
        painter.drawEllipse(badge)
        place = badge.topLeft().toPoint() + QPoint(4, 4)
        painter.drawPixmap(place, self._star(colours.accent))

    def _star(self, colour: str) -> QPixmap:
        """Drawn once for a colour: every tile is painted again at each step of scrolling."""
        if self._drawn is None or self._drawn[0] != colour:
            self._drawn = colour, icons.pixmap("automatic", colour, BADGE - 8)
        return self._drawn[1]
