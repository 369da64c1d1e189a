"""What the user does to the faces of the photo in the viewer: draw, resize, remove, tag."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from photoclust.core.language import marked, tr
from photoclust.core.types import Box, Face, FaceId, PersonId, Photo
from photoclust.gui import text
from photoclust.gui.models.photo_faces import InPhoto
from photoclust.gui.operations import editing
from photoclust.gui.operations.acts import Acted
from photoclust.gui.shared import Shared


class PhotoEdits(QObject):
    """Starts the acts; the page shows what came of them when the library tells it."""

    made = Signal(object, object)
    """The id of a face that was drawn, and the Box that was given for it."""
    not_made = Signal(object)
    """A Box that could not be made a face."""
    pending = Signal(object)
    """A Box that is being looked at, in px of the photo as it is shown; None when that is done."""

    def __init__(self, shared: Shared, parent: QObject) -> None:
        super().__init__(parent)
        self._shared = shared

    def may_change(self, what: str) -> bool:
        """Whether the library can be changed; if not, say why: `what` begins the sentence."""
        why_not = self._shared.read_only
        if why_not is not None:
            self._shared.complained.emit(f"{what}: {why_not}")
        return why_not is None

    def draw(self, photo: Photo, box: Box) -> None:
        """Say that there is a face in `box`."""

        made: list[FaceId | None] = []

        def drawn(acted: Acted) -> None:
            made.append(acted.face)
            self.made.emit(acted.face, box)

        def end() -> None:
            if not made:
                self.not_made.emit(box)

        self._with_box(
            marked("Adding a face"),
            box,
            lambda library: editing.draw(library, photo, box, self._shared.settings),
            drawn,
            end,
        )

    def resize(self, photo: Photo, face: Face, box: Box) -> None:
        """Say that `face` is in `box`."""
        self._with_box(
            marked("Changing a box"),
            box,
            lambda library: editing.resize(library, photo, face.id, box, self._shared.settings),
            lambda _: None,
        )

    def remove(self, face: Face) -> None:
        """Say that `face` is none."""
        if self.may_change(tr("no box can be removed")):
            self._shared.act(
                marked("Removing a box"), lambda library: editing.remove_faces(library, [face])
            )

    def refuse(self, face: Face, name: str) -> None:
        """Say that `face` is not the person it is shown as."""
        if self.may_change(tr("nothing can be said of faces")):
            self._shared.act(
                marked("Taking a name away"), lambda lib: editing.refuse(lib, face, name)
            )

    def tag(self, photo: Photo, person: PersonId, name: str, *, present: bool = True) -> None:
        """Say that `person` is in `photo` without a face, or is not."""
        if self.may_change(tr("nobody can be added")):
            self._shared.act(
                marked("Adding a person"),
                lambda library: editing.tag(library, person, name, photo.id, present=present),
            )

    def remove_somebody(self, photo: Photo, somebody: InPhoto) -> None:
        """Take a box, or somebody without one, out of `photo`."""
        if somebody.face is not None:
            self.remove(somebody.face)
        elif somebody.person is not None:
            self.tag(photo, somebody.person, somebody.name or "", present=False)

    def show_menu(
        self,
        photo: Photo,
        somebody: InPhoto,
        parent: QWidget,
        at: QPoint,
        ask_name: Callable[[], None],
    ) -> None:
        """A menu of what can be done about somebody in the photo."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.setEnabled(self._shared.read_only is None)
        face, name = somebody.face, somebody.name
        if face is None:
            action = menu.addAction(tr("Not in this photo"))
            action.triggered.connect(lambda: self.remove_somebody(photo, somebody))
        else:
            menu.addAction(tr("Rename…") if name else tr("Name…")).triggered.connect(ask_name)
            if name:
                shown = text.menu_text(text.shortened(name, 40))
                not_them = menu.addAction(tr("Not {name}", name=shown))
                not_them.triggered.connect(lambda: self.refuse(face, name))
            menu.addSeparator()
            words = tr("Remove this box") if face.drawn else tr("Not a face")
            menu.addAction(words).triggered.connect(lambda: self.remove(face))
        menu.popup(at)

    def _with_box(
        self,
        title: str,
        box: Box,
        work: Callable[..., Acted],
        done: Callable[[Acted], None],
        finished: Callable[[], None] = lambda: None,
    ) -> None:
        def end() -> None:
            self.pending.emit(None)
            finished()

        if self.may_change(tr("no box can be drawn")):
            self.pending.emit(box)
            self._shared.act(title, work, done, finished=end)
        else:
            finished()
