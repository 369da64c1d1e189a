"""A picture that keeps its shape, can be zoomed and moved, and gets sharper as it is looked at."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from photoclust.core.language import tr
from photoclust.gui import theme
from photoclust.gui.views.viewport import Viewport

MARGIN = 16
STEP = 1.25
"""By how much one step of the wheel or of a key zooms."""
_NOTCH = 120.0
_PAN = 80
_ARROWS = {
    Qt.Key.Key_Left: (_PAN, 0),
    Qt.Key.Key_Right: (-_PAN, 0),
    Qt.Key.Key_Up: (0, _PAN),
    Qt.Key.Key_Down: (0, -_PAN),
}


class PictureView(QWidget):
    """Shows all of the picture until it is zoomed."""

    zoomed = Signal()
    """Another part of the picture is shown, or another size of it."""

    def __init__(self) -> None:
        super().__init__()
        self._levels: list[QImage] = []
        self._fitted: QPixmap | None = None
        self.viewport = Viewport()
        """Which part of the picture is shown."""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 150)
        self.setAccessibleName(tr("Photo"))

    @property
    def image(self) -> QImage:
        """The picture as it was loaded first; null where there is none."""
        return self._levels[0] if self._levels else QImage()

    @property
    def has_picture(self) -> bool:
        """Whether a picture, or the empty place of one, is shown."""
        return bool(self._levels)

    @property
    def wants_sharper(self) -> bool:
        """Whether more pixels than were loaded would be seen."""
        loaded = self._levels[-1].width() if self._levels else 0
        return bool(loaded) and self._shown_width() > 1.05 * loaded

    def clear(self) -> None:
        """Show nothing."""
        self._levels, self._fitted = [], None
        self.update()

    def show_picture(self, image: QImage, full_size: tuple[int, int]) -> None:
        """Show `image`, or an empty place for a null one, as a picture of `full_size` px."""
        self._levels, self._fitted = [image], None
        self.viewport.set_picture(full_size)
        self._changed_view()

    def replace_picture(self, image: QImage) -> None:
        """Show `image` of the same picture in the same place."""
        if not self._levels or self._levels[0].size() != image.size():
            self._levels, self._fitted = [image], None
        self.update()

    def sharpen(self, levels: Sequence[QImage]) -> None:
        """Show the same picture from `levels` of more pixels as well, the smallest first."""
        self._levels[1:] = levels
        self.update()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Show it larger or smaller; what is `at` stays there."""
        self.viewport.zoom_to(self.viewport.scale * factor, at)
        self._changed_view()

    def zoom_full(self, at: QPointF | None = None) -> None:
        """Show one pixel of the photo as one of the screen."""
        self.viewport.zoom_to(1 / self.devicePixelRatioF(), at)
        self._changed_view()

    def zoom_fit(self) -> None:
        """Show all of the photo."""
        self.viewport.fit()
        self._changed_view()

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by (dx, dy) px, as far as there is more of it."""
        self.viewport.pan(dx, dy)
        self._changed_view()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As large as there is room."""
        return QSize(900, 700)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """A picture that is fitted stays so."""
        super().resizeEvent(event)
        self.viewport.set_room(QRectF(self.rect()).adjusted(MARGIN, 0, -MARGIN, -MARGIN))
        self._changed_view()

    def event(self, event: QEvent) -> bool:
        """Two fingers on a touchpad zoom."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom(1 + event.value(), event.position())
                return True
            if event.gestureType() == Qt.NativeGestureType.SmartZoomNativeGesture:
                self._toggle_zoom(event.position())
                return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """The wheel zooms; a touchpad, which scrolls by pixels, moves what is zoomed."""
        moved = event.pixelDelta()
        zooms = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if not moved.isNull() and self.viewport.can_pan and not zooms:
            self.pan(moved.x(), moved.y())
        else:
            self.zoom(STEP ** (event.angleDelta().y() / _NOTCH), event.position())
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A closer look, or all of it again."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._toggle_zoom(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The arrows move what is zoomed."""
        arrow = _ARROWS.get(Qt.Key(event.key()))
        if arrow is not None and self.viewport.can_pan and not _modified(event):
            self.pan(*arrow)
        else:
            super().keyPressEvent(event)

    def paint_picture(self, painter: QPainter) -> None:
        """The picture, from the pixels that suit the size at which it is shown."""
        area = self.viewport.area
        if self._levels[0].isNull():
            painter.fillRect(area, QColor(theme.colours().placeholder))
        elif self.viewport.is_fitted:
            painter.drawPixmap(area.topLeft(), self._fit(area))
        else:
            width = self._shown_width()
            last = self._levels[-1]
            level = next((level for level in self._levels if level.width() >= width), last)
            seen = area & QRectF(self.rect())
            scale = level.width() / area.width()
            part = QRectF((seen.topLeft() - area.topLeft()) * scale, seen.size() * scale)
            painter.drawImage(seen, level, part)

    def _shown_width(self) -> float:
        return self.viewport.area.width() * self.devicePixelRatioF()

    def _fit(self, area: QRectF) -> QPixmap:
        ratio = self.devicePixelRatioF()
        wanted = QSize(round(area.width() * ratio), round(area.height() * ratio))
        if self._fitted is None or self._fitted.size() != wanted:
            scaled = self._levels[0].scaled(
                wanted,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            self._fitted = QPixmap.fromImage(scaled)
            self._fitted.setDevicePixelRatio(ratio)
        return self._fitted

    def _toggle_zoom(self, at: QPointF) -> None:
        if self.viewport.is_fitted:
            self.zoom_full(at)
        else:
            self.zoom_fit()

    def _changed_view(self) -> None:
        self.update()
        self.zoomed.emit()


def _modified(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)
