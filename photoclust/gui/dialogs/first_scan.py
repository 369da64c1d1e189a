"""What a long scan takes, told before it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.language import tr
from photoclust.gui import settings_text, text
from photoclust.gui.widgets import Button, label

if TYPE_CHECKING:
    from photoclust.services.forecast import Forecast


class ScanDialog(QDialog):
    """Accepted where the scan is to begin."""

    def __init__(self, parent: QWidget, expected: Forecast) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Scan"))
        size = settings_text.size
        self.count = label(text.photos(expected.photos), "heading")
        self.time = label(
            tr(
                "Reading them ({size}) takes about {time}. "
                "The first people show within a minute and can be named while the scan goes on. "
                "You can close photoclust at any time: the scan goes on at the next start.",
                size=size(expected.size),
                time=text.duration(expected.seconds),
            ),
            wrap=True,
        )
        self.disk = label(
            tr(
                "The library takes about {size} more; {free} are free on its disk. "
                "Your photos stay where and as they are.",
                size=size(expected.growth),
                free=size(expected.free),
            ),
            "muted" if expected.fits else "warning",
            wrap=True,
        )
        self.scan_button = Button(tr("Scan"), "primary")
        self.cancel_button = Button(tr("Not now"))
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.scan_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(14)
        for part in (self.count, self.time, self.disk):
            part.setMinimumWidth(420)
            layout.addWidget(part)
        layout.addSpacing(4)
        layout.addLayout(buttons)
        self.scan_button.clicked.connect(self.accept)
        self.cancel_button.clicked.connect(self.reject)
        self.scan_button.setFocus()
