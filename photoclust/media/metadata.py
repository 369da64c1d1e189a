"""Capture time, camera or scanner, and orientation from EXIF, whatever state it is in.

EXIF is written by thousands of programs and damaged by many more, so every value is read for
itself: what cannot be understood is None and never costs the picture.
Tags and formats: Exif 2.32 (CIPA DC-008).
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD, Base

from photoclust.core.types import Metadata
from photoclust.media.scanners import is_scanner

_TIME_TAGS = (
    (Base.DateTimeOriginal, Base.SubsecTimeOriginal, Base.OffsetTimeOriginal),
    (Base.DateTimeDigitized, Base.SubsecTimeDigitized, Base.OffsetTimeDigitized),
    (Base.DateTime, Base.SubsecTime, Base.OffsetTime),
)
_TIME = re.compile(r"(\d{4})[:/.-](\d\d?)[:/.-](\d\d?)[ T]+(\d\d?):(\d\d?):(\d\d?)")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_CAMERA_MAX_CHARACTERS = 100
_SCANNER_SOURCES = frozenset((1, 2))
"""FileSource of a film scanner and of a reflection print scanner; 3 is a digital camera."""


def read_exif(image: Image.Image) -> Image.Exif:
    """The EXIF of an opened picture; empty where there is none or it cannot be parsed."""
    try:
        return Image.Image.getexif(image)  # PNG has one of its own, which loads the pixels
    except Exception:  # Pillow raises SyntaxError, struct.error, OSError, ValueError and more here
        return Image.Exif()


def orientation(exif: Image.Exif) -> int:
    """EXIF orientation 1 to 8; 1 (upright) where the tag is missing or makes no sense."""
    value = _value(exif, Base.Orientation)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def read_metadata(exif: Image.Exif) -> Metadata:
    """When and with what a photo was taken, or that it was scanned.

    The time is the first of DateTimeOriginal, DateTimeDigitized and DateTime that is a real one,
    with its fraction of a second; it has a time zone only where EXIF gives the offset. A scanner is
    told by FileSource or by the names of device and program.
    """
    try:
        details: Mapping[int, Any] = exif.get_ifd(IFD.Exif)
    except Exception:  # as in `read_exif`: a damaged block of details
        details = {}
    merged = {
        tag: _value(exif, tag) for tag in (Base.DateTime, Base.Make, Base.Model, Base.Software)
    }
    for tags in _TIME_TAGS:
        merged.update({tag: details[tag] for tag in tags if tag in details})
    times = (_time(*(_text(merged.get(tag)) for tag in tags)) for tags in _TIME_TAGS)
    make, model, software = (_text(merged[tag]) for tag in (Base.Make, Base.Model, Base.Software))
    return Metadata(
        taken_at=next((time for time in times if time is not None), None),
        camera=_camera(make, model),
        scanned=_file_source(details) in _SCANNER_SOURCES or is_scanner(make, model, software),
    )


def _value(exif: Image.Exif, tag: int) -> object:
    try:
        return exif.get(tag)
    except Exception:  # values are decoded when they are asked for, and that can fail
        return None


def _file_source(details: Mapping[int, Any]) -> int | None:
    value = details.get(Base.FileSource)
    if isinstance(value, bytes) and value:
        return value[0]
    return value if isinstance(value, int) else None


def _text(value: object) -> str:
    """A tag as clean text: up to the first NUL, printable, single spaces."""
    if isinstance(value, str):
        value = value.encode("latin-1", "replace")  # how Pillow decoded it
    if not isinstance(value, bytes):
        return ""
    value = value.split(b"\0", 1)[0]
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _time(text: str, fraction: str, offset: str) -> datetime | None:
    found = _TIME.match(text)
    if found is None:
        return None
    microsecond = int(fraction[:6].ljust(6, "0")) if re.fullmatch(r"[0-9]+", fraction) else 0
    try:
        year, month, day, hour, minute, second = (int(part) for part in found.groups())
        return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=_zone(offset))
    except ValueError:  # 0000:00:00, 31 February …
        return None


def _zone(offset: str) -> timezone | None:
    found = _OFFSET.fullmatch(offset)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    try:
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    except ValueError:  # a day and more
        return None


def _camera(make: str, model: str) -> str | None:
    """Make and model; `Canon` with `Canon EOS 5D` is one `Canon EOS 5D`."""
    first_words = {name.casefold().partition(" ")[0] for name in (make, model)}
    if len(first_words) == 1:  # also NIKON CORPORATION with NIKON D90
        make = ""
    return f"{make} {model}".strip()[:_CAMERA_MAX_CHARACTERS] or None
