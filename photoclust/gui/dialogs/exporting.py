"""Asks what is to leave the library, of whom, and where to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import marked, tr, tr_n
from photoclust.core.types import Group, GroupKind, PersonId
from photoclust.gui import text
from photoclust.gui.operations.exporting import ExportWish, What
from photoclust.gui.widgets import Button, ElidedLabel, label

if TYPE_CHECKING:
    from photoclust.services.names_out import Counted

_WHAT = {
    What.SIDECARS: (
        marked("Names, in files beside the photos (XMP)"),
        marked(
            "digiKam, darktable, Immich, PhotoPrism and others read these files. Lightroom reads "
            "them for camera raw files only. What other programs wrote into them stays."
        ),
    ),
    What.FILES: (
        marked("Names, into the photos themselves"),
        marked(
            "Needs exiftool. The pictures stay as they are to the last bit, which is checked; what "
            "the photos said before is kept in the folder of the library. Camera raw files are "
            "left alone."
        ),
    ),
    What.CSV: (
        marked("A list of faces for spreadsheets (CSV)"),
        marked("One line for each face: photo, person, state, date, quality and place."),
    ),
    What.JSON: (
        marked("A list of faces for programs (JSON)"),
        marked("The same as for spreadsheets, as one JSON document."),
    ),
    What.FOLDERS: (
        marked("A folder of photos for each person"),
        marked("A photo of several people is in the folder of each. Nothing is overwritten."),
    ),
    What.SHEET: (
        marked("A contact sheet to print (PDF)"),
        marked("All photos of a person on pages of A4, from the oldest on."),
    ),
    What.GALLERY: (
        marked("A web page"),
        marked(
            "A folder with a page and pictures, for any browser, without a network. The pictures "
            "do not tell where they were taken."
        ),
    ),
}
_OF_ONE = frozenset((What.SHEET, What.GALLERY))
_WITH_OTHERS = frozenset((What.SIDECARS, What.FILES))
"""Into these, other programs write too."""
_ENDINGS = {What.CSV: "csv", What.JSON: "json", What.SHEET: "pdf"}
_LINKS = {
    "copy": marked("Copies"),
    "hard": marked("Hard links (take no room)"),
    "symbolic": marked("Symbolic links"),
}
_WIDTH = 460


class ExportDialog(QDialog):
    """`wish` is what is chosen; `asked` tells that figures for another wish are wanted, which
    `show_count` shows.
    """

    asked = Signal(object)

    def __init__(self, parent: QWidget, people: Sequence[Group]) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Export"))
        self._people = sorted(
            (group for group in people if group.kind is GroupKind.PERSON and group.name),
            key=lambda group: (group.name or "").casefold(),
        )
        self._target: Path | None = None
        self.what = QComboBox()
        for what, (words, _) in _WHAT.items():
            self.what.addItem(tr(words), what)
        self.hint = label("", "muted", wrap=True)
        self.whom = QComboBox()
        self.link = QComboBox()
        for key, words in _LINKS.items():
            self.link.addItem(tr(words), key)
        self.place = ElidedLabel()
        self.choose_button = Button(tr("Choose…"))
        self.guesses_box = QCheckBox(tr("Also names that nobody confirmed"))
        self.forms_box = QCheckBox(tr("All photos of each stack, not only the one shown"))
        self.ours_box = QCheckBox(tr("Overrule names that other programs changed"))
        self.ours_hint = label(
            tr(
                "Where another program wrote another name for a face, or took one out, the name "
                "here is written instead. Otherwise theirs stays, and you are told."
            ),
            "muted",
            wrap=True,
        )
        self.figures = label(" ")  # room for one line
        self.export_button = Button(tr("Export"), "primary")
        self.cancel_button = Button(tr("Cancel"))
        self._lay_out()
        self.what.currentIndexChanged.connect(self._change_what)
        self.whom.currentIndexChanged.connect(self._change)
        self.guesses_box.toggled.connect(self._change)
        self.forms_box.toggled.connect(self._change)
        self.ours_box.toggled.connect(self._change)
        self.choose_button.clicked.connect(self._choose)
        self.export_button.clicked.connect(self.accept)
        self.cancel_button.clicked.connect(self.reject)
        self._change_what()
        self.what.setFocus()

    @property
    def wish(self) -> ExportWish:
        """What is chosen now."""
        person = self.whom.currentData()
        return ExportWish(
            What(self.what.currentData()),
            None if person is None else PersonId(person),
            self._target,
            self.guesses_box.isChecked() and self.guesses_box.isEnabled(),
            str(self.link.currentData()),
            self.forms_box.isChecked() and self.forms_box.isEnabled(),
            self.ours_box.isChecked() and self.what.currentData() in _WITH_OTHERS,
        )

    def choose(self, what: What, target: Path | None = None) -> None:
        """Have this chosen."""
        self.what.setCurrentIndex(self.what.findData(what))
        self._target = target
        self._change()

    def show_count(self, wish: ExportWish, counted: Counted) -> None:
        """Tell how much an export as `wish` is about, if that is still what is wanted."""
        if wish != self.wish:
            return
        if not counted.faces:
            self.figures.setText(tr("There is nobody yet whom you named or confirmed."))
            return
        faces = tr_n(counted.faces, "{n} face", "{n} faces")
        photos = text.photos(counted.photos)
        people = tr_n(counted.people, "{n} person", "{n} people")
        self.figures.setText(
            tr("{faces} of {people} in {photos}", faces=faces, people=people, photos=photos)
        )

    def _lay_out(self) -> None:
        rows = QGridLayout()
        rows.setHorizontalSpacing(16)
        rows.setVerticalSpacing(12)
        rows.setColumnStretch(1, 1)
        where = QHBoxLayout()
        where.setSpacing(12)
        where.addWidget(self.place, 1)
        where.addWidget(self.choose_button)
        self.link_words = label(tr("As"))
        self.place_words = label(tr("Where"))
        fields = ((tr("What"), self.what), (tr("Whom"), self.whom))
        for row, (words, field) in enumerate(fields):
            name = label(words)
            name.setBuddy(field)
            rows.addWidget(name, 2 * row, 0)
            rows.addWidget(field, 2 * row, 1)
        rows.addWidget(self.hint, 1, 1)
        rows.addWidget(self.link_words, 3, 0)
        rows.addWidget(self.link, 3, 1)
        rows.addWidget(self.place_words, 4, 0)
        rows.addLayout(where, 4, 1)
        rows.addWidget(self.guesses_box, 5, 1)
        rows.addWidget(self.forms_box, 6, 1)
        rows.addWidget(self.ours_box, 7, 1)
        rows.addWidget(self.ours_hint, 8, 1)
        rows.addWidget(self.figures, 9, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.export_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(16)
        self.hint.setMinimumWidth(_WIDTH)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.hint.setMinimumHeight(3 * self.hint.fontMetrics().lineSpacing())
        layout.addLayout(rows)
        layout.addStretch()
        layout.addLayout(buttons)

    def _change_what(self) -> None:
        what = self.wish.what
        self._target = None
        self.hint.setText(tr(_WHAT[what][1]))
        before = self.whom.currentData()
        self.whom.blockSignals(True)
        self.whom.clear()
        if what not in _OF_ONE:
            self.whom.addItem(tr("Everybody"), None)
        for group in self._people:
            self.whom.addItem(group.name or "", int(group.id))
        self.whom.setCurrentIndex(max(self.whom.findData(before), 0))
        self.whom.blockSignals(False)
        for linked in (self.link, self.link_words):
            linked.setVisible(what is What.FOLDERS)
        for part in (self.place, self.place_words, self.choose_button):
            part.setVisible(what is not What.FILES)
        self.guesses_box.setEnabled(what not in _OF_ONE)
        self.forms_box.setEnabled(self.wish.is_of_photos)
        self.ours_box.setVisible(what in _WITH_OTHERS)
        self.ours_hint.setVisible(what in _WITH_OTHERS)
        self._change()

    def _change(self) -> None:
        wish = self.wish
        nowhere = (
            tr("Beside the photos") if wish.what is What.SIDECARS else tr("Nowhere chosen yet")
        )
        self.place.setText(nowhere if self._target is None else text.shown_path(self._target))
        needs_place = wish.what not in {What.SIDECARS, What.FILES}
        someone = wish.person is not None or wish.what not in _OF_ONE
        self.export_button.setEnabled(someone and (self._target is not None or not needs_place))
        self.figures.setText(" ")
        self.asked.emit(wish)

    def _choose(self) -> None:
        what, before = self.wish.what, str(self._target or "")
        if what in _ENDINGS:
            ending = _ENDINGS[what]
            start = before or f"{self._name()}.{ending}"
            chosen, _ = QFileDialog.getSaveFileName(
                self, tr("Export to"), start, f"{ending.upper()} (*.{ending})"
            )
        else:
            chosen = QFileDialog.getExistingDirectory(self, tr("Export to"), before)
            if chosen and what is What.GALLERY:
                chosen = str(Path(chosen) / self._name())
        if chosen:
            self._target = Path(chosen)
            self._change()

    def _name(self) -> str:
        name = self.whom.currentText() if self.wish.person is not None else tr("faces")
        return "".join("_" if char in '<>:"/\\|?*' else char for char in name)
