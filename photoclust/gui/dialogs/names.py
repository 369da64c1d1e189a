"""Asks where names are to come from, and shows what taking them over would do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import marked, tr, tr_n
from photoclust.core.progress import Progress
from photoclust.gui import text
from photoclust.gui.models.left_names import LeftNameModel
from photoclust.gui.operations import names as operations
from photoclust.gui.operations.names import DIGIKAM, FILES, OSXPHOTOS, PICASA, Found, Wanted
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane
from photoclust.gui.views.setting_parts import choice
from photoclust.gui.views.tables import RowTable
from photoclust.gui.widgets import Button, ElidedLabel, label

if TYPE_CHECKING:
    from photoclust.services.names_in import NamesReport

_WIDTH = 700
_ROWS = 7
_FRAME = 60
"""What a window manager puts around a dialog, in px, at most."""
_SOURCES = {
    FILES: marked("In the photos and beside them"),
    PICASA: "Picasa",
    DIGIKAM: "digiKam",
    OSXPHOTOS: marked("Apple Photos, by osxphotos"),
}
_HINTS = {
    FILES: marked(
        "What digiKam, Lightroom, Windows and others wrote into the photos or into .xmp files "
        "beside them, and Picasa's .picasa.ini. New photos are looked at by each scan."
    ),
    PICASA: marked(
        "The .picasa.ini files in your folders. Where they name nobody, choose Picasa's "
        "contacts.xml."
    ),
    DIGIKAM: marked(
        "Choose digikam4.db; it lies where digiKam keeps its databases, often with the photos."
    ),
    OSXPHOTOS: marked(
        "Choose the file of osxphotos query --json, or one made by osxphotos export --sidecar json."
    ),
}
_FILTERS = {PICASA: "contacts.xml (*.xml)", DIGIKAM: "digikam4.db (*.db)", OSXPHOTOS: "*.json"}
_NEED_FILE = (DIGIKAM, OSXPHOTOS)


class NamesDialog(QDialog):
    """Looks off the main thread. Accepted where `found` is to be taken over."""

    def __init__(self, parent: QWidget, shared: Shared) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Names from other programs"))
        self._shared = shared
        self._path: Path | None = None
        self._job: Job | None = None
        self.found: Found | None = None
        """What there is, once it was looked for."""
        sources: list[tuple[object, str]] = [(key, tr(words)) for key, words in _SOURCES.items()]
        self.source = choice(tr("Where the names are"), sources)
        self.hint = label("", "muted", wrap=True)
        self.file = ElidedLabel()
        self.choose_button = Button(tr("Choose a file…"))
        self.figures = label("", wrap=True)
        self.rest = label("", "muted", wrap=True)
        self.model = LeftNameModel()
        self.model.setParent(self)
        self.table = RowTable(self.model, tr("Names that are not taken over"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Looking for names"))
        self.look_button = Button(tr("Look for names"))
        self.take_button = Button(tr("Take over"), "primary")
        self.close_button = Button(tr("Cancel"))
        self._build()
        self.source.currentIndexChanged.connect(self._changed)
        self.choose_button.clicked.connect(self._choose)
        self.look_button.clicked.connect(self.look)
        self.take_button.clicked.connect(self.accept)
        self.close_button.clicked.connect(self.reject)
        self._changed()

    @property
    def wanted(self) -> Wanted:
        """What is chosen."""
        return Wanted(self.source.currentData(), self._path)

    def use_file(self, path: Path) -> None:
        """Read the names from `path`."""
        self._path = path
        self._forget()

    def look(self) -> None:
        """Look for names, and show what there is."""
        library, wanted = self._shared.library, self.wanted
        if library is None or self._job is not None:
            return
        job = Job(
            marked("Looking for names"),
            lambda job: operations.find(library, wanted, job.control),
            on_page=True,
        )
        job.progressed.connect(self._progress)
        job.succeeded.connect(self.show_found)
        job.failed.connect(self._complain)
        job.finished.connect(self._ended)
        self._job = job
        self._forget()
        self._shared.desk.start(job, Lane.READ)

    def show_found(self, found: Found) -> None:
        """Show what taking over `found` would do."""
        self.found = found
        preview = found.preview
        self.figures.setText(_figures(preview))
        self.rest.setText(" ".join(_rest(preview)))
        self.model.set_names((*preview.conflicts, *preview.left))
        self._show()
        (self.take_button if self.take_button.isEnabled() else self.close_button).setFocus()

    def reject(self) -> None:
        """Close, and look no further."""
        if self._job is not None:
            self._job.cancel()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """As Cancel does."""
        if self._job is not None:
            self._job.cancel()
        super().closeEvent(event)

    def _changed(self) -> None:
        self._path = None
        self._forget()

    def _forget(self) -> None:
        self.found = None
        self.model.set_names(())
        self.figures.setText("")
        self.rest.setText("")
        self._show()

    def _choose(self) -> None:
        source = self.source.currentData()
        chosen, _ = QFileDialog.getOpenFileName(
            self, tr("Choose a file"), str(self._path or ""), _FILTERS.get(source, "")
        )
        if chosen:
            self.use_file(Path(chosen))

    def _progress(self, progress: Progress) -> None:
        self.bar.setMaximum(progress.total or 0)
        self.bar.setValue(progress.done if progress.total else 0)

    def _complain(self, message: str) -> None:
        self.figures.setText(text.breakable(text.sentence(message)))
        self._show()

    def _ended(self) -> None:
        self._job = None
        self._show()

    def _show(self) -> None:
        """Show what can be done now."""
        source, looking = self.source.currentData(), self._job is not None
        self.hint.setText(tr(_HINTS[source]))
        for part in (self.file, self.choose_button):
            part.setVisible(source != FILES)
        self.file.setText(
            tr("No file chosen yet") if self._path is None else text.shown_path(self._path)
        )
        preview = None if self.found is None else self.found.preview
        names = 0 if preview is None else preview.names + preview.tagged
        self.take_button.setText(
            tr_n(names, "Take over {n} name", "Take over {n} names") if names else tr("Take over")
        )
        others = 0 if preview is None else preview.others
        self.take_button.setEnabled(names + others > 0 and self._shared.read_only is None)
        ready = source not in _NEED_FILE or self._path is not None
        self.look_button.setEnabled(ready and not looking)
        self.look_button.setVisible(self.found is None)
        self.take_button.setVisible(self.found is not None)
        self.source.setEnabled(not looking)
        self.choose_button.setEnabled(not looking)
        self.bar.setVisible(looking)
        self.figures.setVisible(bool(self.figures.text()))
        self.rest.setVisible(bool(self.rest.text()))
        self.table.setVisible(self.model.rowCount() > 0)
        self._fit()

    def _fit(self) -> None:
        """Be as high as what is shown needs, on a low screen with fewer rows."""
        layout = self.layout()
        assert layout is not None
        width = max(self.width(), layout.totalMinimumSize().width())
        room = self.screen().availableGeometry().height() - _FRAME
        for rows in range(_ROWS, 0, -1):
            self.table.fit_rows(rows)
            height = layout.totalHeightForWidth(width)
            if height <= room:
                break
        self.resize(width, height)

    def _build(self) -> None:
        place = QHBoxLayout()
        place.setSpacing(12)
        place.addWidget(self.file, 1)
        place.addWidget(self.choose_button)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch()
        for button in (self.close_button, self.look_button, self.take_button):
            buttons.addWidget(button)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for column, width in enumerate((120, 120, 90)):
            self.table.setColumnWidth(column, width)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(tr("Take over names from other programs"), "heading"))
        layout.addWidget(self.source)
        layout.addWidget(self.hint)
        layout.addLayout(place)
        for part in (self.bar, self.figures, self.rest, self.table):
            layout.addWidget(part)
        layout.addWidget(
            label(
                tr("What you decided stays, and no photo or file is changed. Undo takes it back."),
                "muted",
                wrap=True,
            )
        )
        layout.addSpacing(4)
        layout.addLayout(buttons)
        for part in (self.hint, self.figures, self.rest, self.table):
            part.setMinimumWidth(_WIDTH)


def _figures(preview: NamesReport) -> str:
    """The names that would be taken over, in a sentence."""
    others = tr_n(
        preview.others,
        "{n} decision besides that photoclust had written comes along.",
        "{n} decisions besides that photoclust had written come along.",
    )
    if not (preview.names or preview.tagged):
        return others if preview.others else tr("There are no names that are not here yet.")
    parts = []
    if preview.names:
        parts.append(
            tr_n(
                preview.names,
                "{n} face in {photos} gets a name.",
                "{n} faces in {photos} get a name.",
                photos=text.photos(preview.photos),
            )
        )
    if preview.tagged:
        parts.append(
            tr_n(
                preview.tagged,
                "{n} name without a box tells who is in a photo; no face is named by it.",
                "{n} names without a box tell who is in photos; no face is named by them.",
            )
        )
    parts.append(
        tr_n(
            preview.new_people,
            "That is {people}, {n} of them new.",
            "That is {people}, {n} of them new.",
            people=text.people(preview.people),
        )
    )
    if preview.drawn:
        parts.append(
            tr_n(
                preview.drawn,
                "{n} box in which no face was found is drawn.",
                "{n} boxes in which no face was found are drawn.",
            )
        )
    if preview.others:
        parts.append(others)
    return " ".join(parts)


def _rest(preview: NamesReport) -> list[str]:
    """What is not taken over, in sentences."""
    conflicts, left, problems = map(len, (preview.conflicts, preview.left, preview.problems))
    told = (
        (
            preview.same,
            tr_n(preview.same, "{n} name is here already.", "{n} names are here already."),
        ),
        (
            conflicts,
            tr_n(
                conflicts,
                "{n} name is left because you decided otherwise here.",
                "{n} names are left because you decided otherwise here.",
            ),
        ),
        (left, tr_n(left, "{n} name cannot be taken over.", "{n} names cannot be taken over.")),
        (
            preview.nameless,
            tr_n(preview.nameless, "{n} box was never named.", "{n} boxes were never named."),
        ),
        (
            preview.strangers,
            tr_n(
                preview.strangers,
                "{n} box names a contact that is not known here; choose Picasa's contacts.xml.",
                "{n} boxes name contacts that are not known here; choose Picasa's contacts.xml.",
            ),
        ),
        (
            preview.unknown_photos,
            tr_n(
                preview.unknown_photos,
                "{n} photo is not in this library.",
                "{n} photos are not in this library.",
            ),
        ),
        (problems, tr_n(problems, "{n} file could not be read.", "{n} files could not be read.")),
    )
    return [words for number, words in told if number]
