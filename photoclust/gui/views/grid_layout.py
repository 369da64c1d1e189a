"""Where the tiles of a grid with sections lie: geometry alone, for any number of tiles.

All is in px of the whole grid, of which a view shows a part. A place is found in the logarithm of
the number of sections, so that nothing depends on the number of tiles.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize


@dataclass(frozen=True, slots=True)
class Section:
    """`count` tiles from row `start` on, below a `title`; none is shown where it is empty."""

    title: str
    start: int
    count: int


class GridLayout:
    """Tiles in rows that fill the width, section below section."""

    def __init__(self, heading: int) -> None:
        self._heading = heading
        self._sections: tuple[Section, ...] = ()
        self._starts: list[int] = []
        self._tops: list[int] = []
        self._cell = QSize(1, 1)
        self._columns = 1
        self._height = 0

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections, from top to bottom."""
        return self._sections

    @property
    def columns(self) -> int:
        """How many tiles lie side by side."""
        return self._columns

    @property
    def height(self) -> int:
        """Of the whole grid."""
        return self._height

    @property
    def cell(self) -> QSize:
        """The place of one tile."""
        return self._cell

    def set_sections(self, sections: Sequence[Section]) -> None:
        """Lay these out from now on; they hold rows 0 to N without a gap, none is empty."""
        self._sections = tuple(sections)
        self._starts = [section.start for section in sections]
        self._measure()

    def set_cell(self, cell: QSize, columns: int) -> None:
        """Lay tiles of this size out in so many columns."""
        self._cell, self._columns = cell, max(1, columns)
        self._measure()

    def top(self, number: int) -> int:
        """Where section `number` begins, with its heading."""
        return self._tops[number]

    def section_of(self, row: int) -> int:
        """The section that `row` is in."""
        return bisect_right(self._starts, row) - 1

    def section_at(self, y: int) -> int:
        """The section at the height `y`, the first or last where it lies outside."""
        return max(0, bisect_right(self._tops, y) - 1)

    def rect(self, row: int) -> QRect:
        """The place of the tile `row`."""
        number = self.section_of(row)
        line, column = divmod(row - self._starts[number], self._columns)
        width, height = self._cell.width(), self._cell.height()
        top = self._tops[number] + self._heading_of(number) + line * height
        return QRect(column * width, top, width, height)

    def heading(self, number: int, width: int) -> QRect:
        """The place of the title of a section."""
        return QRect(0, self._tops[number], width, self._heading_of(number))

    def row_at(self, point: QPoint) -> int | None:
        """The tile at `point`, None where there is none."""
        if not self._sections or not 0 <= point.y() < self._height or point.x() < 0:
            return None
        number = self.section_at(point.y())
        inner = point.y() - self._tops[number] - self._heading_of(number)
        column = point.x() // self._cell.width()
        if inner < 0 or column >= self._columns:
            return None
        row = inner // self._cell.height() * self._columns + column
        section = self._sections[number]
        return section.start + row if row < section.count else None

    def rows_between(self, top: int, bottom: int) -> Iterator[int]:
        """The tiles of which something lies between the heights `top` and `bottom`."""
        if not self._sections:
            return
        height = self._cell.height()
        for number in range(self.section_at(top), self.section_at(bottom) + 1):
            section = self._sections[number]
            inner = self._tops[number] + self._heading_of(number)
            first = max(0, (top - inner) // height) * self._columns
            last = max(0, (bottom - inner) // height + 1) * self._columns
            yield from range(
                section.start + min(first, section.count), section.start + min(last, section.count)
            )

    def rows_within(self, area: QRect, inset: int) -> Iterator[range]:
        """The tiles of which something lies in `area`, in ascending ranges; of the place of each,
        `inset` px on every side are no part of it.
        """
        width, height = self._cell.width(), self._cell.height()
        first = max(0, (area.left() + inset) // width)
        last = min(self._columns - 1, (area.right() - inset) // width)
        if first > last or not self._sections:
            return
        whole = last - first + 1 == self._columns
        for number in range(self.section_at(area.top()), self.section_at(area.bottom()) + 1):
            section = self._sections[number]
            inner = self._tops[number] + self._heading_of(number)
            top = max(0, (area.top() - inner + inset) // height)
            bottom = min(
                (area.bottom() - inner - inset) // height, (section.count - 1) // self._columns
            )
            if top > bottom:
                continue
            if whole:
                lines = [(top * self._columns, (bottom + 1) * self._columns)]
            else:
                lines = [
                    (line * self._columns + first, line * self._columns + last + 1)
                    for line in range(top, bottom + 1)
                ]
            for start, stop in lines:
                if start < section.count:
                    yield range(section.start + start, section.start + min(stop, section.count))

    def beside(self, row: int, lines: int) -> int:
        """The tile so many lines below `row` (above where it is negative), in the same column or
        the last one of its line; `row` itself at either end.
        """
        for _ in range(abs(lines)):
            following = self._below(row) if lines > 0 else self._above(row)
            if following is None:
                break
            row = following
        return row

    def _below(self, row: int) -> int | None:
        number = self.section_of(row)
        section = self._sections[number]
        line, column = divmod(row - section.start, self._columns)
        if (line + 1) * self._columns < section.count:
            return section.start + min((line + 1) * self._columns + column, section.count - 1)
        if number + 1 == len(self._sections):
            return None
        following = self._sections[number + 1]
        return following.start + min(column, following.count - 1)

    def _above(self, row: int) -> int | None:
        number = self.section_of(row)
        section = self._sections[number]
        line, column = divmod(row - section.start, self._columns)
        if line:
            return section.start + (line - 1) * self._columns + column
        if not number:
            return None
        before = self._sections[number - 1]
        last_line = (before.count - 1) // self._columns * self._columns
        return before.start + min(last_line + column, before.count - 1)

    def _heading_of(self, number: int) -> int:
        return self._heading if self._sections[number].title else 0

    def _measure(self) -> None:
        self._tops = []
        y = 0
        for number, section in enumerate(self._sections):
            self._tops.append(y)
            lines = -(-section.count // self._columns)
            y += self._heading_of(number) + lines * self._cell.height()
        self._height = y
