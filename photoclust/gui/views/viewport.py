"""Which part of a picture a widget shows, and how large: geometry alone.

Two systems of coordinates: *picture* px, of the whole picture at full size, and *widget* px.
"""

from PySide6.QtCore import QPointF, QRectF

from photoclust.core.types import Box

CLOSEST = 8.0
"""Widget px for one picture px, at most."""


class Viewport:
    """Fits the picture into the room there is, until it is zoomed; then keeps zoom and place."""

    def __init__(self) -> None:
        self._size = (1, 1)
        self._room = QRectF(0, 0, 1, 1)
        self._zoom: float | None = None
        self._centre = QPointF(0.5, 0.5)

    @property
    def scale(self) -> float:
        """Widget px for one picture px."""
        return self.fitting_scale if self._zoom is None else self._zoom

    @property
    def fitting_scale(self) -> float:
        """The scale at which the whole picture fills the room."""
        width, height = self._size
        return max(min(self._room.width() / width, self._room.height() / height), 1e-6)

    @property
    def is_fitted(self) -> bool:
        """Whether the whole picture is shown as large as there is room."""
        return self._zoom is None

    @property
    def can_pan(self) -> bool:
        """Whether some of the picture lies outside the room."""
        area = self.area
        return area.width() > self._room.width() + 1 or area.height() > self._room.height() + 1

    @property
    def area(self) -> QRectF:
        """Where the whole picture lies, in widget px."""
        scale, middle = self.scale, self._room.center()
        left = middle.x() - self._centre.x() * scale
        top = middle.y() - self._centre.y() * scale
        return QRectF(left, top, self._size[0] * scale, self._size[1] * scale)

    def set_picture(self, size: tuple[int, int]) -> None:
        """Show a picture of `size` (width, height), all of it."""
        self._size = (max(1, size[0]), max(1, size[1]))
        self.fit()

    def set_room(self, room: QRectF) -> None:
        """Show it in this part of the widget."""
        self._room = QRectF(room)
        self._settle()

    def fit(self) -> None:
        """Show all of the picture."""
        self._zoom = None
        self._settle()

    def zoom_to(self, scale: float, anchor: QPointF | None = None) -> None:
        """Show it at `scale`; what is at `anchor` (widget px; by default the middle) stays there.

        No smaller than the whole picture fits, unless that is larger than full size.
        """
        anchor = self._room.center() if anchor is None else anchor
        fitting = self.fitting_scale
        wanted = min(max(scale, min(fitting, 1.0)), max(CLOSEST, fitting))
        held = self.to_picture(anchor)
        self._zoom = None if abs(wanted / fitting - 1) < 0.005 else wanted
        away = (anchor - self._room.center()) / self.scale
        self._centre = held - away
        self._settle()

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by (dx, dy) widget px, as far as there is more of it."""
        self._centre -= QPointF(dx, dy) / self.scale
        self._settle()

    def show(self, area: QRectF, margin: float = 24) -> None:
        """Move the picture until `area` (widget px) lies in the room with a `margin` around it."""
        room = self._room.adjusted(margin, margin, -margin, -margin)
        dx = max(room.left() - area.left(), 0) or min(room.right() - area.right(), 0)
        dy = max(room.top() - area.top(), 0) or min(room.bottom() - area.bottom(), 0)
        self.pan(dx, dy)

    def to_picture(self, point: QPointF) -> QPointF:
        """A point of the widget in picture px."""
        return (point - self.area.topLeft()) / self.scale

    def to_widget(self, box: Box) -> QRectF:
        """A box of the picture in widget px."""
        scale, corner = self.scale, self.area.topLeft()
        return QRectF(
            corner.x() + box.x * scale, corner.y() + box.y * scale, box.w * scale, box.h * scale
        )

    def box(self, area: QRectF) -> Box:
        """An area of the widget as a box in picture px, cut to the picture."""
        width, height = self._size
        first, last = self.to_picture(area.topLeft()), self.to_picture(area.bottomRight())
        x, y = min(max(first.x(), 0.0), width), min(max(first.y(), 0.0), height)
        right, bottom = min(max(last.x(), 0.0), width), min(max(last.y(), 0.0), height)
        return Box(x, y, right - x, bottom - y)

    def _settle(self) -> None:
        """Let no edge of the picture come further in than it must."""
        width, height = self._size
        across, down = self._room.width() / self.scale, self._room.height() / self.scale
        self._centre = QPointF(
            _inside(self._centre.x(), across, width), _inside(self._centre.y(), down, height)
        )


def _inside(centre: float, shown: float, length: float) -> float:
    if shown >= length:
        return length / 2
    return min(max(centre, shown / 2), length - shown / 2)
