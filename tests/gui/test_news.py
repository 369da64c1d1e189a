"""Since last time: what came in is shown first, once, and leads on."""

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from photoclust.core.settings import Settings
from photoclust.gui.operations import news as operations
from photoclust.services import browse, news
from photoclust.services.history import entries
from photoclust.services.session import scan_and_group
from photoclust.store.database import Library
from photoclust.store.news import Mark

Key = Qt.Key
SCAN_MS = 60_000

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(scope="session")
def two_scans(tmp_path_factory, demo_album, without_processes):
    """Three pictures, and a library that knows the folder with the first of them."""
    top = tmp_path_factory.mktemp("news")
    found = sorted(demo_album.glob("20*/*.jpg"), key=lambda path: path.stat().st_size)
    pictures = [path for path in found if "half" not in path.name][:3]
    photos = top / "photos"
    photos.mkdir()
    shutil.copy2(pictures[0], photos)
    with without_processes(), Library(top / "library") as library:
        scan_and_group(library, [photos], Settings())
    return pictures, photos, top / "library"


@pytest.fixture
def place(two_scans, tmp_path):
    """As `two_scans`, one's own: the pictures not yet in the folder, it and the library."""
    from photoclust.services import places

    pictures, source, made = two_scans
    photos = shutil.copytree(source, tmp_path / "photos")
    folder = shutil.copytree(made, tmp_path / "library")
    with Library(folder) as library:
        places.relocate(library, source, photos)
    return pictures[1:], photos, folder


def open_and_close(open_window, qtbot, folder):
    window = open_window(folder)
    qtbot.waitUntil(lambda: window.arrivals._news is not None, timeout=SCAN_MS)
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(window_lane()), timeout=SCAN_MS)
    window.close()


def window_lane():
    from photoclust.gui.tasks import Lane

    return Lane.SCAN


def test_what_came_while_it_was_closed_is_shown_first_and_only_once(qtbot, open_window, place):
    pictures, photos, folder = place
    open_and_close(open_window, qtbot, folder)
    shutil.copy2(pictures[0], photos)
    window = open_window(folder)
    page = window.pages.news
    qtbot.waitUntil(lambda: window.page is page, timeout=SCAN_MS)
    assert page.photos.text() == "1 new photo"
    with Library(folder, look_only=True) as library:
        (new,) = browse.photos_at(library, [photos / pictures[0].name])
    assert page.model.items == (new,)
    qtbot.keyClick(page.grid, Key.Key_Return) if page.grid.currentIndex().isValid() else None
    window.close()
    again = open_window(folder)
    qtbot.waitUntil(lambda: again.arrivals._news is not None, timeout=SCAN_MS)
    qtbot.waitUntil(lambda: not again.shared.desk.jobs(window_lane()), timeout=SCAN_MS)
    assert again.page is again.pages.people
    assert again.arrivals.photos == 0


def test_whoever_has_gone_on_is_offered_the_news(qtbot, open_window, place):
    pictures, photos, folder = place
    open_and_close(open_window, qtbot, folder)
    shutil.copy2(pictures[0], photos)
    window = open_window(folder)
    window.show_list("photos")
    qtbot.waitUntil(lambda: window.arrivals.photos == 1, timeout=SCAN_MS)
    button = next(b for b in window.notice.findChildren(QPushButton) if b.text())
    assert button.text() == "Show what is new"
    assert window.page is window.pages.photos
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.page is window.pages.news
    qtbot.keyClick(window.pages.news, Key.Key_Escape)
    assert window.page is window.pages.photos


def test_a_library_that_is_opened_for_the_first_time_has_no_news(qtbot, open_window, place):
    *_, folder = place
    window = open_window(folder)
    qtbot.waitUntil(lambda: window.arrivals._news is not None, timeout=SCAN_MS)
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(window_lane()), timeout=SCAN_MS)
    assert window.page is window.pages.people
    window.show_news()
    assert window.page is window.pages.news


def test_lines_lead_to_groups_and_take_names_back(qtbot, open_window, two_groups):
    window = open_window(two_groups)
    qtbot.waitUntil(lambda: window.arrivals._news is not None, timeout=SCAN_MS)
    found = news.since(window.shared.library.opened, Mark())
    page = window.pages.news
    window.stack.open(page)
    page.show_news(found)
    assert page.groups.isVisible()
    assert not page.named.isVisible()
    groups = [group.key for group in window.pages.people.model.items]
    qtbot.mouseClick(page.groups.button, Qt.MouseButton.LeftButton)
    assert window.page is window.pages.group
    assert window.pages.group.key in groups


def test_names_given_in_several_runs_are_taken_back_as_one(qtbot, open_window, demo_library):
    from photoclust.services import naming, recognition

    settings = Settings(theme="light", naming_precision=0.5)
    with Library(demo_library) as library:
        first = browse.groups(library)[0]
        face = browse.faces(library, first.key)[0]
        naming.name(library, f"f{face.id}", "Anna")
        recognition.recognize(library, settings)
        found = news.since(library, Mark())
    assert found.named, "nobody was named automatically"
    window = open_window(demo_library, settings)
    page = window.pages.news
    window.show_news()
    page.show_news(found)
    assert f"{len(found.named)} face" in page.named.words.text()
    qtbot.mouseClick(page.named.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.notice.message.startswith("Undone"), timeout=SCAN_MS)
    qtbot.waitUntil(lambda: not page.named.isVisible())
    undone = [e for e in entries(window.shared.library.opened) if e.kind == "undo"]
    assert len(undone) == len(found.namings)


@pytest.mark.parametrize("text", ["", "1,2", "a,b,c", "1,2,3,4", "-1,0,0"])
def test_a_mark_that_cannot_be_read_is_the_beginning(text):
    assert operations._read(text) == Mark()
    assert operations._read(operations.written(Mark(3, 4, 5))) == Mark(3, 4, 5)
