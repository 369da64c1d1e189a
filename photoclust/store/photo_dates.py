"""When photos were taken: how dates are kept, read and asked for."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, String, and_, case, cast, func, or_, type_coerce

from photoclust.core.dates import DatePrecision, DateSource, PhotoDate
from photoclust.core.query.times import Time
from photoclust.core.types import FileStat, Metadata
from photoclust.store import schema

_SEPARATOR = "|"


def taken_text() -> ColumnElement[str]:
    """When a photo was taken, as text: the user is believed before its file."""
    photo = schema.photo.c
    # The text of a date by hand begins with its first moment, as SQLite keeps any date.
    return type_coerce(func.coalesce(photo.dated, photo.taken_at), String)


def month_number(taken: ColumnElement[str], dated: ColumnElement[Any]) -> ColumnElement[int]:
    """The number of a month in `photo_months`, of what `taken_text` says or its first 7 characters;
    `dated` is what the user said.
    """
    year, month = (
        cast(func.substr(taken, start, length), Integer) for start, length in ((1, 4), (6, 2))
    )
    return year * 100 + case(
        (dated.contains(_kind_text(DatePrecision.YEAR, False)), 0),
        (dated.contains(_kind_text(DatePrecision.DECADE, False)), -1),
        else_=month,
    )


def date_text(date: PhotoDate) -> str:
    """A date by hand as a register keeps it; `read_date` reads it."""
    return _value_text(date.value) + _kind_text(date.precision, date.about)


def _value_text(value: datetime) -> str:
    return value.isoformat(sep=" ", timespec="seconds")


def _kind_text(precision: DatePrecision, about: bool) -> str:
    return _SEPARATOR.join(("", precision.value, "about" if about else ""))


def read_date(text: str) -> PhotoDate:
    """The date that `date_text` wrote."""
    value, precision, about = text.split(_SEPARATOR)
    return PhotoDate(
        datetime.fromisoformat(value), DatePrecision(precision), DateSource.HAND, bool(about)
    )


def taken_within(within: Callable[[DatePrecision, bool], Time]) -> ColumnElement[bool]:
    """Whether the date of a photo is one that is wanted; it is not where there is none.

    `within` tells, for dates of a precision that are right or only about right, from which value to
    before which it is.
    """
    photo = schema.photo.c
    by_hand = [
        and_(
            photo.dated.endswith(_kind_text(precision, about), autoescape=True),
            *_between(
                photo.dated,
                *(each and _value_text(each) for each in within(precision, about)),
            ),
        )
        for precision in DatePrecision
        for about in (False, True)
    ]
    by_file = _between(photo.taken_at, *within(DatePrecision.SECOND, False))
    return or_(
        and_(photo.dated.is_(None), photo.taken_at.is_not(None), *by_file),
        and_(photo.dated.is_not(None), or_(*by_hand)),
    )


def month_is_known() -> ColumnElement[bool]:
    """Whether the date of a photo, if it has one, says more than the year."""
    rough = (DatePrecision.YEAR, DatePrecision.DECADE)
    dated = schema.photo.c.dated
    return and_(
        *(
            func.coalesce(dated, "").not_like(f"%{_kind_text(precision, about)}")
            for precision in rough
            for about in (False, True)
        )
    )


def _between(
    column: ColumnElement[Any], first: object | None, end: object | None
) -> Iterator[ColumnElement[bool]]:
    if first is not None:
        yield column >= first
    if end is not None:
        yield column < end


def by_file(metadata: Metadata, stat: FileStat) -> dict[str, Any]:
    """The columns that say when and with what a photo was taken, as its file and the time of that
    tell.
    """
    if metadata.taken_at is None:
        source, taken = DateSource.FILE, datetime.fromtimestamp(stat.mtime_ns / 1e9)  # noqa: DTZ006
    else:
        source = DateSource.SCANNER if metadata.scanned else DateSource.EXIF
        taken = metadata.taken_at
    return {"taken_at": taken, "date_source": source.value, "camera": metadata.camera}


def date_of(row: Row[Any]) -> PhotoDate | None:
    """The date in a row with the columns of a photo that say it."""
    if row.dated is not None:
        return read_date(row.dated)
    if row.taken_at is None:
        return None
    return PhotoDate(row.taken_at, DatePrecision.SECOND, DateSource(row.date_source))
