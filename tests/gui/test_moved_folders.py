"""A library from another computer in the window, and several libraries."""

import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from sqlalchemy import update

from photoclust.core.paths import default_library
from photoclust.gui import library_menu
from photoclust.gui.dialogs.moved_folder import MovedFolderDialog
from photoclust.gui.operations import libraries as operations
from photoclust.services import browse, known_libraries
from photoclust.store import schema
from photoclust.store.database import Library

pytestmark = pytest.mark.skipif(os.name == "nt", reason="D: is a drive there")


@pytest.fixture
def from_windows(demo_library, demo_album):
    """The library as a computer with Windows would have made it of `D:\\Bilder`."""
    with Library(demo_library) as library, library.write() as tx:
        for table in (schema.folder, schema.file, schema.failure):
            for row in tx.execute(table.select()).all():
                rest = row.path.relative_to(demo_album).parts
                path = Path("\\".join(("D:\\Bilder", *rest)))
                tx.execute(update(table).where(table.c.id == row.id).values(path=path))
    return demo_library


@pytest.fixture
def window(qtbot, open_window, from_windows):
    window = open_window(from_windows)
    noticed = []
    window.moved_folders.noticed.connect(noticed.append)
    window.moved_folders.look()
    qtbot.waitUntil(lambda: bool(noticed), timeout=10_000)
    return window


def dialogs(window):
    return [each for each in window.findChildren(MovedFolderDialog) if each.isVisible()]


def ask(qtbot, window):
    window.notice.acted.emit("find folders")
    qtbot.waitUntil(lambda: bool(dialogs(window)), timeout=15_000)
    (dialog,) = dialogs(window)
    return dialog


def paths(folder):
    with Library(folder, look_only=True) as library:
        return [photo.paths[0] for photo in browse.photos(library)]


def test_photos_are_found_where_pictures_are_and_taken(
    qtbot, window, from_windows, demo_album, private_home
):
    pictures = Path(shutil.copytree(demo_album, private_home / "Pictures" / "Bilder"))
    dialog = ask(qtbot, window)
    assert dialog.use_button.isVisible()
    dialog.use_button.click()
    qtbot.waitUntil(lambda: "are known in" in window.notice.message, timeout=10_000)
    qtbot.waitUntil(lambda: window.shared.overview.folders == (pictures,), timeout=10_000)
    assert all(path.is_relative_to(pictures) and path.exists() for path in paths(from_windows))


def test_a_folder_above_the_photos_can_be_chosen(
    qtbot, window, from_windows, demo_album, tmp_path, monkeypatch
):
    pictures = Path(shutil.copytree(demo_album, tmp_path / "disk" / "a" / "Bilder"))
    (tmp_path / "empty").mkdir()
    chosen = iter([tmp_path / "empty", tmp_path / "disk"])
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(next(chosen)))
    complaints = []
    window.shared.complained.connect(complaints.append)
    dialog = ask(qtbot, window)
    assert not dialog.use_button.isVisible()
    dialog.choose_button.click()
    qtbot.waitUntil(lambda: bool(complaints), timeout=10_000)
    assert "does not hold the photos of D:\\Bilder" in complaints[0]
    qtbot.waitUntil(lambda: bool(dialogs(window)), timeout=10_000)
    dialogs(window)[0].choose_button.click()
    qtbot.waitUntil(lambda: window.shared.overview.folders == (pictures,), timeout=10_000)
    assert all(path.is_relative_to(pictures) for path in paths(from_windows))


def test_not_now_changes_nothing(qtbot, window, from_windows):
    dialog = ask(qtbot, window)
    dialog.later_button.click()
    qtbot.waitUntil(lambda: not dialogs(window))
    assert all(str(path).startswith("D:\\Bilder") for path in paths(from_windows))


def test_a_library_whose_folders_are_there_asks_nothing(qtbot, open_window, demo_library):
    window = open_window(demo_library)
    noticed = []
    window.moved_folders.noticed.connect(noticed.append)
    with qtbot.waitSignal(window.shared.desk.idle, timeout=10_000, raising=False):
        window.moved_folders.look()
    assert noticed == []


def entries(window):
    (menu,) = [each.menu() for each in window.menus.file.actions() if each.text() == "Li&braries"]
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions() if action.text()}


def test_libraries_are_switched_and_made(qtbot, open_window, demo_library, tmp_path, monkeypatch):
    window = open_window(demo_library)
    qtbot.waitUntil(lambda: known_libraries.folders() == [demo_library], timeout=5_000)
    new = tmp_path / "Second & last"
    new.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(new))
    entries(window)["&New library…"].trigger()
    qtbot.waitUntil(lambda: known_libraries.folders()[:1] == [new], timeout=10_000)
    qtbot.waitUntil(
        lambda: window.shared.overview is not None and not window.shared.overview.groups,
        timeout=10_000,
    )
    assert not window.libraries.is_demo
    shown = entries(window)
    assert shown["&1  Second && last"].isChecked()
    assert not shown["&1  Second && last"].isEnabled()
    shown[f"&2  {demo_library.name}"].trigger()
    qtbot.waitUntil(lambda: known_libraries.folders() == [demo_library, new], timeout=10_000)
    qtbot.waitUntil(
        lambda: window.shared.overview is not None and bool(window.shared.overview.groups),
        timeout=10_000,
    )
    # The one without files in it is not made anew where it has gone.
    shutil.rmtree(new)
    assert not entries(window)["&2  Second && last"].isEnabled()
    assert library_menu._name(default_library()) == "The library of this computer"


def test_a_folder_that_is_no_library_is_not_opened(
    qtbot, open_window, demo_library, demo_album, monkeypatch
):
    window = open_window(demo_library)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(demo_album))
    entries(window)["&Open another library…"].trigger()
    assert "There is no library in" in window.notice.message
    entries(window)["&New library…"].trigger()
    assert "is not empty" in window.notice.message
    assert window.libraries.folder == demo_library


@pytest.mark.parametrize(
    ("folder", "is_on_one"),
    [("/media/me/STICK/Photos", True), ("/home/me/Pictures", False), ("D:\\Bilder", False)],
)
def test_nobody_is_asked_about_a_drive_that_is_away(folder, is_on_one):
    assert operations._is_on_a_drive(Path(folder)) == is_on_one
