"""Tiles chosen with a rectangle drawn by the mouse, in every grid of which several are chosen."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication

from photoclust.gui.views.grid_layout import GridLayout, Section
from photoclust.gui.views.tiles import GAP
from photoclust.services import browse, naming
from photoclust.store import cluster_table
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library

Key, Button = Qt.Key, Qt.MouseButton
CTRL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def album(tmp_path, crowd_in):
    """Anna, who has thirty faces, and eleven groups without a name."""
    folder = tmp_path / "album"
    with Library(folder) as library:
        crowd = crowd_in(library)
        groups = [crowd.photos_of(number, 30 if number == 0 else 2) for number in range(12)]
        with library.write() as tx:
            cluster_table.replace_clusters(
                tx, [ClusterContent(None, None, faces) for faces in groups]
            )
        naming.name(library, browse.groups(library)[0].key, "Anna")
    return folder


@pytest.fixture
def window(open_window, album):
    window = open_window(album)
    window.resize(900, 1000)
    return window


@pytest.fixture
def cards(qtbot, window):
    grid = window.pages.people.grid
    qtbot.waitUntil(lambda: grid.model().rowCount() == 12)
    return grid


def corner(grid, row):
    """A place beside the picture of a tile, up and to the left of it."""
    return grid.visualRect(grid.model().index(row, 0)).topLeft() + QPoint(2, 2)


def middle(grid, row):
    return grid.visualRect(grid.model().index(row, 0)).center()


def chosen(grid):
    return sorted(index.row() for index in grid.selectionModel().selectedIndexes())


def draw(qtbot, grid, start, end, modifiers=NONE, *, release=True):
    port = grid.viewport()
    qtbot.mousePress(port, Button.LeftButton, modifiers, start)
    for share in (0.5, 1):
        qtbot.mouseMove(port, start + (end - start) * share)
    if release:
        qtbot.mouseRelease(port, Button.LeftButton, modifiers, end)


@pytest.mark.parametrize("inset", [0, 2])
def test_tiles_within_a_rectangle_are_those_that_it_meets(inset):
    rng = np.random.default_rng(4)
    for counts, columns in [((1,), 1), ((7,), 3), ((3, 1, 9, 4), 4), ((12, 5), 6)]:
        layout, start, sections = GridLayout(30), 0, []
        for number, count in enumerate(counts):
            sections.append(Section("title" if number else "", start, count))
            start += count
        layout.set_sections(sections)
        layout.set_cell(QRect(0, 0, 10, 12).size(), columns)
        for _ in range(200):
            left, right = sorted(rng.integers(-5, columns * 10 + 5, 2).tolist())
            top, bottom = sorted(rng.integers(-9, layout.height + 9, 2).tolist())
            area = QRect(QPoint(left, top), QPoint(right, bottom))
            found = [row for part in layout.rows_within(area, inset) for row in part]
            tiles = [layout.rect(r).adjusted(inset, inset, -inset, -inset) for r in range(start)]
            assert found == [row for row, tile in enumerate(tiles) if tile.intersects(area)]


def test_cards_that_the_rectangle_touches_are_chosen(qtbot, window, cards):
    first, columns = 1, cards.grid.columns
    draw(qtbot, cards, corner(cards, first), middle(cards, first + columns + 1))
    assert chosen(cards) == [first, first + 1, first + columns, first + columns + 1]
    assert window.page is window.pages.people
    assert window.pages.people.acts.bar.isVisible()
    assert cards.picking, "plain clicks choose as well now"
    assert cards.currentIndex().row() in chosen(cards)
    draw(qtbot, cards, corner(cards, 2), middle(cards, 2))
    assert chosen(cards) == [2]
    draw(qtbot, cards, corner(cards, 1), middle(cards, 1), CTRL)
    assert chosen(cards) == [1, 2]


def test_it_touches_nothing_where_it_lies_between_the_pictures(qtbot, cards):
    start = corner(cards, 2)
    draw(qtbot, cards, start, start + QPoint(-1, cards.grid.cell.height() // 2))
    assert chosen(cards) == []
    assert not cards.picking


def test_escape_gives_up_and_what_was_chosen_is_so_again(qtbot, window, cards):
    draw(qtbot, cards, corner(cards, 1), middle(cards, 1))
    draw(qtbot, cards, corner(cards, 2), middle(cards, 3), release=False)
    assert chosen(cards) == [2, 3]
    qtbot.keyClick(window.focusWidget(), Key.Key_Escape)
    assert chosen(cards) == [1]
    qtbot.mouseMove(cards.viewport(), middle(cards, 4))
    qtbot.mouseRelease(cards.viewport(), Button.LeftButton, NONE, middle(cards, 4))
    assert chosen(cards) == [1]
    assert window.page is window.pages.people
    qtbot.keyClick(window.focusWidget(), Key.Key_Escape)
    assert chosen(cards) == []


def test_a_press_beside_a_picture_without_a_move_is_a_click_as_ever(qtbot, window, cards):
    qtbot.mouseClick(cards.viewport(), Button.LeftButton, NONE, corner(cards, 0))
    assert window.page is window.pages.group


def test_a_card_is_dragged_and_not_surrounded(qtbot, cards, monkeypatch):
    dragged = []
    monkeypatch.setattr(cards, "_drag", lambda index: dragged.append(index.row()))
    draw(qtbot, cards, middle(cards, 3), middle(cards, 1), release=False)
    assert dragged == [3]
    assert not cards._band.is_drawn
    qtbot.mouseRelease(cards.viewport(), Button.LeftButton, NONE, middle(cards, 1))


def test_at_the_edge_it_scrolls_and_goes_on_choosing(qtbot, window):
    window.resize(900, 560)
    (anna, *_) = window.shared.people()
    window.show_group(anna)
    grid = window.pages.group.grid
    qtbot.waitUntil(lambda: grid.model().rowCount() == 30)
    bar, port = grid.verticalScrollBar(), grid.viewport()
    assert bar.maximum() > 0
    below = QPoint(port.width() - 2, port.height() + 60)
    draw(qtbot, grid, corner(grid, 0), below, release=False)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())
    qtbot.waitUntil(lambda: len(chosen(grid)) == 30)
    qtbot.mouseMove(port, QPoint(port.width() - 2, -200))
    qtbot.waitUntil(lambda: bar.value() == 0)
    qtbot.mouseMove(port, middle(grid, 1))
    assert chosen(grid) == [0, 1]
    qtbot.mouseRelease(port, Button.LeftButton, NONE, middle(grid, 1))
    assert chosen(grid) == [0, 1]
    assert not grid._band._scrolling.isActive()


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_photos_are_chosen_from_either_side(qtbot, window, direction):
    window.setLayoutDirection(direction)
    window.show_list("photos")
    page = window.pages.photos
    grid = page.grid
    qtbot.waitUntil(lambda: page.model.rowCount() > 12)
    columns = grid.grid.columns
    last = columns - 1
    edge = grid.visualRect(grid.model().index(last, 0))
    outer = edge.left() + 2 if direction.value else edge.right() - 2
    start = QPoint(outer, edge.top() + 2)
    draw(qtbot, grid, start, middle(grid, last + columns))
    assert chosen(grid) == [last, last + columns]
    assert len(page.chosen()) == 2


def test_months_are_not_chosen_so(qtbot, window):
    window.show_list("years")
    grid = window.pages.years.grid
    qtbot.waitUntil(lambda: grid.model().rowCount() > 0)
    port = grid.viewport()
    draw(qtbot, grid, QPoint(2, port.height() - 3), QPoint(port.width() - 3, 3), release=False)
    assert not grid._band.is_drawn
    qtbot.mouseRelease(port, Button.LeftButton, NONE, QPoint(port.width() - 3, 3))
    assert QApplication.mouseButtons() == Button.NoButton
    assert GAP > 4, "there is room beside a picture"
