"""Fit the lines from an embedder's scores to log-odds that the manifest brings along.

    python packaging/fit_calibration.py --data ALBUM             # print them
    python packaging/fit_calibration.py --data ALBUM --write     # and put them into the manifest

ALBUM is a folder of photos with a truth file, as `photoclust evaluate --truth` reads it. The faces
are found as a scan finds them. Nothing that the accuracy is measured on may be among the photos.
"""

import argparse
import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import manifest
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from photoclust.core.metrics import expected_calibration_error
from photoclust.core.settings import Settings
from photoclust.recognize.calibration import Platt, fit_platt
from photoclust.recognize.faces import Decisions
from photoclust.recognize.recognizer import FAIR_QUALITY, Recognizer
from photoclust.services.labelled import LabelledFaces, find_labelled_faces
from photoclust.services.recognition_evaluation import as_input

DECIMALS = 3
SAME_TWICE = 0.5
"""Of faces of one photo that are so alike most are the same person twice: in a mirror, a collage,
on a screen. Of other people hardly one pair in two hundred is.
"""
CONFIRMED = 3
"""Faces by which a person is known."""
UNFITTED = Platt(1.0, 0.0)
"""The curve plays no part in the scores."""


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of right matches [R] and of wrong ones [W], and how much each counts among its kind.

    `of_right` and `of_wrong` say what they are.
    """

    right: NDArray[np.float64]
    wrong: NDArray[np.float64]
    right_weights: NDArray[np.float64]
    wrong_weights: NDArray[np.float64]
    of_right: str
    of_wrong: str

    def fit(self) -> Platt:
        """The line, in the digits that the manifest has."""
        line = fit_platt(
            self.right,
            self.wrong,
            right_weights=self.right_weights,
            wrong_weights=self.wrong_weights,
        )
        return Platt(round(line.slope, DECIMALS), round(line.offset, DECIMALS))

    def calibration_error(self, line: Platt) -> float:
        """How far the probabilities of `line` are from the truth, right and wrong being equally
        likely beforehand.
        """
        kinds = (self.right_weights, self.wrong_weights)
        return expected_calibration_error(
            expit(line.log_odds(np.concatenate([self.right, self.wrong]))),
            np.repeat([True, False], [len(self.right), len(self.wrong)]),
            weights=np.concatenate([kind / kind.sum() for kind in kinds]),
        )


def pairs(faces: LabelledFaces) -> Scored:
    """Cosines of all pairs of labelled faces of different photos, and of the faces of one photo.

    Every person has the same weight, and so have every two people, and the pairs of every photo:
    somebody with ten times the photos has a hundred times the pairs.
    """
    found = faces.rows >= 0
    rows, people = faces.rows[found], faces.people[found]
    one, other = np.triu_indices(len(rows), 1)
    apart = faces.image_of[rows[one]] != faces.image_of[rows[other]]
    one, other = one[apart], other[apart]
    vectors = faces.vectors.astype(np.float64)
    cosines = np.einsum("ij,ij->i", vectors[rows[one]], vectors[rows[other]])
    first, second = people[one], people[other]
    both = np.minimum(first, second) * len(people) + np.maximum(first, second)
    _, kind, counts = np.unique(both, return_inverse=True, return_counts=True)
    weights = 1 / counts[kind]
    same = first == second
    mates, mate_weights = _photo_mates(faces)
    return Scored(
        cosines[same],
        np.concatenate([cosines[~same], mates]),
        weights[same],
        np.concatenate([weights[~same], mate_weights]),
        "pairs of one person",
        "of two",
    )


def _photo_mates(faces: LabelledFaces) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cosines of the fair faces of each photo, who are different people, and their weights."""
    cosines, weights = [], []
    fair = faces.quality >= FAIR_QUALITY
    for image in np.unique(faces.image_of):
        vectors = faces.vectors[fair & (faces.image_of == image)].astype(np.float64)
        here = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
        here = here[here < SAME_TWICE]
        cosines.append(here)
        weights.append(np.full(len(here), 1 / max(len(here), 1)))
    return np.concatenate(cosines), np.concatenate(weights)


def matches(faces: LabelledFaces) -> Scored:
    """Scores of the best matches of faces, where some of the people are known by a few faces, by
    mean and standard deviation of the wrong ones.

    All draws of two or more known people, but not all of them, have the same weight.
    """
    there = faces.rows >= 0
    people = np.full(len(faces.vectors), -1, np.int64)
    people[faces.rows[there]] = faces.people[there]
    known = np.unique(people[people >= 0])
    recognizer = Recognizer(as_input(faces), UNFITTED)
    rng = np.random.default_rng(0)
    right, wrong = [], []
    for count in range(2, len(known)):
        for chosen in itertools.combinations(known, count):
            person = np.full(len(people), -1, np.int64)
            for one in chosen:
                mine = np.flatnonzero(people == one)
                person[rng.choice(mine, CONFIRMED, replace=False)] = one
            found = recognizer.recognize(Decisions(person), precision=1.0)
            truth = people[found.rows]
            is_right = found.person == truth
            amiss = found.score[~is_right & (truth >= 0)].astype(np.float64)
            standing = (found.score - amiss.mean()) / amiss.std()
            right.append(standing[is_right & (truth >= 0)])
            wrong.append(standing[~is_right & (truth >= 0)])
    return Scored(
        np.concatenate(right),
        np.concatenate(wrong),
        np.concatenate([np.full(len(part), 1 / len(part)) for part in right]),
        np.concatenate([np.full(len(part), 1 / len(part)) for part in wrong]),
        "right best matches",
        "wrong ones",
    )


LINES: dict[str, Callable[[LabelledFaces], Scored]] = {"pair": pairs, "match": matches}
"""What the lines are for, and what each is fitted to."""


def write(model: str, lines: dict[str, Platt], path: Path = manifest.PATH) -> None:
    """Put `lines` into the record of `model`; everything else stays as it is."""
    records = manifest.read(path)
    (record,) = (record for record in records if record["id"] == model)
    record["calibration"] |= {purpose: [line.slope, line.offset] for purpose, line in lines.items()}
    path.write_bytes(manifest.text(records))


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled photos")
    parser.add_argument("--truth", type=Path, help="whose face is where (default: its truth.csv)")
    parser.add_argument("--model", default=Settings().embedder, help="which embedder")
    parser.add_argument("--write", action="store_true", help="put the lines into the manifest")
    options = parser.parse_args()
    settings = replace(Settings(), embedder=options.model)
    truth = options.truth or options.data / "truth.csv"
    faces = find_labelled_faces(options.data, settings, truth=truth)
    lines = {}
    for purpose, score in LINES.items():
        scored = score(faces)
        lines[purpose] = line = scored.fit()
        print(
            f"{purpose}: slope {line.slope}, offset {line.offset}, "
            f"threshold {-line.offset / line.slope:.4f}; "
            f"{len(scored.right):,} {scored.of_right}, {len(scored.wrong):,} {scored.of_wrong}; "
            f"expected calibration error {scored.calibration_error(line):.4f}"
        )
    if options.write:
        write(options.model, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
