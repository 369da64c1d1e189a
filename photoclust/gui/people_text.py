"""How the People page and the page of a person put things into words."""

from collections.abc import Sequence
from datetime import datetime

from photoclust.core.ages import Age
from photoclust.core.dates import DatePrecision, PhotoDate
from photoclust.core.language import thousands
from photoclust.core.types import Group
from photoclust.gui import text

HIDDEN = "Hidden"
WITHOUT_NAME = "Without a name"
WITHOUT_DATE = "Without a date"
NOBODY = "Somebody without a name"


def years(span: tuple[datetime, datetime] | None) -> str:
    """`2011–2019`, `2011`; nothing where nobody knows when the photos were taken."""
    if span is None:
        return ""
    first, last = span[0].year, span[1].year
    return str(first) if first == last else f"{first}–{last}"


def hidden(groups: Sequence[Group]) -> str:
    """That people were hidden."""
    if len(groups) == 1:
        return f"{groups[0].name or NOBODY} is hidden."
    return f"{thousands(len(groups))} people and groups are hidden."


def shown_again(groups: Sequence[Group]) -> str:
    """That hidden people are shown again."""
    if len(groups) == 1:
        return f"{groups[0].name or NOBODY} is shown again."
    return f"{thousands(len(groups))} people and groups are shown again."


def hidden_groups(number: int) -> str:
    """That small groups were hidden."""
    return f"{text.count(number, 'group is', 'groups are')} hidden."


def merged(number: int, name: str) -> str:
    """That some became one."""
    return f"{thousands(number)} are one now: {name or NOBODY.lower()}."


def not_them(number: int, name: str) -> str:
    """That faces are not a person."""
    return f"{text.count(number, 'face is', 'faces are')} not {name or 'this person'} any more."


def no_faces(number: int) -> str:
    """That what was found is no face."""
    return f"{text.count(number, 'find is', 'finds are')} marked as no face."


def split_off(number: int) -> str:
    """That faces are a group of their own."""
    return f"{text.count(number, 'face is', 'faces are')} a group of their own now."


def is_cover(name: str) -> str:
    """That a face stands for a person."""
    return f"This face stands for {name or 'this person'} now."


def chosen(number: int) -> str:
    """How many are chosen."""
    return f"{thousands(number)} chosen"


def out_of_place(number: int) -> str:
    """How many faces look out of place."""
    return text.count(number, "face looks out of place", "faces look out of place")


def with_both(photos: int, name: str) -> str:
    """How many photos somebody else is in, too."""
    return f"{text.count(photos, 'photo')} with {name}"


def not_there(photos: int, name: str) -> str:
    """That a person is not in photos in which they have no face."""
    return f"{name or 'This person'} is not in {text.count(photos, 'photo')} any more."


def also_called(alias: str) -> str:
    """That somebody has another name."""
    return f"Also found by the name {alias} now."


def not_called(alias: str) -> str:
    """That somebody has not another name any more."""
    return f"Not found by the name {alias} any more."


def birthday(born: PhotoDate | None) -> str:
    """That a birthday was noted, or is not known any more."""
    return "The birthday is not known any more." if born is None else f"Born {born.describe()}."


def year(taken: PhotoDate | None) -> str:
    """The year of a photo as a heading; of a decade, the decade."""
    if taken is None or not taken.is_evidence:
        return WITHOUT_DATE
    if taken.precision is DatePrecision.DECADE:
        return taken.describe()
    return f"about {taken.value.year}" if taken.about else str(taken.value.year)


def age(years: Age | None) -> str:
    """`Age 9–10`; nothing where it is not known."""
    return "" if years is None else f"Age {years.describe()}"
