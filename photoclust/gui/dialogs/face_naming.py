"""Naming the faces of a photo where they are: one that was clicked, or all in one pass.

In a pass Enter names a face and goes on to the next without a name, in reading order; Tab passes
one over. Nothing waits for the disk: the next name can be typed while the one before is written,
and that of a face which was drawn while it is still looked at.
"""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from photoclust.core.language import tr
from photoclust.core.types import Box, Face
from photoclust.gui import text
from photoclust.gui.dialogs.naming import NameEditor
from photoclust.gui.shared import Shared
from photoclust.gui.widgets import label

WIDTH = 420
_EDGE = 16
_BELOW = 14
_NOT_YET = "f"
"""What is named while the face is not there yet that a name is typed for."""

Named = tuple[Face, str | None]


class FaceNameEditor(NameEditor):
    """Takes a name that one person has for that person; only where several have it, it asks, and
    `named` tells the answer.
    """

    given = Signal()
    """A name was given that needed no question. It is being written."""
    promised = Signal(str)
    """A name that needs no question was given to the face that is not there yet."""

    def __init__(self, shared: Shared, *, large: bool = True) -> None:
        super().__init__(shared, large=large)
        self._to_enter = False
        self.edit.textEdited.connect(self._enter_no_more)

    def wait(self) -> None:
        """Let a name be typed for a face that is not there yet."""
        self._to_enter = False
        self.set_target(_NOT_YET, None)
        self.begin()

    def take(self, key: str, name: str | None) -> None:
        """The face is there that a name was typed for: it is `key`, called `name` so far."""
        if not self.edit.text():
            self.set_target(key, name)
            self.begin()
            return
        self._key, self._name = key, name or ""
        if self._to_enter:
            self._entered()

    def _enter_no_more(self) -> None:
        self._to_enter = False

    def _entered(self) -> None:
        words, key = self.edit.text().strip(), self.key
        same = [name for name in self._everybody() if text.folded(name) == text.folded(words)]
        simple = bool(words) and words != self._name and len(same) <= 1
        if key == _NOT_YET or (key is not None and simple):
            self._popup.hide()
        if key == _NOT_YET and simple:
            self.promised.emit(words)
        elif key == _NOT_YET:
            self._to_enter = bool(words)  # whom it means is asked when there is a face
        elif key is not None and simple:
            self._shared.name(key, words, lambda _: None)
            self.given.emit()
        else:
            super()._entered()

    def _everybody(self) -> list[str]:
        """The names of each person: a name that two people have comes twice."""
        overview = self._shared.overview
        groups = () if overview is None else overview.groups
        return [name for group in groups for name in (group.name, *group.aliases) if name]


class FaceNaming(QFrame):
    """A small panel that hangs below the face it asks about."""

    asked = Signal(object)
    """The id of the Face that is asked about, None where none is any more."""
    promised = Signal(object, str)
    """The Box of a face that is not there yet, and the name that it is to have."""
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
        self._awaited: Box | None = None
        self._in_pass = False
        self.editor.promised.connect(self._promise)
        self.editor.given.connect(self._go_on)
        self.editor.named.connect(lambda _: self._go_on())
        self.editor.kept.connect(self._go_on)
        self.hide()

    @property
    def face(self) -> Face | None:
        """The face that is asked about."""
        return self._face

    @property
    def awaited(self) -> Box | None:
        """Where the face is to be that is asked about before it is there."""
        return self._awaited

    def set_faces(self, faces: Sequence[Named]) -> None:
        """The faces of the photo in the order in which they are asked about."""
        self._faces = list(faces)
        ids = [face.id for face, _ in faces]
        if self._face is not None and self._face.id not in ids:
            self.close_panel()

    def ask(self, face: Face, name: str | None) -> None:
        """Ask who `face` is; called `name` so far."""
        self._ask(face, name)

    def ask_ahead(self, box: Box) -> None:
        """Ask who the face is that will be in `box`."""
        self._face, self._awaited, self._in_pass = None, box, False
        self.show()
        self.raise_()
        self.asked.emit(None)
        self.editor.wait()

    def take(self, face: Face, name: str | None) -> None:
        """`face` is the one that was asked about before it was there; called `name` so far."""
        self._face, self._awaited = face, None
        self.asked.emit(face.id)
        self.editor.take(f"f{face.id}", name)

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
        self._face = self._awaited = None
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
        self._face, self._awaited = face, None
        self.editor.set_target(f"f{face.id}", name)
        self.show()
        self.raise_()
        self.asked.emit(face.id)
        self.editor.begin()

    def _promise(self, words: str) -> None:
        box = self._awaited
        self.close_panel()
        self.promised.emit(box, words)

    def _go_on(self) -> None:
        """To the next face without a name in a pass, else to an end."""
        place = self._next_unnamed(self._row()) if self._in_pass else None
        if place is None:
            self.close_panel()
        else:
            self._ask(*self._faces[place])

    def _step(self, step: int) -> None:
        """Leave the face as it is and go to another one."""
        if self._awaited is not None:
            return
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
