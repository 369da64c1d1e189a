"""The table of names that are not taken over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from photoclust.core.language import marked
from photoclust.gui.models.headed import HeadedModel, Index
from photoclust.gui.text import shown_path, tooltip

if TYPE_CHECKING:
    from photoclust.services.names_in import LeftName


class LeftNameModel(HeadedModel):
    """One row a name: whose, in which photo, who is there instead, and why."""

    COLUMNS = (marked("Name"), marked("Photo"), marked("Here"), marked("Why"))

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[LeftName, ...] = ()

    def set_names(self, names: Sequence[LeftName]) -> None:
        """Show `names`."""
        self.beginResetModel()
        self._names = tuple(names)
        self.endResetModel()

    def _count(self) -> int:
        return len(self._names)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Plain text; the tooltip is the whole of it."""
        left = self._names[index.row()]
        reason = left.reason[:1].upper() + left.reason[1:]
        photo = "–" if left.path is None else shown_path(Path(left.path.name))
        cells = (left.name, photo, left.ours or "–", reason)
        if role == Qt.ItemDataRole.DisplayRole:
            return cells[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            whole = index.column() == 1 and left.path is not None
            return tooltip(shown_path(left.path) if whole else cells[index.column()])
        return None
