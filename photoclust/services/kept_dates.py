"""Dates by hand as libraries keep them, met where anybody may have written them."""

from photoclust.core import dates
from photoclust.core.dates import FIRST_BIRTH_YEAR, FIRST_YEAR, PhotoDate
from photoclust.store.photo_dates import date_text, read_date


def is_date(text: str) -> bool:
    """Whether `text` is what a library keeps of a date that a user gave, to the letter."""
    date = _read_date(text)
    return date is not None and date.value.year >= FIRST_YEAR


def is_birthday(text: str) -> bool:
    """The same of a birthday."""
    date = _read_date(text)
    return date is not None and dates.is_birthday(date) and date.value.year >= FIRST_BIRTH_YEAR


def _read_date(text: str) -> PhotoDate | None:
    try:
        date = read_date(text)
    except ValueError:
        return None
    given = date.value.tzinfo is None
    return date if given and date_text(date) == text else None
