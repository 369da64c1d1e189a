"""The questions before a training is cut off or thrown away."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from photoclust.core.language import tr


def may_cut_off(parent: QWidget) -> bool:
    """Ask whether the training that runs may be cut off."""
    return _ask(
        parent,
        tr("Training"),
        tr(
            "A training is running. It is cut off now, and can be gone on with later from where "
            "it is."
        ),
        yes=tr("Cut off"),
        no=tr("Let it run"),
    )


def may_discard(parent: QWidget, *, with_model: bool) -> bool:
    """Ask whether a training may be deleted, `with_model` if one came of it."""
    if with_model:
        words = tr(
            "This training and the model that came of it will be deleted. This cannot be undone. "
            "Your photos and names stay as they are."
        )
    else:
        words = tr(
            "This training will be deleted. This cannot be undone. "
            "Your photos and names stay as they are."
        )
    return _ask(
        parent,
        tr("Discard"),
        words,
        yes=tr("Discard"),
        no=tr("Keep"),
    )


def _ask(parent: QWidget, title: str, words: str, *, yes: str, no: str) -> bool:
    box = QMessageBox(QMessageBox.Icon.Question, title, "", parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(words)
    agreed = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    kept = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(kept)
    box.setEscapeButton(kept)
    box.exec()
    return box.clickedButton() is agreed
