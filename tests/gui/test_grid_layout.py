"""The places of tiles in sections, against a slow and obvious layout."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, QSize

from photoclust.gui.views.grid_layout import GridLayout, Section

HEADING = 30
CELL = QSize(10, 12)


def layout(counts, columns, titles=True):
    result = GridLayout(HEADING)
    sections, start = [], 0
    for number, count in enumerate(counts):
        sections.append(Section(f"s{number}" if titles else "", start, count))
        start += count
    result.set_sections(sections)
    result.set_cell(CELL, columns)
    return result


def places(counts, columns, titles=True):
    """Each tile's place, one after the other."""
    found, y = [], 0
    for count in counts:
        y += HEADING if titles else 0
        for place in range(count):
            x = place % columns * CELL.width()
            found.append(QRect(x, y + place // columns * CELL.height(), 10, 12))
        y += (count + columns - 1) // columns * CELL.height()
    return found, y


CASES = [((1,), 1), ((7,), 3), ((3, 1, 9, 4), 4), ((2, 2, 2), 5), ((12, 5), 6)]


@pytest.mark.parametrize(("counts", "columns"), CASES)
@pytest.mark.parametrize("titles", [True, False])
def test_every_tile_is_where_counting_puts_it(counts, columns, titles):
    grid = layout(counts, columns, titles)
    expected, height = places(counts, columns, titles)
    assert [grid.rect(row) for row in range(sum(counts))] == expected
    assert grid.height == height
    for y in range(-5, height + 5, 3):
        for x in range(-3, columns * 10 + 8, 4):
            inside = [row for row, rect in enumerate(expected) if rect.contains(x, y)]
            assert grid.row_at(QPoint(x, y)) == (inside[0] if inside else None)


@pytest.mark.parametrize(("counts", "columns"), CASES)
def test_what_is_seen_between_two_heights(counts, columns):
    grid = layout(counts, columns)
    expected, height = places(counts, columns)
    rng = np.random.default_rng(2)
    for _ in range(50):
        top, bottom = sorted(rng.integers(-10, height + 10, 2).tolist())
        seen = list(grid.rows_between(top, bottom))
        needed = [
            r for r, rect in enumerate(expected) if rect.top() <= bottom >= 0 <= rect.bottom() - top
        ]
        assert set(needed) <= set(seen)
        assert seen == sorted(set(seen))
        assert len(seen) <= len(needed) + 3 * columns


def test_up_and_down_keep_the_column_over_headings():
    grid = layout((5, 2, 7), 3)  # 0 1 2 / 3 4 // 5 6 // 7 8 9 / 10 11 12 / 13
    assert grid.beside(2, 1) == 4
    assert grid.beside(4, 1) == 6
    assert grid.beside(6, 1) == 8
    assert grid.beside(1, 3) == 8
    assert grid.beside(12, 1) == 13
    assert grid.beside(13, 1) == 13
    assert grid.beside(9, -1) == 6
    assert grid.beside(6, -1) == 4
    assert grid.beside(1, -1) == 1
    assert grid.beside(13, -10) == 0


def test_nothing_lies_in_an_empty_grid():
    grid = layout((), 4)
    assert grid.height == 0
    assert grid.row_at(QPoint(1, 1)) is None
    assert list(grid.rows_between(0, 100)) == []
