"""The Qt binding itself is sound on this Python."""

import sys

CALLS = 100


def test_calls_into_qt_do_not_eat_references(qapp):
    """PySide6 6.12 on Python 3.11 does, and aborts the program after a minute of painting."""
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        qapp.processEvents()
    assert sys.getrefcount(None) - before > -CALLS / 2
