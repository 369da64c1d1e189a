"""The menu of libraries: those that were opened before, another one, a new one."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QMenu

from photoclust.core.language import tr
from photoclust.core.paths import PORTABLE_FOLDER, default_library
from photoclust.gui import text
from photoclust.gui.operations import libraries as operations

if TYPE_CHECKING:
    from photoclust.gui.window import MainWindow

MOST = 9


def build(window: MainWindow, above: QMenu) -> QMenu:
    """A menu in `above` that is filled when it is opened."""
    menu = above.addMenu(tr("Li&braries"))
    menu.setToolTipsVisible(True)
    menu.aboutToShow.connect(partial(_fill, window, menu))
    _fill(window, menu)
    return menu


def _fill(window: MainWindow, menu: QMenu) -> None:
    menu.clear()
    shown = window.libraries
    places = [*operations.known(), default_library()]
    listed = list(dict.fromkeys(places))[:MOST]
    there = operations.there(listed)
    for number, folder in enumerate(listed, start=1):
        action = menu.addAction(f"&{number}  {_name(folder)}")
        action.setToolTip(text.tooltip(text.shown_path(folder)))
        action.setCheckable(True)
        action.setChecked(folder == shown.folder)
        # One that is not there is not made anew by a click; the user's own is.
        is_there = folder in there or folder == default_library()
        action.setEnabled(is_there and folder != shown.folder)
        action.triggered.connect(lambda _=False, folder=folder: shown.show(folder))
    menu.addSeparator()
    menu.addAction(tr("&Open another library…")).triggered.connect(lambda _=False: _open(window))
    menu.addAction(tr("&New library…")).triggered.connect(lambda _=False: _new(window))


def _name(folder: Path) -> str:
    if folder == default_library():
        return tr("The library of this computer")
    beside = folder.parent if folder.name == PORTABLE_FOLDER else folder
    return text.shown_path(Path(beside.name or beside)).replace("&", "&&")


def _open(window: MainWindow) -> None:
    title = tr("Choose the folder of a library, or of photos with one beside them")
    if not (chosen := QFileDialog.getExistingDirectory(window, title)):
        return
    folder = operations.library_in(Path(chosen))
    if folder is not None:
        window.libraries.show(folder)
    else:
        window.notices.complain(
            tr("there is no library in {folder}", folder=text.shown_path(Path(chosen)))
        )


def _new(window: MainWindow) -> None:
    title = tr("Choose an empty folder for the new library")
    if not (chosen := QFileDialog.getExistingDirectory(window, title)):
        return
    folder = Path(chosen)
    if not operations.is_empty(folder):
        window.notices.complain(
            tr(
                "{folder} is not empty; make a folder of its own for the library",
                folder=text.shown_path(folder),
            )
        )
    else:
        window.libraries.show(folder)
