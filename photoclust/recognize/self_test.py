"""What the confirmed faces say about recognition: each is judged as if nobody had said who it is.

Judged among all people but without its own word it tells what right matches score (leave one out),
among all others what a stranger's best match does: the open-set case, with as many people as there
are in this very library.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.progress import JobControl
from photoclust.recognize import gallery, lookalikes
from photoclust.recognize.candidates import KEPT, Candidates, KeptCandidates, find
from photoclust.recognize.faces import Faces, Ids
from photoclust.recognize.gallery import Gallery, ages_of, face_weights, time_weights, unit
from photoclust.recognize.open_set import OddsModel

_FACES, _AT_LEAST = 20, 2
"""Faces of a person that are judged: more would let those with thousands decide."""
_ALL_FACES = 3_000
"""Faces that are judged in all, at most."""
_SLIP = 3.0
_AT_ONCE = 500
_FEWER = 1.1
"""By how much at most likeness to a prototype grows with one more face."""
_SAME_SHOT_S = 60
"""What was photographed within a minute of a face says nothing about how well it would be known."""


@dataclass(frozen=True, slots=True, eq=False)
class SelfTest:
    """What came of judging the confirmed faces `rows` [J].

    `own` [J] float32: how alike each and its person are without it, NaN where nothing else of them
    is there. `others` are the candidates among all other people.
    """

    rows: Ids
    own: NDArray[np.float32]
    others: Candidates

    def own_scores(self) -> NDArray[np.float32]:
        """The score of each face and its own person, [J]; NaN where they have nothing else."""
        with_own = Candidates(
            np.insert(self.others.people[:, : KEPT - 1], 0, 0, axis=1),
            np.insert(self.others.likeness[:, : KEPT - 1], 0, self.own, axis=1),
        )
        scores: NDArray[np.float32] = with_own.scores()[:, 0]
        return scores

    def without_slips(self, model: OddsModel) -> "SelfTest":
        """This without the faces that by `model` are far likelier somebody else who is known: few
        slips of whoever named them would make every match look doubtful.
        """
        own = model.log_odds(self.own_scores())
        others = model.log_odds(self.others.scores()[:, 0])
        slips = (self.others.people[:, 0] >= 0) & (others - own > _SLIP)
        kept = np.flatnonzero(~slips)
        return SelfTest(self.rows[kept], self.own[kept], self.others.of(kept))

    def without(self, barred: NDArray[np.bool_]) -> "SelfTest":
        """This without the other people that are `barred` [J, KEPT]."""
        return SelfTest(self.rows, self.own, self.others.without(barred))

    def right(self) -> NDArray[np.float32]:
        """The scores of right matches, [R]."""
        scores = self.own_scores()
        return scores[~np.isnan(scores)]

    def wrong(self) -> NDArray[np.float32]:
        """The scores of the best wrong matches, [W]."""
        scores: NDArray[np.float32] = self.others.scores()[self._mismatched, 0]
        return scores

    def wrong_rows(self) -> Ids:
        """Those of `rows` that have a wrong match, [W]."""
        return self.rows[self._mismatched]

    @property
    def _mismatched(self) -> NDArray[np.bool_]:
        return self.others.people[:, 0] >= 0


def judged_rows(person: Ids, seed: int = 0) -> Ids:
    """The confirmed faces that are judged: of each person in `person` [N] a few; of very many
    people, of some of them.
    """
    known = np.flatnonzero(person >= 0)
    people = np.unique(person[known])
    if len(people) > _ALL_FACES // _AT_LEAST:
        # Draws for every id: who else gets known hardly changes who is judged.
        draws = np.random.default_rng(seed).random(int(people[-1]) + 1)[people]
        people = people[np.argsort(draws)[: _ALL_FACES // _AT_LEAST]]
        known = known[np.isin(person[known], people)]
    # And for every face, known or not.
    mixed = known[np.argsort(np.random.default_rng(seed).random(len(person))[known])]
    mixed = mixed[np.argsort(person[mixed], kind="stable")]
    first = np.flatnonzero(np.diff(person[mixed], prepend=-1))
    place = np.arange(len(mixed)) - np.repeat(first, np.diff(np.append(first, len(mixed))))
    each = np.clip(_ALL_FACES // max(len(first), 1), _AT_LEAST, _FACES)
    return np.sort(mixed[place < each])


class SelfTester:
    """Judges confirmed faces of the same N again and again while users decide about them; what
    hangs on people who did not change stays.

    A face is compared with others as if nobody had said that it and the faces of other people that
    look like it are different people: so strangers are judged.
    """

    def __init__(self, faces: Faces) -> None:
        self._faces = faces
        count = len(faces.vectors)
        nobody = np.full(count, -1, np.int64)
        self._near = lookalikes.weights(faces.neighbours, nobody, faces.photo)
        self._gallery = gallery.build(faces.vectors, nobody, faces.quality, faces.times)
        self._candidates = KeptCandidates(count)
        self._own = np.full(count, np.nan, np.float32)
        self._own_known = np.zeros(count, np.bool_)

    def run(self, person: Ids, vectors: Vectors, changed: Ids, control: JobControl) -> SelfTest:
        """Judge a few faces of those who are known, `person` [N], after the people `changed` have;
        `vectors` [N, dim] are those that are compared. Raises CancelledError when cancelled.
        """
        rows = judged_rows(person)
        part = self._replace(person, changed)
        self._own_known[np.isin(person, changed)] = False
        new = rows[~self._own_known[rows]]
        self._own[new] = leave_one_out(self._faces, vectors, person, new, control=control)
        self._own_known[new] = True
        self._candidates.update(
            rows,
            changed,
            (part, self._gallery),
            self._as_strangers,
            self._faces.times,
            control=control,
        )
        return self._tested(person, rows, self._own[rows], self._candidates.of(rows))

    def run_all(self, person: Ids, vectors: Vectors, control: JobControl) -> SelfTest:
        """As the last `run`, but of all confirmed faces."""
        rows = np.flatnonzero(person >= 0)
        own = leave_one_out(self._faces, vectors, person, rows, control=control)
        times = self._faces.times[rows]
        found = find(self._gallery, self._as_strangers(rows), times, control=control)
        return self._tested(person, rows, own, found)

    def _replace(self, person: Ids, changed: Ids) -> Gallery:
        """Bring the people who `changed` up to date; gives a gallery of those that are there."""
        theirs = np.flatnonzero((person >= 0) & np.isin(person, changed))
        quality, times = self._faces.quality[theirs], self._faces.times[theirs]
        part = gallery.build(self._as_strangers(theirs), person[theirs], quality, times)
        self._gallery = self._gallery.replaced(changed, part)
        return part

    def _as_strangers(self, rows: Ids) -> Vectors:
        return lookalikes.blended(self._faces.vectors, self._near, rows)

    @staticmethod
    def _tested(person: Ids, rows: Ids, own: NDArray[np.float32], found: Candidates) -> SelfTest:
        return SelfTest(rows, own, found.without(found.people == person[rows][:, None]))


def leave_one_out(
    faces: Faces, vectors: Vectors, person: Ids, rows: Ids, *, control: JobControl | None = None
) -> NDArray[np.float32]:
    """How alike each of the confirmed faces `rows` [J] and the prototype of their other faces are,
    NaN where there are none; faces of the same photo or minute are no other faces. As it would be
    with as many faces as there are, not one less.

    `vectors` [N, dim]: those that are compared; `person` [N]: who the faces are, -1 unknown.
    Raises CancelledError when cancelled.
    """
    control = control or JobControl()
    own = np.full(len(rows), np.nan, np.float32)
    order = np.argsort(person, kind="stable")
    asked = np.argsort(person[rows], kind="stable")
    people = np.unique(person[rows])
    mine, ours = (
        [np.searchsorted(each, people, side).tolist() for side in ("left", "right")]
        for each in (person[order], person[rows[asked]])
    )
    for start, end, first, last in zip(*mine, *ours, strict=True):
        for part in np.array_split(asked[first:last], (last - first) // _AT_ONCE + 1):
            control.checkpoint()
            own[part] = _without_themselves(faces, vectors, rows[part], order[start:end])
    return own


def _without_themselves(
    faces: Faces, vectors: Vectors, asked: Ids, mine: Ids
) -> NDArray[np.float32]:
    """For each of the faces `asked` [J] of a person the cosine to the prototype of the others of
    `mine` [n], all of theirs.
    """
    times = faces.times[mine]
    at = np.full(len(asked), np.nan) if np.isnan(ages_of(times)[0]) else faces.times[asked]
    all_weights = face_weights(faces.quality[mine]) * time_weights(at, times)
    same_minute = np.abs(faces.times[asked][:, None] - times) < _SAME_SHOT_S
    same = same_minute | (faces.photo[asked][:, None] == faces.photo[mine])
    weights = np.where(same, 0.0, all_weights)
    there = weights.any(axis=1)
    found = np.full(len(asked), np.nan, np.float32)
    others = _means(weights[there], vectors[mine])
    everything = _means(all_weights[there], vectors[mine])
    cosines = np.einsum("ij,ij->i", unit(others), vectors[asked[there]])
    # The mean of fewer faces is longer by what is theirs alone, and its cosines lower by as much.
    fewer = np.linalg.norm(others, axis=1) / np.linalg.norm(everything, axis=1)
    found[there] = cosines * np.clip(fewer, 1.0, _FEWER)
    return found


def _means(weights: NDArray[np.float64], vectors: Vectors) -> Vectors:
    """The means of `vectors` [n, dim] by `weights` [J, n]: [J, dim]."""
    shares = weights / weights.sum(axis=1, keepdims=True)
    means: Vectors = shares.astype(np.float32) @ vectors
    return means
