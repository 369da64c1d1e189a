"""What the Help menu opens: the guide, on the topic of the page that is shown, and the keys."""
# ruff: noqa: PLC0415 - what is opened is imported then: the start of the window needs none of it

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from photoclust.gui import shortcuts

if TYPE_CHECKING:
    from photoclust.gui.dialogs.guide import GuideWindow
    from photoclust.gui.window import MainWindow

TOPICS = {
    "people": "naming",
    "review": "review",
    "unnamed": "naming",
    "photos": "photos",
    "years": "photos",
    "failures": "trouble",
    "training": "training",
    "settings": "settings",
    "search": "searching",
    "history": "correcting",
    "news": "scanning",
    "group": "naming",
    "photo": "photos",
}
"""The topic of the guide that fits each page."""
FIRST = "scanning"
"""The topic for a library in which there is nothing yet."""


class Help:
    """Opens both for `window`."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._guide: GuideWindow | None = None

    @property
    def topic(self) -> str:
        """The topic that fits what is shown."""
        window = self._window
        overview = window.shared.overview
        if overview is None or not overview.photos:
            return FIRST
        return TOPICS[window.pages.name_of(window.page)]

    def show_guide(self) -> GuideWindow:
        """Show the guide, or bring it to the front, on the topic that fits."""
        from photoclust.gui.dialogs.guide import GuideWindow

        if self._guide is None:
            self._guide = GuideWindow(self._window)
        self._guide.show_topic(self.topic)
        self._guide.show()
        self._guide.raise_()
        self._guide.activateWindow()
        return self._guide

    def show_keys(self) -> None:
        """Show the sheet of all keys."""
        from photoclust.gui.dialogs.shortcuts import ShortcutSheet

        sheet = ShortcutSheet(self._window, self.keys())
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def keys(self) -> list[shortcuts.Section]:
        """All keys of the window, and those of the guide."""
        from photoclust.gui.dialogs.guide import GuideWindow

        window = self._window
        return shortcuts.sections(window.menuBar(), [*window.pages.all(), GuideWindow])
