"""How a training begins: who is trained with, by which recipe; and what was trained before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import tr, tr_n
from photoclust.gui import text
from photoclust.gui.models.runs import RunModel
from photoclust.gui.models.trainees import ByName, TraineeModel
from photoclust.gui.notice_place import keep_clear
from photoclust.gui.trainings import Wanted
from photoclust.gui.views.recipes import RecipeChoice
from photoclust.gui.views.tables import ChoiceTable, RowTable
from photoclust.gui.widgets import Button, label, scrolled

if TYPE_CHECKING:
    from photoclust.services.training_health import TrainingHealth
    from photoclust.services.training_runs import Run

_WIDE = 860
"""From this width on, people and recipe are beside one another."""


class TrainingSetup(QWidget):
    """Who, how, and the list of earlier trainings; below, always in sight, whether it can start."""

    started = Signal(object)
    """Wanted."""
    doubts_wanted = Signal()
    opened = Signal(object)
    """A Run of the list."""

    def __init__(self) -> None:
        super().__init__()
        self._health: TrainingHealth | None = None
        self.trainees = TraineeModel(self)
        self.by_name = ByName(self)
        self.by_name.setSourceModel(self.trainees)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Find a name…"))
        self.filter.setAccessibleName(tr("Find a name"))
        self.all_button = Button(tr("All"), name=tr("Choose everybody who is shown"))
        self.none_button = Button(tr("None"), name=tr("Leave out everybody who is shown"))
        self.table = ChoiceTable(self.by_name, tr("People to train with"))
        self.summary = label("", "muted", wrap=True)
        self.recipes = RecipeChoice()
        self.doubts_button = Button(tr("Look for doubtful faces"))
        self.doubts_button.setToolTip(
            text.tooltip(tr("Faces that look as if somebody else's name had been given to them"))
        )
        self.doubts = label("", "muted", wrap=True)
        self.without_doubtful = QCheckBox(tr("Leave out doubtful faces"))
        self.missing = label("", "warning", wrap=True)
        self.missing.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.warning = label("", "muted", wrap=True)
        self.estimate = label("", "muted")
        self.start_button = Button(tr("Start training"), "primary")
        self.runs = RunModel(self)
        self.runs_table = RowTable(self.runs, tr("Earlier trainings"))
        self.runs_table.horizontalHeader().setSectionResizeMode(
            0, QHeaderView.ResizeMode.ResizeToContents
        )
        self.runs_title = label(tr("Earlier trainings"), "heading")
        self._build()
        self._connect()
        self._show()

    def set_health(self, health: TrainingHealth) -> None:
        """Show what there is."""
        self._health = health
        self.trainees.set_people(health.people)
        self._show()

    def set_runs(self, runs: list[Run]) -> None:
        """Show the earlier trainings; nothing where there are none."""
        self.runs.set_runs(runs)
        for part in (self.runs_title, self.runs_table):
            part.setVisible(bool(runs))
        self.runs_table.fit_rows()

    def set_doubtful(self, count: int | None) -> None:
        """Tell how many faces are doubtful; None where that is not known."""
        self.doubts_button.setEnabled(True)
        self.doubts_button.setVisible(count is None)
        self.without_doubtful.setEnabled(count != 0)
        if count is None:
            self.doubts.setText("")
        elif count == 0:
            self.doubts.setText(tr("No confirmed face looks doubtful."))
        else:
            self.doubts.setText(
                tr_n(
                    count,
                    "{n} confirmed face looks like a slip; “photoclust doubts” lists them.",
                    "{n} confirmed faces look like a slip; “photoclust doubts” lists them.",
                )
            )
        self.doubts.setVisible(count is not None)

    def clear(self) -> None:
        """Forget the library that was shown."""
        self._health = None
        self.trainees.forget_choice()
        self.trainees.set_people(())
        self.filter.clear()
        self.without_doubtful.setChecked(False)
        self.set_doubtful(None)
        self.set_runs([])
        self._show()

    def begin(self) -> None:
        """Take the keyboard."""
        (self.start_button if self.start_button.isEnabled() else self.table).setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Two columns where there is room for them."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        directions = QBoxLayout.Direction
        self._columns.setDirection(directions.LeftToRight if wide else directions.TopToBottom)

    def _show(self) -> None:
        """What follows from what there is and who is chosen."""
        health, chosen = self._health, self.trainees.chosen
        missing = None if health is None else health.missing(chosen)
        warning = None if health is None or missing is not None else health.warning
        self.missing.setText("" if missing is None else text.breakable(text.sentence(missing)))
        self.missing.setVisible(missing is not None)
        self.warning.setText("" if warning is None else text.sentence(warning))
        self.warning.setVisible(warning is not None)
        self.start_button.setEnabled(health is not None and missing is None)
        if health is None:
            for part in (self.summary, self.estimate):
                part.setText("")
            return
        confirmed = health.faces(chosen)
        trained_with = tr_n(
            len(chosen),
            "{n} person chosen, with {faces}.",
            "{n} people chosen, with {faces}.",
            faces=tr_n(confirmed, "{n} confirmed face", "{n} confirmed faces"),
        )
        strangers = tr_n(
            health.unlabelled,
            "{n} face without a name shows whether strangers suffer.",
            "{n} faces without a name show whether strangers suffer.",
        )
        self.summary.setText(f"{trained_with} {strangers}")
        seconds = {kind: health.estimate_s(kind, chosen) for kind in self.recipes.kinds}
        self.recipes.set_durations(seconds)
        took = text.duration(seconds[self.recipes.chosen])
        self.estimate.setText(
            "" if missing is not None else tr("Takes about {duration}.", duration=took)
        )
        self.estimate.setVisible(missing is None)

    def _start(self) -> None:
        self.started.emit(
            Wanted(
                self.trainees.chosen,
                self.recipes.chosen,
                self.without_doubtful.isChecked() and self.without_doubtful.isEnabled(),
            )
        )

    def _look_for_doubts(self) -> None:
        self.doubts_button.setEnabled(False)
        self.doubts_wanted.emit()

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self.runs.run(index.row()))

    def _choose(self, *, chosen: bool) -> None:
        self.trainees.choose(self.by_name.rows(), chosen=chosen)

    def _build(self) -> None:
        finding = QHBoxLayout()
        finding.setSpacing(8)
        finding.addWidget(self.filter, 1)
        finding.addWidget(self.all_button)
        finding.addWidget(self.none_button)
        people = QVBoxLayout()
        people.setSpacing(8)
        people.addWidget(label(tr("Whose faces"), "heading"))
        people.addLayout(finding)
        people.addWidget(self.table, 1)
        people.addWidget(self.summary)
        self.table.setMinimumHeight(200)
        doubting = QHBoxLayout()
        doubting.setSpacing(12)
        doubting.addWidget(self.without_doubtful)
        doubting.addWidget(self.doubts_button)
        doubting.addStretch()
        how = QVBoxLayout()
        how.setSpacing(8)
        how.addWidget(label(tr("What is trained"), "heading"))
        how.addWidget(self.recipes)
        how.addSpacing(4)
        how.addLayout(doubting)
        how.addWidget(self.doubts)
        how.addStretch(1)
        self._columns = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._columns.setSpacing(24)
        self._columns.addLayout(people, 5)
        self._columns.addLayout(how, 4)
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(32, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(label(tr("Training"), "title"))
        layout.addWidget(_introduction())
        layout.addLayout(self._columns, 1)
        layout.addWidget(self.runs_title)
        layout.addWidget(self.runs_table)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scrolled(inner), 1)
        whole.addWidget(self._footer())

    def _footer(self) -> QFrame:
        starting = QHBoxLayout()
        starting.setSpacing(12)
        starting.addWidget(self.start_button)
        starting.addWidget(self.estimate)
        starting.addStretch()
        footer = QFrame()
        footer.setObjectName("footer")
        keep_clear(footer)
        layout = QVBoxLayout(footer)
        layout.setContentsMargins(32, 12, 24, 12)
        layout.setSpacing(8)
        layout.addWidget(self.missing)
        layout.addWidget(self.warning)
        layout.addLayout(starting)
        return footer

    def _connect(self) -> None:
        self.filter.textChanged.connect(self.by_name.set_beginning)
        self.all_button.clicked.connect(lambda: self._choose(chosen=True))
        self.none_button.clicked.connect(lambda: self._choose(chosen=False))
        self.trainees.chosen_changed.connect(self._show)
        self.recipes.changed.connect(self._show)
        self.doubts_button.clicked.connect(self._look_for_doubts)
        self.start_button.clicked.connect(self._start)
        self.runs_table.opened.connect(self._open)


def _introduction() -> QLabel:
    return label(
        tr(
            "Teach the face model the people you know, from the faces you confirmed. A new model "
            "is only offered where it is measured to be better for them and no worse for "
            "strangers; until you choose it, nothing changes. Everything stays on this computer."
        ),
        "muted",
        wrap=True,
    )
