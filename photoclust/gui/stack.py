"""The pages of the window, one of them shown, and the way back from each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget


class ListPage(Protocol):
    """A page of the navigation."""

    def begin(self) -> None:
        """Take the keyboard and read what there is."""


class Pages(QStackedWidget):
    """The pages of the navigation (`lists`), which are shown by their row, and those that are
    opened from others (`opened`), from which there is a way back.
    """

    list_shown = Signal(int)
    """The row of the page of the navigation that is shown now."""
    left = Signal()
    """Another page is shown, or the way back is another one."""

    def __init__(self, lists: Sequence[QWidget], opened: Sequence[QWidget]) -> None:
        super().__init__()
        self._lists = tuple(lists)
        self.pages = (*lists, *opened)
        """All of them."""
        self._visited: list[QWidget] = []
        self.is_untouched = True
        """Whether the first page was never left."""
        for page in self.pages:
            self.addWidget(page)

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self.pages[self.currentIndex()]

    @property
    def before(self) -> QWidget | None:
        """The page that `back` would show."""
        return self._visited[-1] if self._visited else None

    def row_of(self, page: QWidget) -> int:
        """The row of a page of the navigation."""
        return self._lists.index(page)

    def holds(self, page: QWidget) -> bool:
        """Whether `page` is shown, or on the way back."""
        return page is self.page or page in self._visited

    def show_list(self, row: int) -> None:
        """Show the page in this row of the navigation."""
        self._visited.clear()
        self._show(self._lists[row])

    def open(self, page: QWidget) -> None:
        """Show `page`, and the one that is shown now when it is left."""
        if page is self.page:
            return
        if page in self._visited:
            del self._visited[self._visited.index(page) :]
        else:
            self._visited.append(self.page)
        self._show(page)

    def back(self) -> QWidget | None:
        """Show the page before; which that is, None where there is none."""
        if not self._visited:
            return None
        page = self._visited.pop()
        self._show(page)
        return page

    def back_from(self, page: QWidget) -> QWidget | None:
        """Show the page from which `page` was opened, whatever was opened from there."""
        if not self.holds(page):
            return None
        if page in self._visited:
            del self._visited[self._visited.index(page) :]
        return self.back()

    def resume(self) -> None:
        """Let a page of the navigation that is shown take the keyboard."""
        if self.page in self._lists:
            cast(ListPage, self.page).begin()

    def _show(self, page: QWidget) -> None:
        self.is_untouched = False
        self.setCurrentWidget(page)
        if page in self._lists:
            self.list_shown.emit(self._lists.index(page))
        self.resume()
        self.left.emit()
