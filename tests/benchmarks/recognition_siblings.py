"""The people who look most alike, and what recognition makes of them before and after mistakes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from recognition_albums import CONFIRMED, DRAWS, NO_ONE, Bench, faces_of
from scipy.special import logit

from photoclust.console import table
from photoclust.core.metrics import Labels
from photoclust.core.settings import Settings
from photoclust.recognize import gallery
from photoclust.recognize.faces import Decisions, Faces, Ids
from photoclust.recognize.recognizer import Recognition, Recognizer

PAIRS, CORRECTED = 20, 3
TOLD_APART = 0.99
"""The share of automatic names within a pair that is right, at least."""
_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people, and the cosine of the means of all their faces."""

    one: int
    other: int
    cosine: float


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """What is said of K faces of a pair: which are matched with themselves (`right` [K]), with the
    other (`wrong` [K]), which are named automatically (`named` [K]); the `margin` [K] by which the
    log-odds of oneself are above those of the other, where these are the two best matches
    (`between` [K]). Where the other is not, theirs are even less, and the margin is too small.
    """

    right: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    named: NDArray[np.bool_]
    between: NDArray[np.bool_]
    margin: NDArray[np.float64]

    @classmethod
    def of(cls, found: Recognition, rows: Ids, people: Labels, pair: Pair) -> "Within":
        place = np.searchsorted(found.rows, rows)
        best, second = found.person[place], found.runner_up[place]
        own = people[rows]
        other = np.where(own == pair.one, pair.other, pair.one)
        right, wrong = best == own, best == other
        # The runner-up's share is of what the best match leaves.
        left = np.clip(1 - found.probability[place], _LEAST, 1 - _LEAST)
        share = np.clip(found.runner_up_probability[place] / left, _LEAST, 1 - _LEAST)
        lead = -logit(left) - logit(share)
        margin = np.where(right, lead, np.where(wrong, -lead, np.nan))
        between = (right & (second == other)) | (wrong & (second == own))
        return cls(right, wrong, found.named[place], between, margin)

    def counts(self) -> tuple[int, int, int]:
        """How many faces there are, are named as themselves, and as the other."""
        itself, other = self.named & self.right, self.named & self.wrong
        return len(self.right), int(itself.sum()), int(other.sum())


def siblings(bench: Bench) -> None:
    """The pairs of people who look most alike known by three faces each, all others strangers."""
    people, faces = bench.real.people, faces_of(bench.real)
    pairs = closest(faces.vectors, people)
    counts = np.zeros((len(pairs), 3), np.int64)
    margins: list[list[NDArray[np.float64]]] = [[] for _ in pairs]
    mistakes = np.zeros(3, np.int64)
    for seed in range(DRAWS):
        person = known_by_few(people, pairs, np.random.default_rng(seed))
        recognizer = Recognizer(faces, bench.before)
        for number, pair in enumerate(pairs):
            stages = corrected(faces, people, person, pair)
            found = [recognizer.recognize(said, Settings().naming_precision) for said in stages]
            both = np.isin(people, (pair.one, pair.other))
            asked = np.flatnonzero(both & (person == NO_ONE))
            counts[number] += Within.of(found[0], asked, people, pair).counts()
            # Those that get confirmed tell nothing of what that does to the others.
            rest = np.flatnonzero(both & (stages[-1].person == NO_ONE))
            within = [Within.of(each, rest, people, pair) for each in found]
            mistakes += [int(np.sum(each.wrong)) for each in within]
            told = np.array([each.margin for each in within])
            margins[number].append(told[:, within[0].between & ~np.isnan(told).any(axis=0)])
    report(bench, pairs, counts, [np.concatenate(each, axis=1) for each in margins], mistakes)


def report(
    bench: Bench,
    pairs: list[Pair],
    counts: NDArray[np.int64],
    margins: list[NDArray[np.float64]],
    mistakes: NDArray[np.int64],
) -> None:
    """Tables and verdicts: `counts` [P, 3] as `Within` has them, `margins` [3, K] of each pair, and
    best matches that are the other, `mistakes` [3].
    """
    rows = [
        (f"{pair.cosine:.2f}", *counted(count, margin))
        for pair, count, margin in zip(pairs, counts, margins, strict=True)
    ]
    means = np.array([margin.mean(axis=1) for margin in margins if margin.shape[1]])
    of_all = [f"{mean:.1f}" for mean in means.mean(axis=0)]
    between = sum(margin.shape[1] for margin in margins)
    print(
        f"{DRAWS} draws together. Margin: how far the log-odds of oneself are above those of the "
        "other, on average\nover the faces between the two, whose best matches are these. "
        f"Confirmed: {CORRECTED} faces of one who look\nmost like the other are confirmed; "
        "corrected: they are rejected as the other as well."
    )
    table(
        (
            "Cosine of the pair",
            "Faces",
            "Named as oneself",
            "As the other",
            "Between",
            "Margin",
            "Confirmed",
            "Corrected",
        ),
        [*rows, ("sum, mean of pairs", *counts.sum(axis=0).tolist(), between, *of_all)],
    )
    _, right, wrong = counts.sum(axis=0).tolist()
    share = right / (right + wrong)
    what = f"automatic names within a pair: {share:.4f} right ≥ {TOLD_APART}"
    bench.judge(f"{what} ({wrong} of {right + wrong:,} wrong)", share >= TOLD_APART)
    before, _, after = means.mean(axis=0)
    wider = int(np.sum(means[:, 2] > means[:, 0]))
    bench.judge(
        f"three corrections widen the margin: {after:.1f} > {before:.1f}, mean of the pairs; wider "
        f"for {wider} of {len(means)}",
        after > before,
    )
    bench.judge(
        f"best matches that are the other of the pair: {mistakes[2]} after corrections ≤ "
        f"{mistakes[0]} before ({mistakes[1]} by confirming alone)",
        mistakes[2] <= mistakes[0],
    )


def counted(count: NDArray[np.int64], margins: NDArray[np.float64]) -> tuple[str | int, ...]:
    """The cells of a row of the table."""
    shown = [f"{mean:.1f}" for mean in margins.mean(axis=1)] if margins.shape[1] else [""] * 3
    return (*count.tolist(), margins.shape[1], *shown)


def closest(vectors: NDArray[np.float32], people: Labels) -> list[Pair]:
    """The PAIRS of people whose means are most alike."""
    everybody = np.unique(people)
    means = np.stack([vectors[people == one].mean(axis=0) for one in everybody])
    means = gallery.unit(means)
    cosines = np.where(np.triu(np.ones((len(means),) * 2), 1) > 0, means @ means.T, -1)
    best = np.argsort(-cosines, axis=None)[:PAIRS]
    ones, others = np.unravel_index(best, cosines.shape)
    return [
        Pair(int(everybody[one]), int(everybody[other]), float(cosines[one, other]))
        for one, other in zip(ones, others, strict=True)
    ]


def known_by_few(people: Labels, pairs: list[Pair], rng: np.random.Generator) -> Labels:
    """Who the faces [N] are as users said: CONFIRMED of everybody in `pairs`."""
    person = np.full(len(people), NO_ONE, np.int64)
    for one in sorted({who for pair in pairs for who in (pair.one, pair.other)}):
        mine = np.flatnonzero(people == one)
        person[rng.choice(mine, min(CONFIRMED, len(mine) - 1), replace=False)] = one
    return person


def corrected(
    faces: Faces, people: Labels, person: Labels, pair: Pair
) -> tuple[Decisions, Decisions, Decisions]:
    """What users said: `person` [N]; also, who the unconfirmed faces of the other are that look
    most like the one; also, that these are not the one.
    """
    of_one = gallery.build(
        faces.vectors, person, faces.quality, faces.times, only=np.array([pair.one])
    )
    loose = np.flatnonzero((people == pair.other) & (person == NO_ONE))
    likeness = of_one.scores(faces.vectors[loose], faces.times[loose])[:, 0]
    taken = loose[np.argsort(-likeness, kind="stable")[:CORRECTED]]
    said = person.copy()
    said[taken] = pair.other
    not_one = np.column_stack([taken, np.full(len(taken), pair.one)])
    return Decisions(person), Decisions(said), Decisions(said, not_one)
