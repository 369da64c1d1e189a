"""What came since the window was open last: when it is told, and until when it was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photoclust.gui.keeper import Keeper
from photoclust.gui.latest import Latest
from photoclust.gui.library import OpenLibrary
from photoclust.gui.operations import news as operations
from photoclust.gui.remembered import remembered, seen_until
from photoclust.gui.shared import Shared

if TYPE_CHECKING:
    from photoclust.gui.views.news import NewsPage
    from photoclust.services.news import News


class Arrivals(QObject):
    """Reads the news after every scan. They count as seen once their page was shown; where nothing
    is new there is nothing to be seen. A library that is opened for the first time has no news.
    """

    arrived = Signal()
    """There are new photos that were not shown yet, and no scan goes on."""

    def __init__(self, shared: Shared, keeper: Keeper) -> None:
        super().__init__(shared)
        self._shared = shared
        self._read = Latest(shared)
        self._mark = ""
        self._news: News | None = None
        self._told = 0
        self._page: NewsPage | None = None
        self._asked = False
        keeper.asked.connect(self._note_asked)
        keeper.scanning.connect(self._follow_scan)
        shared.library_changed.connect(self._forget)
        shared.overview_changed.connect(self._follow)

    @property
    def is_start(self) -> bool:
        """Whether the news are those of the start, and not of a scan that was asked for."""
        return not self._asked

    @property
    def photos(self) -> int:
        """How many photos are new."""
        return 0 if self._news is None else len(self._news.photos)

    def follow(self, library: OpenLibrary) -> None:
        """Tell the news of `library` from now on."""
        self._mark = str(remembered().value(seen_until(library.folder), ""))
        self.read()

    def read(self) -> None:
        """Look what is new."""
        mark = self._mark
        self._read.ask(lambda library: operations.news(library, mark), self._receive)

    def show(self, page: NewsPage) -> None:
        """Let `page` show what is new; from the next start on it is not new any more."""
        self._page = page
        self._show()
        self.read()  # a photo may have come without any scan

    def _show(self) -> None:
        library = self._shared.library
        if self._news is not None and self._page is not None and library is not None:
            self._page.show_news(self._news)
            self._keep(library, self._news)

    def _follow_scan(self, running: bool) -> None:
        if not running:
            self.read()

    def _note_asked(self) -> None:
        self._asked = True

    def _forget(self) -> None:
        self._news, self._told, self._asked = None, 0, False

    def _follow(self) -> None:
        if self._page is not None and self._page.isVisible():
            self.read()

    def _receive(self, news: News) -> None:
        library = self._shared.library
        if library is None:
            return
        self._news = news
        if self._page is not None and self._page.isVisible():
            self._show()
        elif not self._mark or not news.photos:
            self._keep(library, news)
            self._mark = operations.written(news.until)
        elif len(news.photos) > self._told:
            self._told = len(news.photos)
            self.arrived.emit()

    def _keep(self, library: OpenLibrary, news: News) -> None:
        remembered().setValue(seen_until(library.folder), operations.written(news.until))
