"""A line that says that only some of the faces or photos are shown, and leads back to all."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from photoclust.core.language import tr
from photoclust.gui.widgets import Button, ElidedLabel


class FilterNote(QFrame):
    """Says what is shown; one button shows all again, and there may be another."""

    ended = Signal()
    """All is to be shown again."""
    acted = Signal()
    """The other button was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self._words = ElidedLabel()
        self.button = Button("", name=tr("Go there"))
        self.all_button = Button(tr("Show all"))
        self.all_button.setToolTip(tr("Show all again (Esc)"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 5, 6, 5)
        layout.setSpacing(10)
        layout.addWidget(self._words, 1)
        layout.addWidget(self.button)
        layout.addWidget(self.all_button)
        self.all_button.clicked.connect(self.ended)
        self.button.clicked.connect(self.acted)
        self.hide()

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def say(self, words: str, button: str = "") -> None:
        """Say `words`, with another `button`."""
        self._words.setText(words)
        self.button.setText(button)
        self.button.setAccessibleName(button)
        self.button.setVisible(bool(button))
        self.show()
