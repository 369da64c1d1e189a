"""The list of who is in a photo, beside it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPainterPath
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QVBoxLayout,
)

from photoclust.core.language import thousands, tr
from photoclust.core.types import FaceId
from photoclust.gui import icons, text, theme
from photoclust.gui.models.keyed import Index, ItemRole
from photoclust.gui.models.photo_faces import InPhoto, InPhotoModel
from photoclust.gui.thumbnails import Thumbnails
from photoclust.gui.widgets import Button, label

WIDTH = 232
_SIDE = 44
_PADDING = 8


class InPhotoPanel(QFrame):
    """Chosen with the mouse or the arrows; Enter names. What the mouse is over is told."""

    opened = Signal(object)
    """An InPhoto was chosen."""
    hovered = Signal(object)
    """The id of a face, or None."""
    menu_wanted = Signal(object, object)
    """A menu for an InPhoto, at a global position."""
    removed = Signal(object)
    """Delete was pressed on an InPhoto."""
    draw_wanted = Signal()
    tag_wanted = Signal()

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setObjectName("inPhoto")
        self.setFixedWidth(WIDTH)
        self.model = InPhotoModel(self)
        self.list = _List(self.model, thumbnails)
        self._count = label("", "muted")
        self._nobody = label(
            tr("No face was found here. Draw a box around one."), "muted", wrap=True
        )
        self.draw_button = Button(tr("Draw a face"), "", "add")
        self.draw_button.setCheckable(True)
        self.draw_button.setToolTip(tr("Draw a box around a face that was not found (D)"))
        self.tag_button = Button(tr("Add a person"), "", "people")
        self.tag_button.setToolTip(tr("Say who is in this photo though no face is seen (T)"))
        head = QHBoxLayout()
        head.addWidget(label(tr("In this photo"), "heading"))
        head.addStretch()
        head.addWidget(self._count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._nobody)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.draw_button)
        layout.addWidget(self.tag_button)
        self.draw_button.clicked.connect(self.draw_wanted)
        self.tag_button.clicked.connect(self.tag_wanted)
        self.list.opened.connect(lambda index: self.opened.emit(self.model.item(index.row())))
        self.list.removed.connect(lambda index: self.removed.emit(self.model.item(index.row())))
        self.list.hovered.connect(self._tell_hovered)
        self.list.customContextMenuRequested.connect(self._want_menu)

    def show_people(self, people: Sequence[InPhoto]) -> None:
        """Show who is in the photo."""
        self.model.set_items(people)
        self._count.setText(thousands(len(people)) if people else "")
        self._nobody.setVisible(not people)

    def highlight(self, face: FaceId | None) -> None:
        """Let the row of `face` stand out."""
        self.list.highlight(self.model.row_of(("face", face)))

    def select(self, face: FaceId | None) -> None:
        """Make the row of `face` the current one."""
        index = self.model.index_of(("face", face))
        self.list.setCurrentIndex(index)
        if index.isValid():
            self.list.scrollTo(index)

    def allow(self, changeable: bool) -> None:
        """Let people and faces be added, or not."""
        self.draw_button.setVisible(changeable)
        self.tag_button.setVisible(changeable)

    def lie_over(self, over: bool) -> None:
        """Be seen as a sheet that lies over the photo, or as a part of the page beside it."""
        self.setProperty("over", over)
        self.style().unpolish(self)
        self.style().polish(self)

    def refresh_icon(self) -> None:
        """Draw the icons in the colours of the theme."""
        self.list.viewport().update()

    def _tell_hovered(self, row: int) -> None:
        face = self.model.item(row).face if row >= 0 else None
        self.hovered.emit(None if face is None else face.id)

    def _want_menu(self, position: QPoint) -> None:
        index = self.list.indexAt(position)
        if index.isValid():
            where = self.list.viewport().mapToGlobal(position)
            self.menu_wanted.emit(self.model.item(index.row()), where)


class _List(QListView):
    opened = Signal(QModelIndex)
    removed = Signal(QModelIndex)
    hovered = Signal(int)

    def __init__(self, model: InPhotoModel, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setObjectName("grid")
        self.setAccessibleName(tr("In this photo"))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._row = _Row(thumbnails, self)
        self.setItemDelegate(self._row)
        self.setModel(model)
        self.clicked.connect(self.opened)
        thumbnails.loaded.connect(self.viewport().update)

    def highlight(self, row: int | None) -> None:
        """Paint `row` as if the mouse were over it."""
        self._row.highlighted = row
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Tell the row under the mouse."""
        super().mouseMoveEvent(event)
        self.hovered.emit(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """The mouse is over no row any more."""
        super().leaveEvent(event)
        self.hovered.emit(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter opens, Delete removes; Left and Right are the photo's."""
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.opened.emit(index)
        elif event.key() == Qt.Key.Key_Delete and index.isValid():
            self.removed.emit(index)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) or event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)


class _Row(QStyledItemDelegate):
    """A small round face, the name, and a note below it."""

    def __init__(self, thumbnails: Thumbnails, parent: QListView) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.highlighted: int | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """All rows are equal."""
        return QSize(WIDTH - 24, _SIDE + _PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """As wide as the list is; mirrored where text runs from right to left."""
        item: InPhoto = index.data(ItemRole)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        colours = theme.colours()
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        over = state & QStyle.StateFlag.State_MouseOver or index.row() == self.highlighted
        if state & QStyle.StateFlag.State_Selected or over:
            selected = state & QStyle.StateFlag.State_Selected
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent_soft if selected else colours.hover))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 8, 8)
        picture = QRect(rect.left() + 6, rect.top() + _PADDING // 2, _SIDE, _SIDE)
        words = QRect(picture.right() + 11, rect.top(), rect.width() - _SIDE - 24, rect.height())
        direction = option.direction
        self._paint_face(painter, QStyle.visualRect(direction, rect, picture), item)
        self._paint_words(painter, QStyle.visualRect(direction, rect, words), item)
        painter.restore()

    def helpEvent(  # noqa: N802 - Qt's name
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """The whole name, as plain text."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        QToolTip.showText(event.globalPos(), text.tooltip(str(index.data())), view)
        return True

    def _paint_face(self, painter: QPainter, place: QRect, item: InPhoto) -> None:
        colours = theme.colours()
        pixmap = self._thumbnails.face(item.face.id) if item.face is not None else None
        if pixmap is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.placeholder))
            painter.drawEllipse(place)
            icon = icons.pixmap("face" if item.face is not None else "people", colours.muted)
            painter.drawPixmap(place.center() - QPoint(9, 9), icon)
            return
        round_path = QPainterPath()
        round_path.addEllipse(place)
        painter.setClipPath(round_path)
        painter.drawPixmap(place, pixmap)
        painter.setClipping(False)

    def _paint_words(self, painter: QPainter, place: QRect, item: InPhoto) -> None:
        colours = theme.colours()
        painter.setPen(QColor(colours.text if item.name else colours.accent))
        lines = [(item.name or tr(text.UNNAMED), QFont())]
        if item.note:
            small = QFont()
            small.setPointSizeF(small.pointSizeF() * 0.9)
            lines.append((item.note, small))
        painter.setFont(lines[0][1])
        heights = [painter.fontMetrics().height()] * len(lines)
        top = place.center().y() - sum(heights) // 2
        for line, font in lines:
            painter.setFont(font)
            metrics = painter.fontMetrics()
            elided = metrics.elidedText(line, Qt.TextElideMode.ElideRight, place.width())
            area = QRect(place.left(), top, place.width(), metrics.height() + 1)
            painter.drawText(area, Qt.AlignmentFlag.AlignLeading, elided)
            painter.setPen(QColor(colours.muted))
            top += heights[0]
