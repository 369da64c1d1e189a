"""What the line over the pages says, and what its button does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from photoclust.core.language import tr, tr_n
from photoclust.gui import scan_text, text
from photoclust.gui.history import History
from photoclust.gui.library import OpenLibrary
from photoclust.gui.widgets import Notice

if TYPE_CHECKING:
    from photoclust.services.session import SessionReport

_FAILURES_ACTION = "failures"
_LEAVE_DEMO_ACTION = "leave demo"
_FIND_ACTION = "find folders"
_NEWS_ACTION = "news"
_UNDO_ACTION = "undo"


class Notices(QObject):
    """Puts what happened into sentences with at most one thing to do about each."""

    def __init__(
        self,
        notice: Notice,
        history: History,
        *,
        show_failures: Callable[[], None],
        show_news: Callable[[], None],
        leave_demo: Callable[[], None],
        find_folders: Callable[[], None],
    ) -> None:
        super().__init__(notice)
        self._notice = notice
        self._complaint = ""
        self._acts = {
            _FAILURES_ACTION: show_failures,
            _NEWS_ACTION: show_news,
            _LEAVE_DEMO_ACTION: leave_demo,
            _FIND_ACTION: find_folders,
            _UNDO_ACTION: history.undo_offered,
        }
        notice.acted.connect(lambda action: self._acts[action]())
        history.offered.connect(self._offer_undo)

    def complain(self, message: str) -> None:
        """Tell what could not be done, until it is closed or over: see `end_complaint`."""
        self._complaint = f"{message[:1].upper()}{message[1:]}"
        self._notice.show_message(self._complaint, lasting=True)

    def end_complaint(self) -> None:
        """Something else was done, or the user went elsewhere: what could not be done is over."""
        if self._complaint and self._notice.message == self._complaint:
            self._notice.end()
        self._complaint = ""

    def tell_opened(self, library: OpenLibrary, *, demo: bool) -> None:
        """Tell what there is to say of a library that was opened, for as long as it is shown."""
        if demo:
            self._notice.set_standing(
                tr("This is the demo album. Your own library is not touched."),
                button=tr("Leave the demo"),
                action=_LEAVE_DEMO_ACTION,
            )
        else:
            self._notice.set_standing(" ".join(map(text.sentence, library.notes)))

    def tell_moved(self, folders: int) -> None:
        """Tell, as long as it is so, that so many folders of a library from elsewhere are to be
        found.
        """
        words = tr_n(
            folders,
            "{n} folder of this library is not there; its photos may lie elsewhere now.",
            "{n} folders of this library are not there; their photos may lie elsewhere now.",
        )
        self._notice.set_standing(
            words if folders else "", button=tr("Find the photos"), action=_FIND_ACTION
        )

    def tell_news(self, photos: int) -> None:
        """Tell that so many photos are new."""
        words = tr_n(photos, "{n} new photo.", "{n} new photos.")
        self._notice.offer(words, button=tr("Show what is new"), action=_NEWS_ACTION)

    def tell_scanned(self, report: SessionReport, *, demo: bool) -> None:
        """Tell what came of a scan that was asked for."""
        failed = len(report.scan.failed)
        self._notice.show_message(
            " ".join(scan_text.scan_summary(report)),
            lasting=bool(failed or report.missing) and not demo,
            button=tr("Show failures") if failed else "",
            action=_FAILURES_ACTION,
        )

    def _offer_undo(self, message: str) -> None:
        self._notice.show_message(message, button=tr("Undo"), action=_UNDO_ACTION)
