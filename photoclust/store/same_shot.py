"""Photos that are one shot by their files' names: RAW beside JPEG, TIFF beside its small copy."""

import os
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from photoclust.core.types import Box, FaceId, PhotoId
from photoclust.store import schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction, driver_connection


def of_one_name(tx: Transaction) -> list[list[PhotoId]]:
    """Photos with files in one folder whose names differ in their extensions only."""
    by_name: dict[str | bytes, set[int]] = defaultdict(set)
    # Paths as they are stored, text or bytes: a hundred thousand `Path`s take a second to make.
    for photo, path in driver_connection(tx).execute("SELECT photo_id, path FROM file"):
        by_name[os.path.splitext(path)[0]].add(photo)  # noqa: PTH122
    return sorted(
        [PhotoId(each) for each in sorted(ids)] for ids in by_name.values() if len(ids) > 1
    )


def boxes(tx: Transaction, photos: Sequence[PhotoId]) -> dict[PhotoId, list[tuple[FaceId, Box]]]:
    """The faces of `photos`, with their boxes in shares of the photo's width and height."""
    found: dict[PhotoId, list[tuple[FaceId, Box]]] = defaultdict(list)
    face = schema.face.c
    query = select(face.photo_id, face.id, face.x, face.y, face.w, face.h).order_by(face.id)
    for part in chunks(photos):
        for photo, number, *corners in tx.execute(query.where(face.photo_id.in_(part))):
            found[PhotoId(photo)].append((FaceId(number), Box(*corners)))
    return found
