"""Runs `photoclust` as a user starts it, and tells when its window was first painted.

    python window_driver.py --library FOLDER

Standard output gets one line for each of two moments, with the value of `time.monotonic()`:
`window` when the main window has been painted, `people` when it has been painted with people in
it. Then the window is closed.
"""

import time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMainWindow, QWidget

from photoclust.cli import main


class PaintWatch(QObject):
    """Sees every event of the application; a moment counts when its painting is done."""

    def __init__(self) -> None:
        super().__init__()
        self.told: set[str] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            window, view = watched.window(), watched.parent()
            if isinstance(window, QMainWindow):
                QTimer.singleShot(0, lambda: self.tell("window"))
            if isinstance(view, QAbstractItemView) and view.objectName() == "grid":
                model = view.model()
                if model is not None and model.rowCount():
                    QTimer.singleShot(0, lambda: self.tell("people", window))
        return False

    def tell(self, moment: str, window: QWidget | None = None) -> None:
        if moment not in self.told:
            self.told.add(moment)
            print(moment, time.monotonic(), flush=True)
            if window is not None:
                window.close()


if __name__ == "__main__":
    # `photoclust` uses an application that is there already.
    application = QApplication(["photoclust"])
    watch = PaintWatch()
    application.installEventFilter(watch)
    main()
