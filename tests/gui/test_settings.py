"""The settings page: what is chosen counts at once, is kept, and wrong values are told."""

import json
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer

from photoclust.core.paths import settings_file
from photoclust.core.settings import DEFAULT_SKIP_PATTERNS
from photoclust.gui import settings_text, theme
from photoclust.gui.dialogs.folders import RemoveFolderDialog
from photoclust.services import browse
from photoclust.store import files
from photoclust.store.database import Library

Key = Qt.Key


@pytest.fixture
def window(qtbot, open_window, demo_library):
    """A window that shows the settings of the demo library."""
    window = open_window(demo_library)
    window.show_list("settings")
    qtbot.waitUntil(lambda: window.pages.settings.detector.count() > 1)
    return window


@pytest.fixture
def page(window):
    return window.pages.settings


def kept(qtbot):
    """The settings as they are on the disk, once they are."""
    qtbot.waitUntil(settings_file().exists)
    return json.loads(settings_file().read_text(encoding="utf-8"))


def choose(qtbot, box, value):
    """Choose by the keyboard, as whoever cannot use a mouse does."""
    box.setFocus()
    qtbot.keyClick(box, Key.Key_Home)
    while box.currentData() != value:
        row = box.currentIndex()
        qtbot.keyClick(box, Key.Key_Down)
        assert box.currentIndex() > row, f"{value} is not offered"


def test_colours_are_changed_at_once_and_the_menu_follows(qtbot, window, page):
    choose(qtbot, page.theme, "dark")
    assert theme.is_dark()
    checked = [action.data() for action in window.menus.themes.actions() if action.isChecked()]
    assert checked == ["dark"]
    assert kept(qtbot)["theme"] == "dark"
    window.set_theme("light")
    assert page.theme.currentData() == "light"


def shows_last(view):
    model = view.model()
    last = view.visualRect(model.index(model.rowCount() - 1, 0))
    return last.bottom() < view.viewport().height()


def test_an_open_box_shows_all_it_offers(qtbot, page):
    for box in (page.theme, page.language, page.precision):
        box.showPopup()
        qtbot.waitUntil(partial(shows_last, box.view()))
        box.hidePopup()


def test_what_is_chosen_is_what_scans_go_by(qtbot, window, page):
    choose(qtbot, page.detector, "mtcnn")
    choose(qtbot, page.method, "agglomerative")
    choose(qtbot, page.workers, 1)
    choose(qtbot, page.thumbnails, 2000)
    assert page.on_battery.currentText() == "Pause below 30 %"
    choose(qtbot, page.on_battery, "run")
    settings = window.shared.settings
    assert (settings.detector, settings.grouping_method) == ("mtcnn", "agglomerative")
    assert settings.workers == 1
    assert settings.thumbnails_mb == 2000
    assert settings.on_battery == "run"
    qtbot.waitUntil(lambda: settings_file().exists() and kept(qtbot)["workers"] == 1)


def test_another_precision_names_anew(qtbot, window, page):
    assert page.precision.currentText() == "Nobody is named automatically"
    begun = []
    window.recognizing.begin = lambda: begun.append(True)
    choose(qtbot, page.precision, 0.98)
    assert page.precision.currentText() == "98 %"
    assert window.shared.settings.naming_precision == 0.98
    assert len(begun) == 4, "each one that was chosen on the way counts at once"


def test_a_pattern_that_cannot_be_is_told_beside_it_and_not_kept(qtbot, window, page):
    page.patterns.setFocus()
    page.patterns.selectAll()
    qtbot.keyClicks(page.patterns, "*")
    assert page.pattern_problem.isVisible()
    assert "every photo" in page.pattern_problem.text()
    assert window.preferences.settings.skip_patterns == DEFAULT_SKIP_PATTERNS
    qtbot.keyClicks(page.patterns, ".bak")
    assert not page.pattern_problem.isVisible()
    assert window.shared.settings.skip_patterns == ("*.bak",)
    qtbot.mouseClick(page.defaults_button, Qt.MouseButton.LeftButton)
    assert window.shared.settings.skip_patterns == DEFAULT_SKIP_PATTERNS


def test_a_folder_is_taken_out_after_a_question(qtbot, window, page, demo_library):
    (button,) = page.folders.buttons

    def answer():
        dialog = next(d for d in page.findChildren(RemoveFolderDialog) if d.isVisible())
        qtbot.mouseClick(dialog.remove_button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(50, answer)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.shared.overview.folders == ())
    assert window.notice.message.startswith("The folder was removed")
    qtbot.waitUntil(lambda: page.folders.buttons == [])
    with Library(demo_library) as library:
        assert browse.overview(library).folders == ()


def test_of_a_folder_within_another_is_told_that_its_photos_stay(qtbot, window, page):
    (outer,) = window.shared.overview.folders
    inside = Path(outer) / "Space"
    with window.shared.library.opened.write() as tx:  # as earlier versions did
        files.add_folders(tx, [inside])

    def answer():
        dialog = next(d for d in page.findChildren(RemoveFolderDialog) if d.isVisible())
        qtbot.mouseClick(dialog.remove_button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(50, answer)
    page._remove_folder(inside)
    told = f"The folder is not listed any more; its photos stay with {outer}."
    qtbot.waitUntil(lambda: window.notice.message == told)


def test_it_is_told_what_the_library_takes(qtbot, page, demo_library):
    qtbot.waitUntil(lambda: page.place.path.text() == str(demo_library))
    total = sum(path.stat().st_size for path in demo_library.rglob("*") if path.is_file())
    assert total > 0
    assert "MB" in page.stored.text() or "kB" in page.stored.text()


def test_what_was_changed_right_before_the_end_is_kept(window):
    window.set_theme("dark")
    window.close()
    assert json.loads(settings_file().read_text(encoding="utf-8"))["theme"] == "dark"


def test_a_share_that_is_not_among_those_offered_is_offered_as_well():
    offered = settings_text.precisions(0.9725)
    assert [share for share, _ in offered] == sorted((s for s, _ in offered), reverse=True)
    assert (0.9725, "97.25 %") in offered


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (3_450_000, "3.5 MB"), (2e12, "2.0 TB")],
)
def test_sizes_are_told_in_the_unit_that_fits(number, words):
    assert settings_text.size(int(number)) == words


@pytest.mark.parametrize(
    ("words", "patterns"),
    [("", ()), (" a \n\nb\na", ("a", "b")), ("*.lrdata\r\n", ("*.lrdata",))],
)
def test_patterns_are_lines(words, patterns):
    assert settings_text.patterns(words) == patterns
