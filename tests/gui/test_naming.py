"""From a group of faces to a name, as a user does it: real library, real widgets, real keys."""

import unicodedata

import pytest
from PySide6.QtCore import Qt

from photoclust.core.types import GroupKind
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
    grid = window.people.grid
    area = grid.visualRect(grid.model().index(0))
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert window.page is window.group
    qtbot.waitUntil(lambda: window.group.model.rowCount() > 0)
    return window.people.model.item(0)


def type_name(qtbot, window, name):
    """Type a name for the group on the page and press Enter; waits for what becomes of it."""
    editor = window.group.editor
    editor.edit.setFocus()
    editor.edit.clear()
    if name.isascii():
        qtbot.keyClicks(editor.edit, name)
    else:
        editor.edit.setText(name)  # QTest types ASCII only
    before = editor.key
    qtbot.keyClick(editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: editor.key != before or not editor.choices.isHidden())


def open_unnamed(qtbot, window):
    """The next group without a name, with F3."""
    known = window.group.key
    qtbot.keyClick(window, Key.Key_F3)
    qtbot.waitUntil(lambda: window.group.key != known and window.group.key.startswith("g"))
    assert window.group.editor.edit.text() == ""


def test_the_largest_group_comes_first_and_a_click_lists_its_faces(qtbot, window):
    sizes = [group.faces for group in window.people.model.items]
    assert sizes == sorted(sizes, reverse=True)
    group = open_first_group(qtbot, window)
    assert window.group.model.rowCount() == group.faces
    assert {face.cluster for face in window.group.model.items} == {group.id}


def test_a_typed_name_makes_a_person(qtbot, window, demo_library):
    group = open_first_group(qtbot, window)
    type_name(qtbot, window, "Anna")
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna"])
    assert window.group.key.startswith("p")
    assert window.group.model.rowCount() == group.faces
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
    open_unnamed(qtbot, window)
    joined = next(g.faces for g in window.people.model.items if g.key == window.group.key)
    window.group.editor.edit.setText(spelling)
    qtbot.keyClick(window.group.editor.edit, Key.Key_Return)
    choices = window.group.editor.choices
    qtbot.waitUntil(lambda: not choices.isHidden())
    labels = [button.text() for button in choices.buttons]
    assert labels[0] == f"This Anna-Zoë ({anna.photos} photos)"
    assert labels[1].startswith("Another ")
    qtbot.keyClick(choices.buttons[0], Key.Key_Return)
    qtbot.waitUntil(lambda: window.group.key == f"p{anna.id}")
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
    open_unnamed(qtbot, window)
    type_name(qtbot, window, "anna")
    choices = window.group.editor.choices
    qtbot.keyClick(choices.buttons[0], key, modifier)
    qtbot.waitUntil(lambda: window.group.key.startswith("p"))
    assert sorted(person.name for person in people(demo_library)) == ["Anna", "anna"]


def test_escape_takes_the_question_back_and_writes_nothing(qtbot, window, demo_library):
    open_first_group(qtbot, window)
    type_name(qtbot, window, "Anna")
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna"])
    open_unnamed(qtbot, window)
    type_name(qtbot, window, "Anna")
    choices = window.group.editor.choices
    qtbot.keyClick(choices.buttons[0], Key.Key_Escape)
    assert choices.isHidden()
    assert window.page is window.group
    assert len(people(demo_library)) == 1


def test_renaming_a_person_asks_only_when_somebody_else_has_the_name(qtbot, window, demo_library):
    open_first_group(qtbot, window)
    type_name(qtbot, window, "Anna")
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna"])
    editor = window.group.editor
    editor.begin()
    qtbot.keyClicks(editor.edit, "ANNA")
    qtbot.keyClick(editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: window.shared.names() == ["ANNA"])
    assert editor.choices.isHidden()
    assert [person.name for person in people(demo_library)] == ["ANNA"]


def test_the_grid_stays_in_place_and_the_named_group_stays_current(qtbot, window):
    open_first_group(qtbot, window)
    type_name(qtbot, window, "Anna")
    qtbot.waitUntil(lambda: window.shared.names() == ["Anna"])
    named = window.group.key
    qtbot.keyClick(window.group.grid, Key.Key_Escape)
    assert window.page is window.people
    current = window.people.grid.currentIndex()
    assert window.people.model.item(current.row()).key == named


def test_names_are_offered_while_typing_without_case_and_accents(qtbot, window):
    open_first_group(qtbot, window)
    type_name(qtbot, window, "Marie Élise")
    qtbot.waitUntil(lambda: window.shared.names() == ["Marie Élise"])
    open_unnamed(qtbot, window)
    edit = window.group.editor.edit
    qtbot.keyClicks(edit, "eli")
    popup = edit.completer().popup()
    assert popup.isVisible()
    assert [popup.model().index(0, 0).data()] == ["Marie Élise"]
    qtbot.keyClick(popup, Key.Key_Down)
    qtbot.keyClick(popup, Key.Key_Return)
    assert edit.text() == "Marie Élise"


def test_a_single_face_is_named_and_leaves_the_page(qtbot, window, demo_library):
    window.show_list(2)
    page = window.single_faces
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
    notice = window.notice.findChildren(type(window.people._size))
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in notice)
    assert window.notice.message == "This is <b>Anna</b> now."


def test_letters_typed_on_the_faces_go_to_the_name(qtbot, window):
    open_first_group(qtbot, window)
    window.group.grid.setFocus()
    qtbot.keyClick(window.group.grid, "k")
    assert window.focusWidget() is window.group.editor.edit
    qtbot.keyClicks(window.group.editor.edit, "im")
    assert window.group.editor.edit.text() == "kim"


def test_suggestions_are_shown_whole_also_beside_a_long_name(qtbot, window):
    open_first_group(qtbot, window)
    type_name(qtbot, window, "Kim")
    open_unnamed(qtbot, window)
    type_name(qtbot, window, "Kimberley " + "of Somewhere Far Away " * 8)
    qtbot.waitUntil(lambda: len(window.shared.names()) == 2)
    edit = window.group.editor.edit
    edit.setFocus()
    edit.clear()
    qtbot.keyClicks(edit, "ki")
    popup = edit.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    last = popup.visualRect(popup.model().index(1, 0))
    assert last.isValid()
    assert popup.viewport().rect().bottom() >= last.bottom()
    popup.hide()
