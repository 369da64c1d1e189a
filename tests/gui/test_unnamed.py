"""The page of what has no name: groups and single faces, by mouse and keys."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from photoclust.gui.people_order import Order
from photoclust.gui.views.pick_tile import mark_area
from photoclust.gui.views.unnamed import Part
from photoclust.services import browse, deciding, naming
from photoclust.store.cluster_table import ClusterContent, replace_clusters
from photoclust.store.database import Library

Key, Button = Qt.Key, Qt.MouseButton
CTRL = Qt.KeyboardModifier.ControlModifier
SIZES = (6, 5, 4, 3, 2)


@pytest.fixture
def make(tmp_path, crowd_in):
    """`make(sizes, alone)`: a library with a group of each size, the first of which is Anna, and so
    many faces in none.
    """

    def make_library(sizes=SIZES, alone=3):
        folder = tmp_path / "album"
        with Library(folder) as library:
            crowd = crowd_in(library)
            groups = [crowd.photos_of(number, size) for number, size in enumerate(sizes)]
            for number in range(alone):
                crowd.photos_of(100 + number, 1)
            with library.write() as tx:
                replace_clusters(tx, [ClusterContent(None, None, faces) for faces in groups])
            naming.name(library, browse.groups(library)[0].key, "Anna")
        return folder

    return make_library


@pytest.fixture
def window(open_window, make):
    return open_window(make())


@pytest.fixture
def page(window):
    window.show_list("unnamed")
    return window.pages.unnamed


def sizes(page):
    return [group.faces for group in page.groups.model.items]


def switch_words(page):
    return [switch.text() for switch in page.switches.values()]


def count_shown(window):
    row = next(row for row in range(99) if "Unnamed" in window.navigation.list.item(row).text())
    role = Qt.ItemDataRole.AccessibleTextRole
    return window.navigation.list.item(row).data(role)


def choose(qtbot, grid, *rows):
    for row in rows:
        index = grid.model().index(row, 0)
        place = mark_area(grid._frame(index), grid.layoutDirection()).center().toPoint()
        qtbot.mouseClick(grid.viewport(), Button.LeftButton, pos=place)


def test_groups_without_a_name_are_listed_the_largest_first_and_nobody_else(window, page):
    assert sizes(page) == [5, 4, 3, 2]
    assert switch_words(page) == ["Groups (4)", "Single faces (3)"]
    assert count_shown(window) == "Unnamed, 7"
    assert [section.title for section in page.groups.grid.grid.sections] == [""]
    assert window.focusWidget() is page.groups.grid
    names = [group.name for group in window.pages.people.model.items]
    assert names == ["Anna", None, None, None, None], "everybody is still on the People page"


def test_no_part_of_a_page_is_a_window_of_its_own(window):
    window.pages.all()
    assert [each for each in QApplication.topLevelWidgets() if each.isVisible()] == [window]


def test_the_switches_are_changed_by_mouse_and_keys_and_what_was_shown_is_remembered(
    qtbot, window, page
):
    qtbot.mouseClick(page.switches[Part.FACES], Button.LeftButton)
    assert (page.part, window.focusWidget()) == (Part.FACES, page.single_faces.grid)
    assert page.single_faces.isVisible()
    assert not page.groups.isVisible()
    qtbot.keyClick(window.focusWidget(), Key.Key_1)
    assert (page.part, window.focusWidget()) == (Part.GROUPS, page.groups.grid)
    qtbot.keyClick(window.focusWidget(), Key.Key_2)
    assert page.part is Part.FACES
    qtbot.keyClick(window.focusWidget(), Key.Key_Tab, CTRL)
    assert page.part is Part.GROUPS
    qtbot.keyClick(window.focusWidget(), Key.Key_Tab, CTRL)
    window.show_list("photos")
    window.show_list("unnamed")
    assert (page.part, window.focusWidget()) == (Part.FACES, page.single_faces.grid)
    assert page.switches[Part.FACES].isChecked()
    assert page.switches[Part.FACES].accessibleName() == "Single faces, 3"


def test_digits_can_be_part_of_a_name(qtbot, page):
    page.show_part(Part.FACES)
    qtbot.waitUntil(lambda: page.single_faces.model.rowCount() == 3)
    page.single_faces.grid.select(page.single_faces.model.index(0))
    qtbot.keyClicks(page.single_faces.grid, "a")
    qtbot.keyClicks(page.single_faces.editor.edit, "1")
    assert page.single_faces.editor.edit.text() == "a1"
    assert page.part is Part.FACES


def test_groups_are_named_in_place_one_after_the_other(qtbot, window, page):
    grid, panel = page.groups.grid, page.groups.acts.panel
    qtbot.keyClick(grid, Key.Key_Home)
    for number, name in enumerate(("Berta", "Carla")):
        if number == 0:
            qtbot.keyClick(grid, Key.Key_F2)
        assert panel.isVisible()
        qtbot.keyClicks(panel.editor.edit, name)
        qtbot.keyClick(panel.editor.edit, Key.Key_Return)
        qtbot.waitUntil(lambda number=number: sizes(page) == [5, 4, 3, 2][number + 1 :])
    qtbot.keyClick(panel.editor.edit, Key.Key_Escape)
    assert window.focusWidget() is grid
    assert window.page is page
    assert switch_words(page)[0] == "Groups (2)"
    qtbot.keyClick(grid, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: sizes(page) == [4, 3, 2])


def test_several_are_named_merged_and_hidden(qtbot, window, page):
    grid = page.groups.grid
    choose(qtbot, grid, 0, 1)
    qtbot.keyClick(grid, Key.Key_M)
    qtbot.waitUntil(lambda: sizes(page) == [9, 3, 2])
    qtbot.waitUntil(lambda: page.groups.model.item(grid.currentIndex().row()).faces == 9)
    choose(qtbot, grid, 2)
    qtbot.keyClick(grid, Key.Key_H)
    qtbot.waitUntil(lambda: sizes(page) == [9, 3])
    qtbot.waitUntil(lambda: len(window.shared.overview.hidden) == 1)
    grid.pick_none()
    choose(qtbot, grid, 0, 1)
    qtbot.keyClick(grid, Key.Key_F2)
    qtbot.keyClicks(page.groups.acts.panel.editor.edit, "Berta")
    qtbot.keyClick(page.groups.acts.panel.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: "Berta" in window.shared.names())
    qtbot.waitUntil(lambda: page.part is Part.FACES)


def test_hidden_groups_are_shown_on_request_and_small_ones_hidden_together(qtbot, window, page):
    tools = page.groups.tools
    assert not tools.field.isVisible()
    assert [action.data() for action in tools.orders.actions()] == [Order.COUNT, Order.RECENT]
    anna = window.shared.people()[0]
    library = window.shared.library.opened
    window.shared.wrote(deciding.hide(library, [anna.key], hidden=True))
    qtbot.waitUntil(lambda: len(window.shared.overview.hidden) == 1)
    assert not tools.show_hidden.isEnabled(), "Anna has a name"
    tools.hide_small.trigger()
    dialog = QApplication.activeModalWidget()
    qtbot.mouseClick(dialog.hide_button, Button.LeftButton)
    qtbot.waitUntil(lambda: sizes(page) == [5, 4, 3])
    qtbot.waitUntil(lambda: tools.show_hidden.text() == "Show hidden groups (1)")
    tools.show_hidden.trigger()
    assert sizes(page) == [5, 4, 3, 2]
    assert [section.title for section in page.groups.grid.grid.sections] == ["", "Hidden"]


def test_enter_opens_a_group_and_the_next_one_is_that_of_this_page(qtbot, window, page):
    grid = page.groups.grid
    qtbot.keyClick(grid, Key.Key_Home)
    qtbot.keyClick(grid, Key.Key_Return)
    first, second = page.groups.model.items[:2]
    assert (window.page, window.pages.group.key) == (window.pages.group, first.key)
    qtbot.keyClick(window, Key.Key_F3)
    assert window.pages.group.key == second.key
    qtbot.keyClicks(window.pages.group.editor.edit, "Berta")
    qtbot.keyClick(window.pages.group.editor.edit, Key.Key_Return)
    third = page.groups.model.item(2)
    qtbot.waitUntil(lambda: window.pages.group.key == third.key)
    qtbot.keyClick(window.pages.group.grid, Key.Key_Escape)
    assert window.page is page
    qtbot.waitUntil(lambda: sizes(page) == [5, 3, 2])
    assert page.groups.model.item(grid.currentIndex().row()).key == third.key


def test_the_next_one_without_a_name_comes_from_everywhere(qtbot, window, page):
    current = page.groups.grid.currentIndex().row()
    page.show_part(Part.FACES)
    qtbot.keyClick(page.single_faces.grid, Key.Key_F3)
    assert window.pages.group.key == page.groups.model.item(current).key, "none was open yet"
    qtbot.keyClick(window.pages.group.grid, Key.Key_Escape)
    assert (window.page, page.part) == (page, Part.FACES)
    window.show_list("photos")
    qtbot.keyClick(window, Key.Key_F3)
    assert window.page is window.pages.group
    qtbot.keyClick(window.pages.group.grid, Key.Key_Escape)
    assert window.page is window.pages.photos


def test_without_groups_the_single_faces_are_shown_and_in_the_end_what_comes_next(
    qtbot, open_window, make
):
    window = open_window(make((4, 3), alone=1))
    window.show_list("unnamed")
    page = window.pages.unnamed
    grid, panel = page.groups.grid, page.groups.acts.panel
    qtbot.keyClick(grid, Key.Key_Home)
    qtbot.keyClick(grid, Key.Key_F2)
    qtbot.keyClicks(panel.editor.edit, "Berta")
    qtbot.keyClick(panel.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: page.part is Part.FACES)
    faces = page.single_faces
    assert window.focusWidget() is faces.grid, "the keyboard goes on there"
    assert not page.switches[Part.GROUPS].isEnabled()
    qtbot.keyClick(faces.grid, Key.Key_1)
    assert page.part is Part.FACES
    qtbot.waitUntil(lambda: faces.model.rowCount() == 1)
    faces.grid.select(faces.model.index(0))
    qtbot.keyClicks(faces.editor.edit, "Carla")
    qtbot.keyClick(faces.editor.edit, Key.Key_Return)
    qtbot.waitUntil(page.empty.isVisible)
    assert page.empty.title.text() == "Everybody has a name"
    assert window.focusWidget() is page.review_button
    assert count_shown(window) == "Unnamed, 0"
    qtbot.keyClick(page.review_button, Key.Key_Return)
    assert window.page is window.pages.review
    window.history.undo_action.trigger()
    qtbot.waitUntil(lambda: count_shown(window) == "Unnamed, 1")
    window.show_list("unnamed")
    assert page.single_faces.isVisible()


def test_where_there_are_no_faces_yet_nobody_is_said_to_have_a_name(qtbot, open_window, tmp_path):
    window = open_window(tmp_path / "library")
    window.show_list("unnamed")
    assert window.pages.unnamed.empty.isVisible()
    assert window.pages.unnamed.empty.title.text() == "No faces yet"
    assert not window.pages.unnamed.review_button.isVisible()


def test_groups_that_come_do_not_take_the_single_faces_away(qtbot, window, page):
    page.show_part(Part.FACES)
    library = window.shared.library.opened
    keys = [group.key for group in page.groups.model.items]
    for key in keys:
        naming.name(library, key, "Anna")
    window.shared.refresh()
    qtbot.waitUntil(lambda: switch_words(page)[0] == "Groups (0)")
    window.shared.library.undo()
    window.shared.refresh()
    qtbot.waitUntil(lambda: switch_words(page)[0] == "Groups (1)")
    assert page.part is Part.FACES


def show_faces(qtbot, page):
    page.show_part(Part.FACES)
    faces = page.single_faces
    qtbot.waitUntil(lambda: faces.model.rowCount() == 3)
    return faces


def ids(faces):
    return [face.id for face in faces.model.items]


def test_what_is_no_face_is_marked_so_by_its_key_and_that_can_be_undone(qtbot, window, page):
    faces = show_faces(qtbot, page)
    first, second, third = ids(faces)
    qtbot.keyClick(faces.grid, Key.Key_Right)
    faces.grid.select(faces.model.index(1))
    qtbot.keyClick(faces.grid, Key.Key_X)
    qtbot.waitUntil(lambda: ids(faces) == [first, third])
    assert faces.model.item(faces.grid.currentIndex().row()).id == third
    assert window.focusWidget() is faces.grid
    qtbot.waitUntil(lambda: window.notice.message == "1 find is marked as no face.")
    qtbot.keyClick(faces.grid, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: ids(faces) == [first, second, third])
    assert not faces.editor.edit.text()


def open_menu(qtbot, faces, row, reason=QContextMenuEvent.Reason.Mouse):
    area = faces.grid.visualRect(faces.model.index(row))
    at = area.center() if reason is QContextMenuEvent.Reason.Mouse else QPoint(0, 0)
    port = faces.grid.viewport()
    QApplication.sendEvent(port, QContextMenuEvent(reason, at, port.mapToGlobal(at)))
    qtbot.waitUntil(faces.menu.isVisible)
    return faces.menu


def test_a_menu_says_what_can_be_done_with_a_single_face(qtbot, window, page):
    faces = show_faces(qtbot, page)
    first, second, third = ids(faces)
    menu = open_menu(qtbot, faces, 1)
    words = [each.text() for each in menu.actions() if not each.isSeparator()]
    assert words == ["Name…", "Not a face", "Hide", "Show the photo"]
    assert faces.grid.currentIndex().row() == 1
    for _ in range(3):
        qtbot.keyClick(menu, Key.Key_Down)
    qtbot.keyClick(menu, Key.Key_Return)
    qtbot.waitUntil(lambda: ids(faces) == [first, third])
    qtbot.waitUntil(lambda: window.notice.message == "1 face is hidden.")
    menu = open_menu(qtbot, faces, 1, QContextMenuEvent.Reason.Keyboard)
    qtbot.keyClick(menu, Key.Key_Down)
    qtbot.keyClick(menu, Key.Key_Return)
    assert window.focusWidget() is faces.editor.edit
    assert faces.editor.key == f"f{third}"
    menu = open_menu(qtbot, faces, 0)
    qtbot.keyClick(menu, Key.Key_Up)
    qtbot.keyClick(menu, Key.Key_Return)
    assert window.page is window.pages.photo
    window.history.undo_action.trigger()
    qtbot.keyClick(window, Key.Key_Escape)
    qtbot.waitUntil(lambda: ids(faces) == [first, second, third])


def test_single_faces_of_a_library_that_is_only_read_are_not_decided_about(
    qtbot, window, page, monkeypatch
):
    monkeypatch.setattr(type(window.shared), "read_only", "it is only lent")
    faces = show_faces(qtbot, page)
    faces.grid.select(faces.model.index(0))
    menu = open_menu(qtbot, faces, 0)
    enabled = [each.text() for each in menu.actions() if each.isEnabled() and each.text()]
    assert enabled == ["Show the photo"]
    menu.close()
    qtbot.keyClick(faces.grid, Key.Key_X)
    assert faces.model.rowCount() == 3
