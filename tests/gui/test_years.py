"""The page of years and months, and the way to the photos of a month and back."""

import pytest
from PySide6.QtCore import Qt

from photoclust.core.dates import parse_date
from photoclust.gui.widgets import EmptyState
from photoclust.services import browse, deciding, naming
from photoclust.store.database import Library

Key, Button = Qt.Key, Qt.MouseButton
SAID = ("June 2019", "May 2019", "2019", "1923", "1920s")
EACH = 30


@pytest.fixture
def album(tmp_path, crowd_in):
    """Thirty photos of each date, and one without any, with Anna in all those of May and Berta in
    some of May and of 1923.
    """
    folder = tmp_path / "album"
    with Library(folder) as library:
        crowd = crowd_in(library)
        groups = [crowd.photos_of(number, EACH) for number in range(len(SAID))]
        for said, faces in zip(SAID, groups, strict=True):
            photos = [face.photo for face in browse.faces_by_id(library, faces)]
            deciding.set_date(library, photos, parse_date(said))
        naming.name_all(library, [f"f{face}" for face in groups[1][:9]], "Anna")
        naming.name_all(library, [f"f{face}" for face in (*groups[1][9:12], groups[3][0])], "Berta")
        (last,) = browse.faces_by_id(library, crowd.photos_of(99, 1))
        with library.write() as tx:
            tx.exec_driver_sql("UPDATE photo SET taken_at = NULL WHERE id = ?", (last.photo,))
    return folder


@pytest.fixture
def window(open_window, album):
    return open_window(album)


@pytest.fixture
def page(qtbot, window):
    window.show_list("years")
    qtbot.waitUntil(lambda: window.pages.years.model.rowCount() > 0)
    return window.pages.years


def click(qtbot, page, row):
    area = page.grid.visualRect(page.model.index(row))
    qtbot.mouseClick(page.grid.viewport(), Button.LeftButton, pos=area.center())


def words(page):
    return [page.grid.itemDelegate().words(month) for month in page.model.items]


def at_top(page):
    """The month of the photo timeline that is at the top, and where it begins."""
    row = page.grid.top_row()
    month = page.model.timeline.month_of(row)
    return month.name, page.grid.visualRect(page.model.index(row)).top()


def test_each_year_has_a_heading_and_a_tile_for_each_month(page):
    titles = [section.title for section in page.grid.grid.sections]
    assert titles == [
        "2019 · 90 photos",
        "1923 · 30 photos",
        "1920s · 30 photos",
        "Without a date · 1 photo",
    ]
    assert words(page) == [
        ("June", "30 photos", ""),
        ("May", "30 photos", "Anna, Berta"),
        ("Month not known", "30 photos", ""),
        ("Month not known", "30 photos", "Berta"),
        ("Year not known", "30 photos", ""),
        ("Without a date", "1 photo", ""),
    ]
    assert page._size.text() == "151 photos · 2 years"


def test_who_does_not_see_it_is_told_as_much(page):
    role = Qt.ItemDataRole.AccessibleTextRole
    told = [page.model.index(row).data(role) for row in (0, 1, 4, 5)]
    assert told == [
        "June 2019, 30 photos",
        "May 2019, 30 photos: Anna, Berta",
        "1920s, 30 photos",
        "Without a date, 1 photo",
    ]
    assert page.grid.accessibleName() == "Years"


def test_a_click_shows_the_photos_of_the_month_and_escape_comes_back(qtbot, window, page):
    click(qtbot, page, 1)
    photos = window.pages.photos
    assert window.page is photos
    assert window.navigation.list.currentItem().text() == "Photos"
    qtbot.waitUntil(lambda: photos.model.rowCount() == 151)
    name, top = at_top(photos)
    assert name == (2019, 5, False)
    assert 0 <= top <= 60, "below its heading"
    assert photos.grid.currentIndex().row() == EACH
    assert photos.chosen() == []
    qtbot.keyClick(photos.grid, Key.Key_Escape)
    assert window.page is page
    assert page.grid.currentIndex().row() == 1


def test_keys_choose_a_month_and_enter_shows_it_also_when_the_photos_are_known(qtbot, window, page):
    window.show_list("photos")
    qtbot.waitUntil(lambda: window.pages.photos.model.rowCount() == 151)
    window.show_list("years")
    assert window.focusWidget() is page.grid
    qtbot.keyClick(page.grid, Key.Key_Home)
    assert page.grid.currentIndex().row() == 0
    for key, row in ((Key.Key_Right, 1), (Key.Key_Down, 3), (Key.Key_Up, 0), (Key.Key_End, 5)):
        qtbot.keyClick(page.grid, key)
        assert page.grid.currentIndex().row() == row
    qtbot.keyClick(page.grid, Key.Key_Left)
    qtbot.keyClick(page.grid, Key.Key_Left)
    qtbot.keyClick(page.grid, Key.Key_Return)
    assert at_top(window.pages.photos)[0] == (1923, None, False)


def test_the_page_of_photos_stays_where_it_was_when_it_is_shown_otherwise(qtbot, window, page):
    click(qtbot, page, 1)
    photos = window.pages.photos
    qtbot.waitUntil(lambda: photos.model.rowCount() == 151)
    photos.grid.verticalScrollBar().setValue(0)
    window.show_list("people")
    window.show_list("photos")
    window.shared.refresh()
    qtbot.wait(50)
    assert photos.grid.verticalScrollBar().value() == 0


def test_names_and_dates_that_are_given_meanwhile_are_shown_and_the_place_stays(
    qtbot, window, page
):
    qtbot.keyClick(page.grid, Key.Key_End)
    where = page.grid.visualRect(page.grid.currentIndex()).top()
    library = window.shared.library
    photos = browse.photo_ids(library.opened)[:2]
    changes = deciding.set_date(library.opened, photos, parse_date("January 2020"))
    window.shared.wrote(changes)
    anna = window.shared.people()[0]
    window.shared.name(anna.key, "Anne", lambda _: None)
    qtbot.waitUntil(lambda: page.model.rowCount() == 7)
    qtbot.waitUntil(lambda: words(page)[2][2] == "Anne, Berta")
    assert page.grid.currentIndex().row() == 6
    assert page.grid.visualRect(page.grid.currentIndex()).top() == where


def test_nothing_is_said_until_it_is_known_whether_there_are_photos(qtbot, open_window, tmp_path):
    window = open_window(tmp_path / "library")
    window.show_list("years")
    empty = window.pages.years.findChild(EmptyState)
    assert not empty.isVisible()
    qtbot.waitUntil(empty.isVisible)
