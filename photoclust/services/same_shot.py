"""Which faces are one face of one shot, kept in several files: they say once who is there."""

from collections.abc import Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from photoclust.core.types import Box, FaceId
from photoclust.store import same_shot
from photoclust.store.database import Transaction

SAME_PLACE_IOU = 0.5
"""Faces of two forms of a shot that overlap so much are one; the forms may be cropped a little."""


def repeated_faces(tx: Transaction, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of the faces `ids` [N] a number ≥ 0 that it shares with those that are
    the same face of the same shot; -1 for the others.
    """
    numbers = np.full(len(ids), -1, np.int64)
    shots = same_shot.of_one_name(tx)
    faces = same_shot.boxes(tx, sorted({photo for shot in shots for photo in shot}))
    fresh = count()
    row_of = {face: row for row, face in enumerate(ids.tolist())} if shots else {}
    for shot in shots:
        for mine in _in_one_place([face for photo in shot for face in faces.get(photo, ())]):
            there = [row_of[face] for face in mine if face in row_of]
            if len(there) > 1:
                numbers[there] = next(fresh)
    return numbers


def _in_one_place(faces: Sequence[tuple[FaceId, Box]]) -> list[list[FaceId]]:
    """`faces` of all forms of a shot, those together that lie in the same place."""
    places: list[tuple[Box, list[FaceId]]] = []
    for face, box in faces:
        overlaps = [each[0].iou(box) for each in places]
        if max(overlaps, default=0.0) >= SAME_PLACE_IOU:
            places[int(np.argmax(overlaps))][1].append(face)
        else:
            places.append((box, [face]))
    return [mine for _, mine in places]
