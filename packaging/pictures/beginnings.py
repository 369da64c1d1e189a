"""What an empty library shows, and a first scan on its way."""

from collections.abc import Callable

from photoclust.gui.pages import LISTS
from pictures.libraries import DEMO
from pictures.rest import wait_for
from pictures.stage import Stage, View


def _nothing_on(name: str) -> Callable[[Stage], None]:
    return lambda stage: stage.window.show_list(name)


EMPTY = (
    View("empty-welcome", _nothing_on("people"), main=True),
    *(View(f"empty-{name.replace('_', '-')}", _nothing_on(name)) for name in LISTS[1:-1]),
    View("empty-history", lambda stage: stage.window.show_history()),
    View("empty-news", lambda stage: stage.window.show_news()),
)
"""Of a library without photos."""


def _scan(stage: Stage) -> None:
    """Let a scan begin, and hold it once it has found something."""
    bar = stage.window.job_bar
    if not bar.rows:
        stage.window.scan([DEMO])
        wait_for(lambda: bar.rows and bar.rows[0].bar.value() > 1, "a scan to begin", seconds=60)


def _paused(stage: Stage) -> None:
    _scan(stage)
    stage.window.job_bar.rows[0].toggle_pause()


SCANNING = (
    View("scan", _scan, main=True),
    View("scan-paused", _paused, main=True),
)
"""Of a library whose first scan is on its way."""
