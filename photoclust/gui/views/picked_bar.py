"""The bar below a grid that says how many tiles are chosen, and what can be done with them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QWidget

from photoclust.core.language import tr
from photoclust.gui import people_text, text
from photoclust.gui.notice_place import keep_clear
from photoclust.gui.widgets import Button, label

_MARGIN = 12
_SPACING = 8


def key_action(
    owners: Sequence[QWidget], words: str, key: str, what: Callable[[], None]
) -> QAction:
    """Something to do with what is chosen in one of `owners`, by a key while that has the
    keyboard. It is off until it is enabled: its key is then one like any other.
    """
    action = QAction(words, owners[0])
    action.setShortcut(QKeySequence(key))
    action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    action.setToolTip(text.tooltip(f"{words.rstrip('…')} ({key})"))
    action.setEnabled(False)
    action.triggered.connect(lambda _=False: what())
    for owner in owners:
        owner.addAction(action)
    return action


class PickedBar(QFrame):
    """A button for each action that is visible; those that find no room are in a menu."""

    emptied = Signal()
    """Nothing is to be chosen any more."""
    menu_closed = Signal(bool)
    """Whether something was done by the menu that is gone."""

    def __init__(self, actions: Sequence[QAction]) -> None:
        super().__init__()
        self.setObjectName("footer")
        keep_clear(self)
        self._words = label("", "heading")
        self._close = Button("", "flat", "close", tr("Choose nothing (Esc)"))
        self.buttons = [_ActionButton(action) for action in actions]
        self._actions = list(actions)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu_used = False
        self._menu.triggered.connect(self._use_menu)
        self._menu.aboutToHide.connect(self._close_menu)
        self._more = Button("", "", "more", tr("More to do with these"))
        self._more.setMenu(QMenu(self._more))
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(_MARGIN, 8, _MARGIN, 8)
        self._layout.setSpacing(_SPACING)
        self._layout.addWidget(self._close)
        self._layout.addWidget(self._words)
        self._layout.addStretch()
        for button in self.buttons:
            self._layout.addWidget(button)
        self._layout.addWidget(self._more)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._close.clicked.connect(self.emptied)
        for action in actions:
            action.changed.connect(self._share)
        self.hide()

    def show_number(self, number: int) -> None:
        """Say how many are chosen; of none, nothing."""
        self._words.setText(people_text.chosen(number))
        self.setVisible(number > 0)
        self._share()

    def menu(self) -> QMenu:
        """The same actions as a menu."""
        self._menu.clear()
        self._menu.addActions([action for action in self._actions if action.isVisible()])
        return self._menu

    def pop_up(self, where: QPoint) -> None:
        """Show the menu at a global position."""
        self._menu_used = False
        self.menu().popup(where)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Other buttons find room."""
        super().resizeEvent(event)
        self._share()

    def _use_menu(self) -> None:
        self._menu_used = True

    def _close_menu(self) -> None:
        """A menu closes before what was chosen in it is done."""
        QTimer.singleShot(0, self, self._tell_menu_closed)

    def _tell_menu_closed(self) -> None:
        if not self._menu.isVisible():
            self.menu_closed.emit(self._menu_used)

    def _share(self) -> None:
        """Show as many buttons as there is room for."""
        if not self.isVisible():
            return
        used = 2 * _MARGIN + self._close.sizeHint().width() + self._words.sizeHint().width()
        room = self.width() - used - self._more.sizeHint().width() - 3 * _SPACING
        left: list[QAction] = []
        for button, action in zip(self.buttons, self._actions, strict=True):
            room -= button.sizeHint().width() + _SPACING
            wanted = action.isVisible()
            button.setVisible(wanted and room >= 0)
            if wanted and room < 0:
                left.append(action)
            elif not wanted:
                room += button.sizeHint().width() + _SPACING
        menu = self._more.menu()
        menu.clear()
        menu.addActions(left)
        self._more.setVisible(bool(left))


class _ActionButton(Button):
    """Does what its action does, and looks as it."""

    def __init__(self, action: QAction) -> None:
        super().__init__("")
        self._action = action
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda _=False: action.trigger())
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setText(self._action.text())
        self.setAccessibleName(self._action.text().replace("&&", "&"))
        self.setToolTip(self._action.toolTip())
        self.setEnabled(self._action.isEnabled())
