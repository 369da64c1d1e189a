"""Saying when photos were taken: in the viewer, and for all that are chosen among others."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from photoclust.core.settings import Settings
from photoclust.gui.app import application
from photoclust.gui.dialogs.dating import DateDialog
from photoclust.services import browse
from photoclust.store.database import Library

Key, Button = Qt.Key, Qt.MouseButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(open_window, demo_library):
    return open_window(demo_library)


def open_photos(qtbot, window):
    window.show_list("photos")
    page = window.pages.photos
    qtbot.waitUntil(lambda: page.model.rowCount() > 5)
    return page


def dialog_of(qtbot, window):
    def shown():
        return [each for each in window.findChildren(DateDialog) if each.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1)
    return shown()[0]


def dates(folder, photos):
    with Library(folder) as library:
        return [browse.photo(library, photo).date for photo in photos]


def said(date):
    return None if date is None else date.describe()


def test_chosen_photos_are_dated_by_one_act_and_go_where_they_belong(qtbot, window, demo_library):
    page = open_photos(qtbot, window)
    page.grid.select_rows([range(2)])
    chosen = page.chosen()
    before = dates(demo_library, chosen)
    qtbot.keyClick(page.grid, Key.Key_D, CTRL)
    dialog = dialog_of(qtbot, window)
    assert dialog.edit.text() == ""
    assert not dialog.date_button.isEnabled()
    qtbot.keyClicks(dialog.edit, "12.5.1961")
    assert dialog.meaning.text() == "12 May 1961"
    qtbot.keyClick(dialog.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: window.notice.message == "2 photos are dated now: 12 May 1961.")
    assert [said(date) for date in dates(demo_library, chosen)] == ["12 May 1961"] * 2
    qtbot.waitUntil(lambda: "May 1961" in [each.title for each in page.grid.grid.sections])
    assert page.chosen() == chosen, "they are chosen wherever they are"
    window.notice.acted.emit("undo")
    qtbot.waitUntil(lambda: dates(demo_library, chosen) == before)
    qtbot.waitUntil(lambda: "May 1961" not in [each.title for each in page.grid.grid.sections])


def test_what_is_no_date_is_said_to_be_none_and_nothing_is_dated(qtbot, window, demo_library):
    page = open_photos(qtbot, window)
    page.grid.select_rows([range(1)])
    before = dates(demo_library, page.chosen())
    qtbot.keyClick(page.grid, Key.Key_D, CTRL)
    dialog = dialog_of(qtbot, window)
    dialog.edit.selectAll()
    qtbot.keyClicks(dialog.edit, "next summer")
    assert "is not understood as a date" in dialog.meaning.text()
    assert not dialog.date_button.isEnabled()
    qtbot.keyClick(dialog.edit, Key.Key_Return)
    assert dialog.isVisible()
    qtbot.keyClick(dialog, Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(DateDialog))
    assert dates(demo_library, page.chosen()) == before
    assert window.focusWidget() is page.grid


def test_in_the_viewer_the_date_is_changed_and_taken_back(qtbot, window, demo_library):
    page = open_photos(qtbot, window)
    photo = page.model.item(0)
    window.show_photo(photo, [photo])
    viewer = window.pages.photo
    qtbot.waitUntil(lambda: viewer.loaded is not None)
    viewer._show_menu(viewer.mapToGlobal(viewer.rect().center()))
    menu = next(each for each in viewer.findChildren(QMenu) if each.isVisible())
    next(each for each in menu.actions() if each.text() == "Date…").trigger()
    menu.close()
    dialog = dialog_of(qtbot, window)
    dialog.edit.selectAll()
    qtbot.keyClicks(dialog.edit, "about 1923")
    qtbot.mouseClick(dialog.date_button, Button.LeftButton)
    qtbot.waitUntil(lambda: viewer.header.details.text().startswith("about 1923"))
    qtbot.keyClick(viewer.canvas, Key.Key_D, CTRL)
    dialog = dialog_of(qtbot, window)
    assert dialog.edit.text() == "about 1923"
    assert not dialog.date_button.isEnabled(), "it is dated so"
    qtbot.mouseClick(dialog.file_button, Button.LeftButton)
    qtbot.waitUntil(lambda: "about 1923" not in viewer.header.details.text())
    assert window.notice.message == "1 photo has the date of its file."


def test_a_date_is_shown_and_read_in_the_language_of_the_reader(qtbot, open_window, demo_library):
    window = open_window(demo_library, Settings(theme="light", naming_precision=1.0, language="de"))
    page = open_photos(qtbot, window)
    page.grid.select_rows([range(2)])
    qtbot.keyClick(page.grid, Key.Key_D, CTRL)
    dialog = dialog_of(qtbot, window)
    qtbot.keyClicks(dialog.edit, "mai 1923")
    assert dialog.meaning.text() == "Mai 1923"
    dialog.reject()
    application(Settings(theme="light", language="en"))


def test_nothing_is_dated_where_nothing_can_be_changed(qtbot, window, monkeypatch):
    page = open_photos(qtbot, window)
    monkeypatch.setattr(type(window.shared), "read_only", "it is only lent")
    page.grid.select_rows([range(2)])
    qtbot.keyClick(page.grid, Key.Key_D, CTRL)
    assert window.notice.message == "Nothing can be dated: it is only lent"
    assert not window.findChildren(DateDialog)
