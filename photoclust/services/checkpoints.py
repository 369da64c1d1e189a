"""Making an own model of a checkpoint of facenet-pytorch, which needs the extra `train`.

Nobody knows what the cosines of such a network are worth. How surely a face is recognised is told
in standard deviations above strangers, which every album shows anew, so that the line for that is
taken over from the bundled model. Its thresholds and its line for cosines are taken over only where
the new network's cosines of the faces in the demo album are those of the bundled one; without them
everything works but the hints that need a cosine to compare with.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from photoclust.core.arrays import Pixels, Vectors
from photoclust.core.errors import UnreadableFileError, UserError
from photoclust.core.paths import make_private_folder, resource
from photoclust.core.progress import JobControl
from photoclust.core.types import ModelFile, ModelId, ModelKind, ModelSpec
from photoclust.media.files import OriginalFile
from photoclust.services import child
from photoclust.services.analysis import AnalysisOptions, Analyst, Pending
from photoclust.services.forgetting import PEOPLE_FILE
from photoclust.vision import models, own_models, records

FOLLOWS = 0.1
"""The cosines of two models are taken for the same where none differs by more."""
_LICENCE = "licence.txt"
_NETWORK = "network.onnx"
_HASH_LETTERS = 8


@dataclass(frozen=True, slots=True)
class _Written:
    """What the record of a converted network says; the names are those of `training.export`."""

    file: ModelFile
    dimension: int
    input_size: int
    mean: float
    std: float
    channel_order: str


def convert(
    source: Path, stage: Path, taken: Collection[str], *, control: JobControl | None = None
) -> str:
    """Write the model in the checkpoint `source` to a folder in `stage` that is called as it is;
    gives that name.

    Raises UserError when the extra `train` is not installed, the file is no such checkpoint, or the
    model is there already; CancelledError when cancelled.
    """
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    model = ModelId(f"facenet-{digest[:_HASH_LETTERS]}")
    own_models.require_id(model, taken)
    folder = make_private_folder(stage / model)
    written = child.call(_export, source, folder / _NETWORK, control=control)
    (folder / _LICENCE).write_text(
        f"The weights are those of the file {source.name}; the licence is the one that they came "
        "with.\n",
        encoding="utf-8",
    )
    (folder / PEOPLE_FILE).write_text("[]", encoding="utf-8")
    bundled = models.model_spec(models.DEFAULT_EMBEDDER)
    spec = ModelSpec(
        id=model,
        kind=ModelKind.EMBEDDER,
        implementation=bundled.implementation,
        title=f"FaceNet with the weights of {source.name}",
        files=(written.file,),
        licence="unknown",
        licence_file=_LICENCE,
        source={"file": source.name, "file_sha256": digest},
        input_size=written.input_size,
        channel_order=written.channel_order,
        mean=written.mean,
        std=written.std,
        dimension=written.dimension,
        thresholds={},
        calibration={"match": bundled.calibration["match"]},
        accuracy={},
    )
    _write(spec, folder)
    if child.call(follows, folder, control=control):
        _write(_with_numbers_of(bundled, spec), folder)
    for path in folder.iterdir():
        path.chmod(0o600)
    return model


def follows(folder: Path) -> bool:
    """Whether the own model in `folder` gives the pairs of faces in the demo album the cosines that
    the bundled model gives them.
    """
    spec = own_models.read(folder)
    bundled = models.load_embedder()
    if spec.input_size != bundled.spec.input_size:
        return False
    crops = np.stack(_demo_faces())
    one = _cosines(bundled.embed(crops))
    other = _cosines(models.load_embedder(spec.id, own=folder.parent).embed(crops))
    return bool(np.abs(one - other).max() <= FOLLOWS)


def _with_numbers_of(bundled: ModelSpec, spec: ModelSpec) -> ModelSpec:
    return records.parse(
        {
            **records.as_record(spec),
            "thresholds": dict(bundled.thresholds),
            "calibration": {name: list(line) for name, line in bundled.calibration.items()},
        },
        spec.folder,
    )


def _write(spec: ModelSpec, folder: Path) -> None:
    (folder / own_models.RECORD_FILE).write_text(records.as_text(spec), encoding="utf-8")


def _export(source: Path, target: Path) -> _Written:
    """Convert the checkpoint in this process, and tell what came of it in types that need no torch
    to be received.
    """
    try:
        from photoclust.training import checkpoint_import, export  # noqa: PLC0415 - they load torch
    except ImportError as error:
        raise UserError(
            f"{source.name} is a checkpoint, which needs PyTorch to be read ({error}); install "
            "photoclust with its extra train: pip install '.[train]' in the folder of its sources"
        ) from error
    made = export.export_backbone(checkpoint_import.load_checkpoint(source), target)
    return _Written(**asdict(made) | {"file": made.file})


def _demo_faces() -> Sequence[Pixels]:
    analyst = Analyst(AnalysisOptions(thumbnails=False))
    crops: list[Pixels] = []
    for path in sorted(resource("demo", "album").rglob("*")):
        if path.is_file():
            try:
                with OriginalFile(path) as original:
                    found = analyst.look(original, path.name)
            except UnreadableFileError:
                continue  # the album shows what becomes of a broken file
            assert isinstance(found, Pending)
            crops += found.crops
    return crops


def _cosines(vectors: Vectors) -> Vectors:
    """The cosine of each pair of the unit `vectors` [N, d], [N (N - 1) / 2]."""
    cosines: Vectors = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    return cosines
