"""Batches of P people with K faces each, so that anchors find positives and hard negatives.

The faces of a person are taken in turn, so that each is used as often as the others, and what was
taken at nearly the same moment is never taken for proof that two faces are of one person.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from photoclust.core.errors import UserError

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BatchShape:
    """Up to `people` people with up to `faces` faces each, and `strangers` beside them.

    The defaults are those of FaceNet §3.2: 40 faces a person in batches of about 1 800. Raises
    ValueError for a shape without a triplet.
    """

    people: int = 45
    faces: int = 40
    strangers: int = 0

    def __post_init__(self) -> None:
        too_few = self.people < 1 or self.faces < 2 or self.strangers < 0
        if too_few or self.people + self.strangers < 2:
            raise ValueError(f"no batch can be of {self}")


class PersonBatches:
    """Batches without an end, as indices of faces; the same `generator` state gives the same ones.

    People take turns so that all faces are used about equally often: the next are those whose faces
    were used least on average. Nobody is twice in a batch, so that somebody with more than
    N / `shape.people` of the N faces is in every batch and still falls behind.
    """

    def __init__(
        self,
        labels: Indices,
        shape: BatchShape,
        generator: np.random.Generator,
        *,
        events: Indices | None = None,
        duplicates: Indices | None = None,
    ) -> None:
        """Of faces with `labels` [N]: the number of a person or -1.

        `events` [N] say what was taken on one occasion, -1 for unknown: a person's faces of one
        event are spread over the batches as evenly as their numbers allow. `duplicates` [N] are
        numbers of groups of near-duplicates, -1 for none: a batch has at most one face of each,
        and the group is used as often as a single face. Whoever has no two faces then is one of
        the strangers.

        Raises UserError where no batch could hold a triplet.
        """
        count = len(labels)
        events = np.full(count, -1, np.int64) if events is None else events
        duplicates = np.full(count, -1, np.int64) if duplicates is None else duplicates
        self._shape, self._generator = shape, generator
        self._people: dict[int, _Turns] = {}
        outsiders = [np.flatnonzero(labels < 0)]
        for person in np.unique(labels[labels >= 0]).tolist():
            faces = np.flatnonzero(labels == person)
            turns = _Turns(_units(faces, duplicates), events, generator)
            if len(turns) < 2:
                outsiders.append(faces)
            else:
                self._people[person] = turns
        strangers = np.concatenate(outsiders)
        self._strangers = _Turns(_units(strangers, duplicates), events, generator)
        others = min(shape.people, len(self._people)) - 1 + min(shape.strangers, len(strangers))
        if not self._people or not others:
            raise UserError(
                f"Training needs at least two people with two different photos each, and of the "
                f"{count} faces given only {len(self._people)} people have them; name more faces."
            )

    def __iter__(self) -> Iterator[Indices]:
        """One batch after the other, for ever."""
        while True:
            yield self.draw()

    def draw(self, lookalikes: Mapping[int, Indices] | None = None) -> Indices:
        """The next batch [B]: person by person, then the strangers.

        `lookalikes` are for each person those who are taken for them, the likeliest first. Then
        half of the batch's people are those of the first one, where that one has so many.
        """
        chosen = self._choose(lookalikes or {})
        faces = [self._people[person].take(self._shape.faces) for person in chosen]
        return np.concatenate([*faces, self._strangers.take(self._shape.strangers)])

    def _choose(self, lookalikes: Mapping[int, Indices]) -> list[int]:
        people = list(self._people)
        ties = self._generator.random(len(people))
        used = np.array([self._people[person].used for person in people])
        in_turn = [people[place] for place in np.lexsort((ties, used))]
        alike = lookalikes.get(in_turn[0], np.empty(0, np.int64)).tolist()
        alike = [person for person in alike if person in self._people]
        wanted = dict.fromkeys([in_turn[0], *alike[: self._shape.people // 2], *in_turn])
        return list(wanted)[: self._shape.people]


@dataclass
class _Turns:
    """Faces that are taken in turn; each of `units` is one face, or near-duplicates of it."""

    units: list[list[int]]
    events: Indices
    generator: np.random.Generator
    _queue: list[int] = field(default_factory=list, init=False)
    _taken: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        for unit in self.units:
            self.generator.shuffle(unit)

    def __len__(self) -> int:
        return len(self.units)

    @property
    def used(self) -> float:
        """How often each was taken, on average."""
        return self._taken / len(self)

    def take(self, count: int) -> Indices:
        """The next faces, `count` or as many as there are, none of a unit with another."""
        count = min(count, len(self))
        if len(self._queue) < count:
            # Those that are about to be taken must not come twice.
            coming = set(self._queue)
            again = self._order()
            self._queue += [unit for unit in again if unit not in coming]
            self._queue += [unit for unit in again if unit in coming]
        now, self._queue = self._queue[:count], self._queue[count:]
        self._taken += count
        return np.array([self._next_of(unit) for unit in now], np.int64)

    def _next_of(self, unit: int) -> int:
        faces = self.units[unit]
        faces.append(faces.pop(0))
        return faces[-1]

    def _order(self) -> list[int]:
        """All units, those of every event spread over the whole order."""
        order = self.generator.permutation(len(self))
        event = np.array([self.events[self.units[unit][0]] for unit in order.tolist()], np.int64)
        # Whose event is not known has one alone.
        alone = event < 0
        event[alone] = event.max(initial=0) + 1 + np.arange(alone.sum())
        _, event, sizes = np.unique(event, return_inverse=True, return_counts=True)
        starts = self.generator.random(len(sizes))
        number = np.zeros(len(order))
        by_event = np.argsort(event, kind="stable")
        number[by_event] = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        place = (number + starts[event]) / sizes[event]
        spread: list[int] = order[np.argsort(place, kind="stable")].tolist()
        return spread


def _units(faces: Indices, duplicates: Indices) -> list[list[int]]:
    """The faces, near-duplicates together."""
    groups: dict[int, list[int]] = {}
    units = []
    for face, group in zip(faces.tolist(), duplicates[faces].tolist(), strict=True):
        if group < 0:
            units.append([face])
        elif group in groups:
            groups[group].append(face)
        else:
            groups[group] = [face]
            units.append(groups[group])
    return units
