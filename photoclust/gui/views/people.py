"""The People page: everybody with a name and every group without one, the largest first."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from photoclust.core.types import Group
from photoclust.gui import text
from photoclust.gui.models.lists import GroupModel
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.views.tiles import GroupTile, TileGrid
from photoclust.gui.widgets import Button, EmptyState, label

if TYPE_CHECKING:
    from photoclust.services.browse import Overview


class PeoplePage(QWidget):
    """Shows a grid, a welcome in an empty library, or why there is nobody yet."""

    TITLE = "People"
    KEYS = (
        PageKey("Enter", "Open the chosen person or group"),
        PageKey("Arrows", "Choose another"),
    )

    opened = Signal(object)
    """A Group was chosen."""
    folders_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self._scanning = False
        self._to_select: str | None = None
        self.model = GroupModel(self)
        self.grid = TileGrid(self.model, GroupTile(shared.thumbnails, self), "People")
        self._size = label("", "muted")
        self.next_button = Button("Next without a name", "", "next")
        self.next_button.setToolTip("Open the next group that has no name (F3)")
        self.add_button = Button("Add folders…", "primary", "add")
        self.demo_button = Button("Try the demo album")
        self.welcome = EmptyState(
            "photoclust",
            "Find the people in your photos",
            "Choose the folders that hold your photos. photoclust finds the faces and puts those "
            "that look alike together; you say who they are.\n\n"
            "Everything happens on this computer. Your photos are only read, never changed, and "
            "nothing is sent anywhere.",
            [self.add_button, self.demo_button],
        )
        self.nobody = EmptyState("people", "", "")
        grid_page = QWidget()
        layout = QVBoxLayout(grid_page)
        layout.setContentsMargins(24, 20, 8, 0)
        layout.setSpacing(8)
        header = QHBoxLayout()
        header.setContentsMargins(8, 0, 16, 0)
        header.setSpacing(12)
        header.addWidget(label("People", "title"))
        header.addWidget(self._size)
        header.addStretch()
        header.addWidget(self.next_button)
        layout.addLayout(header)
        layout.addWidget(self.grid, 1)
        self._stack = QStackedLayout(self)
        for page in (QWidget(), self.welcome, self.nobody, grid_page):
            self._stack.addWidget(page)
        shared.overview_changed.connect(self._show)
        self.grid.opened.connect(self._open)
        self.next_button.clicked.connect(self.open_next_unnamed)
        self.add_button.clicked.connect(self.folders_wanted)
        self.demo_button.clicked.connect(self.demo_wanted)

    def set_scanning(self, scanning: bool) -> None:
        """Tell whether a scan is on its way: an empty library then says so."""
        self._scanning = scanning
        if self._shared.overview is not None:
            self._show(self._shared.overview)

    def show_nothing(self) -> None:
        """Show an empty page, until the overview of another library comes."""
        self.model.set_items([])
        self._stack.setCurrentIndex(0)

    def open_next_unnamed(self) -> None:
        """Open the first group without a name behind the current one."""
        row = self.model.next_unnamed(self.grid.currentIndex().row())
        if row is not None:
            self.grid.select(self.model.index(row))
            self.opened.emit(self.model.item(row))

    def select_later(self, key: str) -> None:
        """Make the group `key` the current one as soon as the list holds it."""
        self._to_select = key

    def begin(self) -> None:
        """Take the keyboard."""
        if self._stack.currentWidget() is self.welcome:
            self.add_button.setFocus()
        else:
            self.grid.setFocus()

    def _show(self, overview: "Overview") -> None:
        groups = overview.groups
        named = sum(group.name is not None for group in groups)
        unnamed = len(groups) - named
        parts = [f"{text.thousands(named)} named" if named else ""]
        parts += [f"{text.thousands(unnamed)} without a name" if unnamed else ""]
        self._size.setText(" · ".join(filter(None, parts)))
        self.next_button.setVisible(unnamed > 0)
        self.grid.show_items(groups)
        if self._to_select is not None and self.model.row_of(self._to_select) is not None:
            self.grid.setCurrentIndex(self.model.index_of(self._to_select))
            self._to_select = None
        if groups:
            self._stack.setCurrentIndex(3)
        elif self._scanning:
            self._say(
                "Looking for faces…",
                f"{text.count(overview.faces, 'face')} in {text.count(overview.photos, 'photo')} "
                "so far. People appear here as soon as their faces are grouped.",
            )
        elif overview.photos or overview.failures or overview.folders:
            self._say(*_why_nobody(overview))
        else:
            self._stack.setCurrentWidget(self.welcome)

    def _say(self, title: str, words: str) -> None:
        self.nobody.title.setText(title)
        self.nobody.words.setText(words)
        self._stack.setCurrentWidget(self.nobody)

    def _open(self, index: QModelIndex) -> None:
        group: Group = self.model.item(index.row())
        self.opened.emit(group)


def _why_nobody(overview: "Overview") -> tuple[str, str]:
    if overview.single_faces:
        return (
            "No two faces look alike yet",
            f"Name {text.count(overview.single_faces, 'face')} under Single faces, or add folders.",
        )
    if overview.photos:
        return (
            "No faces in these photos",
            "Add folders with photos of people to see them here.",
        )
    return (
        "No photos yet",
        "The folders of this library hold no photos that could be read. Add others.",
    )
