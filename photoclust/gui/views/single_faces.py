"""Faces that belong to nobody yet and look like no other: a part of the Unnamed page."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from photoclust.core.language import marked, tr
from photoclust.core.types import Face, FaceId
from photoclust.gui.dialogs.naming import NameEditor
from photoclust.gui.models.lists import FaceModel
from photoclust.gui.operations import people as operations
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.views.picked_bar import key_action
from photoclust.gui.views.tiles import FaceTile, TileGrid
from photoclust.gui.widgets import Button, EmptyState

if TYPE_CHECKING:
    from photoclust.services.naming import Named


class SingleFacesPage(QWidget):
    """Choose a face, type who it is; the next one is chosen then."""

    TITLE = marked("Single faces")
    KEYS = (
        PageKey(marked("Space"), marked("Show the photo of the chosen face")),
        PageKey(marked("Enter"), marked("Name the chosen face")),
        PageKey("X", marked("It is not a face")),
    )

    photo_opened = Signal(object, list)
    """A photo id, and all photos of this page to leaf through."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self.model = FaceModel(self)
        self.grid = TileGrid(self.model, FaceTile(shared.thumbnails, self), tr(self.TITLE))
        self.editor = NameEditor(shared, large=False)
        self.editor.setMaximumWidth(560)
        self.editor.setMinimumWidth(240)
        self.editor.edit.setPlaceholderText(tr("Choose a face, then type who it is…"))
        self.editor.edit.setEnabled(False)
        self.photo_button = Button(tr("Show the photo"), "", "photos")
        self.photo_button.setEnabled(False)
        self.exclude = key_action([self.grid], tr("Not a face"), "X", self._exclude)
        self.menu = self._make_menu()
        naming = QHBoxLayout()
        naming.setContentsMargins(8, 4, 16, 4)
        naming.setSpacing(12)
        naming.addWidget(self.editor, 10, Qt.AlignmentFlag.AlignTop)
        naming.addWidget(self.photo_button, 0, Qt.AlignmentFlag.AlignTop)
        naming.addStretch(1)
        faces = QWidget()
        layout = QVBoxLayout(faces)
        layout.setContentsMargins(24, 0, 8, 0)
        layout.setSpacing(8)
        layout.addLayout(naming)
        layout.addWidget(self.grid, 1)
        self._empty = EmptyState(
            "face",
            tr("No single faces"),
            tr("Faces that look like nobody else's wait here for a name."),
        )
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(faces)
        self.grid.doubleClicked.connect(self._show_photo)
        self.grid.typed.connect(self.editor.begin_with)
        self.grid.opened.connect(self._choose)
        self.grid.menu_wanted.connect(self._pop_up)
        self.grid.selectionModel().currentChanged.connect(self._target)
        self.photo_button.clicked.connect(lambda: self._show_photo(self.grid.currentIndex()))
        self.editor.named.connect(self._named)
        shared.overview_changed.connect(self._follow)
        shared.library_changed.connect(lambda: self.grid.show_items([]))

    def begin(self) -> None:
        """Take the keyboard."""
        self.grid.setFocus()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Read what there is: while nobody sees it nothing is read."""
        super().showEvent(event)
        self._read()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Space shows the photo of the chosen face."""
        if event.key() == Qt.Key.Key_Space and self.grid.currentIndex().isValid():
            self._show_photo(self.grid.currentIndex())
        else:
            super().keyPressEvent(event)

    def _make_menu(self) -> QMenu:
        """What can be done with the chosen face. Letters begin its name, but for the X."""
        menu = QMenu(self)
        self.name = menu.addAction(tr("Name…"), lambda: self._choose(self.grid.currentIndex()))
        menu.addAction(self.exclude)
        self.hide_face = menu.addAction(tr("Hide"), self._hide)
        menu.addSeparator()
        self.show_photo = menu.addAction(
            tr("Show the photo"), lambda: self._show_photo(self.grid.currentIndex())
        )
        for action, key in ((self.name, Qt.Key.Key_Enter), (self.show_photo, Qt.Key.Key_Space)):
            action.setShortcut(QKeySequence(key))  # to be read there; the grid has these keys
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        return menu

    def _pop_up(self, where: QPoint) -> None:
        self.menu.popup(where)

    def _follow(self) -> None:
        if self.isVisible():
            self._read()

    def _read(self) -> None:
        self._shared.read(lambda library: library.single_faces(), self._show)

    def _show(self, faces: list[Face]) -> None:
        row = self.grid.currentIndex().row()
        self.grid.show_items(faces)
        self._stack.setCurrentIndex(1 if faces else 0)
        if row >= 0 and not self.grid.currentIndex().isValid() and faces:
            self.grid.select(self.model.index(min(row, len(faces) - 1)))

    def _choose(self, index: QModelIndex) -> None:
        self._target(index)
        self.editor.begin()

    def _target(self, index: QModelIndex) -> None:
        face: Face | None = self.model.item(index.row()) if index.isValid() else None
        self.editor.set_target(None if face is None else f"f{face.id}", None)
        self.photo_button.setEnabled(face is not None)
        may_decide = face is not None and self._shared.read_only is None
        for action in (self.name, self.exclude, self.hide_face):
            action.setEnabled(may_decide)

    def _named(self, named: "Named") -> None:
        self._go_on(named.changes.faces)
        if self.model.rowCount():
            self.editor.begin()

    def _exclude(self) -> None:
        face: Face = self.model.item(self.grid.currentIndex().row())
        self._shared.act(
            tr("Saying what is no face"),
            lambda library: operations.exclude(library, [face.id]),
            lambda _: self._go_on({face.id}),
        )

    def _hide(self) -> None:
        face: Face = self.model.item(self.grid.currentIndex().row())
        self._shared.act(
            tr("Hiding"),
            lambda library: operations.hide_faces(library, [face.id]),
            lambda _: self._go_on({face.id}),
        )

    def _go_on(self, gone: Collection[FaceId]) -> None:
        """Show those that are left; where the chosen one was, the next one is chosen."""
        row = self.grid.currentIndex().row()
        self._show([face for face in self.model.items if face.id not in gone])
        if self.model.rowCount():
            self.grid.select(self.model.index(min(row, self.model.rowCount() - 1)))

    def _show_photo(self, index: QModelIndex) -> None:
        photos = list(dict.fromkeys(face.photo for face in self.model.items))
        self.photo_opened.emit(self.model.item(index.row()).photo, photos)
