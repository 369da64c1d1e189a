"""What an empty library shows, and a first scan on its way."""

from collections.abc import Callable
from pathlib import Path

from photoclust.gui.pages import LISTS
from pictures.rest import NotOfferedError, wait_for
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


def scanning(photos: Path) -> tuple[View, ...]:
    """Of a library whose first scan, of `photos`, is on its way: it goes on only for a picture."""

    def run(stage: Stage) -> None:
        bar = stage.window.job_bar
        if not bar.rows:
            stage.window.scan([photos])
            wait_for(lambda: bar.rows and bar.rows[0].bar.value() > 1, "a scan to begin")
        _pause(stage, paused=False)

    def pause(stage: Stage) -> None:
        run(stage)
        _pause(stage, paused=True)

    def find_people(stage: Stage) -> None:
        run(stage)
        wait_for(lambda: stage.groups or not stage.window.job_bar.rows, "people", seconds=60)

    return (
        View("scan", run, main=True),
        View("scan-paused", pause, main=True),
        View("scan-people", find_people, main=True),
    )


def _pause(stage: Stage, *, paused: bool) -> None:
    rows = stage.window.job_bar.rows
    if not rows:
        raise NotOfferedError("the scan is done")
    if rows[0].job.control.paused != paused:
        rows[0].toggle_pause()
