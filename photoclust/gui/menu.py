"""The menus of the main window: what can be done from anywhere, and by which keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from photoclust.core.language import marked, tr
from photoclust.gui import library_menu, theme
from photoclust.gui.dialogs import about
from photoclust.gui.pages import LISTS

if TYPE_CHECKING:
    from photoclust.gui.window import MainWindow

_PAGES = {
    "people": marked("&People"),
    "review": marked("&Review"),
    "unnamed": marked("&Unnamed"),
    "photos": marked("P&hotos"),
    "years": marked("&Years"),
    "failures": marked("Fai&lures"),
    "training": marked("&Training"),
    "settings": marked("S&ettings"),
}
_THEMES = (marked("As the &system"), marked("&Light"), marked("&Dark"))


@dataclass(frozen=True, slots=True)
class Menu:
    """What of the menus changes while the window is open."""

    file: QMenu
    add_folders: QAction
    scan_again: QAction
    themes: QActionGroup

    def allow_scans(self, why_not: str) -> None:
        """Let folders be scanned, or, where there is a reason, tell `why_not`."""
        for action in (self.scan_again, self.add_folders):
            action.setEnabled(not why_not)
            action.setToolTip(why_not)
        self.file.setToolTipsVisible(bool(why_not))

    def mark_theme(self, name: str) -> None:
        """Show `name` as the theme that is chosen."""
        for action in self.themes.actions():
            action.setChecked(action.data() == name)


def build(window: MainWindow, theme_name: str) -> Menu:
    """Give `window` its menus; `theme_name` is the theme that is marked."""
    file = window.menuBar().addMenu(tr("&File"))
    add_folders = file.addAction(tr("&Add folders…"))
    _let(add_folders, window.choose_folders, "Ctrl+O")
    scan_again = file.addAction(tr("&Scan again"))
    _let(scan_again, lambda: window.scan(None), "Ctrl+R", "F5")
    _let(file.addAction(tr("Take over &names from other programs…")), window.taking_names.ask)
    _let(file.addAction(tr("&Try the demo album")), window.try_demo)
    library_menu.build(window, file)
    file.addSeparator()
    _let(file.addAction(tr("&Export…")), window.exporting.ask, "Ctrl+E")
    file.addSeparator()
    _let(file.addAction(tr("&Quit")), window.close, "Ctrl+Q")
    edit = window.menuBar().addMenu(tr("&Edit"))
    edit.setToolTipsVisible(True)
    edit.addAction(window.history.undo_action)
    edit.addAction(window.history.redo_action)
    _let(edit.addAction(tr("&History…")), window.show_history, "Ctrl+H")
    edit.addSeparator()
    _let(edit.addAction(tr("&Search")), window.search, "Ctrl+F", "Ctrl+K")
    go = window.menuBar().addMenu(tr("&Go"))
    for number, name in enumerate(LISTS, start=1):
        _let(go.addAction(tr(_PAGES[name])), partial(window.show_list, name), f"Ctrl+{number}")
    go.addSeparator()
    _let(go.addAction(tr("&Since last time")), window.show_news, "Ctrl+L")
    _let(go.addAction(tr("&Next without a name")), window.next_unnamed, "F3")
    _let(go.addAction(tr("&Back")), window.go_back, "Alt+Left")
    view = window.menuBar().addMenu(tr("&View"))
    themes = QActionGroup(window)
    for name, title in zip(theme.THEMES, _THEMES, strict=True):
        action = view.addAction(tr(title))
        action.setCheckable(True)
        action.setChecked(name == theme_name)
        action.setData(name)
        themes.addAction(action)
    themes.triggered.connect(lambda action: window.set_theme(action.data()))
    help_menu = window.menuBar().addMenu(tr("&Help"))
    _let(help_menu.addAction(tr("&Guide")), window.help.show_guide, "F1")
    _let(help_menu.addAction(tr("&Keys")), window.help.show_keys, "Ctrl+F1")
    help_menu.addSeparator()
    where = help_menu.addAction(tr("&Where is my data?"))
    _let(where, lambda: about.tell_where(window, window.folder))
    _let(help_menu.addAction(tr("&About photoclust")), lambda: about.tell_about(window))
    return Menu(file, add_folders, scan_again, themes)


def _let(action: QAction, what: Callable[[], object], *keys: str) -> None:
    action.setShortcuts([QKeySequence(key) for key in keys])
    action.triggered.connect(lambda _=False: what())
