"""Stacks on every page that lists photos: one tile and one count a shot, opened by key and menu."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from photoclust.core.dates import parse_date
from photoclust.gui import text
from photoclust.services import browse, deciding, describing, naming
from photoclust.store import stacks
from photoclust.store.database import Library

Key = Qt.Key
SPOKEN = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def album(tmp_path, crowd_in):
    """Anna in six photos, of which Berta is in three; four of the six are one shot, with one that
    nobody is in whom anybody knows. All were taken in 2019. The folder, Anna's key and the shot.
    """
    folder = tmp_path / "album"
    with Library(folder) as library:
        crowd = crowd_in(library)
        anna, berta = crowd.photos_of(0, 6), crowd.photos_of(1, 2)
        crowd.photos_of(2, 3)
        naming.name_all(library, [f"f{face}" for face in anna], "Anna")
        naming.name_all(library, [f"f{face}" for face in berta], "Berta")
        keys = {group.name: group.key for group in browse.groups(library)}
        hers = [face.photo for face in browse.faces_by_id(library, anna)]
        describing.tag(library, keys["Berta"], hers[1:4])
        every = browse.photo_ids(library)
        deciding.set_date(library, every, parse_date("2019-05"))
        nobody = next(photo for photo in every if photo not in hers)
        shot = (nobody, *hers[:4])
        with library.write() as tx:
            stacks.write_covers(tx, dict.fromkeys(shot, hers[0]))
    return folder, keys["Anna"], shot


@pytest.fixture
def window(open_window, album):
    return open_window(album[0])


@pytest.fixture
def photos(qtbot, window, album):
    """Anna's photos on her page."""
    group = next(group for group in window.pages.people.model.items if group.name == "Anna")
    window.show_group(group)
    page = window.pages.group
    qtbot.waitUntil(lambda: page.model.rowCount() == group.faces)
    page.tools.photos_button.click()
    return page


@pytest.fixture
def found(qtbot, window):
    """The page of a search for Anna."""
    window.searching.box.setText("anna")
    qtbot.keyClick(window.searching.box, Key.Key_Return)
    qtbot.waitUntil(lambda: window.page is window.pages.search)
    qtbot.waitUntil(lambda: window.pages.search.model.rowCount() > 0)
    return window.pages.search


def spoken(grid):
    model = grid.model()
    return [model.index(row, 0).data(SPOKEN) for row in range(model.rowCount())]


def in_menu(grid, page, words):
    menus = [menu for menu in page.findChildren(QMenu) if menu.isVisible()]
    return [action for menu in menus for action in menu.actions() if action.text() == words]


def test_all_pages_count_a_shot_once(qtbot, window, album, photos):
    folder, key, shot = album
    with Library(folder, look_only=True) as library:
        overview = browse.overview(library)
    assert overview.photos == overview.all_forms - len(shot) + 1
    both = text.photos_with_forms(overview.photos, overview.all_forms)

    assert photos.portraits.photos.rowCount() == 3
    assert text.photos_with_forms(3, 6) in photos._size.text()
    (anna,) = (group for group in overview.groups if group.key == key)
    assert (anna.faces, anna.photos) == (photos.model.rowCount(), 3)

    window.show_list("photos")
    page = window.pages.photos
    qtbot.waitUntil(lambda: page.model.rowCount() == overview.photos)
    assert page._size.text() == both
    navigation = window.navigation.list
    tips = [navigation.item(row).toolTip() for row in range(navigation.count())]
    assert both in tips

    window.show_list("years")
    years = window.pages.years
    qtbot.waitUntil(lambda: years.model.rowCount() > 0)
    assert sum(each.month.count for each in years.model.items) == overview.photos


def test_who_is_seen_with_somebody_is_counted_as_their_photos_are_shown(qtbot, photos):
    photos.show_about(shown=True)
    qtbot.waitUntil(lambda: len(photos.panel.companions) == 1)
    photos.panel.companions[0].click()
    qtbot.waitUntil(lambda: photos.portraits.photos.rowCount() == 1)
    assert photos.note.words == "1 photo with Berta"


def test_a_search_shows_one_photo_a_shot_and_all_of_it_once_opened(qtbot, found, album):
    _, _, shot = album
    assert found.number.text() == text.photos_with_forms(3, 6)
    cover = found.grid.stacks.covers(found.model.items)
    row = found.model.items.index(*cover)
    assert spoken(found.grid)[row] == f"Photo {row + 1} of 3, a stack of 4 photos"
    found.grid.select(found.model.index(row))
    qtbot.keyClick(found.grid, Key.Key_S)
    # She is not in the fifth of the stack: it is not what is looked for.
    assert set(found.model.items[row : row + 4]) == set(shot[1:])
    assert spoken(found.grid)[row + 1].endswith("of 6, of the stack before it")
    assert found.number.text() == text.photos_with_forms(3, 6)
    found.grid.select(found.model.index(row + 2))
    qtbot.keyClick(found.grid, Key.Key_S)
    assert len(found.model.items) == 3
    assert found.grid.currentIndex().row() == row


def test_the_menu_of_what_was_found_opens_the_stack(qtbot, found):
    row = found.model.items.index(*found.grid.stacks.covers(found.model.items))
    for words, left in (("Show all of the stack", 6), ("Show one photo of the stack", 3)):
        found.grid.select(found.model.index(row))
        found.grid.menu_wanted.emit(QPoint(0, 0))
        (action,) = in_menu(found.grid, found, words)
        action.trigger()
        action.parent().close()
        assert found.model.rowCount() == left
    found.grid.select(found.model.index((row + 1) % 3))
    found.grid.menu_wanted.emit(QPoint(0, 0))
    assert not in_menu(found.grid, found, "Show all of the stack")
    QMenu.close(next(menu for menu in found.findChildren(QMenu) if menu.isVisible()))


def test_the_photos_of_a_person_open_by_key_and_say_so(qtbot, photos):
    portraits, grid = photos.portraits, photos.portraits.photo_grid
    (cover,) = portraits.stacks.covers(portraits.photos.items)
    row = portraits.photos.row_of(cover)
    assert spoken(grid)[row].endswith(", a stack of 4 photos")
    grid.setFocus()
    grid.pick_row(row)
    assert [action.text() for action in photos.acts.bar.menu().actions()][-1] == (
        "Show all of the stack"
    )
    qtbot.keyClick(grid, Key.Key_S)
    assert portraits.photos.rowCount() == 6
    assert text.photos_with_forms(3, 6) in photos._size.text()
    grid.pick_row(row + 1)
    qtbot.keyClick(grid, Key.Key_S)
    assert portraits.photos.rowCount() == 3
    grid.pick_row((row + 1) % 3)
    words = [action.text() for action in photos.acts.bar.menu().actions()]
    assert not any("stack" in each for each in words)


def test_the_face_that_is_seen_of_a_closed_stack_can_be_the_cover(qtbot, window, photos):
    portraits, grid = photos.portraits, photos.portraits.photo_grid
    (cover,) = portraits.stacks.covers(portraits.photos.items)
    grid.setFocus()
    grid.pick_row(portraits.photos.row_of(cover))
    qtbot.keyClick(grid, Key.Key_C)
    (seen,) = (face.id for face in photos.model.items if face.photo == cover)
    qtbot.waitUntil(lambda: any(group.cover == seen for group in window.shared.overview.groups))


def test_what_is_said_of_a_closed_stack_is_said_of_all_its_forms(qtbot, window, album, photos):
    _, _, shot = album
    portraits, grid = photos.portraits, photos.portraits.photo_grid
    (cover,) = portraits.stacks.covers(portraits.photos.items)
    grid.setFocus()
    grid.pick_row(portraits.photos.row_of(cover))
    qtbot.keyClick(grid, Key.Key_N)
    qtbot.waitUntil(lambda: portraits.photos.rowCount() == 2)
    qtbot.waitUntil(lambda: photos.model.rowCount() == 2)
    assert not set(shot) & set(portraits.photos.items)


def test_the_badge_is_on_the_photos_of_a_person_too(photos):
    grid, portraits = photos.portraits.photo_grid, photos.portraits
    (cover,) = portraits.stacks.covers(portraits.photos.items)

    def corner():
        area = grid.visualRect(portraits.photos.index_of(cover))
        return grid.viewport().grab(area).toImage().copy(area.width() // 2, 0, 999, 40)

    with_badge = corner()
    portraits.stacks.clear()
    assert corner() != with_badge
