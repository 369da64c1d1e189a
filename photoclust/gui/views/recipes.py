"""The choice of what is trained, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout, QWidget

from photoclust.core.language import marked, tr
from photoclust.gui import text
from photoclust.gui.models.runs import RECIPES
from photoclust.gui.widgets import label
from photoclust.training.options import Kind

_WORDS = {
    Kind.HEAD: marked(
        "A small network behind the model in use learns what tells these people apart."
    ),
    Kind.BLOCKS: marked("The last layers of the model learn as well."),
    Kind.FULL: marked("Every layer learns; for many people with many photos."),
    Kind.SCRATCH: marked("A network of its own that knows nothing yet; for experiments."),
}
_INDENT = 26
"""px: what is said of a recipe stands below its name, not below its button."""


class RecipeChoice(QWidget):
    """A radio button for each recipe."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._buttons: dict[Kind, QRadioButton] = {}
        self._words: dict[Kind, QLabel] = {}
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for kind in Kind:
            button = QRadioButton(tr(RECIPES[kind]))
            words = label("", "muted", wrap=True)
            words.setContentsMargins(_INDENT, 0, 0, 6)
            self._buttons[kind], self._words[kind] = button, words
            self._group.addButton(button)
            layout.addWidget(button)
            layout.addWidget(words)
        self._buttons[Kind.HEAD].setChecked(True)
        self._group.buttonClicked.connect(self.changed)
        self.set_durations({})

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """All recipes."""
        return tuple(self._buttons)

    @property
    def chosen(self) -> Kind:
        """The recipe that is marked."""
        return next(kind for kind, button in self._buttons.items() if button.isChecked())

    def button(self, kind: Kind) -> QRadioButton:
        """The button of `kind`."""
        return self._buttons[kind]

    def set_durations(self, seconds: Mapping[Kind, float]) -> None:
        """Tell how long each takes."""
        for kind, label_ in self._words.items():
            parts = [tr(_WORDS[kind])]
            if kind in seconds:
                parts.append(tr("About {duration}.", duration=text.duration(seconds[kind])))
            label_.setText(" ".join(parts))
            # A screen reader says it with the button.
            self._buttons[kind].setAccessibleDescription(" ".join(parts))
