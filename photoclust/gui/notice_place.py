"""Where the notice is: over the lower edge of the page, so that nothing moves when it comes or goes
by itself. What would move under the mouse is clicked by mistake.
"""

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from photoclust.gui.widgets import Notice

_SIDE, _BELOW, _BETWEEN = 24, 12, 8
_WIDEST = 760
_KEPT_CLEAR = "keptClear"
_MOVES = {QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move, QEvent.Type.Resize}


def keep_clear(controls: QWidget) -> None:
    """Let the notice be above `controls`, which stand at the lower edge of a page."""
    controls.setProperty(_KEPT_CLEAR, True)


class NoticeArea(QWidget):
    """The pages with the notice. Below them there is room for what it says as long as a library is
    open: that would cover something for good.
    """

    def __init__(self, pages: QStackedWidget, notice: Notice) -> None:
        super().__init__()
        self._pages = pages
        self._notice = notice
        self._room = QWidget()
        self._room.setFixedHeight(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(pages, 1)
        layout.addWidget(self._room)
        notice.setParent(self)
        # Controls are laid out a little after what made them move.
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._place)
        notice.changed.connect(self._follow)
        pages.currentChanged.connect(self._later.start)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The notice stays at the edge."""
        super().resizeEvent(event)
        self._place()
        self._later.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Controls came, went or moved."""
        if event.type() in _MOVES:
            self._later.start()
        return False

    def _follow(self) -> None:
        self._place()
        self._later.start()

    def _place(self) -> None:
        notice = self._notice
        if not notice.stands:
            self._room.setFixedHeight(0)
        if notice.isHidden():
            return
        width = min(self.width() - 2 * _SIDE, _WIDEST, notice.width_of_words())
        area = QRect(0, 0, width, notice.heightForWidth(width))
        if notice.says_what_stands:
            self._room.setFixedHeight(area.height() + _BELOW + _BETWEEN)
        area.moveBottom(self.height() - 1 - _BELOW)
        area.moveLeft(_SIDE)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            area.moveRight(self.width() - 1 - _SIDE)
        if not notice.says_what_stands:
            self._lift(area)
        notice.setGeometry(area)
        notice.raise_()

    def _lift(self, area: QRect) -> None:
        """Move `area` up to where it covers no controls, if there is such a place."""
        page = self._pages.currentWidget()
        covered = []
        for each in () if page is None else page.findChildren(QWidget):
            if not each.property(_KEPT_CLEAR):
                continue
            each.installEventFilter(self)  # again and again is as good as once
            if each.isVisibleTo(self):
                covered.append(QRect(each.mapTo(self, each.rect().topLeft()), each.size()))
        lowest = QRect(area)
        for place in sorted(covered, key=QRect.bottom, reverse=True):
            if place.intersects(area):
                area.moveBottom(place.top() - 1 - _BETWEEN)
        if area.top() < 0:
            area.moveTop(lowest.top())
