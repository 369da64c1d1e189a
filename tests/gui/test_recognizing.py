"""What a name given in the window lets the program recognise, and how that is shown."""

import pytest
from PySide6.QtCore import Qt

from photoclust.core.settings import Settings
from photoclust.gui import text
from photoclust.gui.tasks import Lane

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(open_window, two_groups):
    """Two groups of one person."""
    return open_window(two_groups, Settings(theme="light", naming_precision=0.95))


def name_first_group(qtbot, window, name):
    """Name the larger group; gives how many faces it has."""
    qtbot.keyClick(window, Qt.Key.Key_F3)
    group = next(g for g in window.pages.people.model.items if g.key == window.pages.group.key)
    qtbot.waitUntil(lambda: window.pages.group.model.rowCount() == group.faces)
    edit = window.pages.group.editor.edit
    edit.setFocus()
    edit.setText(name)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: name in window.shared.names())
    return group.faces


def faces_of(window, name):
    return next(group.faces for group in window.shared.overview.groups if group.name == name)


def test_a_name_lets_the_rest_of_the_person_be_recognised(qtbot, window):
    given = name_first_group(qtbot, window, "Anna")
    qtbot.waitUntil(lambda: faces_of(window, "Anna") > given)
    found = faces_of(window, "Anna") - given
    qtbot.waitUntil(lambda: "recognised" in window.notice.message)
    assert window.notice.message == (
        f"This is Anna now. {found} more faces recognised and named automatically."
    )
    # What Ctrl+Z undoes is what the user did.
    assert window.history.undo_action.text() == f"&Undo: Named {given} faces Anna"
    person = next(group for group in window.pages.people.model.items if group.name == "Anna")
    window.show_group(person)
    qtbot.waitUntil(lambda: window.pages.group.model.rowCount() == given + found)
    faces = window.pages.group.model.items
    marked = [face for face in faces if text.is_automatic(face)]
    assert len(marked) == found
    tile = window.pages.group.grid.itemDelegate()
    assert tile.hint(marked[0]).endswith(text.AUTOMATIC)
    others = [face for face in faces if face.confirmed]
    assert text.AUTOMATIC not in tile.hint(others[0])


def test_a_name_that_is_taken_back_takes_along_what_was_recognised_by_it(qtbot, window):
    given = name_first_group(qtbot, window, "Anna")
    qtbot.waitUntil(lambda: faces_of(window, "Anna") > given)
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: window.shared.names() == [])
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.RECOGNITION))
    assert all(group.name is None for group in window.shared.overview.groups)


def test_closing_the_window_ends_a_recognition(qtbot, window):
    name_first_group(qtbot, window, "Anna")
    window.close()
    assert window.shared.library is None, "a thread hangs"
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.RECOGNITION))
