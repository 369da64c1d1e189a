"""The settings while the window is open: changed at once, written soon after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from photoclust.core.errors import UserError
from photoclust.core.language import marked
from photoclust.core.paths import settings_file
from photoclust.core.settings import Settings, save
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane

_SAVE_MS = 200
"""How long nothing else is changed until the settings are written."""


class Preferences(QObject):
    """Who uses settings listens to `changed`."""

    changed = Signal(object, object)
    """The Settings from now on, and those before."""
    complained = Signal(str)

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._shared = shared
        self._timer = QTimer(self, singleShot=True, interval=_SAVE_MS)
        self._timer.timeout.connect(self._save)

    @property
    def settings(self) -> Settings:
        """As they are now."""
        return self._shared.settings

    def set(self, **values: Any) -> None:
        """Change settings, by their names in `Settings`; what was chosen is written even where it
        is the default.
        """
        before = self.settings
        self._shared.settings = replace(before, **values)
        self._timer.start()
        if self.settings != before:
            self.changed.emit(self.settings, before)

    def flush(self) -> None:
        """Write what is not written yet, before the window is closed."""
        if self._timer.isActive():
            self._timer.stop()
            try:
                save(self.settings, settings_file())
            except UserError as error:
                self.complained.emit(str(error))

    def _save(self) -> None:
        settings, file = self.settings, settings_file()
        job = Job(marked("Saving the settings"), lambda _: save(settings, file))
        job.failed.connect(self.complained)
        self._shared.desk.start(job, Lane.ACT)
