"""The page of everything that has no name yet: groups, and faces that look like no other."""

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from photoclust.core.language import marked, thousands, tr
from photoclust.gui import text
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.views.group_list import GroupList
from photoclust.gui.views.single_faces import SingleFacesPage
from photoclust.gui.widgets import Button, EmptyState, label

if TYPE_CHECKING:
    from photoclust.services.browse import Overview


class Part(Enum):
    """What of it is shown; the value is what its switch says."""

    GROUPS = marked("Groups")
    FACES = marked("Single faces")


_HINTS = {
    Part.GROUPS: marked("Groups without a name, the largest first (1; Ctrl+Tab changes)"),
    Part.FACES: marked("Faces that look like no other (2; Ctrl+Tab changes)"),
}


class UnnamedPage(QWidget):
    """Shows the part that was shown last, while there is something in it."""

    TITLE = marked("Unnamed")
    KEYS = (
        PageKey("1", marked("Show the groups")),
        PageKey("2", marked("Show the single faces")),
        PageKey("Ctrl+Tab", marked("Change between groups and single faces")),
        PageKey(marked("Enter"), marked("Open the chosen group")),
        *GroupList.KEYS,
        *SingleFacesPage.KEYS,
    )

    opened = Signal(object)
    """A Group was chosen."""
    details_wanted = Signal(object)
    """A Group was chosen, to see what is known of the person."""
    photo_opened = Signal(object, list)
    """A photo id, and all photos of the single faces to leaf through."""
    review_wanted = Signal()

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self._counts = dict.fromkeys(Part, 0)
        self._chosen = self._part = Part.GROUPS
        self._is_behind = True
        self.groups = GroupList(shared, tr("Groups without a name"), named=False)
        self.single_faces = SingleFacesPage(shared)
        self.review_button = Button(tr("Review"), "primary", "review")
        self.review_button.setToolTip(tr("Answer questions about faces that are not certain yet"))
        self.empty = EmptyState("people", "", "", [self.review_button])
        self.switches = {part: self._switch(part) for part in Part}
        parts = QWidget()
        self._parts = QStackedLayout(parts)
        self._parts.addWidget(self.groups)
        self._parts.addWidget(self.single_faces)
        self._stack = QStackedLayout(self)
        for page in (QWidget(), self.empty, self._build(parts)):
            self._stack.addWidget(page)
        self._let("1", lambda: self.show_part(Part.GROUPS))
        self._let("2", lambda: self.show_part(Part.FACES))
        self._let("Ctrl+Tab", self._change)
        self.groups.opened.connect(self.opened)
        self.groups.details_wanted.connect(self.details_wanted)
        self.single_faces.photo_opened.connect(self.photo_opened)
        self.review_button.clicked.connect(self.review_wanted)
        shared.library_changed.connect(self._forget)
        shared.overview_changed.connect(self._follow)

    def _build(self, parts: QWidget) -> QWidget:
        page = QWidget()
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 20, 0, 0)
        outer.setSpacing(8)
        header = QHBoxLayout()
        header.setContentsMargins(32, 0, 24, 0)
        header.setSpacing(4)
        header.addWidget(label(tr(self.TITLE), "title"))
        header.addSpacing(12)
        exclusive = QButtonGroup(self)
        for switch in self.switches.values():
            exclusive.addButton(switch)
            header.addWidget(switch)
        header.addStretch()
        outer.addLayout(header)
        outer.addWidget(parts, 1)
        return page

    def _switch(self, part: Part) -> Button:
        switch = Button(tr(part.value), "mode")
        switch.setCheckable(True)
        switch.setToolTip(text.tooltip(tr(_HINTS[part])))
        switch.clicked.connect(lambda _=False: self.show_part(part))
        return switch

    def _let(self, key: str, what: Callable[[], None]) -> None:
        action = QAction(self)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _=False: what())
        self.addAction(action)

    @property
    def part(self) -> Part:
        """What is shown."""
        return self._part

    @property
    def groups_now(self) -> GroupList:
        """The groups as they are: a long list takes its time, so that it is not kept up to date
        while nobody sees it.
        """
        self._catch_up()
        return self.groups

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Show what came while the page could not be seen."""
        super().showEvent(event)
        self._catch_up()

    def begin(self) -> None:
        """Take the keyboard, in the part that was chosen last unless there is nothing in it."""
        self._set_part(self._chosen if self._counts[self._chosen] else _other(self._chosen))
        self._take_keyboard()

    def show_part(self, part: Part) -> None:
        """Show `part`, now and later, if there is something to be seen of it."""
        if self.switches[part].isEnabled():
            self._chosen = part
            self._set_part(part)
            self._take_keyboard()

    def _change(self) -> None:
        self.show_part(_other(self._part))

    def _set_part(self, part: Part) -> None:
        self._part = part
        self.switches[part].setChecked(True)
        self._parts.setCurrentWidget(self.groups if part is Part.GROUPS else self.single_faces)

    def _take_keyboard(self) -> None:
        if self._stack.currentWidget() is self.empty:
            self.review_button.setFocus()
        elif self._part is Part.GROUPS:
            self.groups.grid.setFocus()
        else:
            self.single_faces.begin()

    def _forget(self) -> None:
        self._chosen = Part.GROUPS
        self.groups.show_nothing()
        self._stack.setCurrentIndex(0)

    def _follow(self) -> None:
        self._is_behind = True
        if self.isVisible():
            self._catch_up()

    def _catch_up(self) -> None:
        if self._is_behind and self._shared.overview is not None:
            self._is_behind = False
            self._show(self._shared.overview)

    def _show(self, overview: "Overview") -> None:
        had_keyboard = self._has_keyboard()
        before = self._stack.currentIndex(), self._part
        self.groups.show_groups(overview)
        unnamed = sum(group.name is None for group in overview.groups)
        self._counts = {Part.GROUPS: unnamed, Part.FACES: overview.single_faces}
        # Hidden groups that are shown on request stay in view.
        listed = unnamed or self.groups.model.rowCount()
        for part, switch in self.switches.items():
            words, number = tr(part.value), thousands(self._counts[part])
            switch.setText(tr("{part} ({number})", part=words, number=number))
            switch.setAccessibleName(tr("{part}, {number}", part=words, number=number))
        self.switches[Part.GROUPS].setEnabled(listed > 0)
        if not listed:
            self._set_part(Part.FACES)
        self._stack.setCurrentIndex(2 if listed or overview.single_faces else 1)
        self._say_why_nobody(overview)
        if had_keyboard and before != (self._stack.currentIndex(), self._part):
            self._take_keyboard()

    def _say_why_nobody(self, overview: "Overview") -> None:
        title, words = tr("No faces yet"), tr("Faces that wait for a name are shown here.")
        if overview.faces:
            title = tr("Everybody has a name")
            words = tr("Review comes next: it asks about faces that are not certain yet.")
        self.empty.title.setText(title)
        self.empty.words.setText(words)
        self.review_button.setVisible(overview.faces > 0)

    def _has_keyboard(self) -> bool:
        at = self.window().focusWidget()
        return self.isVisible() and at is not None and self.isAncestorOf(at)


def _other(part: Part) -> Part:
    return Part.FACES if part is Part.GROUPS else Part.GROUPS
