"""How old people are in photos, and who was not born yet, by dates that may be known in part."""

from dataclasses import dataclass
from datetime import date, timedelta

from photoclust.core.dates import DatePrecision, DateSource, PhotoDate
from photoclust.core.language import tr

CLOCK_SLACK_DAYS = 1
"""A camera whose clock shows the time of another part of the world is wrong by up to a day."""


@dataclass(frozen=True, slots=True)
class Age:
    """Whole years, at least `low` and at most `high`; `about` where a date is only about right."""

    low: int
    high: int
    about: bool = False

    def describe(self) -> str:
        """It as a reader would put it: "3", "3–4", "about 3"."""
        years = str(self.low) if self.low == self.high else f"{self.low}–{self.high}"
        return tr("about {age}", age=years) if self.about else years


def first_and_last_day(value: PhotoDate) -> tuple[date, date]:
    """The days that a date may be, both included."""
    day = value.value.date()
    match value.precision:
        case DatePrecision.SECOND | DatePrecision.DAY:
            return day, day
        case DatePrecision.MONTH:
            first = day.replace(day=1)
            end = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        case DatePrecision.YEAR:
            first, end = date(day.year, 1, 1), date(day.year + 1, 1, 1)
        case DatePrecision.DECADE:
            start = day.year // 10 * 10
            first, end = date(start, 1, 1), date(start + 10, 1, 1)
    return first, end - timedelta(days=1)


def age(born: PhotoDate, taken: PhotoDate | None) -> Age | None:
    """How old somebody who was `born` then is in a photo that was `taken` then.

    None where nobody knows when it was taken (the time of a file says nothing), and where they were
    not born yet.
    """
    if taken is None or not taken.is_evidence:
        return None
    first_birth, last_birth = first_and_last_day(born)
    first, last = first_and_last_day(taken)
    high = _years(first_birth, last)
    if high < 0:
        return None
    return Age(max(_years(last_birth, first), 0), high, born.about or taken.about)


def certainly_before(taken: PhotoDate | None, born: PhotoDate) -> bool:
    """Whether a photo was certainly taken before somebody was born, by the date that the user or,
    with CLOCK_SLACK_DAYS, a camera gave.
    """
    if taken is None or not taken.is_evidence or taken.about:
        return False
    slack = timedelta(days=CLOCK_SLACK_DAYS if taken.source is DateSource.EXIF else 0)
    return first_and_last_day(taken)[1] + slack < first_and_last_day(born)[0]


def _years(start: date, end: date) -> int:
    """Whole years from `start` to `end`; who was born on 29 February grows older on 1 March."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))
