"""What holds for every test of the window: no screen is needed and no work outlives a test."""

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def no_qt_work_left() -> Iterator[None]:
    """Fail a test whose tasks still run in Qt's global thread pool; it has no Python threads."""
    from PySide6.QtCore import QThreadPool

    yield
    assert QThreadPool.globalInstance().waitForDone(3000), "the global thread pool is still busy"
