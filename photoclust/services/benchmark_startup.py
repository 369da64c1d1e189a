"""How long photoclust takes to start: processes of its own, from their start to what they say.

The window opens off screen. Settings, cache and whatever else a process keeps lie in a temporary
folder, which is its home.
"""

import os
import site
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from photoclust.core.errors import UserError
from photoclust.core.paths import resource
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.services.benchmark_reports import Benchmark, Figure
from photoclust.services.benchmarking import STAGE, TEMPORARY
from photoclust.services.session import scan_and_group
from photoclust.store.database import Library

LONGEST_S = 60.0
"""After so long a process is given up."""
NO_SCREEN = "offscreen"
_SCREEN_VARIABLE = "QT_QPA_PLATFORM"
_POLL_S = 0.02
_WINDOW = ("bench", "window")


@dataclass(frozen=True, slots=True)
class Started:
    """A process that has ended: seconds from its start to each `line` that it wrote, and to its
    end.
    """

    lines: Mapping[str, float]
    end: float


def startup(*, rounds: int = 5, control: JobControl | None = None) -> Benchmark:
    """Seconds from the start of a process until photoclust is imported, has told its version, has
    painted its window on an empty library, and on one of the demo album, the people included.

    Raises UserError where a process fails or does not come to an end, CancelledError.
    """
    control = control or JobControl()
    with TemporaryDirectory(prefix=TEMPORARY) as temporary:
        home = Path(temporary, "home")
        home.mkdir()
        empty, demo = Path(temporary, "empty"), Path(temporary, "demo")
        Library(empty).close()
        with Library(demo) as library:
            scan_and_group(library, [resource("demo", "album")], Settings(), control=control)
        figures = _figures(home, empty, demo, rounds, control)
    return Benchmark("startup", figures, {"rounds": rounds})


def program() -> list[str]:
    """The command that starts photoclust as it is running now."""
    frozen = getattr(sys, "frozen", False)
    return [sys.executable] if frozen else [sys.executable, "-m", "photoclust"]


def window_times(library: Path, home: Path, until: str, control: JobControl) -> Mapping[str, float]:
    """Seconds from the start of a process until its window on `library` is painted (`window`), and
    painted with people in it (`people`), which is the end where `until` says so.
    """
    command = [*program(), *_WINDOW, "--until", until, "--library", str(library)]
    return started(command, home, control).lines


def started(
    command: Sequence[str], home: Path, control: JobControl, *, screen: str | None = NO_SCREEN
) -> Started:
    """Run `command` to its end, with `home` as its home folder; a window opens on `screen`, a
    platform of Qt, or with None where Qt opens it by itself.

    Raises UserError where it fails or takes longer than LONGEST_S, CancelledError.
    """
    lines: dict[str, float] = {}
    errors: list[str] = []
    start = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - this program, or its interpreter
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(home, screen),
        encoding="utf-8",
        errors="replace",
    )

    def read_lines() -> None:
        for line in process.stdout or ():
            lines[line.strip()] = time.monotonic() - start

    readers = [
        threading.Thread(target=read_lines),
        threading.Thread(target=lambda: errors.extend(process.stderr or ())),
    ]
    try:
        for reader in readers:
            reader.start()
        while True:
            try:
                process.wait(_POLL_S)
                break
            except subprocess.TimeoutExpired:
                control.checkpoint()
            if time.monotonic() - start > LONGEST_S:
                raise UserError(f"{_shown(command)} has not ended after {LONGEST_S:.0f} s")
        end = time.monotonic() - start
    finally:
        process.kill()
        for reader in readers:
            reader.join()
        process.communicate()
    control.checkpoint()
    if process.returncode:
        why = errors[-1].strip() if errors else f"exit status {process.returncode}"
        raise UserError(f"{_shown(command)} failed here: {why}")
    return Started(lines, end)


def _figures(
    home: Path, empty: Path, demo: Path, rounds: int, control: JobControl
) -> tuple[Figure, ...]:
    imported: list[float] = []
    version: list[float] = []
    window: list[float] = []
    window_demo: list[float] = []
    people: list[float] = []
    for number in range(rounds + 1):
        control.report(STAGE, number, rounds + 1)
        ends = [started([*program(), "--version"], home, control).end]
        if not getattr(sys, "frozen", False):  # nothing can be imported into a frozen app
            ends.append(started([sys.executable, "-c", "import photoclust"], home, control).end)
        on_empty = window_times(empty, home, "window", control)
        on_demo = window_times(demo, home, "people", control)
        if number == 0:  # what is compiled and cached at the first start is there from then on
            continue
        version.append(ends[0])
        imported += ends[1:]
        window.append(on_empty["window"])
        window_demo.append(on_demo["window"])
        people.append(on_demo["people"])
    measured = (
        ("import", "import photoclust, whole process", imported),
        ("version", "photoclust --version", version),
        ("window_empty", "Window painted, empty library", window),
        ("window_demo", "Window painted, demo album", window_demo),
        ("people_demo", "Window painted with people", people),
    )
    return tuple(Figure(key, what, "s", tuple(each)) for key, what, each in measured if each)


def _shown(command: Sequence[str]) -> str:
    return " ".join(command)


def _environment(home: Path, screen: str | None = NO_SCREEN) -> dict[str, str]:
    """This process's environment with another home folder, and another screen for windows."""
    left_out = ("XDG_CACHE_", "XDG_CONFIG_", "XDG_DATA_", "XDG_STATE_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
    kept.pop(_SCREEN_VARIABLE, None)
    folders = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "WIN_PD_OVERRIDE_LOCAL_APPDATA")
    return {
        **kept,
        **dict.fromkeys(folders, str(home)),
        # What was installed for the user alone is found by the home folder.
        "PYTHONUSERBASE": site.getuserbase(),
        **({} if screen is None else {_SCREEN_VARIABLE: screen}),
    }
