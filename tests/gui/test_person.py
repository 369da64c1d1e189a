"""The page of a person by mouse and keys: faces and photos by year, acts, and what is known."""

import json

import pytest
from PySide6.QtCore import Qt

from photoclust.core.dates import parse_birthday, parse_date
from photoclust.core.paths import settings_file
from photoclust.services import browse, deciding, describing, naming
from photoclust.store.database import Library

Key, Button = Qt.Key, Qt.MouseButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
YEARS = ("2004", "2004", "2011-05-03", "2019", None, None)


@pytest.fixture
def album(tmp_path, crowd_in):
    """Anna with six faces, of which four have a year; Berta with four; three faces of nobody."""
    folder = tmp_path / "album"
    with Library(folder) as library:
        crowd = crowd_in(library)
        anna, berta = crowd.photos_of(0, 6), crowd.photos_of(1, 4)
        crowd.photos_of(2, 3)
        naming.name_all(library, [f"f{face}" for face in anna], "Anna")
        naming.name_all(library, [f"f{face}" for face in berta], "Berta")
        for face, year in zip(browse.faces_by_id(library, anna), YEARS, strict=True):
            if year is not None:
                deciding.set_date(library, [face.photo], parse_date(year))
        (key,) = (group.key for group in browse.groups(library) if group.name == "Anna")
        photos = [face.photo for face in browse.faces_by_id(library, anna[:2])]
        other = next(group.key for group in browse.groups(library) if group.name == "Berta")
        describing.tag(library, other, photos)
        describing.set_birthday(library, key, parse_birthday("2000-05-03"))
    return folder


@pytest.fixture
def window(qtbot, open_window, album):
    window = open_window(album)
    open_person(qtbot, window, "Anna")
    return window


def open_person(qtbot, window, name):
    group = next(group for group in window.pages.people.model.items if group.name == name)
    window.show_group(group)
    qtbot.waitUntil(lambda: window.pages.group.model.rowCount() == group.faces)


def in_library(folder):
    with Library(folder) as library:
        return {group.name: (group.faces, group.photos) for group in browse.groups(library)}


def titles(grid):
    return [(section.title, section.count) for section in grid.grid.sections]


def pick(qtbot, grid, *rows):
    for row in rows:
        grid.scrollTo(grid.model().index(row, 0))
        place = grid.visualRect(grid.model().index(row, 0)).center()
        qtbot.mouseClick(grid.viewport(), Button.LeftButton, CTRL, place)
    assert len(grid.picked) == len(rows)


def told(qtbot, window, words):
    qtbot.waitUntil(lambda: window.notice.message == words)


# What is shown


def test_faces_are_grouped_by_year_the_newest_first_with_ages_below(window):
    page = window.pages.group
    assert titles(page.grid) == [("2019", 1), ("2011", 1), ("2004", 2), ("Without a date", 2)]
    tile = page.portraits._face_tile
    words = [tile.words(face)[0] for face in page.model.items]
    assert words == ["Age 18–19", "Age 11", "Age 3–4", "Age 3–4", "", ""]


def test_whole_photos_are_shown_on_request_and_the_place_is_kept(qtbot, window):
    page = window.pages.group
    page.grid.pick_row(5)
    photo = page.model.item(5).photo
    qtbot.mouseClick(page.tools.photos_button, Button.LeftButton)
    grid = page.portraits.photo_grid
    assert grid.isVisible()
    assert titles(grid) == [("2019", 1), ("2011", 1), ("2004", 2), ("Without a date", 2)]
    assert grid.item(grid.currentIndex()) == photo
    grid.scrollToTop()
    place = grid.visualRect(grid.model().index(0, 0)).center()
    qtbot.mouseClick(grid.viewport(), Button.LeftButton, pos=place)
    assert window.page is window.pages.photo
    assert window.pages.photo.photo == page.model.item(0).photo
    window.go_back()
    assert window.page is page
    assert grid.isVisible()


def test_the_size_of_the_pictures_is_remembered(qtbot, window):
    page = window.pages.group
    wide = page.grid.visualRect(page.model.index(0)).width()
    page.tools.slider.setFocus()
    qtbot.keyClick(page.tools.slider, Key.Key_End)
    assert page.grid.visualRect(page.model.index(0)).width() > wide
    qtbot.waitUntil(settings_file().exists)
    qtbot.waitUntil(lambda: json.loads(settings_file().read_text())["face_tile_px"] == 260)
    qtbot.keyClick(page.grid, Key.Key_Minus, CTRL)
    assert page.tools.slider.value() < 260


def test_who_is_seen_with_somebody_leads_to_their_photos_and_to_them(qtbot, window):
    page = window.pages.group
    qtbot.mouseClick(page.tools.about_button, Button.LeftButton)
    assert page.panel.isVisible()
    qtbot.waitUntil(lambda: bool(page.panel.companions))
    (berta,) = page.panel.companions
    assert berta.accessibleName() == "Berta (2)"
    qtbot.mouseClick(berta, Button.LeftButton)
    qtbot.waitUntil(page.note.isVisible)
    assert page.note.words == "2 photos with Berta"
    grid = page.portraits.photo_grid
    assert titles(grid) == [("2004", 2)]
    qtbot.keyClick(grid, Key.Key_Escape)
    assert not page.note.isVisible()
    assert grid.model().rowCount() == 6
    qtbot.mouseClick(berta, Button.LeftButton)
    qtbot.waitUntil(page.note.isVisible)
    qtbot.mouseClick(page.note.button, Button.LeftButton)
    qtbot.waitUntil(lambda: page.editor.edit.text() == "Berta")
    assert not page.note.isVisible()


# What is known of a person


def test_other_names_are_added_and_removed_and_escape_adds_none(qtbot, window, album):
    panel = window.pages.group.panel
    pick(qtbot, window.pages.group.grid, 0)
    qtbot.keyClick(window.pages.group.grid, Key.Key_D)
    assert window.focusWidget() is panel.alias
    qtbot.keyClicks(panel.alias, "Ann")
    qtbot.keyClick(panel.alias, Key.Key_Escape)
    assert (panel.alias.text(), panel.isVisible()) == ("", True)
    qtbot.keyClicks(panel.alias, "Annie")
    qtbot.keyClick(panel.alias, Key.Key_Return)
    told(qtbot, window, "Also found by the name Annie now.")
    assert panel.alias.text() == ""
    qtbot.waitUntil(lambda: window.shared.people()[0].aliases == ("Annie",))
    remove = next(
        button
        for button in panel.findChildren(type(window.pages.group.next_button))
        if button.accessibleName() == "Remove the name Annie"
    )
    qtbot.mouseClick(remove, Button.LeftButton)
    qtbot.waitUntil(lambda: window.shared.people()[0].aliases == ())
    window.notice.acted.emit("undo")
    qtbot.waitUntil(lambda: window.shared.people()[0].aliases == ("Annie",))
    qtbot.keyClicks(panel.alias, "BERTA")
    qtbot.keyClick(panel.alias, Key.Key_Return)
    qtbot.waitUntil(lambda: "somebody else already" in window.notice.message)
    qtbot.keyClick(panel.alias, Key.Key_Escape)
    qtbot.keyClick(panel.alias, Key.Key_Escape)
    assert not panel.isVisible()
    assert window.page is window.pages.group


def test_a_birthday_is_noted_and_what_is_none_is_refused(qtbot, window):
    panel = window.pages.group.panel
    window.pages.group.show_about(shown=True)
    assert panel.birthday.text() == "3 May 2000"
    panel.birthday.setFocus()
    panel.birthday.selectAll()
    qtbot.keyClicks(panel.birthday, "soon")
    qtbot.keyClick(panel.birthday, Key.Key_Return)
    qtbot.waitUntil(lambda: "not understood as a birthday" in window.notice.message)
    qtbot.keyClick(panel.birthday, Key.Key_Escape)
    assert panel.birthday.text() == "3 May 2000"
    panel.birthday.selectAll()
    qtbot.keyClicks(panel.birthday, "1999")
    qtbot.keyClick(panel.birthday, Key.Key_Return)
    told(qtbot, window, "Born 1999.")
    tile, model = window.pages.group.portraits._face_tile, window.pages.group.model
    qtbot.waitUntil(lambda: tile.words(model.item(0)) == ("Age 19–20",))


# Acts


def test_faces_are_said_to_be_somebody_else(qtbot, window, album):
    page = window.pages.group
    pick(qtbot, page.grid, 0, 1)
    qtbot.keyClick(page.grid, Key.Key_V)
    panel = page.acts.panel
    qtbot.keyClicks(panel.editor.edit, "ber")
    popup = panel.editor.edit.completer().popup()
    qtbot.keyClick(popup, Key.Key_Down)
    qtbot.keyClick(popup, Key.Key_Return)
    qtbot.keyClick(panel.editor.edit, Key.Key_Return)
    told(qtbot, window, "This is Berta now.")
    assert page.model.rowCount() == 4
    assert in_library(album)["Berta"][0] == 6
    assert page.editor.edit.text() == "Anna", "the page stays where it is"
    qtbot.waitUntil(lambda: window.history.undo_action.text() == "&Undo: Moved 2 faces to Berta")
    qtbot.keyClick(page.grid, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: page.model.rowCount() == 6)


def test_one_key_after_the_other_says_who_it_is_not(qtbot, window, album):
    page = window.pages.group
    page.grid.setFocus()
    qtbot.keyClick(page.grid, Key.Key_Home)
    ids = [face.id for face in page.model.items]
    for number in (1, 2):
        qtbot.keyClick(page.grid, Key.Key_N)
        qtbot.waitUntil(lambda number=number: page.model.rowCount() == 6 - number)
        assert [face.id for face in page.grid.picked] == [ids[number]]
    told(qtbot, window, "1 face is not Anna any more.")
    assert in_library(album)["Anna"][0] == 4
    window.notice.acted.emit("undo")
    qtbot.waitUntil(lambda: page.model.rowCount() == 5)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (Key.Key_X, "2 finds are marked as no face."),
        (Key.Key_T, "2 faces are a group of their own now."),
    ],
)
def test_chosen_faces_leave_the_person_and_come_back_by_undo(key, words, qtbot, window, album):
    page = window.pages.group
    pick(qtbot, page.grid, 1, 3)
    qtbot.keyClick(page.grid, key)
    told(qtbot, window, words)
    assert page.model.rowCount() == 4
    assert in_library(album)["Anna"][0] == 4
    assert (None in in_library(album)) == (key is Key.Key_T)
    assert page.grid.picked == []
    assert page.grid.currentIndex().row() == 1
    window.notice.acted.emit("undo")
    qtbot.waitUntil(lambda: page.model.rowCount() == 6)


def test_a_face_is_chosen_as_the_cover(qtbot, window):
    page = window.pages.group
    anna = page._group
    row = next(row for row, face in enumerate(page.model.items) if face.id != anna.cover)
    pick(qtbot, page.grid, row)
    qtbot.keyClick(page.grid, Key.Key_C)
    told(qtbot, window, "This face stands for Anna now.")
    chosen = page.model.item(row).id
    qtbot.waitUntil(lambda: page._group.cover == chosen)
    assert page.model.rowCount() == 6


def test_all_faces_cannot_be_split_off(qtbot, window):
    page = window.pages.group
    page.grid.setFocus()
    qtbot.keyClick(page.grid, Key.Key_A, CTRL)
    assert len(page.grid.picked) == 6
    assert not page.acts.split.isEnabled()
    assert page.acts.reject.text() == "Not Anna"


def test_what_is_chosen_among_photos_is_about_the_faces_in_them(qtbot, window, album):
    page = window.pages.group
    qtbot.mouseClick(page.tools.photos_button, Button.LeftButton)
    grid = page.portraits.photo_grid
    pick(qtbot, grid, 0, 2)
    qtbot.keyClick(grid, Key.Key_N)
    told(qtbot, window, "2 faces are not Anna any more.")
    assert grid.model().rowCount() == 4
    assert in_library(album)["Anna"] == (4, 4)


def test_who_is_in_a_photo_without_a_face_can_be_taken_out(qtbot, window, album):
    open_person(qtbot, window, "Berta")
    page = window.pages.group
    qtbot.mouseClick(page.tools.photos_button, Button.LeftButton)
    grid = page.portraits.photo_grid
    assert grid.model().rowCount() == 6
    pick(qtbot, grid, 0, 1)
    assert not page.acts.move.isEnabled()
    qtbot.keyClick(grid, Key.Key_N)
    told(qtbot, window, "Berta is not in 2 photos any more.")
    assert in_library(album)["Berta"] == (4, 4)


def test_keys_of_the_page_need_no_chosen_face_and_no_letter_overtypes_a_name(qtbot, window):
    page = window.pages.group
    assert not page.grid.picked
    qtbot.keyClick(page.grid, Key.Key_P)
    assert page.portraits.photo_grid.hasFocus()
    qtbot.keyClick(page.portraits.photo_grid, Key.Key_P)
    assert page.grid.hasFocus()
    qtbot.keyClick(page.grid, Key.Key_O)
    told(qtbot, window, "No face looks out of place here.")
    for letter in "xvbq":
        qtbot.keyClick(page.grid, letter)
    assert page.grid.hasFocus()
    qtbot.keyClick(page.grid, Key.Key_D)
    assert page.panel.isVisible()
    assert page.editor.edit.text() == "Anna"


def test_f2_goes_to_the_name_all_of_it_chosen(qtbot, window):
    page = window.pages.group
    qtbot.keyClick(page.grid, Key.Key_F2)
    assert window.focusWidget() is page.editor.edit
    assert page.editor.edit.selectedText() == "Anna"


@pytest.mark.parametrize("letter", "dopx")
def test_any_letter_begins_the_name_of_a_group_without_one(letter, qtbot, open_window, two_groups):
    window = open_window(two_groups)
    open_person(qtbot, window, None)
    page = window.pages.group
    page.grid.setFocus()
    qtbot.keyClick(page.grid, letter)
    assert window.focusWidget() is page.editor.edit
    assert page.editor.edit.text() == letter
    qtbot.keyClick(page.editor.edit, Key.Key_Escape)
    assert page.editor.edit.text() == ""
    pick(qtbot, page.grid, 0)
    qtbot.keyClick(page.grid, Key.Key_P)
    assert page.portraits.photo_grid.isVisible()
    assert page.editor.edit.text() == ""


def test_opening_somebody_beside_the_open_panel_leaves_the_keyboard_to_the_faces(qtbot, window):
    page = window.pages.group
    qtbot.mouseClick(page.tools.about_button, Button.LeftButton)
    for again in ("Anna", "Berta"):
        page.panel.alias.setFocus()
        window.go_back()
        open_person(qtbot, window, again)
        assert page.panel.isVisible()
        assert window.focusWidget() is page.grid


def test_opening_somebody_with_the_details_types_nothing_there(qtbot, window):
    page = window.pages.group
    window.go_back()
    people = window.pages.people.grid
    people.setCurrentIndex(window.pages.people.model.index(1))
    qtbot.keyClick(people, Key.Key_D)
    assert page.panel.isVisible()
    assert window.focusWidget() is page.grid


def test_where_the_panel_has_all_the_room_somebody_else_is_opened_without_it(qtbot, window):
    page = window.pages.group
    window.resize(760, 600)
    qtbot.mouseClick(page.tools.about_button, Button.LeftButton)
    assert not page.grid.isVisible()
    window.go_back()
    open_person(qtbot, window, "Berta")
    assert not page.panel.isVisible()
    assert window.focusWidget() is page.grid


# Out of place


def test_faces_that_look_out_of_place_are_shown_alone_and_reviewed(
    qtbot, open_window, tmp_path, crowd_in
):
    folder = tmp_path / "mixed"
    with Library(folder) as library:
        crowd = crowd_in(library)
        anna, berta = crowd.photos_of(0, 8), crowd.photos_of(1, 8)
        wrong = [*crowd.photos_of(1, 1), *crowd.photos_of(2, 1)]
        naming.name_all(library, [f"f{face}" for face in (*anna, *wrong)], "Anna")
        naming.name_all(library, [f"f{face}" for face in berta], "Berta")
    window = open_window(folder)
    open_person(qtbot, window, "Anna")
    page = window.pages.group
    qtbot.mouseClick(page.tools.doubt_button, Button.LeftButton)
    qtbot.waitUntil(page.note.isVisible)
    assert page.note.words == "2 faces look out of place"
    assert {face.id for face in page.model.items} == set(wrong)
    assert titles(page.grid) == [("", 2)]
    assert len(page.grid.picked) == 1, "the first is chosen: one key each"
    qtbot.keyClick(page.grid, Key.Key_N)
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    qtbot.keyClick(page.grid, Key.Key_K)
    assert not page.note.isVisible(), "all are looked at"
    qtbot.waitUntil(lambda: page.model.rowCount() == 9)
    assert in_library(folder)["Anna"][0] == 9
    open_person(qtbot, window, "Berta")
    qtbot.mouseClick(page.tools.doubt_button, Button.LeftButton)
    told(qtbot, window, "No face looks out of place here.")
    assert page.model.rowCount() == 8
