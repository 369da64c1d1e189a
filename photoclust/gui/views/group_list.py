"""The cards of people and groups: found, sorted, named, merged and hidden where they are."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from photoclust.core.language import marked, tr
from photoclust.core.types import Group, GroupKind
from photoclust.gui import people_order, people_text
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
from photoclust.gui.widgets import label

if TYPE_CHECKING:
    from photoclust.services.browse import Overview


_NOBODY_CALLED = marked("Nobody is called like that.")
_NOBODY_SEEN = marked("Nobody is in a photo now. Type a name to find somebody all the same.")


class GroupList(QWidget):
    """Lists everybody, those without a name below a heading, or with `named` false these alone."""

    KEYS = (
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

    def __init__(self, shared: Shared, name: str, *, named: bool = True) -> None:
        super().__init__()
        self._shared = shared
        self._named = named
        self._to_select: str | None = None
        self._ordered: list[Group] = []
        self._spans: Spans = {}
        self._spans_of: Overview | None = None
        self._being_named: set[str] = set()
        self._opened: str | None = None
        self.model = GroupModel(self)
        self._card = GroupCard(shared.thumbnails, self)
        self.grid = PickGrid(self.model, self._card, name, title=self._section_of, draggable=True)
        self.tools = PeopleTools(named=named)
        self.acts = PeopleActs(shared, self.grid, self)
        self._none = label("", "muted")
        self._none.setContentsMargins(10, 4, 0, 0)
        self._none.hide()
        middle = QVBoxLayout()
        middle.setContentsMargins(24, 0, 8, 0)
        middle.setSpacing(4)
        middle.addWidget(self.tools)
        middle.addWidget(self._none)
        middle.addWidget(self.grid, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addLayout(middle, 1)
        outer.addWidget(self.acts.bar)
        self._connect()

    def _connect(self) -> None:
        self._shared.library_changed.connect(self._forget)
        self.grid.opened.connect(self._open)
        self.grid.typed.connect(self._find)
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

    def show_groups(self, overview: "Overview") -> None:
        """Show those of `overview`, which is the one that all pages show."""
        groups, hidden = self._of(overview.groups), self._of(overview.hidden)
        self.tools.allow(
            changeable=self._shared.read_only is None,
            small=any(group.kind is GroupKind.CLUSTER for group in groups),
            hidden=len(hidden),
        )
        self._being_named &= {group.key for group in groups if group.name is None}
        self._arrange()
        if self.isVisible():
            self._read_spans()

    def show_nothing(self) -> None:
        """Show nobody, until the overview of another library comes."""
        self.grid.show_items([])

    def open_next_unnamed(self, after: str | None = None) -> None:
        """Open the first group without a name behind the one with the key `after`, which is shown,
        or else the current one, or the next behind it where that was opened already. One that is
        just being named counts as named.
        """
        without = frozenset(self._being_named)
        following = people_order.next_unnamed(self._ordered, after or self._opened, without)
        current = self.grid.currentIndex()
        if after is None and current.isValid():
            here: Group = self.model.item(current.row())
            is_open = here.name is None and here.key not in without | self.acts.hidden
            following = people_order.next_unnamed(self._ordered, here.key, without)
            if is_open and (following is None or here.key != self._opened):
                following = here
        if following is None:
            self._shared.told.emit(tr("There is no other group without a name."))
            return
        self._opened = following.key
        self.grid.make_current(self.model.index_of(following.key))
        self.opened.emit(following)

    def begin_naming(self, key: str) -> None:
        """The group with this `key` is being named: it is not the next one without a name."""
        self._being_named.add(key)

    def select_later(self, key: str) -> None:
        """Make the group `key` the current one as soon as the list holds it."""
        self._to_select = key

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

    def _of(self, groups: tuple[Group, ...]) -> list[Group]:
        """Those that belong into this list."""
        return [group for group in groups if self._named or group.name is None]

    def _arrange(self) -> None:
        """List who is wanted, in the order wanted."""
        overview = self._shared.overview
        if overview is None:
            return
        hidden = self._of(overview.hidden) if self.tools.show_hidden.isChecked() else []
        self._card.hidden = frozenset(group.key for group in hidden)
        order = self.tools.order
        self._ordered = people_order.arranged(self._of(overview.groups), order, self._spans)
        every = [*self._ordered, *people_order.arranged(hidden, order, self._spans)]
        listed = people_order.listed(every, self.tools.words)
        self.grid.show_items(listed)
        self._none.setText(tr(_NOBODY_CALLED if self.tools.words.strip() else _NOBODY_SEEN))
        self._none.setVisible(bool(every) and not listed)
        if self._to_select is not None and self.model.row_of(self._to_select) is not None:
            self.grid.make_current(self.model.index_of(self._to_select))
            self._to_select = None
        self.acts.follow_list(self._card.hidden)

    def _section_of(self, group: Group) -> str:
        if group.key in self._card.hidden:
            return tr(people_text.HIDDEN)
        return tr(people_text.WITHOUT_NAME) if self._named and group.name is None else ""

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
        self._spans, self._spans_of, self._opened = {}, None, None
        self._card.spans = {}
        self._being_named.clear()
        self.tools.clear()

    def _find(self, letters: str) -> None:
        if self._named:
            self.tools.begin_with(letters)

    def _open(self, index: QModelIndex) -> None:
        group: Group = self.model.item(index.row())
        self._opened = group.key
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
