"""Waiting for the window: it works in its own event loop, and a timer looks at it now and then."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer

from photoclust.gui.tasks import Lane
from photoclust.gui.window import MainWindow

LOOK_MS = 12
LOOKS = 4
"""So often in a row the window must be seen at rest: what is done may bring about more."""
_LANES = (Lane.READ, Lane.ACT, Lane.RECOGNITION)
"""A scan may go on; what it wrote is shown all the same."""


class UnreachableError(Exception):
    """The window does not show what it is meant to."""


class NotOfferedError(Exception):
    """This library has nothing of the kind."""


def wait_for(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Let the window work until `condition` holds. Raises UnreachableError: no `what`."""
    loop, timer = QEventLoop(), QTimer(interval=LOOK_MS)
    end = time.monotonic() + seconds
    wrong: list[Exception] = []

    def look() -> None:
        try:
            if condition():
                loop.quit()
            elif time.monotonic() > end:
                wrong.append(UnreachableError(f"waited {seconds:.0f} s in vain for {what}"))
        except Exception as error:  # or Qt would print it and wait on
            wrong.append(error)
        if wrong:
            loop.quit()

    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    timer.stop()
    if wrong:
        raise wrong[0]


def come_to_rest(window: MainWindow) -> None:
    """Wait until everything that is wanted of `window` is read, loaded and painted."""
    shared = window.shared
    seen = 0

    def at_rest() -> bool:
        nonlocal seen
        idle = shared.thumbnails.is_idle and shared.closeups.is_idle
        seen = seen + 1 if idle and not any(map(shared.desk.jobs, _LANES)) else 0
        return seen >= LOOKS

    wait_for(at_rest, "the window to come to rest")
