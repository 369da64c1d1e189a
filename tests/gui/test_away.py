"""Drives and servers that come and go while the window is open."""

import time

import pytest
from PIL import Image
from PySide6.QtCore import QElapsedTimer, QMimeData, QTimer, QUrl

from photoclust.core.language import marked
from photoclust.core.settings import Settings
from photoclust.gui.dialogs.moved_folder import MovedFolderDialog
from photoclust.gui.tasks import Lane
from photoclust.gui.widgets import dropped_paths
from photoclust.services import browse, pictures, portable
from photoclust.services.session import scan_and_group
from photoclust.store.database import Library

pytestmark = pytest.mark.usefixtures("in_process")

SETTINGS = Settings(workers=1)


def fill(folder, shades):
    folder.mkdir(exist_ok=True)
    for shade in shades:
        # Named by the test: a drive that comes back is looked for on all that are mounted, also by
        # other tests.
        Image.new("L", (96, 64), shade).save(folder / f"{folder.parent.name} {shade}.png")


@pytest.fixture
def two_folders(dead_server, tmp_path):
    """A library of a folder on a server, which is a drive as well, and of one on a disk."""
    fill(dead_server.folder, (10, 60))
    fill(tmp_path / "disk", (110,))
    with Library(tmp_path / "library") as library:
        scan_and_group(library, [dead_server.folder, tmp_path / "disk"], SETTINGS)
        for photo in browse.photo_ids(library):
            pictures.photo_picture(library, photo)
    return dead_server.folder, tmp_path / "disk", tmp_path / "library"


@pytest.fixture
def window(qtbot, open_window, two_folders):
    window = open_window(two_folders[2])
    qtbot.waitUntil(lambda: window.shared.library._watcher is not None)
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.SCAN))
    assert window.shared.library._watcher.wait_until_watching(20)
    return window


def photo_in(window, folder):
    found = browse.photos(window.shared.library.opened)
    return next(photo.id for photo in found if photo.paths[0].parent == folder)


def test_a_drive_that_goes_is_told_and_one_that_comes_back_is_there(
    qtbot, window, two_folders, tmp_path
):
    drive, _, _ = two_folders
    away, button = window.shared.away, window.navigation.away_button
    assert not button.isVisible()
    drive.rename(tmp_path / "unplugged")
    qtbot.waitUntil(lambda: len(away.photos) == 2, timeout=20_000)
    assert button.isVisible()
    assert button.accessibleName() == "server away: 2 photos"
    assert f"{drive} is not there now: 2 photos" in button.toolTip().replace("\u200b", "")
    assert window.shared.overview.deleted == 0
    (tmp_path / "unplugged").rename(drive)
    qtbot.waitUntil(lambda: not away.photos, timeout=20_000)
    assert not button.isVisible()


def test_a_photo_that_is_away_says_where_it_is(qtbot, window, two_folders, tmp_path):
    drive, _, _ = two_folders
    photo = photo_in(window, drive)
    drive.rename(tmp_path / "unplugged")
    qtbot.waitUntil(lambda: len(window.shared.away.photos) == 2, timeout=20_000)
    window.show_photo(photo, [photo])
    header = window.pages.photo.header
    qtbot.waitUntil(header.not_here.isVisible)
    said = f"The photo is in {drive}, which is not there now; bring it back."
    assert header.not_here.text().replace("\u200b", "") == said
    assert not window.pages.photo.loaded.image.isNull(), "its thumbnail is shown"
    with qtbot.waitSignal(window.shared.complained) as told:
        window.photo_acts.copy_paths([photo])
    assert "is not there now; bring it back" in told.args[0]
    (tmp_path / "unplugged").rename(drive)
    qtbot.waitUntil(lambda: not header.not_here.isVisible(), timeout=20_000)


def test_tiles_of_photos_that_are_away_bear_a_badge(qtbot, window, two_folders, tmp_path):
    drive, disk, _ = two_folders
    window.show_list("photos")
    grid = window.pages.photos.grid
    gone, kept = photo_in(window, drive), photo_in(window, disk)
    qtbot.waitUntil(lambda: window.pages.photos.model.index_of(gone).isValid())

    def corner(photo):
        """The pixels of the lower left corner of a tile."""
        index = window.pages.photos.model.index_of(photo)
        rect = grid.visualRect(index)
        return grid.viewport().grab(rect).toImage().copy(0, rect.height() // 2, 60, 200)

    qtbot.waitUntil(lambda: window.shared.thumbnails.photo(gone) is not None)
    qtbot.waitUntil(lambda: window.shared.thumbnails.photo(kept) is not None)
    before, other = corner(gone), corner(kept)
    drive.rename(tmp_path / "unplugged")
    qtbot.waitUntil(lambda: gone in window.shared.away.photos, timeout=20_000)
    qtbot.waitUntil(lambda: window.shared.thumbnails.photo(gone) is not None)
    assert corner(gone) != before
    assert corner(kept) == other
    (tmp_path / "unplugged").rename(drive)
    qtbot.waitUntil(lambda: not window.shared.away.photos, timeout=20_000)


def test_a_dead_server_freezes_nothing(qtbot, window, two_folders, dead_server):
    server, disk, _ = two_folders
    photos = [photo_in(window, server), photo_in(window, disk)]
    longest, clock = [0], QElapsedTimer()
    clock.start()

    def beat():
        longest[0] = max(longest[0], clock.restart())

    timer = QTimer(interval=10)
    timer.timeout.connect(beat)
    timer.start()
    dead_server.die()
    window.show_photo(photos[0], photos)
    header = window.pages.photo.header
    qtbot.waitUntil(header.not_here.isVisible, timeout=20_000)
    assert "does not answer" in header.not_here.text()
    window.show_photo(photos[1], photos)
    qtbot.waitUntil(lambda: window.pages.photo.loaded is not None, timeout=20_000)
    assert not header.not_here.isVisible()
    window.photo_acts.copy_paths([photos[0]])
    qtbot.waitUntil(lambda: "does not answer" in window.notice.message, timeout=20_000)
    qtbot.waitUntil(lambda: len(window.shared.away.photos) == 2, timeout=30_000)
    assert longest[0] < 1000, "the window stood still"
    dead_server.revive()
    qtbot.waitUntil(lambda: not window.shared.away.photos, timeout=30_000)


def test_settings_tell_of_each_folder_how_it_is_and_find_it(
    qtbot, window, two_folders, tmp_path, private_home, monkeypatch
):
    drive, disk, _ = two_folders
    window.show_list("settings")
    page = window.pages.settings
    qtbot.waitUntil(lambda: len(page.folders.buttons) == 2)
    assert not page.folders.row(drive).find_button.isVisible()
    found = private_home / "Pictures" / "server"
    found.parent.mkdir(parents=True)
    drive.rename(found)
    qtbot.waitUntil(page.folders.row(drive).find_button.isVisible, timeout=20_000)
    assert "Not there now" in page.folders.row(drive).state.text()
    assert not page.folders.row(disk).find_button.isVisible()
    page.folders.row(drive).find_button.click()

    def dialogs():
        return [each for each in window.findChildren(MovedFolderDialog) if each.isVisible()]

    qtbot.waitUntil(lambda: bool(dialogs()), timeout=20_000)
    dialogs()[0].use_button.click()
    qtbot.waitUntil(lambda: found in window.shared.overview.folders, timeout=20_000)
    qtbot.waitUntil(lambda: not window.shared.away.photos, timeout=20_000)
    assert not page.folders.row(found).find_button.isVisible()


def test_a_portable_library_outlives_that_its_drive_is_unplugged(
    qtbot, open_window, tmp_path, caplog
):
    drive = tmp_path / "drive"
    fill(drive, (10, 60))
    folder = portable.make(drive)
    with Library(folder) as library:
        scan_and_group(library, [drive], SETTINGS)
    window = open_window(folder)
    qtbot.waitUntil(lambda: window.shared.library._watcher is not None)
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.SCAN))
    said = []
    window.shared.complained.connect(said.append)
    window.keeper.complained.connect(said.append)
    drive.rename(tmp_path / "unplugged")
    window.shared.library.opened._engine.dispose()
    window.shared.refresh()
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.READ))
    window.show_list("photos")
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.SCAN))
    window.shared.act(marked("Naming"), lambda library: library.opened.write().__enter__())
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.ACT))
    told = f"the library {folder} is not there now; plug in its drive, nothing in it is lost"
    assert set(said) == {told}
    assert not [each for each in caplog.records if each.exc_info]
    (tmp_path / "unplugged").rename(drive)
    window.shared.refresh()
    qtbot.waitUntil(lambda: window.shared.overview.photos == 2)
    window.shared.overview = None
    window.shared.refresh()
    qtbot.waitUntil(lambda: window.shared.overview is not None, timeout=20_000)
    assert window.shared.overview.photos == 2
    assert window.shared.overview.deleted == 0


def test_the_menu_of_libraries_waits_for_none(qtbot, window, dead_server, tmp_path):
    from photoclust.services import known_libraries

    gone = dead_server.folder / "library"
    Library(gone).close()
    known_libraries.remember(gone)
    dead_server.die()
    (menu,) = [each.menu() for each in window.menus.file.actions() if each.text() == "Li&braries"]
    start = time.monotonic()
    menu.aboutToShow.emit()
    assert time.monotonic() - start < 1
    (action,) = [
        each for each in menu.actions() if str(gone) in each.toolTip().replace("\u200b", "")
    ]
    assert not action.isEnabled()


def test_a_drive_that_is_mounted_elsewhere_is_known_again(qtbot, open_window, tmp_path, mount):
    fill(tmp_path / "real", (10, 60))
    (tmp_path / "real").rename(tmp_path / "Bilder")
    (tmp_path / "stick").mkdir()
    (tmp_path / "Bilder").rename(tmp_path / "stick" / "Bilder")
    before = mount(tmp_path / "FOTOS", "--bind", str(tmp_path / "stick")) / "Bilder"
    with Library(tmp_path / "library") as library:
        scan_and_group(library, [before], SETTINGS)
    window = open_window(tmp_path / "library")
    qtbot.waitUntil(lambda: window.shared.library._watcher is not None)
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.SCAN))
    ids = window.shared.library.photo_ids()
    mount.undo(tmp_path / "FOTOS")
    qtbot.waitUntil(lambda: len(window.shared.away.photos) == 2, timeout=20_000)
    after = mount(tmp_path / "FOTOS1", "--bind", str(tmp_path / "stick")) / "Bilder"
    qtbot.waitUntil(lambda: window.shared.overview.folders == (after,), timeout=20_000)
    qtbot.waitUntil(lambda: not window.shared.away.photos, timeout=20_000)
    assert window.shared.library.photo_ids() == ids
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.SCAN))
    window.close()


def test_what_is_dropped_from_a_dead_server_freezes_nothing(dead_server):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(dead_server.folder / str(n))) for n in range(5)])
    dead_server.die()
    start = time.monotonic()
    assert dropped_paths(data) == []
    assert time.monotonic() - start < 2
