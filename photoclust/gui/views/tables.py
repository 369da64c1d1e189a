"""The tables of the Training page: rows that are chosen or opened as a whole."""

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from photoclust.core.language import tr
from photoclust.gui.models.trainees import TraineeModel

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ROWS = 5


class RowTable(QTableView):
    """A table whose rows are opened by Enter or a double click."""

    opened = Signal(QModelIndex)

    def __init__(self, model: QAbstractItemModel, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 14)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.doubleClicked.connect(self.opened)

    def fit_rows(self, most: int = _ROWS) -> None:
        """Be as high as all rows need, or `most` of them."""
        rows = min(self.model().rowCount(), most)
        height = self.verticalHeader().defaultSectionSize() * rows
        frame = 2 * self.frameWidth() + 4
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + height + frame)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter and Return open on every platform."""
        if event.key() in _ENTER and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class ChoiceTable(RowTable):
    """People with a checkbox each: space chooses those that are selected, or leaves them out."""

    def __init__(self, model: QSortFilterProxyModel, name: str) -> None:
        super().__init__(model, name)
        self.setAccessibleDescription(tr("Space chooses a person or leaves them out"))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Space is for the whole row, wherever in it the current cell is."""
        if event.key() == Qt.Key.Key_Space and self.selectionModel().hasSelection():
            self._toggle()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Names get what the rest leaves."""
        super().resizeEvent(event)
        header = self.horizontalHeader()
        for column in range(1, self.model().columnCount()):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)

    def _toggle(self) -> None:
        proxy = self.model()
        assert isinstance(proxy, QSortFilterProxyModel)
        people = proxy.sourceModel()
        assert isinstance(people, TraineeModel)
        rows = [proxy.mapToSource(index).row() for index in self.selectionModel().selectedRows()]
        people.choose(rows, chosen=not all(map(people.is_chosen, rows)))
