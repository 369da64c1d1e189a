"""What a drag of the mouse over a photo does: a new box, another size of one, or another place."""

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF

from photoclust.core.types import Face
from photoclust.gui.views.boxes import HANDLE, corners

SLIP = 6
"""A drag of fewer px is a click."""


class Drag(Enum):
    """What is dragged."""

    PICTURE = "picture"
    NEW_BOX = "new box"
    CORNER = "corner"


@dataclass(slots=True)
class Dragging:
    """A drag under way, in widget px. `fixed` is the corner of a box that stays where it is, `grip`
    leads from the mouse to the corner that it holds.
    """

    what: Drag
    start: QPointF
    at: QPointF
    fixed: QPointF
    grip: QPointF
    face: Face | None = None

    @property
    def has_moved(self) -> bool:
        """Whether it is a drag and no click."""
        return (self.at - self.start).manhattanLength() >= SLIP

    def area(self, within: QRectF) -> QRectF:
        """The box that is drawn or resized, cut to the picture that lies `within`."""
        return QRectF(self.fixed, self.at + self.grip).normalized() & within


def new_box(at: QPointF) -> Dragging:
    """The user begins to draw a box."""
    return Dragging(Drag.NEW_BOX, at, at, fixed=at, grip=QPointF())


def picture(at: QPointF) -> Dragging:
    """The user takes hold of the picture."""
    return Dragging(Drag.PICTURE, at, at, fixed=at, grip=QPointF())


def corner(at: QPointF, face: Face, area: QRectF) -> Dragging | None:
    """The user takes hold of a corner of the box `area` of `face`; None where none is near."""
    number = corner_at(at, area)
    if number is None:
        return None
    points = corners(area)
    grip, fixed = points[number] - at, points[(number + 2) % 4]
    return Dragging(Drag.CORNER, at, at, fixed, grip, face)


def corner_at(at: QPointF, area: QRectF) -> int | None:
    """Which of the `corners` of `area` is near."""
    far = [(point - at).manhattanLength() for point in corners(area)]
    nearest = far.index(min(far))
    return nearest if far[nearest] <= 2 * HANDLE else None
