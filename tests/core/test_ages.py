"""How old people are by dates that are known in part."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photoclust.core.ages import Age, age, certainly_before, first_and_last_day
from photoclust.core.dates import (
    DatePrecision,
    DateSource,
    PhotoDate,
    parse_birthday,
    parse_date,
)

DATES = st.builds(
    PhotoDate,
    st.datetimes(datetime(1900, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001 - cameras know none
    st.sampled_from(DatePrecision),
    st.sampled_from(DateSource),
    st.booleans(),
)


@pytest.mark.parametrize(
    ("born", "taken", "expected"),
    [
        ("12 May 1923", "12 May 1926", "3"),
        ("12 May 1923", "11 May 1926", "2"),
        ("1923", "1926", "2–3"),
        ("May 1923", "May 1926", "2–3"),
        ("May 1923", "June 1926", "3"),
        ("1923", "1920s", "0–6"),
        ("1923", "about 1926", "about 2–3"),
        ("1923", "1923", "0"),
        ("12 May 1923", "1923", "0"),
        ("29 February 1924", "28 February 1925", "0"),
        ("29 February 1924", "1 March 1925", "1"),
    ],
)
def test_an_age_is_as_exact_as_the_dates_are(born, taken, expected):
    found = age(parse_birthday(born), parse_date(taken))
    assert found is not None
    assert found.describe() == expected


@pytest.mark.parametrize("taken", ["1922", "11 May 1923", "1910s"])
def test_who_was_not_born_has_no_age(taken):
    assert age(parse_birthday("12 May 1923"), parse_date(taken)) is None


@pytest.mark.parametrize("source", [DateSource.FILE, DateSource.SCANNER])
def test_a_date_that_says_nothing_of_the_photo_gives_no_age(source):
    taken = PhotoDate(datetime(1990, 1, 1), DatePrecision.SECOND, source)  # noqa: DTZ001
    assert age(parse_birthday("1923"), taken) is None
    assert age(parse_birthday("1923"), None) is None
    assert not certainly_before(taken, parse_birthday("1999"))
    assert not certainly_before(None, parse_birthday("1999"))


def test_a_clock_of_another_place_is_believed_from_the_day_before():
    born = parse_birthday("12 May 1923")
    for day, before in ((12, False), (11, False), (10, True)):
        taken = PhotoDate(datetime(1923, 5, day, 23), DatePrecision.SECOND, DateSource.EXIF)  # noqa: DTZ001
        assert certainly_before(taken, born) is before
    assert not certainly_before(parse_date("12 May 1923"), born)
    assert certainly_before(parse_date("11 May 1923"), born), "whoever says so knows where"
    assert certainly_before(parse_date("1922"), parse_birthday("1923"))
    assert not certainly_before(parse_date("about 1910"), born)
    assert not certainly_before(parse_date("1923"), born)
    assert certainly_before(parse_date("April 1923"), born)
    assert certainly_before(parse_date("1910s"), born)
    assert not certainly_before(parse_date("1920s"), born)


@given(born=DATES, taken=DATES)
def test_the_bounds_are_those_of_all_days_that_may_be(born, taken):
    """By trying the first and last day of each date, as a whole year lies between any two."""
    found = age(born, taken)
    days = [first_and_last_day(each) for each in (born, taken)]
    years = [whole_years(a, b) for a in days[0] for b in days[1]]
    if not taken.is_evidence or max(years) < 0:
        assert found is None
        return
    assert found == Age(max(min(years), 0), max(years), born.about or taken.about)
    if certainly_before(taken, born):
        assert days[1][1] < days[0][0]


def whole_years(start: date, end: date) -> int:
    """Counted birthday by birthday."""
    years = 0
    step = 1 if end >= start else -1
    if step < 0:
        return -1
    while (start.year + years + 1, start.month, start.day) <= (end.year, end.month, end.day):
        years += 1
    return years
