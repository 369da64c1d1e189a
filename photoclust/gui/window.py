"""The main window: pages beside the navigation, the job bar below, the menu above.

It decides which page is shown and which job runs; what the pages show is their own affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.errors import UserError
from photoclust.core.paths import cache_folder, resource, settings_file
from photoclust.core.settings import Settings, save
from photoclust.core.types import Group, PhotoId
from photoclust.gui import menu, text, theme
from photoclust.gui.dialogs import training as training_dialogs
from photoclust.gui.history import History
from photoclust.gui.jobbar import JobBar
from photoclust.gui.keeper import Keeper
from photoclust.gui.library import OpenLibrary
from photoclust.gui.navigation import Navigation
from photoclust.gui.photo_acts import PhotoActs
from photoclust.gui.recognizing import Recognizing
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane
from photoclust.gui.trainings import Trainings
from photoclust.gui.views.failures import FailuresPage
from photoclust.gui.views.group import GroupPage
from photoclust.gui.views.people import PeoplePage
from photoclust.gui.views.photo import PhotoPage
from photoclust.gui.views.photos import PhotosPage
from photoclust.gui.views.single_faces import SingleFacesPage
from photoclust.gui.views.training import TrainingPage
from photoclust.gui.widgets import Notice, dropped_folders

if TYPE_CHECKING:
    from photoclust.services.browse import Overview
    from photoclust.services.session import SessionReport

_FAILURES_ACTION = "failures"
_LEAVE_DEMO_ACTION = "leave demo"
_UNDO_ACTION = "undo"


class MainWindow(QMainWindow):
    """Opens `library_folder` at once, off the main thread."""

    library_opened = Signal()
    library_failed = Signal(str)

    def __init__(self, library_folder: Path, settings: Settings) -> None:
        super().__init__()
        self._drawn_in = theme.colours()
        self._settings = settings
        self._own_folder = self._folder = library_folder
        self._roots_to_scan: list[Path] = []
        self.shared = Shared(self)
        self.navigation = Navigation()
        self.people = PeoplePage(self.shared)
        self.single_faces = SingleFacesPage(self.shared)
        self.photos = PhotosPage(self.shared)
        self.failures = FailuresPage(self.shared)
        self.group = GroupPage(self.shared)
        self.job_bar = JobBar()
        self.photo_acts = PhotoActs(self.shared, self.job_bar)
        self.photo = PhotoPage(self.shared, self.photo_acts, settings)
        self.notice = Notice()
        self.trainings = Trainings(self.shared, self.job_bar, settings)
        self.training = TrainingPage(self.shared, self.trainings)
        self.keeper = Keeper(self.shared, self.job_bar, settings)
        self.recognizing = Recognizing(self.shared, settings, self.notice.add)
        self.history = History(self.shared, self)
        self._lists = (
            *(self.people, self.single_faces, self.photos, self.failures),
            self.training,
        )
        self._pages = (*self._lists, self.group, self.photo)
        self._visited: list[QWidget] = []
        self._build()
        built = menu.build(self, settings.theme)
        self._file_menu, self.theme_actions = built.file, built.themes
        self._add_folders, self._scan_again = built.add_folders, built.scan_again
        self._connect()
        self.resize(1200, 750)
        self.setMinimumSize(760, 520)
        self.setAcceptDrops(True)
        self._open(library_folder)

    # --- what can be done -------------------------------------------------------------------------

    def scan(self, roots: Sequence[Path] | None) -> None:
        """Scan `roots`, or with None the library's folders, after the scans that are asked for
        already. Before the library is open it is remembered.
        """
        library = self.shared.library
        if library is None:
            self._roots_to_scan += roots or []
            return
        self.keeper.scan(library, roots)

    def choose_folders(self) -> None:
        """Ask for a folder and scan it."""
        if self.shared.read_only is not None:
            self._complain(f"nothing can be scanned: {self.shared.read_only}")
            return
        if self._folder != self._own_folder:
            self._roots_to_scan = []
            chosen = self._ask_folder()
            if chosen is not None:
                self._switch(self._own_folder, [chosen])
            return
        chosen = self._ask_folder()
        if chosen is not None:
            self.scan([chosen])

    def try_demo(self) -> None:
        """Show the demo album, in a library of its own that can be deleted at any time."""
        self._switch(cache_folder() / "demo-library", [resource("demo", "album")])

    def set_theme(self, name: str) -> None:
        """Show light, dark or what the system says, now and from now on."""
        self._settings = replace(self._settings, theme=name)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, name)
        try:
            save(self._settings, settings_file())
        except UserError as error:
            self._complain(str(error))

    def go_back(self) -> None:
        """Back to the page before."""
        if not self._visited:
            return
        page = self._visited.pop()
        self._stack.setCurrentWidget(page)
        if page is self.group:
            self.group.grid.setFocus()
        elif page in self._lists:
            self.navigation.mark(self._lists.index(page))
            page.begin()

    def show_list(self, row: int) -> None:
        """Show the page in this row of the navigation."""
        page = self._lists[row]
        self._visited.clear()
        self.navigation.mark(row)
        self._stack.setCurrentWidget(page)
        page.begin()

    def show_group(self, group: Group) -> None:
        """Show the faces of a person or group."""
        self._push(self.group)
        self.group.show_group(group)

    def show_photo(self, photo: PhotoId, among: Sequence[PhotoId]) -> None:
        """Show a photo; the arrow keys leaf through `among`."""
        self._push(self.photo)
        self.photo.show_photo(photo, among)

    def next_unnamed(self) -> None:
        """Open the next group without a name, wherever the window is."""
        self.people.open_next_unnamed()

    @property
    def folder(self) -> Path:
        """Where the library lies that is shown."""
        return self._folder

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self._pages[self._stack.currentIndex()]

    # --- Qt's events ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape goes back, where no page had another use for it."""
        if event.key() == Qt.Key.Key_Escape:
            self.go_back()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Icons are pixels: they are drawn again in other colours."""
        super().changeEvent(event)
        # Qt tells it several times for a change, and when the window is shown.
        if event.type() == QEvent.Type.PaletteChange and self._drawn_in is not theme.colours():
            self._drawn_in = theme.colours()
            for widget in self.findChildren(QWidget):
                refresh = getattr(widget, "refresh_icon", None)
                if refresh is not None:
                    refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Folders can be dropped."""
        if dropped_folders(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Dropped folders are scanned."""
        folders = dropped_folders(event.mimeData())
        if self._folder == self._own_folder:
            self.scan(folders)
        else:
            self._switch(self._own_folder, folders)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Jobs are cancelled; what they wrote stays. A training is not cut off unasked."""
        if not self._may_stop():
            event.ignore()
            return
        self.shared.shut_down()
        super().closeEvent(event)

    # --- jobs and their ends ----------------------------------------------------------------------

    def _open(self, folder: Path) -> None:
        self._folder = folder
        job = Job("Opening the library", lambda _: OpenLibrary.open(folder))
        job.succeeded.connect(self._opened)
        job.failed.connect(self.library_failed)
        self.shared.desk.start(job, Lane.ACT)

    def _opened(self, library: OpenLibrary) -> None:
        self.shared.set_library(library)
        demo = self._folder != self._own_folder
        self.setWindowTitle("photoclust – demo album" if demo else "photoclust")
        if demo:
            self.notice.set_standing(
                "This is the demo album. Your own library is not touched.",
                button="Leave the demo",
                action=_LEAVE_DEMO_ACTION,
            )
        else:
            self.notice.set_standing(" ".join(map(text.sentence, library.notes)))
            self.keeper.keep(library)
        self._allow_scans(library.read_only)
        roots, self._roots_to_scan = self._roots_to_scan, []
        if roots:
            self.scan(roots)
        self.library_opened.emit()

    def _switch(self, folder: Path, roots: Sequence[Path]) -> None:
        """Show the library in `folder` instead, and scan `roots` into it."""
        if not self._may_stop():
            return
        if not self.shared.shut_down():
            self._complain("The scan does not end; close photoclust and start it again.")
            return
        self.shared.set_library(None)
        self.notice.clear()
        self.people.show_nothing()
        self.show_list(0)
        self._roots_to_scan = list(roots)
        self._open(folder)

    def _may_stop(self) -> bool:
        return not self.trainings.is_running or training_dialogs.may_cut_off(self)

    def _allow_scans(self, read_only: str | None) -> None:
        """Let folders be scanned, unless the library is `read_only`: then say why not."""
        why = "" if read_only is None else text.tooltip(f"Nothing can be scanned: {read_only}")
        for action in (self._scan_again, self._add_folders):
            action.setEnabled(read_only is None)
            action.setToolTip(why)
        self._file_menu.setToolTipsVisible(read_only is not None)
        self.navigation.allow_adding(read_only is None, why)

    def _follow_scan(self, running: bool) -> None:
        self._scan_again.setEnabled(not running)
        self.people.set_scanning(running)

    def _scanned(self, report: SessionReport) -> None:
        failed = len(report.scan.failed)
        demo = self._folder != self._own_folder
        self.notice.show_message(
            " ".join(text.scan_summary(report)),
            lasting=bool(failed or report.missing) and not demo,
            button="Show failures" if failed else "",
            action=_FAILURES_ACTION,
        )

    def _complain(self, message: str) -> None:
        self.notice.show_message(f"{message[:1].upper()}{message[1:]}", lasting=True)

    def _offer_undo(self, message: str) -> None:
        self.notice.show_message(message, button="Undo", action=_UNDO_ACTION)

    def _act(self, action: str) -> None:
        if action == _FAILURES_ACTION:
            self.show_list(self._lists.index(self.failures))
        elif action == _LEAVE_DEMO_ACTION:
            self._switch(self._own_folder, [])
        elif action == _UNDO_ACTION:
            self.history.undo_offered()

    # --- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setWindowTitle("photoclust")
        self._stack = QStackedWidget()
        for page in self._pages:
            self._stack.addWidget(page)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        notice_line = QHBoxLayout()
        notice_line.setContentsMargins(24, 12, 24, 0)
        notice_line.addWidget(self.notice)
        right.addLayout(notice_line)
        right.addWidget(self._stack, 1)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(0)
        top.addWidget(self.navigation)
        top.addLayout(right, 1)
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top, 1)
        layout.addWidget(self.job_bar)
        self.setCentralWidget(whole)
        self.navigation.mark(0)

    def _connect(self) -> None:
        self.navigation.wanted.connect(self.show_list)
        self.navigation.folders_wanted.connect(self.choose_folders)
        self.people.opened.connect(self.show_group)
        self.people.folders_wanted.connect(self.choose_folders)
        self.people.demo_wanted.connect(self.try_demo)
        self.group.photo_opened.connect(self.show_photo)
        self.single_faces.photo_opened.connect(self.show_photo)
        self.photos.photo_opened.connect(self.show_photo)
        self.group.back_wanted.connect(self.go_back)
        self.photo.back_wanted.connect(self.go_back)
        self.group.key_changed.connect(self.people.select_later)
        self.group.next_wanted.connect(self.next_unnamed)
        self.notice.acted.connect(self._act)
        for source in (self.shared, self.keeper, self.trainings):
            source.told.connect(self.notice.show_message)
            source.complained.connect(self._complain)
        self.keeper.scanned.connect(self._scanned)
        self.keeper.scanning.connect(self._follow_scan)
        self.history.offered.connect(self._offer_undo)
        self.shared.overview_changed.connect(self._count)

    def _count(self, overview: Overview) -> None:
        self.navigation.set_counts(
            (len(overview.groups), overview.single_faces, overview.photos, overview.failures)
        )

    def _push(self, page: QWidget) -> None:
        current = self.page
        if current is not page:
            if page in self._visited:
                del self._visited[self._visited.index(page) :]
            else:
                self._visited.append(current)
            self._stack.setCurrentWidget(page)

    def _ask_folder(self) -> Path | None:
        chosen = QFileDialog.getExistingDirectory(self, "Choose a folder with photos")
        return Path(chosen) if chosen else None
