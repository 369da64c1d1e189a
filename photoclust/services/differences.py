"""What another grouping would change, in the terms of a user: who gains and loses faces, what would
become one, what would come apart.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from photoclust.core.types import FaceId
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.face_table import FaceTable

Key = str | None
"""Who a face is shown as: `p7`, `g31`, `new1` for a group that is yet to be; None for nobody."""
_NEW = "new"


@dataclass(frozen=True, slots=True)
class PersonChange:
    """The faces that a person (`p7`) or group (`g31`) would gain and lose."""

    key: str
    name: str | None
    added: tuple[FaceId, ...]
    removed: tuple[FaceId, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """A person or group that would come apart, and how many of the faces each part would have."""

    key: str
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What would change for whom; `joins` are people and groups that would become one, the largest
    first, `founded` are the faces of each new group, the largest first, `faces` who would be shown
    otherwise.
    """

    people: tuple[PersonChange, ...]
    joins: tuple[tuple[str, ...], ...]
    splits: tuple[Split, ...]
    founded: tuple[tuple[FaceId, ...], ...]
    faces: frozenset[FaceId]

    @property
    def new(self) -> tuple[int, ...]:
        """How many faces each new group would have."""
        return tuple(map(len, self.founded))

    def lines(self) -> list[str]:
        """It in words, such as `Anna +12 −3`."""
        counts = ((change.name or change.key, change) for change in self.people)
        lines = [
            " ".join(
                [
                    name,
                    *([f"+{len(change.added)}"] if change.added else []),
                    *([f"−{len(change.removed)}"] if change.removed else []),
                ]
            )
            for name, change in counts
        ]
        lines += [f"{_listed(keys)} would join" for keys in self.joins]
        lines += [f"{split.key} would split into {len(split.parts)}" for split in self.splits]
        if self.new:
            groups = "1 new group" if len(self.new) == 1 else f"{len(self.new)} new groups"
            lines.append(f"{groups} of {_listed([str(size) for size in self.new])} faces")
        return lines


def keys_now(table: FaceTable) -> list[Key]:
    """Who each face is shown as."""
    return [
        f"p{shown}" if shown >= 0 else f"g{group}" if group >= 0 else None
        for shown, group in zip(table.shown.tolist(), table.cluster.tolist(), strict=True)
    ]


def keys_then(table: FaceTable, contents: Sequence[ClusterContent]) -> list[Key]:
    """Who each face would be shown as if `contents` were the groups; no verdict of recognition
    depends on these.
    """
    group_of: dict[int, str] = {}
    person_of: dict[int, str] = {}
    new = 0
    for content in contents:
        new += content.id is None
        group = f"{_NEW}{new}" if content.id is None else f"g{content.id}"
        group_of.update(dict.fromkeys(content.faces, group))
        if content.person is not None:
            person_of.update(dict.fromkeys(content.faces, f"p{content.person}"))
    fixed = np.where(table.judged, table.shown, table.person)
    return [
        f"p{person}"
        if person >= 0
        else group_of.get(face)
        if judged
        else person_of.get(face, group_of.get(face))
        for face, person, judged in zip(
            table.ids.tolist(), fixed.tolist(), table.judged.tolist(), strict=True
        )
    ]


def compare(
    faces: Sequence[int],
    before: Sequence[Key],
    after: Sequence[Key],
    *,
    name_of: Callable[[str], str | None],
    only: Collection[str] = (),
    among: Collection[FaceId] | None = None,
) -> Difference:
    """The difference between the keys of `faces` before and after; with `only` that of the faces
    which come to one of these people and groups or leave it, with `among` that of these faces.
    """
    added: dict[str, list[FaceId]] = defaultdict(list)
    removed: dict[str, list[FaceId]] = defaultdict(list)
    for face, old, new in zip(faces, before, after, strict=True):
        if old == new or (only and old not in only and new not in only):
            continue
        if among is not None and face not in among:
            continue
        if new is not None:
            added[new].append(FaceId(face))
        if old is not None:
            removed[old].append(FaceId(face))
    there = sorted(
        {key for key in (*added, *removed) if not key.startswith(_NEW)},
        key=lambda key: (-len(added[key]) - len(removed[key]), key),
    )
    joined = _with_one_heir(before, after)
    split = _with_one_heir(after, before)
    return Difference(
        people=tuple(
            PersonChange(key, name_of(key), tuple(added[key]), tuple(removed[key])) for key in there
        ),
        joins=tuple(
            tuple(key for key, _ in parts)
            for heir, parts in joined
            if not only or {heir, *(key for key, _ in parts)} & set(only)
        ),
        splits=tuple(
            Split(source, tuple(size for _, size in parts))
            for source, parts in split
            if not only or {source, *(key for key, _ in parts)} & set(only)
        ),
        founded=tuple(
            sorted(
                (tuple(mine) for key, mine in added.items() if key.startswith(_NEW)),
                key=lambda mine: (-len(mine), mine),
            )
        ),
        faces=frozenset(face for mine in (*added.values(), *removed.values()) for face in mine),
    )


def _with_one_heir(
    keys: Iterable[Key], heirs: Iterable[Key]
) -> list[tuple[str, list[tuple[str, int]]]]:
    """Each heir to which more than half of the faces of several keys, and two at least of each,
    go; with these keys and how many faces go, the largest first.
    """
    counts: dict[str, Counter[Key]] = defaultdict(Counter)
    for key, heir in zip(keys, heirs, strict=True):
        if key is not None:
            counts[key][heir] += 1
    parts: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for key, found in counts.items():
        ((heir, count),) = found.most_common(1)
        if heir is not None and count >= 2 and 2 * count > found.total():
            parts[heir].append((key, count))
    several = [(heir, mine) for heir, mine in parts.items() if len(mine) > 1]
    for _, mine in several:
        mine.sort(key=lambda part: (-part[1], part[0]))
    return sorted(several, key=lambda item: (-sum(size for _, size in item[1]), item[0]))


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
