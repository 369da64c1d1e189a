"""The parts of a difference between groupings: who would change, and the faces that come or go."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QVBoxLayout, QWidget

from photoclust.core.language import thousands, tr
from photoclust.core.types import Face, FaceId
from photoclust.gui.models.changes import ChangeModel
from photoclust.gui.models.lists import FaceModel
from photoclust.gui.operations import review as operations
from photoclust.gui.shared import Shared
from photoclust.gui.views.tiles import FaceTile, TileGrid
from photoclust.gui.widgets import label


class FacesOfChange(QWidget):
    """Faces that would come or go, under a heading with their number."""

    def __init__(self, shared: Shared, words: str) -> None:
        super().__init__()
        self._shared = shared
        self._words = words
        self._ids: tuple[FaceId, ...] = ()
        self.model = FaceModel(self)
        self.grid = TileGrid(self.model, FaceTile(shared.thumbnails, self), words)
        self.grid.setMinimumHeight(96)
        self._heading = label("", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._heading)
        layout.addWidget(self.grid, 1)

    def show_faces(self, ids: tuple[FaceId, ...]) -> None:
        """Show these faces; nothing at all where there are none."""
        self._heading.setText(f"{self._words} ({thousands(len(ids))})")
        self.setVisible(bool(ids))
        if ids == self._ids:
            return
        self._ids = ids
        self.model.set_items([])

        def receive(faces: list[Face]) -> None:
            if ids == self._ids:
                self.grid.show_items(faces)

        self._shared.read(lambda library: operations.faces_by_id(library, ids), receive)


class ChangeList(QListView):
    """Who would change. Letters are keys of the page, they find nothing here."""

    def __init__(self, model: ChangeModel) -> None:
        super().__init__()
        self.setObjectName("changes")
        self.setAccessibleName(tr("What would change"))
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setModel(model)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Arrows move; letters go to the page."""
        if event.text().strip() and event.text().isprintable():
            event.ignore()
        else:
            super().keyPressEvent(event)
