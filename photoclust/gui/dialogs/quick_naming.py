"""A small panel over a page in which a name is typed for what is chosen there."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from photoclust.core.language import tr
from photoclust.gui.dialogs.naming import NameEditor
from photoclust.gui.shared import Shared
from photoclust.gui.widgets import ElidedLabel, label

WIDTH = 480
_NARROW = 400
"""Its width in a small window, where it must find room beside a card."""
_EDGE = 12
_GAP = 4


class QuickNaming(QFrame):
    """Enter gives the name, Escape closes the panel and changes nothing. It stays beside what it
    asks about, wherever that goes, and is gone when the page is left.
    """

    given = Signal()
    """A name was given; it is being written, or is written."""
    closed = Signal()
    """It is not there any more."""
    laid_out = Signal()
    """The page was laid out anew: what it asks about may not be in view."""
    crowded = Signal(int)
    """There is no room below what it asks about, unless that goes up by so many px."""

    def __init__(self, shared: Shared, parent: QWidget) -> None:
        super().__init__(parent)
        self._page = parent
        self.setObjectName("panel")
        self._title = ElidedLabel("heading")
        self._hint = label(tr("Enter gives the name · Esc closes"), "muted")
        self.editor = NameEditor(shared, large=False, takes_back=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 10)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self.editor)
        layout.addWidget(self._hint)
        self._area: Callable[[], QRect] = QRect
        self._moving = QTimer(self, singleShot=True, interval=0)
        self._moving.timeout.connect(self.settle)
        page_and_self: tuple[QWidget, ...] = (parent, self)
        for widget in page_and_self:
            widget.installEventFilter(self)
        self.editor.sent.connect(self._done)
        self.editor.kept.connect(self.close_panel)
        self.editor.choices.resized.connect(self.settle)
        self.hide()

    def ask(
        self, keys: Sequence[str], title: str, name: str | None, area: Callable[[], QRect]
    ) -> None:
        """Let `keys` be named, called `name` so far, beside the `area` of the page where they are
        at any time.
        """
        self._title.setText(title)
        self._area = area
        self.editor.set_target(None, None)
        self.editor.set_target(" ".join(keys), name)
        self.show()
        self.raise_()
        self.settle()
        self.editor.begin()

    def follow(self) -> None:
        """Go where what it asks about is now."""
        if self.isHidden():
            return
        room = self._room().width()
        self.setFixedWidth(min(WIDTH, max(_NARROW, room * 3 // 5), room))
        self.adjustSize()
        self.move(self._place(self._area()).topLeft())

    def settle(self) -> None:
        """As `follow`, with what it asks about in view; where there is no room, ask for some."""
        if self.isHidden():
            return
        self.laid_out.emit()
        self.follow()
        area, room = self._area(), self._room()
        below, above, *beside = _places(area, self.size(), room)
        up = below.bottom() - room.bottom()
        little = up <= area.height() // 3
        if room.contains(above) or up <= 0 or not area.intersects(room):
            return
        if little or not any(map(room.contains, beside)):
            self.crowded.emit(up)
            self.follow()

    def close_panel(self) -> None:
        """Ask no more."""
        if not self.isHidden():
            self.hide()
            self.editor.set_target(None, None)
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape closes it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        else:
            super().keyPressEvent(event)

    def _done(self) -> None:
        self.hide()
        self.editor.set_target(None, None)
        self.given.emit()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Whoever leaves the page does not want to name any more."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.close_panel()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Where the page, or this, is laid out anew, it goes to its place after that."""
        resized = event.type() == QEvent.Type.Resize and watched is self._page
        if (resized or event.type() == QEvent.Type.LayoutRequest) and not self.isHidden():
            self._moving.start()
        return super().eventFilter(watched, event)

    def _room(self) -> QRect:
        return self._page.rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)

    def _place(self, area: QRect) -> QRect:
        """Below what it asks about, or above it, or beside it: where there is room. With what is
        scrolled away it goes out of sight, rather than lie at something else.
        """
        room = self._room()
        below, *others = _places(area, self.size(), room)
        if not room.top() <= area.center().y() <= room.bottom():
            return below
        for place in (below, *others):
            if room.contains(place):
                return place
        below.moveBottom(room.bottom())
        return below


def _places(area: QRect, size: QSize, room: QRect) -> list[QRect]:
    """Below, above, right and left of `area`; along its edge as far inside `room` as possible."""
    x = _inside(area.center().x() - size.width() // 2, size.width(), room.left(), room.right())
    y = _inside(area.top(), size.height(), room.top(), room.bottom())
    corners = (
        QPoint(x, area.bottom() + _GAP),
        QPoint(x, area.top() - size.height() - _GAP),
        QPoint(area.right() + _GAP, y),
        QPoint(area.left() - size.width() - _GAP, y),
    )
    return [QRect(corner, size) for corner in corners]


def _inside(start: int, length: int, first: int, last: int) -> int:
    return max(first, min(start, last + 1 - length))
