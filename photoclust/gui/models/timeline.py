"""All photos, as ids in one array: everything else is read when a photo is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from photoclust.core.types import PhotoId
from photoclust.gui import photo_text
from photoclust.gui.models.keyed import Index, ItemRole
from photoclust.gui.models.stacks import Stacks

if TYPE_CHECKING:
    from photoclust.services.timeline import Timeline


class TimelineModel(QAbstractListModel):
    """Holds no object for a row, so that a hundred thousand of them cost nothing."""

    def __init__(self, stacks: Stacks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stacks = stacks
        self._timeline: Timeline | None = None

    @property
    def timeline(self) -> Timeline | None:
        """What is shown; None before anything was read."""
        return self._timeline

    @property
    def items(self) -> list[PhotoId]:
        """All ids in the order shown."""
        return [] if self._timeline is None else self._timeline.photos.tolist()

    def set_timeline(self, timeline: Timeline) -> None:
        """Show `timeline`; a view loses its selection by that."""
        self.beginResetModel()
        self._timeline = timeline
        self._stacks.show(timeline.stacks, timeline.spread)
        self.endResetModel()

    def clear(self) -> None:
        """Show nothing: another library is shown."""
        self.beginResetModel()
        self._timeline = None
        self._stacks.clear()
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's signature
        """How many photos there are."""
        return 0 if parent.isValid() or self._timeline is None else len(self._timeline.photos)

    def item(self, row: int) -> PhotoId:
        """The photo in `row`."""
        assert self._timeline is not None
        return PhotoId(int(self._timeline.photos[row]))

    def photos(self, ranges: list[range]) -> list[PhotoId]:
        """The photos in these rows."""
        return [self.item(row) for part in ranges for row in part]

    def index_of(self, photo: PhotoId) -> QModelIndex:
        """The index of a photo, invalid where it is not there."""
        row = None if self._timeline is None else self._timeline.row_of(photo)
        return QModelIndex() if row is None else self.index(row)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """The id for ItemRole, the month and the stack for assistive technology."""
        if not index.isValid() or self._timeline is None:
            return None
        if role == ItemRole:
            return self.item(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            words = photo_text.photo_of(self._timeline.month_of(index.row()))
            return self._stacks.said(words, self.item(index.row()))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Photos can be dragged away."""
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled
