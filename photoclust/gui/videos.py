"""Which of the photos are shown for a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photoclust.core.types import PhotoId
from photoclust.gui.operations import viewing

if TYPE_CHECKING:
    from photoclust.gui.shared import Shared
    from photoclust.services.browse import Overview


class VideoPhotos(QObject):
    """Knows them, and tells when others are."""

    changed = Signal()

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self.photos: frozenset[PhotoId] = frozenset()
        self._shared = shared
        self._known = -1
        shared.overview_changed.connect(self._follow)
        shared.library_changed.connect(lambda: self._receive(frozenset()))

    def _follow(self, overview: Overview) -> None:
        if overview.all_forms != self._known:  # else no file has come
            self._known = overview.all_forms
            self._shared.read(viewing.videos, self._receive)

    def _receive(self, photos: frozenset[PhotoId]) -> None:
        if photos != self.photos:
            self.photos = photos
            self.changed.emit()
