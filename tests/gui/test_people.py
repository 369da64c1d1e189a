"""The People page by mouse and keys: choose, name, merge, hide; everything can be undone."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication

from photoclust.core.types import GroupKind
from photoclust.gui.people_order import Order
from photoclust.gui.views import picking
from photoclust.gui.views.pick_tile import mark_area
from photoclust.services import browse, describing, history, naming
from photoclust.store import cluster_table
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library

Key, Button = Qt.Key, Qt.MouseButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SIZES = (6, 5, 4, 3, 2, 2)


def make_library(folder, crowd_in, sizes):
    """A library with a group of each size, the largest first."""
    with Library(folder) as library:
        crowd = crowd_in(library)
        groups = [crowd.photos_of(number, size) for number, size in enumerate(sizes)]
        with library.write() as tx:
            cluster_table.replace_clusters(
                tx, [ClusterContent(None, None, faces) for faces in groups]
            )
    return folder


@pytest.fixture
def album(tmp_path, crowd_in):
    return make_library(tmp_path / "album", crowd_in, SIZES)


@pytest.fixture
def with_names(album):
    """The album with Anna, who has the largest group, and Berta, who has the next."""
    with Library(album) as library:
        keys = [group.key for group in browse.groups(library)]
        naming.name(library, keys[0], "Anna")
        berta = naming.name(library, keys[1], "Berta").person
        describing.add_alias(library, f"p{berta}", "Oma")
    return album


def in_library(folder, hidden=False):
    with Library(folder) as library:
        return [(group.name, group.faces) for group in browse.groups(library, hidden=hidden)]


def acts(folder):
    with Library(folder) as library:
        return [entry.kind for entry in history.entries(library)]


def click(qtbot, grid, row, modifier=Qt.KeyboardModifier.NoModifier, *, mark=False):
    index = grid.model().index(row, 0)
    grid.scrollTo(index)
    place = grid.visualRect(index).center()
    if mark:
        place = mark_area(grid._frame(index), grid.layoutDirection()).center().toPoint()
    qtbot.mouseClick(grid.viewport(), Button.LeftButton, modifier, place)


def listed(window):
    return [group.name for group in window.pages.people.model.items]


def picked(window):
    return [
        window.pages.people.model.row_of(group.key) for group in window.pages.people.grid.picked
    ]


# Naming


def test_fifty_groups_are_named_by_keys_alone_with_three_presses_each_at_most(
    qtbot, open_window, tmp_path, crowd_in
):
    folder = make_library(tmp_path / "fifty", crowd_in, [3] * 50)
    window = open_window(folder)
    edit, choices = window.pages.group.editor.edit, window.pages.group.editor.choices
    presses = 0

    def press(widget, key):
        nonlocal presses
        presses += 1
        qtbot.keyClick(widget, key)

    press(window, Key.Key_F3)
    most = 0
    for number in range(50):
        # While the list of offered names is closing, Qt takes no window for the active one.
        assert edit in (window.focusWidget(), QApplication.focusWidget())
        assert edit.text() == ""
        key, before = window.pages.group.key, presses
        if number % 10 == 8:  # somebody known, chosen from those offered
            qtbot.waitUntil(lambda: "Person 00" in window.shared.names())
            qtbot.keyClicks(edit, "person 00")
            popup = edit.completer().popup()
            qtbot.waitUntil(popup.isVisible)
            press(popup, Key.Key_Down)
            press(popup, Key.Key_Return)
            qtbot.waitUntil(popup.isHidden)
            press(edit, Key.Key_Return)
        elif number % 10 == 9:  # somebody known, typed in full
            qtbot.keyClicks(edit, "person 00")
            press(edit, Key.Key_Return)
            qtbot.waitUntil(lambda: not choices.isHidden())
            press(choices.buttons[0], Key.Key_Return)
        else:
            qtbot.keyClicks(edit, f"Person {number:02}")
            press(edit, Key.Key_Return)
        most = max(most, presses - before)
        if number < 49:
            # Nobody waits for the disk, but a list of names may be closing first.
            qtbot.waitUntil(lambda key=key: window.pages.group.key != key)
    qtbot.waitUntil(lambda: len(in_library(folder)) == 40)
    assert most <= 3
    assert in_library(folder)[0] == ("Person 00", 33)
    assert {faces for _, faces in in_library(folder)[1:]} == {3}


def test_a_group_of_a_thousand_faces_is_one_act(qtbot, open_window, tmp_path, crowd_in):
    folder = make_library(tmp_path / "thousand", crowd_in, [1000])
    window = open_window(folder)
    qtbot.keyClick(window, Key.Key_F3)
    qtbot.keyClicks(window.pages.group.editor.edit, "Anna")
    qtbot.keyClick(window.pages.group.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna"])
    assert in_library(folder) == [("Anna", 1000)]
    assert acts(folder) == ["name"]
    qtbot.keyClick(window.pages.group.grid, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: window.shared.names() == [])


def test_names_are_given_in_place_one_after_the_other(qtbot, open_window, album):
    window = open_window(album)
    grid, panel = window.pages.people.grid, window.pages.people.acts.panel
    grid.setFocus()
    qtbot.keyClick(grid, Key.Key_Right)
    for name in ("Anna", "Berta"):
        if not panel.isVisible():
            qtbot.keyClick(grid, Key.Key_F2)
        assert panel.isVisible()
        assert window.focusWidget() is panel.editor.edit
        qtbot.keyClicks(panel.editor.edit, name)
        qtbot.keyClick(panel.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: listed(window)[:3] == ["Anna", "Berta", None])
    assert panel.isVisible(), "the next group is asked about"
    qtbot.keyClick(panel.editor.edit, Key.Key_Escape)
    assert not panel.isVisible()
    assert window.focusWidget() is grid
    assert window.page is window.pages.people


def test_several_groups_get_one_name_at_once(qtbot, open_window, with_names):
    window = open_window(with_names)
    grid, panel = window.pages.people.grid, window.pages.people.acts.panel
    click(qtbot, grid, 2, CTRL)
    click(qtbot, grid, 4, CTRL)
    qtbot.keyClick(grid, Key.Key_F2)
    qtbot.keyClicks(panel.editor.edit, "Carla")
    qtbot.keyClick(panel.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: "Carla" in listed(window))
    assert ("Carla", SIZES[2] + SIZES[4]) in in_library(with_names)
    qtbot.waitUntil(lambda: window.notice.message == "This is Carla now.")
    qtbot.keyClick(grid, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: "Carla" not in listed(window))
    assert len(listed(window)) == len(SIZES)


def test_an_alias_is_offered_while_typing_and_names_the_person(qtbot, open_window, with_names):
    window = open_window(with_names)
    qtbot.keyClick(window, Key.Key_F3)
    edit = window.pages.group.editor.edit
    qtbot.keyClicks(edit, "om")
    popup = edit.completer().popup()
    assert [popup.model().index(0, 0).data()] == ["Berta (Oma)"]
    qtbot.keyClick(popup, Key.Key_Down)
    qtbot.keyClick(popup, Key.Key_Return)
    assert edit.text() == "Berta"
    qtbot.keyClick(edit, Key.Key_Return)
    qtbot.waitUntil(lambda: ("Berta", SIZES[1] + SIZES[2]) in in_library(with_names))


def test_renaming_in_place_leads_nowhere(qtbot, open_window, with_names):
    window = open_window(with_names)
    grid, panel = window.pages.people.grid, window.pages.people.acts.panel
    grid.setFocus()
    qtbot.keyClick(grid, Key.Key_Home)
    qtbot.keyClick(grid, Key.Key_F2)
    assert panel.editor.edit.text() == "Anna"
    qtbot.keyClicks(panel.editor.edit, "Anne")
    qtbot.keyClick(panel.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: listed(window)[0] == "Anne")
    assert not panel.isVisible()
    assert grid.currentIndex().row() == 0


# Finding and sorting


def test_typing_narrows_the_list_and_escape_shows_all_again(qtbot, open_window, with_names):
    window = open_window(with_names)
    grid, field = window.pages.people.grid, window.pages.people.tools.field
    grid.setFocus()
    qtbot.keyClick(grid, "o")
    assert window.focusWidget() is field
    qtbot.keyClicks(field, "ma")
    assert listed(window) == ["Berta"]
    qtbot.keyClicks(field, "x")
    assert listed(window) == []
    assert window.pages.people.list._none.isVisible()
    qtbot.keyClick(field, Key.Key_Escape)
    assert len(listed(window)) == len(SIZES)
    assert window.focusWidget() is grid
    qtbot.keyClicks(grid, "an")
    qtbot.keyClick(field, Key.Key_Return)
    assert window.page is window.pages.group
    assert window.pages.group.editor.edit.text() == "Anna"


def test_people_are_sorted_as_wanted(qtbot, open_window, with_names):
    window = open_window(with_names)
    action = next(a for a in window.pages.people.tools.orders.actions() if a.data() is Order.NAME)
    qtbot.waitUntil(lambda: listed(window)[:2] == ["Anna", "Berta"])
    window.shared.library.name(window.pages.people.model.item(2).key, "Aaron")
    window.shared.refresh()
    qtbot.waitUntil(lambda: listed(window)[:3] == ["Anna", "Berta", "Aaron"])
    action.trigger()
    assert listed(window)[:3] == ["Aaron", "Anna", "Berta"]
    assert window.pages.people.tools.order_button.text() == "By name"


# Choosing


def test_a_click_opens_and_the_mark_and_the_modifiers_choose(qtbot, open_window, album):
    window = open_window(album)
    grid, bar = window.pages.people.grid, window.pages.people.acts.bar
    click(qtbot, grid, 1, mark=True)
    assert (window.page, picked(window), bar.isVisible()) == (window.pages.people, [1], True)
    click(qtbot, grid, 3)
    assert picked(window) == [1, 3], "once some are chosen, plain clicks choose"
    click(qtbot, grid, 3)
    assert picked(window) == [1]
    click(qtbot, grid, 3, SHIFT)
    assert picked(window) == [3], "the last one clicked is where a range begins"
    click(qtbot, grid, 0, CTRL)
    click(qtbot, grid, 2, SHIFT)
    assert picked(window) == [0, 1, 2]
    qtbot.keyClick(grid, Key.Key_I, CTRL)
    assert picked(window) == [3, 4, 5]
    qtbot.keyClick(grid, Key.Key_A, CTRL)
    assert len(picked(window)) == len(SIZES)
    qtbot.keyClick(grid, Key.Key_Escape)
    assert (picked(window), bar.isVisible(), window.page) == ([], False, window.pages.people)
    click(qtbot, grid, 1)
    assert window.page is window.pages.group
    qtbot.keyClick(window.pages.group.grid, Key.Key_Escape)
    assert (picked(window), grid.currentIndex().row()) == ([], 1)


def test_keys_choose_as_well(qtbot, open_window, album):
    window = open_window(album)
    grid = window.pages.people.grid
    grid.setFocus()
    qtbot.keyClick(grid, Key.Key_Home)
    qtbot.keyClick(grid, Key.Key_Right, SHIFT)
    assert picked(window) == [0, 1]
    qtbot.keyClick(grid, Key.Key_Right, CTRL)
    qtbot.keyClick(grid, Key.Key_Right, CTRL)
    qtbot.keyClick(grid, Key.Key_Space)
    assert picked(window) == [0, 1, 3]
    qtbot.keyClick(grid, Key.Key_Space)
    assert picked(window) == [0, 1]


# Hiding


def test_hiding_goes_on_with_the_next_and_is_undone_by_the_notice(qtbot, open_window, album):
    window = open_window(album)
    grid = window.pages.people.grid
    grid.setFocus()
    qtbot.keyClick(grid, Key.Key_Home)
    keys = [group.key for group in window.pages.people.model.items]
    for number in (1, 2):
        qtbot.keyClick(grid, Key.Key_H)
        qtbot.waitUntil(lambda number=number: len(listed(window)) == len(SIZES) - number)
        assert [group.key for group in grid.picked] == [keys[number]]
    qtbot.waitUntil(lambda: window.notice.message == "Somebody without a name is hidden.")
    qtbot.waitUntil(lambda: len(window.shared.overview.hidden) == 2)
    window.notice.acted.emit("undo")
    qtbot.waitUntil(lambda: len(listed(window)) == len(SIZES) - 1)


def test_hidden_people_are_shown_on_request_and_can_be_shown_again(qtbot, open_window, with_names):
    window = open_window(with_names)
    grid, tools = window.pages.people.grid, window.pages.people.tools
    assert not tools.show_hidden.isEnabled()
    click(qtbot, grid, 0, mark=True)
    click(qtbot, grid, 5, mark=True)
    qtbot.keyClick(grid, Key.Key_H)
    qtbot.waitUntil(lambda: len(window.shared.overview.hidden) == 2)
    assert "Anna" not in listed(window)
    assert picked(window) == []
    tools.show_hidden.trigger()
    assert listed(window)[-2:] == ["Anna", None]
    click(qtbot, grid, 4, mark=True)
    assert window.pages.people.acts.hide.text() == "Show again"
    qtbot.keyClick(grid, Key.Key_H)
    qtbot.waitUntil(lambda: listed(window)[:2] == ["Anna", "Berta"])
    assert in_library(with_names, hidden=True) == [(None, SIZES[5])]


def test_small_groups_are_hidden_by_one_act(qtbot, open_window, with_names):
    window = open_window(with_names)
    window.pages.people.tools.hide_small.trigger()
    dialog = QApplication.activeModalWidget()
    assert dialog.number.value() == 3
    assert dialog._effect.text().startswith("2 groups are hidden then")
    dialog.number.setValue(4)
    assert dialog._effect.text().startswith("3 groups are hidden then")
    qtbot.mouseClick(dialog.hide_button, Button.LeftButton)
    qtbot.waitUntil(lambda: listed(window) == ["Anna", "Berta", None])
    qtbot.waitUntil(lambda: window.notice.message == "3 groups are hidden.")
    window.notice.acted.emit("undo")
    qtbot.waitUntil(lambda: len(listed(window)) == len(SIZES))


# Merging


def test_chosen_ones_become_one_and_keep_the_only_name(qtbot, open_window, with_names):
    window = open_window(with_names)
    grid = window.pages.people.grid
    click(qtbot, grid, 3, CTRL)
    click(qtbot, grid, 1, CTRL)
    qtbot.keyClick(grid, Key.Key_M)
    qtbot.waitUntil(lambda: len(listed(window)) == len(SIZES) - 1)
    assert ("Berta", SIZES[1] + SIZES[3]) in in_library(with_names)
    qtbot.waitUntil(
        lambda: window.pages.people.model.item(grid.currentIndex().row()).name == "Berta"
    )
    qtbot.waitUntil(lambda: window.notice.message == "2 are one now: Berta.")


def test_of_two_names_the_one_that_stays_is_asked_for(qtbot, open_window, with_names):
    window = open_window(with_names)
    grid = window.pages.people.grid
    click(qtbot, grid, 0, CTRL)
    click(qtbot, grid, 1, CTRL)
    qtbot.keyClick(grid, Key.Key_M)
    menu = window.pages.people.acts.choices
    question, *names = [action.text() for action in menu.actions()]
    assert question == "Which name stays?"
    assert [name.split(" · ")[0] for name in names] == ["Anna", "Berta"]
    qtbot.keyClick(menu, Key.Key_Down)
    qtbot.keyClick(menu, Key.Key_Return)
    qtbot.waitUntil(lambda: listed(window)[0] == "Berta")
    assert in_library(with_names)[0] == ("Berta", SIZES[0] + SIZES[1])


def test_a_card_that_is_dragged_onto_another_becomes_part_of_it(
    qtbot, open_window, with_names, monkeypatch
):
    window = open_window(with_names)
    grid = window.pages.people.grid

    class Drop(picking.QDrag):
        """Drops at once on the first card: a test has no hand to hold the mouse."""

        def exec(self, action):
            place = QPointF(grid.visualRect(grid.model().index(0, 0)).center())
            buttons, keys = Button.LeftButton, Qt.KeyboardModifier.NoModifier
            grid.dropEvent(QDropEvent(place, action, self.mimeData(), buttons, keys))

    monkeypatch.setattr(picking, "QDrag", Drop)
    start = grid.visualRect(grid.model().index(3, 0)).center()
    qtbot.mousePress(grid.viewport(), Button.LeftButton, pos=start)
    qtbot.mouseMove(grid.viewport(), start + QPoint(40, 0))
    qtbot.mouseRelease(grid.viewport(), Button.LeftButton, pos=start + QPoint(40, 0))
    qtbot.waitUntil(lambda: ("Anna", SIZES[0] + SIZES[3]) in in_library(with_names))
    assert window.page is window.pages.people
    qtbot.waitUntil(lambda: window.notice.message == "2 are one now: Anna.")
    window.notice.acted.emit("undo")
    qtbot.waitUntil(lambda: ("Anna", SIZES[0]) in in_library(with_names))


def test_nothing_can_be_done_where_the_library_cannot_be_changed(
    qtbot, open_window, with_names, monkeypatch
):
    window = open_window(with_names)
    monkeypatch.setattr(type(window.shared), "read_only", "it is only lent")
    grid = window.pages.people.grid
    click(qtbot, grid, 0, CTRL)
    click(qtbot, grid, 2, CTRL)
    acts_ = window.pages.people.acts
    assert not any(action.isEnabled() for action in (acts_.name, acts_.merge, acts_.hide))
    assert [group.kind for group in grid.picked] == [GroupKind.PERSON, GroupKind.CLUSTER]


def test_of_whom_no_face_is_left_no_card_is_shown_but_the_name_still_finds_them(
    qtbot, open_window, with_names
):
    window = open_window(with_names)
    page, tools = window.pages.people, window.pages.people.list.tools
    berta = next(group for group in window.shared.people() if group.name == "Berta")
    window.show_group(berta)
    grid = window.pages.group.grid
    qtbot.waitUntil(lambda: grid.model().rowCount() == berta.faces)
    grid.setFocus()
    qtbot.keyClick(grid, Key.Key_A, CTRL)
    qtbot.keyClick(grid, Key.Key_N)
    qtbot.waitUntil(lambda: all(g.faces == 0 for g in window.shared.people() if g.name == "Berta"))
    window.show_list("people")
    qtbot.waitUntil(lambda: "Berta" not in listed(window))
    assert "Anna" in listed(window)
    assert page._size.text().startswith("1 named")
    shown = page.model.rowCount()
    counted = window.navigation.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert counted == f"People, {shown}"
    qtbot.keyClicks(tools.field, "ber")
    assert listed(window) == ["Berta"]
    assert page.grid.itemDelegate().words(page.model.item(0))[1] == "no photos"
    tools.field.clear()
    assert "Berta" not in listed(window)
    window.history.undo_action.trigger()
    qtbot.waitUntil(lambda: "Berta" in listed(window))
