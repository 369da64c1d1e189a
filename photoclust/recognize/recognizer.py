"""Recognition of the faces of a library: who each is, how sure that is, and what becomes of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from photoclust.cluster.neighbor_lists import Neighbours
from photoclust.core.progress import JobControl
from photoclust.recognize import gallery, lookalikes, pairs, photo_mates, twins
from photoclust.recognize.calibration import Platt
from photoclust.recognize.candidates import Candidates, KeptCandidates
from photoclust.recognize.corrections import heed_rejected, mix_ups, widened
from photoclust.recognize.doubts import Doubts, find_doubts
from photoclust.recognize.faces import Decisions, Faces, Ids
from photoclust.recognize.open_set import (
    OddsModel,
    Probabilities,
    Witnesses,
    fit_odds,
    known_share,
    most_at,
)
from photoclust.recognize.self_test import SelfTest, SelfTester

_UNSURE = 10
"""No single name given automatically may be so many times as likely wrong as all of them are on
average, nor as likely wrong as right: those of a group are wrong together.
"""
_NEVER_SURER = 1 - 1e-12
ASKED_FROM = 0.2
"""Faces less sure than this are left alone, neither named nor asked about."""
FAIR_QUALITY = 0.12
"""Faces of less quality are never named automatically: they may be like anybody."""


@dataclass(frozen=True, slots=True, eq=False)
class Recognition:
    """What recognition says about the R faces `rows`, those of which no user said who they are.

    `person` [R]: the best match, -1 where there is none; `probability` [R] float64 that it is
    right; `likeness` [R] float32, the cosine to the person's prototype, less where rejected faces
    are more alike; `score` [R] float32: that
    with its lead, see `Candidates`. `runner_up`,
    `runner_up_probability`, `runner_up_likeness` [R]: the next best. `named` [R]: named
    automatically; `asked` [R]: worth a question. `share`: of the faces, that are of known people.
    `fair` [R]: good enough to be named automatically. `twins` [M, 2]: people who may be one.
    """

    rows: Ids
    person: Ids
    probability: Probabilities
    likeness: NDArray[np.float32]
    score: NDArray[np.float32]
    runner_up: Ids
    runner_up_probability: Probabilities
    runner_up_likeness: NDArray[np.float32]
    named: NDArray[np.bool_]
    asked: NDArray[np.bool_]
    share: float
    fair: NDArray[np.bool_]
    twins: Ids

    def number_named_at(self, precision: float) -> int:
        """How many faces could be named so that `precision` of the names are right, as expected."""
        return int(_named(self.probability, self.fair, precision).sum())


class Recognizer:
    """Recognises the same faces again and again while users decide about them.

    The first time everything is computed, later what hangs on the people that changed.
    """

    def __init__(self, faces: Faces, before: Platt) -> None:
        self._faces = faces
        self._before = before
        count = len(faces.vectors)
        self._person = np.full(count, -1, np.int64)
        self._near = Neighbours(
            faces.neighbours.indices[:, :0], faces.neighbours.similarities[:, :0]
        )
        self._blended = faces.vectors
        self._gallery = gallery.build(faces.vectors, self._person, faces.quality, faces.times)
        self._candidates = KeptCandidates(count)
        self._self_tester = SelfTester(faces)
        self._changed = np.empty(0, np.int64)

    @property
    def lookalikes(self) -> Ids:
        """The faces that each is judged together with, [N, k]; -1 for none."""
        return np.where(self._near.similarities > 0, self._near.indices, -1)

    def recognize(
        self, decisions: Decisions, precision: float, *, control: JobControl | None = None
    ) -> Recognition:
        """Judge all faces of which nobody said who they are, such that `precision` of the automatic
        names are right, as expected. Raises CancelledError when cancelled.
        """
        control = control or JobControl()
        faces, person = self._faces, decisions.person
        rows = self._take_over(decisions, control)
        candidates = self._candidates.of(rows)
        barred = _said_not(candidates, rows, decisions.rejected)
        barred |= _not_yet_born(candidates, rows, decisions)
        barred |= photo_mates.already_there(
            candidates, rows, person, faces.photo, decisions.excepted
        )
        candidates = candidates.without(barred)
        candidates = heed_rejected(candidates, rows, decisions.rejected, self._blended)
        model, alike = self._odds_model(decisions, control)
        log_odds = model.log_odds(candidates.scores())
        log_odds[candidates.people < 0] = -np.inf
        share = known_share(log_odds[:, 0])
        taken, rivals = photo_mates.contested(
            candidates, log_odds + logit(share), faces.photo[rows], decisions.excepted
        )
        candidates = candidates.without(taken)
        scores = candidates.scores()[:, :2]
        log_odds = model.log_odds(scores) + logit(share)
        log_odds[candidates.people[:, :2] < 0] = -np.inf
        log_odds[:, 0] = widened(log_odds[:, 0], candidates, decisions, model, alike)
        odds = np.exp(np.minimum(log_odds[:, 0], 50.0))
        probability = np.minimum(odds / (1 + odds + rivals), _NEVER_SURER)
        fair = self._faces.quality[rows] >= FAIR_QUALITY
        named = _named(probability, fair, precision)
        return Recognition(
            rows=rows,
            person=candidates.people[:, 0],
            probability=probability,
            likeness=candidates.likeness[:, 0],
            score=scores[:, 0],
            runner_up=candidates.people[:, 1],
            runner_up_probability=(1 - probability) * expit(log_odds[:, 1]),
            runner_up_likeness=candidates.likeness[:, 1],
            named=named,
            asked=~named & (probability >= ASKED_FROM),
            share=share,
            fair=fair,
            twins=alike,
        )

    def doubts(self, decisions: Decisions, *, control: JobControl | None = None) -> Doubts:
        """The confirmed faces that disagree with their person, those that do most first.

        Raises CancelledError when cancelled.
        """
        control = control or JobControl()
        self._take_over(decisions, control)
        model, _ = self._odds_model(decisions, control)
        tested = self._self_tester.run_all(decisions.person, self._blended, control)
        return find_doubts(tested, model)

    def _take_over(self, decisions: Decisions, control: JobControl) -> Ids:
        """Bring vectors, gallery and the candidates of the faces of which nobody said who they are
        up to date; the rows of these.
        """
        faces, person = self._faces, decisions.person
        near = lookalikes.weights(faces.neighbours, person, faces.photo, decisions.rejected)
        moved = np.flatnonzero(
            (near.similarities != self._near.similarities).any(axis=1)
            if self._near.indices.shape == near.indices.shape
            else np.ones(len(person), np.bool_)
        )
        self._near = near
        if len(moved) == len(person):
            self._blended = lookalikes.blended(faces.vectors, near)
        elif len(moved):
            self._blended[moved] = lookalikes.blended(faces.vectors, near, moved)
        touched = np.union1d(np.flatnonzero(person != self._person), moved)
        changed = np.union1d(person[touched], self._person[touched])
        changed = changed[changed >= 0]
        self._person = person.copy()
        self._changed = np.union1d(self._changed, changed)
        part = gallery.build(self._blended, person, faces.quality, faces.times, only=changed)
        self._gallery = self._gallery.replaced(changed, part)
        rows = np.flatnonzero(person == -1)
        self._candidates.forget(moved)
        self._candidates.update(
            rows,
            changed,
            (part, self._gallery),
            lambda some: self._blended[some],
            faces.times,
            control=control,
        )
        return rows

    def _odds_model(self, decisions: Decisions, control: JobControl) -> tuple[OddsModel, Ids]:
        """What the confirmed faces tell, the wrong matches of the others that users refused, and
        the best matches of these; and the people who may be one, [M, 2], whose matches with one
        another tell nothing.
        """
        person, rejected = decisions.person, decisions.rejected
        tested = self._self_tester.run(person, self._blended, self._changed, control)
        self._changed = self._changed[:0]
        rejected = rejected[person[rejected[:, 0]] == -1]
        asked = self._candidates.of(rejected[:, 0])
        said = asked.people == rejected[:, 1][:, None]
        refused = asked.scores()[said]
        refusers = len(np.unique(rejected[said.any(axis=1), 1]))
        unknown = np.flatnonzero((person == -1) & (self._faces.quality >= FAIR_QUALITY))
        people = len(self._gallery.people)
        best = self._candidates.of(unknown).scores()[:, 0] if people else np.empty(0, np.float32)
        strangers = lookalikes.count_people(self._near, unknown) if people else 0

        def fitted(tested: SelfTest | None, right: NDArray[np.float32]) -> OddsModel:
            wrong, witnesses = refused, refusers
            if tested is not None:
                wrong = np.concatenate([tested.wrong(), refused])
                witnesses += len(np.unique(person[tested.wrong_rows()]))
            told_by = Witnesses(witnesses, strangers)
            return fit_odds(right, wrong, best, people, self._before, witnesses=told_by)

        # By what holds in other albums first: people who are known twice, and slips, would spoil
        # what the faces tell themselves.
        apart, _ = mix_ups(decisions)
        elsewhere = fitted(None, tested.own[:0])
        alike = twins.find_twins(tested, person, elsewhere, apart)
        tested = tested.without(twins.of_matches(tested, person, alike))
        tested = tested.without_slips(elsewhere)
        return fitted(tested, tested.right()), alike


def _named(
    probability: Probabilities, fair: NDArray[np.bool_], precision: float
) -> NDArray[np.bool_]:
    """Which of the matches with `probability` [R] are named automatically; only `fair` faces."""
    named = np.zeros(len(probability), np.bool_)
    least = max(1 - _UNSURE * (1 - precision), 0.5)
    named[fair] = most_at(probability[fair], precision, least)
    return named


def _said_not(candidates: Candidates, rows: Ids, rejected: Ids) -> NDArray[np.bool_]:
    """Which of the `candidates` [R, K] of the faces `rows` [R] users said they are not."""
    said: NDArray[np.bool_] = pairs.places(rows[:, None], candidates.people, rejected) >= 0
    return said


def _not_yet_born(candidates: Candidates, rows: Ids, decisions: Decisions) -> NDArray[np.bool_]:
    """Which of the `candidates` [R, K] of the faces `rows` [R] were born after these."""
    born = decisions.born
    if not len(born):
        return np.zeros(candidates.people.shape, np.bool_)
    place = np.minimum(np.searchsorted(born[:, 0], candidates.people), len(born) - 1)
    known = born[place, 0] == candidates.people
    early: NDArray[np.bool_] = known & (decisions.latest[rows][:, None] < born[place, 1])
    return early
