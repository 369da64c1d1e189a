"""The history: what was done, taken back one by one or as far as an act."""

import pytest
from PySide6.QtCore import Qt

from photoclust.gui.models.acts import NEXT, UNDONE
from photoclust.gui.tasks import Lane
from photoclust.services import browse
from photoclust.store.database import Library

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(qtbot, open_window, two_groups):
    """A window in which three faces were named one after the other; the history is shown."""
    window = open_window(two_groups)
    faces = window.shared.library.faces(window.pages.people.model.item(0).key)
    for face, name in zip(faces, ("Anna", "Berta", "Carla"), strict=False):
        done = []
        window.shared.name(f"f{face.id}", name, done.append)
        qtbot.waitUntil(lambda done=done: bool(done))
    qtbot.waitUntil(lambda: sorted(window.shared.names()) == ["Anna", "Berta", "Carla"])
    qtbot.keyClick(window, Key.Key_H, CTRL)
    assert window.page is window.pages.history
    qtbot.waitUntil(lambda: window.pages.history.model.rowCount() == 3)
    return window


@pytest.fixture
def page(window):
    return window.pages.history


def lines(page):
    return [page.model.text(act) for act in page.model.items]


def test_acts_are_listed_the_newest_first_and_the_next_undo_is_marked(page):
    newest, middle, oldest = lines(page)
    assert "Carla" in newest
    assert newest.endswith(NEXT)
    assert "Berta" in middle
    assert NEXT not in middle + oldest
    assert page.list.currentIndex().row() == 0


def test_an_act_in_the_middle_is_undone_by_itself_and_redone(qtbot, window, page):
    qtbot.keyClick(page.list, Key.Key_Down)
    qtbot.keyClick(page.list, Key.Key_Return)
    qtbot.waitUntil(lambda: sorted(window.shared.names()) == ["Anna", "Carla"])
    qtbot.waitUntil(lambda: lines(page)[1].endswith(UNDONE))
    assert page.list.currentIndex().row() == 1, "the place in the list is kept"
    assert not page.undo_button.isEnabled()
    qtbot.waitUntil(page.redo_button.isEnabled)
    qtbot.mouseClick(page.redo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not lines(page)[1].endswith(UNDONE))
    qtbot.waitUntil(lambda: sorted(window.shared.names()) == ["Anna", "Berta", "Carla"])


def test_everything_back_to_an_act_is_undone_at_once(qtbot, window, page, two_groups):
    qtbot.keyClick(page.list, Key.Key_Down)
    qtbot.keyClick(page.list, Key.Key_Return, SHIFT)
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna"])
    qtbot.waitUntil(lambda: [line.endswith(UNDONE) for line in lines(page)] == [True, True, False])
    assert lines(page)[2].endswith(NEXT)
    assert window.notice.message.startswith("Undone: ")
    with Library(two_groups) as library:
        assert [group.name for group in browse.groups(library) if group.name] == ["Anna"]


def test_ctrl_z_is_followed(qtbot, window, page):
    qtbot.keyClick(page.list, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: lines(page)[0].endswith(UNDONE))
    assert lines(page)[1].endswith(NEXT)


def test_what_cannot_be_undone_by_itself_says_what_comes_first(qtbot, window, page):
    library = window.shared.library
    (anna,) = library.people_called("Anna")
    window.shared.name(anna.key, "Zoe", lambda _: None)
    qtbot.waitUntil(lambda: page.model.rowCount() == 4)
    page.list.setCurrentIndex(page.model.index(3))
    qtbot.mouseClick(page.undo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "came after it" in window.notice.message)


def test_an_empty_history_says_what_will_be_there(qtbot, open_window, demo_library):
    window = open_window(demo_library)
    window.show_history()
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.READ))
    assert window.pages.history.model.rowCount() == 0
    qtbot.keyClick(window.pages.history, Key.Key_Escape)
    assert window.page is window.pages.people


def test_it_opens_at_the_newest_act_wherever_one_was_before(qtbot, window, page):
    window.resize(800, 520)
    done = []
    face = window.shared.library.faces(f"p{window.shared.people()[0].id}")[0]
    for number in range(12):
        window.shared.name(f"p{face.person}", f"Name {number}", done.append)
    qtbot.waitUntil(lambda: page.model.rowCount() == 15)
    qtbot.keyClick(page.list, Key.Key_End)
    bar = page.list.verticalScrollBar()
    assert bar.value() > 0
    assert page.list.currentIndex().row() == 14
    window.show_list("people")
    qtbot.keyClick(window, Key.Key_H, CTRL)
    qtbot.waitUntil(lambda: page.list.currentIndex().row() == 0)
    assert bar.value() == 0
    assert "Name 11" in lines(page)[0]
    qtbot.keyClick(page.list, Key.Key_Down)
    window.shared.refresh()
    window.shared.name(f"p{face.person}", "Name 12", done.append)
    qtbot.waitUntil(lambda: page.model.rowCount() == 16)
    assert page.list.currentIndex().row() == 2, "what comes meanwhile takes nobody away"
