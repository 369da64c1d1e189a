"""How numbers, times and names are put into words."""

import re
import unicodedata
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from photoclust.core.dates import DateSource, PhotoDate
from photoclust.core.language import decimal, marked, thousands, tr, tr_n
from photoclust.core.pages import file_of, is_part, moment_of, page_of
from photoclust.core.progress import Progress
from photoclust.core.types import Face, Group

if TYPE_CHECKING:
    pass

UNNAMED = marked("Who is this?")
STAGE_UNITS = {
    **dict.fromkeys(("Grouping faces", "Comparing faces", "Recognising faces"), "face"),
    "Running the frozen part of the network": "face",
    "Training": "step",
    "Comparing the models": "draw",
}
"""What the stages of jobs count, where it is not photos."""
AUTOMATIC = marked("Named automatically")


_MONTHS = (
    *(marked("Jan"), marked("Feb"), marked("Mar"), marked("Apr"), marked("May"), marked("Jun")),
    *(marked("Jul"), marked("Aug"), marked("Sep"), marked("Oct"), marked("Nov"), marked("Dec")),
)
_PIECE = 24
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_LONG_WORD = re.compile(rf"[^\s/\\-]{{{2 * _PIECE},}}")  # there is a break behind / and -


def faces(number: int) -> str:
    """`34 faces`"""
    return tr_n(number, "{n} face", "{n} faces")


def photos(number: int) -> str:
    """`20 photos`"""
    return tr_n(number, "{n} photo", "{n} photos")


def photos_with_forms(shown: int, all_forms: int) -> str:
    """`43 photos (47 with all forms)`; the bracket only where it says something new."""
    if all_forms == shown:
        return photos(shown)
    return tr_n(
        shown,
        "{n} photo ({all} with all forms)",
        "{n} photos ({all} with all forms)",
        all=thousands(all_forms),
    )


def people(number: int) -> str:
    """`3 people`"""
    return tr_n(number, "{n} person", "{n} people")


def groups(number: int) -> str:
    """`5 groups`"""
    return tr_n(number, "{n} group", "{n} groups")


def files(number: int) -> str:
    """`2 files`"""
    return tr_n(number, "{n} file", "{n} files")


def folders(number: int) -> str:
    """`2 folders`"""
    return tr_n(number, "{n} folder", "{n} folders")


def group_size(group: Group, all_forms: int = 0) -> str:
    """`34 faces · 20 photos (22 with all forms)`; the photos are left out where they say nothing
    new, and of somebody of whom there are none, that is said. `all_forms` is 0 where nobody asks.
    """
    if not group.is_seen:
        return tr("no photos")
    if group.faces == group.photos:
        return faces(group.faces)
    shown = photos_with_forms(group.photos, max(all_forms, group.photos))
    return f"{faces(group.faces)} · {shown}"


def duration(seconds: float) -> str:
    """`20 seconds`, `3 minutes`, `2 h 10 min`: as exact as an estimate deserves."""
    if seconds < 55:
        rounded = max(1, 5 * round(seconds / 5) if seconds > 10 else round(seconds))
        return tr_n(rounded, "{n} second", "{n} seconds")
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return tr_n(minutes, "{n} minute", "{n} minutes")
    return tr("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def progress_details(progress: Progress) -> str:
    """`120 of 3 400 photos · 4.2 photos/s · about 13 minutes left`, as far as it is known."""
    unit = STAGE_UNITS.get(progress.stage, "photo")
    if progress.total is None:
        return tr("{number} so far", number=_number(unit, progress.done)) if progress.done else ""
    if progress.done in (0, progress.total):
        return _number(unit, progress.total)
    parts = [_part(unit, thousands(progress.done), progress.total)]
    if progress.rate > 0 and progress.remaining_s is not None:
        parts.append(_rate(unit, decimal(progress.rate, 1)))
        parts.append(tr("about {time} left", time=duration(progress.remaining_s)))
    return " · ".join(parts)


def _number(unit: str, number: int) -> str:
    match unit:
        case "face":
            return faces(number)
        case "step":
            return tr_n(number, "{n} step", "{n} steps")
        case "draw":
            return tr_n(number, "{n} draw", "{n} draws")
        case _:
            return photos(number)


def _part(unit: str, done: str, total: int) -> str:
    match unit:
        case "face":
            return tr_n(total, "{done} of {n} face", "{done} of {n} faces", done=done)
        case "step":
            return tr_n(total, "{done} of {n} step", "{done} of {n} steps", done=done)
        case "draw":
            return tr_n(total, "{done} of {n} draw", "{done} of {n} draws", done=done)
        case _:
            return tr_n(total, "{done} of {n} photo", "{done} of {n} photos", done=done)


def _rate(unit: str, rate: str) -> str:
    match unit:
        case "face":
            return tr("{rate} faces/s", rate=rate)
        case "step":
            return tr("{rate} steps/s", rate=rate)
        case "draw":
            return tr("{rate} draws/s", rate=rate)
        case _:
            return tr("{rate} photos/s", rate=rate)


def is_automatic(face: Face) -> bool:
    """Whether a face has a name that no user gave it."""
    return face.person is not None and not face.confirmed


def folded(name: str) -> str:
    """`name` without case and accents, for finding it while somebody types."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def points(share: float) -> str:
    """A difference of shares in points of a hundred: `+1.67`, `−0.20`, `0.00`."""
    rounded = round(100 * share, 2)
    sign = "+" if rounded > 0 else "−" if rounded else ""
    return f"{sign}{decimal(abs(rounded), 2)}"


def percent(share: float) -> str:
    """`98.33 %`"""
    return f"{decimal(100 * share, 2)} %"


def moment(time: datetime) -> str:
    """`28 Nov 2026, 17:35`, in local time."""
    local = time.astimezone()
    return tr(
        "{day} {month} {year}, {time}",
        day=local.day,
        month=tr(_MONTHS[local.month - 1]),
        year=local.year,
        time=f"{local:%H:%M}",
    )


def beginnings(name: str) -> list[str]:
    """`name` and each part of it that begins with a word: `anna maria`, `maria`."""
    words = name.split(" ")
    return [" ".join(words[start:]) for start in range(len(words))]


def tooltip(plain: str) -> str:
    """`plain` as a tooltip that is never taken for rich text."""
    return f"<span>{escape(breakable(plain))}</span>"


def breakable(words: str) -> str:
    """`words` with places to break in words that are longer than any line."""
    return _LONG_WORD.sub(lambda match: "\u200b".join(_pieces(match[0])), words)


def _pieces(word: str) -> list[str]:
    return [word[start : start + _PIECE] for start in range(0, len(word), _PIECE)]


def shown_path(path: Path | None) -> str:
    """`path` as text that can be shown; bytes that are no UTF-8 become question marks. None is the
    path of a photo that no file holds any more.
    """
    if path is None:
        return tr("a photo that is gone")
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def shown_name(path: Path | None) -> str:
    """What a photo at `path` is called, without its folder; as `shown_path`."""
    if path is None or not is_part(path):
        return shown_path(path and path.relative_to(path.parent))
    file = shown_name(file_of(path))
    moment = moment_of(path)
    if moment is None:
        return tr("{file}, page {page}", file=file, page=page_of(path))
    minutes, seconds = divmod(moment // 1000, 60)
    time = f"{minutes}:{seconds:02d}"
    return tr("{file} at {time}", file=file, time=time)


def sentence(clause: str) -> str:
    """A reason, as errors give it, as a sentence: `The disk is full.`"""
    return f"{clause[:1].upper()}{clause[1:].removesuffix('.')}."


def shortened(words: str, longest: int = 60) -> str:
    """`words`, cut to `longest` characters."""
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"


def isolated(name: str) -> str:
    """`name` for a place inside a sentence: one that is written from right to left would take what
    follows it, as a number, to its other side. Those written from left to right stay as they are.
    """
    foreign = any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in name)
    return f"{_ISOLATE}{name}{_END_ISOLATE}" if foreign else name


def menu_text(plain: str) -> str:
    """`plain` for a menu or button, where & marks a key."""
    return plain.replace("&", "&&")


def photo_date(date: PhotoDate | None) -> str:
    """When a photo was taken, as far as that is known: the time of a scan or a copy says so."""
    if date is None:
        return ""
    match date.source:
        case DateSource.SCANNER:
            return tr("scanned {date}", date=date.describe())
        case DateSource.FILE:
            return tr("file of {date}", date=date.describe())
        case _:
            return date.describe()
