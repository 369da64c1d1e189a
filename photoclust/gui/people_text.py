"""How the People page and the page of a person put things into words."""

from collections.abc import Sequence
from datetime import datetime

from photoclust.core.ages import Age
from photoclust.core.dates import DatePrecision, PhotoDate
from photoclust.core.language import marked, tr, tr_n
from photoclust.core.types import Group

HIDDEN = marked("Hidden")
WITHOUT_NAME = marked("Without a name")
WITHOUT_DATE = marked("Without a date")
NOBODY = marked("Somebody without a name")


def years(span: tuple[datetime, datetime] | None) -> str:
    """`2011–2019`, `2011`; nothing where nobody knows when the photos were taken."""
    if span is None:
        return ""
    first, last = span[0].year, span[1].year
    return str(first) if first == last else f"{first}–{last}"


def hidden(groups: Sequence[Group]) -> str:
    """That people were hidden."""
    if len(groups) == 1:
        return tr("{name} is hidden.", name=groups[0].name or tr(NOBODY))
    return tr_n(
        len(groups),
        "{n} person or group is hidden.",
        "{n} people and groups are hidden.",
    )


def shown_again(groups: Sequence[Group]) -> str:
    """That hidden people are shown again."""
    if len(groups) == 1:
        return tr("{name} is shown again.", name=groups[0].name or tr(NOBODY))
    return tr_n(
        len(groups),
        "{n} person or group is shown again.",
        "{n} people and groups are shown again.",
    )


def hidden_groups(number: int) -> str:
    """That small groups were hidden."""
    return tr_n(number, "{n} group is hidden.", "{n} groups are hidden.")


def hidden_faces(number: int) -> str:
    """That faces of nobody were hidden."""
    return tr_n(number, "{n} face is hidden.", "{n} faces are hidden.")


def merged(number: int, name: str) -> str:
    """That some became one."""
    who = name or tr("somebody without a name")
    return tr_n(number, "{n} is one now: {name}.", "{n} are one now: {name}.", name=who)


def not_them(number: int, name: str) -> str:
    """That faces are not a person."""
    return tr_n(
        number,
        "{n} face is not {name} any more.",
        "{n} faces are not {name} any more.",
        name=name or tr("this person"),
    )


def no_faces(number: int) -> str:
    """That what was found is no face."""
    return tr_n(number, "{n} find is marked as no face.", "{n} finds are marked as no face.")


def split_off(number: int) -> str:
    """That faces are a group of their own."""
    return tr_n(
        number,
        "{n} face is a group of their own now.",
        "{n} faces are a group of their own now.",
    )


def is_cover(name: str) -> str:
    """That a face stands for a person."""
    return tr("This face stands for {name} now.", name=name or tr("this person"))


def chosen(number: int) -> str:
    """How many are chosen."""
    return tr_n(number, "{n} chosen", "{n} chosen")


def out_of_place(number: int) -> str:
    """How many faces look out of place."""
    return tr_n(number, "{n} face looks out of place", "{n} faces look out of place")


def with_both(photos: int, name: str) -> str:
    """How many photos somebody else is in, too."""
    return tr_n(photos, "{n} photo with {name}", "{n} photos with {name}", name=name)


def not_there(photos: int, name: str) -> str:
    """That a person is not in photos in which they have no face."""
    return tr_n(
        photos,
        "{name} is not in {n} photo any more.",
        "{name} is not in {n} photos any more.",
        name=name or tr("This person"),
    )


def also_called(alias: str) -> str:
    """That somebody has another name."""
    return tr("Also found by the name {alias} now.", alias=alias)


def not_called(alias: str) -> str:
    """That somebody has not another name any more."""
    return tr("Not found by the name {alias} any more.", alias=alias)


def birthday(born: PhotoDate | None) -> str:
    """That a birthday was noted, or is not known any more."""
    if born is None:
        return tr("The birthday is not known any more.")
    return tr("Born {date}.", date=born.describe())


def year(taken: PhotoDate | None) -> str:
    """The year of a photo as a heading; of a decade, the decade."""
    if taken is None or not taken.is_evidence:
        return tr(WITHOUT_DATE)
    if taken.precision is DatePrecision.DECADE:
        return taken.describe()
    number = str(taken.value.year)
    return tr("about {date}", date=number) if taken.about else number


def age(years: Age | None) -> str:
    """`Age 9–10`; nothing where it is not known."""
    return "" if years is None else tr("Age {years}", years=years.describe())
