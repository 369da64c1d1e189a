"""Who is in the photo of the viewer: names, boxes and tags, over the photo and beside it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from photoclust.core.language import tr
from photoclust.core.types import Box, Face, FaceId
from photoclust.gui import photo_text
from photoclust.gui.dialogs.face_naming import FaceNaming
from photoclust.gui.dialogs.tagging import PersonPicker
from photoclust.gui.models.photo_faces import InPhoto
from photoclust.gui.operations.viewing import PhotoView
from photoclust.gui.photo_edits import PhotoEdits
from photoclust.gui.shared import Shared
from photoclust.gui.views.canvas import Canvas
from photoclust.gui.views.in_photo import InPhotoPanel


class PhotoPeople(QObject):
    """Keeps the boxes of `canvas`, the list of `panel` and what asks for names in step."""

    unnamed = Signal(bool)
    """Whether there is a face that can be named and is not."""
    photo_menu_wanted = Signal(object)
    """A menu of the photo is wanted at a global position."""

    def __init__(
        self,
        shared: Shared,
        canvas: Canvas,
        panel: InPhotoPanel,
        page: QWidget,
    ) -> None:
        super().__init__(page)
        self._shared = shared
        self._page = page
        self._canvas = canvas
        self._panel = panel
        self._view: PhotoView | None = None
        self._to_ask: tuple[FaceId, Box] | None = None
        self._promised: dict[Box, str] = {}
        self._edits = PhotoEdits(shared, self)
        self.popup = FaceNaming(shared, page)
        self.picker = PersonPicker(shared, page)
        self._connect()

    def show(self, view: PhotoView | None) -> None:
        """Show who is in the photo, None: in none."""
        self._view = view
        self._label()

    def name_everybody(self) -> None:
        """Ask for the name of one face after the other."""
        if self._edits.may_change(tr("no names can be given")) and not self.popup.begin_pass():
            self._shared.told.emit(tr("Every face in this photo has a name."))

    def close_panels(self) -> None:
        """Ask for no name any more."""
        self.popup.close_panel()
        self.picker.close_panel()

    def place(self) -> None:
        """Keep the small panels where they belong."""
        awaited = self.popup.awaited
        of_face = self._canvas.selected_area()
        area = (of_face if awaited is None else self._canvas.viewport.to_widget(awaited)).toRect()
        area.moveTopLeft(self._canvas.mapTo(self._page, area.topLeft()))
        self.popup.place(area, self._page.size())
        self.picker.place(self._canvas.geometry())

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether a key of the viewer was about somebody in the photo."""
        key, face = event.key(), self._canvas.selected
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        letter = event.text().strip() if event.text().isprintable() and not held else ""
        asking = not (self.popup.isHidden() and self.picker.isHidden())
        if key == Qt.Key.Key_F2:
            self.name_everybody()
        elif key == Qt.Key.Key_Escape and asking:
            self.close_panels()
        elif key == Qt.Key.Key_Delete and face is not None:
            self._edits.remove(face)
        elif face is not None and letter:
            self._ask_name(face, self._name_of(face), letter)
        elif letter == "d":
            self._draw()
        elif letter == "t":
            self._ask_person()
        else:
            return False
        return True

    def _connect(self) -> None:
        canvas, panel = self._canvas, self._panel
        canvas.face_opened.connect(self._ask_name)
        canvas.missed.connect(self.close_panels)
        canvas.hovered.connect(panel.highlight)
        canvas.drawn.connect(self._add)
        canvas.resized.connect(lambda face, box: self._edit(self._edits.resize, face, box))
        canvas.drawing_ended.connect(lambda: panel.draw_button.setChecked(False))
        canvas.menu_wanted.connect(self._show_menu)
        panel.hovered.connect(canvas.highlight)
        panel.opened.connect(self._open)
        panel.menu_wanted.connect(self._show_menu_of)
        panel.removed.connect(lambda who: self._edit(self._edits.remove_somebody, who))
        panel.draw_wanted.connect(self._draw)
        panel.tag_wanted.connect(self._ask_person)
        self.popup.asked.connect(self._asked)
        self.popup.promised.connect(self._promised.__setitem__)
        self.popup.finished.connect(canvas.setFocus)
        self.popup.editor.choices.resized.connect(self.place)
        self.picker.chosen.connect(lambda *who: self._edit(self._edits.tag, *who))
        self.picker.finished.connect(canvas.setFocus)
        self.picker.editor.choices.resized.connect(self.place)
        self._edits.pending.connect(canvas.show_pending)
        self._edits.made.connect(self._made)
        self._edits.not_made.connect(self._not_made)
        self._shared.library_changed.connect(self._forget)
        self._shared.overview_changed.connect(self._label)

    def _label(self) -> None:
        view, names = self._view, self._shared.person_names()
        changeable = self._shared.read_only is None
        faces = () if view is None else view.faces
        self._canvas.can_change = changeable
        self._panel.allow(changeable)
        self._canvas.set_faces(
            [(face, names.get(face.person) if face.person is not None else None) for face in faces]
        )
        self.popup.set_faces(self._canvas.faces)
        people = [] if view is None else photo_text.in_photo(view, self._canvas.faces)
        self._panel.show_people(people)
        unnamed = any(face.person is None for face, _ in self._canvas.faces)
        self.unnamed.emit(unnamed and changeable)
        self.place()
        self._ask_about_new()

    def _name_of(self, face: Face) -> str | None:
        return {known.id: name for known, name in self._canvas.faces}.get(face.id)

    def _open(self, somebody: InPhoto) -> None:
        if somebody.face is not None:
            self._canvas.select(somebody.face.id)
            self._ask_name(somebody.face, somebody.name)

    def _ask_name(self, face: Face, name: object, letters: str = "") -> None:
        if not self._edits.may_change(tr("no names can be given")):
            return
        self.picker.close_panel()
        called = str(name) if name else None
        if letters:
            self.popup.begin_with(face, called, letters)
        else:
            self.popup.ask(face, called)

    def _asked(self, face: FaceId | None) -> None:
        self._canvas.asking = face is not None
        self._canvas.select(face)
        self._canvas.bring_into_view()
        self._panel.select(face)
        self.place()

    def _edit(self, edit: Callable[..., None], *values: object) -> None:
        if self._view is not None:
            edit(self._view.photo, *values)

    def _draw(self) -> None:
        wanted = not self._canvas.is_drawing and self._view is not None
        wanted = wanted and self._edits.may_change(tr("no face can be drawn"))
        self.close_panels()
        self._canvas.begin_drawing(wanted)
        self._panel.draw_button.setChecked(wanted)
        self._canvas.setFocus()

    def _ask_person(self) -> None:
        if self._view is not None and self._edits.may_change(tr("nobody can be added")):
            self.popup.close_panel()
            self.picker.ask()
            self.place()

    def _add(self, box: Box) -> None:
        """Make `box` a face; who it is can be typed at once, however long that takes."""
        if self._view is not None:
            self.picker.close_panel()
            self.popup.ask_ahead(box)
            self._edits.draw(self._view.photo, box)

    def _made(self, face: FaceId, box: Box) -> None:
        name = self._promised.pop(box, None)
        if name is not None:
            self._shared.name(f"f{face}", name, lambda _: None)
        elif self.popup.awaited == box:
            self._to_ask = face, box
            self._ask_about_new()

    def _not_made(self, box: Box) -> None:
        self._promised.pop(box, None)
        if self.popup.awaited == box:
            self.popup.close_panel()

    def _forget(self) -> None:
        self._promised.clear()
        self.popup.close_panel()

    def _ask_about_new(self) -> None:
        """Let the name that is asked for be that of the face that was drawn, once it is there."""
        if self._to_ask is None:
            return
        made, box = self._to_ask
        for face, name in self._canvas.faces:
            if face.id == made:
                self._to_ask = None
                if self.popup.awaited == box:
                    self.popup.take(face, name)

    def _show_menu(self, face: Face | None, at: QPoint) -> None:
        if face is None:
            self.photo_menu_wanted.emit(at)
            return
        self._canvas.select(face.id)
        self._show_menu_of(InPhoto(face, face.person, self._name_of(face)), at)

    def _show_menu_of(self, somebody: InPhoto, at: QPoint) -> None:
        if self._view is not None:
            self._edits.show_menu(
                self._view.photo, somebody, self._page, at, lambda: self._open(somebody)
            )
