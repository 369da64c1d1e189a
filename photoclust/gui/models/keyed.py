"""A list of frozen values known by key, that changes in small steps.

Views keep selection, current item and scroll position only through insertions, removals and moves,
never through a reset; so a new list is turned into those.
"""

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Item = TypeVar("Item")
Index = QModelIndex | QPersistentModelIndex
MOST_PIECES = 8
"""So many pieces are removed one by one at most."""
ItemRole = int(Qt.ItemDataRole.UserRole)
"""The frozen value itself."""


class KeyedListModel(QAbstractListModel, Generic[Item]):
    """A list in which each item has a key of its own; see `key`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[Item] = []
        self._rows: dict[Hashable, int] = {}

    def key(self, item: Item) -> Hashable:
        """What makes `item` the same item in the next list."""
        raise NotImplementedError

    def text(self, item: Item) -> str:
        """What assistive technology reads, and what typing in a list finds."""
        raise NotImplementedError

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's signature
        """How many items there are."""
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """The item for ItemRole, its text for display and accessibility."""
        if not index.isValid() or index.row() >= len(self._items):
            return None
        item = self._items[index.row()]
        if role == ItemRole:
            return item
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.text(item)
        return None

    @property
    def items(self) -> tuple[Item, ...]:
        """The items in the order shown."""
        return tuple(self._items)

    def item(self, row: int) -> Item:
        """The item in `row`."""
        return self._items[row]

    def row_of(self, key: Hashable) -> int | None:
        """Where the item with `key` is, None where it is not."""
        return self._rows.get(key)

    def index_of(self, key: Hashable) -> QModelIndex:
        """The index of the item with `key`, invalid where it is not there."""
        row = self._rows.get(key)
        return QModelIndex() if row is None else self.index(row)

    def set_items(self, new: Sequence[Item]) -> None:
        """Show `new`, as removals, insertions at the end, one rearrangement and changes."""
        wanted = {self.key(item): item for item in new}
        self._remove({key for key in self._rows if key not in wanted})
        self._append([item for key, item in wanted.items() if key not in self._rows])
        self._arrange(list(wanted))
        changed = [row for row, item in enumerate(wanted.values()) if self._items[row] != item]
        self._items = list(wanted.values())
        for row in changed:
            self.dataChanged.emit(self.index(row), self.index(row))

    def _remove(self, keys: set[Hashable]) -> None:
        places = [row for key, row in self._rows.items() if key in keys]
        if sum(after - before > 1 for before, after in pairwise(places)) >= MOST_PIECES:
            # Each piece costs a look at all that is left: they are brought together first.
            kept = [key for key in self._rows if key not in keys]
            self._arrange(kept + [key for key in self._rows if key in keys])
        row = len(self._items) - 1
        while keys and row >= 0:
            last = row
            while row >= 0 and self.key(self._items[row]) in keys:
                row -= 1
            if row < last:
                self.beginRemoveRows(QModelIndex(), row + 1, last)
                del self._items[row + 1 : last + 1]
                self._index_rows()
                self.endRemoveRows()
            row -= 1

    def _append(self, items: Sequence[Item]) -> None:
        if items:
            self.beginInsertRows(QModelIndex(), len(self._items), len(self._items) + len(items) - 1)
            self._items += items
            self._index_rows()
            self.endInsertRows()

    def _arrange(self, keys: Sequence[Hashable]) -> None:
        if list(self._rows) == list(keys):
            return
        self.layoutAboutToBeChanged.emit()
        before = [self.key(item) for item in self._items]
        self._items = [self._items[self._rows[key]] for key in keys]
        self._index_rows()
        old = self.persistentIndexList()
        self.changePersistentIndexList(
            old, [self.index(self._rows[before[index.row()]]) for index in old]
        )
        self.layoutChanged.emit()

    def _index_rows(self) -> None:
        self._rows = {self.key(item): row for row, item in enumerate(self._items)}
