"""The page of one person or group: the name on top, the faces or photos below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.language import marked, tr
from photoclust.core.types import FaceId, Group, GroupKind, LibraryChanges, PersonId
from photoclust.gui import text
from photoclust.gui.dialogs.naming import NameEditor
from photoclust.gui.operations import people as operations
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.views.person_panel import WIDTH, PersonPanel
from photoclust.gui.views.person_tools import PersonTools
from photoclust.gui.views.portraits import Portraits
from photoclust.gui.views.some_faces import SomeFaces
from photoclust.gui.views.tile_view import STEP
from photoclust.gui.widgets import Button, ElidedLabel, label

if TYPE_CHECKING:
    from photoclust.services.browse import Overview
    from photoclust.services.naming import Named
    from photoclust.services.portraits import Companion, Portrayal


_EDGE = 16
_LEFT, _RIGHT = 24, 8
_ROOM_FOR_SLIDER = 860


class GroupPage(QWidget):
    """Follows its group through naming, joining and new scans, by key."""

    TITLE = marked("A person or group")
    KEYS = (
        PageKey(
            marked("Letters"),
            marked("Begin the name of a group that has none, while no face is chosen"),
        ),
        PageKey("F2", marked("Change the name")),
        PageKey(marked("Enter"), marked("Keep the name; once more, go on with the next group")),
        PageKey(marked("Space, Ctrl+Click, Shift+Click"), marked("Choose several faces")),
        PageKey(marked("Ctrl+A, Ctrl+I"), marked("Choose all; choose the others instead")),
        PageKey("V", marked("Move what is chosen to somebody else")),
        PageKey("N", marked("It is not this person")),
        PageKey("X", marked("It is not a face")),
        PageKey("T", marked("Split it off as somebody else")),
        PageKey("C", marked("Make it the cover")),
        PageKey("K", marked("It belongs here, though it looks out of place")),
        PageKey("P", marked("Show faces or whole photos")),
        PageKey("S", marked("Show all photos of a stack, or one again")),
        PageKey("O", marked("Show the faces that look out of place")),
        PageKey("D", marked("Show what is known of the person")),
        PageKey(marked("Ctrl++, Ctrl+−"), marked("Larger pictures, smaller ones")),
        PageKey("Esc", marked("Take back what was typed; choose none; go back")),
    )

    back_wanted = Signal()
    next_wanted = Signal(str)
    """The next group without a name is to be shown, after the one with this key."""
    photo_opened = Signal(object, list)
    """A photo id, and all photos of this page to leaf through."""
    group_wanted = Signal(object)
    """The page of another Group is to be shown."""
    key_changed = Signal(str)
    """The group became a person."""
    naming = Signal(str)
    """The group with this key is being named."""
    size_settled = Signal(int)
    """Pictures are to be so large from now on, in px."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self._group: Group | None = None
        self._key = ""
        self._seen: list[FaceId] = []
        self.editor = NameEditor(shared)
        self.editor.setMaximumWidth(560)
        self.editor.setMinimumWidth(280)
        self._size = ElidedLabel("muted")
        self._hint = label(tr("Press Enter to name everybody on this page"), "muted")
        self._back = Button("", "flat", "back", tr("Back (Esc)"))
        self.next_button = Button(tr("Next without a name"), "", "next")
        self.next_button.setToolTip(tr("Open the next group that has no name (F3)"))
        settings = shared.settings
        self.tools = PersonTools(settings.face_tile_px)
        self.portraits = Portraits(shared, self, settings.face_tile_px)
        self.some = SomeFaces(shared, self.portraits, self.tools)
        self.note = self.some.note
        self.model, self.grid = self.portraits.faces, self.portraits.face_grid
        self.acts = self.portraits.acts
        self.panel = PersonPanel(shared)
        self.panel.hide()
        self._lay_out()
        self._connect()

    def resume(self) -> None:
        """Take the keyboard; what is shown may be of another time now."""
        self.portraits.grid.setFocus()
        if self._key:
            self._read()

    @property
    def key(self) -> str:
        """The person or group shown."""
        return self._key

    def show_group(self, group: Group) -> None:
        """Show `group`, ready to be named if it has no name."""
        if group.key != self._key:
            self.portraits.clear()
            self._seen = []
            self.some.show_all()
        self._key = group.key
        self._describe(group)
        self._read()
        self._make_room()  # or the panel, which has all of it, kept the keyboard
        if group.name is not None or not self.editor.begin():
            self.portraits.grid.setFocus()

    def show_about(self, *, shown: bool, typing: bool = True) -> None:
        """Show the panel with what is known of the person, or close it; `typing` begins in it,
        where that is what the user asked for.
        """
        is_person = self._group is not None and self._group.kind is GroupKind.PERSON
        self.panel.setVisible(shown and is_person)
        self._share_width()
        self.tools.about_button.setChecked(shown and is_person)
        if shown and is_person:
            self._read_companions()
            if typing:
                self.panel.begin()
            elif self._column.isHidden():
                self.panel.setFocus()  # there is nothing else: Escape closes it
        elif not shown:
            self.portraits.grid.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Where there is no room for both, what is known of the person is shown alone."""
        super().resizeEvent(event)
        self._share_width()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape first shows all again; F2 goes to the name; Ctrl and + or − make the pictures
        larger or smaller.
        """
        steps = {Qt.Key.Key_Plus: STEP, Qt.Key.Key_Equal: STEP, Qt.Key.Key_Minus: -STEP}
        step = steps.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self.some.is_on:
            self.some.show_all()
        elif event.key() == Qt.Key.Key_F2:
            self.editor.begin()
        elif step is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.tools.resize_by(step)
        else:
            super().keyPressEvent(event)

    def _make_room(self) -> None:
        """Where the panel has all the room, it gives it to the faces."""
        if self._column.isHidden():
            self.show_about(shown=False)

    def _share_width(self) -> None:
        # Keys do the same as the slider; the buttons beside it are needed more.
        self.tools.slider.setVisible(self.panel.isHidden() or self.width() >= _ROOM_FOR_SLIDER)
        beside = WIDTH + 2 * _EDGE + _LEFT + _RIGHT
        narrow = self.width() < self.tools.minimumSizeHint().width() + beside
        self.panel.set_wide(narrow)
        self._side.setHidden(self.panel.isHidden())
        self._column.setVisible(self.panel.isHidden() or not narrow)

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setSpacing(12)
        header.setContentsMargins(0, 0, 16, 0)
        header.addWidget(self._back)
        header.addWidget(self._size, 1)
        header.addWidget(self.next_button)
        naming = QHBoxLayout()
        naming.setContentsMargins(8, 0, 16, 0)
        naming.addWidget(self.editor, 10)
        naming.addStretch(1)
        hint_line = QHBoxLayout()
        hint_line.setContentsMargins(10, 0, 0, 0)
        hint_line.addWidget(self._hint)
        note_line = QHBoxLayout()
        note_line.setContentsMargins(8, 0, 16, 4)
        note_line.addWidget(self.note)
        left = QVBoxLayout()
        left.setContentsMargins(_LEFT, 0, _RIGHT, 0)
        left.setSpacing(8)
        for line in (header, naming, hint_line):
            left.addLayout(line)
        left.addWidget(self.tools)
        left.addLayout(note_line)
        left.addWidget(self.portraits, 1)
        self._column = QWidget()
        column = QVBoxLayout(self._column)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(left, 1)
        column.addWidget(self.acts.bar)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 16, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._column, 1)
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(_EDGE, 0, _EDGE, _EDGE)
        side.addWidget(self.panel)
        whole.addWidget(self._side)

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_wanted)
        self.next_button.clicked.connect(lambda: self.next_wanted.emit(self._key))
        self.editor.named.connect(self._named)
        self.editor.sent.connect(self._sent)
        self.editor.kept.connect(self._leave_editor)
        self.portraits.opened.connect(self.photo_opened)
        self.portraits.typed.connect(self.editor.begin_with)
        self.portraits.other_view_wanted.connect(self.tools.other_view)
        self.portraits.zoom_wanted.connect(self.tools.resize_by)
        self.portraits.about_wanted.connect(lambda: self.show_about(shown=self.panel.isHidden()))
        self.portraits.doubts_wanted.connect(self.some.look_for_doubts)
        self.tools.photos_wanted.connect(self.portraits.show_photos)
        self.tools.size_changed.connect(self.portraits.set_size)
        self.tools.size_settled.connect(self.size_settled)
        self.tools.out_of_place_wanted.connect(self.some.look_for_doubts)
        self.tools.about_wanted.connect(lambda on: self.show_about(shown=on))
        self.some.found.connect(self._make_room)
        self.some.group_wanted.connect(self.group_wanted)
        self.panel.closed.connect(lambda: self.show_about(shown=False))
        self.panel.both_wanted.connect(self.some.show_both)
        self._shared.follow(self._follow)
        self._shared.changed.connect(self._changed)
        self._shared.library_changed.connect(self._forget)

    # --- whose page it is -------------------------------------------------------------------------

    def _describe(self, group: Group) -> None:
        self._group = group
        self.some.set_group(group)
        self._tell_size(group)
        self.editor.set_target(group.key, group.name)
        self._hint.setVisible(group.name is None and self._shared.read_only is None)
        is_person = group.kind is GroupKind.PERSON
        self.tools.show_person(is_person=is_person)
        self.portraits.set_group(group)
        if is_person:
            self.panel.show_group(group)
        else:
            self.panel.hide()
            self.tools.about_button.setChecked(False)
            self._share_width()

    def _tell_size(self, group: Group) -> None:
        self._size.setText(text.group_size(group, self.portraits.all_forms))

    def _read(self) -> None:
        key = self._key

        def show(found: Portrayal) -> None:
            # A group without faces is gone: soon the page is theirs, wherever they are.
            gone = not found.faces and key.startswith(GroupKind.CLUSTER)
            if key == self._key and not gone:
                self.portraits.show_portrayal(found)
                if self._group is not None:
                    self._tell_size(self._group)
                # Of a person who is gone there are none, and the page follows those it had.
                self._seen = [each.face.id for each in found.faces] or self._seen

        self._shared.read(lambda library: operations.portrayal(library, key), show)
        if not self.panel.isHidden():
            self._read_companions()

    def _sent(self) -> None:
        """A name is being written: on with the next group, where the one here had none."""
        group = self._group
        if group is None or group.name is not None:
            return
        self.naming.emit(self._key)
        self.next_wanted.emit(self._key)

    def _named(self, named: Named) -> None:
        before, self._key = self._key, f"{GroupKind.PERSON}{named.person}"
        self.editor.set_target(self._key, named.name)
        self._hint.hide()
        self._read()
        if before != self._key:
            self.key_changed.emit(self._key)
        self._leave_editor()

    def _leave_editor(self) -> None:
        # Enter names, and Enter once more goes on.
        next_ = self.next_button
        (next_ if next_.isVisible() else self.portraits.grid).setFocus()

    def _follow(self, overview: Overview) -> None:
        go_on = any(group.name is None for group in overview.groups)
        if not go_on and self.next_button.hasFocus():
            self.portraits.grid.setFocus()  # or Qt would give it to the name, all of it selected
        self.next_button.setVisible(go_on)
        every = (*overview.groups, *overview.hidden)
        group = next((group for group in every if group.key == self._key), None)
        if group is None:
            if self.isVisible():
                self._go_with_faces()
            return
        self._describe(group)
        if self.isVisible() and group.faces != self.portraits.number_of_faces:
            self._read()

    def _go_with_faces(self) -> None:
        """Show the group that most faces of one that is gone are in: it was named, or its naming
        undone, or a new grouping has put it together with others.
        """
        gone = self._key

        def show(homes: list[str]) -> None:
            overview = self._shared.overview
            if gone != self._key or overview is None:
                return
            groups = {group.key: group for group in overview.groups}
            home = next((key for key in homes if key in groups), None)
            if home is None:
                self.back_wanted.emit()
                return
            self._key = home
            self._describe(groups[home])
            self._read()
            self.key_changed.emit(home)

        seen = self._seen
        self._shared.read(lambda library: library.homes(seen), show)

    def _changed(self, changes: LibraryChanges) -> None:
        number = int(self._key[1:] or 0)
        touched = changes.people if self._key.startswith(GroupKind.PERSON) else changes.clusters
        if self.isVisible() and PersonId(number) in touched:
            self._read()

    def _forget(self) -> None:
        self._key, self._group = "", None
        self.some.set_group(None)
        self.some.show_all()
        self.show_about(shown=False)

    def _read_companions(self) -> None:
        key, number = self._key, PersonId(int(self._key[1:]))

        def show(found: list[Companion]) -> None:
            if key == self._key:
                self.panel.show_companions(found)

        self._shared.read(lambda library: operations.companions(library, number), show)
