"""Settings in words, and what is wrong with a value that was typed."""

from __future__ import annotations

from photoclust.core.language import decimal, marked, significant, tr
from photoclust.core.settings import LOW_BATTERY_PERCENT, ON_BATTERY

_METHODS = {
    "hdbscan": marked("By density (best for most libraries)"),
    "agglomerative": marked("By average likeness"),
}
_DETECTORS = {
    "centerface": marked("CenterFace – finds small faces, quick"),
    "mtcnn": marked("MTCNN – as facenet-pytorch uses it, slower"),
}
_ON_BATTERY = {
    "pause": marked("Always pause"),
    "low": marked("Pause below {n} %"),
    "run": marked("Keep going"),
}
NOBODY = 1.0
PRECISIONS = (NOBODY, 0.999, 0.995, 0.99, 0.98, 0.95)
THUMBNAILS_MB = (500, 1000, 2000, 4000, 8000, 16_000)
_UNITS = (marked("bytes"), "kB", "MB", "GB", "TB")


def method(key: str) -> str:
    """What a way of grouping is called."""
    return tr(_METHODS[key]) if key in _METHODS else key


def detector(key: str, name: str) -> str:
    """What is said of the detector `key`, its `name` where nothing is."""
    return tr(_DETECTORS[key]) if key in _DETECTORS else name


def on_battery() -> list[tuple[object, str]]:
    """What long work may do on battery, to choose from."""
    return [(key, tr(_ON_BATTERY[key], n=LOW_BATTERY_PERCENT)) for key in ON_BATTERY]


def precisions(current: float) -> list[tuple[float, str]]:
    """The shares of right names to choose from, with the `current` one, the highest first."""
    offered = sorted({*PRECISIONS, current}, reverse=True)
    return [
        (share, tr("Nobody is named automatically") if share == NOBODY else _percent(share))
        for share in offered
    ]


def thumbnail_sizes(current: int) -> list[tuple[int, str]]:
    """How many MB thumbnails may take, to choose from, with the `current` number, in words."""
    return [(mb, size(mb * 10**6)) for mb in sorted({*THUMBNAILS_MB, current})]


def size(number: int) -> str:
    """`0 bytes`, `12 kB`, `3.4 GB`, in powers of 1000 as file managers count."""
    amount = float(number)
    for unit in _UNITS:
        if amount < 1000 or unit == _UNITS[-1]:
            digits = 1 if unit not in _UNITS[:2] and amount < 100 else 0
            return f"{decimal(amount, digits)} {tr(unit)}"
        amount /= 1000
    raise ValueError(number)


def patterns(words: str) -> tuple[str, ...]:
    """The patterns in `words`, one a line, each once."""
    lines = (line.strip() for line in words.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def wrong_pattern(wanted: tuple[str, ...]) -> str:
    """What is wrong with the patterns; empty where nothing is."""
    for pattern in wanted:
        if not pattern.strip("/"):
            return tr(
                "“{pattern}” is no name; write one like .thumbnails or *.lrdata", pattern=pattern
            )
        if not pattern.strip("*?"):
            return tr(
                "“{pattern}” would leave out every photo; write a longer pattern", pattern=pattern
            )
    return ""


def _percent(share: float) -> str:
    return f"{significant(100 * share, 4)} %"
