"""The question where a folder lies now that the library knows from another computer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.language import tr, tr_n
from photoclust.gui import text
from photoclust.gui.widgets import Button, label

if TYPE_CHECKING:
    from photoclust.services.moving import MissingFolder


class MovedFolderDialog(QDialog):
    """Accepted where the photos lie in `found`, if they were found."""

    choosing = Signal()
    """The user wants to show the folder."""

    def __init__(self, parent: QWidget, missing: MissingFolder, found: Path | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Where are the photos?"))
        lost = tr_n(
            missing.files,
            "{folder} is not there; the library knows {n} photo in it.",
            "{folder} is not there; the library knows {n} photos in it.",
            folder=text.shown_path(missing.folder),
        )
        if found is None:
            next_ = tr(
                "Choose the folder that holds them now, or one above it. Names stay, and nothing "
                "is read again."
            )
        else:
            next_ = tr(
                "Files of the same names and sizes lie in {folder}. Names stay, and nothing is "
                "read again.",
                folder=text.shown_path(found),
            )
        self.use_button = Button(tr("Use this folder"), "primary")
        self.choose_button = Button(tr("Choose a folder…"), "" if found else "primary")
        self.later_button = Button(tr("Not now"))
        self.use_button.setVisible(found is not None)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addWidget(self.later_button)
        buttons.addStretch()
        buttons.addWidget(self.choose_button)
        buttons.addWidget(self.use_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(16)
        for words in (lost, next_):
            message = label(text.breakable(words), wrap=True)
            message.setMinimumWidth(460)
            layout.addWidget(message)
        layout.addLayout(buttons)
        self.use_button.clicked.connect(self.accept)
        self.choose_button.clicked.connect(self.choosing)
        self.later_button.clicked.connect(self.reject)
        (self.choose_button if found is None else self.use_button).setFocus()
