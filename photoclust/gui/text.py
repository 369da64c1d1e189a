"""How numbers, times and names are put into words."""

import unicodedata
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from photoclust.core.progress import Progress
from photoclust.core.types import Group

if TYPE_CHECKING:
    from photoclust.services.session import SessionReport

UNNAMED = "Who is this?"
STAGE_UNITS = {"Grouping faces": "face"}
"""What the stages of jobs count, where it is not photos."""


def count(number: int, singular: str, plural: str | None = None) -> str:
    """`1 face`, `34 faces`, `12 345 faces` (thin spaces between thousands)."""
    word = singular if number == 1 else plural or f"{singular}s"
    return f"{thousands(number)} {word}"


def thousands(number: int) -> str:
    """`12 345` with thin no-break spaces."""
    return f"{number:,}".replace(",", "\u202f")


def group_size(group: Group) -> str:
    """`34 faces · 20 photos`; the photos are left out where they say nothing new."""
    faces = count(group.faces, "face")
    return faces if group.faces == group.photos else f"{faces} · {count(group.photos, 'photo')}"


def duration(seconds: float) -> str:
    """`20 seconds`, `3 minutes`, `2 h 10 min`: as exact as an estimate deserves."""
    if seconds < 55:
        return count(max(1, 5 * round(seconds / 5) if seconds > 10 else round(seconds)), "second")
    minutes = round(seconds / 60)
    if minutes < 60:
        return count(max(1, minutes), "minute")
    return f"{minutes // 60} h {minutes % 60} min"


def progress_details(progress: Progress) -> str:
    """`120 of 3 400 photos · 4.2 photos/s · about 13 minutes left`, as far as it is known."""
    unit = STAGE_UNITS.get(progress.stage, "photo")
    if progress.total is None:
        return f"{count(progress.done, unit)} so far" if progress.done else ""
    if progress.done in (0, progress.total):
        return count(progress.total, unit)
    parts = [f"{thousands(progress.done)} of {count(progress.total, unit)}"]
    if progress.rate > 0 and progress.remaining_s is not None:
        parts.append(f"{progress.rate:.1f} {unit}s/s")
        parts.append(f"about {duration(progress.remaining_s)} left")
    return " · ".join(parts)


def folded(name: str) -> str:
    """`name` without case and accents, for finding it while somebody types."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def tooltip(plain: str) -> str:
    """`plain` as a tooltip that is never taken for rich text."""
    return f"<span>{escape(plain)}</span>"


def shown_path(path: Path | None) -> str:
    """`path` as text that can be shown; bytes that are no UTF-8 become question marks. None is the
    path of a photo that no file holds any more.
    """
    if path is None:
        return "a photo that is gone"
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def scan_summary(report: "SessionReport") -> list[str]:
    """What a scan did, in a few sentences."""
    scan = report.scan
    if scan.photos:
        photos, faces = count(scan.photos, "photo"), count(scan.faces, "face")
        parts = [f"{photos} looked at, {faces} found in {duration(scan.seconds)}."]
    else:
        parts = ["No new photos."]
    if report.missing:
        names = ", ".join(shown_path(path) for path in report.missing)
        parts.append(f"Not there, so not scanned: {names}.")
    if scan.placeholders:
        parts.append(f"{count(scan.placeholders, 'photo')} still in the cloud, left alone.")
    if scan.failed:
        parts.append(f"{count(len(scan.failed), 'file')} could not be read.")
    return parts
