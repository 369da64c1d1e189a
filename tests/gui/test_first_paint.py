"""The window as a benchmark opens it."""

import gc

import pytest
from PySide6.QtCore import QTimer

from photoclust.core.settings import Settings
from photoclust.gui.first_paint import Moment, run
from photoclust.store.database import Library


@pytest.fixture(autouse=True)
def collector():
    """Leave the search for garbage as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.fixture
def opened(qapp):
    """The moments told by a window that is run until it closes itself."""
    late = QTimer(singleShot=True, interval=20_000)
    late.timeout.connect(lambda: qapp.exit(9))
    late.start()

    def run_to_end(folder, last):
        told = []
        assert run(folder, Settings(theme="light"), last=last, tell=told.append) == 0
        return told

    yield run_to_end
    late.stop()


def test_the_window_closes_when_people_are_painted(opened, demo_library):
    assert opened(demo_library, Moment.PEOPLE) == [Moment.WINDOW, Moment.PEOPLE]


def test_an_empty_library_is_closed_when_it_is_painted(opened, tmp_path):
    Library(tmp_path / "empty").close()
    assert opened(tmp_path / "empty", Moment.WINDOW) == [Moment.WINDOW]
