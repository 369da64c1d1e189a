"""The registry of models: what there is, whether its files are sound, and how to run them.

A bundled model is added by adding its record to `resources/models/manifest.json` and, if it decodes
differently from those that are there, a class registered with `@detector` or `@embedder` and
imported by `photoclust.vision`. Own models lie in a folder that whoever asks for them names
(`own_models`).

No file is trusted: the very bytes that ONNX Runtime gets are hashed first. Nothing is loaded before
a network is opened.
"""

import functools
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Pixels, Vectors
from photoclust.core.errors import InternalError, ModelError
from photoclust.core.language import tr
from photoclust.core.paths import resource
from photoclust.core.types import (
    Compute,
    Detection,
    Engine,
    ModelFile,
    ModelId,
    ModelKind,
    ModelSpec,
)
from photoclust.vision import engines, onnx_files, own_models, records

DEFAULT_DETECTOR = ModelId("centerface")
DEFAULT_EMBEDDER = ModelId("facenet-vggface2")


class Detector(Protocol):
    """Finds faces."""

    @property
    def spec(self) -> ModelSpec:
        """What this detector was made from."""

    @property
    def engine(self) -> Engine:
        """What computes; see `engines.Session.engine`."""

    def detect(
        self, images: Sequence[Pixels], min_score: float | None = None
    ) -> list[list[Detection]]:
        """Faces of each of `images` (upright RGB, any sizes), the best score first.

        `min_score` is the lowest score kept, `spec.thresholds["score"]` where it is None. Boxes
        and landmarks are in pixels of the image and may reach beyond its edge.
        """


class Embedder(Protocol):
    """Turns face crops into unit vectors."""

    @property
    def spec(self) -> ModelSpec:
        """What this embedder was made from."""

    @property
    def engine(self) -> Engine:
        """What computes; see `engines.Session.engine`."""

    def embed(self, crops: NDArray[np.uint8]) -> Vectors:
        """Unit vectors [N, dimension] float32 of RGB crops [N, side, side, 3]."""


DetectorFactory = Callable[[ModelSpec, int, Engine], Detector]
EmbedderFactory = Callable[[ModelSpec, int, Engine], Embedder]
_DetectorT = TypeVar("_DetectorT", bound=DetectorFactory)
_EmbedderT = TypeVar("_EmbedderT", bound=EmbedderFactory)
_detectors: dict[str, DetectorFactory] = {}
_embedders: dict[str, EmbedderFactory] = {}


def detector(implementation: str) -> Callable[[_DetectorT], _DetectorT]:
    """Register a class, called with spec, number of threads and engine, as `implementation`."""

    def register(factory: _DetectorT) -> _DetectorT:
        _detectors[implementation] = factory
        return factory

    return register


def embedder(implementation: str) -> Callable[[_EmbedderT], _EmbedderT]:
    """Register a class, called with spec, number of threads and engine, as `implementation`."""

    def register(factory: _EmbedderT) -> _EmbedderT:
        _embedders[implementation] = factory
        return factory

    return register


@functools.cache
def list_models() -> tuple[ModelSpec, ...]:
    """The models that photoclust brings along, in the manifest's order."""
    return records.read_manifest(resource("models", "manifest.json"))


def model_spec(model_id: str, own: Path | None = None) -> ModelSpec:
    """The spec of `model_id`, of a bundled model or one in the folder `own` of own models.

    Raises ModelError, naming those there are, when there is none, and when its record is damaged.
    """
    specs = {spec.id: spec for spec in list_models()}
    if model_id in specs:
        return specs[ModelId(model_id)]
    if own is not None and own_models.is_there(own, model_id):
        return own_models.read(own / model_id)
    names = [*specs, *(own_models.names(own) if own is not None else ())]
    raise ModelError(
        tr(
            "there is no model {model!r}; choose one of: {names}",
            model=model_id,
            names=", ".join(names),
        )
    )


def calibration_line(spec: ModelSpec, purpose: str) -> tuple[float, float]:
    """Slope and offset of the line of `spec` for `purpose`; see `ModelSpec.calibration`.

    Raises ModelError when the model brings none.
    """
    if purpose not in spec.calibration:
        raise ModelError(
            tr(
                "the model {model!r} has no calibration {purpose!r}, so that nobody knows what "
                "its similarities are worth; choose another embedder",
                model=spec.id,
                purpose=purpose,
            )
        )
    return spec.calibration[purpose]


def verify(spec: ModelSpec, folder: Path | None = None) -> None:
    """Check every file of `spec` in `folder`, by default its own.

    Raises ModelError when one is missing, damaged or another file than the manifest names.
    """
    for file in (*spec.files, *spec.int8_files):
        _read_verified(spec, file, folder)
    licence = _folder(spec, folder) / spec.licence_file
    if not licence.is_file():
        raise ModelError(
            tr(
                "the licence {licence} of {model} is missing; {remedy}",
                licence=licence,
                model=spec.id,
                remedy=_remedy(spec),
            )
        )


def open_session(
    spec: ModelSpec,
    file: int | str = 0,
    *,
    threads: int,
    folder: Path | None = None,
    engine: Engine = engines.CPU,
) -> engines.Session:
    """A session on one file of `spec`, by place or name, run by `engine` with `threads` threads of
    the processor.

    Raises ModelError when the file is missing, damaged, swapped or cannot be run here.
    """
    if isinstance(file, str):
        names = [known.name for known in spec.files]
        if file not in names:
            raise InternalError(f"{spec.id} has no file {file!r}")
        file = names.index(file)
    files = spec.int8_files if engine.compute is Compute.INT8 else spec.files
    data = _read_verified(spec, files[file], folder)
    if spec.folder is not None and onnx_files.refers_outside(data):
        raise ModelError(
            tr(
                "{file} of {model} is no ONNX file that is complete in itself, and is not opened; "
                "export the model to a single file",
                file=files[file].name,
                model=spec.id,
            )
        )
    try:
        return engines.Session(data, engine, threads)
    except Exception as error:  # ONNX Runtime's exceptions share no base class of its own
        raise ModelError(
            tr(
                "ONNX Runtime {version} cannot run {name} ({error}); {remedy}",
                version=engines.runtime().__version__,
                name=files[file].name,
                error=error,
                remedy=_remedy(spec),
            )
        ) from error


def load_detector(
    model_id: str = DEFAULT_DETECTOR, threads: int = 1, engine: Engine = engines.CPU
) -> Detector:
    """The detector `model_id`, ready to be run by `engine` with `threads` threads.

    Raises ModelError when there is none of that name or its files are not sound.
    """
    spec = model_spec(model_id)
    if spec.kind is not ModelKind.DETECTOR:
        raise ModelError(
            tr("the model {model!r} finds no faces; choose a detector", model=model_id)
        )
    if spec.implementation not in _detectors:
        raise InternalError(f"no class is registered for the detector {spec.implementation!r}")
    return _detectors[spec.implementation](spec, threads, engine)


def load_embedder(
    model_id: str = DEFAULT_EMBEDDER,
    threads: int = 1,
    own: Path | None = None,
    engine: Engine = engines.CPU,
) -> Embedder:
    """The embedder `model_id`, bundled or in the folder `own`, ready to be run by `engine` with
    `threads` threads.

    Raises ModelError when there is none of that name or its files are not sound.
    """
    spec = model_spec(model_id, own)
    if spec.kind is not ModelKind.EMBEDDER:
        raise ModelError(
            tr("the model {model!r} makes no vectors; choose an embedder", model=model_id)
        )
    if spec.implementation not in _embedders:
        if spec.folder is not None:
            raise ModelError(
                tr(
                    "the model {model!r} is of a kind, {kind!r}, that this photoclust does not "
                    "know; update photoclust to use it",
                    model=model_id,
                    kind=spec.implementation,
                )
            )
        raise InternalError(f"no class is registered for the embedder {spec.implementation!r}")
    return _embedders[spec.implementation](spec, threads, engine)


def run_to_vectors(
    session: engines.Session, spec: ModelSpec, batch: NDArray[np.float32]
) -> Vectors:
    """The unit vectors [N, dimension] float32 of `spec` that `session`, a network with one input
    and one output, gives for `batch` [N, ...].

    Raises ModelError where an own model does not give a unit vector for each, InternalError where
    one of photoclust's does not.
    """
    error = InternalError if spec.folder is None else ModelError
    try:
        (found,) = session.run(session.output_names, dict.fromkeys(session.input_names, batch))
    except Exception as reason:  # ONNX Runtime's exceptions share no base class of its own
        if spec.folder is None or is_out_of_memory(reason):
            raise
        raise ModelError(
            tr(
                "the model {model} cannot be run ({reason}); {remedy}",
                model=spec.id,
                reason=reason,
                remedy=_remedy(spec),
            )
        ) from None
    lengths = np.linalg.norm(found.reshape(len(found), -1), axis=1)
    if found.shape != (len(batch), spec.dimension) or not np.allclose(lengths, 1.0, atol=1e-3):
        raise error(f"{spec.id} gave a vector that is not of unit length; {_remedy(spec)}")
    return found


def is_out_of_memory(error: Exception) -> bool:
    """Whether a network could not be run for want of memory."""
    # ONNX Runtime has no exception of its own for it.
    text = str(error)
    return isinstance(error, MemoryError) or "bad_alloc" in text or "Failed to allocate" in text


def _folder(spec: ModelSpec, folder: Path | None) -> Path:
    return folder or spec.folder or resource("models")


def _remedy(spec: ModelSpec) -> str:
    """What to do about files that are not sound."""
    return tr("install photoclust again") if spec.folder is None else tr(own_models.REMEDY)


def _read_verified(spec: ModelSpec, file: ModelFile, folder: Path | None) -> bytes:
    """The bytes of `file` after size and hash were found right; else raises ModelError."""
    path = _folder(spec, folder) / file.name
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(
            tr(
                "the model file {path} of {model} is missing; {remedy}",
                path=path,
                model=spec.id,
                remedy=_remedy(spec),
            )
        ) from error
    except OSError as error:
        raise ModelError(
            tr(
                "the model file {path} cannot be read ({reason}); check its permissions",
                path=path,
                reason=error.strerror,
            )
        ) from error
    if len(data) != file.size:
        raise ModelError(
            tr(
                "the model file {path} is damaged ({size} bytes instead of {expected}); {remedy}",
                path=path,
                size=len(data),
                expected=file.size,
                remedy=_remedy(spec),
            )
        )
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise ModelError(
            tr(
                "the model file {path} is damaged or another file in its place (its SHA-256 is "
                "not that of the manifest); {remedy}",
                path=path,
                remedy=_remedy(spec),
            )
        )
    return data
