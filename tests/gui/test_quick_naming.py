"""The panel in which a card is named where it is: it lies at its card, and goes when it must."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from photoclust.gui.dialogs.naming import ChoiceButton
from photoclust.gui.views.pick_tile import PickTile
from photoclust.services import browse, deciding, naming
from photoclust.store.cluster_table import ClusterContent, replace_clusters
from photoclust.store.database import Library

Key, Button = Qt.Key, Qt.MouseButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def make(tmp_path, crowd_in):
    """`make(number, names)`: a library with so many groups, the largest of which have `names`."""

    def make_library(number=6, names=()):
        folder = tmp_path / "album"
        with Library(folder) as library:
            crowd = crowd_in(library)
            groups = [crowd.photos_of(each, number + 2 - each) for each in range(number)]
            with library.write() as tx:
                replace_clusters(tx, [ClusterContent(None, None, faces) for faces in groups])
            keys = [group.key for group in browse.groups(library)]
            for key, name in zip(keys, names, strict=False):
                naming.name(library, key, name)
        return folder

    return make_library


def groups_of(window, page):
    window.show_list(page)
    return window.pages.unnamed.groups if page == "unnamed" else window.pages.people.list


def card(groups, key):
    """Where the card of `key` is, in the list with its tools, in which the panel is as well."""
    grid = groups.grid
    area = grid.visualRect(groups.model.index_of(key))
    return QRect(grid.viewport().mapTo(groups, area.topLeft()), area.size())


def lies_at_its_card(groups):
    """Whether the panel lies beside the card that it names, and that is to be seen to be meant."""
    panel, grid = groups.acts.panel, groups.grid
    key = panel.editor.key
    at, place = card(groups, key), panel.geometry()
    across = place.left() <= at.center().x() <= place.right()
    upright = 0 < place.top() - at.bottom() <= 5 or 0 < at.top() - place.bottom() <= 5
    beside = 0 < place.left() - at.right() <= 5 or 0 < at.left() - place.right() <= 5
    down = place.top() <= at.center().y() <= place.bottom()
    assert panel.isVisible()
    assert not place.intersects(at), "it covers its own card"
    assert groups.rect().contains(place)
    assert groups.model.item(grid.currentIndex().row()).key == key
    seen = QRect(grid.viewport().mapTo(groups, grid.rect().topLeft()), grid.viewport().size())
    assert seen.intersected(at).height() >= at.height() * 2 // 3, "the card is not in view"
    tile = grid.itemDelegate()
    assert isinstance(tile, PickTile)
    assert tile.asking
    return (across and upright) or (beside and down)


def give(qtbot, panel, name):
    qtbot.keyClicks(panel.editor.edit, name)
    qtbot.keyClick(panel.editor.edit, Key.Key_Return)


@pytest.mark.parametrize("page", ["people", "unnamed"])
@pytest.mark.parametrize("size", [(1200, 750), (800, 560)])
def test_each_card_that_is_asked_about_has_the_panel_beside_it(
    qtbot, open_window, make, page, size
):
    window = open_window(make())
    window.resize(*size)
    groups = groups_of(window, page)
    grid, panel = groups.grid, groups.acts.panel
    keys = [group.key for group in groups.model.items]
    qtbot.keyClick(grid, Key.Key_Home)
    qtbot.keyClick(grid, Key.Key_F2)
    for number, name in enumerate(("Anna", "Berta", "Carla")):
        assert panel.editor.key == keys[number]
        assert lies_at_its_card(groups)
        give(qtbot, panel, name)
        assert lies_at_its_card(groups), "while it is being written"
        qtbot.waitUntil(lambda name=name: name in window.shared.names())
        qtbot.waitUntil(lambda name=name: name in window.notice.message)
        qtbot.wait(20)  # the notice takes its room
        assert panel.editor.key == keys[number + 1]
        assert lies_at_its_card(groups)
    with Library(window.folder) as library:
        named = {group.name: group.faces for group in browse.groups(library) if group.name}
    assert named == {"Anna": 8, "Berta": 7, "Carla": 6}
    qtbot.keyClick(panel.editor.edit, Key.Key_Escape)
    assert not grid.itemDelegate().asking


def test_it_goes_with_its_card_when_the_list_is_scrolled_or_resized(qtbot, open_window, make):
    window = open_window(make(40))
    window.resize(900, 600)
    groups = groups_of(window, "people")
    grid, panel = groups.grid, groups.acts.panel
    grid.make_current(groups.model.index(20))
    qtbot.keyClick(grid, Key.Key_F2)
    assert lies_at_its_card(groups)
    for width, height in ((1300, 900), (760, 520), (1000, 520)):
        window.resize(width, height)
        qtbot.waitUntil(lambda: lies_at_its_card(groups))
    bar = grid.verticalScrollBar()
    bar.setValue(bar.value() + 12)
    at = card(groups, panel.editor.key)
    assert not panel.geometry().intersects(at)
    bar.setValue(0)
    place = panel.geometry()
    assert place.top() > groups.height(), "it is out of sight with its card, and at no other"
    qtbot.keyClicks(panel.editor.edit, "A")
    assert lies_at_its_card(groups), "whoever types sees whom"


def test_the_question_finds_room_and_escape_takes_it_back_then_closes(qtbot, open_window, make):
    window = open_window(make(12, ["Emily"]))
    window.resize(900, 600)
    groups = groups_of(window, "people")
    grid, panel = groups.grid, groups.acts.panel
    grid.setFocus()
    grid.make_current(groups.model.index(7))
    qtbot.keyClick(grid, Key.Key_F2)
    before = panel.height()
    give(qtbot, panel, "emily")
    qtbot.waitUntil(panel.editor.choices.isVisible)
    this, another = panel.editor.choices.buttons
    assert "Emily" in this.text()
    assert "emily" in another.text()
    assert lies_at_its_card(groups)
    qtbot.keyClick(panel.editor.choices.buttons[0], Key.Key_Escape)
    assert panel.isVisible()
    qtbot.waitUntil(lambda: panel.height() == before)
    assert lies_at_its_card(groups)
    # While the list of offered names is closing, Qt takes no window for the active one.
    assert panel.editor.edit in (window.focusWidget(), QApplication.focusWidget())
    qtbot.keyClick(panel.editor.edit, Key.Key_Escape)
    assert not panel.isVisible()
    assert window.focusWidget() is grid


def test_it_is_gone_with_the_page(qtbot, open_window, make):
    window = open_window(make())
    for page in ("people", "unnamed"):
        groups = groups_of(window, page)
        panel = groups.acts.panel
        qtbot.keyClick(groups.grid, Key.Key_Home)
        qtbot.keyClick(groups.grid, Key.Key_F2)
        assert panel.isVisible()
        window.show_list("photos")
        groups_of(window, page)
        assert panel.isHidden()
        assert window.focusWidget() is groups.grid
        qtbot.keyClick(groups.grid, Key.Key_F2)
        qtbot.keyClick(panel.editor.edit, Key.Key_F3)
        assert window.page is window.pages.group
        assert window.focusWidget() is window.pages.group.editor.edit
        qtbot.keyClick(window.pages.group.editor.edit, Key.Key_Escape)
        assert panel.isHidden()


def test_it_is_gone_after_undo_and_when_its_group_is_hidden_or_named_elsewhere(
    qtbot, open_window, make
):
    window = open_window(make())
    groups = groups_of(window, "people")
    grid, panel = groups.grid, groups.acts.panel
    qtbot.keyClick(grid, Key.Key_Home)
    qtbot.keyClick(grid, Key.Key_F2)
    give(qtbot, panel, "Anna")
    qtbot.waitUntil(window.history.undo_action.isEnabled)
    assert panel.isVisible()
    qtbot.keyClick(panel.editor.edit, Key.Key_Z, CTRL)
    qtbot.waitUntil(panel.isHidden)
    qtbot.waitUntil(lambda: window.shared.names() == [])
    for number in (1, 2):
        groups.tools.show_hidden.setChecked(number == 2)
        qtbot.keyClick(grid, Key.Key_Home)
        qtbot.keyClick(grid, Key.Key_F2)
        assert panel.isVisible()
        groups.acts.hide.trigger()
        qtbot.waitUntil(panel.isHidden)
        qtbot.waitUntil(lambda number=number: len(window.shared.overview.hidden) == number)
    library = window.shared.library.opened
    for write in (
        lambda key: naming.name(library, key, "Berta"),
        lambda key: deciding.hide(library, [key], hidden=True),
    ):
        grid.make_current(groups.model.index(0))
        qtbot.keyClick(grid, Key.Key_F2)
        assert panel.isVisible()
        changes = write(groups.model.item(0).key)
        window.shared.wrote(getattr(changes, "changes", changes))
        qtbot.waitUntil(panel.isHidden)


def test_of_a_long_name_the_question_shows_both_ends(qtbot):
    button = ChoiceButton("This ", "Maximiliane von und zu Hohenstein", " (1234 photos)")
    qtbot.addWidget(button)
    button.show()
    for width in (120, 170, 220, 300):
        button.resize(width, 52)
        assert "Ma" in button.text(), width
        assert "…" in button.text()
        assert "n" in button.text().partition("…")[2]
    button.resize(600, 52)
    assert "Maximiliane von und zu Hohenstein" in button.text()


def test_a_menu_that_is_closed_leaves_the_choice_as_it_was(qtbot, open_window, make):
    window = open_window(make())
    groups = groups_of(window, "people")
    grid, bar = groups.grid, groups.acts.bar

    def right_click(row):
        place = grid.visualRect(groups.model.index(row)).center()
        qtbot.mousePress(grid.viewport(), Button.RightButton, pos=place)
        reason = QContextMenuEvent.Reason.Mouse
        where = grid.viewport().mapToGlobal(place)
        QApplication.sendEvent(grid.viewport(), QContextMenuEvent(reason, place, where))
        qtbot.mouseRelease(grid.viewport(), Button.RightButton, pos=place)
        return bar.menu()

    def chosen():
        return [groups.model.row_of(group.key) for group in grid.picked]

    menu = right_click(2)
    assert chosen() == [2], "that the menu is about it is to be seen"
    right_click(3)
    qtbot.wait(5)
    assert (chosen(), menu.isVisible()) == ([3], True)
    qtbot.keyClick(menu, Key.Key_Escape)
    qtbot.waitUntil(lambda: chosen() == [])
    assert not bar.isVisible()
    for row in (0, 1):
        place = grid.visualRect(groups.model.index(row)).center()
        qtbot.mouseClick(grid.viewport(), Button.LeftButton, CTRL, place)
    qtbot.keyClick(right_click(4), Key.Key_Escape)
    qtbot.waitUntil(lambda: chosen() == [0, 1])
    assert grid.picking
    qtbot.keyClick(right_click(1), Key.Key_Escape)
    qtbot.wait(5)
    assert chosen() == [0, 1]
    grid.pick_none()
    menu = right_click(5)
    menu.setActiveAction(groups.acts.hide)
    qtbot.keyClick(menu, Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.shared.overview.hidden) == 1)
    grid.pick_none()
    menu = right_click(1)
    qtbot.keyClick(menu, Key.Key_Escape)
    qtbot.waitUntil(lambda: chosen() == [])
    place = grid.visualRect(groups.model.index(1)).center()
    qtbot.mouseClick(grid.viewport(), Button.LeftButton, pos=place)
    assert window.page is window.pages.group


def test_the_next_one_without_a_name_is_opened_from_anywhere_or_it_is_said_that_there_is_none(
    qtbot, open_window, make
):
    window = open_window(make(3, ["Anna", "Berta"]))
    (last,) = [group for group in window.shared.overview.groups if group.name is None]
    for page in ("unnamed", "review", "people", "photos", "unnamed"):
        window.show_list(page)
        if page in ("unnamed", "people"):
            grid = window.pages.groups.grid
            grid.make_current(grid.model().index(grid.model().rowCount() - 1, 0))
        qtbot.keyClick(window, Key.Key_F3)
        assert window.page is window.pages.group, page
        assert window.pages.group.key == last.key
        qtbot.keyClick(window, Key.Key_F3)
        assert window.notice.message == "There is no other group without a name."
        window.notice.clear()
    give(qtbot, window.pages.group, "Carla")
    qtbot.waitUntil(lambda: "Carla" in window.shared.names())
    for page in ("unnamed", "review", "people"):
        window.show_list(page)
        window.notice.clear()
        qtbot.keyClick(window, Key.Key_F3)
        assert window.notice.message == "There is no other group without a name."
        assert window.page is not window.pages.group
