"""Undo and redo in the window: what the menu says, who gets the keys, what is shown after."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from photoclust.core.types import FaceId, GroupKind
from photoclust.gui.tasks import Lane
from photoclust.gui.views.unnamed import Part

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(open_window, two_groups):
    return open_window(two_groups)


def open_first_unnamed(qtbot, window):
    """Open the page of a group; its key and how many faces it has."""
    qtbot.keyClick(window, Qt.Key.Key_F3)
    group = next(g for g in window.pages.people.model.items if g.key == window.pages.group.key)
    qtbot.waitUntil(lambda: window.pages.group.model.rowCount() == group.faces)
    return group


def name_it(qtbot, window, name):
    edit = window.pages.group.editor.edit
    edit.setFocus()
    edit.setText(name)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: name in window.shared.names())
    qtbot.waitUntil(lambda: name.replace("&", "&&") in window.history.undo_action.text())
    person = next(group for group in window.pages.people.model.items if group.name == name)
    window.show_group(person)
    qtbot.waitUntil(lambda: window.pages.group.model.rowCount() == person.faces)


def button_of(window) -> QPushButton:
    return next(b for b in window.notice.findChildren(QPushButton) if b.text())


def test_nothing_can_be_undone_before_something_was_done(window):
    assert not window.history.undo_action.isEnabled()
    assert not window.history.redo_action.isEnabled()
    assert window.history.undo_action.text() == "&Undo"


def test_undo_takes_a_naming_back_and_redo_does_it_again(qtbot, window):
    group = open_first_unnamed(qtbot, window)
    name_it(qtbot, window, "Anna & Otto")
    title = f"Named {group.faces} faces Anna && Otto"
    assert window.history.undo_action.text() == f"&Undo: {title}"
    qtbot.keyClick(window.pages.group.grid, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: window.pages.group.key == group.key)
    assert window.shared.names() == []
    assert window.notice.message == f"Undone: Named {group.faces} faces Anna & Otto"
    assert window.pages.group.editor.edit.text() == ""
    assert window.history.redo_action.text() == f"&Redo: {title}"
    assert not window.history.undo_action.isEnabled()
    qtbot.keyClick(window.pages.group.grid, Qt.Key.Key_Z, CTRL | SHIFT)
    qtbot.waitUntil(lambda: window.pages.group.key.startswith("p"))
    assert window.shared.names() == ["Anna & Otto"]
    assert window.pages.group.model.rowCount() == group.faces, "it was empty meanwhile"
    assert window.notice.message.startswith("Done again: Named ")


def test_what_is_being_typed_is_undone_before_the_last_act(qtbot, window):
    open_first_unnamed(qtbot, window)
    name_it(qtbot, window, "Anna")
    open_first_unnamed(qtbot, window)
    edit = window.pages.group.editor.edit
    qtbot.keyClicks(edit, "Otto")
    qtbot.keyClick(edit, Qt.Key.Key_Z, CTRL)
    assert edit.text() == ""
    assert window.shared.desk.jobs(Lane.ACT) == []
    qtbot.keyClick(edit, Qt.Key.Key_Z, CTRL | SHIFT)
    assert edit.text() == "Otto"
    qtbot.keyClick(edit, Qt.Key.Key_Z, CTRL)
    qtbot.keyClick(edit, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: window.shared.names() == [])


def test_the_notice_after_a_naming_undoes_that_act_and_no_later_one(qtbot, window):
    first = open_first_unnamed(qtbot, window)
    name_it(qtbot, window, "Anna")
    assert window.notice.message == "This is Anna now."
    undo_anna = button_of(window)
    assert undo_anna.text() == "Undo"
    face = window.pages.group.model.item(0).id
    library = window.shared.library
    other = next(face for face in library.single_faces() if face.id != FaceId(face))
    library.name(f"f{other.id}", "Otto")
    qtbot.mouseClick(undo_anna, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.shared.names() == ["Otto"])
    assert library.homes([face]) == [first.key]


def test_an_act_that_another_builds_on_says_which_comes_first(qtbot, window):
    open_first_unnamed(qtbot, window)
    name_it(qtbot, window, "Anna")
    window.shared.library.name(window.pages.group.key, "Berta")
    qtbot.mouseClick(button_of(window), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "came after it" in window.notice.message)
    assert "Renamed Anna to Berta" in window.notice.message
    assert "--" not in window.notice.message


def test_a_single_face_comes_back_when_its_naming_is_undone(qtbot, window):
    window.show_list("unnamed")
    window.pages.unnamed.show_part(Part.FACES)
    page = window.pages.unnamed.single_faces
    qtbot.waitUntil(lambda: page.model.rowCount() > 0)
    count, face = page.model.rowCount(), page.model.item(0)
    page.grid.select(page.model.index(0))
    qtbot.keyClicks(page.editor.edit, "Eileen")
    qtbot.keyClick(page.editor.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(window.history.undo_action.isEnabled)
    qtbot.keyClick(page.editor.edit, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: page.model.rowCount() == count)
    assert page.model.row_of(face.id) is not None


def test_a_person_without_a_name_is_a_group_without_a_name(qtbot, window):
    """Merged groups are a person that no grouping takes apart, and still ask for a name."""
    from photoclust.services import deciding

    library = window.shared.library
    one, other = (g for g in window.pages.people.model.items if g.kind is GroupKind.CLUSTER)
    named = deciding.merge(library._library, one.key, other.key)
    window.shared.wrote(named.changes)
    key = f"p{named.person}"
    qtbot.waitUntil(lambda: window.pages.people.model.row_of(key) is not None)
    merged = window.pages.people.model.item(window.pages.people.model.row_of(key))
    assert merged.name is None
    assert "Who is this?" in window.pages.people.model.text(merged)
    assert "1 without a name" in window.pages.people._size.text()
    assert open_first_unnamed(qtbot, window).key == key
    assert (
        window.pages.group.editor.edit.hasFocus()
        or window.focusWidget() is window.pages.group.editor.edit
    )
    library.name(f"f{library.single_faces()[0].id}", "Anna")
    window.shared.refresh()
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna"])
    (anna,) = window.shared.library.people_called("Anna")
    window.pages.group.editor.edit.setText("anna")
    qtbot.keyClick(window.pages.group.editor.edit, Qt.Key.Key_Return)
    choices = window.pages.group.editor.choices
    qtbot.waitUntil(lambda: not choices.isHidden())
    qtbot.keyClick(choices.buttons[0], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.pages.group.key == anna.key)
    qtbot.waitUntil(lambda: window.pages.people.model.row_of(key) is None)
    (joined,) = library.people_called("Anna")
    assert joined.faces == merged.faces + 1
