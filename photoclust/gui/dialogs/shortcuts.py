"""The sheet of all keys (Ctrl+F1)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from photoclust.core.language import tr
from photoclust.gui import text
from photoclust.gui.shortcuts import Section
from photoclust.gui.widgets import label, scrolled

_SIZE = (560, 620)


class ShortcutSheet(QDialog):
    """All keys by menu and page; what is typed above leaves those that have it in their words."""

    def __init__(self, parent: QWidget, sections: Sequence[Section]) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keys"))
        self.resize(*_SIZE)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Type what you are looking for…"))
        self.filter.setAccessibleName(tr("Find a key"))
        self.filter.setClearButtonEnabled(True)
        self._rows: list[tuple[QLabel, list[tuple[QLabel, QLabel]]]] = []
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(4, 8, 16, 8)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        for section in sections:
            self._add(grid, section)
        grid.setRowStretch(grid.rowCount(), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 8, 16)
        layout.setSpacing(12)
        layout.addWidget(label(tr("Keys"), "title"))
        layout.addWidget(self.filter)
        layout.addWidget(scrolled(inner), 1)
        self.filter.textChanged.connect(self._narrow)

    @property
    def shown(self) -> list[tuple[str, str]]:
        """What each key that is shown does, and the key."""
        return [
            (what.text(), keys.text())
            for _, rows in self._rows
            for what, keys in rows
            if not what.isHidden()
        ]

    def _add(self, grid: QGridLayout, section: Section) -> None:
        heading = label(section.title, "heading")
        heading.setContentsMargins(0, 12, 0, 2)
        grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
        rows = []
        for key in section.keys:
            row = grid.rowCount()
            what, keys = label(key.what, wrap=True), label(key.keys, "muted")
            grid.addWidget(what, row, 0)
            grid.addWidget(keys, row, 1, Qt.AlignmentFlag.AlignRight)
            rows.append((what, keys))
        self._rows.append((heading, rows))

    def _narrow(self, typed: str) -> None:
        wanted = text.folded(typed.strip())
        for heading, rows in self._rows:
            section = wanted in text.folded(heading.text())
            fitting = 0
            for what, keys in rows:
                fits = section or wanted in text.folded(f"{what.text()} {keys.text()}")
                what.setVisible(fits)
                keys.setVisible(fits)
                fitting += fits
            heading.setVisible(fitting > 0)
