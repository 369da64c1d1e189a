"""How long the window does not answer while a scan runs in it.

    python responsiveness.py FOLDER [--idle | --watching] [--photos 150]

The photos in FOLDER are scanned into a library that is made for it and thrown away. Meanwhile the
photos are scrolled through, and groups are named as they come, by the keyboard; not with
`--watching`. A timer of the main thread that is due every 5 ms tells how much later it comes;
whoever clicks or types waits as long. With `--idle` a process of its own scans in place of the
window, which shows what of the gaps is due to the machine alone. Prints the longest gap, and those
over 50 ms by what the processor did meanwhile: the main thread's own work, that of other threads of
the window, or anything else on the machine.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from photoclust.core.settings import Settings
from photoclust.gui.app import application, spare_pauses
from photoclust.gui.tasks import Lane
from photoclust.gui.window import MainWindow

TICK_MS = 5
STEP_MS = 40
FIRST_STEP_MS = 500
SLOW_MS = 50


class Gap(NamedTuple):
    """When it ended (s), how long it was, and what the main thread and the other threads of this
    process computed meanwhile (ms).
    """

    when: float
    ms: float
    own_ms: float
    others_ms: float

    @property
    def why(self) -> str:
        """What most of it is due to."""
        if self.own_ms > self.ms / 2:
            return "own work"
        return "other threads" if self.others_ms > self.ms / 2 else "the machine"


class Watchdog:
    """Notes how long the main thread was kept from its timer, in ms."""

    def __init__(self) -> None:
        self.gaps: list[Gap] = []
        self._last = self._clocks()
        self._timer = QTimer(interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self._last = self._clocks()
        self._timer.start()

    @staticmethod
    def _clocks() -> tuple[float, float, float]:
        return time.perf_counter(), time.thread_time(), time.process_time()

    def _tick(self) -> None:
        now = self._clocks()
        took, own, all_threads = (1000 * (b - a) for a, b in zip(self._last, now, strict=True))
        self.gaps.append(Gap(now[0], took, own, all_threads - own))
        self._last = now


class User:
    """Scrolls through the photos and names groups, one small step every STEP_MS."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.named = self.scrolled = 0
        self._steps = self._go_on()
        self._timer = QTimer(interval=STEP_MS)
        self._timer.timeout.connect(lambda: next(self._steps))

    def start(self) -> None:
        """Begin as soon as somebody could who has just asked for the scan."""
        QTimer.singleShot(FIRST_STEP_MS, self._timer.start)

    def stop(self) -> None:
        self._timer.stop()

    def _go_on(self) -> Iterator[None]:
        window = self.window
        while True:
            window.show_list("photos")
            yield
            yield from self._scroll(window.pages.photos.grid.viewport())
            window.show_list("people")
            yield
            window.next_unnamed()
            yield
            if window.page is window.pages.made("group"):
                yield from self._name()

    def _scroll(self, viewport: QWidget) -> Iterator[None]:
        middle = QPointF(viewport.rect().center())
        for notches in (*[-1] * 20, *[1] * 20):
            QApplication.sendEvent(
                viewport,
                QWheelEvent(
                    middle,
                    QPointF(viewport.mapToGlobal(middle.toPoint())),
                    QPoint(),
                    QPoint(0, 120 * notches),
                    Qt.MouseButton.NoButton,
                    Qt.KeyboardModifier.NoModifier,
                    Qt.ScrollPhase.NoScrollPhase,
                    False,
                ),
            )
            self.scrolled += 1
            yield

    def _name(self) -> Iterator[None]:
        edit = self.window.pages.group.editor.edit
        for letter in f"Person {self.named}":
            QTest.keyClick(edit, letter)
            yield
        QTest.keyClick(edit, Qt.Key.Key_Return)
        self.named += 1
        yield


def wait(app: QApplication, condition, seconds: float) -> None:
    """Let the window work until `condition` holds; no sleep, the watchdog wakes it."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the window did not come to rest")
        app.processEvents()
        time.sleep(0.0005)


def some_photos(folder: Path, number: int, into: Path) -> Path:
    """A folder with links to `number` of the photos below `folder`, taken evenly."""
    found = sorted(
        path
        for path in folder.resolve().rglob("*")
        if path.suffix.lower() in {".jpg", ".jpeg", ".png"}
    )
    step = max(1, len(found) // number)
    into.mkdir()
    for row, path in enumerate(found[::step][:number]):
        (into / f"{row:04}{path.suffix}").symlink_to(path)
    return into


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=150)
    parser.add_argument("--idle", action="store_true")
    parser.add_argument("--watching", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as top:
        photos = some_photos(asked.folder, asked.photos, Path(top) / "photos")
        app = application(Settings(theme="light"))
        window = MainWindow(Path(top) / "library", Settings(theme="light"))
        window.library_opened.connect(spare_pauses)  # as the program does
        window.show()
        wait(app, lambda: window.shared.overview is not None, 60)
        dog, user = Watchdog(), User(window)
        start = time.perf_counter()
        if asked.idle:
            command = [sys.executable, "-m", "photoclust", "scan", str(photos), "--library"]
            scan = subprocess.Popen([*command, str(Path(top) / "other")], stdout=subprocess.DEVNULL)
            dog.start()
            wait(app, lambda: scan.poll() is not None, 1800)
        else:
            window.scan([photos])
            dog.start()
            if not asked.watching:
                user.start()
            wait(app, lambda: window.shared.overview.photos > 0, 600)
            wait(app, lambda: not window.shared.desk.jobs(Lane.SCAN), 1800)
            wait(app, lambda: window.shared.thumbnails.is_idle, 60)
            user.stop()
        seconds = time.perf_counter() - start
        window.close()
    gaps = sorted(gap.ms for gap in dog.gaps)
    who = "another process" if asked.idle else "the window"
    print(f"{asked.photos} photos scanned by {who} in {seconds:.0f} s, {len(gaps)} ticks")
    print(f"{user.named} groups named, {user.scrolled} notches scrolled")
    print(f"median {statistics.median(gaps):.1f} ms, 99.9 % {gaps[int(len(gaps) * 0.999)]:.0f} ms")
    print(f"longest {gaps[-1]:.0f} ms; those over {SLOW_MS} ms, by when and how long:")
    for why in ("own work", "other threads", "the machine"):
        slow = [gap for gap in dog.gaps if gap.ms > SLOW_MS and gap.why == why]
        listed = ", ".join(
            f"{gap.when - start:.1f} s {gap.ms:.0f} ms ({gap.own_ms:.0f} own)" for gap in slow[:30]
        )
        print(f"  {why}: {len(slow)}: {listed}")


if __name__ == "__main__":
    main()
