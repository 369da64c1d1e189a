"""All photos by year and month, also where their dates are known in part only."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from photoclust.core.dates import parse_date
from photoclust.core.types import FileStat, Metadata, PhotoId
from photoclust.services import deciding
from photoclust.services.timeline import Month, Timeline, timeline
from photoclust.store import files, photos
from photoclust.store.database import Library


@pytest.fixture
def library(tmp_path):
    with Library(tmp_path / "library") as library:
        yield library


def add(library, *dates, by_hand=()):
    """Photos taken then, by their files or as the user says; their ids."""
    ids = []
    with library.write() as tx:
        for number, date in enumerate([*dates, *(None for _ in by_hand)]):
            path = Path(f"/photos/{number}.jpg")
            taken = None if date is None else datetime.fromisoformat(date)
            stat = FileStat(path, 1, 10**18)
            photo = photos.write_photo(
                tx,
                photo=None,
                size=(10, 10),
                turn=0,
                metadata=Metadata(taken_at=taken),
                stat=stat,
                detector="centerface",
            )
            files.write_file(tx, stat, photo, f"{number:040x}")
            ids.append(photo)
    for photo, said in zip(ids[len(dates) :], by_hand, strict=True):
        deciding.set_date(library, [photo], parse_date(said))
    return ids


def shown(library):
    found = timeline(library)
    return [
        (month.year, month.month, month.decade, found.photos[month.start :][: month.count].tolist())
        for month in found.months
    ]


def test_nothing_in_an_empty_library(library):
    assert timeline(library).months == ()
    assert timeline(library).row_of(PhotoId(1)) is None


def test_months_the_latest_first_and_in_them_the_latest_photo(library):
    a, b, c, d = add(
        library, "2019-05-02 10:00", "2019-05-20 10:00", "2020-01-01 09:00", "2018-12-31 23:59"
    )
    assert shown(library) == [
        (2020, 1, False, [c]),
        (2019, 5, False, [b, a]),
        (2018, 12, False, [d]),
    ]


def test_partial_dates_have_sections_of_their_own_behind_the_months(library):
    ids = add(
        library,
        "1923-01-01 00:00",
        "1919-12-24 18:00",
        by_hand=("1923", "1920s", "May 1923", "about 1923", "1 January 1923", "1920"),
    )
    jan, december, year, decade, may, about, first, twenty = ids
    assert shown(library) == [
        (1923, 5, False, [may]),
        (1923, 1, False, [first, jan]),
        (1923, None, False, [about, year]),
        (1920, None, False, [twenty]),
        (1920, None, True, [decade]),
        (1919, 12, False, [december]),
    ]


def test_photos_without_any_date_come_last(library):
    dated, other = add(library, "2019-05-02 10:00", "2019-06-02 10:00")
    with library.write() as tx:
        tx.exec_driver_sql("UPDATE photo SET taken_at = NULL WHERE id = ?", (other,))
    assert shown(library) == [(2019, 5, False, [dated]), (None, None, False, [other])]


def test_rows_are_found_by_id():
    found = Timeline(np.array([7, 3, 9, 1]), (Month(0, 4, 2019),))
    assert [found.row_of(PhotoId(n)) for n in (7, 3, 9, 1, 2, 10)] == [0, 1, 2, 3, None, None]
    assert found.ranges_of([PhotoId(n) for n in (1, 2, 7, 3)]) == [range(2), range(3, 4)]
    assert found.ranges_of([]) == []
    assert found.month_of(3).year == 2019
    assert found.same_as(Timeline(np.array([7, 3, 9, 1]), (Month(0, 4, 2019),)))
    assert not found.same_as(Timeline(np.array([7, 3, 9]), (Month(0, 3, 2019),)))
