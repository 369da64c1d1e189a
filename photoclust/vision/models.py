"""The registry of models: what there is, whether its files are sound, and how to run them.

The one place that imports ONNX Runtime, and only when the first network is opened. A bundled model
is added by adding its record to `resources/models/manifest.json` and, if it decodes differently
from those that are there, a class registered with `@detector` or `@embedder` and imported by
`photoclust.vision`. Own models lie in a folder that whoever asks for them names (`own_models`).

No file is trusted: the very bytes that ONNX Runtime gets are hashed first.
"""

import functools
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from photoclust.core import memory
from photoclust.core.arrays import Pixels, Vectors
from photoclust.core.errors import InternalError, ModelError
from photoclust.core.language import tr
from photoclust.core.paths import resource
from photoclust.core.types import Detection, ModelFile, ModelId, ModelKind, ModelSpec
from photoclust.vision import onnx_files, own_models, records

DEFAULT_DETECTOR = ModelId("centerface")
DEFAULT_EMBEDDER = ModelId("facenet-vggface2")

# CoreML is left out on purpose: it is part of every macOS wheel, computes in 16 bits where it can
# and is slow on pictures of many sizes. The others come only with a wheel one chose to install.
_PROVIDERS = ("CUDAExecutionProvider", "DmlExecutionProvider", "CPUExecutionProvider")


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs networks here: the version of ONNX Runtime, the `providers` that a session is
    given, the first choice first, and what kind of numbers networks are `computed_in`.
    """

    version: str
    providers: tuple[str, ...]
    computed_in: str = "float32"


class Session:
    """A network that is loaded, in ONNX Runtime."""

    def __init__(self, network: Any) -> None:
        self._network = network
        self._trimmed = _trims

    def run(
        self, output_names: Sequence[str], inputs: Mapping[str, NDArray[np.float32]]
    ) -> list[NDArray[np.float32]]:
        """The outputs named, in that order."""
        options = None
        if self._trimmed < _trims:
            self._trimmed = _trims
            options = _runtime().RunOptions()
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        outputs: list[NDArray[np.float32]] = self._network.run(output_names, inputs, options)
        return outputs

    @property
    def input_names(self) -> list[str]:
        """What the network calls its inputs, in its order."""
        return [each.name for each in self._network.get_inputs()]

    @property
    def output_names(self) -> list[str]:
        """What the network calls its outputs, in its order."""
        return [each.name for each in self._network.get_outputs()]


_trims = 0
"""How often all sessions were asked to hand their working memory back."""


def trim() -> None:
    """Let every session hand its working memory back after its next run.

    ONNX Runtime keeps what the largest pictures took, in pieces that double (its arena). Doing this
    after every run would cost a third of the speed.
    """
    global _trims  # noqa: PLW0603 - there is one heap, and sessions are opened in many places
    _trims += 1


class Detector(Protocol):
    """Finds faces."""

    @property
    def spec(self) -> ModelSpec:
        """What this detector was made from."""

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

    def embed(self, crops: NDArray[np.uint8]) -> Vectors:
        """Unit vectors [N, dimension] float32 of RGB crops [N, side, side, 3]."""


DetectorFactory = Callable[[ModelSpec, int], Detector]
EmbedderFactory = Callable[[ModelSpec, int], Embedder]
_DetectorT = TypeVar("_DetectorT", bound=DetectorFactory)
_EmbedderT = TypeVar("_EmbedderT", bound=EmbedderFactory)
_detectors: dict[str, DetectorFactory] = {}
_embedders: dict[str, EmbedderFactory] = {}


def detector(implementation: str) -> Callable[[_DetectorT], _DetectorT]:
    """Register a class, called with a spec and a number of threads, as `implementation`."""

    def register(factory: _DetectorT) -> _DetectorT:
        _detectors[implementation] = factory
        return factory

    return register


def embedder(implementation: str) -> Callable[[_EmbedderT], _EmbedderT]:
    """Register a class, called with a spec and a number of threads, as `implementation`."""

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
    for file in spec.files:
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
    spec: ModelSpec, file: int | str = 0, *, threads: int, folder: Path | None = None
) -> Session:
    """A session on one file of `spec`, by place or name, using `threads` threads.

    Raises ModelError when the file is missing, damaged, swapped or cannot be run here.
    """
    if isinstance(file, str):
        names = [known.name for known in spec.files]
        if file not in names:
            raise InternalError(f"{spec.id} has no file {file!r}")
        file = names.index(file)
    data = _read_verified(spec, spec.files[file], folder)
    if spec.folder is not None and onnx_files.refers_outside(data):
        raise ModelError(
            tr(
                "{file} of {model} is no ONNX file that is complete in itself, and is not opened; "
                "export the model to a single file",
                file=spec.files[file].name,
                model=spec.id,
            )
        )
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    # Pictures come in many sizes: a memory plan per size would be kept for ever.
    options.enable_mem_pattern = False
    # Weights kept in 8 bits are turned to float32 once, at loading, not at every run.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    # Several processes share the cores: a waiting thread must not burn one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = _providers(runtime)
    try:
        session = Session(runtime.InferenceSession(data, options, providers=providers))
    except Exception as error:  # ONNX Runtime's exceptions share no base class of its own
        name = spec.files[file].name
        raise ModelError(
            tr(
                "ONNX Runtime {version} cannot run {name} ({error}); {remedy}",
                version=runtime.__version__,
                name=name,
                error=error,
                remedy=_remedy(spec),
            )
        ) from error
    # Loading a network frees half of what it took, 145 MB for FaceNet.
    memory.return_freed()
    return session


def about_runtime() -> Runtime:
    """What runs networks here; loads ONNX Runtime."""
    runtime = _runtime()
    return Runtime(runtime.__version__, tuple(_providers(runtime)))


def load_detector(model_id: str = DEFAULT_DETECTOR, threads: int = 1) -> Detector:
    """The detector `model_id`, ready to run on `threads` threads.

    Raises ModelError when there is none of that name or its files are not sound.
    """
    spec = model_spec(model_id)
    if spec.kind is not ModelKind.DETECTOR:
        raise ModelError(
            tr("the model {model!r} finds no faces; choose a detector", model=model_id)
        )
    if spec.implementation not in _detectors:
        raise InternalError(f"no class is registered for the detector {spec.implementation!r}")
    return _detectors[spec.implementation](spec, threads)


def load_embedder(
    model_id: str = DEFAULT_EMBEDDER, threads: int = 1, own: Path | None = None
) -> Embedder:
    """The embedder `model_id`, bundled or in the folder `own`, ready to run on `threads` threads.

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
    return _embedders[spec.implementation](spec, threads)


def run_to_vectors(session: Session, spec: ModelSpec, batch: NDArray[np.float32]) -> Vectors:
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


def _providers(runtime: Any) -> list[str]:
    available = runtime.get_available_providers()
    return [name for name in _PROVIDERS if name in available]


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


def _runtime() -> Any:
    """ONNX Runtime, imported at the first call.

    Since 1.29 its wheels report usage unless this variable is set before the library loads.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415 - loading it takes long, and must come after the line above

    errors_only = 3
    onnxruntime.set_default_logger_severity(errors_only)
    return onnxruntime
