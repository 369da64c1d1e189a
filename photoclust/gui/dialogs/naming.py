"""Where a name is typed, and the one question that may follow: this Anna, or another?"""

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QHideEvent,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import tr, tr_n
from photoclust.core.types import Group, PersonId
from photoclust.gui import people_order, text, theme
from photoclust.gui.notice_place import keep_clear
from photoclust.gui.shared import Shared
from photoclust.gui.widgets import Button, ElidedLabel, label

MAX_COMPLETIONS = 8
MAX_NAME_LENGTH = 200
_COVER = 36
_PADDING = 18
_KEYS = 152
"""Room for the keys of a choice, in any language."""
_LEAST = 80
"""So many px of a name are shown at least, if there are as many."""
_POPUP_EDGE = 12
_TABS = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
_NAME = "\ufffc"
"""Stands for a name in a sentence until it is known how much of it fits."""
_NAME_ROLE = int(Qt.ItemDataRole.UserRole)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class NameEditor(QWidget):
    """Names a person, group or face, or several at once. Enter names; a name that somebody has asks
    who is meant, unless it was chosen from the names that are offered while typing.
    """

    named = Signal(object)
    """What the naming service returned; not after something else is to be named."""
    sent = Signal()
    """It is clear what is named how; it is being written."""
    kept = Signal()
    """Enter was pressed on the name that is there already."""

    def __init__(self, shared: Shared, *, large: bool = True, takes_back: bool = True) -> None:
        super().__init__()
        keep_clear(self)
        self._shared = shared
        self._takes_back = takes_back
        self._key: str | None = None
        self._name = ""
        self.edit = _NameEdit()
        self.edit.setObjectName("name" if large else "smallName")
        self.edit.setAccessibleName(tr("Name"))
        self.edit.setPlaceholderText(tr("Type a name…"))
        self.edit.setMaxLength(MAX_NAME_LENGTH)
        self.choices = ChoicePanel(shared)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.edit)
        layout.addWidget(self.choices)
        self._completions = QStandardItemModel(self)
        self._completer = QCompleter(self._completions, self)
        self._completer.setCompletionRole(_NAME_ROLE)
        self._picked: str | None = None
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(MAX_COMPLETIONS)
        self._popup = QListView()
        self._popup.setObjectName("completions")
        # A bar for long names would cover the last of them.
        self._popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._popup.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._completer.setPopup(self._popup)
        theme.dress(self._popup)  # it is a window of its own
        self.edit.setCompleter(self._completer)
        self.edit.textEdited.connect(self._typed)
        self.edit.returnPressed.connect(self._entered)
        self.choices.chosen.connect(self._chosen)
        self._completer.activated.connect(self._pick)
        shared.library_changed.connect(self._allow)

    @property
    def key(self) -> str | None:
        """What is being named: `p7`, `g31` or `f9`, several with spaces between them."""
        return self._key

    def set_target(self, key: str | None, name: str | None) -> None:
        """Name `key` from now on, which is called `name` so far. What is being typed stays when
        neither has changed.
        """
        if (key, name or "") == (self._key, self._name):
            return
        self._key, self._name, self._picked = key, name or "", None
        self.choices.hide()
        self.edit.setText(self._name)
        self.edit.setCursorPosition(0)
        self._allow()

    def begin(self) -> bool:
        """Let the user type; whether that is possible."""
        if not self.edit.isEnabled():
            return False
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit.selectAll()
        return True

    def begin_with(self, letters: str) -> None:
        """Let the user go on typing what began elsewhere."""
        if self.begin():
            self.edit.insert(letters)
            self._typed(self.edit.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape takes back the question, then what was typed where that is wanted; then it is the
        page's.
        """
        if event.key() == Qt.Key.Key_Escape and not self.choices.isHidden():
            self.choices.hide()
            self.begin()
        elif (
            event.key() == Qt.Key.Key_Escape and self._takes_back and self.edit.text() != self._name
        ):
            self.edit.setText(self._name)
        else:
            super().keyPressEvent(event)

    def _allow(self) -> None:
        """Let names be typed where there is something to name and they can be kept."""
        why_not = self._shared.read_only
        self.edit.setEnabled(self._key is not None and why_not is None)
        hint = text.tooltip(tr("No names can be given: {why}", why=why_not)) if why_not else ""
        self.edit.setToolTip(hint)

    def _typed(self, words: str) -> None:
        self.choices.hide()
        self._picked = None
        begun = text.folded(words.strip())
        matching = people_order.called_like(self._shared.people(), words) if begun else []
        self._completions.clear()
        offered: set[str] = set()
        for person in matching:
            if person.name and person.name not in offered and len(offered) < MAX_COMPLETIONS:
                offered.add(person.name)
                self._completions.appendRow(_completion(person, begun))
        if not offered:
            self._popup.hide()
            return
        # QCompleter reckons with rows alone; the frame and padding of the theme come on top.
        rows = self._completions.rowCount() * self._popup.sizeHintForRow(0)
        self._popup.setMinimumHeight(rows + _POPUP_EDGE)
        self._completer.complete()

    def _pick(self, name: str) -> None:
        """A name was chosen from those offered: it is clear who is meant, if one is called so."""
        self._picked = name
        # Qt writes it for an editor that has the keyboard only, not while a list is just closing.
        self.edit.setText(name)

    def _entered(self) -> None:
        self._popup.hide()
        words, key = self.edit.text().strip(), self._key
        if not words or key is None:
            return
        if words == self._name:
            self.kept.emit()
            return
        meant = self._meant(words)
        if not meant:
            self._write(words, None, another=False)
        elif len(meant) == 1 and words == self._picked and not self._name:
            self._write(words, PersonId(meant[0].id), another=False)
        else:
            self._ask(words, key)

    def _meant(self, words: str) -> list[Group]:
        """Everybody whose name or alias could be taken for `words`."""
        keys = (self._key or "").split()
        called = people_order.called(self._shared.people(), words)
        return [person for person in called if person.key not in keys]

    def _ask(self, words: str, key: str) -> None:
        """Ask who is meant by a name that somebody has; the library knows best who has it."""

        def offer(people: list[Group]) -> None:
            if (self._key, self.edit.text().strip()) != (key, words):
                return
            others = [person for person in people if person.key not in key.split()]
            if others:
                self.choices.ask(others, words)
            else:
                self._write(words, None, another=False)

        self._shared.read(lambda library: library.people_called(words), offer)

    def _chosen(self, person: PersonId | None) -> None:
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)  # or Qt would choose who has it next
        self.choices.hide()
        self._write(self.edit.text().strip(), person, another=person is None)

    def _write(self, words: str, into: PersonId | None, *, another: bool) -> None:
        key = self._key
        if key is None:
            return

        def done(named: object) -> None:
            if self._key == key:
                self.named.emit(named)

        keys = key.split()
        if len(keys) > 1:
            self._shared.name_all(keys, words, done, into, another=another)
        else:
            self._shared.name(key, words, done, into, another=another)
        self.sent.emit()


def _completion(person: Group, begun: str) -> QStandardItem:
    """A name to offer; with the alias that it is found by, where it is."""
    name = person.name or ""
    item = QStandardItem(name)
    if not people_order.begins(name, begun):
        also = next(each for each in person.aliases if people_order.begins(each, begun))
        item.setText(f"{name} ({also})")
    item.setData(name, _NAME_ROLE)
    return item


class _NameEdit(QLineEdit):
    """Keeps the keys of undo and redo to itself only while it has something of its own to undo."""

    tabbed = Signal(int)
    """Tab was pressed, 1, or Shift+Tab, -1; only where it `takes_tab`."""

    def __init__(self) -> None:
        super().__init__()
        self.takes_tab = False

    def event(self, event: QEvent) -> bool:
        """Qt's line edit claims both keys always, and the menu would never get them."""
        if event.type() == QEvent.Type.KeyPress and self.takes_tab:
            step = _TABS.get(Qt.Key(cast("QKeyEvent", event).key()))
            if step is not None:
                self.tabbed.emit(step)
                return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undo = event.matches(QKeySequence.StandardKey.Undo) and not self.isUndoAvailable()
            redo = event.matches(QKeySequence.StandardKey.Redo) and not self.isRedoAvailable()
            if undo or redo:
                event.ignore()
                return False
        return super().event(event)


class ChoicePanel(QFrame):
    """Who is meant by a name that somebody has: one button each, one key each."""

    chosen = Signal(object)
    """The person, or None for another one of the same name."""
    resized = Signal()
    """It came, went or grew."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._shared = shared
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 12, 16, 16)
        self._layout.setSpacing(8)
        self.buttons: list[ChoiceButton] = []
        self._rows: list[QWidget] = []
        shared.thumbnails.loaded.connect(self._draw_covers)
        self._covers: list[Group] = []
        self.hide()

    def ask(self, people: Sequence[Group], name: str, *, another: bool = True) -> None:
        """Offer `people`, who are all called `name`, and `another` person of that name."""
        for row in self._rows:
            self._layout.removeWidget(row)
            row.deleteLater()
        self.buttons, self._rows, self._covers = [], [], list(people)
        who = people[0].name or name
        question = ElidedLabel("muted")
        question.setText(tr("Who is this? Somebody is called {name} already.", name=who))
        self._add_row(question)
        for number, person in enumerate(people, start=1):
            before, after = _around(
                tr_n(
                    person.photos,
                    "This {name} ({n} photo)",
                    "This {name} ({n} photos)",
                    name=_NAME,
                )
            )
            button = ChoiceButton(before, person.name or name, after)
            key = tr("Enter") if number == 1 else ""
            self._add_choice(button, PersonId(person.id), number, key)
        if another:
            before, after = _around(tr("Another {name}", name=_NAME))
            button = ChoiceButton(before, name, after)
            self._add_choice(button, None, len(people) + 1, tr("Ctrl+Enter"))
        self._draw_covers()
        self.show()
        self.resized.emit()
        self.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Whoever made room for it hears of it."""
        super().hideEvent(event)
        self.resized.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Digits choose, the arrows move, Ctrl+Enter says another."""
        number = event.key() - Qt.Key.Key_1
        if 0 <= number < min(len(self.buttons), 9):
            self.buttons[number].click()
        elif event.key() in _ENTER:
            self.buttons[-1].click()
        elif event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)

    def _add_choice(
        self, button: "ChoiceButton", person: PersonId | None, number: int, key: str
    ) -> None:
        button.clicked.connect(lambda: self.chosen.emit(person))
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(button, 1)
        keys = QWidget()
        keys.setFixedWidth(_KEYS)
        key_line = QHBoxLayout(keys)
        key_line.setContentsMargins(0, 0, 0, 0)
        for words_of_key in filter(None, (key, str(number) if number < 10 else "")):
            key_line.addWidget(label(words_of_key, "key"), 0, Qt.AlignmentFlag.AlignVCenter)
        key_line.addStretch()
        line.addWidget(keys)
        self.buttons.append(button)
        self._add_row(row)

    def _add_row(self, row: QWidget) -> None:
        self._rows.append(row)
        self._layout.addWidget(row)

    def _draw_covers(self) -> None:
        for person, button in zip(self._covers, self.buttons, strict=False):
            picture = self._shared.thumbnails.face(person.cover)
            if picture is not None and button.icon().isNull():
                button.setIcon(QIcon(picture))


def _around(sentence: str) -> tuple[str, str]:
    """What is before and behind the name in a sentence."""
    before, _, after = sentence.partition(_NAME)
    return before, after


class ChoiceButton(Button):
    """A button about somebody; of a long name it shows as much as fits between the other words."""

    def __init__(self, before: str, name: str, after: str = "") -> None:
        super().__init__("", "choice", name=f"{before}{name}{after}")
        self.setToolTip("")
        self._words = (before, name, after)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setIconSize(QSize(_COVER, _COVER))
        self.setMinimumSize(120, 52)  # less than the text: the panel may shrink

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Cut the name to the new width."""
        super().resizeEvent(event)
        before, name, after = self._words
        metrics = self.fontMetrics()
        room = self.width() - 2 * _PADDING - _COVER
        least = min(metrics.horizontalAdvance(name), _LEAST)
        if room - metrics.horizontalAdvance(before + after) < least:
            after = ""  # rather the name than how many photos there are
        room = max(room - metrics.horizontalAdvance(before + after), least)
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        self.setText(text.menu_text(f"{before}{text.isolated(shown)}{after}"))
