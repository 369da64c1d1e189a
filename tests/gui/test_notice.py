"""Where the notice is: it comes and goes by itself, and moves nothing under the mouse."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QPushButton

from photoclust.gui.views.pick_tile import mark_area

Key, Button = Qt.Key, Qt.MouseButton


@pytest.fixture
def window(open_window, two_groups):
    window = open_window(two_groups)
    window.resize(900, 560)
    return window


def place(widget, window):
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def card_places(window):
    grid = window.pages.people.grid
    top = grid.viewport().mapTo(window, QPoint(0, 0))
    rows = range(window.pages.people.model.rowCount())
    return [grid.visualRect(grid.model().index(row, 0)).translated(top) for row in rows]


def settle(qtbot):
    qtbot.wait(30)


def test_no_card_moves_when_a_notice_comes_and_goes(qtbot, window):
    before = card_places(window), place(window.stack, window)
    assert before[0]
    window.shared.told.emit("Something was done.")
    settle(qtbot)
    notice = window.notice
    assert notice.isVisible()
    assert (card_places(window), place(window.stack, window)) == before
    notice._timer.timeout.emit()
    settle(qtbot)
    assert not notice.isVisible()
    assert (card_places(window), place(window.stack, window)) == before


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_it_lies_whole_over_the_lower_edge_of_the_page_however_long_it_is(qtbot, window, direction):
    window.setLayoutDirection(direction)
    window.history.offered.emit("Short.")
    settle(qtbot)
    page, short = place(window.stack, window), place(window.notice, window)
    assert page.contains(short)
    assert page.bottom() - short.bottom() < 20
    near = page.right() - short.right() if direction.value else short.left() - page.left()
    assert near < 30
    window.history.offered.emit("A sentence with many words about a folder. " * 8)
    settle(qtbot)
    long = place(window.notice, window)
    assert page.contains(long)
    assert long.height() > short.height()
    words = next(each for each in window.notice.findChildren(type(window.notice._words)))
    assert words.height() >= words.heightForWidth(words.width())


def test_controls_at_the_lower_edge_are_not_covered_whenever_they_come(qtbot, window):
    page = window.pages.people
    window.shared.told.emit("Something was done.")
    index = page.grid.model().index(0, 0)
    at = mark_area(page.grid._frame(index), page.grid.layoutDirection()).center().toPoint()
    qtbot.mouseClick(page.grid.viewport(), Button.LeftButton, pos=at)
    assert page.acts.bar.isVisible()
    bar = page.acts.bar
    qtbot.waitUntil(lambda: not place(bar, window).intersects(place(window.notice, window)))
    qtbot.keyClick(page.grid, Key.Key_Escape)
    assert not bar.isVisible()
    qtbot.waitUntil(
        lambda: place(window.stack, window).bottom() - place(window.notice, window).bottom() < 20
    )


def test_what_stands_as_long_as_the_library_is_open_covers_nothing(qtbot, window):
    window.notice.set_standing("It can be looked at but not changed.")
    settle(qtbot)
    assert not place(window.stack, window).intersects(place(window.notice, window))
    cards, page = card_places(window), place(window.stack, window)
    window.shared.told.emit("Something was done.")
    settle(qtbot)
    assert (card_places(window), place(window.stack, window)) == (cards, page)
    window.notice.clear()
    settle(qtbot)
    assert place(window.stack, window).height() > page.height()
    assert card_places(window) == cards


def test_its_buttons_are_reached_by_the_keyboard(qtbot, window):
    window.history.offered.emit("Something was done.")
    wanted = {each for each in window.notice.findChildren(QPushButton) if each.isVisible()}
    assert len(wanted) == 2
    reached = set()
    window.pages.people.grid.setFocus()
    for _ in range(60):
        qtbot.keyClick(window.focusWidget(), Key.Key_Tab)
        reached.add(window.focusWidget())
    assert wanted <= reached
