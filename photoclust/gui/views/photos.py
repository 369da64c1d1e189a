"""The page of all photos: a timeline by year and month, the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QSlider,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import marked, thousands, tr
from photoclust.core.types import LibraryChanges, PhotoId
from photoclust.gui import photo_text, text
from photoclust.gui.models.stacks import Stacks
from photoclust.gui.models.timeline import TimelineModel
from photoclust.gui.operations import browsing
from photoclust.gui.photo_acts import PhotoActs, show_key
from photoclust.gui.shared import Shared
from photoclust.gui.shortcuts import PageKey
from photoclust.gui.views.grid_layout import Section
from photoclust.gui.views.scrubber import Mark, Scrubber
from photoclust.gui.views.stack_tile import StackTile
from photoclust.gui.views.tile_view import STEP, TileView
from photoclust.gui.widgets import ElidedLabel, EmptyState, label

if TYPE_CHECKING:
    from photoclust.services.timeline import Month, Timeline

SMALLEST, LARGEST = 96, 336
"""Of the pictures, in px."""


class PhotosPage(QWidget):
    """A click opens a photo; with Ctrl and Shift several are chosen."""

    TITLE = marked("Photos")
    KEYS = (
        PageKey(marked("Enter"), marked("Open the photo")),
        PageKey(marked("Ctrl+Click, Shift+Click"), marked("Choose several")),
        PageKey(marked("Ctrl+A"), marked("Choose all")),
        PageKey(marked("Esc"), marked("Choose none")),
        PageKey(marked("R, Shift+R"), marked("Turn what is chosen to the right, to the left")),
        PageKey("S", marked("Show all photos of a stack, or one again")),
        PageKey("Ctrl+D", marked("Say when it was taken")),
        PageKey(marked("Ctrl+Shift+C"), marked("Copy the paths")),
        PageKey(marked("Ctrl+Shift+E"), marked("Copy to a folder")),
        PageKey(marked("Ctrl++, Ctrl+−"), marked("Larger pictures, smaller ones")),
    )

    photo_opened = Signal(object, list)
    """A photo id, and all photos to leaf through."""

    def __init__(self, shared: Shared, acts: PhotoActs) -> None:
        super().__init__()
        self._shared = shared
        self._acts = acts
        self._wanted: Month | None = None
        self.stacks = Stacks()
        self.model = TimelineModel(self.stacks, self)
        tile = StackTile(shared.thumbnails, self.stacks, self, shared)
        self.grid = TileView(self.model, tile, tr(self.TITLE))
        self.scrubber = Scrubber()
        self.slider = _size_slider(self.grid.tile_side)
        self._size = ElidedLabel("muted")
        self._month = label("")
        self._month.setAccessibleName(tr("When the first photos were taken that are shown now"))
        header = QHBoxLayout()
        header.setContentsMargins(8, 0, 16, 0)
        header.setSpacing(12)
        header.addWidget(label(tr(self.TITLE), "title"))
        header.addWidget(self._size, 1)
        header.addWidget(self._month)
        header.addWidget(self.slider)
        middle = QHBoxLayout()
        middle.setSpacing(4)
        middle.addWidget(self.grid, 1)
        middle.addWidget(self.scrubber)
        photos = QWidget()
        layout = QVBoxLayout(photos)
        layout.setContentsMargins(24, 20, 8, 0)
        layout.setSpacing(8)
        layout.addLayout(header)
        layout.addLayout(middle, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(QWidget())  # until it is known whether there are any
        self._stack.addWidget(
            EmptyState(
                "photos",
                tr("No photos yet"),
                tr("Press “Add folders…” on the left, or drop folders on this window."),
            )
        )
        self._stack.addWidget(photos)
        self.grid.opened.connect(self._open)
        self.grid.menu_wanted.connect(self._show_menu)
        self.grid.drag_wanted.connect(self._drag_out)
        self.grid.zoom_wanted.connect(self._zoom)
        self.grid.scrolled.connect(self._follow_scrolling)
        self.grid.selectionModel().selectionChanged.connect(self._describe)
        self.slider.valueChanged.connect(self.grid.set_tile_side)
        self.scrubber.wanted.connect(self._scrub)
        shared.overview_changed.connect(self._follow)
        shared.library_changed.connect(self._forget)
        shared.changed.connect(self._changed)

    def begin(self) -> None:
        """Take the keyboard and read what there is."""
        self._read()
        self.grid.setFocus()

    def select(self, photo: PhotoId) -> None:
        """Make `photo` the current one and bring it into view."""
        index = self.model.index_of(photo)
        if index != self.grid.currentIndex():
            self.grid.select(index)

    def go_to(self, month: Month) -> None:
        """Show the photos of `month` from the top on, as soon as they are there, with the first of
        them as the current one.
        """
        self._wanted = month
        self._go_to_wanted()

    def chosen(self) -> list[PhotoId]:
        """The photos that are selected, in the order shown."""
        return self.model.photos(self.grid.selected_rows())

    def toggle_stacks(self) -> None:
        """Show all photos of the stacks that are chosen, or of each only one again."""
        photos = self.chosen()
        if not photos and self.grid.currentIndex().isValid():
            photos = [self.model.item(self.grid.currentIndex().row())]
        if covers := self.stacks.toggle(photos):
            self._read()
            if not covers & self.stacks.opened:
                self.grid.set_current(self.model.index_of(min(covers)))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Acts on what is selected; Escape selects nothing."""
        if event.matches(QKeySequence.StandardKey.ZoomIn):
            self._zoom(STEP)
        elif event.matches(QKeySequence.StandardKey.ZoomOut):
            self._zoom(-STEP)
        elif event.key() == Qt.Key.Key_Escape and self.grid.selectionModel().hasSelection():
            self.grid.clearSelection()
        elif event.text() == "s":
            self.toggle_stacks()
        elif not self._acts.take_key(event, self.chosen(), self):
            super().keyPressEvent(event)

    def _forget(self) -> None:
        self._wanted = None
        self.model.clear()
        self.grid.show_sections([])
        self._stack.setCurrentIndex(0)

    def _follow(self) -> None:
        if self.isVisible():
            self._read()

    def _changed(self, changes: LibraryChanges) -> None:
        self.grid.viewport().update()
        if changes.photos:
            self._follow()  # they may be of another time now

    def _read(self) -> None:
        known, opened = self.model.timeline, self.stacks.opened
        self._shared.read(lambda library: browsing.timeline(library, known, opened), self._show)

    def _show(self, timeline: Timeline | None) -> None:
        """Show `timeline`, None: it is the same as before. Selection and place stay."""
        if timeline is not None:
            self._replace(timeline)
        self._stack.setCurrentIndex(2 if self.model.rowCount() else 1)
        self._describe()
        self._go_to_wanted()
        self._wanted = None

    def _go_to_wanted(self) -> None:
        timeline = self.model.timeline
        found = None
        if self._wanted is not None and timeline is not None:
            found = timeline.find(self._wanted)
        if found is not None:
            self._wanted = None
            index = self.model.index(found.start)
            self.grid.clearSelection()
            self.grid.set_current(index)
            self.grid.scrollTo(index, TileView.ScrollHint.PositionAtTop)

    def _replace(self, timeline: Timeline) -> None:
        before, grid = self.model.timeline, self.grid
        current, top = grid.currentIndex().row(), grid.top_row()
        ranges = grid.selected_rows()
        held = self.model.photos(ranges) if len(ranges) else []
        at_top = None if before is None or top is None else self.model.item(top)
        was_at = None if before is None or current < 0 else self.model.item(current)
        offset = 0 if top is None else grid.grid.rect(top).top() - grid.verticalOffset()
        scrolled = grid.verticalOffset() > 0
        self.model.set_timeline(timeline)
        grid.show_sections(
            [
                Section(photo_text.month(month), month.start, month.count)
                for month in timeline.months
            ]
        )
        self._show_marks(timeline)
        if was_at is not None:
            grid.set_current(self.model.index_of(was_at))
        grid.select_rows(timeline.ranges_of(held))
        row = None if at_top is None or not scrolled else timeline.row_of(at_top)
        if row is not None:
            grid.verticalScrollBar().setValue(grid.grid.rect(row).top() - offset)

    def _show_marks(self, timeline: Timeline) -> None:
        whole = max(1, self.grid.verticalScrollBar().maximum())
        self.scrubber.set_marks(
            [
                Mark(
                    photo_text.year(month),
                    photo_text.short_month(month),
                    min(self.grid.grid.top(number) / whole, 1.0),
                )
                for number, month in enumerate(timeline.months)
            ]
        )

    def _describe(self) -> None:
        chosen = sum(map(len, self.grid.selected_rows()))
        timeline = self.model.timeline
        shown, every = (timeline.shown, timeline.all_forms) if timeline is not None else (0, 0)
        parts = [text.photos_with_forms(shown, every)]
        if chosen > 1:
            parts.append(tr("{number} selected", number=thousands(chosen)))
        self._size.setText(" · ".join(parts))
        self._size.setToolTip(text.tooltip(self._size.text()))

    def _open(self, index: QModelIndex) -> None:
        self.photo_opened.emit(self.model.item(index.row()), self.model.items)

    def _show_menu(self, at: QPoint) -> None:
        photos = self.chosen()
        if not photos:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if covers := self.stacks.covers(photos):
            stack = menu.addAction(self.stacks.words(covers))
            stack.triggered.connect(self.toggle_stacks)
            show_key(stack, "S")
            menu.addSeparator()
        self._acts.menu(photos, menu, self)
        menu.popup(at)

    def _drag_out(self) -> None:
        index = self.grid.currentIndex()
        picture = None
        if index.isValid():
            picture = self._shared.thumbnails.photo(self.model.item(index.row()))
        self._acts.drag_out(self.chosen(), self.grid, picture)

    def _zoom(self, step: int) -> None:
        self.slider.setValue(self.slider.value() + step)

    def _scrub(self, share: float) -> None:
        bar = self.grid.verticalScrollBar()
        bar.setValue(round(share * bar.maximum()))

    def _follow_scrolling(self) -> None:
        bar = self.grid.verticalScrollBar()
        self.scrubber.show_share(bar.value() / max(1, bar.maximum()))
        sections = self.grid.grid.sections
        month = sections[self.grid.grid.section_at(bar.value())].title if sections else ""
        if month != self._month.text():
            self._month.setText(month)


def _size_slider(side: int) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(SMALLEST, LARGEST)
    slider.setPageStep(STEP)
    slider.setValue(side)
    slider.setFixedWidth(120)
    slider.setAccessibleName(tr("Size of the pictures"))
    slider.setToolTip(tr("Size of the pictures (Ctrl and the wheel, Ctrl++, Ctrl+−)"))
    return slider
