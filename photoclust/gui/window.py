"""The main window: pages beside the navigation, search above, jobs below, the menu on top.

It puts the parts together; which page is shown is for `stack`, which library for `libraries`, and
what the pages show is their own affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import marked, tr
from photoclust.core.settings import Settings
from photoclust.core.types import Group, PhotoId
from photoclust.gui import menu, text, theme
from photoclust.gui.adding import Adding
from photoclust.gui.arrivals import Arrivals
from photoclust.gui.dialogs import training as training_dialogs
from photoclust.gui.exporting import Exporting
from photoclust.gui.helping import Help
from photoclust.gui.history import History
from photoclust.gui.jobbar import JobBar
from photoclust.gui.keeper import Keeper
from photoclust.gui.libraries import Libraries
from photoclust.gui.library import OpenLibrary
from photoclust.gui.moved_folders import MovedFolders
from photoclust.gui.navigation import Navigation
from photoclust.gui.notice_place import NoticeArea
from photoclust.gui.notices import Notices
from photoclust.gui.pages import Pages
from photoclust.gui.photo_acts import PhotoActs
from photoclust.gui.preferences import Preferences
from photoclust.gui.recognizing import Recognizing
from photoclust.gui.remembered import GEOMETRY, remembered
from photoclust.gui.searching import Searching
from photoclust.gui.shared import Shared
from photoclust.gui.stack import Stack
from photoclust.gui.taking_names import TakingNames
from photoclust.gui.tasks import Job, Lane
from photoclust.gui.trainings import Trainings
from photoclust.gui.widgets import Notice, dropped_paths

if TYPE_CHECKING:
    from photoclust.services.timeline import Month

AFTER_START_MS = 1000
"""How long after the people are shown the pages are made that nobody has wanted yet."""
_PAUSE_MS = 100
"""Between two pages that are made before anybody wants them."""


class MainWindow(QMainWindow):
    """Opens `library_folder` at once, off the main thread."""

    library_opened = Signal()
    library_failed = Signal(str)

    def __init__(self, library_folder: Path, settings: Settings) -> None:
        super().__init__()
        self._drawn_in = theme.colours()
        self.shared = Shared(settings, self)
        self.preferences = Preferences(self.shared)
        self.navigation = Navigation()
        self.job_bar = JobBar()
        self.notice = Notice()
        self.trainings = Trainings(self.shared, self.job_bar)
        self.keeper = Keeper(self.shared, self.job_bar)
        self.recognizing = Recognizing(self.shared, self.notice.add)
        self.history = History(self.shared, self)
        self.photo_acts = PhotoActs(self.shared, self.job_bar)
        self.arrivals = Arrivals(self.shared, self.keeper)
        self.libraries = Libraries(self.shared, self.keeper, library_folder, self._may_stop)
        self.adding = Adding(self.shared, self.libraries, self.job_bar, self)
        self.taking_names = TakingNames(self.shared, self.job_bar, self)
        self.exporting = Exporting(self.shared, self.job_bar, self)
        self.moved_folders = MovedFolders(self.shared, self.job_bar, self)
        self.pages = Pages(self)
        self.help = Help(self)
        self.stack = Stack(partial(getattr, self.pages), "people")
        self._spare_time = QTimer(self, interval=_PAUSE_MS)
        self.searching = Searching(self.shared, lambda: self.pages.search)
        self.notices = Notices(
            self.notice,
            self.history,
            show_failures=self.show_failures,
            show_news=self.show_news,
            leave_demo=self.libraries.show_own,
            find_folders=self.moved_folders.ask,
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
        theme.dress(self)
        self.libraries.open_own()

    # --- what can be done -------------------------------------------------------------------------

    def scan(self, roots: Sequence[Path] | None) -> None:
        """Scan `roots`, or with None the library's folders; see `Libraries.scan`."""
        self.libraries.scan(roots)

    def choose_folders(self) -> None:
        """Ask for a folder and scan it into the user's library."""
        if self.shared.read_only is not None and not self.libraries.is_demo:
            why = self.shared.read_only
            self.notices.complain(tr("nothing can be scanned: {why}", why=why))
            return
        if chosen := QFileDialog.getExistingDirectory(self, tr("Choose a folder with photos")):
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
        on_photo = self.page is self.pages.made("photo")
        photo = self.pages.photo.photo if on_photo else None
        if photo is not None and self.stack.before is self.pages.made("photos"):
            self.pages.photos.select(photo)
        self.stack.back()

    def show_list(self, name: str) -> None:
        """Show the page of the navigation called `name`."""
        self.notices.end_complaint()
        self.stack.show_list(name)

    def show_group(self, group: Group) -> None:
        """Show the faces of a person or group."""
        self.stack.open(self.pages.group)
        self.pages.group.show_group(group)

    def show_details(self, group: Group) -> None:
        """Show a person with what is known of them."""
        self.show_group(group)
        self.pages.group.show_about(shown=True, typing=False)

    def show_group_called(self, key: str) -> None:
        """Show the person or group `key`, if it is still there."""
        overview = self.shared.overview
        for group in () if overview is None else overview.groups:
            if group.key == key:
                self.show_group(group)

    def show_photo(self, photo: PhotoId, among: Sequence[PhotoId]) -> None:
        """Show a photo; the arrow keys leaf through `among`."""
        self.stack.open(self.pages.photo)
        self.pages.photo.show_photo(photo, among)

    def show_month(self, month: Month) -> None:
        """Show the photos of a month among all others."""
        self.stack.open_list("photos")
        self.pages.photos.go_to(month)

    def search(self) -> None:
        """Let the user type a search."""
        self.searching.box.begin()

    def show_news(self) -> None:
        """Show what came since the window was open last."""
        self.arrivals.show(self.pages.news)
        self.stack.open(self.pages.news)
        self.pages.news.resume()

    def show_history(self) -> None:
        """Show everything that was done."""
        self.stack.open(self.pages.history)
        self.pages.history.begin()

    def show_failures(self) -> None:
        """Show the files that could not be read."""
        self.show_list("failures")

    def next_unnamed(self) -> None:
        """Open the next group without a name, wherever the window is."""
        on_group = self.page is self.pages.made("group")
        self.pages.groups.open_next_unnamed(self.pages.group.key if on_group else None)

    @property
    def folder(self) -> Path:
        """Where the library lies that is shown."""
        return self.libraries.folder

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self.stack.page

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

    def _begin_with_pages(self) -> None:
        """Make the other pages soon, so that nobody waits for them: what they need is imported off
        the main thread, and between two steps there is time for whatever else there is to do.
        """
        self.shared.overview_changed.disconnect(self._begin_with_pages)
        job = Job(marked("Loading the pages"), lambda _: self.pages.load())
        job.succeeded.connect(self._go_on_with_pages)
        QTimer.singleShot(AFTER_START_MS, self, lambda: self.shared.desk.start(job, Lane.READ))

    def _go_on_with_pages(self) -> None:
        self._spare_time.start()

    def _make_page(self) -> None:
        if not self.pages.make_one():
            self._spare_time.stop()

    def _opened(self, library: OpenLibrary) -> None:
        demo = self.libraries.is_demo
        self.setWindowTitle(tr("photoclust – demo album") if demo else "photoclust")
        self.notices.tell_opened(library, demo=demo)
        self.arrivals.follow(library)
        self._allow_scans(library.read_only)
        if not demo:
            self.moved_folders.look()
        self.library_opened.emit()

    def _tell_news(self) -> None:
        """Show what is new where nobody has gone anywhere yet; else offer it."""
        if self.arrivals.is_start and self.stack.is_untouched:
            self.show_news()
        else:
            self.notices.tell_news(self.arrivals.photos)

    def _show_nothing(self) -> None:
        """Show nothing of a library that is closed, until another is open."""
        self.notice.clear()
        self.pages.people.show_nothing()
        self.show_list("people")

    def _may_stop(self) -> bool:
        return not self.trainings.is_running or training_dialogs.may_cut_off(self)

    def _allow_scans(self, read_only: str | None) -> None:
        """Let folders be scanned, unless the library is `read_only`: then say why not."""
        why = (
            ""
            if read_only is None
            else text.tooltip(text.sentence(tr("nothing can be scanned: {why}", why=read_only)))
        )
        self.menus.allow_scans(why)
        self.navigation.allow_adding(read_only is None, why)

    def _follow_scan(self, running: bool) -> None:
        self.menus.scan_again.setEnabled(not running)

    def _use(self, settings: Settings, before: Settings) -> None:
        """Let everybody go by `settings` from now on."""
        if settings.skip_patterns != before.skip_patterns:
            self.keeper.watch_anew()
        if settings.theme != before.theme:
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            theme.apply(app, settings.theme)
            self.menus.mark_theme(settings.theme)
        if settings.naming_precision != before.naming_precision:
            self.recognizing.begin()

    def _leave_search(self, to_page: bool) -> None:
        typing = self.searching.box.hasFocus() and not to_page
        if (found := self.pages.made("search")) is not None:
            self.stack.back_from(found)
        if typing:
            self.searching.box.setFocus()
        elif to_page:
            self.stack.resume()

    def _end_search(self) -> None:
        if not self.stack.holds(self.pages.made("search")):
            self.searching.clear()

    # --- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setWindowTitle("photoclust")
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.searching.bar)
        right.addWidget(NoticeArea(self.stack, self.notice), 1)
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
        self.navigation.mark("people")

    def _connect(self) -> None:
        self.navigation.wanted.connect(self.show_list)
        self.navigation.typed.connect(
            lambda event: QCoreApplication.sendEvent(self.stack.page, event)
        )
        self.navigation.folders_wanted.connect(self.choose_folders)
        self.stack.list_shown.connect(self.navigation.mark)
        self.arrivals.arrived.connect(self._tell_news)
        self.searching.asked.connect(lambda: self.stack.open(self.pages.search))
        self.searching.left.connect(self._leave_search)
        self.stack.left.connect(self._end_search)
        for source in (self.shared, self.keeper, self.trainings):
            source.told.connect(self.notice.show_message)
            source.complained.connect(self.notices.complain)
        self.shared.decided.connect(self.notices.end_complaint)
        self.preferences.changed.connect(self._use)
        self.preferences.complained.connect(self.notices.complain)
        self.libraries.opened.connect(self._opened)
        self.libraries.failed.connect(self.library_failed)
        self.libraries.switching.connect(self._show_nothing)
        self.libraries.complained.connect(self.notices.complain)
        self.moved_folders.noticed.connect(self.notices.tell_moved)
        self.keeper.scanned.connect(
            lambda report: self.notices.tell_scanned(report, demo=self.libraries.is_demo)
        )
        self.job_bar.failures_wanted.connect(self.show_failures)
        self.keeper.scanning.connect(self._follow_scan)
        self.navigation.follow(self.shared)
        self.shared.overview_changed.connect(
            lambda overview: self.job_bar.set_failures(overview.failures)
        )
        self.navigation.away_wanted.connect(partial(self.show_list, "settings"))
        self.shared.overview_changed.connect(self._begin_with_pages)
        self._spare_time.timeout.connect(self._make_page)
