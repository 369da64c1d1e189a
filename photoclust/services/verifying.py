"""Whether two photos show the same person: their faces are found as in a scan, and compared.

Nothing is stored, and no library is needed.
"""

import itertools
import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import expit

from photoclust.cluster.parameters import Parameters
from photoclust.core.errors import UserError
from photoclust.core.language import marked
from photoclust.core.pages import file_of
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import FoundFace, ModelId
from photoclust.media.files import reason_of
from photoclust.recognize.calibration import Platt
from photoclust.services import computing
from photoclust.services.analysis import AnalysisOptions, PhotoAnalysis
from photoclust.services.worker_pool import Unreadable, analyse
from photoclust.vision import models

STAGE = marked("Finding faces")


@dataclass(frozen=True, slots=True)
class ComparedPhoto:
    """A photo and its `faces`, boxes in px of the upright picture; `main` is the largest."""

    path: Path
    faces: tuple[FoundFace, ...]
    main: FoundFace


@dataclass(frozen=True, slots=True)
class FacePair:
    """A face of either photo: how alike they are (cosine), how probably they are one person where
    that and the contrary are equally likely beforehand, and whether that is one half or more.
    """

    a: FoundFace
    b: FoundFace
    similarity: float
    probability: float
    same: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is to be said of two photos.

    `main` is the pair of their main faces, `pairs` are those of every face of one with every face
    of the other, the most alike first. `threshold` is the cosine from which a pair is taken for one
    person. `same_picture` where both files hold the same picture, which says nothing of the person.
    """

    a: ComparedPhoto
    b: ComparedPhoto
    model: ModelId
    threshold: float
    main: FacePair
    pairs: tuple[FacePair, ...]
    same_picture: bool


def compare(
    a: Path, b: Path, settings: Settings, *, control: JobControl | None = None
) -> Comparison:
    """Find the faces of the photos `a` and `b`, and compare them.

    Raises UserError when one of them is no picture that can be read or shows no face, ModelError
    when a model is damaged or not calibrated, CancelledError when cancelled.
    """
    model = models.model_spec(settings.embedder)
    line = Platt(*models.calibration_line(model, "pair"))
    for path in (a, b):
        _require_file(path)
    found = _analyse(a, b, settings, control or JobControl())
    one, other = _photo(found[a]), _photo(found[b])
    pairs = [_pair(*faces, line) for faces in itertools.product(one.faces, other.faces)]
    return Comparison(
        a=one,
        b=other,
        model=model.id,
        threshold=-line.offset / line.slope,
        main=_pair(one.main, other.main, line),
        pairs=tuple(sorted(pairs, key=lambda pair: -pair.similarity)),
        same_picture=found[a].picture_digest == found[b].picture_digest,
    )


def is_unclear(face: FoundFace) -> bool:
    """Whether a face is so small, blurred or turned away that its vector says little; a grouping
    lets such a face found no group.
    """
    return face.quality < Parameters().founding_quality


def _require_file(path: Path) -> None:
    try:
        mode = file_of(path).stat().st_mode
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        reason = "there is no such file" if missing else reason_of(error)
        raise UserError(f"cannot read {path} ({reason}); check the path") from error
    if stat.S_ISDIR(mode):
        raise UserError(f"{path} is a folder; give a photo that is in it")


def _analyse(
    a: Path, b: Path, settings: Settings, control: JobControl
) -> dict[Path, PhotoAnalysis]:
    paths = list(dict.fromkeys((a, b)))  # the same file twice is read once
    options = AnalysisOptions(
        detector=ModelId(settings.detector),
        embedder=ModelId(settings.embedder),
        thumbnails=False,
        compute=computing.compute_of(settings),
    )
    analyses: dict[Path, PhotoAnalysis] = {}
    reasons: dict[Path, str] = {}
    control.report(STAGE, 0, len(paths))
    # A second worker saves no time: it would have to load the networks as well.
    for outcome in analyse(paths, options, workers=1, control=control):
        if isinstance(outcome, PhotoAnalysis):
            analyses[outcome.path] = outcome
        elif isinstance(outcome, Unreadable):
            reasons[outcome.path] = outcome.reason
        control.report(STAGE, len(analyses) + len(reasons), len(paths))
    control.checkpoint()
    for path in paths:
        if path in reasons:
            raise UserError(
                f"no picture can be read from {path} ({reasons[path]}); give another photo"
            )
        if not analyses[path].faces:
            raise UserError(
                f"no face was found in {path}; give a photo in which the face is larger and seen "
                "from the front"
            )
    return analyses


def _photo(analysis: PhotoAnalysis) -> ComparedPhoto:
    main = max(analysis.faces, key=lambda face: face.detection.box.area)
    return ComparedPhoto(analysis.path, analysis.faces, main)


def _pair(a: FoundFace, b: FoundFace, line: Platt) -> FacePair:
    assert a.vector is not None
    assert b.vector is not None
    # Rounding may lead beyond 1, where both are the same face.
    cosine = np.clip(a.vector @ b.vector, -1, 1, dtype=np.float64)
    probability = float(expit(line.log_odds(cosine)))
    return FacePair(a, b, float(cosine), probability, probability >= 0.5)
