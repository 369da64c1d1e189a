"""Small widgets that several pages use."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import tr
from photoclust.core.pages import PARTED_EXTENSIONS
from photoclust.gui import icons, text, theme
from photoclust.media import answering
from photoclust.media.formats import PICTURE_EXTENSIONS, RAW_EXTENSIONS

NOTICE_MS = 8000
_SLACK = 8


class Button(QPushButton):
    """A button that Enter presses as well, on every platform."""

    def __init__(self, words: str, role: str = "", icon: str = "", name: str = "") -> None:
        super().__init__(words)
        self.setProperty("role", role)
        self.setAccessibleName(name or words.replace("&", ""))
        if not words and name:
            self.setToolTip(name)
        self._icon = icon
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.refresh_icon()

    def refresh_icon(self, icon: str | None = None) -> None:
        """Draw the icon (another one where `icon` says so) in the colours of the theme."""
        self._icon = icon or self._icon
        if self._icon:
            colours = theme.colours()
            primary = self.property("role") == "primary"
            self.setIcon(icons.icon(self._icon, colours.on_accent if primary else colours.text))
            self.setIconSize(QSize(18, 18))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter without modifiers clicks; with Ctrl it is left to whoever holds the button."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                event.ignore()
            else:
                self.click()
            return
        super().keyPressEvent(event)


def label(words: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """A label that never takes what it shows for rich text."""
    result = QLabel(words)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setProperty("role", role)
    result.setWordWrap(wrap)
    return result


def dropped_paths(data: QMimeData) -> list[Path]:
    """The folders and photos among what is dragged or dropped, photos told by their names."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    # One that needs an extra to be read is taken, too: dropped by hand, it is told why.
    named = PICTURE_EXTENSIONS | RAW_EXTENSIONS | PARTED_EXTENSIONS
    return [
        path
        for path in paths
        if path.suffix.lower() in named or answering.is_folder(path, limit_s=answering.UNNOTICED_S)
    ]


def scrolled(inner: QWidget) -> QScrollArea:
    """`inner` as wide as there is room for, to be scrolled where it is higher than that."""
    area = QScrollArea()
    area.setObjectName("plain")
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    return area


class ElidedLabel(QLabel):
    """A label of one line that ends in … where there is not room for all of it."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """As much as fits."""
        painter = QPainter(self)
        elided = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        painter.setPen(self.palette().color(self.foregroundRole()))
        edge = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), edge, elided)


class EmptyState(QWidget):
    """What a page says when it has nothing to show, and what to do next."""

    def __init__(self, icon: str, title: str, words: str, buttons: Sequence[Button] = ()) -> None:
        super().__init__()
        self._icon_name = icon
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = label(title, "heading")
        self.words = label(words, "muted", wrap=True)
        for part in (self.title, self.words):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setMinimumWidth(300)
        self.words.setMaximumWidth(460)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addStretch(2)
        layout.addWidget(self._icon)
        layout.addWidget(self.title)
        middle = QHBoxLayout()
        middle.addStretch()
        middle.addWidget(self.words, 10)
        middle.addStretch()
        layout.addLayout(middle)
        if buttons:
            row = QHBoxLayout()
            row.setSpacing(12)
            row.addStretch()
            for button in buttons:
                row.addWidget(button)
            row.addStretch()
            layout.addSpacing(8)
            layout.addLayout(row)
        layout.addStretch(3)
        self.refresh_icon()

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon_name = icon
        self.refresh_icon()

    def refresh_icon(self) -> None:
        """Draw the icon in the colours of the theme."""
        if self._icon_name == "photoclust":
            self._icon.setPixmap(icons.application_icon().pixmap(QSize(96, 96)))
        else:
            self._icon.setPixmap(icons.pixmap(self._icon_name, theme.colours().muted, 56))


class Notice(QFrame):
    """One sentence over the page, with at most one thing to do about it."""

    acted = Signal(str)
    """The button was pressed; the value is what was given as `action` with the message."""
    changed = Signal()
    """It says something else now, or nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._words = label("", wrap=True)
        self._words.setAccessibleName(tr("Message"))
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._button = Button("")
        self._close = Button("", "flat", "close", tr("Close this message"))
        self._message = self._action = ""
        self._standing: tuple[str, str, str] | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 6, 6)
        layout.setSpacing(12)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._button)
        layout.addWidget(self._close)
        self._layout = layout
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.end)
        self._close.clicked.connect(self._dismiss)
        self._button.clicked.connect(self._press)
        self.hide()

    @property
    def message(self) -> str:
        """What it says."""
        return self._message

    @property
    def stands(self) -> bool:
        """Whether there is something to say whenever there is nothing else."""
        return self._standing is not None

    @property
    def says_what_stands(self) -> bool:
        """Whether that is what it says now."""
        return self._standing is not None and self._standing[0] == self._message

    def width_of_words(self) -> int:
        """So many px it is wide with all of its words in one line."""
        margins = self._layout.contentsMargins()
        width = margins.left() + margins.right() + 2 * self.frameWidth() + _SLACK
        width += self._words.fontMetrics().horizontalAdvance(self._words.text())
        for button in (self._button, self._close):
            if not button.isHidden():
                width += button.sizeHint().width() + self._layout.spacing()
        return width

    def show_message(
        self, words: str, *, lasting: bool = False, button: str = "", action: str = ""
    ) -> None:
        """Say `words`; they go after a while unless `lasting`."""
        self._show(words, button, action)
        if not lasting:
            self._timer.start(NOTICE_MS)

    def add(self, words: str) -> None:
        """Say `words` besides what is said for a while just now, whose button stays."""
        if self._timer.isActive() and self._message:
            self.show_message(
                f"{self._message} {words}", button=self._button.text(), action=self._action
            )
        else:
            self.show_message(words)

    def offer(self, words: str, *, button: str, action: str) -> None:
        """Offer something to do: with what is said for a while just now, where that has no button;
        else with `words`, unless something with a button is said.
        """
        passing = self._timer.isActive() and self._message
        if passing and not self._button.text():
            self.show_message(self._message, button=button, action=action)
        elif self.isHidden() or not self._button.text():
            self.show_message(words, button=button, action=action)

    def set_standing(self, words: str, *, button: str = "", action: str = "") -> None:
        """Say `words` whenever there is nothing else to say, until they are closed."""
        self._standing = (words, button, action) if words else None
        self.end()

    def clear(self) -> None:
        """Say nothing any more."""
        self.set_standing("")

    def end(self) -> None:
        """What was said is over: say what stands, or nothing."""
        self._timer.stop()
        if self._standing is not None:
            self._show(*self._standing)
        else:
            self.hide()
            self.changed.emit()

    def refresh_icon(self) -> None:
        """Draw the cross in the colours of the theme."""
        self._close.refresh_icon()

    def _show(self, words: str, button: str, action: str) -> None:
        self._timer.stop()
        self._message = words
        self._words.setText(text.breakable(words))
        self._button.setText(button)
        self._button.setAccessibleName(button)
        self._button.setVisible(bool(button))
        self._action = action
        self.show()
        self.changed.emit()

    def _dismiss(self) -> None:
        if self.says_what_stands:
            self._standing = None
        self.end()

    def _press(self) -> None:
        action = self._action
        self.end()
        self.acted.emit(action)
