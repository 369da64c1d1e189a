"""The column on the left: the pages, how much is in each list, and adding folders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from photoclust.core.language import marked, thousands, tr
from photoclust.gui import away_text, icons, text, theme
from photoclust.gui.pages import LISTS
from photoclust.gui.shared import Shared
from photoclust.gui.widgets import Button, label

if TYPE_CHECKING:
    from photoclust.services.browse import Overview
    from photoclust.services.roots import Away

WIDTH = 208
_ADD_HINT = marked("Scan more folders into the library (Ctrl+O)")
PAGES = {
    "people": (marked("People"), "people"),
    "review": (marked("Review"), "review"),
    "unnamed": (marked("Unnamed"), "face"),
    "photos": (marked("Photos"), "photos"),
    "years": (marked("Years"), "years"),
    "failures": (marked("Failures"), "failures"),
    "training": (marked("Training"), "training"),
    "settings": (marked("Settings"), "settings"),
}
"""What each page is called here, and its icon."""
_BESIDE_WORDS = 78
"""What a button needs beside its words, with its icon and what is around it, in px."""
_COUNT_ROLE = int(Qt.ItemDataRole.UserRole)


class Navigation(QFrame):
    """Emits the name of the page that is wanted."""

    wanted = Signal(str)
    folders_wanted = Signal()
    away_wanted = Signal()
    """The user wants to know more of what is away."""
    typed = Signal(QKeyEvent)
    """A key that the list has no use for: it is meant for the page."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("side")
        self.setFixedWidth(WIDTH)
        mark = QLabel()
        mark.setPixmap(icons.application_icon().pixmap(QSize(28, 28)))
        top = QHBoxLayout()
        top.setContentsMargins(8, 0, 0, 0)
        top.setSpacing(10)
        top.addWidget(mark)
        top.addWidget(label("photoclust", "heading"), 1)
        self.list = _List()
        self.list.setObjectName("navigation")
        self.list.setAccessibleName(tr("Lists"))
        self.list.setIconSize(QSize(20, 20))
        self.list.setItemDelegate(_WithCount(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for name in LISTS:
            self.list.addItem(QListWidgetItem(tr(PAGES[name][0])))
        self.away_button = Button("", "flat", "away", tr("What is away"))
        self.away_button.hide()
        self.add_button = Button(tr("Add folders…"), "", "add")
        self.add_button.setToolTip(tr(_ADD_HINT))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 20, 12, 16)
        layout.setSpacing(16)
        layout.addLayout(top)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.away_button)
        layout.addWidget(self.add_button)
        self.list.currentRowChanged.connect(lambda row: self.wanted.emit(LISTS[row]))
        self.list.itemClicked.connect(lambda item: self.wanted.emit(LISTS[self.list.row(item)]))
        self.away_button.clicked.connect(self.away_wanted)
        self.add_button.clicked.connect(self.folders_wanted)
        self.refresh_icon()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Letters are keys of the page, whoever has the keyboard."""
        self.typed.emit(event)

    def mark(self, name: str) -> None:
        """Show the page called `name` as the current one without asking for it."""
        blocked = self.list.blockSignals(True)
        self.list.setCurrentRow(LISTS.index(name))
        self.list.blockSignals(blocked)

    def allow_adding(self, allowed: bool, why_not: str) -> None:
        """Let folders be added, or tell `why_not`."""
        self.add_button.setEnabled(allowed)
        self.add_button.setToolTip(tr(_ADD_HINT) if allowed else why_not)

    def follow(self, shared: Shared) -> None:
        """Show how much there is in the library, and what of it is away."""
        shared.overview_changed.connect(self.show_counts)
        shared.away.changed.connect(lambda: self._tell_away(shared.away.folders))

    def _tell_away(self, folders: Sequence[Away]) -> None:
        words = away_text.in_short(folders)
        metrics = self.away_button.fontMetrics()
        beside = metrics.horizontalAdvance(away_text.in_short(folders, lambda _: ""))
        room = max(0, WIDTH - _BESIDE_WORDS - beside)
        fitting = away_text.in_short(
            folders, lambda name: metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        )
        self.away_button.setText(fitting.replace("&", "&&"))
        self.away_button.setAccessibleName(words or tr("What is away"))
        self.away_button.setToolTip(text.tooltip(away_text.in_full(folders)))
        self.away_button.setVisible(bool(words))

    def show_counts(self, overview: Overview) -> None:
        """How much is in each list; of photos the tooltip tells the number with all forms."""
        counts = {
            "people": sum(group.is_seen for group in overview.groups),
            "review": overview.questions,
            "unnamed": sum(group.name is None for group in overview.groups) + overview.single_faces,
            "photos": overview.photos,
            "failures": overview.failures,
        }
        for name, number in counts.items():
            item = self.list.item(LISTS.index(name))
            item.setData(_COUNT_ROLE, number)
            words = f"{tr(PAGES[name][0])}, {number}"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
        photos = self.list.item(LISTS.index("photos"))
        photos.setToolTip(text.photos_with_forms(overview.photos, overview.all_forms))

    def refresh_icon(self) -> None:
        """Draw the icons in the colours of the theme."""
        for row, name in enumerate(LISTS):
            self.list.item(row).setIcon(icons.icon(PAGES[name][1]))
        self.away_button.refresh_icon()
        self.add_button.refresh_icon()


class _List(QListWidget):
    """A list that is not searched by typing: the letters are keys of the page that is shown."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.text().strip().isprintable() and event.text().strip():
            event.ignore()
        else:
            super().keyPressEvent(event)


class _WithCount(QStyledItemDelegate):
    """An entry with its number at the right edge."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        number = index.data(_COUNT_ROLE)
        if number:
            rect: QRect = option.rect.adjusted(0, 0, -12, 0)
            painter.save()
            failures = LISTS[index.row()] == "failures"
            colours = theme.colours()
            painter.setPen(QColor(colours.warning if failures else colours.muted))
            edge = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(rect, edge, thousands(number))
            painter.restore()
