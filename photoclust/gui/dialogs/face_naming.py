"""Naming the faces of a photo where they are: one that was clicked, or all in one pass.

In a pass Enter names a face and goes on to the next without a name, in reading order; Tab passes
one over. Nothing waits for the disk: the next name can be typed while the one before is written.
"""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from photoclust.core.language import tr
from photoclust.core.types import Face
from photoclust.gui import text
from photoclust.gui.dialogs.naming import NameEditor
from photoclust.gui.shared import Shared
from photoclust.gui.widgets import label

WIDTH = 420
_EDGE = 16
_BELOW = 14

Named = tuple[Face, str | None]


class FaceNameEditor(NameEditor):
    """Takes a name that one person has for that person; only where several have it, it asks, and
    `named` tells the answer.
    """

    given = Signal()
    """A name was given that needed no question. It is being written."""

    def _entered(self) -> None:
        words, key = self.edit.text().strip(), self.key
        same = [name for name in self._everybody() if text.folded(name) == text.folded(words)]
        if not words or key is None or words == self._name or len(same) > 1:
            super()._entered()
            return
        self._popup.hide()
        self._shared.name(key, words, lambda _: None)
        self.given.emit()

    def _everybody(self) -> list[str]:
        """The names of each person: a name that two people have comes twice."""
        overview = self._shared.overview
        groups = () if overview is None else overview.groups
        return [name for group in groups for name in (group.name, *group.aliases) if name]


class FaceNaming(QFrame):
    """A small panel that hangs below the face it asks about."""

    asked = Signal(object)
    """The id of the Face that is asked about, None where none is any more."""
    finished = Signal()
    """It was closed."""

    def __init__(self, shared: Shared, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.editor = FaceNameEditor(shared, large=False)
        self.editor.edit.setAccessibleName(tr("Name of this face"))
        self.editor.edit.takes_tab = True
        self.editor.edit.tabbed.connect(self._step)
        self._hint = label(tr("Enter names · Tab goes on · Esc ends"), "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 10)
        layout.setSpacing(6)
        layout.addWidget(self.editor)
        layout.addWidget(self._hint)
        self._faces: list[Named] = []
        self._face: Face | None = None
        self._in_pass = False
        self.editor.given.connect(self._go_on)
        self.editor.named.connect(lambda _: self._go_on())
        self.editor.kept.connect(self._go_on)
        self.hide()

    @property
    def face(self) -> Face | None:
        """The face that is asked about."""
        return self._face

    def set_faces(self, faces: Sequence[Named]) -> None:
        """The faces of the photo in the order in which they are asked about."""
        self._faces = list(faces)
        ids = [face.id for face, _ in faces]
        if self._face is not None and self._face.id not in ids:
            self.close_panel()

    def ask(self, face: Face, name: str | None) -> None:
        """Ask who `face` is; called `name` so far."""
        self._ask(face, name)

    def begin_pass(self) -> bool:
        """Ask about the first face without a name; whether there is one."""
        place = self._next_unnamed(-1)
        if place is None:
            return False
        self._in_pass = True
        self._ask(*self._faces[place])
        return True

    def begin_with(self, face: Face, name: str | None, letters: str) -> None:
        """Ask about `face`; `letters` were typed already."""
        self._ask(face, name)
        self.editor.begin_with(letters)

    def place(self, area: QRect, within: QSize) -> None:
        """Hang below `area` inside a parent of the size `within`; above where there is no room."""
        if self.isHidden():
            return
        self.setFixedWidth(min(WIDTH, within.width() - 2 * _EDGE))
        self.adjustSize()
        x = max(_EDGE, min(area.left(), within.width() - self.width() - _EDGE))
        y = area.bottom() + _BELOW
        if y + self.height() > within.height() - _EDGE:
            y = area.top() - self.height() - _BELOW
        self.move(QPoint(x, max(_EDGE, min(y, within.height() - self.height() - _EDGE))))

    def close_panel(self) -> None:
        """Ask no more."""
        if self.isHidden():
            return
        self._in_pass = False
        self._face = None
        self.hide()
        self.editor.set_target(None, None)
        self.asked.emit(None)
        self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape ends it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        else:
            super().keyPressEvent(event)

    def _ask(self, face: Face, name: str | None) -> None:
        self._face = face
        self.editor.set_target(f"f{face.id}", name)
        self.show()
        self.raise_()
        self.asked.emit(face.id)
        self.editor.begin()

    def _go_on(self) -> None:
        """To the next face without a name in a pass, else to an end."""
        place = self._next_unnamed(self._row()) if self._in_pass else None
        if place is None:
            self.close_panel()
        else:
            self._ask(*self._faces[place])

    def _step(self, step: int) -> None:
        """Leave the face as it is and go to another one."""
        place = self._row() + step
        if self._in_pass and step > 0:
            found = self._next_unnamed(self._row())
            place = len(self._faces) if found is None else found
        if 0 <= place < len(self._faces):
            self._ask(*self._faces[place])
        else:
            self.close_panel()

    def _row(self) -> int:
        ids = [face.id for face, _ in self._faces]
        return ids.index(self._face.id) if self._face is not None else -1

    def _next_unnamed(self, row: int) -> int | None:
        return next(
            (
                place
                for place, (face, _) in enumerate(self._faces)
                if place > row and face.person is None
            ),
            None,
        )
