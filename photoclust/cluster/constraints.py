"""What must be one group and what must not: the user's decisions, and faces that share a photo.

Decisions are hard in every method. Two faces of one photo are two people as long as nobody says
otherwise: photos may be excepted (mirrors, collages), and who must be together may share one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from photoclust.cluster.agglomerative import average_linkage
from photoclust.cluster.labels import Labels, centres, compact, unique_pairs, without_small
from photoclust.cluster.neighbors import nearest
from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError

_NEIGHBOURS = 64
_FEW = 0.1
"""A group of which more than this share (and more than one face) is beside another of their photo
holds several people.
"""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Decisions that contradict each other: `faces` (rows) must be one group and must not.

    `kind` says what: "people" (faces of two people are linked) or "cannot_link".
    """

    kind: str
    faces: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Constraints:
    """What is known of N faces before any grouping.

    `identity` [N]: faces with the same number ≥ 0 must be together, -1 for the others. `person`
    [N]: the known person of a face, by their identity; different people are never together; -1
    unknown. `apart` [P, 2]: pairs of rows that are never together. `photo` [N]: faces of the same
    number are never together.
    """

    identity: Labels
    person: Labels
    apart: Labels
    photo: Labels

    def of(self, rows: Labels) -> "Constraints":
        """The constraints among the faces `rows`, numbered by their places in `rows`."""
        place = np.full(len(self.identity), -1, np.int64)
        place[rows] = np.arange(len(rows))
        apart = place[self.apart]
        return Constraints(
            self.identity[rows],
            self.person[rows],
            apart[(apart >= 0).all(axis=1)],
            self.photo[rows],
        )

    def among(self, there: NDArray[np.bool_]) -> "Constraints":
        """The constraints among the faces `there` [N] alone: of the others nothing is known."""
        return Constraints(
            np.where(there, self.identity, -1),
            np.where(there, self.person, -1),
            self.apart[there[self.apart].all(axis=1)],
            self.photo,
        )


def pairs_of(value: ArrayLike, name: str, count: int) -> Labels:
    """`value` as pairs of rows [P, 2] int64. Raises InternalError where it is none."""
    pairs = np.asarray(value, np.int64).reshape(-1, 2)
    if len(pairs) and (pairs.min() < 0 or pairs.max() >= count):
        raise InternalError(f"{name} names a face that is not there")
    return pairs


def understand(
    photo_ids: Labels,
    people: Labels,
    must_link: Labels,
    cannot_link: Labels,
    same_photo_exceptions: Sequence[int] | Labels = (),
) -> tuple[Constraints, tuple[Conflict, ...]]:
    """The constraints, and where they contradict each other.

    A must-link that contradicts is not followed: the people who are known, and what is said to be
    apart, stay apart. Arguments as those of `cluster_faces`.
    """
    count = len(photo_ids)
    known, places = np.unique(people[people >= 0], return_index=True)
    anchor = np.flatnonzero(people >= 0)[places]
    one = np.flatnonzero(people >= 0)
    of_person = np.column_stack([anchor[np.searchsorted(known, people[one])], one])
    linked = _components(count, np.concatenate([of_person, must_link]))
    alone = _components(count, of_person)
    conflicts = []
    bad = set()
    for component in _mixed(linked, people):
        members = np.flatnonzero((linked == component) & (people >= 0))
        firsts = members[np.unique(people[members], return_index=True)[1]]
        conflicts.append(Conflict("people", tuple(sorted(firsts.tolist()))))
        bad.add(component)
    for pair in cannot_link[linked[cannot_link[:, 0]] == linked[cannot_link[:, 1]]]:
        conflicts.append(Conflict("cannot_link", tuple(pair.tolist())))
        bad.add(int(linked[pair[0]]))
    if bad:
        kept = ~np.isin(linked[must_link[:, 0]], sorted(bad))
        linked = _components(count, np.concatenate([of_person, must_link[kept]]))
        within_person = alone[cannot_link[:, 0]] == alone[cannot_link[:, 1]]
        cannot_link = cannot_link[~within_person]
    sizes = np.bincount(linked, minlength=1)
    identity = np.where((sizes[linked] > 1) | (people >= 0), linked, -1)
    of_identity = np.full(count + 1, -1, np.int64)
    of_identity[linked[anchor]] = linked[anchor]
    person = np.where(identity >= 0, of_identity[identity], -1)
    photo = _exclusive(photo_ids, identity, same_photo_exceptions)
    return Constraints(identity, person, cannot_link, photo), tuple(conflicts)


def shared_photos(labels: Labels, photo: Labels) -> int:
    """How many faces are, with certainty, in a wrong group: those beyond the first of each photo in
    each group. An honest count of errors that needs no truth.
    """
    grouped = labels >= 0
    _, _, counts = unique_pairs(labels[grouped], photo[grouped])
    return int((counts - 1).sum())


class Barred:
    """Which groups may not be one, by what their faces are and which photos they are in."""

    def __init__(self, labels: Labels, constraints: Constraints) -> None:
        groups = int(labels.max(initial=-1)) + 1
        members = np.flatnonzero(labels >= 0)
        _, photo = np.unique(constraints.photo[members], return_inverse=True)
        ones = np.ones(len(members), np.int32)
        self._photos = csr_array(
            (ones, (labels[members], photo)), shape=(groups, int(photo.max(initial=0)) + 1)
        )
        self._person = np.full(groups, -1, np.int64)
        known = members[constraints.person[members] >= 0]
        self._person[labels[known]] = constraints.person[known]
        pairs = labels[constraints.apart]
        pairs = pairs[(pairs >= 0).all(axis=1)]
        both = np.concatenate([pairs, pairs[:, ::-1]])
        self._groups = groups
        self._apart = np.unique(both[:, 0] * groups + both[:, 1])

    def between(self, one: Labels, other: Labels) -> NDArray[np.bool_]:
        """Whether the groups `one` [E] and `other` [E] may not be one, pair by pair."""
        photos = self._photos[one].multiply(self._photos[other]).sum(axis=1) > 0
        mine, theirs = self._person[one], self._person[other]
        people = (mine >= 0) & (theirs >= 0) & (mine != theirs)
        apart = np.isin(one * self._groups + other, self._apart)
        barred: NDArray[np.bool_] = photos | people | apart
        return barred


def enforce(
    labels: Labels, vectors: Vectors, constraints: Constraints, *, alike: float, apart: float
) -> Labels:
    """`labels` made to obey: groups that hold what must not be together are cut, by average linkage
    that may not join it, and what must be together is brought together.

    Cosines: parts of a group that is cut are two if less alike than `apart` on average; groups that
    share a person by decision become one if their middles are `alike`.
    """
    labels = _without_seconds(labels, vectors, constraints)
    labels = without_small(_cut_contradictions(labels, vectors, constraints, apart), 2)
    if not (constraints.identity >= 0).any():
        return labels
    labels = _together(labels, vectors, constraints, alike)
    return _cut_contradictions(labels, vectors, constraints, apart)


def _components(count: int, pairs: Labels) -> Labels:
    ones = np.ones(len(pairs), np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    components: Labels = connected_components(graph, directed=False)[1].astype(np.int64)
    return components


def _mixed(linked: Labels, people: Labels) -> list[int]:
    """The components that hold faces of two known people."""
    known = people >= 0
    components, _, _ = unique_pairs(linked[known], people[known])
    numbers, counts = np.unique(components, return_counts=True)
    return [int(number) for number in numbers[counts > 1]]


def _exclusive(photo_ids: Labels, identity: Labels, exceptions: Sequence[int] | Labels) -> Labels:
    """Numbers that faces share if one of them bars the other from its group."""
    _, photo = np.unique(photo_ids, return_inverse=True)
    photo = photo.astype(np.int64)
    free = np.isin(photo_ids, np.asarray(exceptions, np.int64))
    # Who must be together may be in a photo twice: the first of them speaks for all.
    known = np.flatnonzero(identity >= 0)
    order = known[np.lexsort((known, identity[known], photo[known]))]
    again = (np.diff(photo[order]) == 0) & (np.diff(identity[order]) == 0)
    free[order[1:][again]] = True
    photo[free] = int(photo.max(initial=0)) + 1 + np.arange(int(free.sum()))
    return photo


def _without_seconds(labels: Labels, vectors: Vectors, constraints: Constraints) -> Labels:
    """`labels` where of the faces of one photo in a group only the one nearest to its middle stays,
    as long as few of its photos are concerned: many of them make it a group of several people.

    Nobody is put out who must be with somebody.
    """
    grouped = np.flatnonzero(labels >= 0)
    middles = centres(labels, vectors)
    own = np.einsum("ij,ij->i", vectors[grouped], middles[labels[grouped]])
    own[constraints.identity[grouped] >= 0] = np.inf
    order = np.lexsort((-own, constraints.photo[grouped], labels[grouped]))
    rows = grouped[order]
    second = np.zeros(len(rows), bool)
    second[1:] = (np.diff(labels[rows]) == 0) & (np.diff(constraints.photo[rows]) == 0)
    seconds = np.bincount(labels[rows[second]], minlength=len(middles))
    few = seconds <= np.maximum(_FEW * np.bincount(labels[grouped], minlength=len(middles)), 1)
    out = rows[second & few[labels[rows]] & (constraints.identity[rows] < 0)]
    labels = labels.copy()
    labels[out] = -1
    return labels


def _cut_contradictions(
    labels: Labels, vectors: Vectors, constraints: Constraints, apart: float
) -> Labels:
    result = labels.copy()
    for group in _contradictory(labels, constraints):
        rows = np.flatnonzero(labels == group)
        mine = constraints.of(rows)
        start = np.where(mine.identity >= 0, mine.identity, -1)
        parts = average_linkage(
            vectors[rows],
            nearest(vectors[rows], min(_NEIGHBOURS, len(rows) - 1)),
            threshold=apart,
            start=compact(start),
            cannot_link=_all_pairs(mine),
        )
        result[rows] = np.where(parts < 0, -1, parts + result.max(initial=-1) + 1)
    return compact(result)


def _contradictory(labels: Labels, constraints: Constraints) -> list[int]:
    """The groups that hold what must not be together."""
    grouped = np.flatnonzero(labels >= 0)
    found = []
    for kind in (constraints.photo, constraints.person):
        rows = grouped[kind[grouped] >= 0]
        groups, _, counts = unique_pairs(labels[rows], kind[rows])
        if kind is constraints.photo:
            found.append(groups[counts > 1])
        else:
            numbers, people = np.unique(groups, return_counts=True)
            found.append(numbers[people > 1])
    ends = labels[constraints.apart]
    found.append(ends[(ends[:, 0] == ends[:, 1]) & (ends[:, 0] >= 0), 0])
    return [int(group) for group in np.unique(np.concatenate(found))]


def _all_pairs(constraints: Constraints) -> Labels:
    """Every pair of rows that must be apart, for whatever reason."""
    pairs = [constraints.apart]
    order = np.argsort(constraints.photo, kind="stable")
    photos = constraints.photo[order]
    for distance in range(1, len(order)):
        same = np.flatnonzero(photos[distance:] == photos[:-distance])
        if len(same) == 0:
            break
        pairs.append(np.column_stack([order[same], order[same + distance]]))
    people, firsts = np.unique(constraints.person, return_index=True)
    firsts = firsts[people >= 0]
    one, other = np.triu_indices(len(firsts), 1)
    pairs.append(np.column_stack([firsts[one], firsts[other]]))
    return np.concatenate(pairs)


def _together(labels: Labels, vectors: Vectors, constraints: Constraints, alike: float) -> Labels:
    """Faces that must be together are taken to where most of them are.

    Other groups that hold some of them come along where they look like the same person: a confirmed
    face in a group of somebody else says nothing of that group.
    """
    known = np.flatnonzero(constraints.identity >= 0)
    _, identity = np.unique(constraints.identity[known], return_inverse=True)
    identities = int(identity.max(initial=-1)) + 1
    placed = labels[known] >= 0
    held, where, sizes = unique_pairs(identity[placed], labels[known[placed]])
    home = np.full(identities, -1, np.int64)
    largest_last = np.lexsort((-where, sizes))
    home[held[largest_last]] = where[largest_last]
    homeless = np.flatnonzero(home < 0)
    home[homeless] = labels.max(initial=-1) + 1 + np.arange(len(homeless))
    one, other = home[held], where
    one, other = one[one != other], other[one != other]
    groups = int(home.max(initial=-1)) + 1
    if len(one):
        middles = centres(labels, vectors)
        near = np.einsum("ij,ij->i", middles[one], middles[other]) >= alike
        joined = near & ~Barred(labels, constraints).between(one, other)
        one, other = one[joined], other[joined]
    whole = _components(max(groups, int(labels.max(initial=-1)) + 1), np.column_stack([one, other]))
    result = np.where(labels >= 0, whole[labels], -1)
    result[known] = whole[home[identity]]
    return compact(result)
