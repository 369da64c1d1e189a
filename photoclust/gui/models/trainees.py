"""The table of people to train with: who is chosen, and what there is of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSortFilterProxyModel, Qt, Signal

from photoclust.core.language import marked, thousands, tr
from photoclust.core.types import PersonId
from photoclust.gui import text
from photoclust.gui.models.headed import LEFT, RIGHT, HeadedModel, Index

if TYPE_CHECKING:
    from photoclust.services.training_health import PersonHealth

_CHECK = Qt.ItemDataRole.CheckStateRole


class TraineeModel(HeadedModel):
    """One row a person. Everybody is chosen who was not left out; a new person is chosen too."""

    COLUMNS = (marked("Name"), marked("Faces"), marked("Occasions"), "")
    NUMBERS = frozenset((1, 2))
    chosen_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._people: tuple[PersonHealth, ...] = ()
        self._left_out: set[PersonId] = set()

    @property
    def people(self) -> tuple[PersonHealth, ...]:
        """Everybody, chosen or not."""
        return self._people

    @property
    def chosen(self) -> tuple[PersonId, ...]:
        """Who is chosen, in the order shown."""
        return tuple(one.id for one in self._people if one.id not in self._left_out)

    def set_people(self, people: Sequence[PersonHealth]) -> None:
        """Show `people`; nothing happens where they are the ones shown."""
        if tuple(people) != self._people:
            self.beginResetModel()
            self._people = tuple(people)
            self.endResetModel()
            self.chosen_changed.emit()

    def forget_choice(self) -> None:
        """Choose everybody."""
        self._left_out.clear()

    def choose(self, rows: Collection[int], *, chosen: bool) -> None:
        """Choose the people in `rows`, or leave them out."""
        for row in rows:
            number = self._people[row].id
            (self._left_out.discard if chosen else self._left_out.add)(number)
            self.dataChanged.emit(self.index(row, 0), self.index(row, 0), [int(_CHECK)])
        if rows:
            self.chosen_changed.emit()

    def is_chosen(self, row: int) -> bool:
        """Whether the person in `row` is chosen."""
        return self._people[row].id not in self._left_out

    def _count(self) -> int:
        return len(self._people)

    def headerData(  # noqa: N802 - Qt's name
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        """The names of the columns; occasions are explained."""
        if role == Qt.ItemDataRole.ToolTipRole and section == 2:
            return text.tooltip(
                tr("Photos taken within six hours of one another are of one occasion")
            )
        return super().headerData(section, orientation, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be checked."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else flags

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Plain text; assistive technology reads the whole row with the name."""
        person = self._people[index.row()]
        cells = (
            person.name,
            thousands(person.faces),
            thousands(person.occasions),
            person.problem or "",
        )
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return cells[column]
        if role == _CHECK and column == 0:
            chosen = self.is_chosen(index.row())
            return Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column in self.NUMBERS else LEFT
        if role == Qt.ItemDataRole.ToolTipRole and column in (0, 3) and cells[column]:
            return text.tooltip(cells[column])
        if role == Qt.ItemDataRole.AccessibleTextRole and column == 0:
            return ", ".join(filter(None, (person.name, text.faces(person.faces), cells[3])))
        return None

    def setData(  # noqa: N802 - Qt's name
        self, index: Index, value: Any, role: int = int(Qt.ItemDataRole.EditRole)
    ) -> bool:
        """A checkbox was clicked."""
        if role != _CHECK or index.column() != 0:
            return False
        self.choose([index.row()], chosen=Qt.CheckState(value) == Qt.CheckState.Checked)
        return True


class ByName(QSortFilterProxyModel):
    """The people some word of whose name begins with what was typed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._begun = ""

    def set_beginning(self, words: str) -> None:
        """Show those whom `words` find."""
        self._begun = text.folded(words.strip())
        self.invalidate()

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:  # noqa: N802 - Qt's name
        """Whether the person in `row` is shown."""
        model = self.sourceModel()
        assert isinstance(model, TraineeModel)
        name = text.folded(model.people[row].name)
        return any(part.startswith(self._begun) for part in text.beginnings(name))

    def rows(self) -> list[int]:
        """The rows of the people shown, in the whole table."""
        return [self.mapToSource(self.index(row, 0)).row() for row in range(self.rowCount())]
