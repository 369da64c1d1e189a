"""A small panel over a page in which a name is typed for what is chosen there."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from photoclust.core.language import tr
from photoclust.gui.dialogs.naming import NameEditor
from photoclust.gui.shared import Shared
from photoclust.gui.widgets import ElidedLabel, label

WIDTH = 400
_EDGE = 12


class QuickNaming(QFrame):
    """Enter gives the name, Escape closes the panel and changes nothing."""

    given = Signal()
    """A name was given; it is being written, or is written."""
    closed = Signal()
    """It is not there any more."""

    def __init__(self, shared: Shared, parent: QWidget) -> None:
        super().__init__(parent)
        self._page = parent
        self.setObjectName("panel")
        self._title = ElidedLabel("heading")
        self._hint = label(tr("Enter gives the name · Esc closes"), "muted")
        self.editor = NameEditor(shared, large=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 10)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self.editor)
        layout.addWidget(self._hint)
        self._area = QRect()
        self.editor.sent.connect(self._done)
        self.editor.kept.connect(self.close_panel)
        self.editor.choices.resized.connect(self._place)
        self.hide()

    def ask(self, keys: Sequence[str], title: str, name: str | None, area: QRect) -> None:
        """Let `keys` be named, called `name` so far, below `area` of the page."""
        self._title.setText(title)
        self._area = area
        self.editor.set_target(None, None)
        self.editor.set_target(" ".join(keys), name)
        self.show()
        self.raise_()
        self._place()
        self.editor.begin()

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

    def _place(self) -> None:
        """Below what it asks about, above it where there is no room, always inside the page."""
        if self.isHidden():
            return
        within = self._page.size()
        self.setFixedWidth(min(WIDTH, within.width() - 2 * _EDGE))
        self.adjustSize()
        x = self._area.center().x() - self.width() // 2
        y = self._area.bottom() + 4
        if y + self.height() > within.height() - _EDGE:
            y = self._area.top() - self.height() - 4
        x = max(_EDGE, min(x, within.width() - self.width() - _EDGE))
        self.move(QPoint(x, max(_EDGE, min(y, within.height() - self.height() - _EDGE))))
