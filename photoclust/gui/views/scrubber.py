"""The years beside a timeline: where one is, and the way to any month."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from photoclust.core.language import tr
from photoclust.gui import theme

WIDTH = 56
_LINE = 18
_EDGE = 10


@dataclass(frozen=True, slots=True)
class Mark:
    """A section of the timeline: `label` is its year, `share` where it begins, from 0 to 1."""

    label: str
    title: str
    share: float


class Scrubber(QWidget):
    """A click or a drag goes there; Up and Down go from section to section."""

    wanted = Signal(float)
    """The share of the timeline that is to be at the top, from 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("Years"))
        self.setToolTip(tr("Go to a year (Up and Down: from month to month)"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._marks: list[Mark] = []
        self._share = 0.0
        self._under: float | None = None

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """The sections from top to bottom."""
        self._marks = list(marks)
        self.setVisible(len(marks) > 1)
        self.update()

    def show_share(self, share: float) -> None:
        """Show that the timeline is scrolled to `share`, from 0 to 1."""
        self._share = share
        mark = self._mark_at(share)
        title = mark.title if mark is not None else ""
        if title != self.accessibleDescription():
            self.setAccessibleDescription(title)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as there is room."""
        return QSize(WIDTH, 200)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The years that have room, and a bar where one is or the mouse points."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colours()
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        current = self._mark_at(self._share)
        free, last = 0, ""
        for mark in self._marks:
            if mark.label == last:
                continue
            last, top = mark.label, self._y(mark.share) - _LINE // 2
            if top < free:
                continue
            free = top + _LINE
            here = current is not None and current.label == mark.label
            painter.setPen(QColor(colours.accent if here else colours.muted))
            area = QRect(0, top, self.width() - 6, _LINE)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, mark.label)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(QRect(self.width() - 6, self._y(self._share) - 9, 4, 18), 2, 2)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(colours.accent))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
        self._paint_pointed(painter)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.wanted.emit(self._share_at(event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go where a drag goes; without one tell what is there."""
        self._under = self._share_at(event.position().y())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.wanted.emit(self._under)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """The mouse points nowhere any more."""
        super().leaveEvent(event)
        self._under = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """To the section before or behind."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        mark = self._mark_at(self._share)
        if step is None or mark is None:
            super().keyPressEvent(event)
            return
        place = min(max(self._marks.index(mark) + step, 0), len(self._marks) - 1)
        self.wanted.emit(self._marks[place].share)

    def _paint_pointed(self, painter: QPainter) -> None:
        mark = None if self._under is None else self._mark_at(self._under)
        if mark is None or self._under is None:
            return
        colours = theme.colours()
        y = self._y(self._under)
        top = min(max(y - _LINE // 2 - 3, 0), self.height() - _LINE - 6)
        area = QRect(0, top, self.width(), _LINE + 6)
        painter.setPen(QColor(colours.border))
        painter.setBrush(QColor(colours.card))
        painter.drawRoundedRect(area.adjusted(0, 0, -1, -1), 6, 6)
        painter.setPen(QColor(colours.text))
        words = painter.fontMetrics().elidedText(
            mark.title, Qt.TextElideMode.ElideRight, area.width() - 4
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)

    def _mark_at(self, share: float) -> Mark | None:
        found = self._marks[0] if self._marks else None
        for mark in self._marks:
            if mark.share > share + 1e-6:
                break
            found = mark
        return found

    def _y(self, share: float) -> int:
        return round(_EDGE + share * (self.height() - 2 * _EDGE))

    def _share_at(self, y: float) -> float:
        return min(max((y - _EDGE) / max(1, self.height() - 2 * _EDGE), 0.0), 1.0)
