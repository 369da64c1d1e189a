"""The page of the library in time: a tile for each month, year below year, the latest first."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from photoclust.core.language import marked, tr, tr_n
from photoclust.gui import photo_text, text
from photoclust.gui.models.months import MonthModel
from photoclust.gui.operations import browsing
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.thumbnails import Key
from photoclust.gui.views.grid_layout import Section
from photoclust.gui.views.tile_view import TileView
from photoclust.gui.views.tiles import Tile
from photoclust.gui.widgets import ElidedLabel, EmptyState, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photoclust.services.years import MonthSeen


class MonthTile(Tile):
    """A good photo of the month, its name, how many photos there are, and who is in them."""

    least = 148
    lines = 3
    empty = "photos"
    focus = 0.25  # heads are in the upper half

    def key(self, item: Any) -> Key | None:
        """The photo."""
        return Key("photo", item.cover)

    def words(self, item: Any) -> tuple[str, ...]:
        """Month, number, people."""
        return (
            photo_text.month_alone(item.month),
            text.photos(item.month.count),
            photo_text.people_of(item),
        )


class YearsPage(QWidget):
    """A click opens the photos of a month."""

    TITLE = marked("Years")
    KEYS = (
        PageKey(marked("Enter"), marked("Show the photos of the month")),
        PageKey(marked("Arrows, Home, End"), marked("Choose another month")),
    )

    month_opened = Signal(object)
    """The Month whose photos are to be shown."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self.model = MonthModel(self)
        self.grid = TileView(self.model, MonthTile(shared.thumbnails, self), tr(self.TITLE))
        self.grid.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.grid.setDragEnabled(False)
        self._size = ElidedLabel("muted")
        header = QHBoxLayout()
        header.setContentsMargins(8, 0, 16, 0)
        header.setSpacing(12)
        header.addWidget(label(tr(self.TITLE), "title"))
        header.addWidget(self._size, 1)
        months = QWidget()
        layout = QVBoxLayout(months)
        layout.setContentsMargins(24, 20, 8, 0)
        layout.setSpacing(8)
        layout.addLayout(header)
        layout.addWidget(self.grid, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(QWidget())  # until it is known whether there are any
        self._stack.addWidget(
            EmptyState(
                "years",
                tr("No photos yet"),
                tr("Press “Add folders…” on the left, or drop folders on this window."),
            )
        )
        self._stack.addWidget(months)
        self.grid.opened.connect(self._open)
        shared.overview_changed.connect(self._follow)
        shared.library_changed.connect(self._forget)

    def begin(self) -> None:
        """Take the keyboard and read what there is."""
        self._read()
        self.grid.setFocus()

    def _forget(self) -> None:
        self._lay_out([])
        self._stack.setCurrentIndex(0)

    def _follow(self) -> None:
        if self.isVisible():
            self._read()

    def _read(self) -> None:
        self._shared.read(browsing.months, self._show)

    def _show(self, months: list[MonthSeen]) -> None:
        self._lay_out(months)
        years = len(
            {each.month.year for each in months if each.month.year and not each.month.decade}
        )
        photos = sum(month.month.count for month in months)
        parts = (text.photos(photos), tr_n(years, "{n} year", "{n} years") if years else "")
        self._size.setText(" · ".join(filter(None, parts)))
        self._stack.setCurrentIndex(2 if months else 1)

    def _lay_out(self, months: Sequence[MonthSeen]) -> None:
        """Show `months`; the current one stays the current one, and where it is."""
        current = self.grid.currentIndex()
        before = self.grid.visualRect(current).top()
        self.model.set_items(months)
        self.grid.show_sections(_sections(months))
        current = self.grid.currentIndex()
        bar = self.grid.verticalScrollBar()
        if current.isValid() and bar.value():
            bar.setValue(bar.value() + self.grid.visualRect(current).top() - before)

    def _open(self, index: QModelIndex) -> None:
        self.month_opened.emit(self.model.item(index.row()).month)


def _sections(months: Sequence[MonthSeen]) -> list[Section]:
    """One for each year, one for each decade of which only that is known, and the undated."""
    sections, start = [], 0
    for _, group in groupby(months, lambda each: (each.month.year, each.month.decade)):
        of_year = [each.month for each in group]
        photos = text.photos(sum(month.count for month in of_year))
        name = photo_text.year_of(of_year[0])
        sections.append(Section(f"{name} · {photos}", start, len(of_year)))
        start += len(of_year)
    return sections
