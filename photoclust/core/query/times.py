"""Years, months and days in a search, and the photos that may be of that time.

A photo of which only the year is known may have been taken on any day of it, and is found by each.
"""

import re
from datetime import datetime, timedelta

from photoclust.core.dates import DatePrecision
from photoclust.core.language import tr

Time = tuple[datetime | None, datetime | None]
"""From the first moment to before the second; None: from or for ever."""

_MOMENT = re.compile("([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?|([0-9]{3}0)(?:s|er)")
_LIKELY = re.compile("(?:18[2-9]|19[0-9]|20[0-9])[0-9](?:-.*|s|er)?")
RANGE = ".."


class TimeError(ValueError):
    """A text that is no time; the message is the end of a sentence."""


def looks_like_time(text: str) -> bool:
    """Whether a word without a key before it is meant as a time: it begins with a year in which
    there were cameras, or is a range that does.
    """
    first, dots, last = text.partition(RANGE)
    if dots:
        return bool(_LIKELY.fullmatch(first or last))
    try:
        return bool(_LIKELY.fullmatch(text)) and bool(moment(text))
    except TimeError:
        return False  # the name of a folder, such as 2019-holidays


def moment(text: str) -> tuple[datetime, datetime]:
    """`2019`, `2019-07`, `2019-07-14` or `1920s`: its beginning and its end.

    Raises TimeError for anything else.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise TimeError(tr("write a time like 2019, 2019-07, 2019-07-14 or 1920s"))
    year, month, day, decade = found.groups()
    try:
        first = _at(int(year or decade), int(month or 1), int(day or 1))
    except ValueError as error:
        raise TimeError(
            tr("that is in no calendar; check the day, the month and the year")
        ) from error
    if day:
        unit = DatePrecision.DAY
    elif month:
        unit = DatePrecision.MONTH
    else:
        unit = DatePrecision.DECADE if decade else DatePrecision.YEAR
    return first, _later(first, unit, 1)


def time_of(text: str) -> Time:
    """A moment as `moment` reads it, or a range of two: `2018..2021`, `2018..`, `..2021`.

    Raises TimeError for anything else, and for a range whose end lies before its beginning.
    """
    first, dots, last = text.partition(RANGE)
    if not dots:
        return moment(text)
    if not first and not last:
        raise TimeError(tr("a range has a time on one side at least, such as 2018..2021 or 2018.."))
    begin = moment(first)[0] if first else None
    end = moment(last)[1] if last else None
    if begin is not None and end is not None and begin >= end:
        raise TimeError(
            tr("that range runs backwards; write {last}..{first}", last=last, first=first)
        )
    return begin, end


def values_within(time: Time, precision: DatePrecision, about: bool) -> Time:
    """Which values a date of this precision has whose photo may be of `time`.

    A date that is only about right may be one unit off: "about 1923" is 1922 to 1924.
    """
    first, end = time
    slack = int(about)
    if first is not None:
        first = _later(_floor(first, precision), precision, -slack)
    if end is not None:
        start = _floor(end, precision)
        end = _later(start, precision, slack + (start != end))
    return first, end


def _floor(moment_: datetime, unit: DatePrecision) -> datetime:
    """The beginning of the unit that `moment_` is in."""
    match unit:
        case DatePrecision.SECOND:
            return moment_
        case DatePrecision.DAY:
            return _at(moment_.year, moment_.month, moment_.day)
        case DatePrecision.MONTH:
            return _at(moment_.year, moment_.month)
        case DatePrecision.YEAR:
            return _at(moment_.year)
        case DatePrecision.DECADE:
            return _at(max(1, moment_.year // 10 * 10))


def _later(moment_: datetime, unit: DatePrecision, count: int) -> datetime:
    """`count` units after the beginning of one, within what a calendar holds."""
    match unit:
        case DatePrecision.SECOND:
            step = timedelta(hours=count)  # what "about 14:05" may be off by
        case DatePrecision.DAY:
            step = timedelta(days=count)
        case DatePrecision.MONTH:
            months = moment_.year * 12 + moment_.month - 1 + count
            return _clipped(months // 12, months % 12 + 1)
        case DatePrecision.YEAR:
            return _clipped(moment_.year + count)
        case DatePrecision.DECADE:
            return _clipped(moment_.year + 10 * count)
    try:
        return moment_ + step
    except OverflowError:
        return _clipped(0 if count < 0 else 10_000)


def _clipped(year: int, month: int = 1) -> datetime:
    if year < 1:
        return _at(1)
    return _at(year, month) if year <= 9999 else _at(9999, 12, 31)


def _at(year: int, month: int = 1, day: int = 1) -> datetime:
    return datetime(year, month, day)  # noqa: DTZ001 - photos are dated in local time
