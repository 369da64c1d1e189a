"""How well photoclust recognises people it knows among strangers, measured on labelled pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.neighbor_lists import search
from photoclust.core import metrics
from photoclust.core.errors import UserError
from photoclust.core.language import marked
from photoclust.core.progress import JobControl
from photoclust.recognize.calibration import Platt
from photoclust.recognize.faces import Decisions, Faces, Ids
from photoclust.recognize.lookalikes import NEAREST
from photoclust.recognize.recognizer import Recognition, Recognizer
from photoclust.recognize.review import ENOUGH, Kind, Question, questions
from photoclust.services.grouping import compute_labels
from photoclust.services.labelled import LabelledFaces

FPIRS = ("0.01", "0.001")
"""The shares of strangers taken for somebody at which recognition is measured."""
STAGE = marked("Answering questions")


@dataclass(frozen=True, slots=True)
class RecognitionReport:
    """How well known people are told from each other and from strangers.

    `known` people have `gallery` confirmed faces each, `unknown` none. `rank1`: the share of the
    other faces of known people whose best match is right; `dir_at_fpir`: the share that is right
    and above all but that share of the strangers. `auto_precision`: the share of automatic names
    that is right; `auto_coverage`: of the faces of known people, that are named rightly.
    `calibration_error`: how far probabilities are from shares. `answers_to_95`: the questions that
    a user answers, from nothing, until 95 % of all faces are named rightly; None: never.
    """

    known: int
    unknown: int
    gallery: int
    rank1: float
    dir_at_fpir: dict[str, float]
    auto_precision: float
    auto_coverage: float
    calibration_error: float
    answers_to_95: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Some of the people of N faces, `known`, have confirmed faces: `person` [N] is who a face is
    where it is one of those, -1 elsewhere.
    """

    known: Ids
    person: Ids


def split(people: Ids, known: float, gallery: int, seed: int) -> Split:
    """A draw: so large a share of those of the `people` [N] who have two faces or more is known,
    with `gallery` faces each, of all but one where there are fewer.
    """
    rng = np.random.default_rng(seed)
    everybody, counts = np.unique(people, return_counts=True)
    several = everybody[counts > 1]
    chosen = np.sort(rng.permutation(several)[: round(len(several) * known)])
    person = np.full(len(people), -1, np.int64)
    for one in chosen:
        mine = np.flatnonzero(people == one)
        person[rng.choice(mine, min(gallery, len(mine) - 1), replace=False)] = one
    return Split(chosen, person)


def recognition(
    faces: LabelledFaces,
    before: Platt,
    *,
    known: float,
    gallery: int,
    seed: int,
    precision: float,
    control: JobControl | None = None,
) -> RecognitionReport:
    """Let a share `known` of the people with several faces have `gallery` confirmed ones each and
    recognise the other labelled faces; those that were missed count for nothing.

    `before` is the curve of the model; automatic names are to be right at a share of `precision`.
    Raises UserError when nobody or everybody would be known, CancelledError when cancelled.
    """
    there = faces.rows >= 0
    people, judged = faces.people[there], as_input(faces, faces.rows[there])
    drawn = split(people, known, gallery, seed)
    strangers = len(np.unique(people)) - len(drawn.known)
    if not strangers or not (drawn.person >= 0).any():
        raise UserError(
            "nobody would be known, or nobody a stranger; give more people, or another --known"
        )
    found = Recognizer(judged, before).recognize(
        Decisions(drawn.person), precision, control=control
    )
    truth = people[found.rows]
    right = found.person == truth
    is_known = np.isin(truth, drawn.known)
    named = found.named
    return RecognitionReport(
        known=len(drawn.known),
        unknown=strangers,
        gallery=gallery,
        rank1=float(np.mean(right[is_known])),
        dir_at_fpir={
            fpir: metrics.identification_rate(found.probability, right, is_known, float(fpir))
            for fpir in FPIRS
        },
        auto_precision=float(np.mean(right[named])) if named.any() else 1.0,
        auto_coverage=float(np.mean((named & right)[is_known])),
        calibration_error=metrics.expected_calibration_error(found.probability, right),
        answers_to_95=answers_needed(judged, people, before, precision, control=control),
    )


def as_input(faces: LabelledFaces, rows: Ids | None = None) -> Faces:
    """The faces that were found, or those of them in `rows`, as recognition takes them."""
    rows = np.arange(len(faces.vectors)) if rows is None else rows
    vectors = np.ascontiguousarray(faces.vectors[rows])
    near = search(vectors, np.arange(len(rows)), max(min(NEAREST, len(rows) - 1), 0))
    undated = np.full(len(rows), np.nan)
    return Faces(vectors, faces.image_of[rows], faces.quality[rows], undated, near)


def answers_needed(
    faces: Faces,
    people: Ids,
    before: Platt,
    precision: float,
    *,
    enough: float = ENOUGH,
    control: JobControl | None = None,
) -> int | None:
    """How many answers of a user who knows the `people` [N] it takes, from nothing, until a share
    `enough` of the `faces` has the right name, given by the user or automatically.

    A group is named as a whole, by who most of it is; None where no question is left before.
    """
    control = control or JobControl()
    group = compute_labels(
        faces.vectors, control=control, photo_ids=faces.photo, quality=faces.quality
    ).labels
    recognizer = Recognizer(faces, before)
    user = _User(people)
    for answers in range(len(people) + 1):
        control.checkpoint()
        found = recognizer.recognize(user.decisions(), precision, control=control)
        named = user.rightly_named(found)
        control.report(STAGE, min(named, round(enough * len(people))), round(enough * len(people)))
        if named >= enough * len(people):
            return answers
        asked = questions(found, group, recognizer.lookalikes)
        if not asked:
            return None
        user.answer(asked[0])
    return None


class _User:
    """Somebody who knows the `people` [N] and remembers what was said."""

    def __init__(self, people: Ids) -> None:
        self._people = people
        self._person = np.full(len(people), -1, np.int64)
        self._rejected: list[tuple[int, int]] = []

    def decisions(self) -> Decisions:
        """All that was said so far."""
        rejected = np.array(self._rejected, np.int64).reshape(-1, 2)
        return Decisions(self._person, rejected)

    def rightly_named(self, found: Recognition) -> int:
        """How many faces have the right name."""
        automatic: NDArray[np.bool_] = found.person == self._people[found.rows]
        return int(np.sum(self._person == self._people) + np.sum(found.named & automatic))

    def answer(self, question: Question) -> None:
        """Say who the faces are, or that they are not whom they were taken for."""
        rows = np.array(question.rows, np.int64)
        who = _most(self._people[rows].tolist())
        if question.kind is Kind.WHO or who == question.person:
            self._person[rows] = who
        else:
            self._rejected += [(row, question.person) for row in question.rows]


def _most(people: Sequence[int]) -> int:
    return max(sorted(set(people)), key=people.count)
