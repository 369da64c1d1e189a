"""The window as a benchmark or a self-test opens it: it tells when it was painted, and is closed
then.
"""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QAbstractItemView, QMainWindow, QWidget

from photoclust.core.settings import Settings
from photoclust.gui import app

PICTURES_MS = 1000
"""How long small pictures may take to be read and shown."""


class Moment(StrEnum):
    """The main window has been painted; it has been painted with people in it."""

    WINDOW = "window"
    PEOPLE = "people"


class PaintWatch(QObject):
    """An event filter for the whole application. It calls `tell` with each moment, once, and closes
    the window after the moment `last`; before, the window is drawn to the file `picture`, if one is
    named, when its pictures had time to come.
    """

    def __init__(
        self, tell: Callable[[Moment], None], last: Moment, picture: Path | None = None
    ) -> None:
        super().__init__()
        self._tell = tell
        self._last = last
        self._picture = picture
        self._told: set[Moment] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Let every event pass; a moment counts when the painting that it begins with is done."""
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            window, view = watched.window(), watched.parent()
            if isinstance(window, QMainWindow):
                self._note(Moment.WINDOW, window)
                if isinstance(view, QAbstractItemView) and view.objectName() == "grid":
                    model = view.model()
                    if model is not None and model.rowCount():
                        self._note(Moment.PEOPLE, window)
        return False

    def _note(self, moment: Moment, window: QMainWindow) -> None:
        if moment not in self._told:
            self._told.add(moment)
            QTimer.singleShot(0, window, lambda: self._pass_on(moment, window))

    def _pass_on(self, moment: Moment, window: QMainWindow) -> None:
        self._tell(moment)
        if moment is not self._last:
            return
        if self._picture is None:
            window.close()
        else:
            QTimer.singleShot(PICTURES_MS, window, lambda: self._draw(window))

    def _draw(self, window: QWidget) -> None:
        window.grab().save(str(self._picture))
        window.close()


def run(
    library_folder: Path,
    settings: Settings,
    *,
    last: Moment,
    tell: Callable[[Moment], None],
    picture: Path | None = None,
) -> int:
    """As `app.run`; the rest is said of `PaintWatch`."""
    application = app.application(settings)
    watch = PaintWatch(tell, last, picture)
    application.installEventFilter(watch)
    return app.run(library_folder, settings=settings)
