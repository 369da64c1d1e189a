"""Asks when photos were taken, as far as somebody knows it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from photoclust.core.dates import PhotoDate, parse_date
from photoclust.core.errors import UserError
from photoclust.core.language import tr, tr_n
from photoclust.gui import text
from photoclust.gui.widgets import Button, label

_LONGEST = 60
_WIDTH, _LINES = 420, 3


class DateDialog(QDialog):
    """Dates nothing itself: `date` is what was chosen once it is accepted, None: what the files
    say. While something is typed it tells how that is understood.
    """

    def __init__(self, parent: QWidget, photos: int, before: PhotoDate | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("When taken"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.date: PhotoDate | None = None
        self._before = "" if before is None else before.describe()
        self.edit = QLineEdit(self._before)
        self.edit.setMaxLength(_LONGEST)
        self.edit.setPlaceholderText(tr("12 May 1923, May 1923 or 1923"))
        self.edit.setAccessibleName(tr("Date"))
        self.meaning = label("", "muted", wrap=True)
        self.meaning.setMinimumWidth(_WIDTH)
        # As high as a mistake is told, so that nothing moves while it is typed.
        self.meaning.setMinimumHeight(_LINES * self.meaning.fontMetrics().lineSpacing())
        self.meaning.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self.file_button = Button(tr("As the file says"))
        self.file_button.setToolTip(tr("Take what was said of the date by hand back"))
        self.date_button = Button(tr("Set the date"), "primary")
        self.cancel_button = Button(tr("Cancel"))
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addWidget(self.file_button)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.date_button)
        asked = tr_n(photos, "When was this photo taken?", "When were these {n} photos taken?")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(asked, "heading"))
        layout.addWidget(self.edit)
        layout.addWidget(self.meaning)
        layout.addLayout(buttons)
        self.edit.textChanged.connect(self._tell)
        self.date_button.clicked.connect(self.accept)
        self.file_button.clicked.connect(self._take_from_file)
        self.cancel_button.clicked.connect(self.reject)
        self.date_button.setDefault(True)
        self._tell()
        self.edit.setFocus()
        self.edit.selectAll()

    def _take_from_file(self) -> None:
        self.date = None
        self.accept()

    def _tell(self) -> None:
        """Say how it is understood, or what is wrong with it."""
        self.date = None
        words = self.edit.text().strip()
        if not words:
            said = tr("As much of it as is known: a day, a month, a year, 1920s or about 1923.")
        else:
            try:
                self.date = parse_date(words)
                said = self.date.describe()
            except UserError as error:
                said = text.sentence(str(error))
        self.meaning.setText(text.breakable(said))
        self.date_button.setEnabled(self.date is not None and words != self._before)
