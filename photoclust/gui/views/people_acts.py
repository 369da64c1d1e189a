"""What can be done with the people and groups that are chosen in a list of them."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, QPoint, QRect, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from photoclust.core.language import tr, tr_n
from photoclust.core.types import Group, GroupKind
from photoclust.gui import text
from photoclust.gui.dialogs.quick_naming import QuickNaming
from photoclust.gui.operations import people as operations
from photoclust.gui.operations.acts import Acted
from photoclust.gui.operations.people import Became
from photoclust.gui.shared import Shared
from photoclust.gui.views.picked_bar import PickedBar, key_action
from photoclust.gui.views.picking import PickGrid


class PeopleActs(QObject):
    """The keys, the bar and the menu; each act is one that can be undone."""

    became = Signal(str)
    """Some were made the person or group with this key."""
    went = Signal(list)
    """The groups with these keys are not in the list any more."""
    details_wanted = Signal(object)
    """More is to be known of a Group."""
    named = Signal(object)
    """The Group was given a name where it is; it is being written."""

    def __init__(self, shared: Shared, grid: PickGrid, page: QWidget) -> None:
        super().__init__(page)
        self._shared = shared
        self._grid = grid
        self._page = page
        self._asked: list[Group] = []
        self._asked_at: Group | None = None
        self.hidden: frozenset[str] = frozenset()
        """The keys of those that are hidden."""
        self.panel = QuickNaming(shared, page)
        self.choices = QMenu(page)
        """Which of several names stays."""
        self.name = key_action([grid], tr("Name…"), "F2", self.ask_name)
        self.merge = key_action([grid], tr("Merge"), "M", self.merge_chosen)
        self.hide = key_action([grid], tr("Hide"), "H", self.hide_chosen)
        self.details = key_action([grid], tr("Details"), "D", self._want_details)
        self.actions: tuple[QAction, ...] = (self.name, self.merge, self.hide, self.details)
        self.bar = PickedBar(self.actions)
        grid.picked_changed.connect(self.follow)
        grid.selectionModel().currentChanged.connect(self.follow)
        grid.menu_wanted.connect(self.bar.pop_up)
        self.bar.menu_closed.connect(grid.end_menu)
        grid.dropped.connect(self._dropped)
        self.bar.emptied.connect(grid.pick_none)
        self.panel.given.connect(self._given)
        self.panel.closed.connect(self._closed)
        self.panel.crowded.connect(grid.scroll_up)
        self.panel.laid_out.connect(self._bring_into_view)
        self.panel.editor.edit.textEdited.connect(self._bring_into_view)
        grid.scrolled.connect(self.panel.follow)
        grid.selectionModel().currentChanged.connect(self._leave)
        shared.undone.connect(self.panel.close_panel)

    def follow(self) -> None:
        """Allow what can be done with what is chosen."""
        chosen: list[Group] = self._grid.picked
        may = self._shared.read_only is None
        about = self._about()
        unnamed = all(group.name is None for group in about)
        gone = bool(chosen) and all(group.key in self.hidden for group in chosen)
        self.name.setEnabled(may and bool(about) and (len(about) == 1 or unnamed))
        renames = len(about) == 1 and not unnamed
        self.name.setText(tr("Rename…") if renames else tr("Name…"))
        self.merge.setEnabled(may and len(chosen) > 1)
        self.hide.setEnabled(may and bool(chosen))
        self.hide.setText(tr("Show again") if gone else tr("Hide"))
        self.details.setEnabled(len(chosen) == 1 and chosen[0].kind is GroupKind.PERSON)
        self.bar.show_number(len(chosen))

    def ask_name(self) -> None:
        """Ask for the name of what is chosen, where it is."""
        self._asked = self._about()
        if not self._asked:
            return
        (first, *others), grid = self._asked, self._grid
        current = grid.currentIndex()
        self._asked_at = grid.item(current) if current.isValid() else None
        if self._asked_at not in self._asked:
            self._asked_at = first
            grid.make_current(grid.index_of(first.key))
        grid.show_asking(True)
        title = tr("Who is this?")
        if others:
            title = tr_n(len(self._asked), "Name {n} group", "Name {n} groups")
        keys = [group.key for group in self._asked]
        name = None if others else first.name
        self.panel.ask(keys, title, name, self._place_asked)

    def follow_list(self, hidden: frozenset[str]) -> None:
        """The list shows another state, in which those with the keys `hidden` are hidden: what is
        asked goes where its card is now. Of who is gone, or is somebody else, nothing is asked.
        """
        before, self.hidden = self.hidden, hidden
        self.follow()
        if self.panel.isHidden():
            return
        for asked in self._asked:
            index = self._grid.index_of(asked.key)
            same = index.isValid() and self._grid.item(index).name == asked.name
            if not same or (asked.key in hidden) != (asked.key in before):
                self.panel.close_panel()
                return
        self.panel.settle()

    def merge_chosen(self) -> None:
        """Make the chosen ones one person; where several have a name, ask which one stays."""
        chosen: list[Group] = self._grid.picked
        named = [group for group in chosen if group.name]
        if len(chosen) < 2:
            return
        if len(named) < 2:
            largest = max(named or chosen, key=lambda group: group.faces)
            self._merge([group.key for group in chosen if group is not largest], largest.key)
            return
        menu = self.choices
        menu.clear()
        menu.addAction(tr("Which name stays?")).setEnabled(False)
        keys = [group.key for group in chosen]
        for group in sorted(named, key=lambda group: -group.faces):
            action = menu.addAction(
                text.menu_text(f"{text.shortened(group.name or '')} · {text.group_size(group)}")
            )
            others = [key for key in keys if key != group.key]
            action.triggered.connect(
                lambda _=False, others=others, key=group.key: self._merge(others, key)
            )
        menu.popup(self._page.mapToGlobal(self.bar.geometry().topLeft() - QPoint(0, 40)))
        menu.setActiveAction(menu.actions()[1])

    def hide_chosen(self) -> None:
        """Hide the chosen ones, or show them again where they are hidden."""
        chosen: list[Group] = self._grid.picked
        if not chosen:
            return
        again = all(group.key in self.hidden for group in chosen)
        keys = [group.key for group in chosen]
        self._shared.act(
            tr("Hiding"),
            lambda library: operations.hide(library, chosen, hidden=not again),
            lambda _: self.went.emit(keys),
        )

    def _about(self) -> list[Group]:
        """Those that are chosen, else the one that the keyboard is at."""
        current = self._grid.currentIndex()
        chosen: list[Group] = self._grid.picked
        if chosen or not current.isValid():
            return chosen
        return [self._grid.item(current)]

    def _dropped(self, keys: Sequence[str], target: str) -> None:
        if self._shared.read_only is None:
            self._merge(keys, target)

    def _merge(self, sources: Sequence[str], target: str) -> None:
        def done(acted: Acted) -> None:
            assert isinstance(acted, Became)
            self._grid.pick_none()
            self.became.emit(acted.key)

        self._shared.act(
            tr("Merging"), lambda library: operations.merge(library, sources, target), done
        )

    def _want_details(self) -> None:
        (group,) = self._grid.picked
        self.details_wanted.emit(group)

    def _place_asked(self) -> QRect:
        """Where the card is that is asked about, on the page."""
        area = self._grid.visualRect(self._grid.currentIndex())
        return QRect(self._grid.viewport().mapTo(self._page, area.topLeft()), area.size())

    def _bring_into_view(self) -> None:
        area = self._grid.visualRect(self._grid.currentIndex())
        if not self._grid.viewport().rect().contains(area):
            self._grid.scrollTo(self._grid.currentIndex())

    def _leave(self, current: QModelIndex) -> None:
        """Ask no more about a card that is not the current one any more."""
        at = self._grid.item(current).key if current.isValid() else None
        if self._asked_at is not None and at != self._asked_at.key:
            self.panel.close_panel()

    def _closed(self) -> None:
        self._asked, self._asked_at = [], None
        self._grid.show_asking(False)
        self._grid.scroll_no_further()
        if self._page.isVisible():
            self._grid.setFocus()

    def _given(self) -> None:
        asked = self._asked
        self._closed()
        if len(asked) == 1:
            self.named.emit(asked[0])
        else:
            self._grid.pick_none()
