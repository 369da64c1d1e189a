"""From a group of faces to a name, as a user does it: real library, real widgets, real keys."""

import unicodedata

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from photoclust.core.types import GroupKind
from photoclust.gui.views.unnamed import Part
from photoclust.services import browse
from photoclust.store.database import Library

Key = Qt.Key


@pytest.fixture
def window(open_window, two_groups):
    return open_window(two_groups)


def people(folder):
    with Library(folder) as library:
        return [group for group in browse.groups(library) if group.kind is GroupKind.PERSON]


def open_first_group(qtbot, window):
    grid = window.pages.people.grid
    area = grid.visualRect(grid.model().index(0))
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert window.page is window.pages.group
    qtbot.waitUntil(lambda: window.pages.group.model.rowCount() > 0)
    return window.pages.people.model.item(0)


def type_name(qtbot, window, name):
    """Type a name for the group on the page and press Enter; waits for what becomes of it."""
    editor = window.pages.group.editor
    editor.edit.setFocus()
    editor.edit.clear()
    if name.isascii():
        qtbot.keyClicks(editor.edit, name)
    else:
        editor.edit.setText(name)  # QTest types ASCII only
    before = editor.key
    qtbot.keyClick(editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: editor.key != before or not editor.choices.isHidden())


def open_person(qtbot, window, name):
    """The page of somebody who has a name."""
    qtbot.waitUntil(lambda: name in window.shared.names())
    group = next(group for group in window.pages.people.model.items if group.name == name)
    window.show_group(group)
    qtbot.waitUntil(lambda: window.pages.group.model.rowCount() == group.faces)


def wait_for_next(qtbot, window):
    """Enter has led on to the next group without a name."""
    qtbot.waitUntil(lambda: window.pages.group.key.startswith("g"))
    assert window.pages.group.editor.edit.text() == ""
    assert window.focusWidget() is window.pages.group.editor.edit


def test_the_largest_group_comes_first_and_a_click_lists_its_faces(qtbot, window):
    sizes = [group.faces for group in window.pages.people.model.items]
    assert sizes == sorted(sizes, reverse=True)
    group = open_first_group(qtbot, window)
    assert window.pages.group.model.rowCount() == group.faces
    assert {face.cluster for face in window.pages.group.model.items} == {group.id}


def test_a_typed_name_makes_a_person(qtbot, window, demo_library):
    group = open_first_group(qtbot, window)
    type_name(qtbot, window, "Anna")
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna"])
    open_person(qtbot, window, "Anna")
    assert [(person.name, person.faces) for person in people(demo_library)] == [
        ("Anna", group.faces)
    ]


@pytest.mark.parametrize(
    "spelling", ["anna-zoë", "ANNA-ZOË", unicodedata.normalize("NFD", "Anna-Zoë")]
)
def test_another_spelling_offers_the_person_and_enter_joins(spelling, qtbot, window, demo_library):
    open_first_group(qtbot, window)
    type_name(qtbot, window, "Anna-Zoë")
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna-Zoë"])
    (anna,) = people(demo_library)
    wait_for_next(qtbot, window)
    joined = next(
        g.faces for g in window.pages.people.model.items if g.key == window.pages.group.key
    )
    window.pages.group.editor.edit.setText(spelling)
    qtbot.keyClick(window.pages.group.editor.edit, Key.Key_Return)
    choices = window.pages.group.editor.choices
    qtbot.waitUntil(lambda: not choices.isHidden())
    labels = [button.text() for button in choices.buttons]
    assert labels[0] == f"This Anna-Zoë ({anna.photos} photos)"
    assert labels[1].startswith("Another ")
    qtbot.keyClick(choices.buttons[0], Key.Key_Return)
    qtbot.waitUntil(lambda: window.pages.group.key == f"p{anna.id}")
    (only,) = people(demo_library)
    assert only.faces == anna.faces + joined


@pytest.mark.parametrize(
    ("key", "modifier"),
    [
        (Key.Key_2, Qt.KeyboardModifier.NoModifier),
        (Key.Key_Return, Qt.KeyboardModifier.ControlModifier),
    ],
)
def test_one_key_says_another_person_of_that_name(key, modifier, qtbot, window, demo_library):
    open_first_group(qtbot, window)
    type_name(qtbot, window, "Anna")
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna"])
    wait_for_next(qtbot, window)
    type_name(qtbot, window, "anna")
    choices = window.pages.group.editor.choices
    qtbot.keyClick(choices.buttons[0], key, modifier)
    qtbot.waitUntil(lambda: window.pages.group.key.startswith("p"))
    assert sorted(person.name for person in people(demo_library)) == ["Anna", "anna"]


def test_escape_takes_the_question_back_and_writes_nothing(qtbot, window, demo_library):
    open_first_group(qtbot, window)
    type_name(qtbot, window, "Anna")
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna"])
    wait_for_next(qtbot, window)
    type_name(qtbot, window, "Anna")
    choices = window.pages.group.editor.choices
    qtbot.keyClick(choices.buttons[0], Key.Key_Escape)
    assert choices.isHidden()
    assert window.page is window.pages.group
    assert len(people(demo_library)) == 1


def test_renaming_a_person_asks_only_when_somebody_else_has_the_name(qtbot, window, demo_library):
    open_first_group(qtbot, window)
    type_name(qtbot, window, "Anna")
    open_person(qtbot, window, "Anna")
    editor = window.pages.group.editor
    editor.begin()
    qtbot.keyClicks(editor.edit, "ANNA")
    qtbot.keyClick(editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: window.shared.names() == ["ANNA"])
    assert editor.choices.isHidden()
    assert [person.name for person in people(demo_library)] == ["ANNA"]


def test_enter_leads_on_and_the_group_shown_is_the_current_one_of_the_list(qtbot, window):
    first = open_first_group(qtbot, window)
    type_name(qtbot, window, "Anna")
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna"])
    wait_for_next(qtbot, window)
    following = window.pages.group.key
    assert following != first.key
    qtbot.keyClick(window.pages.group.grid, Key.Key_Escape)
    assert window.page is window.pages.people
    current = window.pages.people.grid.currentIndex()
    assert window.pages.people.model.item(current.row()).key == following


def test_names_are_offered_while_typing_without_case_and_accents(qtbot, window):
    open_first_group(qtbot, window)
    type_name(qtbot, window, "Marie Élise")
    qtbot.waitUntil(lambda: window.shared.names() == ["Marie Élise"])
    wait_for_next(qtbot, window)
    edit = window.pages.group.editor.edit
    qtbot.keyClicks(edit, "eli")
    popup = edit.completer().popup()
    assert popup.isVisible()
    assert [popup.model().index(0, 0).data()] == ["Marie Élise"]
    qtbot.keyClick(popup, Key.Key_Down)
    qtbot.keyClick(popup, Key.Key_Return)
    assert edit.text() == "Marie Élise"


def test_a_name_chosen_while_no_window_is_active_is_written_and_taken(qtbot, window):
    """As it is for a moment after a list of names has closed."""
    open_first_group(qtbot, window)
    type_name(qtbot, window, "Anna")
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna"])
    wait_for_next(qtbot, window)
    edit = window.pages.group.editor.edit
    with pytest.deprecated_call():  # window systems do it; there is no other way without one
        QApplication.setActiveWindow(None)
    qtbot.keyClicks(edit, "anna")
    qtbot.keyClick(edit.completer().popup(), Key.Key_Down)
    qtbot.keyClick(edit.completer().popup(), Key.Key_Return)
    assert edit.text() == "Anna"


def test_a_single_face_is_named_and_leaves_the_page(qtbot, window, demo_library):
    window.show_list("unnamed")
    window.pages.unnamed.show_part(Part.FACES)
    page = window.pages.unnamed.single_faces
    qtbot.waitUntil(lambda: page.model.rowCount() > 0)
    count = page.model.rowCount()
    face = page.model.item(0)
    area = page.grid.visualRect(page.model.index(0))
    qtbot.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert page.editor.key == f"f{face.id}"
    qtbot.keyClicks(page.editor.edit, "Eileen")
    qtbot.keyClick(page.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: page.model.rowCount() == count - 1)
    assert page.model.row_of(face.id) is None
    assert [(person.name, person.faces) for person in people(demo_library)] == [("Eileen", 1)]


def test_a_name_that_looks_like_html_is_shown_as_it_is(qtbot, window):
    open_first_group(qtbot, window)
    type_name(qtbot, window, "<b>Anna</b>")
    qtbot.waitUntil(lambda: window.shared.names() == ["<b>Anna</b>"])
    notice = window.notice.findChildren(type(window.pages.people._size))
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in notice)
    assert window.notice.message == "This is <b>Anna</b> now."


def test_letters_typed_on_the_faces_go_to_the_name(qtbot, window):
    open_first_group(qtbot, window)
    window.pages.group.grid.setFocus()
    qtbot.keyClick(window.pages.group.grid, "k")
    assert window.focusWidget() is window.pages.group.editor.edit
    qtbot.keyClicks(window.pages.group.editor.edit, "im")
    assert window.pages.group.editor.edit.text() == "kim"


def test_suggestions_are_shown_whole_also_beside_a_long_name(qtbot, window):
    open_first_group(qtbot, window)
    type_name(qtbot, window, "Kim")
    wait_for_next(qtbot, window)
    type_name(qtbot, window, "Kimberley " + "of Somewhere Far Away " * 8)
    qtbot.waitUntil(lambda: len(window.shared.names()) == 2)
    edit = window.pages.group.editor.edit
    edit.setFocus()
    edit.clear()
    qtbot.keyClicks(edit, "ki")
    popup = edit.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    last = popup.visualRect(popup.model().index(1, 0))
    assert last.isValid()
    assert popup.viewport().rect().bottom() >= last.bottom()
    popup.hide()
