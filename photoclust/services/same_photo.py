"""Photos in which one person may be there several times: said by the user, and proposed where it
seems to be so. By default two faces of one photo are two people.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photoclust.core.arrays import Vectors
from photoclust.core.errors import UserError
from photoclust.core.paths import absolute_path
from photoclust.core.types import FaceId, LibraryChanges, ModelId, PersonId, PhotoId
from photoclust.services import embedding_model
from photoclust.services.differences import keys_now
from photoclust.services.keys import parse_key
from photoclust.store import face_table, same_photo
from photoclust.store import files as file_store
from photoclust.store import people as people_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library, Transaction
from photoclust.store.face_table import FaceTable
from photoclust.store.journal import Act
from photoclust.vision import models

_ENOUGH = "far_1e-3"
"""The model's threshold from which a face is like a group that it may not join."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A photo where a person or group (`key`) seems to be there several times, with `faces`."""

    photo: PhotoId
    path: Path | None
    key: str
    name: str | None
    faces: tuple[FaceId, ...]


@dataclass(frozen=True, slots=True)
class SamePhoto:
    """What was said of single photos (by a file of each) and of folders, and what is proposed."""

    photos: tuple[tuple[Path | None, bool], ...]
    folders: tuple[Path, ...]
    suspicions: tuple[Suspicion, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """How many photos and folders something was said of, and what that touched."""

    photos: int
    folders: int
    changes: LibraryChanges


def allow(library: Library, paths: Sequence[Path], *, allowed: bool = True) -> Said:
    """Say that in photos, and in all that are or come below folders, one person may be there
    several times, or once only.

    Raises UserError for a path that is neither a photo nor a folder of the library.
    """
    with library.write() as tx:
        act = Act(tx, "same photo", {"allowed": allowed})
        paths = [absolute_path(path) for path in paths]
        known = photo_store.photos_at(tx, paths)
        folders = [path for path in dict.fromkeys(paths) if path not in known]
        for path in folders:
            _require_folder(tx, path)
            same_photo.decide_folder(act, path, allowed)
        photos = sorted(set(known.values()))
        same_photo.decide_photos(act, photos, allowed)
        act.details |= {"photos": len(photos), "folders": len(folders)}
        return Said(len(photos), len(folders), act.finish())


def overview(library: Library, model: ModelId = models.DEFAULT_EMBEDDER) -> SamePhoto:
    """What was said, and what is proposed by the vectors of `model`."""
    threshold = embedding_model.spec_of(library, model).thresholds.get(_ENOUGH)
    with library.read() as tx:
        said = same_photo.said_of_photos(tx)
        photos = {photo.id: photo for photo in photo_store.photos(tx, list(said))}
        fallback = embedding_model.fallback_of(library, model)
        table = face_table.load_table(tx, model, fallback)
        settled = set(said) | same_photo.exceptions(tx)
        return SamePhoto(
            photos=tuple((_path(photos[photo].paths), allowed) for photo, allowed in said.items()),
            folders=tuple(same_photo.folders(tx).values()),
            suspicions=tuple(_suspicions(tx, table, threshold, settled)),
        )


def _require_folder(tx: Transaction, path: Path) -> None:
    inside = any(root == path or root in path.parents for root in file_store.folders(tx))
    if not (inside and path.is_dir()) and next(file_store.known_below(tx, path), None) is None:
        raise UserError(f"{path} is no photo and no folder of the library; scan it first")


def _suspicions(
    tx: Transaction, table: FaceTable, threshold: float | None, settled: set[PhotoId]
) -> list[Suspicion]:
    # A model of which nobody knows what its cosines are worth tells only what it is shown as.
    found = repeated(table, math.inf if threshold is None else threshold)
    kept = [(photo, key, rows) for photo, key, rows in found if photo not in settled]
    photos = {
        photo.id: photo
        for photo in photo_store.photos(tx, list(dict.fromkeys(photo for photo, _, _ in kept)))
    }
    suspicions = []
    for photo, key, rows in kept:
        kind, number = parse_key(key, "pg")
        name = people_store.person_name(tx, PersonId(number)) if kind == "p" else None
        faces = tuple(FaceId(face) for face in table.ids[rows].tolist())
        suspicions.append(Suspicion(photo, _path(photos[photo].paths), key, name, faces))
    return suspicions


def repeated(table: FaceTable, threshold: float) -> list[tuple[PhotoId, str, list[int]]]:
    """The photos in which somebody seems to be there several times, with who and the rows of the
    faces: those that are shown as them, and those that are nobody's and whose cosine with the
    middle of their faces is `threshold` or more.
    """
    keys = keys_now(table)
    mine: dict[PhotoId, list[int]] = defaultdict(list)
    for row, photo in enumerate(table.photo.tolist()):
        mine[PhotoId(photo)].append(row)
    several = {photo: rows for photo, rows in mine.items() if len(rows) > 1}
    middles = _middles(table, keys)
    found: list[tuple[PhotoId, str, list[int]]] = []
    for photo, rows in several.items():
        faces_of: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            if (key := keys[row]) is not None:
                faces_of[key].append(row)
        for row in rows:
            if keys[row] is None and faces_of:
                there = list(faces_of)
                cosines = np.stack([middles[key] for key in there]) @ table.vectors[row]
                if cosines.max() >= threshold:
                    faces_of[there[int(cosines.argmax())]].append(row)
        found += [(photo, key, same) for key, same in faces_of.items() if len(same) > 1]
    return found


def _middles(table: FaceTable, keys: Sequence[str | None]) -> dict[str, Vectors]:
    """The direction of the mean of the vectors of each person or group."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        if key is not None:
            rows[key].append(row)
    sums = {key: table.vectors[mine].sum(axis=0) for key, mine in rows.items()}
    return {key: total / max(np.linalg.norm(total), 1e-12) for key, total in sums.items()}


def _path(paths: Sequence[Path]) -> Path | None:
    return paths[0] if paths else None
