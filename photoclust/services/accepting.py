"""Letting the model in that a training came to: it has to be what was trained, and to work.

Whether it is good enough is the verdict of the training itself (`training.gate`).
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np

from photoclust.core.errors import InternalError, UserError
from photoclust.core.paths import make_private_folder
from photoclust.core.progress import JobControl
from photoclust.services import embedding_model, model_files
from photoclust.services.forgetting import PEOPLE_FILE
from photoclust.store.database import Library
from photoclust.training.faces import RunFaces
from photoclust.training.options import Kind
from photoclust.training.run_folder import CHECK_FILE, MODEL, read_request
from photoclust.vision import models, own_models, records

_AGREE = 1e-3
"""How far vectors may be from those of the training when ONNX Runtime computes them."""


def check(folder: Path) -> None:
    """Raise InternalError unless ONNX Runtime computes with the new model what torch did."""
    request, model = read_request(folder), folder / MODEL
    (spec,) = records.read_manifest(model / own_models.RECORD_FILE)
    faces = RunFaces.load(folder)
    with np.load(folder / CHECK_FILE, allow_pickle=False) as file:
        rows, expected = file["rows"], file["vectors"]
    if request.options.recipe is Kind.HEAD:
        session = models.open_session(spec, "head.onnx", threads=1, folder=model)
        (found,) = session.run(["vectors"], {"of": faces.vectors[rows]})
    else:
        assert faces.crops is not None
        crops = np.asarray(faces.crops[rows]).transpose(0, 3, 1, 2).astype(np.float32)
        session = models.open_session(spec, 0, threads=1, folder=model)
        crops = (crops - np.float32(spec.mean)) / np.float32(spec.std)
        (found,) = session.run(["vectors"], {"crops": crops})
    if found.shape != expected.shape or not np.allclose(found, expected, atol=_AGREE):
        raise InternalError(
            f"the model of the run {folder.name} gives other vectors than it was trained to"
        )


def install(library: Library, folder: Path, model: str, control: JobControl) -> None:
    """Let the `model` that came of the run in `folder` in among the own ones of `library`, in the
    way in which one is imported.

    Raises ModelError when it is not sound, UserError when it cannot be written, CancelledError when
    cancelled: nothing is left of it then.
    """
    own = make_private_folder(embedding_model.own_models_of(library))
    try:
        with tempfile.TemporaryDirectory(dir=own, prefix=".import-", suffix=".tmp") as name:
            staged = Path(name) / model
            shutil.copytree(folder / MODEL, staged)
            if (folder / PEOPLE_FILE).exists():
                shutil.copy(folder / PEOPLE_FILE, staged)
            model_files.install(library, staged, control=control)
    except OSError as error:
        raise UserError(
            f"the new model cannot be kept in {own} ({error.strerror or error}); make room on the "
            "disk, then give the same command again"
        ) from error
