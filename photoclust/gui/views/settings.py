"""The settings page: every choice in plain words, applied as it is made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import LANGUAGES, SYSTEM, marked, tr, tr_n
from photoclust.core.paths import cache_folder, settings_file
from photoclust.core.settings import DEFAULT_SKIP_PATTERNS, Settings
from photoclust.gui import settings_text, text, theme
from photoclust.gui.dialogs.folders import RemoveFolderDialog
from photoclust.gui.operations import settings as operations
from photoclust.gui.preferences import Preferences
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane
from photoclust.gui.views.folder_rows import FolderRows
from photoclust.gui.views.setting_parts import Card, PlaceRow, choice, fill, select
from photoclust.gui.widgets import Button, label, scrolled

if TYPE_CHECKING:
    from photoclust.gui.operations.settings import Choices, Stored
    from photoclust.services.browse import Overview
    from photoclust.services.places import Removed

_WIDTH = 760
_THEMES = dict(
    zip(theme.THEMES, (marked("As the system"), marked("Light"), marked("Dark")), strict=True)
)
_AUTOMATIC = marked("As many as serve this computer")


class SettingsPage(QWidget):
    """Shows what is set, and sets it."""

    folders_wanted = Signal()
    """Folders are to be added."""
    find_wanted = Signal(object)
    """A folder that is not there is to be found."""

    def __init__(self, shared: Shared, preferences: Preferences) -> None:
        super().__init__()
        self._shared = shared
        self._preferences = preferences
        themes = [(each, tr(words)) for each, words in _THEMES.items()]
        self.theme = choice(tr("Colours"), themes)
        languages = ((SYSTEM, tr("As the system")), *LANGUAGES.items())
        self.language = choice(tr("Language"), languages)
        self.precision = choice(tr("Share of automatic names that is to be right"), [])
        self.method = choice(tr("How faces are grouped"), [])
        self.detector = choice(tr("How faces are found"), [])
        self.embedder = choice(tr("Model of new libraries"), [])
        self.in_use = label("", "muted", wrap=True)
        self.names = QCheckBox(tr("Take over what other programs wrote"))
        self.workers = choice(tr("Programs that read photos at the same time"), [])
        self.on_battery = choice(tr("What scans do on battery"), settings_text.on_battery())
        self.thumbnails = choice(tr("How much disk the thumbnails may take"), [])
        self.patterns = QPlainTextEdit()
        self.patterns.setAccessibleName(tr("Files and folders that are left out"))
        self.patterns.setTabChangesFocus(True)
        self.patterns.setFixedHeight(6 * self.fontMetrics().lineSpacing() + 16)
        self.pattern_problem = label("", "warning", wrap=True)
        self.defaults_button = Button(tr("As they were in the beginning"))
        self.folders = FolderRows()
        self.add_button = Button(tr("Add folders…"), "", "add")
        self.place = PlaceRow(Path(), tr("Open"), tr("Open the library folder"))
        self.stored = label("", "muted", wrap=True)
        self._build()
        self._connect()
        self._show_settings(preferences.settings)

    def begin(self) -> None:
        """Take the keyboard and read what there is to choose from."""
        settings = self._preferences.settings
        self._shared.read(lambda library: operations.choices(library, settings), self._offer)
        self._shared.read(operations.stored, self._show_stored)
        self._look_at_folders()
        self.theme.setFocus()

    # --- what is shown ----------------------------------------------------------------------------

    def _offer(self, choices: Choices) -> None:
        settings = self._preferences.settings
        detectors = [(key, settings_text.detector(key, name)) for key, name in choices.detectors]
        methods = [(key, settings_text.method(key)) for key in choices.methods]
        workers: list[tuple[object, str]] = [(None, tr(_AUTOMATIC))]
        workers += [(number, str(number)) for number in range(1, choices.cores + 1)]
        for box, offered, value in (
            (self.detector, detectors, settings.detector),
            (self.embedder, list(choices.embedders), settings.embedder),
            (self.method, methods, settings.grouping_method),
            (self.workers, workers, settings.workers),
        ):
            fill(box, offered, value)
        self.in_use.setText(
            text.breakable(
                tr(
                    "This library uses {model}; the Training page changes the model of a library "
                    "that has faces already.",
                    model=choices.in_use,
                )
            )
        )

    def _show_settings(self, settings: Settings) -> None:
        """What is set may have been set elsewhere."""
        select(self.theme, settings.theme)
        select(self.language, settings.language)
        select(self.detector, settings.detector)
        select(self.embedder, settings.embedder)
        select(self.method, settings.grouping_method)
        self.names.setChecked(settings.names_from_files)
        select(self.workers, settings.workers)
        select(self.on_battery, settings.on_battery)
        thumbnails = settings_text.thumbnail_sizes(settings.thumbnails_mb)
        fill(self.thumbnails, thumbnails, settings.thumbnails_mb)
        fill(
            self.precision,
            settings_text.precisions(settings.naming_precision),
            settings.naming_precision,
        )
        if settings_text.patterns(self.patterns.toPlainText()) != settings.skip_patterns:
            blocked = self.patterns.blockSignals(True)
            self.patterns.setPlainText("\n".join(settings.skip_patterns))
            self.patterns.blockSignals(blocked)

    def _show_stored(self, stored: Stored) -> None:
        self.place.show_folder(stored.folder)
        self.stored.setText(
            tr(
                "{total}, of which thumbnails take {thumbnails}.",
                total=settings_text.size(stored.total),
                thumbnails=settings_text.size(stored.thumbnails),
            )
        )

    def _follow(self, overview: Overview) -> None:
        self.folders.show_folders(overview.folders, changeable=self._shared.read_only is None)
        if self.isVisible():
            self._look_at_folders()

    def _look_at_folders(self) -> None:
        self._shared.read(operations.folder_states, self.folders.show_states)

    # --- what is set ------------------------------------------------------------------------------

    def _patterns_typed(self) -> None:
        wanted = settings_text.patterns(self.patterns.toPlainText())
        wrong = settings_text.wrong_pattern(wanted)
        self.pattern_problem.setText(text.breakable(text.sentence(wrong)) if wrong else "")
        self.pattern_problem.setVisible(bool(wrong))
        if not wrong:
            self._preferences.set(skip_patterns=wanted)

    def _default_patterns(self) -> None:
        self.patterns.setPlainText("\n".join(DEFAULT_SKIP_PATTERNS))

    def _remove_folder(self, folder: Path) -> None:
        library = self._shared.library
        dialog = RemoveFolderDialog(self, folder)
        agreed, forget = dialog.exec(), dialog.forget_people
        dialog.deleteLater()
        if not agreed or library is None:
            return

        def removed(gone: Removed) -> None:
            self._shared.wrote(gone.changes)
            if gone.within is not None:
                self._shared.told.emit(
                    tr(
                        "The folder is not listed any more; its photos stay with {folder}.",
                        folder=gone.within,
                    )
                )
                return
            self._shared.told.emit(
                tr_n(
                    gone.photos,
                    "The folder was removed; {n} photo went with it.",
                    "The folder was removed; {n} photos went with it.",
                )
            )

        job = Job(
            marked("Removing a folder"),
            lambda _: operations.remove_folder(library, folder, forget_people=forget),
        )
        job.succeeded.connect(removed)
        job.failed.connect(self._shared.fail)
        self._shared.desk.start(job, Lane.ACT)

    # --- building ---------------------------------------------------------------------------------

    def _connect(self) -> None:
        put = self._preferences.set
        self.theme.activated.connect(lambda _: put(theme=self.theme.currentData()))
        self.language.activated.connect(lambda _: put(language=self.language.currentData()))
        self.precision.activated.connect(
            lambda _: put(naming_precision=self.precision.currentData())
        )
        self.method.activated.connect(lambda _: put(grouping_method=self.method.currentData()))
        self.detector.activated.connect(lambda _: put(detector=self.detector.currentData()))
        self.embedder.activated.connect(lambda _: put(embedder=self.embedder.currentData()))
        self.names.toggled.connect(lambda on: put(names_from_files=on))
        self.workers.activated.connect(lambda _: put(workers=self.workers.currentData()))
        self.on_battery.activated.connect(lambda _: put(on_battery=self.on_battery.currentData()))
        self.thumbnails.activated.connect(
            lambda _: put(thumbnails_mb=self.thumbnails.currentData())
        )
        self.patterns.textChanged.connect(self._patterns_typed)
        self.defaults_button.clicked.connect(self._default_patterns)
        self.folders.remove_wanted.connect(self._remove_folder)
        self.folders.find_wanted.connect(self.find_wanted)
        self._shared.away.changed.connect(self._look_at_folders)
        self.add_button.clicked.connect(self.folders_wanted)
        self.place.button.clicked.connect(self._open_library)
        self._preferences.changed.connect(lambda settings, _: self._show_settings(settings))
        self._shared.follow(self._follow)

    def _build(self) -> None:
        look = Card(tr("Look"))
        look.add(tr("Colours"), self.theme)
        look.add(tr("Language"), self.language, tr("Counts from the next start on."))
        people = Card(tr("People"))
        people.add(
            tr("Right names"),
            self.precision,
            tr(
                "So many of the names that are given automatically are to be right. A lower share "
                "gives more names."
            ),
        )
        people.add(tr("Grouping"), self.method, tr("Counts from the next scan on."))
        people.add(
            tr("Finding faces"), self.detector, tr("Counts for photos that are read from now on.")
        )
        people.add(
            tr("Names in photos"),
            self.names,
            tr("From digiKam, Lightroom, Picasa and others, when photos are scanned."),
        )
        people.add(tr("New libraries"), self.embedder)
        people.add("", self.in_use)
        folders = Card(tr("Folders"))
        folders.add("", self.folders)
        folders.add("", self.add_button)
        folders.add(
            tr("Reading photos"), self.workers, tr("More is quicker, and takes 450 MB each.")
        )
        folders.add(
            tr("On battery"),
            self.on_battery,
            tr(
                "Scans, grouping anew and training. What waits goes on when the computer is "
                "plugged in."
            ),
        )
        folders.add(
            tr("Left out"),
            self.patterns,
            tr("Names of files and folders, one a line; * stands for anything."),
        )
        folders.add("", self.pattern_problem)
        folders.add("", self.defaults_button)
        self.pattern_problem.hide()
        disk = Card(tr("On this computer"))
        disk.add(tr("Library"), self.place)
        disk.add("", self.stored)
        disk.add(
            tr("Thumbnails"),
            self.thumbnails,
            tr(
                "What was not looked at for longest goes first, and is made again when it is "
                "needed."
            ),
        )
        disk.add(
            tr("Settings"), self._lasting(settings_file().parent, tr("Open the settings folder"))
        )
        disk.add(tr("Cache"), self._lasting(cache_folder(), tr("Open the cache folder")))
        narrow = QWidget()
        narrow.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(narrow)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(20)
        column.addWidget(label(tr("Settings"), "title"))
        for card in (look, people, folders, disk):
            column.addWidget(card)
        column.addStretch()
        inner = QWidget()
        # Beside a stretch, or the heights would be reckoned with a width that it has not.
        row = QHBoxLayout(inner)
        row.setContentsMargins(32, 20, 24, 24)
        row.addWidget(narrow, 100)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(inner))

    def _lasting(self, folder: Path, name: str) -> PlaceRow:
        row = PlaceRow(folder, tr("Open"), name)
        row.button.clicked.connect(lambda: self._open(folder))
        return row

    def _open_library(self) -> None:
        if self._shared.library is not None:
            self._open(self._shared.library.folder)

    def _open(self, folder: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            words = tr("{folder} cannot be opened here", folder=text.shown_path(folder))
            self._shared.complained.emit(words)
