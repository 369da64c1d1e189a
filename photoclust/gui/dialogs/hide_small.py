"""Hiding groups that are in few photos: how few, and how many groups these are."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from photoclust.core.language import tr, tr_n
from photoclust.core.types import Group
from photoclust.gui.widgets import Button, label

_MOST = 1000


class HideSmallDialog(QDialog):
    """Hides nothing itself: `fewer_than` is what was chosen when it is accepted."""

    def __init__(self, groups: Sequence[Group], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Hide groups in few photos"))
        self._sizes = [group.photos for group in groups if group.name is None]
        self.number = QSpinBox()
        self.number.setRange(2, _MOST)
        self.number.setValue(3)
        self.number.setAccessibleName(tr("Photos"))
        self.number.setAccessibleDescription(tr("Groups in fewer photos than this are hidden"))
        self._effect = label("", "muted", wrap=True)
        self.hide_button = Button(tr("Hide"), "primary")
        cancel = Button(tr("Cancel"))
        line = QHBoxLayout()
        line.addWidget(label(tr("Hide groups without a name in fewer photos than")))
        line.addWidget(self.number)
        line.addStretch()
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.hide_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(line)
        layout.addWidget(self._effect)
        layout.addLayout(buttons)
        self.number.valueChanged.connect(lambda _: self._tell())
        self.hide_button.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self.hide_button.setDefault(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._tell()
        self.number.setFocus()
        self.number.selectAll()

    @property
    def fewer_than(self) -> int:
        """Groups in fewer photos are to be hidden."""
        return self.number.value()

    def _tell(self) -> None:
        count = sum(size < self.fewer_than for size in self._sizes)
        self.hide_button.setEnabled(count > 0)
        self._effect.setText(
            tr_n(
                count,
                "{n} group is hidden then, with the faces that later scans would add to it. "
                "This can be undone, and hidden people can be shown at any time.",
                "{n} groups are hidden then, with the faces that later scans would add to them. "
                "This can be undone, and hidden people can be shown at any time.",
            )
            if count
            else tr("There is no such group.")
        )
