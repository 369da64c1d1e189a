"""Photos that are one shot by their files' names: RAW beside JPEG, TIFF beside its small copy, and
what was edited beside its original.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from sqlalchemy import String, select, type_coerce

from photoclust.core.pages import file_of, is_part, moment_of
from photoclust.core.shot_names import ShotName, shot_name
from photoclust.core.types import Box, FaceId, PhotoId
from photoclust.store import schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction, driver_connection


@dataclass(frozen=True, slots=True)
class Form:
    """A file of a photo: its `folder`, how it is called there, and what that `says`."""

    photo: PhotoId
    folder: str
    name: str
    says: ShotName

    @property
    def extension(self) -> str:
        """In small letters, with its dot."""
        return os.path.splitext(self.name)[1].lower()  # noqa: PTH122 - no Path per name


def forms(tx: Transaction, photos: Sequence[PhotoId] | None = None) -> Iterator[Form]:
    """Every file of `photos`, by default of all."""
    # Paths as they are stored, text or bytes: a hundred thousand `Path`s take a second to make.
    query = "SELECT photo_id, path FROM file"
    if photos is None:
        yield from _forms(driver_connection(tx).execute(query))
        return
    for part in chunks(photos):
        some = f"{query} WHERE photo_id IN ({', '.join('?' * len(part))})"
        yield from _forms(driver_connection(tx).execute(some, tuple(part)))


def _forms(rows: Iterable[tuple[int, str | bytes]]) -> Iterator[Form]:
    for photo, path in rows:
        folder, _, name = os.fsdecode(path).rpartition(os.sep)
        if name.startswith(("page ", "at ")) and is_part(PurePath(folder, name)):
            continue  # names of pages say nothing
        yield Form(PhotoId(photo), folder, name, shot_name(name))


def moments(tx: Transaction) -> list[tuple[PhotoId, PhotoId]]:
    """The photos that are moments of a video, each with the one that is shown for that video."""
    file = schema.file.c
    likely = select(file.path, file.photo_id).where(type_coerce(file.path, String).like("%at % s"))
    rows = tx.execute(likely.order_by(file.id)).all()
    found = [(row.path, row.photo_id) for row in rows if moment_of(row.path) is not None]
    shown: dict[Path, int] = {}
    for part in chunks(sorted({file_of(path) for path, _ in found})):
        query = select(file.path, file.photo_id).where(file.path.in_(part))
        shown |= {row.path: row.photo_id for row in tx.execute(query)}
    return [
        (PhotoId(photo), PhotoId(shown[file_of(path)]))
        for path, photo in found
        if file_of(path) in shown
    ]


def of_one_name(tx: Transaction) -> list[list[PhotoId]]:
    """Photos with files in one folder whose names say that they are one shot; copies by name are
    not among them, because the name alone does not tell.
    """
    return _together(form for form in forms(tx) if not form.says.copied)


def of_one_stack(tx: Transaction, photos: Sequence[PhotoId]) -> list[list[PhotoId]]:
    """Those of `photos`, which are a stack, that are one shot by their names, with copies: as they
    are in the stack, they look so, too.
    """
    return _together(forms(tx, photos))


def _together(found: Iterable[Form]) -> list[list[PhotoId]]:
    by_name: dict[tuple[str, str], set[PhotoId]] = defaultdict(set)
    for form in found:
        by_name[form.folder, form.says.stem].add(form.photo)
    return sorted(sorted(ids) for ids in by_name.values() if len(ids) > 1)


def photos_of(tx: Transaction, faces: Collection[int]) -> set[PhotoId]:
    """The photos that `faces` are in."""
    face = schema.face.c
    return {
        PhotoId(photo)
        for part in chunks(sorted(faces))
        for photo in tx.execute(select(face.photo_id).where(face.id.in_(part))).scalars()
    }


def boxes(tx: Transaction, photos: Sequence[PhotoId]) -> dict[PhotoId, list[tuple[FaceId, Box]]]:
    """The faces of `photos`, with their boxes in shares of the photo's width and height."""
    found: dict[PhotoId, list[tuple[FaceId, Box]]] = defaultdict(list)
    face = schema.face.c
    query = select(face.photo_id, face.id, face.x, face.y, face.w, face.h).order_by(face.id)
    for part in chunks(photos):
        for photo, number, *corners in tx.execute(query.where(face.photo_id.in_(part))):
            found[PhotoId(photo)].append((FaceId(number), Box(*corners)))
    return found
