from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photoclust.core.dates import DatePrecision
from photoclust.core.query.times import time_of, values_within


def at(*parts):
    return datetime(*parts)  # noqa: DTZ001 - photos are dated in local time


def slow_span(value, precision, about):
    """From when to when a photo with this date may have been taken, a day at a time."""

    def unit(moment):
        return {
            DatePrecision.DAY: moment.date(),
            DatePrecision.MONTH: (moment.year, moment.month),
            DatePrecision.YEAR: moment.year,
            DatePrecision.DECADE: moment.year // 10,
        }[precision]

    first = end = value
    for _ in range(2 if about else 1):
        inside = unit(end)
        while unit(end) == inside:
            end += timedelta(days=1)
    if about:
        inside = unit(first - timedelta(days=1))
        while unit(first - timedelta(days=1)) == inside:
            first -= timedelta(days=1)
    return first, end


ROUGH = [precision for precision in DatePrecision if precision is not DatePrecision.SECOND]


@given(
    st.sampled_from(ROUGH),
    st.booleans(),
    st.dates(at(1900, 1, 1).date(), at(1935, 1, 1).date()),
    st.dates(at(1900, 1, 1).date(), at(1935, 1, 1).date()),
    st.integers(1, 900),
)
def test_a_rough_date_is_found_by_all_times_that_it_may_be(precision, about, day, begin, days):
    value = at(day.year, day.month, day.day)
    if precision is not DatePrecision.DAY:
        value = value.replace(day=1)
    if precision in {DatePrecision.YEAR, DatePrecision.DECADE}:
        value = value.replace(month=1)
    if precision is DatePrecision.DECADE:
        value = value.replace(year=value.year // 10 * 10)
    first = at(begin.year, begin.month, begin.day)
    end = first + timedelta(days=days)
    may_be, until = slow_span(value, precision, about)
    low, high = values_within((first, end), precision, about)
    assert (low <= value < high) == (may_be < end and until > first)


def test_an_exact_time_is_within_or_not():
    first, end = time_of("2019-07")
    assert values_within((first, end), DatePrecision.SECOND, False) == (first, end)
    low, high = values_within((first, end), DatePrecision.SECOND, True)
    assert (first - low, high - end) == (timedelta(hours=1), timedelta(hours=1))


@pytest.mark.parametrize("precision", DatePrecision)
@pytest.mark.parametrize("text", ["0001..9999", "year:..9999", "0001.."])
def test_the_ends_of_the_calendar_are_no_error(precision, text):
    low, high = values_within(time_of(text.removeprefix("year:")), precision, True)
    assert low is None or low <= at(1820, 1, 1)
    assert high is None or high >= at(2100, 1, 1)


def test_open_ends_stay_open():
    for precision in DatePrecision:
        assert values_within((None, at(1950, 1, 1)), precision, False) == (None, at(1950, 1, 1))
        assert values_within((at(1950, 1, 1), None), precision, False) == (at(1950, 1, 1), None)
