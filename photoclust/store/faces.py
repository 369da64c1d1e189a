"""Faces and their vectors."""

import struct
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Row, delete, exists, func, select, update
from sqlalchemy.dialects.sqlite import insert

from photoclust.core.types import (
    Box,
    ClusterId,
    Engine,
    Face,
    FaceId,
    FoundFace,
    Landmarks,
    ModelId,
    PersonId,
    PhotoId,
)
from photoclust.store import guesses, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.decisions import ABOUT_FACES, Subject
from photoclust.store.face_table import stored_engine
from photoclust.store.matching import PlacedFace, match_faces

_OF_FACES = (
    schema.vector,
    schema.confirmation,
    schema.rejection,
    schema.proposal_face,
    schema.recognition,
    schema.given_name,
)
"""The tables whose rows go with a face."""


def replace_faces(
    tx: Transaction,
    photo: PhotoId,
    found: Sequence[FoundFace],
    size: tuple[int, int],
    model: ModelId,
    *,
    same_picture: bool = False,
) -> list[FaceId]:
    """Make `found` (boxes in px of the upright photo of `size`) the faces of `photo`.

    A known face that is found again (see `matching`) keeps its id and everything decided about it;
    in the `same_picture`, looked at in another way, it is where it was, whatever it looks like.
    One that is not found again goes, unless the user ever decided something about it.
    """
    ids_before, kept = _matched(tx, photo, found, size, model, by_place=same_picture)
    known_again = set(kept.values())
    delete_faces(tx, undecided(tx, [face for face in ids_before if face not in known_again]))
    model_row = _model_row(tx, model)
    ids = []
    for index, face in enumerate(found):
        values = {"photo_id": photo, **_placed(face, size)}
        face_id = kept.get(index)
        if face_id is None:
            face_id = tx.execute(
                schema.face.insert().values(values).returning(schema.face.c.id)
            ).scalar_one()
        else:
            tx.execute(update(schema.face).where(schema.face.c.id == face_id).values(values))
            # Those of other models are of the picture that was there before.
            others = (schema.vector.c.face_id == face_id) & (schema.vector.c.model_id != model_row)
            tx.execute(delete(schema.vector).where(others))
        if face.vector is not None:
            _write_vector(tx, face_id, model_row, face.vector, face.engine)
        ids.append(FaceId(face_id))
    if known_again:
        guesses.refresh(tx, known_again)
    return ids


def is_other_picture(
    tx: Transaction,
    photo: PhotoId,
    found: Sequence[FoundFace],
    size: tuple[int, int],
    model: ModelId,
) -> bool:
    """Whether a picture with the faces `found` cannot be an edit of `photo`: the user decided
    about faces of `photo`, and not one face is in both.
    """
    known, kept = _matched(tx, photo, found, size, model)
    return not kept and len(undecided(tx, known)) < len(known)


def add_drawn_face(
    tx: Transaction, photo: PhotoId, face: FoundFace, size: tuple[int, int], model: ModelId
) -> FaceId:
    """A face that the user draws. It is none until a decision says that it is one."""
    values = {"photo_id": photo, "drawn": True, "excluded": True, **_placed(face, size)}
    face_id = tx.execute(
        schema.face.insert().values(values).returning(schema.face.c.id)
    ).scalar_one()
    if face.vector is not None:
        _write_vector(tx, face_id, _model_row(tx, model), face.vector, face.engine)
    return FaceId(face_id)


def delete_faces(tx: Transaction, ids: Collection[int]) -> None:
    """Delete faces with all that is known and was decided about them, also in the journal."""
    face, change = schema.face.c, schema.change.c
    people: set[int] = set()
    clusters: set[int] = set()
    for part in chunks(sorted(ids)):
        mine = select(face.person_id, face.cluster_id).where(face.id.in_(part))
        for person, cluster in tx.execute(mine):
            people.add(person)
            clusters.add(cluster)
        for table in _OF_FACES:
            tx.execute(delete(table).where(table.c.face_id.in_(part)))
        tx.execute(delete(schema.change).where(change.subject.in_(ABOUT_FACES), change.a.in_(part)))
        chosen = change.subject == Subject.COVER
        tx.execute(delete(schema.change).where(chosen, change.value.in_(part)))
        covers = schema.person.c.chosen_cover_id
        tx.execute(update(schema.person).where(covers.in_(part)).values(chosen_cover_id=None))
        tx.execute(delete(schema.face).where(face.id.in_(part)))
    if people or clusters:
        guesses.recount(tx, people - {None}, clusters - {None})


def faces(
    tx: Transaction,
    *,
    person: PersonId | None = None,
    cluster: ClusterId | None = None,
    photo: PhotoId | None = None,
    ids: Sequence[FaceId] | None = None,
    without_person: bool = False,
    without_group: bool = False,
    automatic: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[Face]:
    """Faces that fit every condition given, the best quality first.

    `without_person` selects those that nobody is shown for, as `cluster` counts them,
    `without_group` those that belong to no group besides, `automatic` those that a verdict of
    recognition named. Faces that the user said are none are listed only by `ids`.
    """
    table = schema.face.c
    conditions: list[ColumnElement[bool]] = []
    if person is not None:
        # Nobody is shown for what is no face, and asking would cost a look at every row before.
        conditions.append(table.person_id == person)
    elif ids is None:
        conditions.append(~table.excluded)
    if cluster is not None:
        conditions.append(table.cluster_id == cluster)
    if without_person or without_group:
        conditions.append(table.person_id.is_(None))
    if photo is not None:
        conditions.append(table.photo_id == photo)
    if without_group:
        conditions.append(table.cluster_id.is_(None))
    if automatic:
        verdict = schema.recognition.c
        named = select(verdict.face_id).where(verdict.face_id == table.id, verdict.named).exists()
        conditions += [named, table.person_id.is_not(None), ~table.confirmed]
    first_path = (
        select(schema.file.c.path)
        .where(schema.file.c.photo_id == table.photo_id)
        .order_by(schema.file.c.state.is_not(None), schema.file.c.id)
        .limit(1)
        .scalar_subquery()
    )
    query = select(
        schema.face, schema.photo.c.width, schema.photo.c.height, first_path.label("path")
    ).join(schema.photo)
    if ids is None:
        # The page is chosen first, so that what comes before it costs a step in an index each.
        page = (
            select(table.id)
            .where(*conditions)
            .order_by(table.quality.desc(), table.id)
            .limit(limit if limit is not None or not offset else -1)
            .offset(offset or None)
        )
        chosen = query.where(table.id.in_(page)).order_by(table.quality.desc(), table.id)
        return [_face(row) for row in tx.execute(chosen)]
    found = {
        row.id: _face(row)
        for part in chunks(ids)
        for row in tx.execute(query.where(table.id.in_(part), *conditions))
    }
    return [found[face] for face in ids if face in found]


def face_ids(tx: Transaction, photos: Sequence[PhotoId]) -> list[FaceId]:
    """The faces of `photos`, also those that are none as the user said."""
    face = schema.face.c
    return [
        FaceId(number)
        for part in chunks(photos)
        for number in tx.execute(select(face.id).where(face.photo_id.in_(part))).scalars()
    ]


def count(tx: Transaction) -> int:
    """How many faces the library holds, without those that the user said are none."""
    every = select(func.count()).select_from(schema.face).scalar_subquery()
    excluded = select(func.count()).where(schema.face.c.excluded).scalar_subquery()
    number: int = tx.execute(select(every - excluded)).scalar_one()
    return number


def count_without_group(tx: Transaction) -> int:
    """How many faces belong to nobody and to no group."""
    table = schema.face.c
    alone = (table.person_id.is_(None), table.cluster_id.is_(None), ~table.excluded)
    return tx.execute(select(func.count()).where(*alone)).scalar_one()


def _matched(
    tx: Transaction,
    photo: PhotoId,
    found: Sequence[FoundFace],
    size: tuple[int, int],
    model: ModelId,
    *,
    by_place: bool = False,
) -> tuple[list[int], dict[int, int]]:
    """The ids of the faces that are known of `photo`, and which of `found` is which of them."""
    face, vector = schema.face.c, schema.vector
    model_row = select(schema.model.c.id).where(schema.model.c.name == model).scalar_subquery()
    mine = (
        select(face.id, face.x, face.y, face.w, face.h, vector.c.data)
        .select_from(schema.face)
        .outerjoin(vector, (vector.c.face_id == face.id) & (vector.c.model_id == model_row))
        .where(face.photo_id == photo)
        .order_by(face.id)
    )
    ids: list[int] = []
    known: list[PlacedFace] = []
    for row in tx.execute(mine):
        ids.append(row.id)
        vector_before = None if by_place else _unit(row.data)
        known.append(PlacedFace(Box(row.x, row.y, row.w, row.h), vector_before))
    sx, sy = 1 / size[0], 1 / size[1]
    new = [PlacedFace(item.detection.box.scaled(sx, sy), item.vector) for item in found]
    return ids, {index: ids[old] for index, old in match_faces(known, new).items()}


def _unit(data: bytes | None) -> NDArray[np.float32] | None:
    if data is None:
        return None
    vector = np.frombuffer(data, np.float16).astype(np.float32)
    unit: NDArray[np.float32] = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return unit


def _placed(face: FoundFace, size: tuple[int, int]) -> dict[str, object]:
    """The columns that say where a face is and how good."""
    sx, sy = 1 / size[0], 1 / size[1]
    box = face.detection.box.scaled(sx, sy)
    points = np.array(face.detection.landmarks, np.float32).reshape(-1, 2)
    return {
        "x": box.x,
        "y": box.y,
        "w": box.w,
        "h": box.h,
        "landmarks": (points * np.array([sx, sy], np.float32)).tobytes(),
        "score": face.detection.score,
        "quality": face.quality,
    }


def _write_vector(
    tx: Transaction,
    face: int,
    model_row: int,
    vector: NDArray[np.float32],
    engine: Engine | None,
) -> None:
    values = {"data": vector.astype(np.float16).tobytes(), "engine": stored_engine(engine)}
    tx.execute(
        insert(schema.vector)
        .values(face_id=face, model_id=model_row, **values)
        .on_conflict_do_update(index_elements=["face_id", "model_id"], set_=values)
    )


def _model_row(tx: Transaction, model: ModelId) -> int:
    tx.execute(insert(schema.model).values(name=model).on_conflict_do_nothing())
    row: int = tx.execute(
        select(schema.model.c.id).where(schema.model.c.name == model)
    ).scalar_one()
    return row


def undecided(tx: Transaction, ids: Sequence[int]) -> list[int]:
    """Those of `ids` that the journal does not speak of, not even in what was undone."""
    face, change = schema.face.c, schema.change.c
    mentioned = exists().where(change.subject.in_(ABOUT_FACES), change.a == face.id)
    return [
        number
        for part in chunks(ids)
        for number in tx.execute(
            select(face.id).where(face.id.in_(part), ~mentioned, ~face.drawn)
        ).scalars()
    ]


def _face(row: Row[tuple[object, ...]]) -> Face:
    points = struct.iter_unpack("=2f", row.landmarks)
    landmarks: Landmarks = tuple((x * row.width, y * row.height) for x, y in points)
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
        drawn=bool(row.drawn),
        excluded=bool(row.excluded),
    )
