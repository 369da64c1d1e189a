"""What can be done with the faces that are chosen on the page of a person or group."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint, QRect, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from photoclust.core.language import tr, tr_n
from photoclust.core.types import Face, Group, GroupKind, PhotoId
from photoclust.gui import text
from photoclust.gui.dialogs.quick_naming import QuickNaming
from photoclust.gui.library import OpenLibrary
from photoclust.gui.operations import people as operations
from photoclust.gui.operations.acts import Acted
from photoclust.gui.shared import Shared
from photoclust.gui.views.picked_bar import PickedBar, key_action
from photoclust.gui.views.picking import PickGrid


class FaceActs(QObject):
    """The keys, the bar and the menu for a grid of faces and one of photos, of which one is shown.

    Each act is one that can be undone. `faces` tells which faces are chosen, `shown` those of them
    that can be seen and not only stand in a form of a shot that is not shown, `faceless` in which
    chosen photos the person is without a face; `more` is what else is offered for these.
    """

    went = Signal()
    """The chosen ones are not of this person or group any more."""
    kept = Signal()
    """The chosen ones belong here, whatever they look like."""

    def __init__(
        self,
        shared: Shared,
        grids: Sequence[PickGrid],
        page: QWidget,
        *,
        faces: Callable[[], list[Face]],
        shown: Callable[[], list[Face]],
        faceless: Callable[[], list[PhotoId]],
        more: Sequence[QAction] = (),
    ) -> None:
        super().__init__(page)
        self._shared = shared
        self._grids = grids
        self._page = page
        self._faces = faces
        self._shown = shown
        self._faceless = faceless
        self._group: Group | None = None
        self._doubted = False
        self.panel = QuickNaming(shared, page)
        self.move = key_action(grids, tr("Move…"), "V", self.ask_whom)
        self.reject = key_action(grids, tr("Not this person"), "N", self._reject)
        self.keep = key_action(grids, tr("Belongs here"), "K", self.kept.emit)
        self.exclude = key_action(grids, tr("Not a face"), "X", self._exclude)
        self.split = key_action(grids, tr("Split off"), "T", self._split)
        self.cover = key_action(grids, tr("Use as cover"), "C", self._choose_cover)
        self.bar = PickedBar(
            [self.move, self.reject, self.keep, self.exclude, self.split, self.cover, *more]
        )
        for grid in grids:
            grid.picked_changed.connect(self.follow)
            grid.menu_wanted.connect(self.bar.pop_up)
            self.bar.menu_closed.connect(grid.end_menu)
            self.bar.emptied.connect(grid.pick_none)
            grid.scrolled.connect(self.panel.follow)
        self.panel.given.connect(self._moved)
        self.panel.closed.connect(self._focus)
        shared.undone.connect(self.panel.close_panel)

    def set_group(self, group: Group | None, *, doubted: bool) -> None:
        """Whose faces these are; `doubted` where those are shown that look out of place."""
        self._group, self._doubted = group, doubted
        self.follow()

    def follow(self) -> None:
        """Allow what can be done with what is chosen."""
        faces, faceless = self._faces(), self._faceless()
        group = self._group
        may = group is not None and self._shared.read_only is None
        is_person = group is not None and group.kind is GroupKind.PERSON
        words = tr("Not this person")
        if group is not None and group.name:
            words = tr("Not {name}", name=text.shortened(group.name, 24))
        self.reject.setText(text.menu_text(words))
        self.reject.setVisible(is_person)
        self.keep.setVisible(self._doubted)
        self.cover.setVisible(is_person)
        self.move.setEnabled(may and bool(faces))
        self.exclude.setEnabled(may and bool(faces))
        self.split.setEnabled(may and group is not None and 0 < len(faces) < group.faces)
        self.reject.setEnabled(may and is_person and bool(faces or faceless))
        self.keep.setEnabled(self._doubted and bool(faces))
        self.cover.setEnabled(may and is_person and len(self._shown()) == 1)
        self.bar.show_number(len(self._grid.picked))

    def ask_whom(self) -> None:
        """Ask who the chosen faces are."""
        faces = self._faces()
        if faces:
            title = tr("Who is this?")
            if len(faces) > 1:
                title = tr_n(len(faces), "Who is on this {n} face?", "Who is on these {n} faces?")
            self.panel.ask([f"f{face.id}" for face in faces], title, None, self._area)

    @property
    def _grid(self) -> PickGrid:
        """The grid that is shown."""
        return next((grid for grid in self._grids if grid.isVisible()), self._grids[0])

    def _area(self) -> QRect:
        grid = self._grid
        index = grid.currentIndex()
        area = grid.visualRect(index) if index.isValid() else QRect(QPoint(0, 0), grid.size())
        return QRect(grid.viewport().mapTo(self._page, area.topLeft()), area.size())

    def _do(self, title: str, work: Callable[[OpenLibrary], Acted]) -> None:
        self._shared.act(title, work, lambda _: self.went.emit())

    def _reject(self) -> None:
        group, faces, faceless = self._group, self._faces(), self._faceless()
        if group is None:
            return
        ids, name = [face.id for face in faces], group.name or ""
        if ids:
            self._do(
                tr("Saying who it is not"),
                lambda one: operations.reject(one, ids, group.key, name),
            )
        else:
            self._do(
                tr("Taking a tag away"),
                lambda one: operations.untag(one, faceless, group.key, name),
            )

    def _exclude(self) -> None:
        ids = [face.id for face in self._faces()]
        self._do(tr("Saying what is no face"), lambda one: operations.exclude(one, ids))

    def _split(self) -> None:
        ids = [face.id for face in self._faces()]
        self._do(tr("Splitting off"), lambda one: operations.split(one, ids))

    def _choose_cover(self) -> None:
        group, (face, *_) = self._group, self._shown()
        if group is not None:
            name = group.name or ""
            self._shared.act(
                tr("Choosing a cover"), lambda one: operations.choose_cover(one, face.id, name)
            )

    def _focus(self) -> None:
        if self._page.isVisible():
            self._grid.setFocus()

    def _moved(self) -> None:
        self._focus()
        self.went.emit()
