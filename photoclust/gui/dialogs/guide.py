"""The window of the user guide (F1): topics and what is found in them, and the text beside."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photoclust.core import language
from photoclust.core.language import marked, tr
from photoclust.gui import theme
from photoclust.gui.dialogs.guide_hits import HIT_ROLE, HitDelegate
from photoclust.gui.dialogs.guide_text import GuideText
from photoclust.gui.remembered import GUIDE_GEOMETRY, remembered
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.widgets import Button, EmptyState
from photoclust.services import guide

_SIZE, _SMALLEST = QSize(1000, 680), QSize(560, 380)
_LIST_WIDTH = 244
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    scrolled: int


class GuideWindow(QDialog):
    """Not modal: it stays open beside the window that it tells about."""

    TITLE = marked("Guide")
    KEYS = (
        PageKey("Ctrl+F", marked("Search the guide")),
        PageKey(marked("↓, Enter"), marked("To what was found")),
        PageKey(marked("Alt+Left, Alt+Right"), marked("The topic before, and forward again")),
        PageKey(marked("Esc"), marked("End the search; close the guide")),
    )

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr(self.TITLE))
        self.setMinimumSize(_SMALLEST)
        self.resize(_SIZE)
        place = remembered().value(GUIDE_GEOMETRY)
        if isinstance(place, QByteArray):
            self.restoreGeometry(place)
        self._drawn_in = theme.colours()
        self._behind: list[_Place] = []
        self._ahead: list[_Place] = []
        self._name = ""
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search the guide…"))
        self.field.setAccessibleName(tr("Search the guide"))
        self.field.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setObjectName("navigation")
        self.list.setAccessibleName(tr("Topics"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(HitDelegate(self.list))
        self.text = GuideText()
        self.text.setAccessibleName(tr(self.TITLE))
        self.back_button = Button("", "flat", "back", tr("Back (Alt+Left)"))
        self.forward_button = Button("", "flat", "next", tr("Forward (Alt+Right)"))
        self.nothing = EmptyState("search", tr("Nothing found"), "")
        self.left = QStackedWidget()
        self._build()
        self.field.textChanged.connect(self._search)
        self.list.currentRowChanged.connect(self._choose)
        self.text.topic_wanted.connect(self.show_topic)
        self.back_button.clicked.connect(self.go_back)
        self.forward_button.clicked.connect(self.go_forward)
        self._search("")

    @property
    def name(self) -> str:
        """The topic that is shown; empty before there is one."""
        return self._name

    @property
    def listed(self) -> list[str]:
        """The names of the topics on the left."""
        return [self._hit(row).topic.name for row in range(self.list.count())]

    def show_topic(self, name: str) -> None:
        """Show the topic `name`; there is a way back to the one that is shown now."""
        if name == self._name:
            return
        if self._name:
            self._behind.append(self._here())
            self._ahead.clear()
        self._show(_Place(name, 0))

    def go_back(self) -> None:
        """Show the topic before, where it was left."""
        if self._behind:
            self._ahead.append(self._here())
            self._show(self._behind.pop())

    def go_forward(self) -> None:
        """Show the topic from which one went back."""
        if self._ahead:
            self._behind.append(self._here())
            self._show(self._ahead.pop())

    # --- Qt's events ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The keys of KEYS."""
        control = Qt.KeyboardModifier.ControlModifier
        match event.key(), event.modifiers():
            case Qt.Key.Key_F, modifiers if modifiers == control:
                self.field.setFocus()
                self.field.selectAll()
            case Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier:
                self.go_back()
            case Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier:
                self.go_forward()
            case Qt.Key.Key_Escape, _ if self.field.text():
                self.field.clear()
            case key, _ if self.field.hasFocus() and key in (*_ENTER, Qt.Key.Key_Down):
                self.list.setFocus()
                self.list.setCurrentRow(max(0, self.list.currentRow()))
            case key, _ if key in _ENTER:
                self.text.setFocus()
            case _:
                super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """What is shown is drawn again in other colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._drawn_in is not theme.colours():
            self._drawn_in = theme.colours()
            self._show(self._here())

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """However it is closed, it comes back where it was."""
        remembered().setValue(GUIDE_GEOMETRY, self.saveGeometry())
        super().hideEvent(event)

    # --- what is shown ----------------------------------------------------------------------------

    def _here(self) -> _Place:
        return _Place(self._name, self.text.verticalScrollBar().value())

    def _show(self, place: _Place) -> None:
        self._name = place.name
        self.text.show_topic(guide.read(language.current(), place.name), self.field.text())
        if place.scrolled:
            self.text.verticalScrollBar().setValue(place.scrolled)
        self._select()
        self.back_button.setEnabled(bool(self._behind))
        self.forward_button.setEnabled(bool(self._ahead))

    def _select(self) -> None:
        blocked = self.list.blockSignals(True)
        listed = self.listed
        self.list.setCurrentRow(listed.index(self._name) if self._name in listed else -1)
        self.list.blockSignals(blocked)

    def _search(self, words: str) -> None:
        spoken = language.current()
        hits = guide.search(spoken, words)
        if not words.strip():
            hits = [guide.Hit(topic, "") for topic in guide.topics(spoken)]
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for hit in hits:
            item = QListWidgetItem(hit.topic.title)
            item.setData(HIT_ROLE, hit)
            words_to_hear = f"{hit.topic.title}. {hit.excerpt}"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words_to_hear)
            self.list.addItem(item)
        self.list.blockSignals(blocked)
        self.left.setCurrentIndex(0 if hits else 1)
        if self._name:
            self._show(self._here() if not words.strip() else _Place(self._name, 0))

    def _choose(self, row: int) -> None:
        if row >= 0:
            self.show_topic(self._hit(row).topic.name)

    def _hit(self, row: int) -> guide.Hit:
        hit = self.list.item(row).data(HIT_ROLE)
        assert isinstance(hit, guide.Hit)
        return hit

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 12, 16, 4)
        top.setSpacing(4)
        top.addWidget(self.back_button)
        top.addWidget(self.forward_button)
        top.addStretch()
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addLayout(top)
        right.addWidget(self.text, 1)
        side = QFrame()
        side.setObjectName("side")
        side.setFixedWidth(_LIST_WIDTH)
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 14, 12, 12)
        column.setSpacing(10)
        column.addWidget(self.field)
        self.left.addWidget(self.list)
        self.left.addWidget(self.nothing)
        self.left.setStyleSheet("QStackedWidget { background: transparent; }")
        column.addWidget(self.left, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(side)
        layout.addLayout(right, 1)
        for button in (self.back_button, self.forward_button):
            button.setAutoDefault(False)
