"""The page of what a search found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from photoclust.core.forms import Shots
from photoclust.core.language import marked, tr
from photoclust.gui import search_text, text
from photoclust.gui.operations.searching import Wrong
from photoclust.gui.photo_acts import PhotoActs
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.views.photo_grid import PhotoGrid
from photoclust.gui.widgets import Button, EmptyState, label

if TYPE_CHECKING:
    from photoclust.services.searching import Found, Instead


class SearchPage(QWidget):
    """A grid of photos; above it how many there are and what each word was taken for."""

    TITLE = marked("Search")
    KEYS = (
        PageKey(marked("↓, Enter"), marked("Choose a way to go on")),
        PageKey(marked("Enter"), marked("Search, and go to what was found")),
        PageKey("↓", marked("To what was found")),
        PageKey("S", marked("Show all photos of a stack, or one again")),
        PageKey(marked("Esc"), marked("Leave the search")),
    )

    photo_opened = Signal(object, list)
    """A photo id, and all photos found to leaf through."""
    back_wanted = Signal()
    search_wanted = Signal(str)
    """Something else is to be searched for."""

    def __init__(self, shared: Shared, acts: PhotoActs) -> None:
        super().__init__()
        self.grid = PhotoGrid(shared, acts, tr("Photos found"))
        self.model = self.grid.photos
        self.number = label("", "muted")
        self.meanings = label("", "muted", wrap=True)
        self.meanings.setAccessibleName(tr("What each word was taken for"))
        self.instead = Button("", "primary")
        self._other = ""
        self.nothing = EmptyState("search", "", "", [self.instead])
        back = Button("", "flat", "back", tr("Leave the search (Esc)"))
        header = QHBoxLayout()
        header.setContentsMargins(0, 0, 16, 0)
        header.setSpacing(12)
        header.addWidget(back)
        header.addWidget(label(tr(self.TITLE), "title"))
        header.addWidget(self.number)
        header.addStretch()
        found = QWidget()
        self._stack = QStackedWidget()  # a layout would show what it takes before it is in here
        self._stack.addWidget(self.nothing)
        self._stack.addWidget(found)
        inner = QVBoxLayout(found)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.grid)
        meant = QHBoxLayout()
        meant.setContentsMargins(10, 0, 16, 0)
        meant.addWidget(self.meanings)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 12, 8, 0)
        layout.setSpacing(8)
        layout.addLayout(header)
        layout.addLayout(meant)
        layout.addWidget(self._stack, 1)
        back.clicked.connect(self.back_wanted)
        self.instead.clicked.connect(lambda: self.search_wanted.emit(self._other))
        self.grid.photo_opened.connect(self.photo_opened)

    def resume(self) -> None:
        """Take the keyboard."""
        self.grid.setFocus()

    def show_found(self, found: Found, *, anew: bool) -> None:
        """Show what was found; from the top where it is `anew`, for another search."""
        self.number.setText(search_text.hits(found))
        said = [f"{typed}: {meant}" for typed, meant in search_text.meanings(found)]
        self.meanings.setText(text.breakable("  ·  ".join(said)))
        self.meanings.setVisible(bool(said))
        self.grid.show_shots(found.shots, from_top=anew)
        self._say(tr("Nothing found"), text.sentence(found.hint or ""))
        if found.instead is not None:
            self._offer(found.instead)
        self._stack.setCurrentIndex(1 if found.photos else 0)

    def show_wrong(self, wrong: Wrong) -> None:
        """Say what is wrong with the search."""
        self.number.setText("")
        self.meanings.hide()
        self.grid.show_shots(Shots())
        self._say(tr("This search makes no sense"), text.sentence(wrong.message))
        self._stack.setCurrentIndex(0)

    def _offer(self, instead: Instead) -> None:
        words = search_text.instead(instead)
        self._other = instead.text
        self.instead.setText(text.menu_text(words))
        self.instead.setAccessibleName(words)
        self.instead.show()

    def _say(self, title: str, words: str) -> None:
        self.instead.hide()
        self.nothing.title.setText(title)
        self.nothing.words.setText(text.breakable(words))
