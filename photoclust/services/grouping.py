"""Grouping the faces of a library into people, without touching what the user decided.

The labels are computed in a process of their own from a snapshot; what becomes of them is decided
in the transaction that writes them, from the decisions that stand then.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from photoclust.cluster import METHODS, cluster_faces
from photoclust.core.errors import UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import ClusterId, FaceId, ModelId, PersonId
from photoclust.services import child
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.database import Library
from photoclust.store.faces import FaceTable
from photoclust.store.people import ClusterContent
from photoclust.vision import models

STAGE = "Grouping faces"


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
    if method not in METHODS:
        raise UserError(f"there is no method {method!r}; choose one of {', '.join(METHODS)}")
    control = control or JobControl()
    start = time.monotonic()
    with library.read() as tx:
        table = face_store.load_table(tx, model)
    control.report(STAGE, 0, len(table.ids))
    labels: list[int] = (
        child.call(
            cluster_faces,
            table.vectors,
            method=method,
            photo_ids=table.photo,
            quality=table.quality,
            control=control,
        ).labels.tolist()
        if len(table.ids)
        else []
    )
    control.checkpoint()
    with library.write() as tx:
        # Names given while the labels were computed count as well.
        now = face_store.load_table(tx, model)
        contents = _contents(dict(zip(table.ids.tolist(), labels, strict=True)), now)
        people_store.replace_clusters(tx, contents)
    control.report(STAGE, len(table.ids), len(table.ids))
    return GroupingReport(
        faces=len(table.ids),
        clusters=len(contents),
        unclustered=len(now.ids) - sum(len(content.faces) for content in contents),
        seconds=time.monotonic() - start,
    )


def _contents(label_of: Mapping[int, int], table: FaceTable) -> list[ClusterContent]:
    """The groups to write: each with at most one person, and the id that it had before."""
    members: dict[tuple[int, int], list[int]] = defaultdict(list)
    by_label: dict[int, list[int]] = defaultdict(list)
    for row, face in enumerate(table.ids.tolist()):
        label = label_of.get(face, -1)
        if label >= 0:
            by_label[label].append(row)
    for label, rows in by_label.items():
        for row, person in zip(rows, _persons(rows, table), strict=True):
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


def _persons(rows: Sequence[int], table: FaceTable) -> list[int]:
    """The person each face of a group goes with: its own if confirmed, else that of the most
    similar confirmed face of the group; -1 where nobody in the group is confirmed.
    """
    persons = table.person[rows]
    confirmed = np.flatnonzero(persons >= 0)
    if len(confirmed) == 0:
        return [-1] * len(rows)
    vectors = table.vectors[rows]
    nearest = confirmed[np.argmax(vectors @ vectors[confirmed].T, axis=1)]
    return [int(p) for p in np.where(persons >= 0, persons, persons[nearest])]


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
