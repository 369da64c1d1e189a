"""The page that is shown, and the way back from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget


class Page(Protocol):
    """A page of the navigation begins whenever it is shown; one that is opened from others resumes
    when what was opened from it is left.
    """

    def begin(self) -> None:
        """Take the keyboard and read what there is."""

    def resume(self) -> None:
        """Take the keyboard again."""


class Stack(QStackedWidget):
    """Shows the pages of the navigation, which are called by name, and pages that are opened from
    others, from which there is a way back. `make` gives the page of a name; `first` is shown in
    the beginning.
    """

    list_shown = Signal(str)
    """The name of the page of the navigation that is shown now."""
    left = Signal()
    """Another page is shown, or the way back is another one."""

    def __init__(self, make: Callable[[str], QWidget], first: str) -> None:
        super().__init__()
        self._make = make
        self._lists = {make(first): first}
        self._visited: list[QWidget] = []
        self.is_untouched = True
        """Whether the first page was never left."""
        for page in self._lists:
            self.take(page)

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        page = self.currentWidget()
        assert page is not None
        return page

    @property
    def before(self) -> QWidget | None:
        """The page that `back` would show."""
        return self._visited[-1] if self._visited else None

    def holds(self, page: QWidget | None) -> bool:
        """Whether `page` is shown, or on the way back."""
        return page is not None and (page is self.page or page in self._visited)

    def take(self, page: QWidget) -> None:
        """Hold `page`, to be shown later."""
        if self.indexOf(page) < 0:
            self.addWidget(page)

    def show_list(self, name: str) -> None:
        """Show the page of the navigation called `name`."""
        self._visited.clear()
        page = self._make(name)
        self._lists[page] = name
        self._show(page)

    def open(self, page: QWidget) -> None:
        """Show `page`, and the one that is shown now when it is left."""
        if page is self.page:
            return
        if page in self._visited:
            del self._visited[self._visited.index(page) :]
        else:
            self._visited.append(self.page)
        self._show(page)

    def open_list(self, name: str) -> None:
        """As `open`, the page of the navigation called `name`."""
        page = self._make(name)
        self._lists[page] = name
        self.open(page)

    def back(self) -> None:
        """Show the page before, if there is one."""
        if self._visited:
            page = self._visited.pop()
            self._show(page)
            if page not in self._lists:
                cast(Page, page).resume()

    def back_from(self, page: QWidget) -> None:
        """Show the page from which `page` was opened, whatever was opened from there."""
        if self.holds(page):
            if page in self._visited:
                del self._visited[self._visited.index(page) :]
            self.back()

    def resume(self) -> None:
        """Let the page that is shown take the keyboard."""
        page = cast(Page, self.page)
        if self.page in self._lists:
            page.begin()
        else:
            page.resume()

    def _show(self, page: QWidget) -> None:
        self.is_untouched = False
        self.take(page)
        self.setCurrentWidget(page)
        if page in self._lists:
            self.list_shown.emit(self._lists[page])
            cast(Page, page).begin()
        self.left.emit()
