"""Files of decisions: their format, and how they are written; `decision_reader` reads them.

One JSON document (RFC 8259) in UTF-8, version 1; keys that are not listed here are ignored, and
what is absent was not decided:

    {"format": "photoclust decisions",
     "version": 1,
     "library": the uid of the library it comes from,
     "exported_at": when, in UTC (ISO 8601),
     "people": [{"uid": UUID, "name": text, "hidden": true or false,
                 "aliases": [other names],
                 "birthday": a date as of photos, the precision being day, month or year,
                 "author": text}, …],
     "folders": [{"path": [name of a folder of the library, names of folders below it …], in whose
                          photos one person may be there several times,
                  "author": who said that}, …],
     "photos": [{"hashes": [BLAKE2b-160 of the content of each of its files, 40 hex digits],
                 "pictures": [BLAKE2b-128 of their pixels, 32 hex digits],
                 "date": "YYYY-MM-DD HH:MM:SS|precision|about", the precision being second, day,
                         month, year or decade, and "about" there or not,
                 "author": who gave the date,
                 "repeats": {"allowed": whether one person may be in it several times,
                             "author": who said that},
                 "turn": {"degrees": 90, 180 or 270, counter-clockwise, by which it is shown turned,
                          "author": who said that},
                 "negative": {"is": whether it is a film negative,
                              "author": who said that},
                 "people": [{"person": uid of somebody who is in it without a face,
                             "author": who said that}, …],
                 "faces": [{"box": [x, y, w, h] relative to the upright picture,
                            "drawn": true where a user drew it and no detector found it,
                                     which says that it is a face unless it is excluded,
                            "person": uid of who it is,
                            "not": [uids of who it is not],
                            "excluded": true where it is no face, false where it is one,
                            "covers": [uids of the people for whom it stands in lists],
                            "author": who decided that}, …]}, …]}

A person or face about whom several authors decided stands there once for each of them; that it is
the same face is told by the same box. A person is in `people` before a face speaks of them.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from photoclust.core.errors import UserError
from photoclust.core.types import Box

FORMAT = "photoclust decisions"
VERSION = 1
UNKNOWN_AUTHOR = "unknown"
"""Whose a decision is that bears no author."""
BOX_DIGITS = 6
"""Decimals of a box: a hundredth of a pixel of the largest pictures."""


_FOLDER_NAME = re.compile(r"(?!\.\.?$)[^/\\\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,255}")


class DecisionFileError(UserError):
    """A file of decisions that cannot be written, or is none that can be read."""


@dataclass(frozen=True, slots=True)
class PersonWords:
    """What one author says of a person; the `birthday` as `photo_dates.date_text`."""

    uid: str
    author: str
    name: str | None = None
    hidden: bool = False
    aliases: tuple[str, ...] = ()
    birthday: str | None = None


@dataclass(frozen=True, slots=True)
class FaceWords:
    """What one author says of a face, its box relative to the upright picture."""

    box: Box
    author: str
    person: str | None = None
    rejected: tuple[str, ...] = ()
    excluded: bool | None = None
    drawn: bool = False
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FolderWords:
    """A folder in whose photos one person may be there several times, as `author` says: the name
    of a folder of the library, and of those below it.
    """

    path: tuple[str, ...]
    author: str


@dataclass(frozen=True, slots=True)
class RepeatWords:
    """Whether one person may be in a photo several times, as `author` says."""

    allowed: bool
    author: str


@dataclass(frozen=True, slots=True)
class TurnWords:
    """By how many degrees, counter-clockwise, a photo is shown turned, as `author` says."""

    degrees: int
    author: str


@dataclass(frozen=True, slots=True)
class NegativeWords:
    """Whether a photo is a film negative, as `author` says."""

    negative: bool
    author: str


@dataclass(frozen=True, slots=True)
class PresenceWords:
    """That somebody, by uid, is in a photo without a face, as `author` says."""

    person: str
    author: str


@dataclass(frozen=True, slots=True)
class PhotoWords:
    """What is said of a photo and its faces; `author` gave the `date` (see `store.photo_dates`)."""

    hashes: tuple[str, ...]
    pictures: tuple[str, ...]
    faces: tuple[FaceWords, ...]
    date: str | None = None
    author: str = UNKNOWN_AUTHOR
    repeats: RepeatWords | None = None
    turn: TurnWords | None = None
    negative: NegativeWords | None = None
    people: tuple[PresenceWords, ...] = ()


def write(
    target: Path,
    header: Mapping[str, str],
    people: Iterable[PersonWords],
    folders: Iterable[FolderWords],
    photos: Iterable[PhotoWords],
) -> None:
    """Write a file that only its owner can read; what `target` held stays until it is whole.

    `photos` are written as they come. Raises DecisionFileError when it cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}", suffix=".tmp")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                start = {"format": FORMAT, "version": VERSION, **header}
                file.write(_json(start).removesuffix("}"))
                _write_list(file, "people", map(_person_json, people))
                _write_list(file, "folders", map(asdict, folders))
                _write_list(file, "photos", map(_photo_json, photos))
                file.write("}\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise DecisionFileError(
            f"{target} cannot be written ({error.strerror}); choose another place"
        ) from error


def is_folder_name(name: str) -> bool:
    """Whether `name` can be that of one folder on every system, and leads to no other place."""
    return _FOLDER_NAME.fullmatch(name) is not None


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _write_list(file: IO[str], key: str, items: Iterable[Mapping[str, Any]]) -> None:
    file.write(f',\n"{key}": [')
    for index, item in enumerate(items):
        file.write(f"{',' if index else ''}\n{_json(item)}")
    file.write("]")


def _person_json(person: PersonWords) -> dict[str, Any]:
    said = {
        "uid": person.uid,
        "name": person.name,
        "hidden": person.hidden,
        "aliases": person.aliases or None,
        "birthday": person.birthday,
        "author": person.author,
    }
    return {key: value for key, value in said.items() if value is not None}


def _photo_json(photo: PhotoWords) -> dict[str, Any]:
    date = {} if photo.date is None else {"date": photo.date, "author": photo.author}
    return {
        "hashes": photo.hashes,
        "pictures": photo.pictures,
        **date,
        **({} if photo.repeats is None else {"repeats": asdict(photo.repeats)}),
        **({} if photo.turn is None else {"turn": asdict(photo.turn)}),
        **({} if photo.negative is None else {"negative": _negative_json(photo.negative)}),
        **({"people": list(map(asdict, photo.people))} if photo.people else {}),
        "faces": [_face_json(face) for face in photo.faces],
    }


def _negative_json(said: NegativeWords) -> dict[str, Any]:
    return {"is": said.negative, "author": said.author}


def _face_json(face: FaceWords) -> dict[str, Any]:
    box = face.box
    said = {
        "box": [round(float(value), BOX_DIGITS) for value in (box.x, box.y, box.w, box.h)],
        "drawn": face.drawn or None,
        "person": face.person,
        "not": face.rejected or None,
        "excluded": face.excluded,
        "covers": face.covers or None,
        "author": face.author,
    }
    return {key: value for key, value in said.items() if value is not None}
