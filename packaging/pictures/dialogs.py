"""Every dialog."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from photoclust.gui.app import refusal
from photoclust.gui.dialogs import about, training
from photoclust.gui.dialogs.copying import CopyDialog, CopyWish
from photoclust.gui.dialogs.first_scan import ScanDialog
from photoclust.gui.dialogs.folders import RemoveFolderDialog
from photoclust.services.forecast import Forecast
from pictures.stage import Stage, View

_FOLDER = Path("/media/family/Photos/2019 Summer holidays with everybody & Großmütter 🎉")


def _open(make: Callable[[QWidget], QDialog]) -> Callable[[Stage], None]:
    def show(stage: Stage) -> None:
        dialog = make(stage.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    return show


def _refused(parent: QWidget) -> QDialog:
    box = refusal(f"{_FOLDER} is used by another photoclust; close that first")
    box.setParent(parent, box.windowFlags())
    return box


def _forecast(free: int) -> Callable[[QWidget], QDialog]:
    expected = Forecast(12_345, 52_000_000_000, 5_400, 1_900_000_000, free)
    return lambda parent: ScanDialog(parent, expected)


def _guide(topic: str, size: tuple[int, int], words: str = "") -> Callable[[Stage], None]:
    def show(stage: Stage) -> None:
        guide = stage.window.help.show_guide()
        guide.resize(*size)
        guide.field.setText(words)
        guide.show_topic(topic)

    return show


VIEWS = (
    View("dialog-guide", _guide("correcting", (1000, 680)), main=True),
    View("dialog-guide-small", _guide("settings", (700, 500)), main=True),
    View("dialog-guide-large", _guide("scanning", (1500, 950))),
    View("dialog-guide-found", _guide("backup", (1000, 680), "name"), main=True),
    View("dialog-guide-nothing", _guide("keys", (700, 500), "zeppelin")),
    View("dialog-keys", lambda stage: stage.window.help.show_keys(), main=True),
    View("dialog-copying", _open(lambda parent: CopyDialog(parent, 1, None)), main=True),
    View(
        "dialog-copying-again",
        _open(lambda parent: CopyDialog(parent, 1_234, CopyWish(_FOLDER, with_place=False))),
    ),
    View("dialog-first-scan", _open(_forecast(80_000_000_000)), main=True),
    View("dialog-first-scan-no-room", _open(_forecast(1_000_000_000))),
    View(
        "dialog-remove-folder",
        _open(lambda parent: RemoveFolderDialog(parent, _FOLDER)),
        main=True,
    ),
    View("dialog-hide-small", lambda stage: stage.pages.people.list.hide_small_groups(), main=True),
    View("dialog-refusal", _open(_refused), main=True),
    View(
        "dialog-where",
        lambda stage: about.tell_where(stage.window, stage.window.folder),
        waits=True,
        main=True,
    ),
    View("dialog-about", lambda stage: about.tell_about(stage.window), waits=True, main=True),
    View(
        "dialog-cut-off",
        lambda stage: training.may_cut_off(stage.window),
        waits=True,
        main=True,
    ),
    View(
        "dialog-discard",
        lambda stage: training.may_discard(stage.window, with_model=True),
        waits=True,
        main=True,
    ),
)
