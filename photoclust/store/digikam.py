"""Names of faces from digiKam's database (`digikam4.db`), which is never opened itself.

What is read is a private copy of it, so that nothing of digiKam's changes and a digiKam that runs
is not in the way. Its tables: digiKam's source, `core/libs/database/coredb`; faces are properties
`tagRegion` of people's tags, rectangles in px of the upright picture.
"""

import contextlib
import math
import os
import shutil
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.paths import private
from photoclust.core.regions import ForeignPhoto, ForeignPhotos
from photoclust.core.types import Box
from photoclust.store.contents import open_file

FILE_NAME = "digikam4.db"
_SIDE_FILES = ("-wal", "-journal")
_NOBODY = ("unknownPerson", "unconfirmedPerson", "ignoredPerson")
"""Properties of the tags under which digiKam keeps faces without a name."""
_NEEDED = frozenset(("AlbumRoots", "Albums", "Images", "Tags", "ImageTagProperties"))
_MAX_REGION = 500
_MAX_SIDE = 10**6


def read(path: Path) -> ForeignPhotos:
    """Every face with a name in the database `path`, or in the folder `path` that it lies in.

    Raises UserError, one sentence, when it is none or cannot be read.
    """
    if path.is_dir():
        path = path / FILE_NAME
    with _copied(path) as copy:
        try:
            with closing(open_file(copy)) as connection:
                connection.text_factory = _text
                return _read(connection, path)
        except (sqlite3.Error, OverflowError) as error:
            raise UserError(
                tr("{path} cannot be read as digiKam's database ({error})", path=path, error=error)
            ) from error


@contextlib.contextmanager
def _copied(path: Path) -> Iterator[Path]:
    """A copy of the database and of what was not written into it yet, for its owner alone."""
    with tempfile.TemporaryDirectory(prefix="photoclust-digikam-") as folder:
        copy = Path(folder) / FILE_NAME
        try:
            if not path.is_file():
                raise UserError(
                    tr(
                        "there is no digiKam database {path}; give the path of digikam4.db",
                        path=path,
                    )
                )
            _copy(path, copy)
            for end in _SIDE_FILES:
                beside = path.with_name(path.name + end)
                if beside.is_file():
                    _copy(beside, copy.with_name(copy.name + end))
        except OSError as error:
            reason = error.strerror or "?"
            raise UserError(tr("{path}: {reason}", path=path, reason=reason)) from error
        if any(copy.with_name(copy.name + end).exists() for end in _SIDE_FILES):
            # What is beside it is only read by who may write.
            with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(copy)) as connection:
                connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        yield copy


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as there, open(target, "xb", opener=private) as here:
        shutil.copyfileobj(there, here)


def _read(connection: sqlite3.Connection, path: Path) -> ForeignPhotos:
    tables = {
        row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    if not tables >= _NEEDED:
        raise UserError(tr("{path} is not digiKam's database; give digikam4.db", path=path))
    names = _people(connection, tables)
    nameless = 0
    faces: dict[int, list[tuple[str, Box]]] = defaultdict(list)
    regions = "SELECT imageid, tagid, value FROM ImageTagProperties WHERE property = 'tagRegion'"
    for image, tag, value in connection.execute(regions):
        box = _rectangle(value)
        name = names.get(tag)
        if box is None:
            continue
        if not name:
            nameless += 1
        elif isinstance(image, int):
            faces[image].append((name, box))
    sizes = _sizes(connection, tables)
    photos = [
        ForeignPhoto((place,), tuple(faces[image]), sizes.get(image), "digikam", in_pixels=True)
        for image, place in _places(connection)
        if image in faces
    ]
    return ForeignPhotos(tuple(photos), nameless)


def _people(connection: sqlite3.Connection, tables: set[str]) -> dict[Any, str | None]:
    """What the tags with faces are called; None for those that stand for nobody."""
    found: dict[Any, str | None] = {
        tag: _clean(name) for tag, name in connection.execute("SELECT id, name FROM Tags")
    }
    if "TagProperties" in tables:
        query = "SELECT tagid, property, value FROM TagProperties"
        rows = connection.execute(query).fetchall()
        for tag, name, value in rows:
            # A tag may be called otherwise than its person.
            if name == "person" and tag in found and _clean(value):
                found[tag] = _clean(value)
        for tag, name, _ in rows:
            if name in _NOBODY:
                found[tag] = None
    return found


def _sizes(connection: sqlite3.Connection, tables: set[str]) -> dict[int, tuple[int, int]]:
    if "ImageInformation" not in tables:
        return {}
    rows = connection.execute("SELECT imageid, width, height FROM ImageInformation")
    return {
        image: (width, height)
        for image, width, height in rows
        if isinstance(width, int) and isinstance(height, int) and min(width, height) > 0
    }


def _places(connection: sqlite3.Connection) -> Iterator[tuple[int, Path]]:
    """Where each image lies, as far as that is told."""
    query = (
        "SELECT Images.id, identifier, specificPath, relativePath, Images.name FROM Images "
        "JOIN Albums ON Albums.id = Images.album "
        "JOIN AlbumRoots ON AlbumRoots.id = Albums.albumRoot"
    )
    for image, identifier, specific, relative, name in connection.execute(query):
        parts = [str(part or "").strip("/") for part in (specific, relative, name)]
        below = "/".join(part for part in parts if part)
        if isinstance(image, int) and below and "\0" not in below:
            yield image, Path(_root(str(identifier or "")), below)


def _root(identifier: str) -> str:
    """The folder in a collection's identifier; empty where that names a drive, wherever it is
    mounted: `volumeid:?path=%2Fphotos`, `networkshareid:?mountpath=…`, `volumeid:?uuid=…`.
    """
    try:
        told = parse_qs(urlsplit(identifier).query)
    except ValueError:
        return ""
    for key in ("path", "mountpath"):
        if key in told and "\0" not in told[key][0]:
            return told[key][0]
    return ""


def _rectangle(value: object) -> Box | None:
    """`<rect x="1" y="2" width="3" height="4"/>` in px; None where it is none."""
    # Imported here: it takes longer to load than most commands to run.
    from defusedxml import DefusedXmlException  # noqa: PLC0415
    from defusedxml.ElementTree import ParseError, fromstring  # noqa: PLC0415

    if not isinstance(value, str) or len(value) > _MAX_REGION:
        return None
    try:
        told = fromstring(value)
        sides = [float(told.get(key, "nan")) for key in ("x", "y", "width", "height")]
    except (ParseError, DefusedXmlException, ValueError):
        return None
    sound = told.tag == "rect" and all(math.isfinite(side) for side in sides)
    sound = sound and max(map(abs, sides)) <= _MAX_SIDE and min(sides[2:]) > 0
    return Box(*sides) if sound else None


def _clean(name: object) -> str:
    return name.strip() if isinstance(name, str) else ""


def _text(data: bytes) -> str:
    """Text as SQLite has it; names of files need not be UTF-8."""
    return os.fsdecode(data)
