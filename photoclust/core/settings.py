"""The user's settings: typed, with their defaults in this one place, written atomically."""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from photoclust.core.errors import UserError
from photoclust.core.language import LANGUAGES, SYSTEM, tr
from photoclust.core.paths import make_private_folder
from photoclust.core.types import Compute

DEFAULT_SKIP_PATTERNS = (
    "@eaDir",
    "#recycle",
    "@Recycle",
    "$RECYCLE.BIN",
    ".Trash*",
    ".picasaoriginals",
    "*.lrdata",
    "._*",
    ".thumbnails",
    ".dtrash",
    "*.photoslibrary/resources",
    "*.photoslibrary/database",
    "*.photoslibrary/private",
    "*.photolibrary/Thumbnails",
)


ON_BATTERY = ("pause", "low", "run")
"""What long work does while there is no mains power: wait, wait once the battery is low, go on."""
LOW_BATTERY_PERCENT = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a user can set. `skip_patterns` are shell patterns for file and folder names;
    `naming_precision` is the share of automatic names that is to be right, 0.5 to 1; with 1 nothing
    is named. `face_tile_px` is how wide the faces of a person are shown, at least; `thumbnails_mb`
    is how many megabytes (10⁶ bytes) the thumbnails of a library may take, at least 50; `language`
    is that of the window; `on_battery` is one of ON_BATTERY. `compute` is in which numbers the
    networks compute: `auto` takes what is fastest on this machine. With `names_from_files`, a scan
    takes over the names that other programs wrote into photos and beside them.
    """

    skip_patterns: tuple[str, ...] = DEFAULT_SKIP_PATTERNS
    detector: str = "centerface"
    embedder: str = "facenet-vggface2"
    grouping_method: str = "hdbscan"
    naming_precision: float = 0.995
    workers: int | None = None
    compute: str = "auto"
    theme: str = "system"
    language: str = SYSTEM
    face_tile_px: int = 120
    thumbnails_mb: int = 4000
    on_battery: str = "low"
    names_from_files: bool = True


_RANGES: Mapping[str, Callable[[Any], bool]] = {
    "naming_precision": lambda value: 0.5 <= value <= 1,
    "face_tile_px": lambda value: 80 <= value <= 260,
    "thumbnails_mb": lambda value: value >= 50,
    "language": lambda value: value in (SYSTEM, *LANGUAGES),
    "compute": lambda value: value in ("auto", *Compute),
    "on_battery": lambda value: value in ON_BATTERY,
    "workers": lambda value: value is None or value >= 1,
}
"""What else a value must be than of the right type."""


def load(path: Path) -> tuple[Settings, list[str]]:
    """Settings from `path` (defaults where it does not exist), and what in it was not understood.

    A file that is not JSON, an unknown key or a value of the wrong type never stops the program:
    the default is used and one sentence says so.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings(), []
    except (OSError, ValueError, RecursionError) as error:
        return Settings(), [
            tr("{path} cannot be read ({error}); the defaults are used", path=path, error=error)
        ]
    if not isinstance(raw, dict):
        return Settings(), [tr("{path} holds no settings; the defaults are used", path=path)]
    hints = get_type_hints(Settings)
    known = {field.name for field in fields(Settings)}
    values: dict[str, Any] = {}
    problems = [
        tr("{path}: unknown setting {key!r}", path=path, key=key) for key in raw if key not in known
    ]
    for key in known & raw.keys():
        value = tuple(raw[key]) if isinstance(raw[key], list) else raw[key]
        if _fits(value, hints[key]) and _RANGES.get(key, lambda _: True)(value):
            values[key] = value
        else:
            problems.append(
                tr(
                    "{path}: {key!r} has a value that cannot be; the default is used",
                    path=path,
                    key=key,
                )
            )
    return replace(Settings(), **values), problems


def save(settings: Settings, path: Path) -> None:
    """Write `settings` to `path`: the old file stays whole until the new one is.

    Raises UserError when the file cannot be written.
    """
    make_private_folder(path.parent)
    text = json.dumps(asdict(settings), indent=2) + "\n"
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            tr("cannot write the settings to {path} ({reason})", path=path, reason=error.strerror)
        ) from error


def _fits(value: object, hint: Any) -> bool:
    if get_origin(hint) is UnionType:
        return any(_fits(value, option) for option in get_args(hint))
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    return type(value) is hint or (hint is float and type(value) is int)
