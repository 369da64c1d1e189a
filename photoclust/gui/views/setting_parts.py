"""The parts of the settings page: cards of rows, boxes to choose from, and the list of folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photoclust.gui import text
from photoclust.gui.widgets import Button, ElidedLabel, label

_WORDS_WIDTH = 130
_LIST_EDGE = 2 * (1 + 4)
"""Frame and padding of an open list, above and below, as in the theme."""
_LINE_UP = 8
"""How much deeper the words of a field begin than its frame."""


class Card(QFrame):
    """A heading, and rows of what is set with what to know about it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(16)
        self._rows.setVerticalSpacing(6)
        self._rows.setColumnMinimumWidth(0, _WORDS_WIDTH)
        self._rows.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 18)
        layout.setSpacing(12)
        layout.addWidget(label(title, "heading"))
        layout.addLayout(self._rows)

    def add(self, words: str, field: QWidget, hint: str = "") -> None:
        """A row: `words`, what is set with them, and below it a `hint`."""
        row = self._rows.rowCount()
        if words:
            name = label(words)
            name.setBuddy(field)
            name.setContentsMargins(0, _LINE_UP, 0, 0)
            self._rows.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        if isinstance(field, Button):
            self._rows.addWidget(field, row, 1, Qt.AlignmentFlag.AlignLeft)
        else:
            self._rows.addWidget(field, row, 1)
        if hint:
            below = label(hint, "muted", wrap=True)
            below.setContentsMargins(2, 0, 0, _LINE_UP)
            self._rows.addWidget(below, row + 1, 1)


class _Choice(QComboBox):
    """A box that the wheel of the mouse scrolls past, and that shows all it offers when open."""

    def showPopup(self) -> None:  # noqa: N802 - Qt's name
        """Qt reckons with rows alone; the frame and padding of the theme come on top."""
        view = self.view()
        rows = min(self.count(), self.maxVisibleItems())
        height = sum(view.sizeHintForRow(row) for row in range(rows))
        view.setMinimumHeight(height + _LIST_EDGE)
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave it to the page."""
        event.ignore()


def choice(name: str, offered: Sequence[tuple[object, str]]) -> QComboBox:
    """A box to choose one of `offered`, values and their words."""
    box = _Choice()
    box.setAccessibleName(name)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    for value, words in offered:
        box.addItem(words, value)
    return box


def fill(box: QComboBox, offered: Sequence[tuple[object, str]], value: object) -> None:
    """Offer `offered` in `box` from now on, with `value` chosen."""
    blocked = box.blockSignals(True)
    box.clear()
    for each, words in offered:
        box.addItem(words, each)
    box.blockSignals(blocked)
    select(box, value)


def select(box: QComboBox, value: object) -> None:
    """Choose `value` in `box`, where it offers it."""
    values = [box.itemData(row) for row in range(box.count())]
    if value in values:
        box.setCurrentIndex(values.index(value))


class PlaceRow(QWidget):
    """The path of a folder, and a button for it."""

    def __init__(self, folder: Path, words: str, name: str) -> None:
        super().__init__()
        self.path = ElidedLabel()
        self.button = Button(words, name=name)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.path, 1)
        layout.addWidget(self.button)
        self.show_folder(folder)

    def show_folder(self, folder: Path) -> None:
        """Show another path."""
        self.path.setText(text.shown_path(folder))
        self.path.setToolTip(text.tooltip(text.shown_path(folder)))
