"""The table of files that could not be read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from photoclust.core.language import marked
from photoclust.core.types import Failure
from photoclust.gui.models.headed import HeadedModel, Index
from photoclust.gui.text import shown_path, tooltip


class FailureModel(HeadedModel):
    """One row a file, by path."""

    COLUMNS = (marked("File"), marked("Why"), marked("Folder"))

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

    def _count(self) -> int:
        return len(self._failures)

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
