"""The page of one person or group: the name on top, the faces below."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.types import Face, FaceId, Group, GroupKind, LibraryChanges, PersonId
from photoclust.gui import text
from photoclust.gui.dialogs.naming import NameEditor
from photoclust.gui.models.lists import FaceModel
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.views.tiles import FaceTile, TileGrid
from photoclust.gui.widgets import Button, label

if TYPE_CHECKING:
    from photoclust.services.browse import Overview
    from photoclust.services.naming import Named


class GroupPage(QWidget):
    """Follows its group through naming, joining and new scans, by key."""

    TITLE = "A person or group"
    KEYS = (
        PageKey("Letters", "Begin to type the name"),
        PageKey("Enter", "Keep the name; once more, go on with the next group"),
        PageKey("Esc", "Take back what was typed; go back"),
    )

    back_wanted = Signal()
    next_wanted = Signal()
    photo_opened = Signal(object, list)
    """A photo id, and all photos of this page to leaf through."""
    key_changed = Signal(str)
    """The group became a person."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self._key = ""
        self._seen: list[FaceId] = []
        self.model = FaceModel(self)
        self.grid = TileGrid(self.model, FaceTile(shared.thumbnails, self), "Faces")
        self.editor = NameEditor(shared)
        self.editor.setMaximumWidth(560)
        self.editor.setMinimumWidth(280)
        self._size = label("", "muted")
        self._hint = label("Press Enter to name everybody on this page", "muted")
        back = Button("", "flat", "back", "Back to People (Esc)")
        self.next_button = Button("Next without a name", "", "next")
        self.next_button.setToolTip("Open the next group that has no name (F3)")
        header = QHBoxLayout()
        header.setSpacing(12)
        header.setContentsMargins(0, 0, 16, 0)
        header.addWidget(back)
        header.addWidget(self._size)
        header.addStretch()
        header.addWidget(self.next_button)
        naming = QHBoxLayout()
        naming.setContentsMargins(8, 0, 16, 0)
        naming.addWidget(self.editor, 10)
        naming.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 8, 0)
        layout.setSpacing(8)
        layout.addLayout(header)
        layout.addLayout(naming)
        hint_line = QHBoxLayout()
        hint_line.setContentsMargins(10, 0, 0, 4)
        hint_line.addWidget(self._hint)
        layout.addLayout(hint_line)
        layout.addWidget(self.grid, 1)
        back.clicked.connect(self.back_wanted)
        self.next_button.clicked.connect(self.next_wanted)
        self.editor.named.connect(self._named)
        self.editor.kept.connect(self._leave_editor)
        self.grid.opened.connect(self._open)
        self.grid.typed.connect(self.editor.begin_with)
        shared.overview_changed.connect(self._follow)
        shared.changed.connect(self._changed)

    @property
    def key(self) -> str:
        """The person or group shown."""
        return self._key

    def show_group(self, group: Group) -> None:
        """Show `group`, ready to be named if it has no name."""
        if group.key != self._key:
            self.model.set_items([])
            self.grid.scrollToTop()
            self._seen = []
        self._key = group.key
        self._describe(group)
        self._read()
        if group.name is not None or not self.editor.begin():
            self.grid.setFocus()

    def _describe(self, group: Group) -> None:
        self._size.setText(text.group_size(group))
        self.editor.set_target(group.key, group.name)
        self._hint.setVisible(group.name is None and self._shared.read_only is None)

    def _read(self) -> None:
        key = self._key

        def show(faces: list[Face]) -> None:
            if key == self._key:
                self.grid.show_items(faces)
                # Of a group that is gone there are none, and the page follows those it had.
                self._seen = [face.id for face in faces] or self._seen

        self._shared.read(lambda library: library.faces(key), show)

    def _named(self, named: "Named") -> None:
        before, self._key = self._key, f"{GroupKind.PERSON}{named.person}"
        self.editor.set_target(self._key, named.name)
        self._hint.hide()
        self._read()
        if before != self._key:
            self.key_changed.emit(self._key)
        self._leave_editor()

    def _leave_editor(self) -> None:
        # Enter names, and Enter once more goes on.
        (self.next_button if self.next_button.isVisible() else self.grid).setFocus()

    def _follow(self, overview: "Overview") -> None:
        go_on = any(group.name is None for group in overview.groups)
        if not go_on and self.next_button.hasFocus():
            self.grid.setFocus()  # or Qt would give it to the name, all of it selected
        self.next_button.setVisible(go_on)
        group = next((group for group in overview.groups if group.key == self._key), None)
        if group is None:
            if self.isVisible():
                self._go_with_faces()
            return
        self._describe(group)
        if self.isVisible() and group.faces != self.model.rowCount():
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

    def _open(self, index: QModelIndex) -> None:
        photos = list(dict.fromkeys(face.photo for face in self.model.items))
        self.photo_opened.emit(self.model.item(index.row()).photo, photos)
