"""The folders of the library on the settings page, with what can be done about each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.language import marked, tr
from photoclust.gui import text
from photoclust.gui.operations.settings import FolderState
from photoclust.gui.views.setting_parts import PlaceRow
from photoclust.gui.widgets import Button, label

_WORDS = {
    FolderState.AWAY: marked("Not there now. Its photos are kept, and come back with it."),
    FolderState.SILENT: marked("Does not answer now. Its photos are kept."),
}


class FolderRows(QWidget):
    """Each folder has a button that takes it out; one that is not there one to look for it."""

    remove_wanted = Signal(object)
    find_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[tuple[Path, ...], bool] = ((), False)
        self._rows: dict[Path, _FolderRow] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._nothing = label(tr("No folder was scanned yet."), "muted")
        self._layout.addWidget(self._nothing)

    @property
    def buttons(self) -> list[Button]:
        """Those that take a folder out, from top to bottom."""
        return [row.place.button for row in self._rows.values()]

    def row(self, folder: Path) -> _FolderRow:
        """The row of a folder that is shown."""
        return self._rows[folder]

    def show_folders(self, folders: Sequence[Path], *, changeable: bool) -> None:
        """List `folders`; they can be taken out where the library is `changeable`."""
        if (tuple(folders), changeable) == self._shown:
            return
        self._shown = tuple(folders), changeable
        for row in self._rows.values():
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._nothing.setVisible(not folders)
        self._rows = {folder: self._row(folder, changeable) for folder in folders}
        for row in self._rows.values():
            self._layout.addWidget(row)

    def show_states(self, states: Mapping[Path, FolderState]) -> None:
        """Say how folders are; of those that are not shown nothing is said."""
        for folder, row in self._rows.items():
            row.show_state(states.get(folder, FolderState.THERE))

    def _row(self, folder: Path, changeable: bool) -> _FolderRow:
        row = _FolderRow(folder, changeable=changeable)
        row.place.button.clicked.connect(partial(self.remove_wanted.emit, folder))
        row.find_button.clicked.connect(partial(self.find_wanted.emit, folder))
        return row


class _FolderRow(QWidget):
    """A folder, and below it how it is."""

    def __init__(self, folder: Path, *, changeable: bool) -> None:
        super().__init__()
        shown = text.shown_path(folder)
        self.place = PlaceRow(folder, tr("Remove…"), tr("Remove the folder {folder}", folder=shown))
        self.place.button.setEnabled(changeable)
        self.state = label("", "muted", wrap=True)
        self.find_button = Button(
            tr("Find it again…"), name=tr("Find the folder {folder} again", folder=shown)
        )
        self.find_button.setEnabled(changeable)
        self._below = QWidget()
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 6)
        below.addWidget(self.state, 1)
        below.addWidget(self.find_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.place)
        layout.addWidget(self._below)
        self._below.hide()

    def show_state(self, state: FolderState) -> None:
        """Say how it is."""
        self.state.setText(tr(_WORDS[state]) if state in _WORDS else "")
        self.find_button.setVisible(state is FolderState.AWAY)
        self._below.setVisible(state is not FolderState.THERE)
