"""The table of files that could not be read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from photoclust.core.types import Failure
from photoclust.gui.text import shown_path, tooltip

COLUMNS = ("File", "Why", "Folder")
Index = QModelIndex | QPersistentModelIndex


class FailureModel(QAbstractTableModel):
    """One row a file, by path."""

    def __init__(self) -> None:
        super().__init__()
        self._failures: tuple[Failure, ...] = ()

    def set_failures(self, failures: Sequence[Failure]) -> None:
        """Show `failures`; nothing happens where they are the ones shown."""
        if tuple(failures) != self._failures:
            self.beginResetModel()
            self._failures = tuple(failures)
            self.endResetModel()

    def failure(self, row: int) -> Failure:
        """The failure in `row`."""
        return self._failures[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's signature
        """How many files there are."""
        return 0 if parent.isValid() else len(self._failures)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """File, reason and folder."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802 - Qt's name
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        """The names of the columns."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Plain text; the tooltip is the whole of it."""
        failure = self._failures[index.row()]
        reason = failure.reason[:1].upper() + failure.reason[1:]
        folder = shown_path(failure.path.parent)
        cells = (shown_path(Path(failure.path.name)), reason, folder)
        if role == Qt.ItemDataRole.DisplayRole:
            return cells[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(shown_path(failure.path) if index.column() != 1 else reason)
        return None
