"""How long it takes from the press of Cancel until a scan is over, with nothing written after it.

    python cancelling.py FOLDER [--runs 7]

The photos in FOLDER are scanned into a library that is thrown away; each scan is cancelled after
another while. When it is over, the library is looked through, and again half a second later.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from common import parser, spread, verdict
from PySide6.QtWidgets import QApplication
from responsiveness import some_photos, wait

from photoclust.core.settings import Settings
from photoclust.gui.app import application, spare_pauses
from photoclust.gui.tasks import Lane
from photoclust.gui.window import MainWindow
from photoclust.services import doctor
from photoclust.store.database import FILE_NAME

LIMIT_S = 0.3
FIRST_S, STEP_S = 0.3, 0.9
"""After how many seconds the first scan is cancelled, and how much later each further one."""


def cancelled_after(app: QApplication, window: MainWindow, photos: Path, seconds: float) -> float:
    """How long it took, in s, to cancel a scan `seconds` after it was begun."""
    window.scan([photos])
    begun = time.monotonic()
    wait(app, lambda: bool(window.job_bar.rows) and time.monotonic() > begun + seconds, 60)
    pressed = time.perf_counter()
    window.job_bar.rows[0].cancel_button.click()
    wait(app, lambda: not window.shared.desk.jobs(Lane.SCAN), 30)
    return time.perf_counter() - pressed


def is_whole(folder: Path) -> bool:
    """Whether the library holds no contradiction, and nobody writes into it any more."""
    before = (folder / FILE_NAME).stat().st_mtime_ns
    found = [finding.check for finding in doctor.examine(folder).findings]
    found = [check for check in found if check != "backups"]  # it is too young to have any
    if found:
        print(f"found: {', '.join(found)}")
    time.sleep(0.5)
    return not found and (folder / FILE_NAME).stat().st_mtime_ns == before


def main() -> int:
    options_of = parser(__doc__)
    options_of.add_argument("folder", type=Path)
    options_of.add_argument("--runs", type=int, default=7)
    options = options_of.parse_args()
    times, whole = [], True
    with tempfile.TemporaryDirectory() as top:
        photos = some_photos(options.folder, 1500, Path(top) / "photos")
        app = application(Settings(theme="light"))
        folder = Path(top) / "library"
        window = MainWindow(folder, Settings(theme="light"))
        window.library_opened.connect(spare_pauses)
        window.show()
        wait(app, lambda: window.shared.overview is not None, 60)
        for run in range(options.runs):
            times.append(cancelled_after(app, window, photos, FIRST_S + STEP_S * run))
            whole &= is_whole(folder)
        window.close()
    print(", ".join(f"{took:.2f}" for took in times))
    print(f"a scan is over {spread(times)} s after Cancel (median, least – most of {len(times)})")
    longest = max(times)
    print(verdict(f"at most {longest:.3f} s ≤ {LIMIT_S} s", longest <= LIMIT_S))
    print(verdict("the library is whole and nothing is written after it", whole))
    return 0 if whole and statistics.median(times) <= LIMIT_S else 1


if __name__ == "__main__":
    raise SystemExit(main())
