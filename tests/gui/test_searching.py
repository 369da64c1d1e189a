"""Searching in the window: typing, completing, what was found, what is wrong, and the way back."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt

from photoclust.core.settings import Settings
from photoclust.gui import search_text
from photoclust.gui.app import application
from photoclust.services import browse, naming
from photoclust.store import schema
from photoclust.store.database import Library

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
ODD = "Željko 🎸 Öztürk"


@pytest.fixture
def named(two_groups):
    """The demo library with somebody called Anna and somebody of an odd name."""
    with Library(two_groups) as library:
        first, second, *_ = browse.groups(library)
        naming.name(library, first.key, "Anna")
        naming.name(library, second.key, ODD)
    return two_groups


@pytest.fixture
def window(open_window, named):
    return open_window(named)


@pytest.fixture
def box(window):
    return window.searching.box


def found(window):
    return list(window.pages.search.model.items)


def look_for(qtbot, window, words):
    """Press Ctrl+F, type, press Enter; wait for an answer."""
    box = window.searching.box
    qtbot.keyClick(window, Key.Key_F, CTRL)
    assert window.focusWidget() is box
    box.clear()
    if words.isascii():
        qtbot.keyClicks(box, words)
    else:
        box.insert(words)
        box.textEdited.emit(words)
    qtbot.keyClick(box, Key.Key_Return)
    qtbot.waitUntil(lambda: window.page is window.pages.search)


@pytest.fixture
def german(open_window, named):
    """A window that speaks German."""
    yield open_window(named, Settings(theme="light", naming_precision=1.0, language="de"))
    application(Settings(theme="light", language="en"))


def test_a_german_reader_searches_in_german_and_is_corrected_in_it(qtbot, german):
    window = german
    box = window.searching.box
    look_for(qtbot, window, "gesichter:>0 oder year:1800")
    qtbot.waitUntil(lambda: len(found(window)) > 0)
    every = found(window)
    look_for(qtbot, window, "faces:>0")
    qtbot.waitUntil(lambda: box.text() == "faces:>0" and found(window) == every)
    qtbot.keyClick(window, Key.Key_F, CTRL)
    box.clear()
    qtbot.keyClick(window, Key.Key_F, CTRL)
    qtbot.keyClicks(box, "ord")
    qtbot.waitUntil(box.popup.isVisible)
    assert box.popup.model().index(0, 0).data() == "ordner:"
    qtbot.keyClick(box.popup, Key.Key_Down)
    qtbot.keyClick(box.popup, Key.Key_Return)
    assert box.text() == "ordner:"
    look_for(qtbot, window, "folder:")
    said = window.pages.search.nothing.words
    qtbot.waitUntil(lambda: "ordner:italien" in said.text().replace("\u200b", ""))


def photos_of(folder, name):
    with Library(folder) as library:
        (person,) = browse.people_called(library, name)
        return [photo.id for photo in browse.photos_of(library, person.key)]


def test_a_year_that_is_only_a_folder_is_offered_as_one(qtbot, open_window, named):
    with Library(named) as library:
        photo = browse.photo_ids(library)[0]
        file = schema.file
        with library.write() as tx:
            there = {"path": Path("/photos/1850/old.jpg")}
            tx.execute(file.update().where(file.c.photo_id == photo).values(there))
    window = open_window(named)
    look_for(qtbot, window, "1850")
    page = window.pages.search
    assert found(window) == []
    assert page.instead.isVisible()
    assert page.instead.text() == "Folder 1850: 1 photo"
    qtbot.mouseClick(page.instead, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: found(window) == [photo])
    assert window.searching.box.text() == "folder:1850"
    look_for(qtbot, window, "1851")
    qtbot.waitUntil(lambda: found(window) == [])
    assert not page.instead.isVisible()


def test_enter_shows_the_photos_and_what_the_words_were_taken_for(qtbot, window, named):
    look_for(qtbot, window, "anna")
    qtbot.waitUntil(lambda: found(window) == photos_of(named, "Anna"))
    page = window.pages.search
    assert page.number.text().startswith(f"{len(found(window))} photo")
    assert page.meanings.text() == "anna: Anna"
    assert window.focusWidget() is page.grid


def test_photos_are_found_while_typing(qtbot, window, box, named):
    qtbot.keyClick(window, Key.Key_K, CTRL)
    qtbot.keyClicks(box, "anna")
    qtbot.waitUntil(lambda: window.page is window.pages.search)
    qtbot.waitUntil(lambda: found(window) == photos_of(named, "Anna"))
    assert window.focusWidget() is box, "more may be typed"


def test_a_completion_is_chosen_by_keys_alone(qtbot, window, box, named):
    qtbot.keyClick(window, Key.Key_F, CTRL)
    qtbot.keyClicks(box, "zel")
    qtbot.waitUntil(box.popup.isVisible)
    assert box.popup.model().index(0, 0).data() == ODD
    qtbot.keyClick(box.popup, Key.Key_Down)
    qtbot.keyClick(box.popup, Key.Key_Return)
    assert ODD in box.text()
    qtbot.waitUntil(lambda: found(window) == photos_of(named, ODD))
    qtbot.keyClicks(box, "yea")
    qtbot.waitUntil(box.popup.isVisible)
    qtbot.waitUntil(lambda: box.popup.model().index(0, 0).data() == "year:")
    qtbot.keyClick(box.popup, Key.Key_Down)
    qtbot.keyClick(box.popup, Key.Key_Return)
    assert box.text().endswith(" year:")
    assert ODD in box.text()
    box.popup.hide()


def test_enter_takes_no_completion_that_nobody_went_to(qtbot, window, box, named):
    qtbot.keyClick(window, Key.Key_F, CTRL)
    qtbot.keyClicks(box, "zel")
    qtbot.waitUntil(box.popup.isVisible)
    qtbot.keyClick(box.popup, Key.Key_Return)
    qtbot.waitUntil(lambda: window.focusWidget() is window.pages.search.grid)
    assert box.text() == "zel"
    assert found(window) == photos_of(named, ODD)


def test_the_newest_question_wins(qtbot, window, box, monkeypatch):
    from photoclust.gui.operations import searching as operations

    asked = []
    complete = operations.complete

    def slow(library, words, cursor):
        asked.append(words)
        qtbot.wait(0)
        return complete(library, words, cursor)

    monkeypatch.setattr(operations, "complete", slow)
    qtbot.keyClick(window, Key.Key_F, CTRL)
    qtbot.keyClicks(box, "abcdefghijann")
    qtbot.waitUntil(lambda: bool(asked) and asked[-1] == "abcdefghijann")
    assert len(asked) < 13, "a question is dropped for a newer one"


def test_a_wrong_word_is_underlined_and_said(qtbot, window, box):
    look_for(qtbot, window, "anna year:abcd")
    page = window.pages.search
    assert page.nothing.isVisible()
    assert "abcd" in page.nothing.words.text()
    plain = box.grab(QRect(0, box.height() // 2, box.width(), box.height() // 2)).toImage()
    box.unmark()
    after = box.grab(QRect(0, box.height() // 2, box.width(), box.height() // 2)).toImage()
    assert plain != after, "nothing was underlined"
    assert box.text() == "anna year:abcd"


def test_nothing_found_says_why(qtbot, window):
    look_for(qtbot, window, "annna")
    page = window.pages.search
    qtbot.waitUntil(page.nothing.isVisible)
    assert "did you mean Anna?" in page.nothing.words.text()


def test_escape_leads_back_to_the_page_before_and_its_place(qtbot, window, box):
    window.pages.people.grid.select(window.pages.people.model.index(1))
    look_for(qtbot, window, "anna")
    qtbot.waitUntil(lambda: bool(found(window)))
    qtbot.keyClick(window.pages.search.grid, Key.Key_Escape)
    assert window.page is window.pages.people
    assert window.pages.people.grid.currentIndex().row() == 1
    assert box.text() == ""
    look_for(qtbot, window, "anna")
    qtbot.keyClick(window, Key.Key_F, CTRL)
    qtbot.keyClick(box, Key.Key_Escape)
    assert window.page is window.pages.people
    assert window.focusWidget() is window.pages.people.grid


def test_somebody_who_deletes_what_they_typed_can_type_something_else(qtbot, window, box):
    qtbot.keyClick(window, Key.Key_F, CTRL)
    qtbot.keyClicks(box, "anna")
    qtbot.waitUntil(lambda: window.page is window.pages.search)
    for _ in "anna":
        qtbot.keyClick(box, Key.Key_Backspace)
    assert window.page is window.pages.people
    assert window.focusWidget() is box


def test_a_photo_of_the_search_leads_back_to_the_search(qtbot, window, box):
    look_for(qtbot, window, "anna")
    page = window.pages.search
    qtbot.waitUntil(lambda: len(found(window)) > 1)
    qtbot.keyClick(page.grid, Key.Key_Right)
    qtbot.keyClick(page.grid, Key.Key_Return)
    assert window.page is window.pages.photo
    assert window.pages.photo.photo == found(window)[1]
    window.go_back()
    assert window.page is page
    assert box.text() == "anna"
    assert page.grid.currentIndex().row() == 1
    window.show_list("photos")
    assert box.text() == "", "the search is over"


def test_what_is_found_follows_the_library(qtbot, window, named):
    look_for(qtbot, window, "anna")
    qtbot.waitUntil(lambda: bool(found(window)))
    key = window.shared.library.people_called("Anna")[0].key
    window.shared.name(key, "Berta", lambda _: None)
    qtbot.waitUntil(lambda: not found(window))
    assert window.pages.search.nothing.isVisible()


@pytest.mark.parametrize("words", ["", "abc", "a🎸b", "🎸🎸", "é🎸"])
def test_places_in_a_text_are_told_in_the_units_of_qt_and_back(words):
    for place in range(len(words) + 1):
        units = search_text.to_units(words, place)
        assert units == place + words[:place].count("🎸")
        assert search_text.from_units(words, units) == place
