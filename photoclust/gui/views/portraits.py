"""The faces or photos of one person or group, of which several can be chosen."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedLayout, QWidget

from photoclust.core.forms import Shots
from photoclust.core.language import tr
from photoclust.core.types import Face, FaceId, Group, GroupKind, PhotoId
from photoclust.gui import people_text, text
from photoclust.gui.models.lists import FaceModel, PhotoModel
from photoclust.gui.models.stacks import Stacks
from photoclust.gui.shared import Shared
from photoclust.gui.views.face_acts import FaceActs
from photoclust.gui.views.picked_bar import key_action
from photoclust.gui.views.picking import PickGrid
from photoclust.gui.views.portrait_tiles import PortraitTile, TheirPhotoTile

if TYPE_CHECKING:
    from photoclust.services.portraits import DatedPhoto, Portrayal

PHOTO_SCALE = 1.4
"""A photo is shown so many times as large as a face."""


class Portraits(QWidget):
    """Two grids, of which one is shown; a click opens the photo."""

    opened = Signal(object, list)
    """A photo id, and all photos shown to leaf through."""
    typed = Signal(str)
    """A letter that begins a name: of a group that has none."""
    other_view_wanted = Signal()
    about_wanted = Signal()
    doubts_wanted = Signal()
    zoom_wanted = Signal(int)
    """Larger or smaller pictures, by so many px."""
    emptied = Signal()
    """Of those faces that were to be shown alone none is left."""

    def __init__(self, shared: Shared, page: QWidget, size: int) -> None:
        super().__init__()
        self._shown: Portrayal | None = None
        self._shots = Shots()
        self._only: Collection[int] | None = None
        self._doubted = False
        self._group: Group | None = None
        self._keys: list[QAction] = []
        self.stacks = Stacks()
        self.faces = FaceModel(self)
        self.photos = PhotoModel(self.stacks, self)
        self._face_tile = PortraitTile(shared.thumbnails, self)
        self._photo_tile = TheirPhotoTile(shared.thumbnails, self.stacks, self, shared)
        self._years: dict[PhotoId, str] = {}
        self.face_grid = PickGrid(
            self.faces, self._face_tile, tr("Faces"), title=lambda face: self._year_of(face.photo)
        )
        self.photo_grid = PickGrid(self.photos, self._photo_tile, tr("Photos"), title=self._year_of)
        grids = (self.face_grid, self.photo_grid)
        self._stack_key = key_action((self.photo_grid,), "", "S", self.toggle_stacks)
        self.acts = FaceActs(
            shared,
            grids,
            page,
            faces=self._chosen_faces,
            shown=self._chosen_shown,
            faceless=self._chosen_faceless,
            more=(self._stack_key,),
        )
        self._stack = QStackedLayout(self)
        for grid in grids:
            self._stack.addWidget(grid)
            grid.typed.connect(self._type)
            grid.zoom_wanted.connect(self.zoom_wanted)
        self.face_grid.opened.connect(self._open_face)
        self.photo_grid.opened.connect(self._open_photo)
        for key, signal in (
            ("P", self.other_view_wanted),
            ("D", self.about_wanted),
            ("O", self.doubts_wanted),
        ):
            self._keys.append(key_action(grids, "", key, signal.emit))
        self._keys.append(self._stack_key)
        for grid in grids:
            grid.picked_changed.connect(self._free_keys)
            grid.picked_changed.connect(self._offer_stacks)
        shared.library_changed.connect(self.stacks.clear)
        self.acts.went.connect(self._take_away)
        self.acts.kept.connect(self._take_away)
        self.set_size(size)

    @property
    def grid(self) -> PickGrid:
        """The grid that is shown."""
        grid = self._stack.currentWidget()
        assert isinstance(grid, PickGrid)
        return grid

    @property
    def number_of_faces(self) -> int:
        """How many faces there are, shown or not."""
        return 0 if self._shown is None else len(self._shown.faces)

    @property
    def all_forms(self) -> int:
        """How many photos there are with all forms of each, shown or not."""
        return 0 if self._shown is None else self._shown.shots.all_forms

    def clear(self) -> None:
        """Show nothing, from the beginning."""
        self._shown = None
        self.stacks.clear()
        for grid in (self.face_grid, self.photo_grid):
            grid.pick_none()
            grid.show_items([])
            grid.scrollToTop()

    def set_group(self, group: Group) -> None:
        """Whose faces these are."""
        self._group = group
        self._free_keys()
        self.acts.set_group(group, doubted=self._doubted)

    def show_portrayal(self, found: Portrayal) -> None:
        """Show what there is to be seen."""
        self._shown = found
        self._years = {photo.id: people_text.year(photo.taken) for photo in found.photos}
        lines = self._face_tile.lines
        self._face_tile.set_ages({each.face.id: people_text.age(each.age) for each in found.faces})
        if self._face_tile.lines != lines:
            self.face_grid.share_space()
        self._arrange()

    def show_only(self, ids: Collection[int] | None, *, doubted: bool = False) -> None:
        """Show only these faces or photos, or all; `doubted` ones in the order of `ids`."""
        self._only, self._doubted = ids, doubted
        for grid in (self.face_grid, self.photo_grid):
            grid.pick_none()
        self.acts.set_group(self._group, doubted=doubted)
        self._arrange()
        if doubted and self.faces.rowCount():
            self.face_grid.setFocus()
            self.face_grid.pick_row(0)

    def toggle_stacks(self) -> None:
        """Show all photos of the stacks that are chosen, or of each only one again."""
        photos, index = self.photo_grid.picked, self.photo_grid.currentIndex()
        if not photos and index.isValid():
            photos = [self.photos.item(index.row())]
        if covers := self.stacks.toggle(photos):
            self.photo_grid.pick_none()
            self._arrange()
            self.photo_grid.viewport().update()
            self.photo_grid.make_current(self.photos.index_of(min(covers)))

    def show_photos(self, wanted: bool) -> None:
        """Show whole photos, or faces; what is in the middle of the one is so in the other."""
        before = self.grid
        focused = before.hasFocus()
        photo = self._photo_at(before)
        self._stack.setCurrentWidget(self.photo_grid if wanted else self.face_grid)
        before.pick_none()
        self._offer_stacks()
        if photo is not None:
            self._go_to(photo)
        if focused or not wanted:
            self.grid.setFocus()
        self.acts.follow()

    def set_size(self, least: int) -> None:
        """Make the pictures at least so wide, in px; what is at the top stays there."""
        self.face_grid.set_tile_side(least)
        self.photo_grid.set_tile_side(round(least * PHOTO_SCALE))

    def _year_of(self, photo: PhotoId) -> str:
        """The heading above a photo; there are none where the order is not that of time."""
        group = self._group
        if self._doubted or group is None or group.kind is not GroupKind.PERSON:
            return ""
        return self._years.get(photo, "")

    def _arrange(self) -> None:
        shown, only = self._shown, self._only
        faces = [] if shown is None else [each.face for each in shown.faces]
        shots = Shots() if shown is None else shown.shots
        if only is not None and self._doubted:
            by_id = {face.id: face for face in faces}
            faces = [by_id[FaceId(number)] for number in only if number in by_id]
            shots = Shots(tuple(dict.fromkeys(face.photo for face in faces)))
        elif only is not None:
            shots = shots.among(only)
            faces = [face for face in faces if face.photo in only]
        self.face_grid.show_items(faces)
        self._shots = shots
        self.photo_grid.show_items(self.stacks.spread(shots))
        self._offer_stacks()

    @property
    def _has_name(self) -> bool:
        return self._group is not None and self._group.name is not None

    def _free_keys(self) -> None:
        """Letters are keys, but where they begin the name of a group that has none: while nothing
        is chosen there.
        """
        for action in self._keys:
            action.setEnabled(self._has_name or self.grid.selectionModel().hasSelection())

    def _offer_stacks(self) -> None:
        """The stack's key, and its place in the bar and the menu, are there for a stack."""
        covers = self.stacks.covers(self.photo_grid.picked or self.photos.items)
        words = self.stacks.words(covers)
        self._stack_key.setText(words)
        self._stack_key.setToolTip(text.tooltip(f"{words} (S)"))
        self._stack_key.setVisible(self.grid is self.photo_grid and bool(covers))

    def _forms_of(self, photo: PhotoId) -> tuple[PhotoId, ...]:
        return self._shots.forms.get(photo, (photo,))

    def _type(self, letter: str) -> None:
        # A name that is there is not typed over by a key that was meant otherwise: F2 changes it.
        if not self._has_name:
            self.typed.emit(letter)

    def _chosen_faces(self) -> list[Face]:
        if self.grid is self.face_grid:
            return list(self.face_grid.picked)
        return [face for photo in self._chosen_photos() for face in photo.faces]

    def _chosen_shown(self) -> list[Face]:
        shown = set(self.photo_grid.picked)
        if self.grid is self.face_grid:
            return self._chosen_faces()
        return [face for face in self._chosen_faces() if face.photo in shown]

    def _chosen_faceless(self) -> list[PhotoId]:
        if self.grid is self.face_grid:
            return []
        return [photo.id for photo in self._chosen_photos() if not photo.faces]

    def _chosen_photos(self) -> list[DatedPhoto]:
        """What is chosen, with all forms of what is shown for a stack that is closed: what is said
        of the person is said of the shot.
        """
        shown = self._shown
        if shown is None:
            return []
        chosen = {
            each
            for photo in self.photo_grid.picked
            for each in ((photo,) if self.stacks.is_open(photo) else self._forms_of(photo))
        }
        return [photo for photo in shown.photos if photo.id in chosen]

    def _take_away(self) -> None:
        """Show those no more that were chosen, before the library tells that they are gone."""
        grid = self.grid
        in_photos = grid is self.photo_grid
        gone = {one.id for one in (self._chosen_photos() if in_photos else grid.picked)}
        rows = [index.row() for index in grid.selectionModel().selectedIndexes()]
        if not rows:
            return
        one_by_one = not grid.picking
        if self._only is not None:
            self._only = [number for number in self._only if number not in gone]
        if grid is self.face_grid:
            grid.show_items([face for face in self.faces.items if face.id not in gone])
        else:
            grid.show_items([photo for photo in self.photos.items if photo not in gone])
        if self._only is not None and not self._only:
            self.emptied.emit()
        elif one_by_one:
            grid.pick_row(min(rows))
        else:
            grid.pick_none()
            grid.make_current(grid.model().index(min(*rows, grid.model().rowCount() - 1), 0))

    def _photo_at(self, grid: PickGrid) -> PhotoId | None:
        """The photo that the keyboard is at, or else the first that can be seen."""
        index = grid.currentIndex()
        if not index.isValid() and grid.verticalScrollBar().value() > 0:
            index = grid.indexAt(grid.viewport().rect().topLeft())
        if not index.isValid():
            return None
        if grid is self.photo_grid:
            return self.photos.item(index.row())
        return self.faces.item(index.row()).photo

    def _go_to(self, photo: PhotoId) -> None:
        if self.grid is self.photo_grid:
            index = self.photos.index_of(photo)
        else:
            face = next((face for face in self.faces.items if face.photo == photo), None)
            index = self.faces.index_of(face.id) if face is not None else QModelIndex()
        self.grid.make_current(index)

    def _open_face(self, index: QModelIndex) -> None:
        photos = list(dict.fromkeys(face.photo for face in self.faces.items))
        self.opened.emit(self.faces.item(index.row()).photo, photos)

    def _open_photo(self, index: QModelIndex) -> None:
        self.opened.emit(self.photos.item(index.row()), list(self.photos.items))
