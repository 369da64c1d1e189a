"""Which models the vectors of a library are of, which faces lack one, and which model serves.

A library uses the model that the newest standing entry of the kind `journal.USE_MODEL` tells of; so
that choice can be undone and done again as any act. Whether a model is still there to be used is
not known here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, delete, exists, func, select, update

from photoclust.core.arrays import Vectors
from photoclust.core.types import (
    Box,
    Engine,
    EntryId,
    EntryStatus,
    FaceId,
    FileStat,
    ModelId,
    PhotoId,
)
from photoclust.store import journal, schema
from photoclust.store.chunks import listed
from photoclust.store.database import Transaction, driver_connection
from photoclust.store.face_table import stored_engine, unit_vectors
from photoclust.store.photos import is_negative


@dataclass(frozen=True, slots=True)
class FacesInPhoto:
    """A photo with some of its faces: where its file is (None: no file is there now), by how many
    degrees its faces say that it must be turned, whether it is a film `negative`, and `faces` with
    their `boxes` in px of the upright photo, which is `width` × `height`.
    """

    photo: PhotoId
    file: FileStat | None
    width: int
    height: int
    turn: int
    negative: bool
    faces: tuple[FaceId, ...]
    boxes: tuple[Box, ...]


def models_with_vectors(tx: Transaction) -> list[ModelId]:
    """The models that the library has vectors of, the one that it began with first."""
    connection = driver_connection(tx)
    # In the order of an index that holds all that is asked for: the table itself is a hundred times
    # as long, and the vectors of a model that came later lie at its end.
    first = "SELECT 1 FROM vector WHERE model_id = ? ORDER BY face_id, model_id LIMIT 1"
    rows = connection.execute("SELECT id, name FROM model ORDER BY id").fetchall()
    return [ModelId(name) for row, name in rows if connection.execute(first, (row,)).fetchone()]


def counts(tx: Transaction) -> dict[ModelId, int]:
    """How many faces have a vector of each model, also those that the user said are none."""
    model, vector = schema.model.c, schema.vector.c
    query = select(model.name, func.count()).join(schema.vector, vector.model_id == model.id)
    return {ModelId(row[0]): row[1] for row in tx.execute(query.group_by(model.id))}


def counts_by_engine(tx: Transaction) -> dict[ModelId, dict[str, int]]:
    """As `counts`, for each engine, as its `str` says it, that computed some of the vectors."""
    model, vector = schema.model.c, schema.vector.c
    query = select(model.name, vector.engine, func.count()).join(
        schema.vector, vector.model_id == model.id
    )
    found: dict[ModelId, dict[str, int]] = {}
    for name, engine, number in tx.execute(query.group_by(model.id, vector.engine)):
        found.setdefault(ModelId(name), {})[engine or str(Engine())] = number
    return found


def chosen(tx: Transaction) -> list[ModelId]:
    """The models that the library was told to use and that stand, the newest choice first."""
    entry = schema.entry.c
    query = select(entry.details).where(
        entry.kind.in_(journal.MODEL_CHOICES), entry.status == EntryStatus.STANDS
    )
    rows = tx.execute(query.order_by(entry.id.desc())).scalars()
    return [ModelId(details["model"]) for details in rows]


def choose(tx: Transaction, model: ModelId, before: ModelId) -> EntryId:
    """Let the library use `model` from now on, in the place of `before`."""
    return journal.add_entry(tx, journal.USE_MODEL, {"model": model, "before": before})


def count_without(tx: Transaction, model: ModelId) -> int:
    """How many faces have no vector of `model`."""
    return tx.execute(
        select(func.count()).select_from(schema.face).where(_lacks(model))
    ).scalar_one()


def unembedded(tx: Transaction, model: ModelId) -> list[FacesInPhoto]:
    """The photos with faces that have no vector of `model`, by id, with these faces."""
    return _by_photo(tx, _lacks(model))


def photos_of(tx: Transaction, faces: Collection[int]) -> list[FacesInPhoto]:
    """The photos that `faces` are in, by id, with these faces; one that is gone is passed over."""
    return _by_photo(tx, schema.face.c.id.in_(listed(faces)))


def _by_photo(tx: Transaction, wanted: ColumnElement[bool]) -> list[FacesInPhoto]:
    """The photos with faces that are `wanted`, by id, with these faces."""
    face, photo, file = schema.face.c, schema.photo.c, schema.file.c
    other = schema.file.alias()
    # The sum keeps SQLite from going through all files by id until one is of the photo.
    first = select(func.min(other.c.id + 0)).where(
        other.c.photo_id == photo.id, other.c.state.is_(None)
    )
    query = (
        select(face.id, face.photo_id, face.x, face.y, face.w, face.h)
        .add_columns(photo.width, photo.height, photo.turn, is_negative().label("negative"))
        .add_columns(file.path, file.size, file.mtime_ns)
        .select_from(schema.face)
        .join(schema.photo)
        .outerjoin(schema.file, file.id == first.scalar_subquery())
        .where(wanted)
        .order_by(face.photo_id, face.id)
    )
    found = []
    for number, group in groupby(tx.execute(query), key=lambda row: PhotoId(row.photo_id)):
        rows = list(group)
        one = rows[0]
        there = one.path is not None
        found.append(
            FacesInPhoto(
                photo=number,
                file=FileStat(one.path, one.size, one.mtime_ns) if there else None,
                width=one.width,
                height=one.height,
                turn=one.turn,
                negative=bool(one.negative),
                faces=tuple(FaceId(row.id) for row in rows),
                boxes=tuple(
                    Box(row.x, row.y, row.w, row.h).scaled(one.width, one.height) for row in rows
                ),
            )
        )
    return found


def convertible(
    tx: Transaction, model: ModelId, source: ModelId, after: int, limit: int
) -> tuple[NDArray[np.int64], Vectors]:
    """Faces that have a vector of `source` and none of `model`, from the id `after` on, at most
    `limit`: ids [N] ascending and these vectors [N, d], of unit length.
    """
    rows = driver_connection(tx).execute(
        "SELECT face_id, data FROM vector WHERE face_id > :after AND model_id = (SELECT id FROM "
        "model WHERE name = :source) AND NOT EXISTS (SELECT * FROM vector AS other WHERE "
        "other.face_id = vector.face_id AND other.model_id = (SELECT id FROM model WHERE name = "
        ":model)) ORDER BY face_id LIMIT :limit",
        {"after": after, "source": source, "model": model, "limit": limit},
    )
    found = rows.fetchall()
    ids = np.array([face for face, _ in found], np.int64)
    if not found:
        return ids, np.empty((0, 0), np.float32)
    stored = np.frombuffer(b"".join(data for _, data in found), np.float16)
    return ids, unit_vectors(stored.reshape(len(found), -1))


def write(
    tx: Transaction,
    model: ModelId,
    faces: Sequence[int],
    vectors: Vectors,
    *,
    engine: Engine | None = None,
    source: ModelId | None = None,
) -> int:
    """Keep `vectors` [N, dim] of `model` for `faces` [N]; gives how many were kept. `engine`
    computed them; where they were made of the vectors of `source`, whatever computed those did.

    A face that is gone, or has one already, which is newer, is passed over.
    """
    connection = driver_connection(tx)
    connection.execute("INSERT INTO model (name) VALUES (?) ON CONFLICT DO NOTHING", (model,))
    (row,) = connection.execute("SELECT id FROM model WHERE name = ?", (model,)).fetchone()
    before = connection.total_changes
    connection.executemany(
        "INSERT INTO vector (face_id, model_id, data, engine) SELECT id, ?, ?, coalesce(?, (SELECT "
        "engine FROM vector JOIN model ON model.id = model_id WHERE face_id = face.id AND name = "
        "?)) FROM face WHERE id = ? ON CONFLICT DO NOTHING",
        [
            (row, vector.tobytes(), stored_engine(engine), source, int(face))
            for face, vector in zip(faces, vectors.astype(np.float16), strict=True)
        ],
    )
    return connection.total_changes - before


def count_only_in(tx: Transaction, model: ModelId) -> int:
    """How many faces have a vector of `model` and of no other one."""
    row = driver_connection(tx).execute(
        "SELECT count(*) FROM vector WHERE model_id = (SELECT id FROM model WHERE name = :model) "
        "AND NOT EXISTS (SELECT * FROM vector AS other WHERE other.face_id = vector.face_id AND "
        "other.model_id <> vector.model_id)",
        {"model": model},
    )
    number: int = row.fetchone()[0]
    return number


def drop(tx: Transaction, model: ModelId) -> int:
    """Delete the vectors of `model`; gives how many there were.

    The choices of the journal that led to it or away from it are no steps of undo any more: there
    is nothing to go back to.
    """
    vector, entry = schema.vector.c, schema.entry.c
    row = select(schema.model.c.id).where(schema.model.c.name == model).scalar_subquery()
    gone = tx.execute(delete(schema.vector).where(vector.model_id == row)).rowcount
    tx.execute(delete(schema.model).where(schema.model.c.name == model))
    for entry_id, details in tx.execute(
        select(entry.id, entry.details).where(entry.kind == journal.USE_MODEL)
    ).all():
        if model in {details["model"], details["before"]}:
            mine = schema.entry.c.id == entry_id
            tx.execute(update(schema.entry).where(mine).values(kind=journal.USED_MODEL))
    return gone


def _lacks(model: ModelId) -> ColumnElement[bool]:
    vector = schema.vector.c
    row = select(schema.model.c.id).where(schema.model.c.name == model).scalar_subquery()
    return ~exists().where(vector.face_id == schema.face.c.id, vector.model_id == row)
