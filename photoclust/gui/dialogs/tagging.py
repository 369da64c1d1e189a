"""Saying who is in a photo of whom no face is seen: from behind, or hidden by somebody."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from photoclust.core.language import tr
from photoclust.core.types import Group, PersonId
from photoclust.gui.dialogs.naming import NameEditor
from photoclust.gui.shared import Shared
from photoclust.gui.widgets import label

_WIDTH = 420
_EDGE = 16
_KEY = "tag"


class _PersonEditor(NameEditor):
    """Takes the name of somebody who is known, and tells who that is."""

    found = Signal(object)
    """A Group."""

    def _entered(self) -> None:
        self._popup.hide()
        words = self.edit.text().strip()
        if words:
            self._shared.read(lambda library: library.people_called(words), self._offer)

    def _offer(self, people: list[Group]) -> None:
        words = self.edit.text().strip()
        self._people = {PersonId(person.id): person for person in people}
        if not people:
            self._shared.complained.emit(
                tr(
                    "nobody is called {name} yet; name a face of theirs first, in any photo",
                    name=words,
                )
            )
        elif len(people) == 1:
            self.found.emit(people[0])
        else:
            self.choices.ask(people, words, another=False)

    def _chosen(self, person: PersonId | None) -> None:
        self.choices.hide()
        if person is not None:
            self.found.emit(self._people[person])


class PersonPicker(QFrame):
    """A small panel that asks for a name."""

    chosen = Signal(object, str)
    """A person and what they are called."""
    finished = Signal()
    """It was closed."""

    def __init__(self, shared: Shared, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.editor = _PersonEditor(shared, large=False)
        self.editor.edit.setAccessibleName(tr("Who is in this photo, without a face"))
        self.editor.edit.setPlaceholderText(tr("Who else is in this photo?"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 10)
        layout.setSpacing(6)
        layout.addWidget(self.editor)
        hint = tr("Somebody whose face is not seen · Enter adds · Esc ends")
        layout.addWidget(label(hint, "muted", wrap=True))
        self.editor.found.connect(self._take)
        self.hide()

    def ask(self) -> None:
        """Ask who is in the photo."""
        self.editor.set_target(_KEY, None)
        self.show()
        self.raise_()
        self.editor.begin()

    def place(self, area: QRect) -> None:
        """Lie at the bottom of `area` of the parent, in the middle."""
        if self.isHidden():
            return
        self.setFixedWidth(min(_WIDTH, area.width() - 2 * _EDGE))
        self.adjustSize()
        size: QSize = self.size()
        left = area.center().x() - size.width() // 2
        self.move(left, area.bottom() - size.height() - 2 * _EDGE)

    def close_panel(self) -> None:
        """Ask no more."""
        if not self.isHidden():
            self.hide()
            self.editor.set_target(None, None)
            self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape ends it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        else:
            super().keyPressEvent(event)

    def _take(self, person: Group) -> None:
        self.close_panel()
        self.chosen.emit(PersonId(person.id), person.name or "")
