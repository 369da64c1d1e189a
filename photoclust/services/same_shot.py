"""Which faces are one face of one shot, kept in several files: they say once who is there, and who
is said of one of them is said of all.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vector
from photoclust.core.types import Box, FaceId, PersonId, PhotoId
from photoclust.store import embeddings, face_table, same_shot, stacks
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.database import Transaction
from photoclust.store.journal import Act

Item = TypeVar("Item")
SAME_PLACE_IOU = 0.5
"""Faces of two forms of a shot that overlap so much are one; the forms may be cropped a little."""
NOT_UNLIKE = 0.4
"""Cosine above which two faces in one place are not taken for two people; strangers reach 0.575 in
one of a thousand pairs.
"""
ONE_MOMENT = 0.85
"""Cosine of faces that only a crop or another development of one moment has; see
`cluster.shots.BURST`.
"""


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


def repeats_last(
    tx: Transaction, asked: Sequence[Item], face_of: Callable[[Item], FaceId | None]
) -> list[Item]:
    """`asked`, but last what is about a face (`face_of`) that is the same in another form of a shot
    as one asked about before: the name that it gets by that answer is carried over to it.
    """
    order: dict[FaceId, int] = {}
    for place, each in enumerate(asked):
        if (face := face_of(each)) is not None:
            order.setdefault(face, place)
    again: set[int] = set()
    for stack in stacks.mates(tx, same_shot.photos_of(tx, order)):
        for shot in same_shot.of_one_stack(tx, stack):
            faces = same_shot.boxes(tx, shot)
            for mine in _in_one_place([face for photo in shot for face in faces.get(photo, ())]):
                again.update(sorted(order[face] for face in mine if face in order)[1:])
    last = [each for place, each in enumerate(asked) if place in again]
    return [each for place, each in enumerate(asked) if place not in again] + last


def carry_names(act: Act) -> None:
    """Confirm, within `act`, the same faces in the other forms of the shots whose faces it has
    confirmed, as far as nothing was decided about these.
    """
    said = {
        FaceId(face): person
        for face, person in people_store.confirmed_people(act.tx, act.decided_faces).items()
    }
    everything = stacks.mates(act.tx, same_shot.photos_of(act.tx, said))
    _carry(act, said, everything, lambda faces: set(faces) - people_store.spoken_of(act.tx, faces))


def carry_to(act: Act, photos: Collection[PhotoId]) -> None:
    """As `carry_names`, of all that was confirmed before, to faces in `photos` of which nothing was
    ever said: what is undone does not come back.
    """
    mates = stacks.mates(act.tx, photos)
    new = set(face_store.face_ids(act.tx, sorted(photos)))
    faces = face_store.face_ids(act.tx, [photo for stack in mates for photo in stack])
    said = people_store.confirmed_people(act.tx, faces)

    def free(faces: Sequence[FaceId]) -> set[FaceId]:
        return new.intersection(map(FaceId, face_store.undecided(act.tx, faces)))

    _carry(act, said, mates, free)


def _carry(
    act: Act,
    said: Mapping[FaceId, PersonId],
    mates: Sequence[Sequence[PhotoId]],
    find_free: Callable[[Sequence[FaceId]], Collection[int]],
) -> None:
    """Confirm what is `said` of faces for those of their twins among `mates` that are free."""
    tx = act.tx
    for shot in (shot for stack in mates for shot in same_shot.of_one_stack(tx, stack)):
        faces = same_shot.boxes(tx, shot)
        everybody = [face for mine in faces.values() for face, _ in mine]
        free = set(find_free(everybody))
        vectors = _vectors(tx, everybody)
        for photo, mine in faces.items():
            known = [(face, box) for face, box in mine if face in said]
            others = [theirs for other, theirs in faces.items() if other != photo]
            for theirs in others if known else ():
                wanted = [(face, box) for face, box in theirs if face in free]
                for face, twin in _twins(known, wanted, vectors):
                    people_store.confirm(act, [twin], said[face])
                    free.discard(twin)


def _twins(
    one: Sequence[tuple[FaceId, Box]],
    other: Sequence[tuple[FaceId, Box]],
    vectors: Mapping[FaceId, Vector],
) -> list[tuple[FaceId, FaceId]]:
    """Pairs of the faces of two forms of a shot that are the same, each at most once: in the same
    place and not unlike each other, or, as one form may be cut, as like as only one moment makes
    them.
    """
    likeness = []
    for face, box in one:
        for twin, place in other:
            if face in vectors and twin in vectors:
                cosine = float(vectors[face] @ vectors[twin])
                in_place = box.iou(place) >= SAME_PLACE_IOU and cosine >= NOT_UNLIKE
                if in_place or cosine >= ONE_MOMENT:
                    likeness.append((in_place, cosine, face, twin))
    found: list[tuple[FaceId, FaceId]] = []
    for _, _, face, twin in sorted(likeness, reverse=True):
        if all(face != mine and twin != theirs for mine, theirs in found):
            found.append((face, twin))
    return found


def _vectors(tx: Transaction, faces: Sequence[FaceId]) -> dict[FaceId, Vector]:
    """The vectors of `faces`, all of one model: the first of which all have one, or most."""
    best: dict[FaceId, Vector] = {}
    for model in embeddings.models_with_vectors(tx):
        ids, vectors = face_table.load_some_vectors(tx, model, faces)
        if len(ids) > len(best):
            best = dict(zip(map(FaceId, ids.tolist()), vectors, strict=True))
    return best
