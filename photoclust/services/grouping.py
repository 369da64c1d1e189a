"""Grouping the faces of a library into people, without touching what the user decided.

The labels are computed in a process of their own from a snapshot; what becomes of them is decided
in the transaction that writes them, from the decisions that stand then.
"""

import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster import METHODS, cluster_faces
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import ClusterId, EntryStatus, FaceId, ModelId, PersonId, Vectors
from photoclust.services import child
from photoclust.store import faces as face_store
from photoclust.store import guesses, journal
from photoclust.store import people as people_store
from photoclust.store.database import Library
from photoclust.store.faces import FaceTable
from photoclust.store.guesses import ClusterContent
from photoclust.vision import models

STAGE = "Grouping faces"
_BLOCK = 1024  # faces compared at a time: bounds the memory in a group of many thousands


@dataclass(frozen=True, slots=True)
class GroupingReport:
    """What a grouping made: how many faces it saw, groups it made, faces it left alone."""

    faces: int
    clusters: int
    unclustered: int
    seconds: float


def group(
    library: Library,
    *,
    method: str = METHODS[0],
    model: ModelId = models.DEFAULT_EMBEDDER,
    control: JobControl | None = None,
) -> GroupingReport:
    """Make the groups of `library` anew. Names, confirmations and rejections stay as they are.

    A group keeps its id as long as most of it stays together. Raises UserError for an unknown
    method, CancelledError when cancelled: nothing has changed then.
    """
    control = control or JobControl()
    start = time.monotonic()
    with library.write() as tx:
        run = journal.start_run(tx, "group", {"method": method, "model": model})
    ended, counts = EntryStatus.FAILED, {}
    try:
        with library.read() as tx:
            table = face_store.load_table(tx, model)
        labels = compute_labels(
            table.vectors, table.photo, table.quality, method=method, control=control
        ).tolist()
        control.checkpoint()
        with library.write() as tx:
            # Names given while the labels were computed count as well.
            now = face_store.load_table(tx, model)
            rejected: dict[int, list[int]] = defaultdict(list)
            for face, person in people_store.rejections(tx):
                rejected[face].append(person)
            label_of = dict(zip(table.ids.tolist(), labels, strict=True))
            contents = _contents(label_of, now, rejected)
            guesses.replace_clusters(tx, contents, run)
            ended, counts = EntryStatus.DONE, {"faces": len(table.ids), "groups": len(contents)}
            journal.end_run(tx, run, ended, counts)
    except CancelledError:
        ended = EntryStatus.CANCELLED
        raise
    finally:
        if ended is not EntryStatus.DONE:
            # Where nothing can be written any more, the next start closes the run.
            with contextlib.suppress(UserError), library.write() as tx:
                journal.end_run(tx, run, ended)
    control.report(STAGE, len(table.ids), len(table.ids))
    return GroupingReport(
        faces=len(table.ids),
        clusters=len(contents),
        unclustered=len(now.ids) - sum(len(content.faces) for content in contents),
        seconds=time.monotonic() - start,
    )


def compute_labels(
    vectors: Vectors,
    photo_ids: NDArray[np.int64],
    quality: NDArray[np.float32],
    *,
    method: str = METHODS[0],
    control: JobControl | None = None,
) -> NDArray[np.int64]:
    """The group of each of `vectors` ([N, dim]), -1 for a face that waits, computed in a process
    of its own. `photo_ids` [N] and `quality` [N] speak of the same faces.

    Raises UserError for an unknown method, CancelledError when cancelled.
    """
    if method not in METHODS:
        raise UserError(f"there is no method {method!r}; choose one of {', '.join(METHODS)}")
    control = control or JobControl()
    control.report(STAGE, 0, len(vectors))
    if len(vectors) == 0:
        return np.empty(0, np.int64)
    return child.call(
        cluster_faces,
        vectors,
        method=method,
        photo_ids=photo_ids,
        quality=quality,
        control=control,
    ).labels


def _contents(
    label_of: Mapping[int, int], table: FaceTable, rejected: Mapping[int, list[int]]
) -> list[ClusterContent]:
    """The groups to write: each with at most one person, and the id that it had before."""
    members: dict[tuple[int, int], list[int]] = defaultdict(list)
    by_label: dict[int, list[int]] = defaultdict(list)
    for row, face in enumerate(table.ids.tolist()):
        label = label_of.get(face, -1)
        if label >= 0:
            by_label[label].append(row)
    for label, rows in by_label.items():
        for row, person in zip(rows, _persons(rows, table, rejected), strict=True):
            members[label, person].append(row)
    ids = _kept_ids(list(members.values()), table)
    return [
        ClusterContent(
            id=None if kept is None else ClusterId(kept),
            person=None if person < 0 else PersonId(person),
            faces=[FaceId(int(table.ids[row])) for row in rows],
        )
        for ((_, person), rows), kept in zip(members.items(), ids, strict=True)
    ]


def _persons(rows: Sequence[int], table: FaceTable, rejected: Mapping[int, list[int]]) -> list[int]:
    """The person each face of a group goes with: its own if confirmed, else that of the most
    similar confirmed face of the group that is nobody the user `rejected` for it; -1 without one.
    """
    ids, vectors, persons = table.ids[rows], table.vectors[rows], table.person[rows]
    confirmed = np.flatnonzero(persons >= 0)
    waiting = np.flatnonzero(persons < 0)
    if len(confirmed) == 0:
        return [-1] * len(rows)
    known = persons[confirmed]
    for start in range(0, len(waiting), _BLOCK):
        block = waiting[start : start + _BLOCK]
        cosines = vectors[block] @ vectors[confirmed].T
        for place, face in enumerate(ids[block].tolist()):
            if face in rejected:
                cosines[place, np.isin(known, rejected[face])] = -np.inf
        possible = cosines.max(axis=1) > -np.inf
        persons[block] = np.where(possible, known[cosines.argmax(axis=1)], -1)
    return [int(person) for person in persons]


def _kept_ids(groups: Sequence[Sequence[int]], table: FaceTable) -> list[int | None]:
    """For each new group the old id that most of its faces carry; each id is given once."""
    overlaps = sorted(
        (
            (count, -old, place)
            for place, rows in enumerate(groups)
            for old, count in Counter(table.cluster[rows].tolist()).items()
            if old >= 0
        ),
        reverse=True,
    )
    ids: list[int | None] = [None] * len(groups)
    given: set[int] = set()
    for _, negative, place in overlaps:
        if ids[place] is None and -negative not in given:
            ids[place] = -negative
            given.add(-negative)
    return ids
