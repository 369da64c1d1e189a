"""How well known people are told from each other and from strangers, and how fast.

    accuracy  half of the people known, by 1, 3 and 10 confirmed faces each, beside plainer ways
    albums    the same where people have few photos
    siblings  the people who look most alike, and what correcting three faces does to them
    answers   how many questions a user answers, from nothing, until nearly all faces have a name
    speed     1 000 new faces beside 100 000 confirmed ones
    library   a library of 100 000 faces: opened, judged again after an answer and after new faces

Faces of real people are found in photos of one folder a person, or read from what an earlier run
kept of them. `--library FOLDER` keeps the library of the last part for the next run.

    python tests/benchmarks/recognition.py --faces ../shared/data/lfw --embeddings /tmp/lfw.npz
    python tests/benchmarks/recognition.py --embeddings /tmp/lfw.npz --part accuracy
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from common import FACES, parser
from numpy.typing import NDArray
from real_faces import real_faces
from recognition_albums import (
    CONFIRMED,
    DRAWS,
    KNOWN,
    Album,
    Bench,
    faces_of,
    few_of_everybody,
    few_of_strangers,
)
from recognition_siblings import siblings
from recognition_speed import library, speed

from photoclust.console import table
from photoclust.core import metrics
from photoclust.core.settings import Settings
from photoclust.recognize import gallery
from photoclust.recognize.calibration import Platt
from photoclust.recognize.candidates import Matcher
from photoclust.recognize.matchers import Confirmed, Nearest, Vote
from photoclust.recognize.recognizer import Recognizer
from photoclust.services.recognition import OFFERED
from photoclust.services.recognition_evaluation import FPIRS, answers_needed, split
from photoclust.vision import models

GALLERIES = (1, 3, 10)
"""Confirmed faces of each known person."""
PRECISION = Settings().naming_precision
DIR_WANTED = {1: 0.940, 3: 0.983, 10: 0.991}
"""At a false positive identification rate of 0.01, by confirmed faces."""
BETTER_BY, BETTER_IN = 0.01, 7
"""At 0.001, than the centroid: on average, and in so many of the draws."""
RIGHT_WANTED, COVERAGE_WANTED, CALIBRATION_WANTED = 0.993, 0.95, 0.02
"""Of automatic names and probabilities, by three confirmed faces."""
ANSWERS_PER_PERSON = 1.3
OURS, CENTROID, NEAREST, VOTE = "photoclust", "centroid", "nearest face", "k-NN vote"
MATCHES = ("Rank-1", *(f"DIR at FPIR {fpir}" for fpir in FPIRS))
NAMES = ("Precision", "Coverage", "Strangers named")
ALBUMS = {
    "at most 5 photos a person": few_of_everybody(5),
    "at most 3 photos a person": few_of_everybody(3),
    "strangers with 1 photo": few_of_strangers(1),
    "strangers with 2 photos": few_of_strangers(2),
}


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """The best match of each face [R] that is recognised: how high it scores, and whether it is
    `right`.
    """

    album: Album
    scores: NDArray[np.float32] | NDArray[np.float64]
    right: NDArray[np.bool_]

    def figures(self) -> list[float]:
        """MATCHES."""
        known = self.album.known
        rates = (
            metrics.identification_rate(self.scores, self.right, known, float(fpir))
            for fpir in FPIRS
        )
        return [float(np.mean(self.right[known])), *rates]

    def names(self, given: NDArray[np.bool_]) -> list[float]:
        """NAMES where those of `given` [R] get one: the share that is right, the share of faces of
        known people who got the right one, and that of strangers who got any.
        """
        known = self.album.known
        precision = float(np.mean(self.right[given])) if given.any() else 1.0
        covered = float(np.mean((given & self.right)[known]))
        return [precision, covered, float(np.mean(given[~known]))]


def by_plainer_ways(album: Album) -> dict[str, Matches]:
    """Without look-alikes and leads: the likeness itself is the score."""
    faces, person = album.faces, album.drawn.person
    confirmed = Confirmed.of(faces.vectors, person)
    matchers: dict[str, Matcher] = {
        CENTROID: gallery.build(faces.vectors, person, faces.quality, faces.times),
        NEAREST: Nearest(confirmed),
        VOTE: Vote(confirmed),
    }
    found = {}
    for name, matcher in matchers.items():
        scores = matcher.scores(faces.vectors[album.asked], faces.times[album.asked])
        right = matcher.people[scores.argmax(axis=1)] == album.truth
        found[name] = Matches(album, scores.max(axis=1), right)
    return found


def by_photoclust(
    album: Album, recognizer: Recognizer, precision: float = PRECISION
) -> tuple[Matches, NDArray[np.bool_]]:
    """Matches by their probability, and which are named automatically, [R]."""
    found = recognizer.recognize(album.decisions, precision)
    matches = Matches(album, found.probability, found.person == album.truth)
    return matches, found.named


def calibration_error(matches: Matches) -> float:
    return metrics.expected_calibration_error(matches.scores, matches.right)


def means(draws: Sequence[Sequence[float]]) -> list[str]:
    """One cell for each figure of `draws`."""
    return [f"{mean:.4f}" for mean in np.mean(draws, axis=0)]


def once(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """`rows` of a table that say what stands first in several of them only once."""
    starts = ["", *(row[0] for row in rows)]
    return [
        (row[0] if row[0] != before else "", *row[1:])
        for row, before in zip(rows, starts, strict=False)
    ]


def accuracy(bench: Bench) -> None:
    """Half of the people known; means of ten draws, beside plainer ways."""
    faces, people = faces_of(bench.real), bench.real.people
    fixed = f"cosine > {bench.threshold}"
    figures = defaultdict(list)
    names = defaultdict(list)
    errors = defaultdict(list)
    offers = defaultdict(list)
    for confirmed in GALLERIES:
        for seed in range(DRAWS):
            album = Album(faces, people, split(people, KNOWN, confirmed, seed))
            recognizer = Recognizer(faces, bench.before)
            ours, named = by_photoclust(album, recognizer)
            plain = by_plainer_ways(album)
            for way, matches in {OURS: ours, **plain}.items():
                figures[confirmed, way].append(matches.figures())
            names[confirmed, OURS].append(ours.names(named))
            above = plain[NEAREST].scores > bench.threshold
            names[confirmed, fixed].append(plain[NEAREST].names(above))
            errors[confirmed].append(calibration_error(ours))
            for share in OFFERED:
                _, offered = by_photoclust(album, recognizer, share)
                offers[confirmed, share].append([offered.sum(), np.sum(ours.right[offered])])
    table(
        ("Confirmed faces", "", *MATCHES),
        once([(str(count), way, *means(of)) for (count, way), of in figures.items()]),
    )
    calibrated = {count: f"{np.mean(of):.4f}" for count, of in errors.items()}
    print(f"\nNames given automatically, where {PRECISION:.1%} are to be right; by a fixed cosine:")
    table(
        ("Confirmed faces", "", *NAMES, "Calibration error"),
        once(
            [
                (str(count), way, *means(of), calibrated[count] if way == OURS else "")
                for (count, way), of in names.items()
            ]
        ),
    )
    print("\nNames on offer, by the share that is expected to be right; mean of the draws:")
    table(
        ("Confirmed faces", "Expected", "Names", "Wrong", "Right"),
        once(
            [
                (str(count), f"{share:.3f}", *offer(np.mean(of, axis=0)))
                for (count, share), of in offers.items()
            ]
        ),
    )
    judge_accuracy(bench, figures, names[CONFIRMED, OURS], errors[CONFIRMED])


def offer(counts: NDArray[np.float64]) -> tuple[str, str, str]:
    """Names, wrong ones, and the share that is right, of the means of names and right ones."""
    given, right = counts.tolist()
    return f"{given:,.0f}", f"{given - right:.1f}", f"{right / given:.4f}"


def judge_accuracy(
    bench: Bench,
    figures: dict[tuple[int, str], list[list[float]]],
    names: list[list[float]],
    errors: list[float],
) -> None:
    rank_1, dir_1, dir_2 = (
        {key: np.array(of)[:, column] for key, of in figures.items()} for column in range(3)
    )
    for confirmed in GALLERIES:
        ours, plain = (float(rank_1[confirmed, way].mean()) for way in (OURS, CENTROID))
        # The two are a face or two apart.
        what = f"{confirmed} confirmed: rank-1 {ours:.5f} ≥ {plain:.5f} of the centroid"
        bench.judge(what, ours >= plain)
    for confirmed, wanted in DIR_WANTED.items():
        rate = float(dir_1[confirmed, OURS].mean())
        bench.judge(f"{confirmed} confirmed: {MATCHES[1]} {rate:.4f} ≥ {wanted}", rate >= wanted)
    gains = dir_2[CONFIRMED, OURS] - dir_2[CONFIRMED, CENTROID]
    better = int(np.sum(gains > 0))
    bench.judge(
        f"{CONFIRMED} confirmed: {MATCHES[2]} higher than the centroid's by {gains.mean():.4f} ≥ "
        f"{BETTER_BY}, in {better} of {DRAWS} draws ≥ {BETTER_IN}",
        float(gains.mean()) >= BETTER_BY and better >= BETTER_IN,
    )
    right, coverage, _ = np.mean(names, axis=0).tolist()
    what = f"{CONFIRMED} confirmed: of automatic names {right:.4f} right ≥ {RIGHT_WANTED}"
    bench.judge(what, right >= RIGHT_WANTED)
    what = f"{CONFIRMED} confirmed: coverage {coverage:.4f} ≥ {COVERAGE_WANTED}"
    bench.judge(what, coverage >= COVERAGE_WANTED)
    error = float(np.mean(errors))
    what = f"{CONFIRMED} confirmed: calibration error {error:.4f} ≤ {CALIBRATION_WANTED}"
    bench.judge(what, error <= CALIBRATION_WANTED)


def albums(bench: Bench) -> None:
    """Half of the people known by three faces, or one less than they have; means of ten draws."""
    rows, strangers = [], {}
    for name, draw in ALBUMS.items():
        figures, plain = [], []
        for seed in range(DRAWS):
            album = draw(bench.real, seed)
            ours, named = by_photoclust(album, Recognizer(album.faces, bench.before))
            figures.append([*ours.figures(), *ours.names(named), calibration_error(ours)])
            plain.append(by_plainer_ways(album)[CENTROID].figures())
        strangers[name] = int(np.sum(~album.known))
        rows.append((name, OURS, *means(figures)))
        rows.append(("", CENTROID, *means(plain), "", "", "", ""))
    table(("", "", *MATCHES, *NAMES, "Calibration error"), rows)
    print("A share of strangers is no finer than one face of theirs; they have, in the last draw:")
    print(", ".join(f"{count} ({name})" for name, count in strangers.items()))


def answers(bench: Bench) -> None:
    """From nothing until 95 % of all faces have the right name."""
    people = bench.real.people
    count = len(np.unique(people))
    needed = answers_needed(faces_of(bench.real), people, bench.before, PRECISION)
    limit = int(ANSWERS_PER_PERSON * count)
    what = f"{'no end of' if needed is None else needed} answers ≤ {limit}"
    bench.judge(f"{what}, for {count} people", needed is not None and needed <= limit)


PARTS: dict[str, Callable[[Bench], None]] = {
    part.__name__: part for part in (accuracy, albums, siblings, answers, speed, library)
}


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--faces", type=Path, default=FACES, help="photos of real people")
    arguments.add_argument("--embeddings", type=Path, help="file to keep their faces in, or to use")
    arguments.add_argument("--part", action="append", choices=PARTS, help="only this; repeatable")
    arguments.add_argument("--library", type=Path, help="folder to keep the large library in")
    options = arguments.parse_args()
    spec = models.model_spec(models.DEFAULT_EMBEDDER)
    bench = Bench(
        real_faces(options.faces, options.embeddings),
        Platt(*models.calibration_line(spec, "match")),
        spec.thresholds["far_1e-4"],
        options.library,
    )
    for name in options.part or PARTS:
        print(f"\n{name}: {PARTS[name].__doc__}")
        PARTS[name](bench)
    sys.exit(bool(bench.misses))


if __name__ == "__main__":
    main()
