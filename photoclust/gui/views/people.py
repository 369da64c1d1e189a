"""The People page: everybody with a name, and every group without one."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from photoclust.core.language import marked, tr, tr_n
from photoclust.core.types import Group, GroupKind
from photoclust.gui import people_order, people_text, text
from photoclust.gui.dialogs.hide_small import HideSmallDialog
from photoclust.gui.models.lists import GroupModel
from photoclust.gui.operations import people as operations
from photoclust.gui.people_order import Spans
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.views.cards import GroupCard
from photoclust.gui.views.people_acts import PeopleActs
from photoclust.gui.views.people_tools import PeopleTools
from photoclust.gui.views.picking import PickGrid
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
        PageKey(marked("Space, Ctrl+Click, Shift+Click"), marked("Choose several")),
        PageKey(marked("Ctrl+A, Ctrl+I"), marked("Choose all; choose the others instead")),
        PageKey("F2", marked("Name who is chosen, and go on with the next without a name")),
        PageKey("M", marked("Merge the chosen ones")),
        PageKey("H", marked("Hide who is chosen, or show them again")),
        PageKey("D", marked("Show what is known of the person")),
        PageKey("Esc", marked("Choose none")),
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
        self._to_select: str | None = None
        self._ordered: list[Group] = []
        self._spans: Spans = {}
        self._spans_of: Overview | None = None
        self._being_named: set[str] = set()
        self.model = GroupModel(self)
        self._card = GroupCard(shared.thumbnails, self)
        self.grid = PickGrid(
            self.model, self._card, tr(self.TITLE), title=self._section_of, draggable=True
        )
        self.tools = PeopleTools()
        self.acts = PeopleActs(shared, self.grid, self)
        self._size = ElidedLabel("muted")
        self._none = label(tr("Nobody is called like that."), "muted")
        self._none.setContentsMargins(10, 4, 0, 0)
        self._none.hide()
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
        self._connect()

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
        middle = QVBoxLayout()
        middle.setContentsMargins(24, 0, 8, 0)
        middle.setSpacing(4)
        middle.addWidget(self.tools)
        middle.addWidget(self._none)
        middle.addWidget(self.grid, 1)
        outer.addLayout(header)
        outer.addLayout(middle, 1)
        outer.addWidget(self.acts.bar)
        return page

    def _connect(self) -> None:
        self._shared.overview_changed.connect(self._show)
        self._shared.library_changed.connect(self._forget)
        self.grid.opened.connect(self._open)
        self.grid.typed.connect(self.tools.begin_with)
        self.next_button.clicked.connect(lambda _=False: self.open_next_unnamed(None))
        self.add_button.clicked.connect(self.folders_wanted)
        self.demo_button.clicked.connect(self.demo_wanted)
        self.tools.narrowed.connect(self._arrange)
        self.tools.order_changed.connect(self._arrange)
        self.tools.hidden_wanted.connect(lambda _: self._arrange())
        self.tools.hide_small_wanted.connect(self.hide_small_groups)
        self.tools.list_wanted.connect(self._go_to_list)
        self.tools.entered.connect(self._open_first)
        self.acts.became.connect(self._became)
        self.acts.went.connect(self._went)
        self.acts.named.connect(self._go_on)
        self.acts.details_wanted.connect(self.details_wanted)

    def set_scanning(self, scanning: bool) -> None:
        """Tell whether a scan is on its way: an empty library then says so."""
        self._scanning = scanning
        if self._shared.overview is not None:
            self._show(self._shared.overview)

    def show_nothing(self) -> None:
        """Show an empty page, until the overview of another library comes."""
        self.grid.show_items([])
        self._stack.setCurrentIndex(0)

    def open_next_unnamed(self, after: str | None = None) -> None:
        """Open the first group without a name behind the one with the key `after`, or else behind
        the current one. One that is just being named counts as named.
        """
        current = self.grid.currentIndex()
        if after is None and current.isValid():
            after = self.model.item(current.row()).key
        following = people_order.next_unnamed(self._ordered, after, frozenset(self._being_named))
        if following is not None:
            self.grid.make_current(self.model.index_of(following.key))
            self.opened.emit(following)

    def begin_naming(self, key: str) -> None:
        """The group with this `key` is being named: it is not the next one without a name."""
        self._being_named.add(key)

    def select_later(self, key: str) -> None:
        """Make the group `key` the current one as soon as the list holds it."""
        self._to_select = key

    def begin(self) -> None:
        """Take the keyboard."""
        if self._stack.currentWidget() is self.welcome:
            self.add_button.setFocus()
        else:
            self.grid.setFocus()

    def hide_small_groups(self) -> None:
        """Ask how small groups are that are to be hidden, and hide them."""
        dialog = HideSmallDialog(self._ordered, self)

        def hide() -> None:
            number = dialog.fewer_than
            self._shared.act(
                tr("Hiding groups"), lambda library: operations.hide_small_groups(library, number)
            )

        dialog.accepted.connect(hide)
        dialog.open()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """From which years people are is read while it can be seen."""
        super().showEvent(event)
        self._read_spans()

    def _show(self, overview: "Overview") -> None:
        groups = overview.groups
        named = sum(group.name is not None for group in groups)
        unnamed = len(groups) - named
        hidden = len(overview.hidden)
        parts = [tr_n(named, "{n} named", "{n} named") if named else ""]
        parts += [tr_n(unnamed, "{n} without a name", "{n} without a name") if unnamed else ""]
        parts += [tr_n(hidden, "{n} hidden", "{n} hidden") if hidden else ""]
        self._size.setText(" · ".join(filter(None, parts)))
        self.next_button.setVisible(unnamed > 0)
        self.tools.allow(
            changeable=self._shared.read_only is None,
            small=any(group.kind is GroupKind.CLUSTER for group in groups),
            hidden=hidden,
        )
        self._being_named &= {group.key for group in groups if group.name is None}
        self._arrange()
        if self.isVisible():
            self._read_spans()
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

    def _arrange(self) -> None:
        """List who is wanted, in the order wanted."""
        overview = self._shared.overview
        if overview is None:
            return
        hidden = overview.hidden if self.tools.show_hidden.isChecked() else ()
        self._card.hidden = self.acts.hidden = frozenset(group.key for group in hidden)
        order = self.tools.order
        self._ordered = people_order.arranged(overview.groups, order, self._spans)
        every = [*self._ordered, *people_order.arranged(hidden, order, self._spans)]
        listed = people_order.called_like(every, self.tools.words)
        self.grid.show_items(listed)
        self._none.setVisible(bool(every) and not listed)
        if self._to_select is not None and self.model.row_of(self._to_select) is not None:
            self.grid.make_current(self.model.index_of(self._to_select))
            self._to_select = None
        self.acts.follow()

    def _section_of(self, group: Group) -> str:
        if group.key in self._card.hidden:
            return tr(people_text.HIDDEN)
        return "" if group.name is not None else tr(people_text.WITHOUT_NAME)

    def _read_spans(self) -> None:
        overview = self._shared.overview
        if overview is None or overview is self._spans_of:
            return
        self._spans_of = overview

        def show(spans: Spans) -> None:
            self._spans = self._card.spans = spans
            if self.tools.order is people_order.Order.RECENT:
                self._arrange()
            self.grid.viewport().update()

        self._shared.read(operations.spans, show)

    def _forget(self) -> None:
        self._spans, self._spans_of = {}, None
        self._card.spans = {}
        self._being_named.clear()
        self.tools.clear()

    def _say(self, title: str, words: str) -> None:
        self.nobody.title.setText(title)
        self.nobody.words.setText(words)
        self._stack.setCurrentWidget(self.nobody)

    def _open(self, index: QModelIndex) -> None:
        group: Group = self.model.item(index.row())
        self.opened.emit(group)

    def _open_first(self) -> None:
        """Open the one that was looked for."""
        if self.tools.words.strip() and self.model.rowCount():
            self.grid.make_current(self.model.index(0))
            self._open(self.model.index(0))

    def _go_to_list(self) -> None:
        self.grid.setFocus()
        if self.model.rowCount() and not self.grid.currentIndex().isValid():
            self.grid.make_current(self.model.index(0))

    def _became(self, key: str) -> None:
        self.select_later(key)
        self.grid.setFocus()

    def _went(self, keys: list[str]) -> None:
        """Take those away that are hidden now, and let the keyboard go on with the next one."""
        rows = [row for key in keys if (row := self.model.row_of(key)) is not None]
        if not rows or self.tools.show_hidden.isChecked():
            return
        one_by_one = not self.grid.picking
        self.grid.show_items([group for group in self.model.items if group.key not in set(keys)])
        if one_by_one:
            self.grid.pick_row(min(rows))
        elif self.model.rowCount():
            self.grid.pick_none()
            self.grid.make_current(self.model.index(min(*rows, self.model.rowCount() - 1)))

    def _go_on(self, named: Group) -> None:
        """A group was named in its place: go on with the next one that has no name."""
        if named.name is not None:
            return
        self.begin_naming(named.key)
        rows = self.model.items
        following = people_order.next_unnamed(rows, named.key, frozenset(self._being_named))
        if following is not None:
            self.grid.pick_none()
            self.grid.make_current(self.model.index_of(following.key))
            self.acts.ask_name()


def _why_nobody(overview: "Overview") -> tuple[str, str]:
    if overview.single_faces:
        return (
            tr("No two faces look alike yet"),
            tr_n(
                overview.single_faces,
                "Name {n} face under Single faces, or add folders.",
                "Name {n} faces under Single faces, or add folders.",
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
