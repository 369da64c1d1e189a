"""The photo of the viewer, with a box for each face.

The mouse and the keys are turned into signals here; what they mean is the affair of the page.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)

from photoclust.core.language import tr
from photoclust.core.reading_order import reading_order
from photoclust.core.types import Box, Face, FaceId
from photoclust.gui import text
from photoclust.gui.views import box_drag, boxes
from photoclust.gui.views.box_drag import Drag, Dragging
from photoclust.gui.views.picture_view import PictureView


class Canvas(PictureView):
    """Named faces have a solid box and a name, the others a dashed one."""

    face_opened = Signal(object, object)
    """A Face was clicked, or Enter pressed on it; and its name or None."""
    missed = Signal()
    """A click beside all boxes."""
    hovered = Signal(object)
    """The id of the face that the mouse is over, or None."""
    drawn = Signal(object)
    """A Box in px of the full picture: the user drew it."""
    resized = Signal(object, object)
    """A Face and the Box it is to have."""
    drawing_ended = Signal()
    """No box is being drawn any more."""
    menu_wanted = Signal(object, object)
    """A menu for a Face, or for the photo where it is None; and the global position."""
    drag_wanted = Signal()
    """The photo is dragged out of the window."""

    def __init__(self) -> None:
        super().__init__()
        self._faces: list[tuple[Face, str | None]] = []
        self._selected = self._hovered = -1
        self._drag: Dragging | None = None
        self._drawing = False
        self._boxes_shown = True
        self._pending: Box | None = None
        self.asking = False
        """Whether the name of the selected face is being asked for: it is not shown then."""
        self.can_change = True
        """Whether boxes can be resized."""

    @property
    def faces(self) -> list[tuple[Face, str | None]]:
        """The faces with their names, in reading order."""
        return list(self._faces)

    @property
    def selected(self) -> Face | None:
        """The face whose box is chosen."""
        return self._faces[self._selected][0] if self._selected >= 0 else None

    @property
    def is_drawing(self) -> bool:
        """Whether the next drag draws a box."""
        return self._drawing

    def clear(self) -> None:
        """Show nothing."""
        super().clear()
        self.set_faces([])

    def show_picture(self, image: QImage, full_size: tuple[int, int]) -> None:
        """As `PictureView`; boxes are in pixels of a picture of `full_size`."""
        self._selected = self._hovered = -1
        self._drag = None
        super().show_picture(image, full_size)

    def set_faces(self, faces: Sequence[tuple[Face, str | None]]) -> None:
        """Draw a box for each of `faces`; the one that is selected stays so."""
        selected = self.selected
        order = reading_order([face.box for face, _ in faces])
        self._faces = [faces[index] for index in order]
        self._hovered = -1
        self.select(None if selected is None else selected.id)
        names = [name or tr("a face without a name") for _, name in self._faces]
        self.setAccessibleDescription(", ".join(names) or tr("no faces"))

    def select(self, face: FaceId | None) -> None:
        """Choose the box of `face`, or none."""
        self._selected = self._place(face)
        self.update()

    def highlight(self, face: FaceId | None) -> None:
        """Let the box of `face` stand out, as if the mouse were over it."""
        self._hovered = self._place(face)
        self.update()

    def show_boxes(self, shown: bool) -> None:
        """Show or hide the boxes; a chosen one is always shown."""
        self._boxes_shown = shown
        self.update()

    def show_pending(self, box: Box | None) -> None:
        """Show a box of which it is not known yet what is in it, or none."""
        self._pending = box
        self.update()

    def begin_drawing(self, drawing: bool) -> None:
        """Let the next drag draw a box, or not."""
        was, self._drawing, self._drag = self._drawing, drawing, None
        self._show_cursor()
        self.update()
        if was and not drawing:
            self.drawing_ended.emit()

    def area(self, face: Face) -> QRectF:
        """Where the box of `face` is on this widget."""
        return self.viewport.to_widget(face.box)

    def selected_area(self) -> QRectF:
        """Where the selected box is, empty where none is selected."""
        return QRectF() if self.selected is None else self.area(self.selected)

    def bring_into_view(self) -> None:
        """Move a picture that is zoomed until the selected box is seen."""
        if self.selected is not None and self.viewport.can_pan:
            self.viewport.show(self.selected_area())
            self._changed_view()

    # --- Qt's events ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take hold of a corner of the selected box, or of the picture; or begin a new box."""
        self.setFocus()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at, selected = event.position(), self.selected
        self._drag = box_drag.new_box(at) if self._drawing else None
        if self._drag is None and selected is not None and self.can_change:
            self._drag = box_drag.corner(at, selected, self.area(selected))
        if self._drag is None:
            self._drag = box_drag.picture(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A drag goes on; or the box under the mouse shows whose it is."""
        at, drag = event.position(), self._drag
        if drag is None:
            self._hover(at)
            return
        before, drag.at = drag.at, at
        if drag.what is not Drag.PICTURE:
            self.update()
        elif self.viewport.can_pan:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.pan(at.x() - before.x(), at.y() - before.y())
        elif drag.has_moved:
            self._drag = None
            self.drag_wanted.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A drag ends; a click on a box opens it."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        drag, self._drag = self._drag, None
        self._show_cursor()
        self.update()
        if drag is None:
            return
        if drag.what is Drag.PICTURE:
            if not drag.has_moved:
                self._click(event.position())
        elif drag.has_moved:
            box = self.viewport.box(drag.area(self.viewport.area))
            if drag.face is None:
                self.begin_drawing(False)
                self.drawn.emit(box)
            else:
                self.resized.emit(drag.face, box)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Beside all boxes: a closer look, or all of it again."""
        if self._at(event.position()) < 0:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """A menu for the face under the mouse, or the one that is selected with the keyboard."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.menu_wanted.emit(self.selected, self.mapToGlobal(self.rect().center()))
            return
        place = self._at(QPointF(event.pos()))
        face = self._faces[place][0] if place >= 0 else None
        self.menu_wanted.emit(face, event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """The mouse is over no box any more."""
        super().leaveEvent(event)
        self._set_hovered(-1)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's signature
        """Tab goes from box to box, then on."""
        step = 1 if forward else -1
        place = self._selected + step if self._selected >= 0 or forward else len(self._faces) - 1
        if 0 <= place < len(self._faces):
            self.select(self._faces[place][0].id)
            self.bring_into_view()
            return True
        self.select(None)
        return super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter opens the selected box; Escape ends drawing, then the selection."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._selected >= 0:
            self.face_opened.emit(*self._faces[self._selected])
        elif event.key() == Qt.Key.Key_Escape and self._drawing:
            self.begin_drawing(False)
        elif event.key() == Qt.Key.Key_Escape and self._selected >= 0:
            self.select(None)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The picture, then boxes, then names over all boxes."""
        if not self.has_picture:
            return
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        self.paint_picture(painter)
        drag = self._drag
        resized = drag.face if drag is not None and drag.has_moved else None
        shown = [
            place
            for place, (face, _) in enumerate(self._faces)
            if (self._boxes_shown or self._is_strong(place)) and face is not resized
        ]
        for place in shown:
            face, name = self._faces[place]
            boxes.paint_box(
                painter, self.area(face), named=name is not None, strong=self._is_strong(place)
            )
        for place in shown:
            face, name = self._faces[place]
            asked = place == self._selected and self.asking
            if (name or self._is_strong(place)) and not asked:
                within = QRectF(self.rect())
                boxes.paint_name(painter, self.area(face), name or tr(text.UNNAMED), within)
        if self.selected is not None and self.can_change and resized is None:
            boxes.paint_handles(painter, self.selected_area())
        if drag is not None and drag.what is not Drag.PICTURE and drag.has_moved:
            boxes.paint_drawn(painter, drag.area(self.viewport.area))
        elif self._pending is not None:
            boxes.paint_drawn(painter, self.viewport.to_widget(self._pending))
        painter.end()

    # --- parts of these ---------------------------------------------------------------------------

    def _click(self, at: QPointF) -> None:
        place = self._at(at)
        self.select(self._faces[place][0].id if place >= 0 else None)
        if place >= 0:
            self.face_opened.emit(*self._faces[place])
        else:
            self.missed.emit()

    def _hover(self, at: QPointF) -> None:
        self._set_hovered(-1 if self._drawing else self._at(at))

    def _set_hovered(self, place: int) -> None:
        if place != self._hovered:
            self._hovered = place
            self._show_cursor()
            self.update()
            self.hovered.emit(self._faces[place][0].id if place >= 0 else None)

    def _show_cursor(self) -> None:
        if self._drawing:
            self.setCursor(Qt.CursorShape.CrossCursor)
        elif self._hovered >= 0:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        elif self.viewport.can_pan:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.setCursor(Qt.CursorShape.ArrowCursor)

    def _is_strong(self, place: int) -> bool:
        return place in (self._selected, self._hovered)

    def _place(self, face: FaceId | None) -> int:
        ids = [known.id for known, _ in self._faces]
        return ids.index(face) if face in ids else -1

    def _at(self, position: QPointF) -> int:
        hits = [
            place
            for place, (face, _) in enumerate(self._faces)
            if self.area(face).contains(position)
        ]
        return min(hits, key=lambda place: self._faces[place][0].box.area) if hits else -1
