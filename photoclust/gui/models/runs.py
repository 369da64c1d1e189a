"""The table of earlier trainings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from photoclust.core.language import marked, tr
from photoclust.gui import text
from photoclust.gui.models.headed import HeadedModel, Index

if TYPE_CHECKING:
    from photoclust.services.training_runs import Run

RECIPES = {
    "head": marked("Head"),
    "blocks": marked("Last blocks"),
    "full": marked("Whole network"),
    "scratch": marked("From scratch"),
}
"""What the recipes are called, by `training.options.Kind`."""
OUTCOMES = {
    "accepted": marked("Accepted"),
    "refused": marked("Not accepted"),
    "unfinished": marked("Not finished"),
    "failed": marked("Failed"),
}
"""What the states of a run are called, by `services.training_runs.RunState`."""


class RunModel(HeadedModel):
    """One row a training, the latest first."""

    COLUMNS = (marked("When"), marked("Trained"), marked("Outcome"), marked("Gain in points"))

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: tuple[Run, ...] = ()

    def set_runs(self, runs: Sequence[Run]) -> None:
        """Show `runs`; nothing happens where they are the ones shown."""
        if tuple(runs) != self._runs:
            self.beginResetModel()
            self._runs = tuple(runs)
            self.endResetModel()

    def run(self, row: int) -> Run:
        """The training in `row`."""
        return self._runs[row]

    def _count(self) -> int:
        return len(self._runs)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Plain text."""
        run = self._runs[index.row()]
        cells = (
            when(run),
            tr(RECIPES.get(run.recipe or "", "?")),
            tr(OUTCOMES[run.state]),
            "" if run.gain is None else text.points(run.gain),
        )
        if role == Qt.ItemDataRole.DisplayRole:
            return cells[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return ", ".join(filter(None, cells))
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == 2 and run.reason:
            return text.tooltip(run.reason)
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == 3 and cells[3]:
            return text.tooltip(
                tr(
                    "How many more of 100 pairs of photos of one person are recognised, when one "
                    "in 1,000 pairs of different people is mistaken for one"
                )
            )
        return None


def when(run: Run) -> str:
    """`28 Nov 2026, 17:35` in local time."""
    return run.folder.name if run.begun is None else text.moment(run.begun)
