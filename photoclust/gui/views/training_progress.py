"""A training that runs, or was cut off: what it does, its curves, and how to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from photoclust.core.language import tr
from photoclust.core.logs import log_file
from photoclust.gui import text
from photoclust.gui.widgets import Button, label

if TYPE_CHECKING:
    from photoclust.gui.views.curves import Curves, Looks
    from photoclust.services.training import Prepared

EVERY_MS = 700
"""How often the curves are read again while a training runs."""


class TrainingProgress(QWidget):
    """One of three: it runs (or waits), it was cut off, it failed."""

    cancelled = Signal()
    gone_on = Signal()
    discarded = Signal()
    back_wanted = Signal()
    curves_wanted = Signal()
    """The curves may have grown."""

    def __init__(self) -> None:
        super().__init__()
        self.back_button = Button("", "flat", "back", tr("Back to the start of Training (Esc)"))
        self.title = label("", "title")
        self.words = label("", "muted", wrap=True)
        self.with_what = label("", "muted", wrap=True)
        self.cancel_button = Button(tr("Cancel training"), "", "close")
        self.go_on_button = Button(tr("Go on"), "primary", "resume")
        self.discard_button = Button(tr("Discard…"))
        self.log_button = Button(tr("Show the log"))
        self.curves: Curves | None = None
        self._nothing_yet = label("", "muted", wrap=True)
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.curves_wanted)
        self._build()
        for button, signal in (
            (self.back_button, self.back_wanted),
            (self.cancel_button, self.cancelled),
            (self.go_on_button, self.gone_on),
            (self.discard_button, self.discarded),
        ):
            button.clicked.connect(signal)
        self.log_button.clicked.connect(
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_file())))
        )

    def show_waiting(self) -> None:
        """A training was asked for; another job is before it."""
        self.with_what.setText("")
        words = tr("It begins as soon as the scan that runs is done.")
        self._show(tr("Training waits"), words, running=True)
        self.show_curves({})

    def show_begun(self) -> None:
        """It runs."""
        self._show(
            tr("Training is running"),
            tr("You can go on using photoclust meanwhile. The bar below tells how far it is."),
            running=True,
        )
        self._nothing_yet.setText(tr("The first figures come after a few steps."))
        self._timer.start()

    def show_prepared(self, prepared: Prepared) -> None:
        """What it trains with."""
        again = [tr("It goes on where it was cut off.")] if prepared.is_begun else []
        words = tr(
            "Learns from {faces} of {people}, and from {unlabelled} of nobody with a name. Others "
            "are kept aside to measure by.",
            faces=text.faces(prepared.faces),
            people=text.people(prepared.people),
            unlabelled=text.faces(prepared.unlabelled),
        )
        self.with_what.setText(" ".join((*again, words, *prepared.remarks)))
        self.with_what.show()

    def show_cut_off(self, *, is_kept: bool) -> None:
        """It was cut off; it `is_kept` where there is something to go on with."""
        words = tr("It can be gone on with from its last checkpoint.") if is_kept else ""
        self._show(tr("Training cut off"), words or tr("Nothing was kept of it."), is_kept=is_kept)

    def show_failed(self, message: str, *, is_kept: bool) -> None:
        """It failed, and why."""
        words = text.breakable(text.sentence(message))
        self._show(tr("Training failed"), words, is_kept=is_kept, failed=True)

    def show_curves(self, looks: Looks) -> None:
        """Draw what was measured so far."""
        if looks and self.curves is None:
            # Half a second to import, for those who never train.
            from photoclust.gui.views.curves import Curves  # noqa: PLC0415

            self.curves = Curves()
            self._layout.insertWidget(self._layout.indexOf(self._nothing_yet), self.curves, 1)
        if self.curves is not None:
            self.curves.show_looks(looks)
            self.curves.setVisible(bool(looks))
        self._nothing_yet.setVisible(not looks)

    def stop(self) -> None:
        """Ask for no curves any more."""
        self._timer.stop()

    def begin(self) -> None:
        """Take the keyboard."""
        buttons = (self.cancel_button, self.go_on_button, self.back_button)
        next(button for button in buttons if not button.isHidden()).setFocus()

    def _show(
        self,
        title: str,
        words: str,
        *,
        running: bool = False,
        is_kept: bool = False,
        failed: bool = False,
    ) -> None:
        if not running:
            self._timer.stop()
        self.title.setText(title)
        self.words.setText(words)
        self._nothing_yet.setText("")
        self.with_what.setVisible(running and bool(self.with_what.text()))
        self.back_button.setVisible(not running)
        self.cancel_button.setVisible(running)
        self.go_on_button.setVisible(is_kept)
        self.discard_button.setVisible(is_kept)
        self.log_button.setVisible(failed)
        if self.isVisible():
            self.begin()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.back_button)
        top.addWidget(self.title, 1)
        acting = QHBoxLayout()
        acting.setSpacing(12)
        for button in (
            self.go_on_button,
            self.cancel_button,
            self.log_button,
            self.discard_button,
        ):
            acting.addWidget(button)
        acting.addStretch()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(32, 20, 24, 20)
        self._layout.setSpacing(8)
        self._layout.addLayout(top)
        self._layout.addWidget(self.words)
        self._layout.addWidget(self.with_what)
        self._layout.addLayout(acting)
        self._layout.addWidget(self._nothing_yet)
        self._layout.addStretch()
