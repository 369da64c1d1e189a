"""Searching in the window: from what is typed to the page of what was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from photoclust.gui.latest import Latest
from photoclust.gui.operations import searching as operations
from photoclust.gui.operations.searching import Wrong
from photoclust.gui.searchbox import SearchBox
from photoclust.gui.shared import Shared

if TYPE_CHECKING:
    from photoclust.gui.views.search import SearchPage
    from photoclust.services.searching import Found

_WIDTH = 560


class Searching(QObject):
    """The box, which is always there in its `bar`, and the page of what was found, which `make`
    gives.
    """

    asked = Signal()
    """Photos are looked for: the page is worth seeing."""
    left = Signal(bool)
    """The search is over; whether the keyboard is for the page that is shown then."""

    def __init__(self, shared: Shared, make: Callable[[], SearchPage]) -> None:
        super().__init__(shared)
        self._make = make
        self._text = ""
        self._shown = ""
        self.box = SearchBox()
        self.box.setMaximumWidth(_WIDTH)
        self.bar = QFrame()
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(32, 12, 24, 0)
        row.addWidget(self.box, 10)
        row.addStretch(1)
        self._searches = Latest(shared)
        self._completions = Latest(shared)
        self.box.completions_wanted.connect(self._complete)
        self.box.wanted.connect(self._search)
        self.box.left.connect(self._leave)
        self.box.grid_wanted.connect(lambda: make().resume())
        shared.overview_changed.connect(self._follow)
        shared.library_changed.connect(self.clear)

    @property
    def page(self) -> SearchPage:
        """Of what was found."""
        return self._make()

    def look_for(self, words: str) -> None:
        """Search for `words`, as if they had been typed."""
        self.box.setText(words)
        self._search(words, asked_for=True)

    def clear(self) -> None:
        """Look for nothing any more."""
        self._text = self._shown = ""
        self._searches.drop()
        self._completions.drop()
        self.box.clear()

    def _complete(self, words: str, cursor: int) -> None:
        self._completions.ask(
            lambda library: operations.complete(library, words, cursor),
            lambda offered: self.box.offer(words, offered),
        )

    def _search(self, words: str, asked_for: bool) -> None:
        if not words.strip():
            return
        self._text = words
        if asked_for:
            self._completions.drop()
        self._searches.ask(
            lambda library: operations.search(library, words),
            lambda answer: self._show(answer, asked_for),
        )

    def _follow(self) -> None:
        """Look again: there may be other photos now, or other people in them."""
        if self._text and self.page.isVisible():
            self._search(self._text, asked_for=False)

    def _show(self, answer: Found | Wrong, asked_for: bool) -> None:
        if isinstance(answer, Wrong):
            # What is still being typed makes no sense for a while.
            if asked_for:
                self.box.mark(answer.text, answer.start, answer.end)
                self.page.show_wrong(answer)
                self.asked.emit()
            return
        self.box.unmark()
        self.page.show_found(answer, anew=answer.text != self._shown)
        self._shown = answer.text
        self.asked.emit()
        if asked_for and answer.photos:
            self.page.resume()

    def _leave(self, to_page: bool) -> None:
        self._text = self._shown = ""
        self._searches.drop()
        self._completions.drop()
        self.left.emit(to_page)
