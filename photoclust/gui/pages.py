"""The pages of the window, each made when it is first wanted, and what each asks of the window.

Only the first page is needed to show the window; all of them together take as long to make as
everything else that its start needs.
"""
# ruff: noqa: PLC0415 - a page is imported when it is made

from __future__ import annotations

import importlib
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from photoclust.gui.views.failures import FailuresPage
    from photoclust.gui.views.group import GroupPage
    from photoclust.gui.views.group_list import GroupList
    from photoclust.gui.views.history import HistoryPage
    from photoclust.gui.views.news import NewsPage
    from photoclust.gui.views.people import PeoplePage
    from photoclust.gui.views.photo import PhotoPage
    from photoclust.gui.views.photos import PhotosPage
    from photoclust.gui.views.review import ReviewPage
    from photoclust.gui.views.search import SearchPage
    from photoclust.gui.views.settings import SettingsPage
    from photoclust.gui.views.training import TrainingPage
    from photoclust.gui.views.unnamed import UnnamedPage
    from photoclust.gui.views.years import YearsPage
    from photoclust.gui.window import MainWindow

LISTS = (
    *("people", "review", "unnamed", "photos", "years"),
    *("failures", "training", "settings"),
)
"""The pages of the navigation, in its order."""
OPENED = ("search", "history", "news", "group", "photo")
"""The pages that are opened from others."""


class Pages:
    """Makes the pages of `window`; a page is an attribute of this under its name."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def made(self, name: str) -> QWidget | None:
        """The page called `name`, None while nobody has wanted it."""
        page = vars(self).get(name)
        assert page is None or isinstance(page, QWidget)
        return page

    def name_of(self, page: QWidget) -> str:
        """What `page`, one of these, is called."""
        return next(name for name in (*LISTS, *OPENED) if self.made(name) is page)

    def all(self) -> list[QWidget]:
        """Every page; those that nobody has wanted yet are made."""
        while self.make_one():
            pass
        return [getattr(self, name) for name in (*LISTS, *OPENED)]

    @staticmethod
    def load() -> None:
        """Import what the pages are made of; it takes too long for the main thread."""
        for name in (*LISTS, *OPENED):
            importlib.import_module(f"photoclust.gui.views.{name}")

    def make_one(self) -> bool:
        """Go one step on with the pages that nobody has wanted yet: one is made, or gets its looks;
        whether there was one.
        """
        stack = self._window.stack
        for name in (*LISTS, *OPENED):
            page = self.made(name)
            if page is None:
                getattr(self, name)
            elif stack.indexOf(page) < 0:
                stack.take(page)
            else:
                continue
            return True
        return False

    @property
    def groups(self) -> GroupList:
        """The list that is gone through from one group to the next: that of the Unnamed page where
        one came from there, else that of the People page.
        """
        if self._window.stack.holds(self.made("unnamed")):
            return self.unnamed.groups_now
        return self.people.list

    # --- of the navigation ------------------------------------------------------------------------

    @cached_property
    def people(self) -> PeoplePage:
        """Everybody, and every group without a name."""
        from photoclust.gui.views.people import PeoplePage

        window = self._window
        page = PeoplePage(window.shared)
        page.opened.connect(window.show_group)
        page.details_wanted.connect(window.show_details)
        page.folders_wanted.connect(window.choose_folders)
        page.demo_wanted.connect(window.try_demo)
        window.keeper.scanning.connect(page.set_scanning)
        return page

    @cached_property
    def review(self) -> ReviewPage:
        """Questions, one at a time."""
        from photoclust.gui.views.review import ReviewPage

        window = self._window
        page = ReviewPage(window.shared, window.job_bar)
        page.people_wanted.connect(partial(window.show_list, "people"))
        window.history.on_page = page.undo_here
        return page

    @cached_property
    def unnamed(self) -> UnnamedPage:
        """Everything that has no name."""
        from photoclust.gui.views.unnamed import UnnamedPage

        window = self._window
        page = UnnamedPage(window.shared)
        page.opened.connect(window.show_group)
        page.details_wanted.connect(window.show_details)
        page.photo_opened.connect(window.show_photo)
        page.review_wanted.connect(partial(window.show_list, "review"))
        return page

    @cached_property
    def photos(self) -> PhotosPage:
        """All photos by the time when they were taken."""
        from photoclust.gui.views.photos import PhotosPage

        page = PhotosPage(self._window.shared, self._window.photo_acts)
        page.photo_opened.connect(self._window.show_photo)
        return page

    @cached_property
    def years(self) -> YearsPage:
        """The years and months of which there are photos."""
        from photoclust.gui.views.years import YearsPage

        page = YearsPage(self._window.shared)
        page.month_opened.connect(self._window.show_month)
        return page

    @cached_property
    def failures(self) -> FailuresPage:
        """Files that could not be read."""
        from photoclust.gui.views.failures import FailuresPage

        return FailuresPage(self._window.shared)

    @cached_property
    def training(self) -> TrainingPage:
        """Own models."""
        from photoclust.gui.views.training import TrainingPage

        return TrainingPage(self._window.shared, self._window.trainings)

    @cached_property
    def settings(self) -> SettingsPage:
        """Everything that can be set."""
        from photoclust.gui.views.settings import SettingsPage

        page = SettingsPage(self._window.shared, self._window.preferences)
        page.folders_wanted.connect(self._window.choose_folders)
        page.find_wanted.connect(self._window.moved_folders.ask_about)
        return page

    # --- opened from others -----------------------------------------------------------------------

    @cached_property
    def search(self) -> SearchPage:
        """What was found."""
        from photoclust.gui.views.search import SearchPage

        page = SearchPage(self._window.shared, self._window.photo_acts)
        page.search_wanted.connect(self._window.searching.look_for)
        page.photo_opened.connect(self._window.show_photo)
        page.back_wanted.connect(self._window.go_back)
        return page

    @cached_property
    def history(self) -> HistoryPage:
        """Everything that was done."""
        from photoclust.gui.views.history import HistoryPage

        page = HistoryPage(self._window.shared, self._window.history)
        page.back_wanted.connect(self._window.go_back)
        return page

    @cached_property
    def news(self) -> NewsPage:
        """What came since the window was open last."""
        from photoclust.gui.views.news import NewsPage

        window = self._window
        page = NewsPage(window.shared, window.photo_acts)
        page.group_wanted.connect(window.show_group_called)
        page.questions_wanted.connect(partial(window.show_list, "review"))
        page.names_unwanted.connect(window.history.take_names_back)
        page.photo_opened.connect(window.show_photo)
        page.back_wanted.connect(window.go_back)
        return page

    @cached_property
    def group(self) -> GroupPage:
        """A person or group."""
        from photoclust.gui.views.group import GroupPage

        window = self._window
        page = GroupPage(window.shared)
        page.photo_opened.connect(window.show_photo)
        page.back_wanted.connect(window.go_back)
        page.key_changed.connect(self._select_later)
        page.next_wanted.connect(window.next_unnamed)
        page.naming.connect(self._begin_naming)
        page.group_wanted.connect(window.show_group)
        page.size_settled.connect(window.set_face_size)
        return page

    @cached_property
    def photo(self) -> PhotoPage:
        """One photo."""
        from photoclust.gui.views.photo import PhotoPage

        page = PhotoPage(self._window.shared, self._window.photo_acts)
        page.back_wanted.connect(self._window.go_back)
        return page

    # Which list it is depends on where the group is opened from.

    def _select_later(self, key: str) -> None:
        self.groups.select_later(key)

    def _begin_naming(self, key: str) -> None:
        self.groups.begin_naming(key)
