"""The page of what is new since the window was open last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import marked, tr, tr_n
from photoclust.core.types import GroupKind
from photoclust.gui.photo_acts import PhotoActs
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.views.photo_grid import PhotoGrid
from photoclust.gui.widgets import Button, EmptyState, label

if TYPE_CHECKING:
    from photoclust.services.news import News


class NewsPage(QWidget):
    """Lines that lead to names, questions and groups; below them the new photos."""

    TITLE = marked("Since last time")
    KEYS = (PageKey(marked("Esc"), marked("Seen; go to where you were")),)
    back_wanted = Signal()
    photo_opened = Signal(object, list)
    """A photo id, and all new photos to leaf through."""
    group_wanted = Signal(str)
    """The key of a group without a name."""
    questions_wanted = Signal()
    names_unwanted = Signal(list)
    """The entries of the names that are to be taken back."""

    def __init__(self, shared: Shared, acts: PhotoActs) -> None:
        super().__init__()
        self._shared = shared
        self._news: News | None = None
        self.grid = PhotoGrid(shared, acts, tr("New photos"))
        self.model = self.grid.photos
        self.named = NewsLine(tr("Undo these names"))
        self.questions = NewsLine(tr("Answer"))
        self.groups = NewsLine(tr("Say who they are"))
        self.photos = label("", "heading")
        self._stack = QStackedWidget()
        self._build()
        self.named.button.clicked.connect(self._take_back)
        self.questions.button.clicked.connect(self.questions_wanted)
        self.groups.button.clicked.connect(self._open_group)
        self.grid.photo_opened.connect(self.photo_opened)

    def resume(self) -> None:
        """Take the keyboard."""
        self.grid.setFocus()

    def show_news(self, news: News) -> None:
        """Show what is new."""
        self._news = news
        writable = self._shared.read_only is None
        self.named.say(
            tr_n(len(news.named), "{n} face named automatically", "{n} faces named automatically"),
            shown=bool(news.named),
            enabled=writable,
        )
        self.questions.say(
            tr_n(news.questions, "{n} face waits for an answer", "{n} faces wait for an answer"),
            shown=news.questions > 0,
        )
        self.groups.say(
            tr_n(len(news.groups), "{n} new group without a name", "{n} new groups without a name"),
            shown=bool(news.groups),
        )
        shown = len(news.shots.shown)
        self.photos.setText(tr_n(shown, "{n} new photo", "{n} new photos"))
        self.photos.setVisible(bool(news.photos))
        self.grid.show_shots(news.shots)
        self._stack.setCurrentIndex(1 if news.photos or news.named or news.groups else 0)

    def _take_back(self) -> None:
        if self._news is not None:
            self.names_unwanted.emit(list(self._news.namings))

    def _open_group(self) -> None:
        if self._news is not None and self._news.groups:
            self.group_wanted.emit(f"{GroupKind.CLUSTER}{self._news.groups[0]}")

    def _build(self) -> None:
        back = Button("", "flat", "back", tr("Seen (Esc)"))
        back.clicked.connect(self.back_wanted)
        header = QHBoxLayout()
        header.setContentsMargins(0, 0, 16, 0)
        header.setSpacing(12)
        header.addWidget(back)
        header.addWidget(label(tr(self.TITLE), "title"))
        header.addStretch()
        shown = QWidget()
        inner = QVBoxLayout(shown)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        lines = QVBoxLayout()
        lines.setContentsMargins(8, 0, 24, 8)
        lines.setSpacing(8)
        for line in (self.named, self.questions, self.groups):
            lines.addWidget(line)
        lines.addWidget(self.photos)
        inner.addLayout(lines)
        inner.addWidget(self.grid, 1)
        self._stack.addWidget(
            EmptyState(
                "done", tr("Nothing new"), tr("Nothing came since the window was open last.")
            )
        )
        self._stack.addWidget(shown)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 12, 8, 0)
        layout.setSpacing(8)
        layout.addLayout(header)
        layout.addWidget(self._stack, 1)


class NewsLine(QFrame):
    """A sentence and what to do about it."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.words: QLabel = label("")
        self.button = Button(words)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.button)
        self.hide()

    def say(self, words: str, *, shown: bool, enabled: bool = True) -> None:
        """Say `words` where there is something to say."""
        self.words.setText(words)
        self.button.setAccessibleDescription(words)
        self.button.setEnabled(enabled)
        self.setVisible(shown)
