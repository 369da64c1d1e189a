"""Tiles of the page of a person: a face, with their age, or a photo."""

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from photoclust.core.types import Face, FaceId
from photoclust.gui.thumbnails import Thumbnails
from photoclust.gui.views.pick_tile import PickTile
from photoclust.gui.views.stack_tile import StackTile
from photoclust.gui.views.tiles import FaceTile


class PortraitTile(PickTile, FaceTile):
    """A face of a person."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(thumbnails, parent)
        self._ages: Mapping[FaceId, str] = {}

    def set_ages(self, ages: Mapping[FaceId, str]) -> None:
        """How old the person is on each face; where no age is known, no room is left for it."""
        self._ages = ages
        self.lines = 1 if any(ages.values()) else 0

    def words(self, item: Face) -> tuple[str, ...]:
        """How old they were."""
        return (self._ages.get(item.id, ""),)

    def hint(self, item: Face) -> str:
        """That, the file, and how the face came to its name."""
        return "\n".join(filter(None, (*self.words(item), super().hint(item))))


class TheirPhotoTile(PickTile, StackTile):
    """A photo that a person is in."""
