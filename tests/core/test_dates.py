"""Dates as people write and read them."""

import re
import time
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photoclust.core.dates import (
    FIRST_BIRTH_YEAR,
    FIRST_YEAR,
    DatePrecision,
    DateSource,
    PhotoDate,
    parse_birthday,
    parse_date,
)
from photoclust.core.errors import UserError
from photoclust.core.language import LANGUAGES

SECOND, DAY, MONTH, YEAR, DECADE = DatePrecision
NEXT_YEAR = time.localtime().tm_year + 1


def naive(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("text", "value", "precision", "about"),
    [
        ("1923", naive(1923, 1, 1), YEAR, False),
        ("about 1923", naive(1923, 1, 1), YEAR, True),
        ("About  1923", naive(1923, 1, 1), YEAR, True),
        ("around 1923", naive(1923, 1, 1), YEAR, True),
        ("circa 1923", naive(1923, 1, 1), YEAR, True),
        ("ca. 1923", naive(1923, 1, 1), YEAR, True),
        ("ca 1923", naive(1923, 1, 1), YEAR, True),
        ("c. 1923", naive(1923, 1, 1), YEAR, True),
        ("c1923", naive(1923, 1, 1), YEAR, True),
        ("~1923", naive(1923, 1, 1), YEAR, True),
        ("~ 1923", naive(1923, 1, 1), YEAR, True),
        ("1920s", naive(1920, 1, 1), DECADE, False),
        ("about 1920s", naive(1920, 1, 1), DECADE, True),
        ("1820s", naive(1820, 1, 1), DECADE, False),
        ("1923-05", naive(1923, 5, 1), MONTH, False),
        ("1923-5", naive(1923, 5, 1), MONTH, False),
        ("May 1923", naive(1923, 5, 1), MONTH, False),
        ("sept. 1923", naive(1923, 9, 1), MONTH, False),
        ("Dec 1923", naive(1923, 12, 1), MONTH, False),
        ("about May 1923", naive(1923, 5, 1), MONTH, True),
        ("1923-05-12", naive(1923, 5, 12), DAY, False),
        ("12 May 1923", naive(1923, 5, 12), DAY, False),
        ("12. May 1923", naive(1923, 5, 12), DAY, False),
        ("12.5.1923", naive(1923, 5, 12), DAY, False),
        ("04.08.1961", naive(1961, 8, 4), DAY, False),
        ("4. 8. 1961", naive(1961, 8, 4), DAY, False),
        ("ca. 4.8.1961", naive(1961, 8, 4), DAY, True),
        ("12.5.1923, 14:05", naive(1923, 5, 12, 14, 5), SECOND, False),
        ("29 February 1924", naive(1924, 2, 29), DAY, False),
        ("1923-05-12 14:05", naive(1923, 5, 12, 14, 5), SECOND, False),
        ("1923-05-12 14:05:33", naive(1923, 5, 12, 14, 5, 33), SECOND, False),
        ("1923-05-12T14:05:33", naive(1923, 5, 12, 14, 5, 33), SECOND, False),
        ("12 May 1923, 14:05", naive(1923, 5, 12, 14, 5), SECOND, False),
        ("  12 may 1923 0:00\n", naive(1923, 5, 12), SECOND, False),
        (str(FIRST_YEAR), naive(FIRST_YEAR, 1, 1), YEAR, False),
        (f"{NEXT_YEAR}-12-31", naive(NEXT_YEAR, 12, 31), DAY, False),
    ],
)
def test_what_a_user_writes_is_understood(text, value, precision, about):
    assert parse_date(text) == PhotoDate(value, precision, DateSource.HAND, about)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "about",
        "long ago",
        "23",
        "'23",
        "19233",
        "1923s",
        "12/05/1923",
        "5.1923",
        "12.5.23",
        "12-05-1923",
        "1923-05-12-01",
        "1923 05",
        "Mai 1923",
        "ma 1923",
        "Mayor 1923",
        "1923 or 1924",
        "cafe 1923",
        "1923-05-12 14",
        "1923 14:05",
        "١٩٢٣",
        "-1923",
    ],
)
def test_anything_else_is_refused_with_examples(text):
    with pytest.raises(UserError, match="not understood as a date; write it like 1923, about 1923"):
        parse_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "31 February 1923",
        "31.2.1923",
        "5.13.1923",
        "1923-02-29",
        "1923-13",
        "1923-00-10",
        "1923-05-32",
        "1923-05-12 25:00",
    ],
)
def test_what_is_in_no_calendar_is_refused(text):
    with pytest.raises(UserError, match=f'^"{text}" is in no calendar; check'):
        parse_date(text)


@pytest.mark.parametrize(
    "text",
    [
        str(FIRST_YEAR - 1),
        "31 December 1825",
        "1810s",
        str(NEXT_YEAR + 1),
        f"{NEXT_YEAR + 1}-01-01 00:00",
        f"{NEXT_YEAR // 10 * 10 + 10}s",
        "9999",
    ],
)
def test_years_without_photos_are_refused(text):
    with pytest.raises(UserError, match=f"give a year from {FIRST_YEAR} to {NEXT_YEAR}"):
        parse_date(text)


@pytest.mark.parametrize(
    ("precision", "text"),
    [
        (DECADE, "1920s"),
        (YEAR, "1923"),
        (MONTH, "May 1923"),
        (DAY, "2 May 1923"),
        (SECOND, "2 May 1923, 04:05"),
    ],
)
def test_a_date_is_described_as_precisely_as_it_is_known(precision, text):
    value = naive(1923, 5, 2, 4, 5, 33)
    assert PhotoDate(value, precision, DateSource.EXIF).describe() == text
    assert PhotoDate(value, precision, DateSource.HAND, about=True).describe() == f"about {text}"


def test_a_time_zone_changes_nothing_of_what_the_clock_showed():
    value = datetime(2020, 5, 12, 23, 59, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert PhotoDate(value, SECOND, DateSource.EXIF).describe() == "12 May 2020, 23:59"


@pytest.mark.parametrize(
    ("source", "is_evidence"),
    [
        (DateSource.EXIF, True),
        (DateSource.HAND, True),
        (DateSource.SCANNER, False),
        (DateSource.FILE, False),
    ],
)
def test_the_time_of_a_scan_or_a_copy_is_no_evidence(source, is_evidence):
    assert PhotoDate(naive(2020, 1, 1), SECOND, source).is_evidence == is_evidence


def beginning(value: datetime, precision: DatePrecision) -> datetime:
    parts = {
        DECADE: {"year": value.year // 10 * 10, "month": 1, "day": 1, "hour": 0, "minute": 0},
        YEAR: {"month": 1, "day": 1, "hour": 0, "minute": 0},
        MONTH: {"day": 1, "hour": 0, "minute": 0},
        DAY: {"hour": 0, "minute": 0},
        SECOND: {},
    }
    return value.replace(second=0, microsecond=0, **parts[precision])


@given(
    st.datetimes(naive(FIRST_YEAR, 1, 1), naive(NEXT_YEAR, 12, 31)),
    st.sampled_from(DatePrecision),
    st.booleans(),
)
def test_what_is_described_is_understood_again(value, precision, about):
    described = PhotoDate(beginning(value, precision), precision, DateSource.HAND, about)
    assert parse_date(described.describe()) == described


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("precision", DatePrecision)
@pytest.mark.parametrize("about", [False, True])
def test_what_is_described_in_any_language_is_understood_again_in_it(
    speak, spoken, month, precision, about
):
    speak(spoken)
    value = beginning(naive(1923, month, 12, 14, 5), precision)
    described = PhotoDate(value, precision, DateSource.HAND, about)
    assert parse_date(described.describe()) == described


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1920s", "1920er Jahre"),
        ("about 1923", "ca. 1923"),
        ("March 1923", "März 1923"),
        ("12 May 1923", "12. Mai 1923"),
        ("12 May 1923, 14:05", "12. Mai 1923, 14:05"),
    ],
)
def test_dates_in_german(speak, text, said):
    speak("de")
    assert parse_date(text).describe() == said
    assert parse_date(said) == parse_date(text), "English is understood as well"


@pytest.mark.parametrize("text", ["etwa 1923", "um 1923", "um März 1923", "1920er"])
def test_dates_as_germans_write_them_are_understood(speak, text):
    speak("de")
    assert parse_date(text).value.year in (1920, 1923)


@given(st.dates(date(FIRST_YEAR, 1, 1), date(NEXT_YEAR, 12, 31)))
def test_every_day_of_the_iso_calendar_is_understood(day):
    assert parse_date(day.isoformat()).value.date() == day


@given(st.text(max_size=30) | st.from_regex(re.compile("[~a-c0-9:. -]{0,20}"), fullmatch=True))
def test_whatever_is_written_gives_a_date_of_a_photo_or_an_error_to_mend(text):
    try:
        found = parse_date(text)
    except UserError:
        return
    assert FIRST_YEAR - 9 <= found.value.year <= NEXT_YEAR


# Birthdays


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("1771", "1771"),
        ("May 1923", "1923-05"),
        ("1923-05", "1923-05"),
        (" 12 may 1923 ", "1923-05-12"),
        ("4.8.1961", "1961-08-04"),
        ("1923-05-12", "1923-05-12"),
        (str(FIRST_BIRTH_YEAR), str(FIRST_BIRTH_YEAR)),
    ],
)
def test_a_birthday_may_be_known_in_part(text, iso):
    born = parse_birthday(text)
    assert (born.iso(), born.source, born.about) == (iso, DateSource.HAND, False)


@pytest.mark.parametrize(
    "text", ["about 1923", "1920s", "12 May 1923, 14:05", "soon", "", "19233", "May", "0"]
)
def test_what_is_no_birthday_is_refused(text):
    with pytest.raises(UserError, match="is not understood as a birthday"):
        parse_birthday(text)


@pytest.mark.parametrize("text", [str(FIRST_BIRTH_YEAR - 1), str(NEXT_YEAR), "9999-12-31"])
def test_nobody_in_a_photo_was_born_then(text):
    with pytest.raises(UserError, match="nobody in a photo was born"):
        parse_birthday(text)


def test_today_is_a_birthday_and_tomorrow_is_not():
    today = datetime.now().astimezone().date()
    assert parse_birthday(today.isoformat()).iso() == today.isoformat()
    with pytest.raises(UserError, match="to today"):
        parse_birthday((today + timedelta(days=1)).isoformat())
