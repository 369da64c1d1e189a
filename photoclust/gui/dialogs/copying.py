"""Asks where copies of photos are to go, and whether they may tell where these were taken."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import tr, tr_n
from photoclust.gui import text
from photoclust.gui.widgets import Button, ElidedLabel, label


@dataclass(frozen=True, slots=True)
class CopyWish:
    """Where to copy to, and how."""

    folder: Path
    with_place: bool


class CopyDialog(QDialog):
    """`wish` is what was chosen, once it is accepted."""

    def __init__(self, parent: QWidget, photos: int, before: CopyWish | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Copy to a folder"))
        self._folder = before.folder if before is not None else None
        self.folder = ElidedLabel()
        self.folder.setMinimumWidth(280)
        self.choose_button = Button(tr("Choose a folder…"))
        self.place_box = QCheckBox(tr("Leave out the place where they were taken (GPS)"))
        self.place_box.setChecked(before is not None and not before.with_place)
        self.copy_button = Button(tr("Copy"), "primary")
        self.cancel_button = Button(tr("Cancel"))
        where = QHBoxLayout()
        where.setSpacing(12)
        where.addWidget(self.folder, 1)
        where.addWidget(self.choose_button)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.copy_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(14)
        layout.addWidget(label(tr_n(photos, "Copy {n} photo", "Copy {n} photos"), "heading"))
        layout.addLayout(where)
        layout.addWidget(self.place_box)
        layout.addWidget(
            label(
                tr("The originals stay as they are, and no file in the folder is overwritten."),
                "muted",
                wrap=True,
            )
        )
        layout.addSpacing(6)
        layout.addLayout(buttons)
        self.choose_button.clicked.connect(self._choose)
        self.copy_button.clicked.connect(self.accept)
        self.cancel_button.clicked.connect(self.reject)
        self._show()

    @property
    def wish(self) -> CopyWish | None:
        """What is chosen; None while there is no folder."""
        if self._folder is None:
            return None
        return CopyWish(self._folder, with_place=not self.place_box.isChecked())

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Copy to"), str(self._folder or ""))
        if chosen:
            self._folder = Path(chosen)
            self._show()

    def _show(self) -> None:
        self.folder.setText(
            tr("No folder chosen yet") if self._folder is None else text.shown_path(self._folder)
        )
        self.copy_button.setEnabled(self._folder is not None)
        (self.copy_button if self._folder is not None else self.choose_button).setFocus()
