"""All photos in the order in which they were taken, by year and month."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from photoclust.core.forms import as_shown
from photoclust.core.types import PhotoId
from photoclust.store import photos as photo_store
from photoclust.store import stacks as stack_store
from photoclust.store.database import Library


@dataclass(frozen=True, slots=True)
class Month:
    """`count` photos from row `start` on. Of `year` None nothing is known; `month` is None where
    only the year is, and with `decade` only the ten years from `year` on.
    """

    start: int
    count: int
    year: int | None
    month: int | None = None
    decade: bool = False

    @property
    def name(self) -> tuple[int | None, int | None, bool]:
        """Which month it is, whatever is in it."""
        return self.year, self.month, self.decade


@dataclass(frozen=True, eq=False)
class Timeline:
    """The ids of all photos ([N] int64), the latest first, and the months they are of."""

    photos: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    months: tuple[Month, ...] = ()
    stacks: Mapping[PhotoId, int] = field(default_factory=dict)
    """How many photos there are of each that is shown for a stack."""
    spread: Mapping[PhotoId, PhotoId] = field(default_factory=dict)
    """The photos of stacks that are opened, each with the one that is shown for it."""

    @property
    def shown(self) -> int:
        """How many photos there are, a stack being one whether it is opened or not."""
        return len(self.photos) - len(self.spread) + len(set(self.spread.values()))

    @property
    def all_forms(self) -> int:
        """How many photos there are with all forms of each."""
        return self.shown + sum(count - 1 for count in self.stacks.values())

    def row_of(self, photo: PhotoId) -> int | None:
        """Where a photo is, None where it is not."""
        ids, rows = self._by_id
        place = int(np.searchsorted(ids, photo))
        return int(rows[place]) if place < len(ids) and ids[place] == photo else None

    def ranges_of(self, photos: Sequence[PhotoId]) -> list[range]:
        """The rows of those of `photos` that are there, as few ranges in ascending order."""
        ids, rows = self._by_id
        wanted = np.asarray(photos, np.int64)
        if not len(ids) or not len(wanted):
            return []
        places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        found = np.unique(rows[places[ids[places] == wanted]])
        runs = np.split(found, np.flatnonzero(np.diff(found) > 1) + 1)
        return [range(int(run[0]), int(run[-1]) + 1) for run in runs if len(run)]

    def month_of(self, row: int) -> Month:
        """The month that a photo is of."""
        return self.months[bisect_right(self.months, row, key=lambda month: month.start) - 1]

    def find(self, month: Month) -> Month | None:
        """The month of the same name, wherever it is and however many photos it has."""
        return next((each for each in self.months if each.name == month.name), None)

    def same_as(self, other: "Timeline") -> bool:
        """Whether both show the same."""
        mine = self.months, self.stacks, self.spread
        same = mine == (other.months, other.stacks, other.spread)
        return same and np.array_equal(self.photos, other.photos)

    @cached_property
    def _by_id(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows = np.argsort(self.photos)
        return self.photos[rows], rows


def timeline(library: Library, opened: Collection[PhotoId] = ()) -> Timeline:
    """All photos of the library, of each stack one; of those of which a photo is in `opened`, all:
    they follow the one that is shown, whenever they were taken.
    """
    with library.read() as tx:
        found = photo_store.photo_months(tx)
        covers = stack_store.covers(tx)
    shots = as_shown([photo for photo, _ in found], covers)
    cover_of = shots.cover_of()
    wanted = {cover_of[photo] for photo in opened if photo in cover_of}
    spread = {photo: cover for cover in wanted for photo in shots.forms[cover]}
    hidden = cover_of.keys() - shots.forms.keys()
    months = []
    ids: list[PhotoId] = []
    for number, group in groupby(found, key=lambda row: row[1]):
        start = len(ids)
        for photo, _ in group:
            if photo not in hidden:
                ids += shots.forms[photo] if photo in wanted else (photo,)
        if len(ids) > start:
            months.append(month_of_number(start, len(ids) - start, number))
    counts = {cover: len(mine) for cover, mine in shots.forms.items()}
    result = Timeline(np.array(ids, np.int64), tuple(months), counts, spread)
    result.row_of(PhotoId(0))  # the order by id is made here, off the window's thread
    return result


def month_of_number(start: int, count: int, number: int | None) -> Month:
    """The month with a `number` as `photo_months` of the store counts them."""
    if number is None:
        return Month(start, count, None)
    if number % 100 == 99:
        return Month(start, count, number // 100 + 1, decade=True)
    return Month(start, count, number // 100, number % 100 or None)
