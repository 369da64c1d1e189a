"""All faces with a vector of one model as columns, read in one pass: what grouping works on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import exists, func, select

from photoclust.core.arrays import Vectors
from photoclust.core.types import Engine, ModelId
from photoclust.store import schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction, driver_connection

_ROWS = 256
"""Vectors read at a time: they stay in the processor's cache until they are done."""


@dataclass(frozen=True, slots=True)
class FaceTable:
    """All faces that have a vector of one model, as columns of equal length N, by id.

    `vectors` is [N, dim] float32 and contiguous; `photo` holds photo ids; `taken` is when a camera
    says that the photo was taken, in seconds, NaN where none does; `side` is the longer side of
    the box in pixels of the full photo; `person` is the confirmed person or -1, `shown` the one
    that is shown; `judged` tells which faces recognition came to a verdict about, so that their
    group does not say who is shown; `cluster` is the present group or -1, `owner` the person whom
    that goes with, `refused` whether the user said that the face is not that person. Faces that the
    user said are none are left out.
    """

    ids: NDArray[np.int64]
    photo: NDArray[np.int64]
    taken: NDArray[np.float64]
    side: NDArray[np.float32]
    quality: NDArray[np.float32]
    score: NDArray[np.float32]
    person: NDArray[np.int64]
    shown: NDArray[np.int64]
    judged: NDArray[np.bool_]
    cluster: NDArray[np.int64]
    owner: NDArray[np.int64]
    refused: NDArray[np.bool_]
    vectors: Vectors

    @property
    def placed(self) -> NDArray[np.bool_]:
        """Which faces are in a group that the user did not take them out of, [N]: by saying that
        they are somebody else than it goes with, or not whom it goes with. The others wait.
        """
        taken_out = np.where(self.person >= 0, self.person != self.owner, self.refused)
        placed: NDArray[np.bool_] = (self.cluster >= 0) & ~taken_out
        return placed


def count_with_vector(
    tx: Transaction, model: ModelId, fallback: ModelId | None = None
) -> tuple[int, int]:
    """How many faces have a vector of `model` (or else of `fallback`), and how many of these are in
    no group; without those that the user said are none.
    """
    face, vector = schema.face.c, schema.vector.c
    rows = select(schema.model.c.id).where(schema.model.c.name.in_((model, fallback)))
    mine = exists().where(vector.face_id == face.id, vector.model_id.in_(rows))
    query = select(func.count(), func.count().filter(face.cluster_id.is_(None)))
    number, alone = tx.execute(query.where(~face.excluded, mine)).one()
    return number, alone


def load_vectors(
    tx: Transaction, model: ModelId, fallback: ModelId | None = None
) -> tuple[NDArray[np.int64], Vectors]:
    """The ids of all faces with a vector of `model`, ascending, and these vectors, in one pass.

    With `fallback`, a model whose vectors may be compared with those of `model`, a face that has
    none of `model` comes with its vector of that one.

    Returns ([N] int64, [N, dim] float32 contiguous, of unit length). Memory beyond the result is
    a few megabytes, with `fallback` as much again.
    """
    ids, vectors = _load_vectors(tx, model)
    if fallback is None:
        return ids, vectors
    others, theirs = _load_vectors(tx, fallback)
    needed = ~np.isin(others, ids, assume_unique=True)
    if not needed.any():
        return ids, vectors
    if len(ids) == 0:
        return others, theirs
    ids = np.concatenate([ids, others[needed]])
    order = np.argsort(ids, kind="stable")
    return ids[order], np.concatenate([vectors, theirs[needed]])[order]


def _load_vectors(tx: Transaction, model: ModelId) -> tuple[NDArray[np.int64], Vectors]:
    connection = driver_connection(tx)
    row = connection.execute("SELECT id FROM model WHERE name = ?", (model,)).fetchone()
    if row is None:
        return np.empty(0, np.int64), np.empty((0, 0), np.float32)
    (count,) = connection.execute("SELECT count(*) FROM vector WHERE model_id = ?", row).fetchone()
    first = connection.execute(
        "SELECT length(data) FROM vector WHERE model_id = ? LIMIT 1", row
    ).fetchone()
    ids = np.empty(count, np.int64)
    vectors = np.empty((count, 0 if first is None else first[0] // 2), np.float32)
    # By rowid, not by face: the file is read from its beginning to its end.
    cursor = connection.execute("SELECT face_id, data FROM vector WHERE model_id = ?", row)
    start = 0
    while rows := cursor.fetchmany(_ROWS):
        stop = start + len(rows)
        faces_, data = zip(*rows, strict=True)
        ids[start:stop] = faces_
        block = np.frombuffer(b"".join(data), np.float16).reshape(len(rows), -1)
        vectors[start:stop] = unit_vectors(block)
        start = stop
    if np.any(ids[1:] < ids[:-1]):
        order = np.argsort(ids, kind="stable")
        ids, vectors = ids[order], vectors[order]
    return ids, vectors


def load_table(tx: Transaction, model: ModelId, fallback: ModelId | None = None) -> FaceTable:
    """All faces with a vector of `model`, by id, in one pass; `fallback` as in `load_vectors`."""
    ids, vectors = load_vectors(tx, model, fallback)
    rows = (
        driver_connection(tx)
        .execute(
            "SELECT face.id, photo_id, max(w * width, h * height), quality, score, "
            "coalesce(person.id, -1), coalesce(face.person_id, -1), coalesce(cluster_id, -1), "
            "coalesce(owner.id, -1), recognition.face_id IS NOT NULL, refused.face_id IS NOT NULL, "
            "iif(date_source = 'exif', CAST(strftime('%s', taken_at) AS INTEGER), NULL) "
            "FROM face JOIN photo ON photo.id = photo_id "
            "LEFT JOIN confirmation ON confirmation.face_id = face.id "
            "LEFT JOIN person ON person.id = confirmation.person_id AND person.alive "
            "LEFT JOIN cluster ON cluster.id = cluster_id "
            "LEFT JOIN person AS owner ON owner.id = cluster.person_id AND owner.alive "
            "LEFT JOIN recognition ON recognition.face_id = face.id "
            "LEFT JOIN rejection AS refused "
            "ON refused.face_id = face.id AND refused.person_id = owner.id "
            "WHERE NOT excluded ORDER BY face.id"
        )
        .fetchall()
    )
    table = np.array(rows, np.float64).reshape(len(rows), 12)
    with_vector = np.isin(table[:, 0], ids, assume_unique=True)
    table = table[with_vector]
    kept = np.isin(ids, table[:, 0], assume_unique=True)
    if not kept.all():
        ids, vectors = ids[kept], vectors[kept]
    return FaceTable(
        ids=ids,
        photo=table[:, 1].astype(np.int64),
        taken=table[:, 11],
        side=table[:, 2].astype(np.float32),
        quality=table[:, 3].astype(np.float32),
        score=table[:, 4].astype(np.float32),
        person=table[:, 5].astype(np.int64),
        shown=table[:, 6].astype(np.int64),
        judged=table[:, 9].astype(np.bool_),
        cluster=table[:, 7].astype(np.int64),
        owner=table[:, 8].astype(np.int64),
        refused=table[:, 10].astype(np.bool_),
        vectors=vectors,
    )


@dataclass(frozen=True, slots=True)
class FaceStates:
    """What is decided and guessed about all faces but those that the user said are none, as
    columns of equal length N, by id; see `FaceTable`.
    """

    ids: NDArray[np.int64]
    person: NDArray[np.int64]
    cluster: NDArray[np.int64]
    owner: NDArray[np.int64]


def load_states(tx: Transaction) -> FaceStates:
    """The states of all faces, with vectors or without."""
    # Of the lists, not of the decisions: they say the same, and nothing has to be looked up.
    rows = (
        driver_connection(tx)
        .execute(
            "SELECT id, iif(confirmed, person_id, -1), coalesce(cluster_id, -1) FROM face "
            "WHERE NOT excluded ORDER BY id"
        )
        .fetchall()
    )
    ids, person, cluster = np.ascontiguousarray(np.array(rows, np.int64).reshape(len(rows), 3).T)
    groups = (
        driver_connection(tx)
        .execute(
            "SELECT cluster.id, coalesce(person.id, -1) FROM cluster "
            "LEFT JOIN person ON person.id = person_id AND alive ORDER BY cluster.id"
        )
        .fetchall()
    )
    numbers, owners = np.array([(-1, -1), *groups], np.int64).T
    return FaceStates(ids, person, cluster, owners[np.searchsorted(numbers, cluster)])


def load_quality(tx: Transaction) -> NDArray[np.float32]:
    """The quality of the faces of `load_states`, [N], in that order."""
    rows = (
        driver_connection(tx)
        .execute("SELECT quality FROM face WHERE NOT excluded ORDER BY id")
        .fetchall()
    )
    return np.array(rows, np.float32).reshape(len(rows))


def load_some_vectors(
    tx: Transaction, model: ModelId, faces: Sequence[int], fallback: ModelId | None = None
) -> tuple[NDArray[np.int64], Vectors]:
    """As `load_vectors`, of those of `faces` that have a vector."""
    found: dict[int, bytes] = {}
    table = schema.vector.c
    for part in chunks(sorted(faces)):
        # What the model itself says comes last, and stands.
        for name in filter(None, (fallback, model)):
            query = (
                select(table.face_id, table.data)
                .join(schema.model, schema.model.c.id == table.model_id)
                .where(table.face_id.in_(part), schema.model.c.name == name)
            )
            found |= {row.face_id: row.data for row in tx.execute(query)}
    rows = sorted(found.items())
    ids = np.array([face for face, _ in rows], np.int64)
    data = np.frombuffer(b"".join(data for _, data in rows), np.float16)
    return ids, unit_vectors(data.reshape(len(rows), -1) if rows else np.empty((0, 0), np.float16))


def stored_engine(engine: Engine | None) -> str | None:
    """How the engine that computed a vector is stored: the usual one takes no room."""
    return None if engine in (None, Engine()) else str(engine)


def unit_vectors(stored: NDArray[np.float16]) -> Vectors:
    """Vectors [N, dim] as they are stored, brought to unit length: float16 rounds that off by up to
    1e-3, and cosines need unit vectors.
    """
    vectors = stored.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    vectors /= np.maximum(lengths, 1e-12)[:, None]
    return vectors
