"""Some photos, as ids alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from photoclust.core.language import tr
from photoclust.core.types import PhotoId
from photoclust.gui.models.keyed import Index, ItemRole
from photoclust.gui.models.stacks import Stacks


class PhotoIdsModel(QAbstractListModel):
    """Holds no object for a row: a search may find everything there is."""

    def __init__(self, stacks: Stacks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stacks = stacks
        self._photos: tuple[PhotoId, ...] = ()

    @property
    def items(self) -> tuple[PhotoId, ...]:
        """The ids in the order shown."""
        return self._photos

    def set_photos(self, photos: Sequence[PhotoId]) -> None:
        """Show `photos`; a view loses its selection by that."""
        self.beginResetModel()
        self._photos = tuple(photos)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's signature
        """How many photos there are."""
        return 0 if parent.isValid() else len(self._photos)

    def item(self, row: int) -> PhotoId:
        """The photo in `row`."""
        return self._photos[row]

    def index_of(self, photo: PhotoId | None) -> QModelIndex:
        """The index of a photo, invalid where it is not there."""
        return self.index(self._photos.index(photo)) if photo in self._photos else QModelIndex()

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """The id for ItemRole, a neutral description for assistive technology, with the stack."""
        if not index.isValid():
            return None
        if role == ItemRole:
            return self._photos[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            words = tr("Photo {number} of {all}", number=index.row() + 1, all=len(self._photos))
            return self._stacks.said(words, self._photos[index.row()])
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Photos can be dragged away."""
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled
