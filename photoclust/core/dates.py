"""When a photo was taken, as far as that is known: to the second or to the decade, and by whom.

A date is only as good as its source. Old prints carry no clock: what a scanner or a copy wrote says
nothing about them, and what their owner remembers is "about 1923".
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as time_of_day
from enum import StrEnum

from photoclust.core.errors import UserError
from photoclust.core.language import marked, tr

FIRST_YEAR = 1826
"""Of the oldest photograph that there is, Niépce's view from his window."""
FIRST_BIRTH_YEAR = FIRST_YEAR - 120
"""Nobody who was born before that lived to see it."""

MONTHS = (
    marked("January"),
    marked("February"),
    marked("March"),
    marked("April"),
    marked("May"),
    marked("June"),
    marked("July"),
    marked("August"),
    marked("September"),
    marked("October"),
    marked("November"),
    marked("December"),
)


class DateSource(StrEnum):
    """Who says when a photo was taken."""

    EXIF = "exif"
    """The clock of the camera."""
    FILE = "file"
    """The time of the file, which a copy, a download or a repair changes."""
    SCANNER = "scanner"
    """The clock of a scanner, which knows when the print lay on its glass."""
    HAND = "hand"
    """The user."""


class DatePrecision(StrEnum):
    """How much of a date is meant; the rest of its value is the beginning of that time."""

    SECOND = "second"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    DECADE = "decade"


@dataclass(frozen=True, slots=True)
class PhotoDate:
    """A date with its precision, its source, and whether it is only `about` right.

    `value` has a time zone only where its source gave one.
    """

    value: datetime
    precision: DatePrecision
    source: DateSource
    about: bool = False

    @property
    def is_evidence(self) -> bool:
        """Whether it says anything about when the photo was taken."""
        return self.source in {DateSource.EXIF, DateSource.HAND}

    def iso(self) -> str:
        """As much of YYYY-MM-DD as is meant: "1923", "1923-05", "1923-05-12"; a decade by the year
        that it begins with.
        """
        digits = {DatePrecision.DECADE: 4, DatePrecision.YEAR: 4, DatePrecision.MONTH: 7}
        return self.value.date().isoformat()[: digits.get(self.precision, 10)]

    def describe(self) -> str:
        """It as a reader would put it: "about 1923", "1920s", "12 May 1923, 14:05"."""
        value = self.value
        parts = {
            "day": value.day,
            "month": tr(MONTHS[value.month - 1]),
            "year": value.year,
            "time": f"{value:%H:%M}",
        }
        match self.precision:
            case DatePrecision.DECADE:
                text = tr("{year}s", year=value.year // 10 * 10)
            case DatePrecision.YEAR:
                text = str(value.year)
            case DatePrecision.MONTH:
                text = tr("{month} {year}", **parts)
            case DatePrecision.DAY:
                text = tr("{day} {month} {year}", **parts)
            case DatePrecision.SECOND:
                text = tr("{day} {month} {year}, {time}", **parts)
        return tr("about {date}", date=text) if self.about else text


# What is described in any of the languages is understood again in it.
_ABOUT = re.compile(r"(?:~|(?:about|around|circa|ca|c|etwa|um)(?![a-z])\.?) *")
_YEAR = "(?P<year>[0-9]{4})"
_MONTH = "(?P<month>[0-9]{1,2})"
_NAME = r"(?P<name>[^\W\d_]{3,})\.?"
_DAY = "(?P<day>[0-9]{1,2})"
_TIME = "(?:(?:,? |t)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?"
_FORMS = (
    (DatePrecision.DECADE, re.compile("(?P<year>[0-9]{3}0)(?:s|er(?: jahre)?)")),
    (DatePrecision.YEAR, re.compile(_YEAR)),
    (DatePrecision.MONTH, re.compile(f"{_YEAR}-{_MONTH}")),
    (DatePrecision.MONTH, re.compile(f"{_NAME} {_YEAR}")),
    (DatePrecision.DAY, re.compile(f"{_YEAR}-{_MONTH}-{_DAY}{_TIME}")),
    (DatePrecision.DAY, re.compile(rf"{_DAY}\.? {_NAME} {_YEAR}{_TIME}")),
    # With dots the day comes first wherever dates are written so; with slashes it may not.
    (DatePrecision.DAY, re.compile(rf"{_DAY}\. ?{_MONTH}\. ?{_YEAR}{_TIME}")),
)


def parse_date(text: str) -> PhotoDate:
    """The date that a user wrote: "1923", "about 1923", "ca. 1923", "1920s", "May 1923", "1923-05",
    "12 May 1923", "12.5.1923", "1923-05-12", the last three also with "14:05" or "14:05:33".

    Raises UserError for anything else, for a day that is in no calendar, and for years before the
    first photograph or after the next year.
    """
    date_ = _read(text)
    if date_ is None:
        raise _not_understood(text)
    _check_year(text, date_.value.year, 10 if date_.precision is DatePrecision.DECADE else 1)
    return date_


def parse_birthday(text: str) -> PhotoDate:
    """The birthday that a user wrote, of which the day or only the year may be known: "1923", "May
    1923", "1923-05", "12 May 1923", "12.5.1923", "1923-05-12".

    Raises UserError for anything else, for a day that is in no calendar or has not come yet, and
    for years so long before the first photograph that nobody of them is in one.
    """
    born = _read(text)
    if born is None or not is_birthday(born):
        raise UserError(
            tr(
                '"{text}" is not understood as a birthday; write it like 1923, May 1923, '
                "12 May 1923 or 1923-05-12",
                text=text.strip(),
            )
        )
    today = date.today()  # noqa: DTZ011 - of this place's calendar
    if born.value.year < FIRST_BIRTH_YEAR or born.value.date() > today:
        raise UserError(
            tr(
                'nobody in a photo was born "{text}"; give a day from {year} to today',
                text=text.strip(),
                year=FIRST_BIRTH_YEAR,
            )
        )
    return born


def is_birthday(date_: PhotoDate) -> bool:
    """Whether a date is of a kind that a birthday can be: a day, a month or a year, and certain."""
    kinds = {DatePrecision.DAY, DatePrecision.MONTH, DatePrecision.YEAR}
    return date_.precision in kinds and not date_.about


def _read(text: str) -> PhotoDate | None:
    """The date that `text` says, of whatever year; None where it says none."""
    plain = " ".join(text.lower().split())
    about = _ABOUT.match(plain)
    if about is not None:
        plain = plain[about.end() :]
    for precision, form in _FORMS:
        if (found := form.fullmatch(plain)) is not None:
            parts = found.groupdict()
            exact = DatePrecision.SECOND if parts.get("hour") else precision
            return PhotoDate(_value(text, parts), exact, DateSource.HAND, about is not None)
    return None


def _value(text: str, parts: Mapping[str, str | None]) -> datetime:
    month = int(parts.get("month") or 1)
    if name := parts.get("name"):
        month = _month(text, name)
    day = int(parts.get("day") or 1)
    hour, minute, second = (int(parts.get(key) or 0) for key in ("hour", "minute", "second"))
    try:
        return datetime.combine(
            date(int(parts["year"] or 0), month, day), time_of_day(hour, minute, second)
        )
    except ValueError as error:
        raise UserError(
            tr(
                '"{text}" is in no calendar; check the day, the month and the time',
                text=text.strip(),
            )
        ) from error


def _month(text: str, name: str) -> int:
    for number, month in enumerate(MONTHS, start=1):
        if month.lower().startswith(name) or tr(month).lower().startswith(name):
            return number
    raise _not_understood(text)


def _check_year(text: str, first: int, years: int) -> None:
    latest = time.localtime().tm_year + 1
    if first + years <= FIRST_YEAR or first > latest:
        raise UserError(
            tr(
                'no photo is of "{text}"; give a year from {first} to {latest}',
                text=text.strip(),
                first=FIRST_YEAR,
                latest=latest,
            )
        )


def _not_understood(text: str) -> UserError:
    return UserError(
        tr(
            '"{text}" is not understood as a date; write it like 1923, about 1923, 1920s, '
            "May 1923, 12 May 1923 or 1923-05-12 14:05",
            text=text.strip(),
        )
    )
