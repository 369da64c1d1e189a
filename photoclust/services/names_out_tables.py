"""All faces as a table: CSV (RFC 4180) for spreadsheets, JSON for programs. Boxes are those of the
upright picture.
"""

import csv
import io
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photoclust.core.language import marked
from photoclust.core.progress import JobControl
from photoclust.core.types import PersonId
from photoclust.media.xmp.own import State
from photoclust.services.names_out import OutPhoto, Wanted, out_photos
from photoclust.services.names_out_files import require_free, write_whole
from photoclust.store import outgoing, photo_dates
from photoclust.store import photos as photo_store
from photoclust.store.database import Library
from photoclust.store.outgoing import OutFace, OutPerson

STAGE = marked("Listing faces")
FORMAT = "photoclust faces"
VERSION = 1
COLUMNS = (
    "path", "face", "person", "person_id", "state", "hidden", "date", "date_source", "quality",
    "score", "width", "height", "x", "y", "w", "h", "x_rel", "y_rel", "w_rel", "h_rel",
)  # fmt: skip
"""`x` to `h` are in px of the upright picture of `width` × `height`, `…_rel` in parts of it."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Listed:
    """How many faces, of how many photos, are in the file."""

    faces: int
    photos: int


def export_csv(
    library: Library,
    target: Path,
    wanted: Wanted,
    *,
    force: bool = False,
    control: JobControl | None = None,
) -> Listed:
    """Write the faces that are `wanted` to a CSV file: UTF-8 with a byte order mark, by which
    spreadsheets know it. Raises UserError when `target` is there (save with `force`) or cannot be
    written.
    """
    require_free(target, force)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    photos = faces = 0
    for rows in _rows(library, wanted, control or JobControl()):
        photos += 1
        faces += len(rows)
        writer.writerows([_cell(row[column]) for column in COLUMNS] for row in rows)
    write_whole(target, text.getvalue().encode("utf-8-sig", "backslashreplace"))
    return Listed(faces, photos)


def export_json(
    library: Library,
    target: Path,
    wanted: Wanted,
    *,
    force: bool = False,
    control: JobControl | None = None,
) -> Listed:
    """As `export_csv`, one JSON document: `faces` is a list of objects with the same keys, `people`
    one of those in it, with their other names, their birthday and the face chosen for them.
    """
    require_free(target, force)
    listed = list(_rows(library, wanted, control or JobControl()))
    faces = [row for rows in listed for row in rows]
    document = {
        "format": FORMAT,
        "version": VERSION,
        "people": _people(library, {row["person_id"] for row in faces}),
        "faces": faces,
    }
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    write_whole(target, (text + "\n").encode("utf-8", "backslashreplace"))
    return Listed(len(faces), len(listed))


def _people(library: Library, uids: Collection[str]) -> list[dict[str, Any]]:
    with library.read() as tx:
        people = outgoing.people(tx)
    return [
        {
            "id": person.uid,
            "name": person.name,
            "hidden": person.hidden,
            "aliases": list(person.aliases),
            "birthday": person.born and photo_dates.read_date(person.born).iso(),
            "cover": person.cover and f"f{person.cover}",
        }
        for person in people.values()
        if person.uid in uids
    ]


def _rows(library: Library, wanted: Wanted, control: JobControl) -> Iterator[list[dict[str, Any]]]:
    """The rows of each photo that has any."""
    with library.read() as tx:
        people = outgoing.people(tx)
        photos = photo_store.photo_ids(tx)
    for done, out in enumerate(out_photos(library, photos)):
        control.checkpoint()
        control.report(STAGE, done, len(photos))
        rows = [_row(out, face, people, wanted) for face in out.faces]
        found = [row for row in rows if row is not None]
        if found:
            yield found
    control.report(STAGE, len(photos), len(photos))


def _row(
    out: OutPhoto, face: OutFace, people: dict[PersonId, OutPerson], wanted: Wanted
) -> dict[str, Any] | None:
    if wanted.people is not None and face.person not in wanted.people:
        return None
    if face.excluded and face.drawn:  # a box that was taken back
        return None
    person = None if face.person is None else people.get(face.person)
    if person is not None and not face.confirmed and not wanted.guesses:
        if wanted.people is not None:
            return None
        person = None
    photo, box = out.photo, face.box
    width, height = photo.width, photo.height
    left, top, right, bottom = (
        round(float(value), 1)
        for value in (box.x * width, box.y * height, box.w * width, box.h * height)
    )
    relative = (round(float(value), 6) for value in (box.x, box.y, box.w, box.h))
    values = (
        "" if not out.files else str(out.files[0].path),
        f"f{face.id}",
        "" if person is None else person.name,
        "" if person is None else person.uid,
        _state(face, person).value,
        person is not None and person.hidden,
        "" if photo.date is None else photo.date.iso(),
        "" if photo.date is None else photo.date.source.value,
        round(float(face.quality), 4),
        round(float(face.score), 4),
        width,
        height,
        left,
        top,
        right,
        bottom,
        *relative,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _state(face: OutFace, person: OutPerson | None) -> State:
    if face.excluded:
        return State.NOT_A_FACE
    if person is not None:
        return State.CONFIRMED if face.confirmed else State.SUGGESTED
    return State.REJECTED if face.rejected else State.NO_NAME


def _cell(value: object) -> object:
    """A spreadsheet takes what begins like a formula for one: OWASP, CSV Injection."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
