"""The line above the faces of a person: faces or photos, how large, and what else is to be seen."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSlider, QWidget

from photoclust.core.language import tr
from photoclust.gui.views.tile_view import STEP
from photoclust.gui.widgets import Button

SMALLEST, LARGEST = 80, 260
_SETTLED_MS = 400


class PersonTools(QWidget):
    """Emits what is wanted; the page does it."""

    photos_wanted = Signal(bool)
    """Whole photos are to be shown, or faces."""
    size_changed = Signal(int)
    """Tiles are to be at least so wide, in px; while the slider moves."""
    size_settled = Signal(int)
    """The slider rests."""
    out_of_place_wanted = Signal()
    about_wanted = Signal(bool)

    def __init__(self, size: int) -> None:
        super().__init__()
        self.faces_button = Button(tr("Faces"))
        self.faces_button.setToolTip(tr("Show faces (P changes between them)"))
        self.photos_button = Button(tr("Photos"))
        self.photos_button.setToolTip(tr("Show whole photos (P changes between them)"))
        self._views = QButtonGroup(self)
        for button in (self.faces_button, self.photos_button):
            button.setCheckable(True)
            self._views.addButton(button)
        self.faces_button.setChecked(True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(SMALLEST, LARGEST)
        self.slider.setSingleStep(STEP)
        self.slider.setPageStep(2 * STEP)
        self.slider.setValue(size)
        self.slider.setAccessibleName(tr("Size of the pictures"))
        self.slider.setToolTip(tr("Size of the pictures (Ctrl++, Ctrl+−)"))
        self.slider.setMinimumWidth(60)
        self.slider.setMaximumWidth(140)
        self.doubt_button = Button(tr("Out of place?"))
        self.doubt_button.setToolTip(tr("Show the faces that look least like the others (O)"))
        self.about_button = Button("", "", "about", tr("About this person"))
        self.about_button.setToolTip(tr("Other names, birthday, and who is seen with them (D)"))
        self.about_button.setCheckable(True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLED_MS)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 16, 4)
        layout.setSpacing(8)
        pair = QHBoxLayout()
        pair.setSpacing(2)
        pair.addWidget(self.faces_button)
        pair.addWidget(self.photos_button)
        layout.addLayout(pair)
        layout.addWidget(self.slider, 1)
        layout.addStretch(1)
        layout.addWidget(self.doubt_button)
        layout.addWidget(self.about_button)
        self._views.buttonClicked.connect(
            lambda _: self.photos_wanted.emit(self.photos_button.isChecked())
        )
        self.slider.valueChanged.connect(self.size_changed)
        self.slider.valueChanged.connect(lambda _: self._timer.start())
        self._timer.timeout.connect(lambda: self.size_settled.emit(self.slider.value()))
        self.doubt_button.clicked.connect(self.out_of_place_wanted)
        self.about_button.clicked.connect(self.about_wanted)

    def show_person(self, *, is_person: bool) -> None:
        """Offer what there is of a person; a group without a name has less."""
        self.doubt_button.setVisible(is_person)
        self.about_button.setVisible(is_person)

    def show_looking(self, looking: bool) -> None:
        """Tell that the faces out of place are being looked for, or that this is over."""
        self.doubt_button.setEnabled(not looking)
        self.doubt_button.setText(tr("Looking…") if looking else tr("Out of place?"))

    def other_view(self) -> None:
        """Faces after photos, photos after faces."""
        other = self.faces_button if self.photos_button.isChecked() else self.photos_button
        other.click()

    def resize_by(self, px: int) -> None:
        """Make the pictures so much larger."""
        self.slider.setValue(self.slider.value() + px)
