"""What the window does by itself: the look at the start, watched folders, libraries of others."""

import shutil
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from photoclust.core.paths import resource
from photoclust.core.settings import Settings
from photoclust.gui import scan_text
from photoclust.gui.jobbar import JobBar, JobRow
from photoclust.gui.tasks import Desk, Job, Lane
from photoclust.services import browse
from photoclust.services.names_in import NamesReport
from photoclust.services.session import scan_and_group
from photoclust.store import backups, journal
from photoclust.store.database import Library

SCAN_MS = 60_000

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(scope="session")
def pictures(demo_album) -> list[Path]:
    """Three photos of the demo album with faces, small ones."""
    found = [
        path
        for path in sorted(demo_album.glob("20*/*.jpg"))
        if "half" not in path.name and "close" not in path.name
    ]
    return sorted(found, key=lambda path: path.stat().st_size)[:3]


@pytest.fixture(scope="session")
def scanned_pair(tmp_path_factory, pictures) -> tuple[Path, Path]:
    """A folder with the first two pictures, and a library of it; both to be copied."""
    top = tmp_path_factory.mktemp("pair")
    photos = top / "photos"
    photos.mkdir()
    for path in pictures[:2]:
        shutil.copy2(path, photos)
    with Library(top / "library") as library:
        scan_and_group(library, [photos], Settings())
    return photos, top / "library"


@pytest.fixture
def pair(scanned_pair, tmp_path) -> tuple[Path, Path]:
    """A folder with two pictures and a library that knows them there, both one's own."""
    from photoclust.services import places

    photos = Path(shutil.copytree(scanned_pair[0], tmp_path / "photos"))
    folder = Path(shutil.copytree(scanned_pair[1], tmp_path / "library"))
    with Library(folder) as library:
        places.relocate(library, scanned_pair[0], photos)
    return photos, folder


def at_rest(qtbot, window) -> None:
    """Wait until the look at the start is over and the folders are watched."""
    qtbot.waitUntil(lambda: window.shared.library._watcher is not None, timeout=SCAN_MS)
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.SCAN), timeout=SCAN_MS)


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "folder watcher"]


def test_a_start_that_finds_nothing_says_nothing_and_keeps_a_copy(qtbot, open_window, pair):
    _, folder = pair
    window = open_window(folder)
    at_rest(qtbot, window)
    assert not window.notice.isVisible()
    assert not window.job_bar.isVisible()
    assert len(backups.listed(folder)) == 1


def test_what_changed_while_the_window_was_closed_is_found_at_the_start(
    qtbot, open_window, pair, pictures
):
    photos, folder = pair
    shutil.copy2(pictures[2], photos)
    (photos / pictures[0].name).unlink()
    window = open_window(folder)
    qtbot.waitUntil(lambda: "looked at" in window.notice.message, timeout=SCAN_MS)
    assert window.notice.message.startswith("1 photo looked at")
    assert window.notice.message.endswith("1 file is gone; its photo stays in the library.")
    qtbot.waitUntil(lambda: window.shared.overview.deleted == 1)
    assert window.shared.overview.photos == 3


def test_folders_that_are_not_there_are_told_gently(qtbot, open_window, pair):
    photos, folder = pair
    photos.rename(photos.with_name("elsewhere"))
    window = open_window(folder)
    told = "1 folder is not there now; its photos are kept."
    qtbot.waitUntil(lambda: window.notice.message == told, timeout=SCAN_MS)
    assert window.notice._timer.isActive(), "it should go by itself"
    qtbot.waitUntil(lambda: window.shared.overview.offline == 2)
    (photo, *_) = window.shared.library.photo_ids()
    window.show_photo(photo, [photo])
    qtbot.waitUntil(window.pages.photo.header.not_here.isVisible)
    assert "not there now" in window.pages.photo.header.not_here.text()
    assert window.pages.photo.canvas.faces
    assert "not there now; its photos" in window.notice.message, "it should be no error"


def test_a_scan_that_was_cut_off_goes_on(qtbot, open_window, pair, pictures):
    photos, folder = pair
    shutil.copy2(pictures[2], photos)
    with Library(folder) as library, library.write() as tx:
        journal.start_run(tx, "scan", {"roots": [str(photos)]})
    said = []
    window = open_window(folder)
    window.keeper.told.connect(said.append)
    assert window.notice.message == "The scan that was interrupted goes on."
    qtbot.waitUntil(lambda: bool(said), timeout=SCAN_MS)
    assert said[0].startswith("1 photo looked at")


def test_faces_that_were_left_without_groups_are_grouped_at_the_start(qtbot, open_window, pair):
    _, folder = pair
    with Library(folder) as library, library.write() as tx:
        run = journal.start_run(tx, "scan", {})
        journal.end_run(tx, run, journal.EntryStatus.CANCELLED)
        tx.exec_driver_sql("UPDATE face SET quality = 0.5")
        before = journal.last_run(tx, "group").id
    window = open_window(folder)
    at_rest(qtbot, window)
    with window.shared.library._library.read() as tx:
        assert journal.last_run(tx, "group").id > before


def test_a_photo_that_comes_and_goes_is_followed(qtbot, open_window, pair, pictures):
    photos, folder = pair
    window = open_window(folder)
    at_rest(qtbot, window)
    new = photos / "new one.jpg"
    shutil.copyfile(pictures[2], new)
    qtbot.waitUntil(lambda: window.shared.overview.photos == 3, timeout=SCAN_MS)
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.SCAN), timeout=SCAN_MS)
    assert not window.notice.isVisible()
    library = window.shared.library
    (photo,) = browse.photos_at(library._library, [new])
    window.show_photo(photo, [photo])
    qtbot.waitUntil(lambda: bool(window.pages.photo.canvas.faces))
    assert not window.pages.photo.header.not_here.isVisible()
    new.unlink()
    qtbot.waitUntil(window.pages.photo.header.not_here.isVisible, timeout=SCAN_MS)
    assert "was deleted" in window.pages.photo.header.not_here.text()
    assert window.pages.photo.header.title.text() == "new one.jpg"
    assert window.pages.photo.canvas.faces


def test_a_folder_added_while_the_window_is_open_is_watched(qtbot, open_window, tmp_path, pictures):
    photos = tmp_path / "photos"
    photos.mkdir()
    window = open_window(tmp_path / "library")
    window.scan([photos])
    qtbot.waitUntil(lambda: bool(watchers()), timeout=SCAN_MS)
    watcher = window.shared.library._watcher
    qtbot.waitUntil(lambda: watcher.wait_until_watching(0), timeout=SCAN_MS)
    shutil.copyfile(pictures[0], photos / "one.jpg")
    qtbot.waitUntil(lambda: window.shared.overview.photos == 1, timeout=SCAN_MS)


def test_another_library_ends_the_watching_of_this_one(qtbot, open_window, pair):
    _, folder = pair
    window = open_window(folder)
    at_rest(qtbot, window)
    assert len(watchers()) == 1
    window.try_demo()
    assert watchers() == []
    qtbot.waitUntil(lambda: window.shared.library is not None, timeout=SCAN_MS)
    window.close()
    assert watchers() == []


def test_another_library_asked_for_while_one_is_opened_is_the_one_that_is_shown_and_scanned(
    qtbot, open_window, pair, monkeypatch
):
    _, folder = pair
    window = open_window(folder)
    at_rest(qtbot, window)
    opened, scanned = [], []
    window.libraries.opened.connect(lambda library: opened.append(library.folder))
    monkeypatch.setattr(
        window.keeper, "scan", lambda library, roots: scanned.append((library.folder, roots))
    )
    window.libraries.show_own()
    window.try_demo()  # nothing of what was asked for before was received yet
    qtbot.waitUntil(lambda: bool(scanned), timeout=SCAN_MS)
    demo = window.folder
    assert opened == [demo]
    assert scanned == [(demo, [resource("demo", "album")])]
    with Library(folder):  # the one that was overtaken was given back
        pass


def test_a_library_that_another_has_open_can_be_looked_at_only(qtbot, open_window, demo_library):
    with Library(demo_library):
        window = open_window(demo_library)
        why = "another photoclust has it open"
        qtbot.waitUntil(lambda: why in window.notice.message)
        assert not window.menus.scan_again.isEnabled()
        assert why in window.menus.scan_again.toolTip()
        assert not window.navigation.add_button.isEnabled()
        assert why in window.navigation.add_button.toolTip()
        group = window.pages.people.model.item(0)
        window.show_group(group)
        qtbot.waitUntil(lambda: window.pages.group.model.rowCount() == group.faces)
        assert not window.pages.group.editor.edit.isEnabled()
        assert why in window.pages.group.editor.edit.toolTip()
        qtbot.keyClick(window.pages.group.grid, "k")
        assert window.pages.group.editor.edit.text() == ""
        window.scan([demo_library])
        assert window.notice.message.startswith("Nothing can be scanned: another photoclust")
        named = []
        window.shared.name(group.key, "Anna", named.append)
        qtbot.waitUntil(lambda: "cannot be changed" in window.notice.message)
        window.notice._dismiss()
        assert "can be looked at but not changed" in window.notice.message
        window.notice._dismiss()
        assert not window.notice.isVisible()
        assert not named
        assert watchers() == []


def test_what_stands_comes_back_after_a_passing_message(qtbot, open_window, tmp_path):
    notice = open_window(tmp_path / "library").notice
    notice.set_standing("This stands.")
    notice.show_message("This passes.")
    assert notice.message == "This passes."
    notice._timer.timeout.emit()
    assert notice.message == "This stands."
    notice.clear()
    assert not notice.isVisible()


def test_a_quiet_job_is_shown_when_it_takes_long(qtbot):
    desk, bar, go_on = Desk(), JobBar(), threading.Event()
    qtbot.addWidget(bar)
    for after_ms, shown in ((60_000, False), (1, True)):
        go_on.clear()
        job = Job("Reading new photos", lambda _: go_on.wait(10))
        job.started.connect(lambda job=job, after_ms=after_ms: bar.watch(job, after_ms=after_ms))
        with qtbot.waitSignal(job.finished):
            with qtbot.waitSignal(job.started):
                desk.start(job, Lane.SCAN)
            qtbot.wait(50)
            assert bar.isVisible() == shown
            go_on.set()
        qtbot.waitUntil(lambda: not bar.isVisible() and not bar.findChildren(JobRow))
    assert desk.shut_down()


def test_clicking_a_face_of_a_library_of_another_says_why_it_has_no_name_field(
    qtbot, open_window, demo_library
):
    with Library(demo_library) as library:
        photo = next(p for p in browse.photo_ids(library) if browse.faces_of_photo(library, p))
        window = open_window(demo_library)
        window.show_photo(photo, [photo])
        qtbot.waitUntil(lambda: bool(window.pages.photo.canvas.faces))
        canvas = window.pages.photo.canvas
        place = canvas.area(canvas.faces[0][0]).center().toPoint()
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
        assert not window.pages.photo.people.popup.isVisible()
        assert window.notice.message.startswith("No names can be given: another photoclust")


@pytest.mark.parametrize(
    ("numbers", "sentences"),
    [
        ({}, []),
        ({"deleted": 3}, ["3 files are gone; their photos stay in the library."]),
        (
            {"offline": 1},
            ["1 file is on a drive or in a folder that is not there now; nothing is lost."],
        ),
        ({"returned": 2}, ["2 files are there again."]),
        (
            {"names": NamesReport(strangers=1)},
            [
                (
                    "1 box names a contact of Picasa that is not known here; File → Take over "
                    "names from other programs… asks for contacts.xml."
                )
            ],
        ),
        (
            {"names": NamesReport(contradicting=2)},
            [
                (
                    "2 names in changed files are not what you confirmed here; "
                    "File → Take over names from other programs… shows them."
                )
            ],
        ),
    ],
)
def test_where_files_went_is_told(numbers, sentences):
    from photoclust.services.grouping import GroupingReport
    from photoclust.services.ingest import ScanReport
    from photoclust.services.session import CaughtUp, SessionReport

    report = ScanReport(**numbers)
    assert scan_text.catch_up_summary(CaughtUp(report)) == sentences
    asked_for = SessionReport(report, GroupingReport(0, 0, 0, 0.0))
    assert scan_text.scan_summary(asked_for) == ["No new photos.", *sentences]


def test_raw_files_that_were_passed_over_are_told_once():
    from photoclust.services.grouping import GroupingReport
    from photoclust.services.ingest import ScanReport
    from photoclust.services.session import SessionReport

    report = SessionReport(ScanReport(raw=2), GroupingReport(0, 0, 0, 0.0))

    assert scan_text.scan_summary(report) == [
        "No new photos.",
        "2 camera raw files passed over: install photoclust[raw] to have them read.",
    ]
