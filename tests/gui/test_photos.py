"""The page of all photos: timeline, selection, sizes, and the way to a photo and back."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu

from photoclust.core.dates import parse_date
from photoclust.gui import files
from photoclust.gui.views.grid_layout import Section
from photoclust.gui.widgets import EmptyState
from photoclust.services import browse, deciding
from photoclust.services.timeline import Month, Timeline
from photoclust.store import photos, stacks
from photoclust.store.database import Library

Key, Button = Qt.Key, Qt.MouseButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(open_window, demo_library):
    with Library(demo_library) as library:
        found = browse.photo_ids(library)
        deciding.set_date(library, found[:3], parse_date("May 2019"))
        deciding.set_date(library, found[3:5], parse_date("1923"))
    return open_window(demo_library)


@pytest.fixture
def page(qtbot, window):
    window.show_list("photos")
    qtbot.waitUntil(lambda: window.pages.photos.model.rowCount() > 5)
    return window.pages.photos


def click(qtbot, page, row, modifiers=Qt.KeyboardModifier.NoModifier, button=Button.LeftButton):
    area = page.grid.visualRect(page.model.index(row))
    qtbot.mouseClick(page.grid.viewport(), button, modifiers, area.center())


def made_up(page, counts):
    """Let the page show photos that are none, so that there are many."""
    months, start = [], 0
    for number, count in enumerate(counts):
        months.append(Month(start, count, 2020 - number // 12, 12 - number % 12))
        start += count
    page._show(Timeline(np.arange(start, dtype=np.int64) + 1000, tuple(months)))


def test_years_and_months_are_headings_the_latest_first(page):
    titles = [section.title for section in page.grid.grid.sections]
    assert "May 2019" in titles
    assert titles[-1] == "1923"
    may = page.grid.grid.sections[titles.index("May 2019")]
    assert may.count == 3


def test_ctrl_and_shift_choose_and_a_plain_click_opens(qtbot, window, page):
    click(qtbot, page, 0, CTRL)
    click(qtbot, page, 2, CTRL)
    assert page.chosen() == [page.model.item(0), page.model.item(2)]
    assert "2 selected" in page._size.text()
    click(qtbot, page, 4, SHIFT)
    assert page.chosen() == [page.model.item(row) for row in (0, 2, 3, 4)]
    assert window.page is page
    click(qtbot, page, 1)
    assert window.page is window.pages.photo
    assert window.pages.photo.photo == page.model.item(1)


def test_all_are_chosen_and_none(qtbot, page):
    qtbot.keyClick(page.grid, Key.Key_A, CTRL)
    assert len(page.chosen()) == page.model.rowCount()
    qtbot.keyClick(page.grid, Key.Key_Escape)
    assert page.chosen() == []


def test_arrows_go_from_photo_to_photo_and_enter_opens(qtbot, window, page):
    page.grid.select(page.model.index(0))
    qtbot.keyClick(page.grid, Key.Key_Right)
    assert page.grid.currentIndex().row() == 1
    qtbot.keyClick(page.grid, Key.Key_Right, SHIFT)
    assert page.chosen() == [page.model.item(1), page.model.item(2)]
    qtbot.keyClick(page.grid, Key.Key_End)
    assert page.grid.currentIndex().row() == page.model.rowCount() - 1
    qtbot.keyClick(page.grid, Key.Key_Return)
    assert window.pages.photo.photo == page.model.item(page.model.rowCount() - 1)


def test_escape_comes_back_to_the_photo_that_was_looked_at_last(qtbot, window, page):
    click(qtbot, page, 0)
    qtbot.keyClick(window.pages.photo.canvas, Key.Key_PageDown)
    qtbot.keyClick(window.pages.photo.canvas, Key.Key_PageDown)
    qtbot.keyClick(window.pages.photo.canvas, Key.Key_Escape)
    assert window.page is page
    assert page.grid.currentIndex().row() == 2


def test_place_and_selection_stay_when_photos_come_and_go(page):
    made_up(page, [300] * 12)
    page.grid.verticalScrollBar().setValue(20_000)
    top = page.model.item(page.grid.top_row())
    offset = page.grid.visualRect(page.model.index_of(top)).top()
    page.grid.select_rows([range(400, 410), range(1000, 1001)])
    chosen = page.chosen()
    kept = np.array([n for n in page.model.items if n not in (chosen[3], 1001, 1002)])
    page._show(Timeline(kept, (Month(0, len(kept), 2020, 1),)))
    assert page.chosen() == [photo for photo in chosen if photo != chosen[3]]
    assert page.grid.visualRect(page.model.index_of(top)).top() == offset


def test_only_what_is_seen_is_asked_for(qtbot, page, monkeypatch):
    asked = []
    monkeypatch.setattr(page.grid._tile, "key", asked.append)
    made_up(page, [10_000] * 10)
    page.grid.viewport().repaint()
    assert 0 < len(set(asked)) < 100


def test_the_scrubber_goes_to_a_year_and_tells_where_one_is(qtbot, page):
    made_up(page, [200] * 36)
    assert [mark.label for mark in page.scrubber._marks[::12]] == ["2020", "2019", "2018"]
    middle = QPoint(20, page.scrubber.height() // 2)
    qtbot.mouseClick(page.scrubber, Button.LeftButton, pos=middle)
    row = page.grid.top_row()
    assert page.model.timeline.month_of(row).year == 2019
    assert "2019" in page.scrubber.accessibleDescription()
    assert "2019" in page._month.text()
    qtbot.keyClick(page.scrubber, Key.Key_Down)
    assert page.grid.top_row() > row


def test_pictures_grow_by_slider_wheel_and_keys(qtbot, page):
    side = page.grid.grid.cell.width()
    page.slider.setValue(300)
    assert page.grid.grid.cell.width() > side
    at = QPointF(page.grid.viewport().rect().center())
    event = QWheelEvent(
        at,
        page.grid.viewport().mapToGlobal(at),
        QPoint(),
        QPoint(0, -120),
        Button.NoButton,
        CTRL,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(page.grid.viewport(), event)
    assert page.slider.value() == 276
    qtbot.keyClick(page.grid, Key.Key_Minus, CTRL)
    assert page.slider.value() == 252


def test_the_place_stays_when_the_pictures_grow(page):
    made_up(page, [500] * 10)
    page.grid.verticalScrollBar().setValue(30_000)
    room = page.grid.viewport().height()
    at = page.grid.indexAt(QPoint(40, room // 2)).row()
    page.slider.setValue(250)
    area = page.grid.visualRect(page.model.index(at))
    assert -area.height() <= area.top() <= room


def test_the_menu_acts_on_all_that_is_chosen(qtbot, page):
    page.grid.select_rows([range(3)])
    click(qtbot, page, 1, button=Button.RightButton)
    assert len(page.chosen()) == 3
    page.grid.menu_wanted.emit(QPoint(5, 5))
    menu = page.findChild(QMenu)
    actions = {action.text(): action for action in menu.actions()}
    assert not actions["Show in the file manager"].isEnabled()
    QGuiApplication.clipboard().clear()
    actions["Copy the paths"].trigger()
    menu.close()
    qtbot.waitUntil(lambda: len(QGuiApplication.clipboard().text().splitlines()) == 3)


@pytest.mark.parametrize("opens", [True, False])
def test_a_photo_is_opened_in_the_program_of_the_desktop(qtbot, window, page, monkeypatch, opens):
    asked, said = [], []
    monkeypatch.setattr(files.QDesktopServices, "openUrl", lambda url: asked.append(url) or opens)
    window.shared.complained.connect(said.append)
    page.grid.select_rows([range(1)])
    page.grid.menu_wanted.emit(QPoint(5, 5))
    menu = page.findChild(QMenu)
    actions = {action.text(): action for action in menu.actions()}

    actions["Open in its program"].trigger()
    menu.close()

    qtbot.waitUntil(lambda: bool(asked))
    assert Path(asked[0].toLocalFile()).is_file()
    assert [line.startswith("no program opens") for line in said] == [True] * (not opens)


def test_chosen_photos_are_turned_together_and_undone(qtbot, window, page, demo_library):
    page.grid.select_rows([range(2)])
    chosen = page.chosen()
    qtbot.keyClicks(page.grid, "r")
    qtbot.waitUntil(lambda: "Turned 2 photos" in window.notice.message)
    with Library(demo_library) as library:
        assert [browse.view_turn(library, photo) for photo in chosen] == [270, 270]
    assert page.chosen() == chosen
    window.notice.acted.emit("undo")

    def turned_back():
        with Library(demo_library) as library:
            return [browse.view_turn(library, photo) for photo in chosen] == [0, 0]

    qtbot.waitUntil(turned_back)


def test_chosen_photos_are_dragged_out_as_copies(qtbot, page, monkeypatch):
    dragged = []
    monkeypatch.setattr(files, "drag_out", lambda paths, *_: dragged.append(paths))
    monkeypatch.setattr(QGuiApplication, "mouseButtons", lambda: Button.LeftButton)
    page.grid.select_rows([range(3)])
    page.grid.startDrag(Qt.DropAction.CopyAction)
    qtbot.waitUntil(lambda: bool(dragged))
    assert len(dragged[0]) == 3


def test_right_to_left_lays_out_from_the_right(page):
    page.grid.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    made_up(page, [50])
    first, second = (page.grid.visualRect(page.model.index(row)) for row in (0, 1))
    assert first.left() > second.left()
    assert page.grid.indexAt(first.center()).row() == 0
    page.grid.select(page.model.index(5))
    assert page.grid.indexAt(page.grid.visualRect(page.model.index(5)).center()).row() == 5


def test_an_untitled_section_has_no_heading(page):
    made_up(page, [20])
    page.grid.show_sections([Section("", 0, 20)])
    assert page.grid.visualRect(page.model.index(0)).top() == 0


def test_nothing_is_said_of_photos_until_it_is_known_whether_there_are_any(
    qtbot, open_window, tmp_path
):
    window = open_window(tmp_path / "library")
    window.show_list("photos")
    empty = window.pages.photos.findChild(EmptyState)
    assert not empty.isVisible()
    qtbot.waitUntil(empty.isVisible)


# Stacks


@pytest.fixture
def stack(demo_library):
    """Three photos shown as one: that one, and the others."""
    with Library(demo_library) as library, library.write() as tx:
        cover, *others = photos.photo_ids(tx)[:3]
        stacks.write_covers(tx, dict.fromkeys((cover, *others), cover))
    return cover, others


def test_a_stack_is_one_photo_until_it_is_opened_with_a_key(qtbot, stack, page):
    cover, others = stack
    assert page.model.timeline.stacks == {cover: 3}
    page.grid.select(page.model.index_of(cover))
    qtbot.keyClick(page.grid, Key.Key_S)
    qtbot.waitUntil(lambda: others[0] in page.model.items)
    row = page.model.index_of(cover).row()
    assert sorted(page.model.items[row : row + 3]) == sorted([cover, *others])
    page.grid.select(page.model.index_of(others[1]))
    qtbot.keyClick(page.grid, Key.Key_S)
    qtbot.waitUntil(lambda: others[0] not in page.model.items)
    assert page.model.items.count(cover) == 1


def test_the_menu_of_a_stack_opens_and_closes_it(qtbot, stack, page):
    cover, others = stack

    def menus():
        return [menu for menu in page.findChildren(QMenu) if menu.isVisible()]

    def is_open():
        """What is shown may be read anew at any moment, and nothing is chosen then."""
        page.grid.select(page.model.index_of(cover))
        page.grid.menu_wanted.emit(QPoint(0, 0))
        return bool(menus())

    def choose(words):
        qtbot.waitUntil(is_open)
        menu = menus()[0]
        next(action for action in menu.actions() if action.text() == words).trigger()
        menu.close()

    choose("Show all of the stack")
    qtbot.waitUntil(lambda: others[0] in page.model.items)
    choose("Show one photo of the stack")
    qtbot.waitUntil(lambda: others[0] not in page.model.items)


def test_the_key_does_nothing_to_a_photo_that_is_in_no_stack(qtbot, page):
    before = page.model.items
    page.grid.select(page.model.index(0))
    qtbot.keyClick(page.grid, Key.Key_S)
    assert page.model.items == before
    page.grid.menu_wanted.emit(QPoint(0, 0))
    menu = next(menu for menu in page.findChildren(QMenu) if menu.isVisible())
    assert "stack" not in " ".join(action.text() for action in menu.actions())
    menu.close()


def test_a_stack_bears_the_number_of_its_photos(stack, page):
    def corner(photo):
        area = page.grid.visualRect(page.model.index_of(photo))
        return page.grid.viewport().grab(area).toImage().copy(area.width() // 2, 0, 999, 40)

    cover, _ = stack
    with_badge = corner(cover)
    page.stacks.clear()
    assert corner(cover) != with_badge
