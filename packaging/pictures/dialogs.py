"""Every dialog."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from photoclust.core.language import tr
from photoclust.core.types import Box, Group, GroupKind, PersonId, PhotoId
from photoclust.gui.app import refusal
from photoclust.gui.dialogs import about, training
from photoclust.gui.dialogs.copying import CopyDialog, CopyWish
from photoclust.gui.dialogs.exporting import ExportDialog
from photoclust.gui.dialogs.first_scan import ScanDialog
from photoclust.gui.dialogs.folders import RemoveFolderDialog
from photoclust.gui.dialogs.moved_folder import MovedFolderDialog
from photoclust.gui.dialogs.names import NamesDialog
from photoclust.gui.operations import names
from photoclust.gui.operations.exporting import What
from photoclust.services.forecast import Forecast
from photoclust.services.moving import MissingFolder
from photoclust.services.names_in import LeftName, NamesReport, Told
from photoclust.services.names_out import Counted
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


def _names(
    source: str, preview: Callable[[], NamesReport] | None = None
) -> Callable[[Stage], None]:
    def show(stage: Stage) -> None:
        stage.window.taking_names.ask()
        dialog = stage.window.findChildren(NamesDialog)[-1]
        dialog.source.setCurrentIndex(dialog.source.findData(source))
        if preview is not None:
            dialog.show_found(names.Found(names.Wanted(source), Told({}), preview()))

    return show


def _guide(topic: str, size: tuple[int, int], words: str = "") -> Callable[[Stage], None]:
    def show(stage: Stage) -> None:
        guide = stage.window.help.show_guide()
        guide.resize(*size)
        guide.field.setText(words)
        guide.show_topic(topic)

    return show


def _left(name: str, file: str, ours: str | None, reason: str) -> LeftName:
    return LeftName(PhotoId(1), _FOLDER / file, Box(1, 2, 30, 40), name, reason, ours)


def _preview() -> NamesReport:
    return NamesReport(
        names=1_234,
        drawn=17,
        photos=987,
        people=42,
        new_people=39,
        same=12,
        conflicts=(
            _left("Anna", "IMG_0412.jpg", "Berta", tr("another name is confirmed here")),
            _left(
                "Großmutter 🎉 Wilhelmine", "2019-08-11 at the lake with everybody.jpg", None, "–"
            ),
        ),
        left=(
            _left("Otto", "IMG_0413.jpg", None, tr("it may be one of several faces")),
            _left("Otto", "IMG_0414.jpg", None, tr("its box is the whole picture")),
        ),
        nameless=3,
        unknown_photos=5,
        problems=("a.xmp",),
    )


def _export(what: What, target: Path | None = None) -> Callable[[QWidget], QDialog]:
    def make(parent: QWidget) -> QDialog:
        dialog = ExportDialog(parent, [Group(PersonId(1), GroupKind.PERSON, "Änna", 9, 8, None)])
        dialog.choose(what, target)
        dialog.show_count(dialog.wish, Counted(1_234, 2_345, 67))
        return dialog

    return make


def _moved(found: Path | None) -> Callable[[QWidget], QDialog]:
    missing = MissingFolder(Path("D:\\Bilder\\2019 Sommerferien mit allen"), 12_345, ())
    return lambda parent: MovedFolderDialog(parent, missing, found)


VIEWS = (
    View("dialog-names", _names(names.FILES), main=True),
    View("dialog-names-digikam", _names(names.DIGIKAM), main=True),
    View("dialog-names-preview", _names(names.FILES, _preview), main=True),
    View("dialog-names-nothing", _names(names.PICASA, lambda: NamesReport(nameless=3))),
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
    View("dialog-export", _open(_export(What.SIDECARS)), main=True),
    View("dialog-export-folders", _open(_export(What.FOLDERS, _FOLDER))),
    View("dialog-first-scan", _open(_forecast(80_000_000_000)), main=True),
    View("dialog-first-scan-no-room", _open(_forecast(1_000_000_000))),
    View(
        "dialog-remove-folder",
        _open(lambda parent: RemoveFolderDialog(parent, _FOLDER)),
        main=True,
    ),
    View("dialog-moved-folder", _open(_moved(_FOLDER)), main=True),
    View("dialog-moved-folder-unknown", _open(_moved(None))),
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
