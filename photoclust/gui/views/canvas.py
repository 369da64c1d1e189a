"""A picture that keeps its shape, with a box for each face."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from photoclust.core.types import Face
from photoclust.gui import text, theme

MARGIN = 16
_UNNAMED = QColor("#ffd27a")
_NAMED = QColor("#ffffff")


class Canvas(QWidget):
    """Named faces have a solid box and a name, the others a dashed one."""

    face_opened = Signal(object, object)
    """A Face was clicked, or Enter pressed on it; and its name or None."""
    missed = Signal()
    """A click beside all boxes."""

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._fitted: QPixmap | None = None
        self._full = (1, 1)
        self._faces: list[tuple[Face, str | None]] = []
        self._selected = -1
        self._hovered = -1
        self.asking = False
        """Whether the name of the selected face is being asked for: it is not shown then."""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 150)
        self.setAccessibleName("Photo")

    @property
    def faces(self) -> list[tuple[Face, str | None]]:
        """The faces with their names."""
        return list(self._faces)

    def clear(self) -> None:
        """Show nothing."""
        self._image = self._fitted = None
        self.set_faces([])

    def show_picture(self, image: QImage, full_size: tuple[int, int]) -> None:
        """Show `image`, or an empty place for a null one; boxes are in pixels of a picture of
        `full_size`.
        """
        self._image, self._fitted, self._full = image, None, full_size
        self._selected = self._hovered = -1
        self.update()

    def set_faces(self, faces: Sequence[tuple[Face, str | None]]) -> None:
        """Draw a box for each of `faces`."""
        self._faces = sorted(faces, key=lambda item: item[0].box.x)
        if self._selected >= len(self._faces):
            self._selected = -1
        self._hovered = -1
        names = [name or "a face without a name" for _, name in self._faces]
        self.setAccessibleDescription(", ".join(names) or "no faces")
        self.update()

    def area(self, face: Face) -> QRectF:
        """Where the box of `face` is on this widget."""
        picture = self._picture_area()
        scale = picture.width() / self._full[0]
        box = face.box.scaled(scale, scale)
        return QRectF(picture.left() + box.x, picture.top() + box.y, box.w, box.h)

    def selected_area(self) -> QRectF:
        """Where the selected box is, empty where none is selected."""
        return self.area(self._faces[self._selected][0]) if self._selected >= 0 else QRectF()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As large as there is room."""
        return QSize(900, 700)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """The box under the mouse shows whose it is."""
        hovered = self._at(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            shape = (
                Qt.CursorShape.PointingHandCursor if hovered >= 0 else Qt.CursorShape.ArrowCursor
            )
            self.setCursor(shape)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click on a box opens it."""
        self.setFocus()
        self._select(self._at(event.position()))
        if self._selected >= 0:
            self.face_opened.emit(*self._faces[self._selected])
        else:
            self.missed.emit()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's signature
        """Tab goes from box to box, then on."""
        step = 1 if forward else -1
        place = self._selected + step if self._selected >= 0 or forward else len(self._faces) - 1
        if 0 <= place < len(self._faces):
            self._select(place)
            return True
        self._select(-1)
        return super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter opens the selected box."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and self._selected >= 0:
            self.face_opened.emit(*self._faces[self._selected])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The picture, then boxes, then names over all boxes."""
        if self._image is None:
            return
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        picture = self._picture_area()
        if self._image.isNull():
            painter.fillRect(picture, QColor(theme.colours().placeholder))
        else:
            painter.drawPixmap(picture.topLeft(), self._fit(picture))
        painter.setClipRect(self.rect())
        for place, (face, name) in enumerate(self._faces):
            self._paint_box(painter, self.area(face), name, strong=self._is_strong(place))
        for place, (face, name) in enumerate(self._faces):
            asked = place == self._selected and self.asking
            if (name or self._is_strong(place)) and not asked:
                self._paint_name(painter, self.area(face), name or text.UNNAMED)
        painter.end()

    def _is_strong(self, place: int) -> bool:
        return place in (self._selected, self._hovered)

    def _select(self, place: int) -> None:
        self._selected = place
        self.update()

    def _at(self, position: QPointF) -> int:
        hits = [
            place
            for place, (face, _) in enumerate(self._faces)
            if self.area(face).contains(position)
        ]
        return min(hits, key=lambda place: self._faces[place][0].box.area) if hits else -1

    def _picture_area(self) -> QRectF:
        room = QRectF(self.rect()).adjusted(MARGIN, 0, -MARGIN, -MARGIN)
        scale = min(room.width() / self._full[0], room.height() / self._full[1])
        width, height = self._full[0] * scale, self._full[1] * scale
        return QRectF(room.center().x() - width / 2, room.center().y() - height / 2, width, height)

    def _fit(self, picture: QRectF) -> QPixmap:
        ratio = self.devicePixelRatioF()
        wanted = QSize(round(picture.width() * ratio), round(picture.height() * ratio))
        if self._fitted is None or self._fitted.size() != wanted:
            assert self._image is not None
            scaled = self._image.scaled(
                wanted,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            self._fitted = QPixmap.fromImage(scaled)
            self._fitted.setDevicePixelRatio(ratio)
        return self._fitted

    @staticmethod
    def _paint_box(painter: QPainter, area: QRectF, name: str | None, *, strong: bool) -> None:
        width = 3 if strong else 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # A dark line below the light one: visible on snow and at night.
        painter.setPen(QPen(QColor(0, 0, 0, 130), width + 2))
        painter.drawRoundedRect(area, 6, 6)
        style = Qt.PenStyle.SolidLine if name else Qt.PenStyle.DashLine
        colour = QColor(theme.LIGHT.accent).lighter(160) if strong else _NAMED if name else _UNNAMED
        painter.setPen(QPen(colour, width, style))
        painter.drawRoundedRect(area, 6, 6)

    def _paint_name(self, painter: QPainter, area: QRectF, name: str) -> None:
        metrics = QFontMetrics(self.font())
        most = max(round(area.width()), 180)
        words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, most)
        width, height = metrics.horizontalAdvance(words) + 16, metrics.height() + 6
        left = min(max(area.center().x() - width / 2, 4), self.width() - width - 4)
        top = area.bottom() + 5
        if top + height > self.height():
            top = area.top() - height - 5
        chip = QRectF(left, max(top, 2), width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(16, 18, 34, 215))
        painter.drawRoundedRect(chip, height / 2, height / 2)
        painter.setPen(QColor("#ffffff"))
        painter.setFont(self.font())
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)
