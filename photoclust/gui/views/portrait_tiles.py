"""Tiles of the page of a person: a face, with the year and their age, or a photo."""

from collections.abc import Mapping

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from photoclust.core.types import Face, FaceId, PhotoId
from photoclust.gui.thumbnails import Thumbnails
from photoclust.gui.views.picking import PickTile
from photoclust.gui.views.tiles import FaceTile, PhotoTile


class PortraitTile(PickTile, FaceTile):
    """A face of a person."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(thumbnails, parent)
        self.captions: Mapping[FaceId, str] = {}

    def set_captions(self, captions: Mapping[FaceId, str]) -> None:
        """What is said below the faces; without any, there is no room for it."""
        self.captions = captions
        self.lines = 1 if any(captions.values()) else 0

    def words(self, item: Face) -> tuple[str, ...]:
        """When it was taken, and how old they were."""
        return (self.captions.get(item.id, ""),)

    def hint(self, item: Face) -> str:
        """That, the file, and how the face came to its name."""
        return "\n".join(filter(None, (*self.words(item), super().hint(item))))


class TheirPhotoTile(PickTile, PhotoTile):
    """A photo that a person is in."""

    def picture(self, item: PhotoId) -> QPixmap | None:
        """The photo."""
        return self.thumbnails.photo(item)
