"""Fit the lines from an embedder's scores to log-odds that the manifest brings along.

    python packaging/fit_calibration.py --data ALBUM             # print them
    python packaging/fit_calibration.py --data ALBUM --write     # and put them into the manifest

ALBUM is a folder of photos with a truth file, as `photoclust evaluate --truth` reads it. The faces
are found as a scan finds them. Nothing that the accuracy is measured on may be among the photos.
"""

import argparse
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
from photoclust.services.labelled import LabelledFaces, find_labelled_faces

DECIMALS = 3


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
    """Cosines of all pairs of labelled faces but those of one photo.

    Every person has the same weight, and so have every two people: somebody with ten times the
    photos has a hundred times the pairs.
    """
    found = faces.rows >= 0
    rows, people = faces.rows[found], faces.people[found]
    one, other = np.triu_indices(len(rows), 1)
    apart = faces.image_of[rows[one]] != faces.image_of[rows[other]]
    one, other = one[apart], other[apart]
    vectors = faces.vectors[rows].astype(np.float64)
    cosines = (vectors @ vectors.T)[one, other]
    first, second = people[one], people[other]
    both = np.minimum(first, second) * len(people) + np.maximum(first, second)
    _, kind, counts = np.unique(both, return_inverse=True, return_counts=True)
    weights = 1 / counts[kind]
    same = first == second
    return Scored(
        cosines[same],
        cosines[~same],
        weights[same],
        weights[~same],
        "pairs of one person",
        "of two",
    )


LINES: dict[str, Callable[[LabelledFaces], Scored]] = {"pair": pairs}
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
