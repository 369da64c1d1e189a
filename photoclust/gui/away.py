"""What is away: photos on drives that are not there, and in folders that do not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photoclust.core.types import LibraryChanges, PhotoId
from photoclust.gui.operations import libraries as operations

if TYPE_CHECKING:
    from photoclust.gui.shared import Shared
    from photoclust.services.browse import Overview
    from photoclust.services.roots import AllAway, Away


class AwayPhotos(QObject):
    """Knows the photos that are away, and tells when others are."""

    changed = Signal()

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self.folders: tuple[Away, ...] = ()
        self.photos: frozenset[PhotoId] = frozenset()
        self._shared = shared
        shared.overview_changed.connect(self._follow)
        shared.library_changed.connect(self._forget)

    def _follow(self, overview: Overview) -> None:
        if overview.offline or self.photos or self.folders:
            self._shared.read(operations.away, self._receive)

    def _receive(self, away: AllAway) -> None:
        if (away.folders, away.photos) == (self.folders, self.photos):
            return
        moved = self.photos ^ away.photos
        self.folders, self.photos = away.folders, away.photos
        self.changed.emit()
        if moved:
            # Their pictures may have been looked for in vain, and where they are is told.
            changes = LibraryChanges(photos=moved)
            self._shared.thumbnails.forget(changes)
            self._shared.changed.emit(changes)

    def _forget(self) -> None:
        self.folders, self.photos = (), frozenset()
        self.changed.emit()
