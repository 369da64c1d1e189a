"""The library in time at a glance: which months there are photos of, and who is in them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core.forms import as_shown
from photoclust.core.types import PhotoId
from photoclust.services.timeline import Month, month_of_number
from photoclust.store import months as month_store
from photoclust.store import stacks as stack_store
from photoclust.store.database import Library

PEOPLE = 3
"""So many people of a month are told at most."""
LOOKED_AT = 6
"""So many photos of a month are looked at for its cover at most."""


@dataclass(frozen=True, slots=True)
class MonthSeen:
    """A month of the timeline with the photo that stands for it, and the names of those who are
    seen most in it, in most photos first.
    """

    month: Month
    cover: PhotoId
    people: tuple[str, ...] = ()


def months(library: Library) -> list[MonthSeen]:
    """The months of the timeline, in its order.

    The cover is the photo with the best face among some from all over the month, or the one in the
    middle where there is no face in these: all photos would take longer than the rest together.
    """
    with library.read() as tx:
        found = month_store.photos_by_month(tx)
        covers = stack_store.covers(tx)
        found = _without_hidden(found, covers)
        groups = [photos for _, photos in found]
        best = month_store.best_photos(tx, [_some_of(photos) for photos in groups])
        people = month_store.most_seen(tx, groups, PEOPLE)
    result, start = [], 0
    for (number, photos), cover, seen in zip(found, best, people, strict=True):
        month = month_of_number(start, len(photos), number)
        middle = PhotoId(int(photos[len(photos) // 2]))
        result.append(MonthSeen(month, cover or middle, tuple(seen)))
        start += len(photos)
    return result


def _without_hidden(
    found: list[tuple[int | None, NDArray[np.int64]]], covers: Mapping[PhotoId, PhotoId]
) -> list[tuple[int | None, NDArray[np.int64]]]:
    """The photos of each month, of each stack one."""
    if not covers:
        return found
    there = np.concatenate([photos for _, photos in found])
    stacked = np.zeros(int(there.max(initial=0)) + 1, np.bool_)
    known = np.fromiter(covers, np.int64, len(covers))
    stacked[known[known < len(stacked)]] = True
    shots = as_shown(there[stacked[there]].tolist(), covers)
    # Of those in stacks, what is shown is not left out.
    stacked[list(shots.shown)] = False
    shown = [(number, photos[~stacked[photos]]) for number, photos in found]
    return [(number, photos) for number, photos in shown if len(photos)]


def _some_of(photos: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most LOOKED_AT of them, evenly spread."""
    places = np.linspace(0, len(photos) - 1, min(len(photos), LOOKED_AT))
    return photos[places.round().astype(np.int64)]
