"""What came of a training: the verdict, the figures before and after, and the report's plots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import marked, tr
from photoclust.gui import text, theme
from photoclust.gui.models.headed import LEFT, RIGHT
from photoclust.gui.models.runs import RECIPES, when
from photoclust.gui.widgets import Button, label, scrolled

if TYPE_CHECKING:
    from photoclust.services.training_runs import Figure, Run

COLUMNS = (
    marked("Faces"),
    marked("Mixed up"),
    marked("Before"),
    marked("After"),
    marked("Change"),
)
_TWO_PLOTS = 820
"""From this width on, two plots are beside one another."""


class TrainingOutcome(QWidget):
    """One run that came to a verdict."""

    back_wanted = Signal()
    use_wanted = Signal()
    discarded = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.run: Run | None = None
        self.back_button = Button("", "flat", "back", tr("Back to the start of Training (Esc)"))
        self.title = label("", "title", wrap=True)
        self.when = label("", "muted")
        self.reason = label("", wrap=True)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.use_button = Button(tr("Use this model"), "primary", "done")
        self.report_button = Button(tr("Open the report"))
        self.discard_button = Button(tr("Discard…"))
        self.table = _table()
        self.pictures: list[Picture] = []
        self._titles: list[QLabel] = []
        self._plots = QGridLayout()
        self._plots.setSpacing(16)
        self._build()
        self.back_button.clicked.connect(self.back_wanted)
        self.use_button.clicked.connect(self.use_wanted)
        self.discard_button.clicked.connect(self.discarded)
        self.report_button.clicked.connect(self._open_report)

    def show_run(self, run: Run) -> None:
        """Show what came of `run`."""
        self.run = run
        accepted = run.state == "accepted"
        self.title.setText(
            tr("The model is better") if accepted else tr("The model is not accepted")
        )
        parts = [when(run)]
        if run.recipe in RECIPES:
            parts.append(tr(RECIPES[run.recipe]))
        self.when.setText(" · ".join(parts))
        self.reason.setText(text.breakable(text.sentence(run.reason)))
        self.use_button.setVisible(run.model is not None)
        self.report_button.setVisible(run.report is not None)
        self._fill(run.figures)
        self._show_pictures()
        self.area.verticalScrollBar().setValue(0)

    def begin(self) -> None:
        """Take the keyboard."""
        first = self.back_button if self.use_button.isHidden() else self.use_button
        first.setFocus()

    def refresh_icon(self) -> None:
        """Show the plots in the colours of the theme."""
        if self.run is not None:
            self._show_pictures()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """One or two plots in a row."""
        super().resizeEvent(event)
        self._arrange()

    def _fill(self, figures: tuple[Figure, ...]) -> None:
        self.table.clearSpans()
        self.table.setRowCount(len(figures))
        first = 0
        for row, figure in enumerate(figures):
            cells = (
                figure.title,
                figure.mixed_up,
                text.percent(figure.before),
                text.percent(figure.after),
                text.points(figure.after - figure.before),
            )
            for column, words in enumerate(cells):
                item = QTableWidgetItem(words)
                item.setTextAlignment(RIGHT if column > 1 else LEFT)
                self.table.setItem(row, column, item)
            if figures[first].title != figure.title:
                first = row
            elif row > first:
                self.table.setSpan(first, 0, row - first + 1, 1)
        height = self.table.verticalHeader().defaultSectionSize() * len(figures)
        header = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(header + height + 2 * self.table.frameWidth() + 4)

    def _show_pictures(self) -> None:
        for part in (*self.pictures, *self._titles):
            self._plots.removeWidget(part)
            # It is deleted later, and must not show until then.
            part.hide()
            part.deleteLater()
        self.pictures, self._titles = [], []
        assert self.run is not None
        look = "dark" if theme.is_dark() else "light"
        for title, path in self.run.pictures(look):
            self._titles.append(label(title, wrap=True))
            self.pictures.append(Picture(path, title))
        self._arrange()

    def _arrange(self) -> None:
        columns = 2 if self.width() >= _TWO_PLOTS else 1
        for place, (title, picture) in enumerate(zip(self._titles, self.pictures, strict=True)):
            row, column = 2 * (place // columns), place % columns
            self._plots.addWidget(title, row, column)
            self._plots.addWidget(picture, row + 1, column, Qt.AlignmentFlag.AlignTop)
        for column in range(2):
            self._plots.setColumnStretch(column, 1 if column < columns else 0)

    def _open_report(self) -> None:
        if self.run is not None and self.run.report is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.run.report)))

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.title, 1)
        acting = QHBoxLayout()
        acting.setSpacing(12)
        acting.addWidget(self.use_button)
        acting.addWidget(self.report_button)
        acting.addWidget(self.discard_button)
        acting.addStretch()
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(32, 20, 24, 24)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self.when)
        layout.addWidget(self.reason)
        layout.addLayout(acting)
        layout.addWidget(
            label(
                tr(
                    "Pairs of photos of one person that are recognised, by how many pairs of "
                    "different people are taken for one:"
                ),
                "muted",
                wrap=True,
            )
        )
        layout.addWidget(self.table)
        layout.addLayout(self._plots)
        layout.addStretch(1)
        self.area = scrolled(inner)
        # The arrow keys scroll through the plots.
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.area.setAccessibleName(tr("What came of the training"))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.area)


class Picture(QLabel):
    """A picture file as wide as there is room for, and no wider than it is."""

    def __init__(self, path: Path, says: str) -> None:
        super().__init__()
        self._pixmap = QPixmap(str(path))
        self.setAccessibleName(says)
        self.setScaledContents(True)
        self.setPixmap(self._pixmap)
        self.setMinimumWidth(200)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Its shape stays."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """As the picture is."""
        whole = self._pixmap.size()
        return round(min(width, whole.width()) * whole.height() / max(whole.width(), 1))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Half of what it has: it was drawn for fine screens."""
        return self._pixmap.size() / 2


def _table() -> QTableWidget:
    table = QTableWidget(0, len(COLUMNS))
    table.setAccessibleName(tr("Before and after"))
    for column, words in enumerate(COLUMNS):
        heading = QTableWidgetItem(tr(words))
        heading.setTextAlignment(RIGHT if column > 1 else LEFT)
        table.setHorizontalHeaderItem(column, heading)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 14)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(header.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, header.ResizeMode.Stretch)
    return table
