"""Reading for somebody who types: only the newest question counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from photoclust.gui.library import OpenLibrary
from photoclust.gui.shared import Shared

Question = tuple[Callable[[OpenLibrary], Any], Callable[[Any], None]]


class Latest(QObject):
    """Reads off the main thread, one question at a time: of those that are asked while one is
    being read only the newest is read after it, and the answer to the one before is dropped.
    """

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._shared = shared
        self._reads = False
        self._dropped = False
        self._next: Question | None = None
        shared.library_changed.connect(self.drop)

    def ask(self, read: Callable[[OpenLibrary], Any], receive: Callable[[Any], None]) -> None:
        """Call `read` with the library and `receive` with what it gives."""
        if self._shared.library is None:
            return
        self._next = (read, receive)
        if not self._reads:
            self._go_on()

    def drop(self) -> None:
        """Want no answer any more."""
        self._next, self._dropped = None, True

    def _go_on(self) -> None:
        if self._next is None or self._shared.library is None:
            return
        (read, receive), self._next = self._next, None
        self._reads, self._dropped = True, False

        def arrived(answer: Any) -> None:
            if self._next is None and not self._dropped:
                receive(answer)

        self._shared.read(read, arrived, finished=self._finished)

    def _finished(self) -> None:
        self._reads = False
        self._go_on()
