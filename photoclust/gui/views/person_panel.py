"""The panel beside the faces of a person: other names, birthday, and who is seen with them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from photoclust.core.dates import PhotoDate
from photoclust.core.language import thousands, tr
from photoclust.core.types import Group
from photoclust.gui import people_order, text
from photoclust.gui.dialogs.naming import MAX_NAME_LENGTH, ChoiceButton
from photoclust.gui.operations import people as operations
from photoclust.gui.shared import Shared
from photoclust.gui.widgets import Button, ElidedLabel, label, scrolled

if TYPE_CHECKING:
    from photoclust.services.portraits import Companion

WIDTH = 264
MOST = 30
"""So many are told who are seen with somebody."""
_COVER = 32
_MOST_WIDE = 16_000


class PersonPanel(QFrame):
    """Enter in a field does what it says, and can be undone; Escape takes back what was typed."""

    closed = Signal()
    both_wanted = Signal(object)
    """The photos with a Companion are to be shown."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._shared = shared
        self._group: Group | None = None
        self._companions: Sequence[Companion] | None = None
        self._name = ElidedLabel("heading")
        close = Button("", "flat", "close", tr("Close (D)"))
        self.alias = _Field(tr("Other name"))
        self.alias.setPlaceholderText(tr("Add another name…"))
        self.alias.setMaxLength(MAX_NAME_LENGTH)
        self.birthday = _Field(tr("Birthday"))
        self.birthday.setPlaceholderText(tr("12 May 1923, May 1923 or 1923"))
        self._aliases = _rows()
        self._seen = _rows()
        self._nobody = label(tr("Nobody else with a name is in these photos."), "muted", wrap=True)
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.setSpacing(6)
        layout.addWidget(label(tr("Other names"), "muted"))
        layout.addWidget(self._aliases)
        layout.addWidget(self.alias)
        layout.addSpacing(10)
        layout.addWidget(label(tr("Birthday"), "muted"))
        layout.addWidget(self.birthday)
        layout.addSpacing(10)
        layout.addWidget(label(tr("Seen with"), "muted"))
        layout.addWidget(self._nobody)
        layout.addWidget(self._seen)
        layout.addStretch()
        top = QHBoxLayout()
        top.addWidget(self._name, 1)
        top.addWidget(close)
        outer = QVBoxLayout(self)
        self.set_wide(False)
        outer.setContentsMargins(14, 8, 8, 12)
        outer.setSpacing(8)
        outer.addLayout(top)
        outer.addWidget(scrolled(inner), 1)
        close.clicked.connect(self.closed)
        self.alias.returnPressed.connect(self._add_alias)
        self.birthday.returnPressed.connect(self._set_birthday)
        shared.thumbnails.loaded.connect(self._draw_covers)

    @property
    def companions(self) -> list[ChoiceButton]:
        """A button for each who is seen with them."""
        return self._seen.findChildren(ChoiceButton)

    def show_group(self, group: Group) -> None:
        """Show what is known of a person."""
        if self._group is None or group.key != self._group.key:
            self.alias.set_words("")
            self.show_companions(None)
        self._group = group
        self._name.setText(group.name or tr(text.UNNAMED))
        self.birthday.set_words(_written(group.birthday))
        may = self._shared.read_only is None
        self.alias.setEnabled(may and group.name is not None)
        self.birthday.setEnabled(may)
        _clear(self._aliases)
        for alias in group.aliases:
            self._add_alias_row(alias, may)

    def show_companions(self, found: "Sequence[Companion] | None") -> None:
        """Show who is seen with them; None while that is not known."""
        if found is not None and found == self._companions:
            return
        self._companions = found
        _clear(self._seen)
        self._nobody.setVisible(found is not None and not found)
        for companion in (found or ())[:MOST]:
            photos = f" ({thousands(companion.photos)})"
            button = ChoiceButton("", companion.person.name or tr(text.UNNAMED), photos)
            button.setToolTip(text.tooltip(tr("Show the photos of both")))
            button.setMinimumSize(100, 44)
            button.setIconSize(QSize(_COVER, _COVER))
            button.clicked.connect(lambda _=False, who=companion: self.both_wanted.emit(who))
            layout = self._seen.layout()
            assert layout is not None
            layout.addWidget(button)
        self._draw_covers()

    def set_wide(self, wide: bool) -> None:
        """Take all the room there is, or only as much as is needed beside something else."""
        self.setMinimumWidth(WIDTH)
        self.setMaximumWidth(_MOST_WIDE if wide else WIDTH)

    def begin(self) -> None:
        """Take the keyboard."""
        field = self.alias if self.alias.isEnabled() else self.birthday
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape closes it."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _add_alias_row(self, alias: str, may: bool) -> None:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(6, 0, 0, 0)
        words = ElidedLabel()
        words.setText(alias)
        words.setToolTip(text.tooltip(alias))
        what = tr("Remove the name {alias}", alias=alias)
        remove = Button("", "flat", "close", what)
        remove.setToolTip(text.tooltip(what))
        remove.setEnabled(may)
        remove.clicked.connect(lambda: self._remove_alias(alias))
        line.addWidget(words, 1)
        line.addWidget(remove)
        layout = self._aliases.layout()
        assert layout is not None
        layout.addWidget(row)

    def _add_alias(self) -> None:
        group, words = self._group, self.alias.text().strip()
        if group is None or not words:
            return
        others = people_order.called(self._shared.people(), words)
        if any(other.key != group.key for other in others):
            self._shared.complained.emit(
                tr(
                    "{name} is somebody else already; give both the same name to make them one",
                    name=words,
                )
            )
            return
        self._shared.act(
            tr("Noting another name"),
            lambda library: operations.add_alias(library, group.key, words),
            lambda _: self.alias.clear(),
        )

    def _remove_alias(self, alias: str) -> None:
        group = self._group
        if group is not None:
            self._shared.act(
                tr("Removing a name"),
                lambda library: operations.remove_alias(library, group.key, alias),
            )

    def _set_birthday(self) -> None:
        group, words = self._group, self.birthday.text().strip()
        if group is None or words == self.birthday.words:
            return
        self._shared.act(
            tr("Noting a birthday"),
            lambda library: operations.set_birthday(library, group.key, words),
        )

    def _draw_covers(self) -> None:
        for companion, button in zip(self._companions or (), self.companions, strict=False):
            picture = self._shared.thumbnails.face(companion.person.cover)
            if picture is not None and button.icon().isNull():
                button.setIcon(QIcon(picture))


class _Field(QLineEdit):
    """A line that Escape brings back to what it said."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.words = ""

    def set_words(self, words: str) -> None:
        """Say `words`, unless something else is just being typed and these are the same."""
        if words != self.words or not self.hasFocus():
            self.setText(words)
            self.setCursorPosition(0)
        self.words = words

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape takes back what was typed; without that it is the panel's."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self.words:
            self.setText(self.words)
        else:
            super().keyPressEvent(event)


def _written(born: PhotoDate | None) -> str:
    return "" if born is None else born.describe()


def _rows() -> QWidget:
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    return widget


def _clear(rows: QWidget) -> None:
    layout = rows.layout()
    assert layout is not None
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.setParent(None)
            widget.deleteLater()
