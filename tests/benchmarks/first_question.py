"""How long it takes, from the start of the process, until Review asks its first question, and until
all faces were judged anew, which tells how many questions there are.

The library is one that was recognised before, such as `recognition.py --library FOLDER` leaves in
FOLDER/library; it is copied first. The window opens off screen, straight on Review.

    python tests/benchmarks/first_question.py FOLDER/library
"""

import argparse
import shutil
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from common import spread, verdict

from photoclust.console import table
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.services import benchmark_startup, recognition
from photoclust.store.database import Library

LIMIT_S = 2.0
QUESTION, ALL = "question", "all"


def open_window(library: Path) -> None:
    """Open Review on `library`, print a line for each moment, and close it."""
    from PySide6.QtCore import QTimer

    from photoclust.gui.app import application
    from photoclust.gui.window import MainWindow

    app = application(Settings())
    window = MainWindow(library, Settings())
    window.library_opened.connect(lambda: window.show_list("review"))
    window.show()
    reviewing = window.pages.review.reviewing
    told: set[str] = set()

    def look() -> None:
        for moment, there in ((QUESTION, reviewing.current), (ALL, reviewing.found)):
            if there is not None and moment not in told:
                told.add(moment)
                print(moment, flush=True)
        if ALL in told:
            window.close()

    timer = QTimer(interval=10)
    timer.timeout.connect(look)
    timer.start()
    app.exec()


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("library", type=Path)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.inside:
        open_window(options.library)
        return
    with TemporaryDirectory(prefix="photoclust-question-") as temporary:
        home, copy = Path(temporary, "home"), Path(temporary, "library")
        home.mkdir()
        shutil.copytree(options.library, copy)
        with Library(copy) as library:
            report = recognition.recognize(library, Settings())
        command = [sys.executable, __file__, str(copy), "--inside"]
        runs = [
            benchmark_startup.started(command, home, JobControl()).lines
            for _ in range(options.runs)
        ]
    first, everything = ([lines[moment] for lines in runs] for moment in (QUESTION, ALL))
    table(
        (f"{report.people:,} people known, {report.faces:,} faces judged", "s, median"),
        [
            ("first question", spread(first)),
            ("all faces judged, questions counted", spread(everything)),
        ],
    )
    median = statistics.median(first)
    print(verdict(f"first question {median:.2f} s ≤ {LIMIT_S} s", median <= LIMIT_S))


if __name__ == "__main__":
    main()
