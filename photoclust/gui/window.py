"""The main window: pages beside the navigation, search above, jobs below, the menu on top.

It puts the parts together; which page is shown is for `stack`, which library for `libraries`, and
what the pages show is their own affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.settings import Settings
from photoclust.core.types import Group, PhotoId
from photoclust.gui import menu, shortcuts, text, theme
from photoclust.gui.adding import Adding
from photoclust.gui.arrivals import Arrivals
from photoclust.gui.dialogs import training as training_dialogs
from photoclust.gui.dialogs.shortcuts import ShortcutSheet
from photoclust.gui.history import History
from photoclust.gui.jobbar import JobBar
from photoclust.gui.keeper import Keeper
from photoclust.gui.libraries import Libraries
from photoclust.gui.library import OpenLibrary
from photoclust.gui.navigation import Navigation
from photoclust.gui.notices import Notices
from photoclust.gui.photo_acts import PhotoActs
from photoclust.gui.preferences import Preferences
from photoclust.gui.recognizing import Recognizing
from photoclust.gui.remembered import GEOMETRY, remembered
from photoclust.gui.searching import Searching
from photoclust.gui.shared import Shared
from photoclust.gui.stack import Pages
from photoclust.gui.trainings import Trainings
from photoclust.gui.views.failures import FailuresPage
from photoclust.gui.views.group import GroupPage
from photoclust.gui.views.history import HistoryPage
from photoclust.gui.views.people import PeoplePage
from photoclust.gui.views.photo import PhotoPage
from photoclust.gui.views.photos import PhotosPage
from photoclust.gui.views.review import ReviewPage
from photoclust.gui.views.settings import SettingsPage
from photoclust.gui.views.single_faces import SingleFacesPage
from photoclust.gui.views.training import TrainingPage
from photoclust.gui.widgets import Notice, dropped_paths

if TYPE_CHECKING:
    from photoclust.services.browse import Overview


class MainWindow(QMainWindow):
    """Opens `library_folder` at once, off the main thread."""

    library_opened = Signal()
    library_failed = Signal(str)

    def __init__(self, library_folder: Path, settings: Settings) -> None:
        super().__init__()
        self._drawn_in = theme.colours()
        self.shared = Shared(self)
        self.preferences = Preferences(self.shared, settings)
        self.navigation = Navigation()
        self.job_bar = JobBar()
        self.notice = Notice()
        self.trainings = Trainings(self.shared, self.job_bar, settings)
        self.keeper = Keeper(self.shared, self.job_bar, settings)
        self.recognizing = Recognizing(self.shared, settings, self.notice.add)
        self.history = History(self.shared, self)
        self.photo_acts = PhotoActs(self.shared, self.job_bar)
        self.arrivals = Arrivals(self.shared, self.keeper, self.photo_acts)
        self.libraries = Libraries(self.shared, self.keeper, library_folder, self._may_stop)
        self.adding = Adding(self.shared, self.libraries, self.preferences, self.job_bar, self)
        self.people = PeoplePage(self.shared)
        self.single_faces = SingleFacesPage(self.shared)
        self.failures = FailuresPage(self.shared)
        self.training = TrainingPage(self.shared, self.trainings)
        self.group = GroupPage(self.shared, settings)
        self.photo = PhotoPage(self.shared, self.photo_acts, settings)
        self.photos = PhotosPage(self.shared, self.photo_acts)
        self.review = ReviewPage(self.shared, settings, self.job_bar)
        self.searching = Searching(self.shared, self.photo_acts)
        self.history_page = HistoryPage(self.shared, self.history)
        self.settings_page = SettingsPage(self.shared, self.preferences)
        lists = (
            *(self.people, self.review, self.single_faces, self.photos, self.failures),
            *(self.training, self.settings_page),
        )
        opened = (self.searching.page, self.history_page, self.arrivals.page)
        self.pages = Pages(lists, (*opened, self.group, self.photo))
        self.notices = Notices(
            self.notice,
            self.history,
            self.show_failures,
            self.show_news,
            self.libraries.show_own,
        )
        self._build()
        self.menus = menu.build(self, settings.theme)
        self._connect()
        self.job_bar.follow(self.shared.desk)
        self.setMinimumSize(760, 520)
        self.resize(1200, 750)
        place = remembered().value(GEOMETRY)
        if isinstance(place, QByteArray):
            self.restoreGeometry(place)
        self.setAcceptDrops(True)
        self.libraries.open_own()

    # --- what can be done -------------------------------------------------------------------------

    def scan(self, roots: Sequence[Path] | None) -> None:
        """Scan `roots`, or with None the library's folders; see `Libraries.scan`."""
        self.libraries.scan(roots)

    def choose_folders(self) -> None:
        """Ask for a folder and scan it into the user's library."""
        if self.shared.read_only is not None and not self.libraries.is_demo:
            self.notices.complain(f"nothing can be scanned: {self.shared.read_only}")
            return
        if chosen := QFileDialog.getExistingDirectory(self, "Choose a folder with photos"):
            self.adding.add([Path(chosen)])

    def try_demo(self) -> None:
        """Show the demo album."""
        self.libraries.show_demo()

    def set_theme(self, name: str) -> None:
        """Show light, dark or what the system says, now and from now on."""
        self.preferences.set(theme=name)

    def set_face_size(self, px: int) -> None:
        """Show the faces of a person so wide from now on."""
        self.preferences.set(face_tile_px=px)

    def go_back(self) -> None:
        """Back to the page before."""
        before = self.pages.before
        if before is self.photos and self.page is self.photo and self.photo.photo is not None:
            self.photos.select(self.photo.photo)
        self._resume(self.pages.back())

    def show_list(self, row: int) -> None:
        """Show the page in this row of the navigation."""
        self.pages.show_list(row)

    def show_group(self, group: Group) -> None:
        """Show the faces of a person or group."""
        self.pages.open(self.group)
        self.group.show_group(group)

    def show_details(self, group: Group) -> None:
        """Show a person with what is known of them."""
        self.show_group(group)
        self.group.show_about(shown=True)

    def show_photo(self, photo: PhotoId, among: Sequence[PhotoId]) -> None:
        """Show a photo; the arrow keys leaf through `among`."""
        self.pages.open(self.photo)
        self.photo.show_photo(photo, among)

    def search(self) -> None:
        """Let the user type a search."""
        self.searching.box.begin()

    def show_news(self) -> None:
        """Show what came since the window was open last."""
        self.arrivals.show()
        self.pages.open(self.arrivals.page)
        self.arrivals.page.begin()

    def show_history(self) -> None:
        """Show everything that was done."""
        self.pages.open(self.history_page)
        self.history_page.begin()

    def show_failures(self) -> None:
        """Show the files that could not be read."""
        self.show_list(self.pages.row_of(self.failures))

    def show_shortcuts(self) -> None:
        """Show the sheet of all keys."""
        sheet = ShortcutSheet(self, shortcuts.sections(self.menuBar(), self.pages.pages))
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def next_unnamed(self) -> None:
        """Open the next group without a name, wherever the window is."""
        self.people.open_next_unnamed(self.group.key if self.page is self.group else None)

    @property
    def folder(self) -> Path:
        """Where the library lies that is shown."""
        return self.libraries.folder

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self.pages.page

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
        """Folders and photos can be dropped."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Dropped folders are scanned and belong to the library; of photos only these are."""
        self.adding.add(dropped_paths(event.mimeData()))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Jobs are cancelled; what they wrote stays. A training is not cut off unasked."""
        if not self._may_stop():
            event.ignore()
            return
        remembered().setValue(GEOMETRY, self.saveGeometry())
        self.preferences.flush()
        self.shared.shut_down()
        super().closeEvent(event)

    # --- what happens -----------------------------------------------------------------------------

    def _opened(self, library: OpenLibrary) -> None:
        demo = self.libraries.is_demo
        self.setWindowTitle("photoclust – demo album" if demo else "photoclust")
        self.notices.tell_opened(library, demo=demo)
        self.arrivals.follow(library)
        self._allow_scans(library.read_only)
        self.library_opened.emit()

    def _tell_news(self) -> None:
        """Show what is new where nobody has gone anywhere yet; else offer it."""
        if self.arrivals.is_start and self.pages.is_untouched:
            self.show_news()
        else:
            self.notices.tell_news(self.arrivals.photos)

    def _show_group_called(self, key: str) -> None:
        overview = self.shared.overview
        for group in () if overview is None else overview.groups:
            if group.key == key:
                self.show_group(group)

    def _show_nothing(self) -> None:
        """Show nothing of a library that is closed, until another is open."""
        self.notice.clear()
        self.people.show_nothing()
        self.show_list(0)

    def _may_stop(self) -> bool:
        return not self.trainings.is_running or training_dialogs.may_cut_off(self)

    def _allow_scans(self, read_only: str | None) -> None:
        """Let folders be scanned, unless the library is `read_only`: then say why not."""
        why = "" if read_only is None else text.tooltip(f"Nothing can be scanned: {read_only}")
        self.menus.allow_scans(why)
        self.navigation.allow_adding(read_only is None, why)

    def _follow_scan(self, running: bool) -> None:
        self.menus.scan_again.setEnabled(not running)
        self.people.set_scanning(running)

    def _count(self, overview: Overview) -> None:
        self.job_bar.set_failures(overview.failures)
        people = (len(overview.groups), overview.questions, overview.single_faces)
        self.navigation.set_counts((*people, overview.photos, overview.failures))

    def _use(self, settings: Settings, before: Settings) -> None:
        """Let everybody go by `settings` from now on."""
        self.keeper.use(settings)
        self.trainings.settings = self.recognizing.settings = settings
        if settings.theme != before.theme:
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            theme.apply(app, settings.theme)
            self.menus.mark_theme(settings.theme)
        if settings.naming_precision != before.naming_precision:
            self.recognizing.begin()

    def _leave_search(self, to_page: bool) -> None:
        typing = self.searching.box.hasFocus() and not to_page
        self.pages.back_from(self.searching.page)
        if typing:
            self.searching.box.setFocus()
        elif to_page:
            self.pages.resume()
            self._resume(self.page)

    def _end_search(self) -> None:
        if not self.pages.holds(self.searching.page):
            self.searching.clear()

    def _resume(self, page: QWidget | None) -> None:
        """Give the keyboard to an opened page that is shown again; those of lists take it."""
        if page is self.group:
            self.group.portraits.grid.setFocus()
        elif page in (self.searching.page, self.arrivals.page):
            page.grid.setFocus()
        elif page is self.photo:
            self.photo.canvas.setFocus()

    # --- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setWindowTitle("photoclust")
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.searching.bar)
        notice_line = QHBoxLayout()
        notice_line.setContentsMargins(24, 12, 24, 0)
        notice_line.addWidget(self.notice)
        right.addLayout(notice_line)
        right.addWidget(self.pages, 1)
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
        self.pages.list_shown.connect(self.navigation.mark)
        self.people.opened.connect(self.show_group)
        self.people.details_wanted.connect(self.show_details)
        self.settings_page.folders_wanted.connect(self.choose_folders)
        self.people.folders_wanted.connect(self.choose_folders)
        self.people.demo_wanted.connect(self.try_demo)
        news = self.arrivals.page
        news.group_wanted.connect(self._show_group_called)
        news.questions_wanted.connect(lambda: self.show_list(self.pages.row_of(self.review)))
        news.names_unwanted.connect(self.history.take_names_back)
        self.arrivals.arrived.connect(self._tell_news)
        for page in (self.group, self.single_faces, self.photos, self.searching.page, news):
            page.photo_opened.connect(self.show_photo)
        for opened in (self.group, self.photo, self.searching.page, self.history_page, news):
            opened.back_wanted.connect(self.go_back)
        self.group.key_changed.connect(self.people.select_later)
        self.group.next_wanted.connect(self.people.open_next_unnamed)
        self.group.naming.connect(self.people.begin_naming)
        self.group.group_wanted.connect(self.show_group)
        self.group.size_settled.connect(self.set_face_size)
        self.review.people_wanted.connect(lambda: self.show_list(self.pages.row_of(self.people)))
        self.history.on_page = self.review.undo_here
        self.searching.asked.connect(lambda: self.pages.open(self.searching.page))
        self.searching.left.connect(self._leave_search)
        self.pages.left.connect(self._end_search)
        for source in (self.shared, self.keeper, self.trainings):
            source.told.connect(self.notice.show_message)
            source.complained.connect(self.notices.complain)
        self.preferences.changed.connect(self._use)
        self.preferences.complained.connect(self.notices.complain)
        self.libraries.opened.connect(self._opened)
        self.libraries.failed.connect(self.library_failed)
        self.libraries.switching.connect(self._show_nothing)
        self.libraries.complained.connect(self.notices.complain)
        self.keeper.scanned.connect(
            lambda report: self.notices.tell_scanned(report, demo=self.libraries.is_demo)
        )
        self.job_bar.failures_wanted.connect(self.show_failures)
        self.keeper.scanning.connect(self._follow_scan)
        self.shared.overview_changed.connect(self._count)
