"""The window as a benchmark opens it. (`test_benchmark_startup` starts it as a process.)"""

import pytest

from photoclust.core.settings import Settings
from photoclust.gui import app
from photoclust.gui.first_paint import Moment, PaintWatch
from photoclust.gui.window import MainWindow
from photoclust.store.database import Library


@pytest.fixture
def told(qapp, qtbot):
    """Opens a window that is closed after the moment given; the moments that are told until then.

    Not by `app.run`: what it leaves behind at the end of a program is for the end of a process.
    """
    watches = []

    def opened(folder, last):
        found = []
        watch = PaintWatch(found.append, last)
        watches.append(watch)
        app.application(Settings(theme="light")).installEventFilter(watch)
        window = MainWindow(folder, Settings(theme="light"))
        qtbot.addWidget(window)
        window.show()
        qtbot.waitUntil(lambda: last in found and not window.isVisible())
        return found

    yield opened
    for watch in watches:
        qapp.removeEventFilter(watch)


def test_the_window_closes_when_people_are_painted(told, demo_library):
    assert told(demo_library, Moment.PEOPLE) == [Moment.WINDOW, Moment.PEOPLE]


def test_an_empty_library_is_closed_when_it_is_painted(told, tmp_path):
    Library(tmp_path / "empty").close()
    assert told(tmp_path / "empty", Moment.WINDOW) == [Moment.WINDOW]
