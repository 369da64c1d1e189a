"""The bookkeeping of average linkage: groups that grow, and edges that follow them.

What is kept of two groups is the sum of the distances 1 − cosine over the pairs of their faces. It
only adds up as the groups grow, so a lower bound of it says at which sizes the groups could be near
enough to join at the earliest; until then the edge sleeps. Of the edges that are awake, only those
that may decide a round have their sum worked out anew, as the product of two sums of vectors.
Products are taken row by row, so that the number of threads does not show in the result.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from photoclust.cluster.neighbors import Neighbours
from photoclust.core.arrays import Vectors
from photoclust.core.progress import JobControl

Indices = NDArray[np.int64]

_BLOCK = 8192
"""Pairs of groups whose vectors are multiplied at a time."""
_MARGIN = 1.1
"""Edges up to this much too long stay awake: they would wake a group at every join."""
_TIGHT = 0.95
"""Share of the pairs of two groups whose distances must be summed up for a useful bound."""
_TIED = 1.02
"""Bounds up to this far above a nearest one are worked out along with it."""
_WATCH_ROUNDS = 64
"""Rounds after which the edges between groups that cannot change are passed over anew."""


class Groups:
    """What is known of each group; one that was joined leads `into` another of a lower number.

    There is one more, of no faces, where dropped edges lead.
    """

    def __init__(
        self, vectors: Vectors, neighbours: Neighbours, group_of: Indices, count: int
    ) -> None:
        faces = len(vectors)
        self.size = np.bincount(group_of, minlength=count + 1)
        ones = np.ones(faces, np.float32)
        members = csr_array((ones, (group_of, np.arange(faces))), shape=(count, faces))
        self.sums: Vectors = members @ vectors
        # The least distance to a face that a row leaves out.
        unlisted = np.zeros(faces)
        if neighbours.indices.shape[1]:
            full = neighbours.indices[:, -1] >= 0
            unlisted[full] = np.maximum(1 - neighbours.similarities[full, -1], 0)
        self.unlisted = np.full(count + 1, np.inf)
        np.minimum.at(self.unlisted, group_of, unlisted)
        self.into = np.arange(count + 1)
        # The size at which one of the edges that sleep may have become short enough.
        self.wake = np.full(count + 1, np.inf)
        self.changed = np.ones(count + 1, bool)
        self.woken = np.ones(count + 1, bool)

    def join(self, one: Indices, other: Indices) -> None:
        """Put each group of `other` into that of `one`: the `changed` groups.

        Of these, all edges of the `woken` must be looked at.
        """
        for first in range(0, len(one), _BLOCK):
            block = slice(first, first + _BLOCK)
            self.sums[one[block]] += self.sums[other[block]]
        self.size[one] += self.size[other]
        self.unlisted[one] = np.minimum(self.unlisted[one], self.unlisted[other])
        self.into[other] = one
        self.changed[:] = self.woken[:] = False
        self.changed[one] = self.changed[other] = self.woken[other] = True
        woken = one[self.size[one] >= self.wake[one]]
        self.woken[woken] = True
        self.wake[woken] = np.inf

    def roots(self) -> Indices:
        """The group in which each group ended."""
        into = self.into
        while (into[into] != into).any():
            into = into[into]
        return into


class Edges:
    """Pairs of groups, `one` < `other`.

    `listed` is the sum of the distances over the `known` pairs of faces, those that the graph
    lists; `least` is a lower bound of the sum over all pairs. The same two groups may have several
    edges, of different pairs of faces, until these are looked at together. Groups join at a mean
    distance of up to `limit` (1 − cosine, above 0).
    """

    def __init__(
        self,
        neighbours: Neighbours,
        group_of: Indices,
        count: int,
        limit: float,
        control: JobControl,
    ) -> None:
        faces, width = neighbours.indices.shape
        rows = np.repeat(np.arange(faces), width)
        columns = neighbours.indices.ravel()
        key = np.minimum(rows, columns) * faces + np.maximum(rows, columns)
        order = np.argsort(key, kind="stable")
        # Each pair once, whichever of the two lists the other.
        once = order[np.diff(key[order], prepend=-1) > 0]
        once = once[(columns[once] >= 0) & (group_of[rows[once]] != group_of[columns[once]])]
        ends = group_of[rows[once]], group_of[columns[once]]
        self.one, self.other = np.minimum(*ends), np.maximum(*ends)
        self.listed = np.maximum(1 - neighbours.similarities.ravel()[once].astype(np.float64), 0)
        self.known = np.ones(len(once), np.int64)
        self.least = self.listed.copy()
        # How many pairs there were when the sum over all was last worked out.
        self.weighed = self.known.copy()
        self._nowhere = count
        self._limit = limit
        self.control = control
        self._near = np.empty(0, np.int64)
        self._mean = np.empty(0)
        self._stale = np.empty(0, bool)
        self._active = np.zeros(count + 1, bool)
        self._watched = self._near
        self._nearest = np.full(count + 1, np.inf)
        self._best = np.full(count + 1, count)
        self._rounds = 0

    def look(self, which: Indices, groups: Groups, apart: Indices) -> None:
        """Find out which of the edges `which` are short; the others sleep.

        Those whose groups are in a row of `apart` [P, 2] are dropped.
        """
        limit = self._limit
        which = self._once(which)
        key = self._key(self.one[which], self.other[which])
        which = which[~self._drop_where(np.isin(key, self._key(*np.sort(apart, axis=1).T)), which)]
        one, other = self.one[which], self.other[which]
        pairs = groups.size[one] * groups.size[other]
        # Where all edges of a group are looked at, what they do not list is not listed.
        whole = groups.woken[one] | groups.woken[other]
        unlisted = np.maximum(groups.unlisted[one], groups.unlisted[other])
        bound = self.listed[which] + unlisted * (pairs - self.known[which])
        least = np.where(whole, np.maximum(self.least[which], bound), self.least[which])
        exact = whole & (self.known[which] == pairs)
        least[exact] = self.listed[which[exact]]
        near = least <= _MARGIN * limit * pairs
        coarse = near & ~exact & (self.weighed[which] < _TIGHT * pairs)
        self.least[which] = least
        self._weigh(which[coarse], groups)
        least[coarse] = self.least[which[coarse]]
        near &= least <= _MARGIN * limit * pairs
        asleep = ~near
        growth = np.sqrt(least[asleep] / (limit * pairs[asleep]))
        for end in (one[asleep], other[asleep]):
            np.minimum.at(groups.wake, end, groups.size[end] * growth)
        self._near = np.concatenate([self._near, which[near]])
        self._mean = np.concatenate([self._mean, least[near] / pairs[near]])
        self._stale = np.concatenate([self._stale, (near & ~exact & ~coarse)[near]])
        short = least <= limit * pairs
        known = self._active[one[short]] & self._active[other[short]]
        self._rounds += 1
        if self._rounds % _WATCH_ROUNDS == 0 or not known.all():
            self._watch()

    def mutual(self, groups: Groups) -> tuple[Indices, Indices, NDArray[np.float64]]:
        """The pairs of groups that are each other's nearest, of those that may join, and their mean
        distances.
        """
        while True:
            short = np.flatnonzero(self._mean <= self._limit)
            near, mean, stale = self._near[short], self._mean[short], self._stale[short]
            one, other = self.one[near], self.other[near]
            ends, others, means = np.r_[one, other], np.r_[other, one], np.r_[mean, mean]
            np.minimum.at(self._nearest, ends, means)
            tied = means == self._nearest[ends]
            np.minimum.at(self._best, ends[tied], others[tied])
            pair = (self._best[one] == other) & (self._best[other] == one)
            rival = stale & (mean <= _TIED * np.minimum(self._nearest[one], self._nearest[other]))
            rival |= stale & pair
            self._nearest[ends] = np.inf
            self._best[ends] = self._nowhere
            if not (stale & pair).any():
                return one[pair], other[pair], mean[pair]
            self._weigh(near[rival], groups)
            self._mean[short[rival]] = self.least[near[rival]] / self.weighed[near[rival]]
            self._stale[short[rival]] = False

    def _weigh(self, which: Indices, groups: Groups) -> None:
        """Work out the sum of distances over all pairs of faces."""
        for first in range(0, len(which), _BLOCK):
            self.control.checkpoint()
            block = which[first : first + _BLOCK]
            one, other = self.one[block], self.other[block]
            pairs = groups.size[one] * groups.size[other]
            product = np.einsum("ij,ij->i", groups.sums[one], groups.sums[other])
            self.least[block], self.weighed[block] = pairs - product, pairs

    def follow(self, groups: Groups) -> Indices:
        """Lead the edges of joined groups to the joint ones; the edges that must be looked at."""
        one, other = self.one[self._near], self.other[self._near]
        changed = groups.changed[one] | groups.changed[other]
        woken = groups.woken[one] | groups.woken[other]
        again = self._near[changed & ~woken]
        self._near, self._mean = self._near[~changed], self._mean[~changed]
        self._stale = self._stale[~changed]
        one, other = self.one[self._watched], self.other[self._watched]
        which = np.concatenate([again, self._watched[groups.woken[one] | groups.woken[other]]])
        one, other = groups.into[self.one[which]], groups.into[self.other[which]]
        self.one[which], self.other[which] = np.minimum(one, other), np.maximum(one, other)
        return which[~self._drop_where(one == other, which)]

    def _watch(self) -> None:
        """Pass over edges between groups of which neither can change; forget dropped edges."""
        kept = self.one < self._nowhere
        if 2 * np.count_nonzero(kept) < len(kept):
            self._near = (np.cumsum(kept) - 1)[self._near]
            self.one, self.other = self.one[kept], self.other[kept]
            self.listed, self.known = self.listed[kept], self.known[kept]
            self.least, self.weighed = self.least[kept], self.weighed[kept]
        self._active[:] = False
        short = self._near[self._mean <= self._limit]
        self._active[self.one[short]] = self._active[self.other[short]] = True
        self._watched = np.flatnonzero(self._active[self.one] | self._active[self.other])

    def _once(self, which: Indices) -> Indices:
        """`which` with the edges between the same two groups made one."""
        key = self._key(self.one[which], self.other[which])
        order = np.argsort(key, kind="stable")
        which, key = which[order], key[order]
        first = np.diff(key, prepend=-1) > 0
        if first.all():
            return which
        starts, kept = np.flatnonzero(first), which[first]
        self.listed[kept] = np.add.reduceat(self.listed[which], starts)
        self.known[kept] = np.add.reduceat(self.known[which], starts)
        # Their bounds may be of the same pairs, and do not add up.
        self.least[kept] = np.maximum.reduceat(self.least[which], starts)
        self.weighed[kept] = np.maximum.reduceat(self.weighed[which], starts)
        self._drop_where(~first, which)
        return kept

    def _key(self, one: Indices, other: Indices) -> Indices:
        return one * (self._nowhere + 1) + other

    def _drop_where(self, condition: NDArray[np.bool_], which: Indices) -> NDArray[np.bool_]:
        self.one[which[condition]] = self.other[which[condition]] = self._nowhere
        return condition
