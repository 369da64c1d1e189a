"""The search box: completions while typing, and a mark under what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QPainter,
    QTextCharFormat,
)
from PySide6.QtWidgets import (
    QApplication,
    QCompleter,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from photoclust.core.language import tr
from photoclust.gui import icons, search_text, text, theme

if TYPE_CHECKING:
    from photoclust.services.searching import Completion

TYPING_MS = 200
"""How long nothing is typed until the photos are looked for."""
MAX_LENGTH = 2_000
_SHOWN = 9
_EDGE, _ROOM = 12, 12
_ItemRole = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex


class SearchBox(QLineEdit):
    """Tells what is typed; completions and mistakes are shown as they are told to it."""

    completions_wanted = Signal(str, int)
    """The text and the place of the cursor, in code points: something was typed."""
    wanted = Signal(str, bool)
    """A search, and whether it was asked for (by Enter) or is still being typed."""
    left = Signal(bool)
    """Nothing is left of the text; whether by Escape, so that the keyboard is for the page."""
    grid_wanted = Signal()
    """The arrow downwards was pressed: to the results."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("search")
        self.setAccessibleName(tr("Search"))
        self.setPlaceholderText(tr("Search people, years, folders…"))
        self.setToolTip(text.tooltip(tr("Search photos (Ctrl+F)")))
        self.setMaxLength(MAX_LENGTH)
        self.setClearButtonEnabled(True)
        self._icon = self.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._offered = _Completions(self)
        self._completer = QCompleter(self._offered, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(_SHOWN)
        self._completer.setWidget(self)
        self.popup = QListView()
        self.popup.setObjectName("completions")
        self.popup.setAccessibleName(tr("Ways to go on"))
        self.popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._completer.setPopup(self.popup)
        theme.dress(self.popup)  # it is a window of its own
        self.popup.setItemDelegate(_WithCount(self.popup))
        chosen = self._completer.activated[QModelIndex]  # type: ignore[index]  # a stub gap
        chosen.connect(self._take)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(lambda: self.wanted.emit(self.text(), False))
        self.textEdited.connect(self._typed)
        self.textChanged.connect(self._emptied)
        self.returnPressed.connect(self._entered)

    def begin(self) -> None:
        """Let the user type."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def offer(self, words: str, completions: Sequence[Completion]) -> None:
        """Show how `words` may go on, unless something else is typed by now."""
        if words != self.text() or not self.hasFocus():
            return
        self._offered.show(completions)
        if not completions:
            self.popup.hide()
            return
        # QCompleter reckons with rows alone; the frame and padding of the theme come on top.
        rows = min(len(completions), _SHOWN) * self.popup.sizeHintForRow(0)
        self.popup.setMinimumHeight(rows + _EDGE)
        self._completer.complete()
        # Qt makes the first one current without showing it: Enter would take it unseen.
        self.popup.setCurrentIndex(QModelIndex())

    def mark(self, words: str, start: int, end: int) -> None:
        """Underline what is wrong with `words`, from `start` to before `end` (code points)."""
        if words != self.text():
            return
        wavy = QTextCharFormat()
        wavy.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SpellCheckUnderline)
        wavy.setUnderlineColor(QColor(theme.colours().warning))
        wavy.setForeground(QColor(theme.colours().warning))
        first = search_text.to_units(words, start)
        length = search_text.to_units(words, max(end, start + 1)) - first
        kind = QInputMethodEvent.AttributeType.TextFormat
        self._format(
            [QInputMethodEvent.Attribute(kind, first - self.cursorPosition(), length, wavy)]
        )

    def unmark(self) -> None:
        """Underline nothing any more."""
        self._format([])

    def refresh_icon(self) -> None:
        """Draw the icon in the colours of the theme."""
        self._icon.setIcon(icons.icon("search", theme.colours().muted))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape leaves the search; the arrow downwards goes to what was found."""
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit(True)
        elif event.key() == Qt.Key.Key_Down and not self.popup.isVisible():
            self.grid_wanted.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """What may come of an answer that is late is of no use any more."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.popup.hide()

    def _typed(self, words: str) -> None:
        self.unmark()
        cursor = search_text.from_units(words, self.cursorPosition())
        self.completions_wanted.emit(words, cursor)
        self._typing.start()

    def _emptied(self, words: str) -> None:
        if not words.strip():
            self._typing.stop()
            self.popup.hide()
            self.left.emit(False)

    def _entered(self) -> None:
        if self.popup.isVisible() and self.popup.currentIndex().isValid():
            return  # the completer takes it
        self.popup.hide()
        self._typing.stop()
        if self.text().strip():
            self.wanted.emit(self.text(), True)

    def _take(self, index: QModelIndex) -> None:
        offered: Completion = index.data(_ItemRole)
        words = self.text()
        before, after = words[: offered.start] + offered.text, words[offered.end :]
        goes_on = offered.text.endswith(":")
        if not goes_on and not after.startswith(" "):
            before += " "
        self.setText(before + after)
        self.setCursorPosition(search_text.to_units(before, len(before)))
        if goes_on:
            self._typed(self.text())
        else:
            self._typing.stop()
            self.wanted.emit(self.text(), False)

    def _format(self, attributes: list[QInputMethodEvent.Attribute]) -> None:
        # The one way to format a part of a QLineEdit: as an input method does while it composes.
        QApplication.sendEvent(self, QInputMethodEvent("", attributes))


class _Completions(QAbstractListModel):
    def __init__(self, parent: SearchBox) -> None:
        super().__init__(parent)
        self._offered: Sequence[Completion] = ()

    def show(self, offered: Sequence[Completion]) -> None:
        """Offer these."""
        self.beginResetModel()
        self._offered = offered
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's signature
        """How many there are."""
        return 0 if parent.isValid() else len(self._offered)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """The completion itself for UserRole, else its words."""
        if not index.isValid():
            return None
        offered = self._offered[index.row()]
        if role == _ItemRole:
            return offered
        if role == Qt.ItemDataRole.DisplayRole:
            return offered.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{offered.label} {search_text.completion(offered)}".strip()
        return None


class _WithCount(QStyledItemDelegate):
    """A completion with its count at the far edge."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Room around the words."""
        return QSize(0, option.fontMetrics.height() + _ROOM)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        said = search_text.completion(index.data(_ItemRole))
        metrics = option.fontMetrics
        room: QRect = option.rect.adjusted(10, 0, -10, 0)
        words, count = QRect(room), QRect(room)
        if said:
            words.setWidth(max(0, room.width() - metrics.horizontalAdvance(said) - 16))
        flag, place = Qt.AlignmentFlag, QStyle.visualRect
        painter.save()
        state: QStyle.StateFlag = option.state
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.colours().accent_soft))
            painter.drawRoundedRect(option.rect, 6, 6)
        centred = flag.AlignVCenter
        painter.setPen(QColor(theme.colours().text))
        label = metrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, words.width())
        leading = QStyle.visualAlignment(option.direction, flag.AlignLeft)
        painter.drawText(place(option.direction, option.rect, words), leading | centred, label)
        painter.setPen(QColor(theme.colours().muted))
        trailing = QStyle.visualAlignment(option.direction, flag.AlignRight)
        painter.drawText(place(option.direction, option.rect, count), trailing | centred, said)
        painter.restore()
