"""Pictures of people one knows: what photoclust finds in them, beside who is there.

The whole real path runs: decode, detector, crop, embedder, in the workers that a scan uses. Nothing
is stored; what is measured on the result is the business of `evaluation`.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.errors import UserError
from photoclust.core.language import marked
from photoclust.core.paths import absolute_path
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import Box, Failure, FoundFace, ModelId
from photoclust.media.formats import PICTURE_EXTENSIONS, RAW_EXTENSIONS
from photoclust.media.scan import walk
from photoclust.services import computing
from photoclust.services.analysis import AnalysisOptions, PhotoAnalysis
from photoclust.services.worker_pool import Unreadable, analyse
from photoclust.vision import models

SAME_FACE_IOU = 0.3
"""Overlap from which a face found is the one that a truth file means."""
STAGE = marked("Finding faces")


class FaceChoice(StrEnum):
    """Which face of a picture is its person's, where no truth file says so."""

    CENTRE = "centre"
    LARGEST = "largest"


@dataclass(frozen=True, slots=True)
class Label:
    """A face one knows: `image` relative to the folder; `box` in px of the upright picture, or
    None where the picture's one chosen face is meant.
    """

    image: Path
    person: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, relative to the folder, of the same person or of two."""

    fold: int
    same: bool
    image_a: Path
    image_b: Path


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFaces:
    """L labels, and the M faces found beside them.

    `rows` [L] int64: the place of each label's face among the M, -1 where it was missed.
    `vectors` [M, dim] float32, `quality` [M] float32, `image_of` [M] int64 (the number of the
    face's picture). `turns`: degrees by which each picture that was read was turned, by its path
    relative to the folder. `failed`: pictures that could not be read.
    """

    labels: tuple[Label, ...]
    rows: NDArray[np.int64]
    vectors: Vectors
    quality: NDArray[np.float32]
    image_of: NDArray[np.int64]
    turns: Mapping[Path, int]
    failed: tuple[Failure, ...]

    @property
    def people(self) -> NDArray[np.int64]:
        """A number for the person of each label, [L] int64."""
        names = [label.person for label in self.labels]
        return np.unique(names, return_inverse=True)[1].astype(np.int64)

    @property
    def missed(self) -> int:
        """How many labels have no face."""
        return int(np.sum(self.rows < 0))

    @property
    def images(self) -> int:
        """How many pictures there are, the unreadable ones included."""
        return len(self.turns) + len(self.failed)

    def label_vectors(self) -> Vectors:
        """The vector of each label's face, [L, dim]; a row of NaN where it was missed."""
        found = np.full((len(self.labels), self.vectors.shape[1]), np.nan, np.float32)
        found[self.rows >= 0] = self.vectors[self.rows[self.rows >= 0]]
        return found


def find_labelled_faces(
    folder: Path,
    settings: Settings,
    *,
    truth: Path | None = None,
    choice: FaceChoice = FaceChoice.CENTRE,
    own_models: Path | None = None,
    workers: int | None = None,
    control: JobControl | None = None,
) -> LabelledFaces:
    """Look at every picture below `folder`; the embedder that the settings name is bundled, or lies
    in the folder `own_models`.

    With `truth`, a CSV file (image, person, x, y, w, h), every face of every picture is kept, and
    a label gets the one that overlaps its box by SAME_FACE_IOU or more. Without, there is one
    label for each picture in a sub-folder, whose name is the person's, and only its face, chosen by
    `choice`, is kept.

    Raises UserError when there are no pictures or the truth file cannot be understood, ModelError
    when a model is damaged, CancelledError when cancelled.
    """
    control = control or JobControl()
    folder = absolute_path(folder)
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder; give one that holds a folder for each person")
    found = [stat.path for stat in walk([folder], settings.skip_patterns, control=control)]
    # What a document or a video shows first need not be who its folder is called after.
    read = PICTURE_EXTENSIONS | RAW_EXTENSIONS
    paths = [path.relative_to(folder) for path in found if path.suffix.lower() in read]
    if truth is None:
        labels = [Label(path, path.parts[0]) for path in paths if len(path.parts) > 1]
    else:
        labels = read_truth(truth)
        _require_images(folder, paths, [label.image for label in labels], truth)
    if not labels:
        raise UserError(
            f"there is nothing to measure in {folder}; it has to hold a folder for each person"
        )
    options = AnalysisOptions(
        detector=ModelId(settings.detector),
        embedder=ModelId(settings.embedder),
        thumbnails=False,
        own_models=own_models,
        compute=computing.compute_of(settings),
    )
    analyses, failed = _analyse(folder, paths, options, workers or settings.workers, control)
    dimension = models.model_spec(options.embedder, own_models).dimension or 0
    return _join(labels, paths, analyses, failed, choice=choice, dimension=dimension)


def read_truth(path: Path) -> list[Label]:
    """The labels of a CSV file with the columns image, person, x, y, w, h.

    Raises UserError, naming the line, when it cannot be understood.
    """
    return [
        Label(
            Path(row["image"]),
            row["person"],
            Box(*(float(row[column]) for column in ("x", "y", "w", "h"))),
        )
        for row in _rows(
            path, ("image", "person", "x", "y", "w", "h"), numbers=("x", "y", "w", "h")
        )
    ]


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a CSV file with the columns fold, same (0 or 1), image_a, image_b.

    Raises UserError, naming the line, when it cannot be understood.
    """
    return [
        Pair(
            int(float(row["fold"])),
            float(row["same"]) != 0,
            Path(row["image_a"]),
            Path(row["image_b"]),
        )
        for row in _rows(path, ("fold", "same", "image_a", "image_b"), numbers=("fold", "same"))
    ]


def _rows(path: Path, columns: Sequence[str], numbers: Sequence[str]) -> list[dict[str, str]]:
    wanted = ", ".join(columns)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = []
            reader = csv.DictReader(file, strict=True)
            if not set(columns) <= set(reader.fieldnames or ()):
                raise UserError(f"{path} lacks a column; it needs {wanted}")
            for row in reader:
                if any(row[column] is None for column in columns):
                    raise UserError(f"{path}, line {reader.line_num}: a value is missing")
                for column in numbers:
                    _number(row[column], f"{path}, line {reader.line_num}: {column}")
                rows.append(row)
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror}); check the path") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no CSV file in UTF-8 with the columns {wanted}") from error
    return rows


def _number(text: str, where: str) -> None:
    try:
        float(text)
    except ValueError as error:
        raise UserError(f"{where} is {text!r}; write a number") from error


def _require_images(
    folder: Path, paths: Sequence[Path], wanted: Sequence[Path], source: Path
) -> None:
    missing = sorted(set(wanted) - set(paths))
    if missing:
        raise UserError(f"{source} names {missing[0]}, but {folder} has no such picture")


def _analyse(
    folder: Path,
    paths: Sequence[Path],
    options: AnalysisOptions,
    workers: int | None,
    control: JobControl,
) -> tuple[dict[Path, PhotoAnalysis], list[Failure]]:
    analyses: dict[Path, PhotoAnalysis] = {}
    failed = []
    control.report(STAGE, 0, len(paths))
    outcomes = analyse(
        [folder / path for path in paths],
        options,
        workers=workers,
        control=control,
    )
    for done, outcome in enumerate(outcomes, start=1):
        if isinstance(outcome, PhotoAnalysis):
            analyses[outcome.path.relative_to(folder)] = outcome
        elif isinstance(outcome, Unreadable):
            failed.append(Failure(outcome.path, outcome.reason))
        control.report(STAGE, done, len(paths))
    return analyses, sorted(failed, key=lambda failure: failure.path)


def _join(
    labels: Sequence[Label],
    paths: Sequence[Path],
    analyses: Mapping[Path, PhotoAnalysis],
    failed: Sequence[Failure],
    *,
    choice: FaceChoice,
    dimension: int,
) -> LabelledFaces:
    labels_of: dict[Path, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        labels_of[label.image].append(number)
    rows = np.full(len(labels), -1, np.int64)
    faces: list[FoundFace] = []
    image_of: list[int] = []
    # In the order of the walk, not in that in which the workers were done: a rerun is the same.
    for image, path in enumerate(paths):
        analysis = analyses.get(path)
        if analysis is None or not analysis.faces:
            continue
        numbers = labels_of.get(path, [])
        if any(labels[number].box is None for number in numbers):
            chosen = [chosen_face(analysis, choice)]
            rows[numbers] = len(faces)
        else:
            chosen = list(range(len(analysis.faces)))
            for number, place in _matches(analysis, [labels[n].box for n in numbers]):
                rows[numbers[number]] = len(faces) + place
        faces += [analysis.faces[place] for place in chosen]
        image_of += [image] * len(chosen)
    vectors = np.empty((len(faces), dimension), np.float32)
    for row, face in enumerate(faces):
        vectors[row] = face.vector
    return LabelledFaces(
        labels=tuple(labels),
        rows=rows,
        vectors=vectors,
        quality=np.array([face.quality for face in faces], np.float32),
        image_of=np.array(image_of, np.int64),
        turns={path: analysis.turn for path, analysis in analyses.items()},
        failed=tuple(failed),
    )


def chosen_face(analysis: PhotoAnalysis, choice: FaceChoice) -> int:
    """The place among the faces of `analysis`, which has some, of its person's."""
    boxes = [face.detection.box for face in analysis.faces]
    if choice is FaceChoice.LARGEST:
        return max(range(len(boxes)), key=lambda place: boxes[place].area)

    def distance(place: int) -> float:
        x, y = boxes[place].centre
        return float(np.hypot(x - analysis.width / 2, y - analysis.height / 2))

    return min(range(len(boxes)), key=distance)


def _matches(analysis: PhotoAnalysis, boxes: Sequence[Box | None]) -> list[tuple[int, int]]:
    """(place in `boxes`, place of the face) of those that overlap, the closest first, each once."""
    overlaps = sorted(
        (-box.iou(face.detection.box), number, place)
        for number, box in enumerate(boxes)
        if box is not None
        for place, face in enumerate(analysis.faces)
    )
    matches: list[tuple[int, int]] = []
    for negative, number, place in overlaps:
        taken = any(number == other or place == face for other, face in matches)
        if -negative >= SAME_FACE_IOU and not taken:
            matches.append((number, place))
    return matches
