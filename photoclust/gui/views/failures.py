"""The page of files that could not be read, with the reason of each."""

from PySide6.QtCore import QItemSelectionModel, Qt, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QGuiApplication,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import tr, tr_n
from photoclust.core.pages import file_of
from photoclust.core.types import Failure
from photoclust.gui import text
from photoclust.gui.models.failures import FailureModel
from photoclust.gui.shared import Shared
from photoclust.gui.widgets import Button, EmptyState, label


class FailuresPage(QWidget):
    """A table; paths can be copied, folders opened."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self.model = FailureModel()
        self.model.setParent(self)
        self.table = QTableView()
        self.table.setAccessibleName(tr("Files that could not be read"))
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 18)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._size = label("", "muted")
        self.copy_button = Button(tr("Copy path"))
        self.open_button = Button(tr("Open folder"))
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(label(tr("Failures"), "title"))
        top.addWidget(self._size)
        top.addStretch()
        top.addWidget(self.copy_button)
        top.addWidget(self.open_button)
        failures = QWidget()
        layout = QVBoxLayout(failures)
        layout.setContentsMargins(32, 20, 24, 24)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(
            label(
                tr(
                    "These files could not be read, so their faces are not in the library. Repair "
                    "or replace a file and scan again: it is tried again once it has changed."
                ),
                "muted",
                wrap=True,
            )
        )
        layout.addWidget(self.table, 1)
        self.chosen_path = label("", wrap=True)
        self.chosen_reason = label("", "muted", wrap=True)
        for part in (self.chosen_path, self.chosen_reason):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(part)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(
            EmptyState(
                "done", tr("Nothing has failed"), tr("Every photo found so far could be read.")
            )
        )
        self._stack.addWidget(failures)
        self.copy_button.clicked.connect(self._copy)
        self.open_button.clicked.connect(self._open_folder)
        self.table.selectionModel().selectionChanged.connect(self._enable)
        shortcut = QShortcut(QKeySequence.StandardKey.Copy, self.table, self._copy)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shared.overview_changed.connect(self._follow)
        self._enable()

    def begin(self) -> None:
        """Take the keyboard and read what there is."""
        self._read()
        self.table.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The columns share the new width."""
        super().resizeEvent(event)
        self._share_width()

    def _follow(self) -> None:
        if self.isVisible():
            self._read()

    def _read(self) -> None:
        self._shared.read(lambda library: library.failures(), self._show)

    def _show(self, failures: list[Failure]) -> None:
        first = self.model.rowCount() == 0
        chosen = {failure.path for failure in self._chosen()}
        self.model.set_failures(failures)
        self._size.setText(text.files(len(failures)))
        self._stack.setCurrentIndex(1 if failures else 0)
        self._choose(
            [0]
            if first and failures
            else [row for row, failure in enumerate(failures) if failure.path in chosen]
        )
        self._enable()

    def _choose(self, rows: list[int]) -> None:
        flags = QItemSelectionModel.SelectionFlag
        for row in rows:
            self.table.selectionModel().setCurrentIndex(
                self.model.index(row, 0), flags.Select | flags.Rows
            )

    def _share_width(self) -> None:
        width = max(self.width() - 60, 400)
        for column, part in enumerate((0.24, 0.44)):
            self.table.setColumnWidth(column, round(width * part))

    def _chosen(self) -> list[Failure]:
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        return [self.model.failure(row) for row in sorted(rows)]

    def _enable(self) -> None:
        chosen = self._chosen()
        self.copy_button.setEnabled(bool(chosen))
        self.open_button.setEnabled(len(chosen) == 1)
        one = chosen[0] if len(chosen) == 1 else None
        path, reason = (text.shown_path(one.path), text.sentence(one.reason)) if one else ("", "")
        self.chosen_path.setText(text.breakable(path))
        self.chosen_reason.setText(text.breakable(reason))

    def _copy(self) -> None:
        chosen = self._chosen()
        if chosen:
            lines = [text.shown_path(failure.path) for failure in chosen]
            QGuiApplication.clipboard().setText("\n".join(lines))
            self._shared.told.emit(tr_n(len(lines), "{n} path copied.", "{n} paths copied."))

    def _open_folder(self) -> None:
        for failure in self._chosen()[:1]:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(file_of(failure.path).parent)))
