"""The People page: everybody with a name, and every group without one."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from photoclust.core.language import marked, tr, tr_n
from photoclust.gui import text
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.views.group_list import GroupList
from photoclust.gui.widgets import Button, ElidedLabel, EmptyState, label

if TYPE_CHECKING:
    from photoclust.services.browse import Overview


class PeoplePage(QWidget):
    """Shows a grid, a welcome in an empty library, or why there is nobody yet."""

    TITLE = marked("People")
    KEYS = (
        PageKey(marked("Enter"), marked("Open the chosen person or group")),
        PageKey(marked("Arrows"), marked("Choose another")),
        PageKey(marked("Letters"), marked("Find a person")),
        *GroupList.KEYS,
    )

    opened = Signal(object)
    """A Group was chosen."""
    details_wanted = Signal(object)
    """A Group was chosen, to see what is known of the person."""
    folders_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self._scanning = False
        self.list = GroupList(shared, tr(self.TITLE))
        self.model, self.grid = self.list.model, self.list.grid
        self.tools, self.acts = self.list.tools, self.list.acts
        self._size = ElidedLabel("muted")
        self.next_button = Button(tr("Next without a name"), "", "next")
        self.next_button.setToolTip(tr("Open the next group that has no name (F3)"))
        self.add_button = Button(tr("Add folders…"), "primary", "add")
        self.demo_button = Button(tr("Try the demo album"))
        self.welcome = EmptyState(
            "photoclust",
            tr("Find the people in your photos"),
            tr(
                "Choose the folders that hold your photos. photoclust finds the faces and puts "
                "those that look alike together; you say who they are.\n\n"
                "Everything happens on this computer. Your photos are only read, never changed, "
                "and nothing is sent anywhere."
            ),
            [self.add_button, self.demo_button],
        )
        self.nobody = EmptyState("people", "", "")
        self._stack = QStackedLayout(self)
        for page in (QWidget(), self.welcome, self.nobody, self._build()):
            self._stack.addWidget(page)
        shared.overview_changed.connect(self._show)
        self.list.opened.connect(self.opened)
        self.list.details_wanted.connect(self.details_wanted)
        self.next_button.clicked.connect(lambda _=False: self.list.open_next_unnamed())
        self.add_button.clicked.connect(self.folders_wanted)
        self.demo_button.clicked.connect(self.demo_wanted)

    def _build(self) -> QWidget:
        page = QWidget()
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 20, 0, 0)
        outer.setSpacing(8)
        header = QHBoxLayout()
        header.setContentsMargins(32, 0, 24, 0)
        header.setSpacing(12)
        header.addWidget(label(tr(self.TITLE), "title"))
        header.addWidget(self._size, 1)
        header.addWidget(self.next_button)
        outer.addLayout(header)
        outer.addWidget(self.list, 1)
        return page

    def set_scanning(self, scanning: bool) -> None:
        """Tell whether a scan is on its way: an empty library then says so."""
        self._scanning = scanning
        if self._shared.overview is not None:
            self._show(self._shared.overview)

    def show_nothing(self) -> None:
        """Show an empty page, until the overview of another library comes."""
        self.list.show_nothing()
        self._stack.setCurrentIndex(0)

    def begin(self) -> None:
        """Take the keyboard."""
        if self._stack.currentWidget() is self.welcome:
            self.add_button.setFocus()
        else:
            self.grid.setFocus()

    def _show(self, overview: "Overview") -> None:
        groups = overview.groups
        named = sum(group.name is not None and group.is_seen for group in groups)
        unnamed = sum(group.name is None for group in groups)
        hidden = len(overview.hidden)
        parts = [tr_n(named, "{n} named", "{n} named") if named else ""]
        parts += [tr_n(unnamed, "{n} without a name", "{n} without a name") if unnamed else ""]
        parts += [tr_n(hidden, "{n} hidden", "{n} hidden") if hidden else ""]
        self._size.setText(" · ".join(filter(None, parts)))
        self.next_button.setVisible(unnamed > 0)
        self.list.show_groups(overview)
        if groups or hidden:
            self._stack.setCurrentIndex(3)
        elif self._scanning:
            self._say(
                tr("Looking for faces…"),
                tr(
                    "{faces} in {photos} so far. People appear here as soon as their faces are "
                    "grouped.",
                    faces=text.faces(overview.faces),
                    photos=text.photos(overview.photos),
                ),
            )
        elif overview.photos or overview.failures or overview.folders:
            self._say(*_why_nobody(overview))
        else:
            self._stack.setCurrentWidget(self.welcome)

    def _say(self, title: str, words: str) -> None:
        self.nobody.title.setText(title)
        self.nobody.words.setText(words)
        self._stack.setCurrentWidget(self.nobody)


def _why_nobody(overview: "Overview") -> tuple[str, str]:
    if overview.single_faces:
        return (
            tr("No two faces look alike yet"),
            tr_n(
                overview.single_faces,
                "Name {n} face under Unnamed, or add folders.",
                "Name {n} faces under Unnamed, or add folders.",
            ),
        )
    if overview.photos:
        return (
            tr("No faces in these photos"),
            tr("Add folders with photos of people to see them here."),
        )
    return (
        tr("No photos yet"),
        tr("The folders of this library hold no photos that could be read. Add others."),
    )
