"""The question before a folder is taken out of the library."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.language import tr
from photoclust.gui import text
from photoclust.gui.widgets import Button, label


class RemoveFolderDialog(QDialog):
    """Accepted where the folder is to go; `forget_people` tells whether its faces go with it."""

    def __init__(self, parent: QWidget, folder: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Remove a folder"))
        self.forget_box = QCheckBox(
            tr("Forget the faces in it as well, and what was said about them")
        )
        self.remove_button = Button(tr("Remove"))
        self.keep_button = Button(tr("Keep"), "primary")
        words = tr(
            "{folder} is not scanned any more, and its photos are not shown. "
            "The files stay where they are. This cannot be undone.",
            folder=text.shown_path(folder),
        )
        message = label(text.breakable(words), wrap=True)
        message.setMinimumWidth(380)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch()
        buttons.addWidget(self.remove_button)
        buttons.addWidget(self.keep_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(16)
        layout.addWidget(message)
        layout.addWidget(self.forget_box)
        layout.addLayout(buttons)
        self.remove_button.clicked.connect(self.accept)
        self.keep_button.clicked.connect(self.reject)
        self.keep_button.setFocus()

    @property
    def forget_people(self) -> bool:
        """Whether the faces are to be forgotten."""
        return self.forget_box.isChecked()
