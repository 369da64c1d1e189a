"""Which group each face goes to, given the labels that a grouping came to: no decision of the user
is overridden, every group goes with one person at most, and groups keep their ids.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core.types import ClusterId, FaceId, PersonId
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.face_table import FaceTable

Rejected = Mapping[int, Collection[int]]
"""Face → the people that the user said it is not."""
_BLOCK = 1024  # faces compared at a time: bounds the memory in a group of many thousands


@dataclass(frozen=True, slots=True)
class Additions:
    """What becomes of the faces that waited: those that join a group that there is or found one
    (`contents`, whose ids are None for new ones), and those that belong to none any more.
    """

    contents: tuple[ClusterContent, ...]
    freed: tuple[FaceId, ...]


def all_contents(
    label_of: Mapping[int, int], table: FaceTable, rejected: Rejected
) -> list[ClusterContent]:
    """The groups that labels (face → label, -1: none) of all faces come to, each with at most one
    person, and the id that most of its faces had before.
    """
    members = _members(label_of, table, range(len(table.ids)), rejected)
    ids = _kept_ids(list(members.values()), table)
    return [
        _content(kept, person, table.ids[rows])
        for ((_, person), rows), kept in zip(members.items(), ids, strict=True)
    ]


def additions(
    label_of: Mapping[int, int],
    table: FaceTable,
    rejected: Rejected,
    owners: Mapping[int, int],
) -> Additions:
    """What labels of faces come to for those that wait: a label in `owners` (group → person, -1
    for nobody) is that group, any other one a new group. Faces without a label were not looked at.
    """
    joining: dict[int, list[int]] = defaultdict(list)
    founding: list[int] = []
    freed: list[FaceId] = []
    for row in np.flatnonzero(~table.placed).tolist():
        face = int(table.ids[row])
        label = label_of.get(face)
        if label is None:
            continue
        owner, person = owners.get(label), int(table.person[row])
        if label >= 0 and (owner is None or person not in {-1, owner}):
            founding.append(row)
        elif owner is not None and owner not in rejected.get(face, ()):
            joining[label].append(row)
        elif table.cluster[row] >= 0:
            freed.append(FaceId(face))
    found = _members(label_of, table, founding, rejected)
    contents = [_content(label, owners[label], table.ids[rows]) for label, rows in joining.items()]
    contents += [_content(None, person, table.ids[rows]) for (_, person), rows in found.items()]
    return Additions(tuple(contents), tuple(freed))


def _content(group: int | None, person: int, faces: NDArray[np.int64]) -> ClusterContent:
    return ClusterContent(
        id=None if group is None else ClusterId(group),
        person=None if person < 0 else PersonId(person),
        faces=[FaceId(face) for face in faces.tolist()],
    )


def _members(
    label_of: Mapping[int, int], table: FaceTable, rows: Sequence[int], rejected: Rejected
) -> dict[tuple[int, int], list[int]]:
    """The rows with each label and person."""
    by_label: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        label = label_of.get(int(table.ids[row]), -1)
        if label >= 0:
            by_label[label].append(row)
    members: dict[tuple[int, int], list[int]] = defaultdict(list)
    for label, mine in by_label.items():
        for row, person in zip(mine, _persons(mine, table, rejected), strict=True):
            members[label, person].append(row)
    return members


def _persons(rows: Sequence[int], table: FaceTable, rejected: Rejected) -> list[int]:
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
                cosines[place, np.isin(known, list(rejected[face]))] = -np.inf
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
