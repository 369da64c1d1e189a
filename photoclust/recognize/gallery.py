"""The people who are known: for each a prototype of their confirmed faces, or several over time.

A prototype is the mean of the faces by their quality; `matchers` holds the nearest face and the
k-NN vote, to compare it with. People change, children most: who was photographed over years has a
prototype for every two of them, in which what is near in time counts more, and a face is compared
with the one nearest to its date.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.recognize.faces import Ids, Times

_YEAR_S = 365.25 * 24 * 3600
_EPOCH_S = 2 * _YEAR_S
_SCALE_S = 3 * _YEAR_S
_ALWAYS = 0.25
"""What a face counts that is far away in time, beside one of the same day."""
_UNDATED = 0.5
_POOR = 0.1
"""A face counts by its quality, but never less than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """P known people: `people` [P], their ids, ascending.

    `prototypes` [Q, dim] of unit length, those of a person from `first` [P] on, Q in all; `epochs`
    [Q]: the time each is for, in seconds, ascending for each person; NaN where a person has one
    for all times.
    """

    people: Ids
    prototypes: Vectors
    first: Ids
    epochs: Times

    def scores(self, vectors: Vectors, times: Times) -> NDArray[np.float32]:
        """How alike unit `vectors` [B, dim], taken at `times` [B] (NaN: unknown), and each person
        are: cosines [B, P]. A face without a date is compared with all prototypes of a person.
        """
        if len(self.prototypes) == len(self.people):
            cosines: NDArray[np.float32] = vectors @ self.prototypes.T
            return cosines
        # In the order of time the faces that one prototype is for stand together.
        order = np.argsort(times, kind="stable")
        times = times[order]
        dated = int(np.sum(~np.isnan(times)))
        by_prototype = self.prototypes @ vectors[order].T
        # The only one, and of several the first until it is replaced below.
        best = by_prototype[self.first]
        counts = self.counts
        several = np.flatnonzero(counts > 1)
        # Each but the first of a person is for what is from half way to the one before it on.
        middles = (self.epochs[1:] + self.epochs[:-1]) / 2
        begin = np.searchsorted(times[:dated], middles).tolist()
        for place, start, count in zip(
            several.tolist(), self.first[several].tolist(), counts[several].tolist(), strict=True
        ):
            best[place, dated:] = by_prototype[start : start + count, dated:].max(axis=0)
            bounds = [*begin[start : start + count - 1], dated]
            for number, (since, until) in enumerate(pairwise(bounds), start + 1):
                best[place, since:until] = by_prototype[number, since:until]
        result = np.empty((len(vectors), len(self.people)), np.float32)
        result[order] = best.T
        return result

    def replaced(self, changed: Ids, part: "Gallery") -> "Gallery":
        """This gallery with the people `changed` [C] as they are in `part`, where they are."""
        stays = ~np.isin(self.people, changed)
        both = (self, stays), (part, np.ones(len(part.people), np.bool_))
        people = np.concatenate([one.people[kept] for one, kept in both])
        counts = np.concatenate([one.counts[kept] for one, kept in both])
        starts = [self.first[stays], part.first + len(self.prototypes)]
        first = np.concatenate(starts)
        order = np.argsort(people, kind="stable")
        counts = counts[order]
        new_first = np.cumsum(counts) - counts
        # The places of all prototypes, person by person.
        rows = np.repeat(first[order] - new_first, counts) + np.arange(int(counts.sum()))
        prototypes = np.concatenate([self.prototypes, part.prototypes])
        epochs = np.concatenate([self.epochs, part.epochs])
        return Gallery(people[order], prototypes[rows], new_first, epochs[rows])

    @property
    def counts(self) -> Ids:
        """How many prototypes each person has, [P]."""
        return np.diff(self.first, append=len(self.prototypes))


def build(
    vectors: Vectors,
    person: Ids,
    quality: NDArray[np.float32],
    times: Times,
    *,
    only: Ids | None = None,
) -> Gallery:
    """The gallery of the faces with unit `vectors` [N, dim] whose `person` [N] is known (≥ 0), of
    `quality` [N] and taken at `times` [N]; `only` of these people.
    """
    known = np.flatnonzero(person >= 0 if only is None else np.isin(person, only))
    known = known[np.argsort(person[known], kind="stable")]
    people, starts = np.unique(person[known], return_index=True)
    prototypes: list[Vectors] = []
    epochs: list[Times] = []
    first = []
    count = 0
    for rows in np.split(known, starts[1:]) if len(people) else ():
        ages = ages_of(times[rows])
        weights = face_weights(quality[rows]) * time_weights(ages, times[rows])
        prototypes.append(unit(weights.astype(np.float32) @ vectors[rows]))
        epochs.append(ages)
        first.append(count)
        count += len(ages)
    if not count:
        empty = np.empty((0, vectors.shape[1]), np.float32)
        return Gallery(people, empty, np.empty(0, np.int64), np.empty(0))
    return Gallery(
        people, np.concatenate(prototypes), np.array(first, np.int64), np.concatenate(epochs)
    )


def ages_of(times: Times) -> Times:
    """The times [E] that the prototypes of a person with faces of `times` [n] are for; one NaN
    where one prototype is enough.
    """
    dated = np.sort(times[~np.isnan(times)])
    if len(dated) < 2 or dated[-1] - dated[0] < _EPOCH_S:
        return np.array([np.nan])
    epoch = ((dated - dated[0]) // _EPOCH_S).astype(np.int64)
    _, place = np.unique(epoch, return_inverse=True)
    means: Times = np.bincount(place, weights=dated) / np.bincount(place)
    return means


def face_weights(quality: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much confirmed faces of `quality` [n] count."""
    counted: NDArray[np.float64] = np.maximum(quality.astype(np.float64), _POOR)
    return counted


def time_weights(at: Times, times: Times) -> NDArray[np.float64]:
    """How much faces of `times` [n] count for the times `at` [E]: [E, n]."""
    away = np.abs(at[:, None] - times)
    near = _ALWAYS + (1 - _ALWAYS) * np.exp(-away / _SCALE_S)
    near[:, np.isnan(times)] = _UNDATED
    near[np.isnan(at)] = 1.0
    return near


def unit(vectors: Vectors) -> Vectors:
    """`vectors` [N, dim] brought to unit length."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled
