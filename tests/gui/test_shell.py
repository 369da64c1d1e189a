"""The window as a whole: the sheet of keys, its remembered place, what can be dropped on it."""

import inspect
import shutil

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QShortcut
from PySide6.QtWidgets import QComboBox, QWidget

from photoclust.gui import adding
from photoclust.gui.dialogs.first_scan import ScanDialog
from photoclust.gui.dialogs.shortcuts import ShortcutSheet
from photoclust.gui.pages import LISTS, OPENED
from photoclust.gui.shortcuts import keys_of
from photoclust.gui.tasks import Lane
from photoclust.gui.widgets import Notice, dropped_paths

Key = Qt.Key


@pytest.fixture
def window(open_window, demo_library):
    return open_window(demo_library)


@pytest.fixture
def sheet(qtbot, window):
    """The sheet of keys, opened by Ctrl+F1."""
    qtbot.keyClick(window, Key.Key_F1, Qt.KeyboardModifier.ControlModifier)
    (sheet,) = window.findChildren(ShortcutSheet)
    assert sheet.isVisible()
    return sheet


def pages(window):
    return window.pages.all()


def test_every_action_with_a_key_is_on_the_sheet(window, sheet):
    shown = {keys for _, keys in sheet.shown}
    actions = [action for action in window.findChildren(QAction) if action.shortcuts()]
    assert len(actions) > 10
    assert [a.text() for a in actions if keys_of(a) not in shown] == []


def test_every_key_of_a_page_is_on_the_sheet_and_pages_with_keys_list_them(window, sheet):
    shown = set(sheet.shown)
    for page in pages(window):
        for key in getattr(page, "KEYS", ()):
            assert (key.what, key.keys) in shown
        takes_keys = "keyPressEvent" in vars(type(page))
        assert hasattr(page, "KEYS") or not takes_keys, f"{type(page).__name__} lists no keys"


def test_what_could_not_be_done_is_over_when_the_user_goes_elsewhere(qtbot, window):
    window.shared.complained.emit("the disk is full")
    assert window.notice.isVisible()
    assert window.notice.message == "The disk is full"
    window.show_list("settings")
    assert not window.notice.isVisible()
    window.shared.told.emit("Copied.")
    window.show_list("people")
    assert window.notice.message == "Copied."
    assert window.notice.isVisible(), "what was done goes by itself"


def test_what_could_not_be_done_is_over_when_something_is_decided(window):
    window.shared.complained.emit("the disk is full")
    window.shared.decided.emit()
    assert not window.notice.isVisible()


def test_a_shortcut_that_is_no_action_is_a_standard_one(window):
    """Others would be missing on the sheet."""
    assert {each.key().toString() for each in window.findChildren(QShortcut)} <= {"Ctrl+C"}


def test_the_letters_that_the_viewer_takes_are_listed(window):
    source = inspect.getsource(inspect.getmodule(type(window.pages.photo)))
    listed = " ".join(key.keys.lower() for key in window.pages.photo.KEYS)
    for letter in ("b", "f", "0", "1", "+"):
        assert f'"{letter}"' in source, "the viewer does not take it any more"
        assert letter in listed


def test_the_sheet_is_narrowed_by_typing_and_closed_by_escape(qtbot, window, sheet):
    qtbot.keyClicks(sheet.filter, "undo")
    assert sheet.shown
    assert all("undo" in what.lower() or "History" for what, _ in sheet.shown)
    assert len(sheet.shown) < 6
    sheet.filter.clear()
    qtbot.keyClick(sheet, Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(ShortcutSheet))


def is_in_a_box(widget):
    """Whether it is the list that Qt shows for a QComboBox, which has the name."""
    above = widget.parent()
    while above is not None and not isinstance(above, QComboBox):
        above = above.parent()
    return above is not None and above is not widget


def test_every_control_that_takes_the_keyboard_has_a_name(window):
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isEnabled()
        and not isinstance(widget.parent(), Notice)  # its button is named with what it says
        and not is_in_a_box(widget)
        and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert nameless == []


def test_the_window_comes_back_where_it_was(qtbot, open_window, demo_library):
    first = open_window(demo_library)
    first.resize(777, 623)  # what is larger than the screen, 800 px here, comes back smaller
    first.close()
    second = open_window(demo_library)
    assert (second.width(), second.height()) == (777, 623)


def drop(window, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys))
    return data


@pytest.mark.usefixtures("in_process")
def test_a_dropped_photo_is_taken_in_and_its_folder_is_not(
    qtbot, open_window, tmp_path, demo_album
):
    window = open_window(tmp_path / "library")
    source = next(demo_album.glob("20*/*.jpg"))
    photo = tmp_path / "here" / "one.jpg"
    photo.parent.mkdir()
    shutil.copyfile(source, photo)
    shutil.copyfile(source, photo.with_name("two.jpg"))
    drop(window, photo)
    qtbot.waitUntil(lambda: window.shared.overview.photos == 1, timeout=60_000)
    qtbot.waitUntil(lambda: "looked at" in window.notice.message, timeout=60_000)
    assert window.shared.overview.folders == ()


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("agreed", [True, False])
def test_a_long_scan_says_what_it_takes_before_it_begins(
    agreed, qtbot, open_window, tmp_path, demo_album, monkeypatch
):
    monkeypatch.setattr(adding, "LONG_S", 0)
    window = open_window(tmp_path / "library")
    folder = tmp_path / "here"
    folder.mkdir()
    shutil.copyfile(next(demo_album.glob("20*/*.jpg")), folder / "one.jpg")
    drop(window, folder)
    qtbot.waitUntil(lambda: bool(window.findChildren(ScanDialog)))
    (dialog,) = window.findChildren(ScanDialog)
    assert dialog.count.text() == "1 photo"
    assert "about 1 second" in dialog.time.text()
    assert "50 kB" in dialog.disk.text()
    assert window.shared.overview.photos == 0
    if agreed:
        qtbot.keyClick(dialog.scan_button, Key.Key_Return)
        qtbot.waitUntil(lambda: window.shared.overview.folders == (folder,), timeout=60_000)
    else:
        qtbot.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
        assert window.shared.desk.jobs(Lane.SCAN) == []


def test_what_is_neither_folder_nor_photo_cannot_be_dropped(tmp_path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "letter.txt")), QUrl("https://x.org/a.jpg")])
    (tmp_path / "letter.txt").touch()
    assert dropped_paths(data) == []


def test_photos_raw_files_documents_and_videos_can_be_dropped(tmp_path):
    paths = [tmp_path / name for name in ("a.JPG", "b.cr3", "c.pdf", "d.MP4")]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert dropped_paths(data) == paths


def test_pages_that_nobody_asked_for_are_made_in_spare_time(
    qtbot, monkeypatch, open_window, demo_library
):
    from photoclust.gui import window as window_module

    window = open_window(demo_library)
    made = [name for name in (*LISTS, *OPENED) if window.pages.made(name) is not None]
    assert made == ["people"]
    monkeypatch.setattr(window_module, "AFTER_START_MS", 0)
    window = open_window(demo_library)
    qtbot.waitUntil(lambda: all(map(window.pages.made, (*LISTS, *OPENED))))
    assert window.page is window.pages.people
