"""What stands above the photo of the viewer: which one it is, what is known of it, the buttons."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.language import marked, thousands, tr
from photoclust.gui import photo_text, text
from photoclust.gui.operations.viewing import PhotoView, Whereabouts
from photoclust.gui.widgets import Button, ElidedLabel, label

_NARROW = 760
_NOT_HERE = {
    Whereabouts.AWAY: marked("Its file is on a drive or in a folder that is not there now."),
    Whereabouts.DELETED: marked("Its file was deleted; what you said about its faces is kept."),
}


class PhotoHeader(QWidget):
    """Decides nothing: the page connects its buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ElidedLabel("heading")
        self.details = ElidedLabel("muted")
        self.not_here = label("", wrap=True)
        self._place = label("", "muted")
        self.back = Button("", "flat", "back", tr("Back (Esc)"))
        self.earlier = Button("", "flat", "back", tr("Previous photo (Left)"))
        self.later = Button("", "flat", "next", tr("Next photo (Right)"))
        self.name_button = Button(tr("Name faces"), "", "face")
        self.name_button.setToolTip(tr("Name one face after the other (F2)"))
        self.zoom_button = Button(tr("Fit"), "flat", name=tr("Zoom"))
        self.zoom_button.setToolTip(tr("All of the photo, or its full size (0, 1, + and −)"))
        self.play_button = Button("", "flat", "video", tr("Play the video in its program"))
        self.play_button.hide()
        self.boxes_button = _toggle("boxes", tr("Boxes and names (B)"))
        self.faces_button = _toggle("people", tr("Who is in the photo (F)"))
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(self.title)
        words.addWidget(self.details)
        words.addWidget(self.not_here)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 12, 16, 8)
        layout.setSpacing(6)
        layout.addWidget(self.back)
        layout.addSpacing(6)
        layout.addLayout(words, 1)
        layout.addWidget(self._place)
        for button in self._buttons():
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            if button is not self.back:
                layout.addWidget(button)
        self.not_here.hide()

    def show_place(self, row: int, count: int) -> None:
        """Say the how manieth of how many it is."""
        self._place.setText(
            tr("{place} of {count}", place=thousands(row + 1), count=thousands(count))
        )
        self.earlier.setEnabled(row > 0)
        self.later.setEnabled(row + 1 < count)

    def show_photo(self, view: PhotoView) -> None:
        """Say what is known of the photo."""
        path = view.photo.paths[0] if view.photo.paths else None
        self.title.setText(text.shown_name(path))
        self.title.setToolTip(text.tooltip(text.shown_path(path)))
        details = photo_text.details(view)
        self.details.setText(details)
        self.details.setToolTip(text.tooltip(details))
        self.play_button.setVisible(view.is_video and view.file is not None)
        not_here = _NOT_HERE.get(view.whereabouts)
        words = text.sentence(view.where) if view.where else not_here and tr(not_here)
        self.not_here.setText(text.breakable(words or ""))
        self.not_here.setVisible(not_here is not None)

    def show_failure(self) -> None:
        """Say that there is nothing to see."""
        self.title.setText(tr("This photo cannot be shown"))
        self.details.setText("")
        self.play_button.hide()
        self.not_here.hide()

    def show_zoom(self, share: float, *, fitted: bool) -> None:
        """Say at which share of its full size the photo is shown."""
        words = tr("Fit") if fitted else f"{round(100 * share)} %"
        self.zoom_button.setText(words)
        self.zoom_button.setAccessibleName(tr("Zoom: {size}", size=words))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Where there is little room, it goes to the title."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        self._place.setVisible(not narrow)
        self.name_button.setText("" if narrow else tr("Name faces"))

    def _buttons(self) -> tuple[Button, ...]:
        return (
            self.back,
            self.name_button,
            self.play_button,
            self.zoom_button,
            self.boxes_button,
            self.faces_button,
            self.earlier,
            self.later,
        )


def _toggle(icon: str, name: str) -> Button:
    button = Button("", "flat", icon, name)
    button.setCheckable(True)
    button.setChecked(True)
    return button
