"""Faces and their vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Row, delete, exists, func, select, update
from sqlalchemy.dialects.sqlite import insert

from photoclust.core.types import (
    Box,
    ClusterId,
    Face,
    FaceId,
    FoundFace,
    Landmarks,
    ModelId,
    PersonId,
    PhotoId,
    Vectors,
)
from photoclust.store import schema
from photoclust.store.database import Transaction
from photoclust.store.photos import chunks

SAME_FACE_IOU = 0.4
"""Overlap (normalised boxes) from which a face found again counts as the one known before."""


Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class FaceTable:
    """All faces that have a vector of one model, as columns of equal length N.

    `vectors` is [N, dim] float32 and contiguous; `photo` holds photo ids; `side` is the longer
    side of the box in pixels of the full photo; `person` is the confirmed person or -1;
    `cluster` the present group or -1.
    """

    ids: NDArray[np.int64]
    photo: NDArray[np.int64]
    side: NDArray[np.float32]
    quality: NDArray[np.float32]
    score: NDArray[np.float32]
    person: NDArray[np.int64]
    cluster: NDArray[np.int64]
    vectors: Vectors


def replace_faces(
    tx: Transaction,
    photo: PhotoId,
    found: Sequence[FoundFace],
    size: tuple[int, int],
    model: ModelId,
) -> list[FaceId]:
    """Make `found` (boxes in px of the upright photo of `size`) the faces of `photo`.

    A known face that is found again by overlap keeps its id and everything decided about it. One
    that is not found again goes, unless the user decided something about it.
    """
    known = [
        (row.id, Box(row.x, row.y, row.w, row.h))
        for row in tx.execute(select(schema.face).where(schema.face.c.photo_id == photo))
    ]
    sx, sy = 1 / size[0], 1 / size[1]
    boxes = [face.detection.box.scaled(sx, sy) for face in found]
    pairs = sorted(
        (
            (box.iou(old), new_index, old_id)
            for new_index, box in enumerate(boxes)
            for old_id, old in known
        ),
        reverse=True,
    )
    kept: dict[int, int] = {}
    for overlap, new_index, old_id in pairs:
        if overlap >= SAME_FACE_IOU and new_index not in kept and old_id not in kept.values():
            kept[new_index] = old_id
    _delete_undecided(tx, [old_id for old_id, _ in known if old_id not in kept.values()])
    model_row = _model_row(tx, model)
    ids = []
    for index, (face, box) in enumerate(zip(found, boxes, strict=True)):
        points = np.array(face.detection.landmarks, np.float32) * np.array([sx, sy], np.float32)
        values = {
            "photo_id": photo,
            "x": box.x,
            "y": box.y,
            "w": box.w,
            "h": box.h,
            "landmarks": points.tobytes(),
            "score": face.detection.score,
            "quality": face.quality,
        }
        face_id = kept.get(index)
        if face_id is None:
            face_id = tx.execute(
                schema.face.insert().values(values).returning(schema.face.c.id)
            ).scalar_one()
        else:
            tx.execute(update(schema.face).where(schema.face.c.id == face_id).values(values))
        if face.vector is not None:
            data = face.vector.astype(np.float16).tobytes()
            tx.execute(
                insert(schema.vector)
                .values(face_id=face_id, model_id=model_row, data=data)
                .on_conflict_do_update(index_elements=["face_id", "model_id"], set_={"data": data})
            )
        ids.append(FaceId(face_id))
    return ids


def faces(
    tx: Transaction,
    *,
    person: PersonId | None = None,
    cluster: ClusterId | None = None,
    photo: PhotoId | None = None,
    ids: Sequence[FaceId] | None = None,
    without_group: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[Face]:
    """Faces that fit every condition given, the best quality first.

    `without_group` selects those that belong to nobody and to no group.
    """
    table = schema.face.c
    conditions: list[ColumnElement[bool]] = []
    if person is not None:
        conditions.append(table.person_id == person)
    if cluster is not None:
        conditions.append(table.cluster_id == cluster)
    if photo is not None:
        conditions.append(table.photo_id == photo)
    if without_group:
        conditions += [table.person_id.is_(None), table.cluster_id.is_(None)]
    first_path = (
        select(schema.file.c.path)
        .where(schema.file.c.photo_id == table.photo_id)
        .order_by(schema.file.c.id)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(schema.face, schema.photo.c.width, schema.photo.c.height, first_path.label("path"))
        .join(schema.photo)
        .order_by(table.quality.desc(), table.id)
    )
    if ids is None:
        rows = tx.execute(query.where(*conditions).limit(limit).offset(offset))
        return [_face(row) for row in rows]
    found = {
        row.id: _face(row)
        for part in chunks(ids)
        for row in tx.execute(query.where(table.id.in_(part), *conditions))
    }
    return [found[face] for face in ids if face in found]


def count(tx: Transaction) -> int:
    """How many faces the library holds."""
    return tx.execute(select(func.count()).select_from(schema.face)).scalar_one()


def load_table(tx: Transaction, model: ModelId) -> FaceTable:
    """All faces with a vector of `model`, by id, in one pass."""
    face = schema.face.c
    confirmed = (
        select(schema.decision.c.person_id)
        .where(schema.decision.c.face_id == face.id, schema.decision.c.confirmed)
        .scalar_subquery()
    )
    rows = tx.execute(
        select(
            face.id,
            face.photo_id,
            func.max(face.w * schema.photo.c.width, face.h * schema.photo.c.height),
            face.quality,
            face.score,
            func.coalesce(confirmed, -1),
            func.coalesce(face.cluster_id, -1),
            schema.vector.c.data,
        )
        .select_from(schema.vector)
        .join(schema.face)
        .join(schema.photo, schema.photo.c.id == face.photo_id)
        .join(schema.model, schema.model.c.id == schema.vector.c.model_id)
        .where(schema.model.c.name == model)
        .order_by(face.id)
    ).all()
    raw = np.frombuffer(b"".join(row[-1] for row in rows), np.float16)
    vectors = raw.reshape(len(rows), -1 if rows else 0).astype(np.float32)
    # float16 rounds the length off by up to 1e-3; cosines need unit vectors.
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    def column(place: int, kind: type[Scalar]) -> NDArray[Scalar]:
        return np.array([row[place] for row in rows], kind)

    return FaceTable(
        ids=column(0, np.int64),
        photo=column(1, np.int64),
        side=column(2, np.float32),
        quality=column(3, np.float32),
        score=column(4, np.float32),
        person=column(5, np.int64),
        cluster=column(6, np.int64),
        vectors=vectors,
    )


def _model_row(tx: Transaction, model: ModelId) -> int:
    tx.execute(insert(schema.model).values(name=model).on_conflict_do_nothing())
    row: int = tx.execute(
        select(schema.model.c.id).where(schema.model.c.name == model)
    ).scalar_one()
    return row


def _delete_undecided(tx: Transaction, ids: Sequence[int]) -> None:
    decided = exists().where(schema.decision.c.face_id == schema.face.c.id)
    for part in chunks(ids):
        doomed = list(
            tx.execute(
                select(schema.face.c.id).where(schema.face.c.id.in_(part), ~decided)
            ).scalars()
        )
        tx.execute(delete(schema.vector).where(schema.vector.c.face_id.in_(doomed)))
        tx.execute(delete(schema.face).where(schema.face.c.id.in_(doomed)))


def _face(row: Row[tuple[object, ...]]) -> Face:
    points = np.frombuffer(row.landmarks, np.float32).reshape(-1, 2)
    landmarks: Landmarks = tuple((float(x) * row.width, float(y) * row.height) for x, y in points)
    return Face(
        id=FaceId(row.id),
        photo=PhotoId(row.photo_id),
        path=row.path,
        box=Box(row.x, row.y, row.w, row.h).scaled(row.width, row.height),
        landmarks=landmarks,
        score=row.score,
        quality=row.quality,
        cluster=row.cluster_id,
        person=row.person_id,
        confirmed=bool(row.confirmed),
    )
