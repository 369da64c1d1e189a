"""Small widgets of the Review page: large faces, buttons that show their keys, headings with a name
in them.
"""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QTransform,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from photoclust.core.language import thousands, tr
from photoclust.core.types import Box, Face, FaceId
from photoclust.gui import icons, text, theme
from photoclust.gui.operations import review as operations
from photoclust.gui.shared import Shared
from photoclust.gui.widgets import Button, label


class FacePicture(QWidget):
    """A face, rounded, as large as there is room; `large` ones are sharp at any size, and have a
    thin frame around the face where others are to be seen beside it.
    """

    clicked = Signal()

    def __init__(self, shared: Shared, *, large: bool = False, name: str = "") -> None:
        super().__init__()
        self._shared = shared
        self._large = large
        self._face: FaceId | None = None
        self.place: Box | None = None
        """Where the face is, in parts of the side of the close-up, if that has to be told."""
        self.setAccessibleName(name or tr("Face"))
        if large:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
            self.setMinimumSize(120, 120)
            shared.closeups.loaded.connect(self.update)
        shared.thumbnails.loaded.connect(self.update)

    @property
    def face(self) -> FaceId | None:
        """The face that is shown."""
        return self._face

    def show_face(self, face: Face | None) -> None:
        """Show `face`, or nothing."""
        shown = None if face is None else face.id
        if shown != self._face:
            self.place = None
        self._face = shown
        if self._large and shown is not None:
            self._find(shown)
        self.setToolTip("" if face is None else text.tooltip(text.shown_path(face.path)))
        self.update()

    def _find(self, face: FaceId) -> None:
        def receive(place: Box | None) -> None:
            if face == self._face:
                self.place = place
                self.update()

        self._shared.read(lambda library: operations.place_in_closeup(library, face), receive)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Large ones take what there is."""
        return QSize(640, 640) if self._large else QSize(72, 72)

    def area(self) -> QRectF:
        """The square that is painted: at the top, in the middle."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, 0, side, side)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click on the picture."""
        if self._face is not None and self.area().contains(event.position()):
            self.clicked.emit()
        else:
            super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The face; until it is there its thumbnail, or an empty place."""
        if self._face is None:
            return
        pixmap = self._shared.closeups.closeup(self._face) if self._large else None
        sharp = pixmap is not None
        if pixmap is None:
            pixmap = self._shared.thumbnails.face(self._face)
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        painter.setPen(Qt.PenStyle.NoPen)
        area = self.area()
        if pixmap is None or (self._large and not sharp):
            painter.setBrush(QColor(theme.colours().placeholder))
            painter.drawRoundedRect(area, theme.RADIUS, theme.RADIUS)
        if pixmap is not None:
            paint_rounded(painter, area, pixmap)
            if sharp and self.place is not None:
                _paint_frame(painter, area, self.place)
        else:
            icon = icons.pixmap("face", theme.colours().muted, 40)
            painter.setOpacity(0.5)
            painter.drawPixmap(area.center() - QPointF(20, 20), icon)
        painter.end()


def paint_rounded(painter: QPainter, area: QRectF, pixmap: QPixmap) -> None:
    """`pixmap` filling `area`, with smooth round corners."""
    scale = max(area.width() / pixmap.width(), area.height() / pixmap.height())
    place = QTransform.fromTranslate(
        area.center().x() - pixmap.width() * scale / 2,
        area.center().y() - pixmap.height() * scale / 2,
    ).scale(scale, scale)
    brush = QBrush(pixmap)
    brush.setTransform(place)
    painter.setBrush(brush)
    painter.drawRoundedRect(area, theme.RADIUS, theme.RADIUS)


def _paint_frame(painter: QPainter, area: QRectF, place: Box) -> None:
    side = area.width()
    frame = QRectF(
        area.x() + place.x * side, area.y() + place.y * side, place.w * side, place.h * side
    ).intersected(area.adjusted(2, 2, -2, -2))
    colours = theme.colours()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    # The wider line below keeps it apart from a photo of the same colour.
    for colour, width in ((colours.on_accent, 4.0), (colours.accent, 2.0)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)


class FaceStrip(QWidget):
    """A row of small faces."""

    def __init__(self, shared: Shared, most: int) -> None:
        super().__init__()
        self.pictures = [FacePicture(shared) for _ in range(most)]
        self.more = label("", "muted")
        # It goes with the width there is, and must not keep the window from becoming narrower.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addStretch()
        for picture in self.pictures:
            layout.addWidget(picture)
        layout.addWidget(self.more)
        layout.addStretch()
        self.set_side(48)

    def show_faces(self, faces: Sequence[Face], more: int = 0) -> None:
        """Show `faces`, and that there are so many `more`."""
        for number, picture in enumerate(self.pictures):
            picture.show_face(faces[number] if number < len(faces) else None)
            picture.setVisible(number < len(faces))
        self.more.setText(f"+{thousands(more)}" if more > 0 else "")
        self.setVisible(bool(faces))

    def set_side(self, side: int) -> None:
        """Show faces of `side` px."""
        for picture in self.pictures:
            picture.setFixedSize(side, side)


class KeyButton(Button):
    """A button with the key that does the same at its end."""

    def __init__(self, words: str, key: str, *, role: str = "", hint: str = "") -> None:
        super().__init__("", role, name=f"{words} ({key})")
        self.key = key
        self._hint = hint
        primary = role == "primary"
        self._words: QLabel = label(words, "onAccent" if primary else "")
        self._chip: QLabel = label(key, "keyOnAccent" if primary else "key")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(11, 7, 7, 7)
        layout.setSpacing(7)
        layout.addWidget(self._words)
        layout.addStretch()
        layout.addWidget(self._chip)
        for part in (self._words, self._chip):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        # A click must leave the keyboard to the page, where Space and Enter mean something else.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_words(words)

    def set_words(self, words: str) -> None:
        """Say `words`, cut where they are long."""
        self._words.setText(text.shortened(words, 26))
        self.setAccessibleName(f"{words} ({self.key})")
        self.setToolTip(text.tooltip(f"{self._hint or words} ({self.key})"))
        self.updateGeometry()

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As large as its words and its key."""
        layout = self.layout()
        assert layout is not None
        return layout.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never less."""
        return self.sizeHint()


class NameLabel(QLabel):
    """A sentence about somebody; of a long name it shows as much as there is room for."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._sentence, self._name = "", ""

    def set_words(self, sentence: str, name: str = "") -> None:
        """Say `sentence`, in which `{name}` stands for `name`."""
        self._sentence, self._name = sentence, name
        self.setText(sentence.replace("{name}", name))
        self.setAccessibleName(self.text())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The sentence with as much of the name as fits."""
        painter = QPainter(self)
        metrics = self.fontMetrics()
        room = self.width() - metrics.horizontalAdvance(self._sentence.replace("{name}", ""))
        shown = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, max(room, 0))
        painter.setPen(self.palette().color(self.foregroundRole()))
        words = self._sentence.replace("{name}", text.isolated(shown))
        painter.drawText(
            self.rect(),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading,
            metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width()),
        )
        painter.end()
