"""The page of everything that was done, from where each act can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import marked, tr
from photoclust.core.types import EntryId
from photoclust.gui import text, theme
from photoclust.gui.history import History
from photoclust.gui.models.acts import ActModel, state
from photoclust.gui.models.keyed import Index, ItemRole
from photoclust.gui.operations import history as operations
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.widgets import Button, EmptyState, label

if TYPE_CHECKING:
    from photoclust.services.history import Act

_PADDING, _SIDE = 10, 16


class HistoryPage(QWidget):
    """A list, the newest first; what undo would take back is marked."""

    TITLE = marked("History")
    KEYS = (
        PageKey(marked("Enter"), marked("Undo the chosen act alone")),
        PageKey(marked("Shift+Enter"), marked("Undo the chosen act and all that came after it")),
        PageKey(marked("Esc"), marked("Back")),
    )

    back_wanted = Signal()

    def __init__(self, shared: Shared, history: History) -> None:
        super().__init__()
        self._shared = shared
        self._history = history
        self._number = operations.LISTED
        self._from_top = True
        self.model = ActModel(self)
        self.list = QListView()
        self.list.setObjectName("rows")
        self.list.setAccessibleName(tr("History"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(_ActLines(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.undo_button = Button(tr("Undo this"))
        self.back_to_button = Button(tr("Undo back to here"))
        self.more_button = Button(tr("Show older acts"), "flat")
        self.back_button = Button("", "flat", "back", tr("Leave the history (Esc)"))
        self.redo_button = Button(tr("Redo"))
        self._stack = QStackedWidget()
        self._build()
        self.back_button.clicked.connect(self.back_wanted)
        self.undo_button.clicked.connect(self._undo)
        self.back_to_button.clicked.connect(self._undo_back_to)
        self.redo_button.clicked.connect(history.redo)
        self.more_button.clicked.connect(self._show_more)
        self.list.selectionModel().currentChanged.connect(self._enable)
        shared.changed.connect(self._follow)
        shared.steps_changed.connect(self._follow)
        shared.library_changed.connect(self._forget)
        self._enable()

    def begin(self) -> None:
        """Take the keyboard and read what was done; the newest act is the current one."""
        self._from_top = True
        self._read()
        self.resume()

    def resume(self) -> None:
        """Take the keyboard."""
        self.list.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter undoes the current act, with Shift all that came after it as well."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.back_to_button.click()
        else:
            self.undo_button.click()

    def _build(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(0, 0, 16, 0)
        header.setSpacing(12)
        header.addWidget(self.back_button)
        header.addWidget(label(tr(self.TITLE), "title"))
        header.addStretch()
        for button in (self.undo_button, self.back_to_button, self.redo_button):
            header.addWidget(button)
        acts = QWidget()
        inner = QVBoxLayout(acts)
        inner.setContentsMargins(8, 0, 16, 16)
        inner.addWidget(self.list, 1)
        inner.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignHCenter)
        nothing = tr(
            "Names, merges and all else that you decide are listed here and can be undone."
        )
        self._stack.addWidget(EmptyState("history", tr("Nothing was decided yet"), nothing))
        self._stack.addWidget(acts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 12, 8, 0)
        layout.setSpacing(8)
        layout.addLayout(header)
        layout.addWidget(self._stack, 1)
        self.undo_button.setToolTip(tr("Undo this act alone (Enter)"))
        self.back_to_button.setToolTip(tr("Undo this act and all that came after it (Shift+Enter)"))
        self.redo_button.setToolTip(tr("Do again what was undone last (Ctrl+Shift+Z)"))

    def _follow(self) -> None:
        if self.isVisible():
            self._read()

    def _forget(self) -> None:
        self._number = operations.LISTED
        self.model.set_items([])

    def _read(self) -> None:
        number = self._number
        self._shared.read(lambda library: operations.acts(library, number), self._show)

    def _show(self, acts: list[Act]) -> None:
        self.model.set_items(acts)
        self.more_button.setVisible(len(acts) == self._number)
        if acts and (self._from_top or not self.list.currentIndex().isValid()):
            self.list.setCurrentIndex(self.model.index(0))
            self.list.scrollToTop()
        self._from_top = False
        self._stack.setCurrentIndex(1 if acts else 0)
        self._enable()

    def _show_more(self) -> None:
        self._number += operations.LISTED
        self._read()

    def _current(self) -> Act | None:
        index = self.list.currentIndex()
        return self.model.item(index.row()) if index.isValid() else None

    def _enable(self) -> None:
        act, steps = self._current(), self._shared.steps
        changeable = self._shared.read_only is None
        undoable = act is not None and act.undoable and changeable
        self.undo_button.setEnabled(undoable)
        self.back_to_button.setEnabled(undoable and self._is_a_step(act))
        self.redo_button.setEnabled(changeable and steps is not None and steps.redo is not None)

    def _is_a_step(self, act: Act | None) -> bool:
        """Whether undo, step by step, would come to `act` or to something after it."""
        following = next((each for each in self.model.items if each.is_next), None)
        return act is not None and following is not None and following.id >= act.id

    def _undo(self) -> None:
        act = self._current()
        if act is not None:
            self._history.undo_act(act.id)

    def _undo_back_to(self) -> None:
        act = self._current()
        if act is not None:
            self._history.undo_back_to(EntryId(act.id))


class _ActLines(QStyledItemDelegate):
    """The words of an act, and below them when it was done and what became of it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Two lines with room around them."""
        return QSize(0, 2 * option.fontMetrics.lineSpacing() + 2 * _PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        act: Act = index.data(ItemRole)
        colours, flag = theme.colours(), Qt.AlignmentFlag
        area: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent_soft))
            painter.drawRoundedRect(area.adjusted(0, 1, 0, -1), 8, 8)
        inner = area.adjusted(_SIDE, _PADDING, -_SIDE, -_PADDING)
        lines = option.fontMetrics.lineSpacing()
        leading = QStyle.visualAlignment(option.direction, flag.AlignLeft) | flag.AlignTop
        font = QFont(option.font)
        font.setStrikeOut(not act.stands)
        painter.setFont(font)
        painter.setPen(QColor(colours.text if act.stands else colours.muted))
        elided = Qt.TextElideMode.ElideRight
        words = option.fontMetrics.elidedText(act.title, elided, inner.width())
        painter.drawText(inner, leading, words)
        painter.setFont(option.font)
        below = inner.adjusted(0, lines, 0, 0)
        said = " · ".join(filter(None, (text.moment(act.made_at), state(act))))
        painter.setPen(QColor(colours.accent if act.is_next else colours.muted))
        painter.drawText(below, leading, said)
        painter.restore()
