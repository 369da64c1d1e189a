"""The window of the guide: where it opens, what it finds, how it looks."""

import importlib.util

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QPlainTextEdit

from photoclust.core.language import LANGUAGES
from photoclust.core.settings import Settings
from photoclust.gui import helping, theme
from photoclust.gui.dialogs.guide import GuideWindow
from photoclust.gui.pages import LISTS, OPENED
from photoclust.services import guide as guide_service

Key = Qt.Key


@pytest.fixture
def window(open_window, demo_library):
    return open_window(demo_library)


@pytest.fixture
def guide(qtbot, window):
    """The guide, opened by F1 on the People page."""
    qtbot.keyClick(window, Key.Key_F1)
    (guide,) = window.findChildren(GuideWindow)
    assert guide.isVisible()
    return guide


@pytest.fixture
def guide_keys(repository):
    path = repository / "packaging" / "guide_keys.py"
    spec = importlib.util.spec_from_file_location("guide_keys", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_opens_beside_the_window_on_what_the_page_shows(qtbot, window, guide):
    assert not guide.isModal()
    assert guide.name == "naming"
    assert "Say who people are" in guide.text.toPlainText()
    window.show_list("settings")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Key.Key_F1)
    assert guide.name == "settings"
    assert len(window.findChildren(GuideWindow)) == 1


def test_every_page_has_a_topic(window):
    assert set(helping.TOPICS) == {*LISTS, *OPENED}
    assert set(helping.TOPICS.values()) <= set(guide_service.TOPICS)
    window.pages.all()
    for name in LISTS:
        window.show_list(name)
        assert window.help.topic == helping.TOPICS[name]
    window.show_history()
    assert window.help.topic == "correcting"


def test_an_empty_library_begins_with_how_to_begin(open_window, tmp_path):
    window = open_window(tmp_path / "new")
    assert window.help.topic == helping.FIRST == "scanning"


def test_a_search_shows_the_topics_and_marks_the_words(qtbot, guide):
    guide.show_topic("correcting")
    qtbot.keyClicks(guide.field, "undo")
    assert guide.listed[0] == "correcting"
    assert set(guide.listed) < set(guide_service.TOPICS)
    assert guide.text.marked
    assert {word.lower() for word in guide.text.marked} == {"undo"}
    assert "undo" in guide.text.textCursor().block().text().lower()
    qtbot.keyClick(guide.field, Key.Key_Escape)
    assert guide.isVisible()
    assert guide.listed == list(guide_service.TOPICS)
    assert guide.text.marked == []


def test_nothing_found_is_told(qtbot, guide):
    qtbot.keyClicks(guide.field, "zeppelin")
    assert guide.nothing.isVisible()
    guide.field.clear()
    assert not guide.nothing.isVisible()
    assert guide.list.isVisible()


def test_keys_lead_from_the_field_to_what_was_found_and_out_again(qtbot, guide):
    guide.text.setFocus()
    qtbot.keyClick(guide, Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert guide.focusWidget() is guide.field
    qtbot.keyClicks(guide.field, "gdpr")
    qtbot.keyClick(guide.field, Key.Key_Return)
    assert guide.focusWidget() is guide.list
    assert guide.name == "privacy"
    guide.field.clear()
    qtbot.keyClick(guide, Key.Key_Escape)
    assert not guide.isVisible()


def test_links_lead_to_topics_and_there_is_a_way_back(qtbot, guide):
    assert not guide.back_button.isEnabled()
    guide.text.anchorClicked.emit(QUrl("review.md"))
    assert guide.name == "review"
    assert guide.list.currentRow() == guide.listed.index("review")
    guide.text.verticalScrollBar().setValue(30)
    guide.text.anchorClicked.emit(QUrl("correcting.md"))
    guide.back_button.click()
    assert guide.name == "review"
    assert guide.text.verticalScrollBar().value() == 30
    qtbot.keyClick(guide, Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert guide.name == "naming"
    assert not guide.back_button.isEnabled()
    qtbot.keyClick(guide, Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert guide.name == "review"
    guide.show_topic("keys")
    assert not guide.forward_button.isEnabled()


@pytest.mark.parametrize("url", ["https://example.org/", "file:///etc/passwd", "nothing.md"])
def test_nothing_else_is_opened(guide, url):
    before = guide.name, guide.text.toPlainText()
    guide.text.anchorClicked.emit(QUrl(url))
    assert (guide.name, guide.text.toPlainText()) == before


def test_a_topic_is_opened_by_a_click_on_it(qtbot, guide):
    row = guide.listed.index("speed")
    guide.list.scrollToItem(guide.list.item(row))
    place = guide.list.visualItemRect(guide.list.item(row)).center()
    qtbot.mouseClick(guide.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert guide.name == "speed"


def test_it_comes_back_in_its_size(qtbot, window, guide):
    guide.resize(777, 555)
    guide.close()
    again = GuideWindow(window)
    assert (again.width(), again.height()) == (777, 555)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_all_words_can_be_read_in_the_colours_of_the_theme(window, guide, look):
    window.set_theme(look)
    colours = theme.colours()
    for name in guide_service.TOPICS:
        guide.show_topic(name)
        for form in formats(guide.text.document()):
            if form.hasProperty(form.Property.ForegroundBrush):
                assert form.foreground().color().name() in {colours.text, colours.accent}, name


def formats(document):
    """The format of every piece of the text."""
    block = document.begin()
    while block.isValid():
        pieces = block.begin()
        while not pieces.atEnd():
            yield pieces.fragment().charFormat()
            pieces += 1
        block = block.next()


def test_it_is_drawn_anew_in_other_colours_at_the_same_place(qtbot, window, guide):
    guide.show_topic("commands")
    guide.text.verticalScrollBar().setValue(50)
    window.set_theme("dark")
    assert guide.text.verticalScrollBar().value() == 50
    html = guide.text.toHtml()
    assert theme.DARK.accent in html
    assert theme.LIGHT.accent not in html


def test_headings_are_larger_than_the_text(guide):
    heading = next(formats(guide.text.document()))
    assert heading.fontPointSize() > 1.5 * guide.text.font().pointSizeF()


def test_a_table_behind_a_piece_of_code_begins_with_its_heading(guide):
    guide.show_topic("scanning")
    (table,) = guide.text.document().rootFrame().childFrames()
    cell = table.cellAt(0, 0)
    assert cell.firstCursorPosition().block().text() == "command"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_topic_of_keys_is_what_the_program_says(
    open_window, demo_library, guide_keys, language
):
    window = open_window(demo_library, Settings(theme="light", language=language))
    path = guide_keys.file_of(language)
    text = path.read_text(encoding="utf-8")
    assert text == guide_keys.with_keys(text, window.help.keys()), (
        "run `python packaging/guide_keys.py`"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_of_the_settings_page_is_explained(open_window, demo_library, language):
    window = open_window(demo_library, Settings(theme="light", language=language))
    page = window.pages.settings
    labels = {
        label.text()
        for label in page.findChildren(QLabel)
        if isinstance(label.buddy(), QCheckBox | QComboBox | QPlainTextEdit)
    }
    assert len(labels) == 11
    topic = guide_service.read(language, "settings")
    rows = [line for line in topic.text.splitlines() if line.startswith("| **")]
    assert {row.split("**")[1] for row in rows} == labels
