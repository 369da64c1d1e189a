"""Faces to train with from folders of photos, looked at as a scan does, and kept for the next run.

What was found is kept in the library's folder for as long as the pictures and the models are the
same, so that a second training does not look at them again.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.errors import UserError
from photoclust.core.language import marked
from photoclust.core.paths import absolute_path, make_private_folder
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import FileStat, ModelId
from photoclust.media.scan import walk
from photoclust.services.analysis import AnalysisOptions, PhotoAnalysis
from photoclust.services.labelled import FaceChoice, chosen_face
from photoclust.services.worker_pool import analyse
from photoclust.training.faces import UNREADABLE, read_arrays
from photoclust.vision import models

CACHE = "found-faces"
"""The folder of what was found, beside the runs."""
_STAGE = marked("Finding faces")
_VERSION = 2


@dataclass(frozen=True, slots=True, eq=False)
class FolderFaces:
    """M faces of the photos of a folder: unit `vectors` [M, dim], `quality` [M], the number of the
    `photo` [M] each is in, when that was `taken` [M] (seconds since 1970, NaN where unknown), whose
    each is (`name` [M], empty where the folder does not say), `crops` [M, side, side, 3] and the
    `landmarks` in them [M, 5, 2], px; the `paths` of the photos by their number, and how many of
    them `failed` to be read.
    """

    vectors: Vectors
    quality: NDArray[np.float32]
    photo: NDArray[np.int64]
    taken: NDArray[np.float64]
    name: NDArray[np.str_]
    crops: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    paths: NDArray[np.str_]
    failed: int

    def __len__(self) -> int:
        """M."""
        return len(self.vectors)


def look(
    folder: Path,
    settings: Settings,
    kept: Path,
    *,
    labelled: bool,
    control: JobControl | None = None,
) -> FolderFaces:
    """The faces in `folder`, found with the bundled embedder and kept in the folder `kept`.

    Where it is `labelled`, each sub-folder holds the photos of the person whose name it bears, and
    of every photo only the face nearest to the middle counts; else all faces do, and nobody is
    named. Raises UserError when there is no such folder or no face in it, CancelledError when
    cancelled.
    """
    control = control or JobControl()
    folder = absolute_path(folder)
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder; give one that holds photos")
    stats = list(walk([folder], settings.skip_patterns, control=control))
    if labelled:
        stats = [stat for stat in stats if len(stat.path.relative_to(folder).parts) > 1]
    if not stats:
        what = "a folder of photos for each person" if labelled else "photos"
        raise UserError(f"there is nothing to train with in {folder}; it has to hold {what}")
    of_folder = _short_hash([str(folder), labelled])
    path = make_private_folder(kept) / f"{of_folder}-{_key(folder, stats, settings, labelled)}.npz"
    found = _read(path)
    if found is None:
        found = _find(folder, stats, settings, labelled, control)
        _write(path, found)
        # What was in the folder before, or was found by another detector, is not asked for again.
        for old in kept.glob(f"{of_folder}-*.npz"):
            if old != path:
                old.unlink(missing_ok=True)
    if not len(found):
        raise UserError(f"no face was found in the photos of {folder}; choose another folder")
    return found


def _key(folder: Path, stats: Sequence[FileStat], settings: Settings, labelled: bool) -> str:
    """What the faces found hang on."""
    models_ = [models.model_spec(name) for name in (settings.detector, models.DEFAULT_EMBEDDER)]
    said = {
        "version": _VERSION,
        "labelled": labelled,
        "models": [file.sha256 for model in models_ for file in model.files],
        "files": [(str(stat.path.relative_to(folder)), stat.size, stat.mtime_ns) for stat in stats],
    }
    return _short_hash(said)


def _short_hash(said: object) -> str:
    return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _find(
    folder: Path,
    stats: Sequence[FileStat],
    settings: Settings,
    labelled: bool,
    control: JobControl,
) -> FolderFaces:
    options = AnalysisOptions(detector=ModelId(settings.detector), thumbnails=False, crops=True)
    paths = [stat.path for stat in stats]
    analyses: dict[Path, PhotoAnalysis] = {}
    control.report(_STAGE, 0, len(paths))
    outcomes = analyse(paths, options, workers=settings.workers, control=control)
    for done, outcome in enumerate(outcomes, start=1):
        if isinstance(outcome, PhotoAnalysis):
            analyses[outcome.path] = outcome
        control.report(_STAGE, done, len(paths))
    spec = models.model_spec(models.DEFAULT_EMBEDDER)
    side, dimension = spec.input_size or 0, spec.dimension or 0
    rows: list[tuple[int, PhotoAnalysis, int]] = []
    # In the order of the walk, not in that in which the workers were done: a rerun is the same.
    for number, path in enumerate(paths):
        analysis = analyses.get(path)
        if analysis is None or not analysis.faces:
            continue
        count = len(analysis.faces)
        places = [chosen_face(analysis, FaceChoice.CENTRE)] if labelled else range(count)
        rows += [(number, analysis, place) for place in places]
    vectors = np.empty((len(rows), dimension), np.float32)
    crops = np.empty((len(rows), side, side, 3), np.uint8)
    landmarks = np.empty((len(rows), 5, 2), np.float32)
    for row, (_, analysis, place) in enumerate(rows):
        vectors[row] = analysis.faces[place].vector
        crops[row] = analysis.crops[place]
        landmarks[row] = analysis.landmarks[place]
    names = [path.relative_to(folder).parts[0] if labelled else "" for path in paths]
    return FolderFaces(
        vectors=vectors,
        quality=np.array([item.faces[place].quality for _, item, place in rows], np.float32),
        photo=np.array([number for number, _, _ in rows], np.int64),
        taken=np.array([_taken(item) for _, item, _ in rows], np.float64),
        name=np.array([names[number] for number, _, _ in rows], np.str_),
        crops=crops,
        landmarks=landmarks,
        paths=np.array([str(path.relative_to(folder)) for path in paths], np.str_),
        failed=len(paths) - len(analyses),
    )


def _taken(analysis: PhotoAnalysis) -> float:
    at = analysis.metadata.taken_at
    return np.nan if at is None or analysis.metadata.scanned else at.timestamp()


def _read(path: Path) -> FolderFaces | None:
    """What was kept; None where there is nothing, or it is damaged."""
    try:
        arrays = read_arrays(path)
        return FolderFaces(failed=int(arrays.pop("failed")), **arrays)
    except UNREADABLE:
        return None


def _write(path: Path, found: FolderFaces) -> None:
    arrays = {name: getattr(found, name) for name in FolderFaces.__dataclass_fields__}
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".found-", suffix=".tmp")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **arrays)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"the faces found cannot be kept in {path.parent} ({error.strerror}); make room on the "
            "disk"
        ) from error
