"""What is known of a photo and of who is in it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from photoclust.core.dates import MONTHS
from photoclust.core.language import decimal, marked, tr, tr_in
from photoclust.core.types import Face, PersonId
from photoclust.gui import text
from photoclust.gui.models.photo_faces import InPhoto
from photoclust.gui.operations.viewing import PhotoView

if TYPE_CHECKING:
    from photoclust.services.timeline import Month
    from photoclust.services.years import MonthSeen

_UNITS = (marked("bytes"), "kB", "MB", "GB")


def details(view: PhotoView) -> str:
    """`12 May 2019, 14:05 · Canon EOS 5D · 4000 × 3000 · 3.2 MB · 4 faces`, as far as known."""
    parts = (
        text.photo_date(view.photo.date),
        view.photo.camera,
        tr("video") if view.is_video else "",
        tr("film negative, shown as a positive") if view.photo.negative else "",
        f"{view.size[0]} × {view.size[1]}",
        file_size(view.file.size) if view.file is not None else "",
        text.faces(len(view.faces)),
    )
    return " · ".join(filter(None, parts))


def file_size(size: int) -> str:
    """`812 bytes`, `48 kB`, `3.2 MB`: in powers of a thousand, as file managers tell it."""
    value, place = float(size), 0
    while value >= 999.5 and place + 1 < len(_UNITS):
        value, place = value / 1000, place + 1
    digits = 1 if place > 1 and value < 10 else 0
    return f"{decimal(value, digits)} {tr(_UNITS[place])}"


def month(month: Month) -> str:
    """`May 2019`, `2019`, `1920s`, as far as it is known."""
    if month.year is None:
        return tr("Without a date")
    if month.decade:
        return tr("{year}s", year=month.year)
    if month.month is None:
        return str(month.year)
    return tr("{month} {year}", month=tr(MONTHS[month.month - 1]), year=month.year)


def month_alone(month: Month) -> str:
    """`May`, where the year stands above it; what is not known, as far as it is not."""
    if month.year is None:
        return tr("Without a date")
    if month.month is None:
        return tr("Year not known") if month.decade else tr("Month not known")
    return tr(MONTHS[month.month - 1])


def year_of(month: Month) -> str:
    """`2019`, `1920s`, or that no year is known."""
    return tr("Without a date") if month.year is None else year(month)


def people_of(seen: MonthSeen) -> str:
    """Who is seen most in a month: `Anna, Berta`."""
    return ", ".join(seen.people)


def month_seen(seen: MonthSeen) -> str:
    """`May 2019, 34 photos: Anna, Berta`, for who does not see it."""
    fields = {"month": month(seen.month), "photos": text.photos(seen.month.count)}
    if not seen.people:
        return tr("{month}, {photos}", **fields)
    return tr("{month}, {photos}: {people}", **fields, people=people_of(seen))


def short_month(shown: Month) -> str:
    """As `month`, where there is little room: `Sep 2019`."""
    if shown.year is None:
        return tr("No date")
    if shown.month is None:
        return year(shown)
    return tr("{month} {year}", month=_abbreviated(shown.month), year=shown.year)


def _abbreviated(month: int) -> str:
    names = (
        *(tr_in("alone", "Jan"), tr_in("alone", "Feb"), tr_in("alone", "Mar")),
        *(tr_in("alone", "Apr"), tr_in("alone", "May"), tr_in("alone", "Jun")),
        *(tr_in("alone", "Jul"), tr_in("alone", "Aug"), tr_in("alone", "Sep")),
        *(tr_in("alone", "Oct"), tr_in("alone", "Nov"), tr_in("alone", "Dec")),
    )
    return names[month - 1]


def year(month: Month) -> str:
    """`2019`, or `–` where no year is known."""
    if month.year is None:
        return "–"
    return tr_in("alone", "{year}s", year=month.year) if month.decade else str(month.year)


def photo_of(shown: Month) -> str:
    """A photo for who does not see it."""
    if shown.year is None:
        return tr("Photo without a date")
    return tr("Photo, {month}", month=month(shown))


def in_photo(view: PhotoView, faces: Sequence[tuple[Face, str | None]]) -> list[InPhoto]:
    """Who is in a photo: `faces`, with their names, in the order given, then those without one."""
    seen = [InPhoto(face, face.person, name, _note(view, face)) for face, name in faces]
    unseen = [
        InPhoto(
            None, person, name, " · ".join(filter(None, (_age(view, person), tr("no face seen"))))
        )
        for person, name in view.unseen
    ]
    return seen + unseen


def _note(view: PhotoView, face: Face) -> str:
    automatic = tr(text.AUTOMATIC) if text.is_automatic(face) else ""
    drawn = tr("drawn by hand") if face.drawn else ""
    return " · ".join(filter(None, (_age(view, face.person), automatic, drawn)))


def _age(view: PhotoView, person: PersonId | None) -> str:
    age = None if person is None else view.ages.get(person)
    return "" if age is None else tr("{age} years old", age=age.describe())
