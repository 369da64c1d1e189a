"""Which engine runs which network: found out once on each machine, and kept.

Whoever starts workers asks here before, so that all of them compute alike.
"""

import functools
import hashlib
import importlib.util
import json
import logging
import platform
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from photoclust.core import paths
from photoclust.core.errors import InternalError, UserError
from photoclust.core.language import marked
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import Compute, Engine, ModelId, ModelSpec
from photoclust.services import child
from photoclust.services.analysis import AnalysisOptions
from photoclust.vision import engines, models, trials

TRIAL_FROM_FILES = 40
"""To find out takes some seconds, which fewer photos do not win back."""
STAGE = marked("Finding out how this computer is fastest")
_KEPT_FILE = "engines.json"

log = logging.getLogger(__name__)


def compute_of(settings: Settings) -> Compute | None:
    """In which numbers the user wants networks to compute, None for the fastest."""
    return None if settings.compute == "auto" else Compute(settings.compute)


def decided(
    options: AnalysisOptions, *, files: int | None = None, control: JobControl | None = None
) -> AnalysisOptions:
    """`options` with the engines for its models that suit this machine and `options.compute`.

    Where the fastest is asked for and not known yet, every engine is tried, in a process of its
    own; with fewer than TRIAL_FROM_FILES `files` the processor computes in float32. Engines that
    were decided on already stay. Raises ModelError when a model is missing or damaged,
    CancelledError when cancelled.
    """
    if options.engines:
        return options
    wanted = (
        models.model_spec(options.detector),
        models.model_spec(options.embedder, options.own_models),
    )
    found = {spec.id: _kept_or_forced(spec, options.compute) for spec in wanted}
    unknown = [spec for spec in wanted if found[spec.id] is None]
    if unknown and (files is None or files >= TRIAL_FROM_FILES):
        (control or JobControl()).report(STAGE, 0)
        try:
            tried = child.call(try_all, unknown, options.compute, control=control)
        except InternalError as error:  # a driver that takes its process along
            log.warning("trying the engines failed, only the processor is tried: %s", error)
            tried = child.call(try_all, unknown, options.compute, on_cpu=True, control=control)
        _keep({_key(spec, options.compute): tried[spec.id] for spec in unknown})
        found |= tried
    return replace(
        options, engines={model: engine or engines.CPU for model, engine in found.items()}
    )


def try_all(
    specs: list[ModelSpec], compute: Compute | None, *, on_cpu: bool = False
) -> dict[ModelId, Engine]:
    """The fastest engine of each of `specs`, with `on_cpu` of those of the processor; see
    `vision.trials.fastest`.
    """
    return {
        spec.id: trials.fastest(
            spec,
            [
                engine
                for engine in engines.possible(spec, compute)
                if engine.device == engines.CPU.device or not on_cpu
            ],
        )
        for spec in specs
    }


def _kept_or_forced(spec: ModelSpec, compute: Compute | None) -> Engine | None:
    """The engine of `spec` if no trial is needed: there is only one, or it was found before."""
    if compute is Compute.INT8 and spec.int8_files:
        return Engine(compute=Compute.INT8)
    return _kept().get(_key(spec, compute))


def _kept() -> dict[str, Engine]:
    try:
        kept = json.loads(_kept_path().read_text(encoding="utf-8"))
        return {key: Engine(device, Compute(compute)) for key, (device, compute) in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # not there, or no such file: what is not known is found out again


def _keep(found: Mapping[str, Engine]) -> None:
    everything = {**_kept(), **found}
    text = json.dumps({key: [each.device, each.compute] for key, each in everything.items()})
    try:
        paths.make_private_folder(_kept_path().parent)
        with open(_kept_path(), "w", encoding="utf-8", opener=paths.private) as file:
            file.write(text)
    except (OSError, UserError) as error:
        log.warning("cannot keep which engine is fastest: %s", error)


def _kept_path() -> Path:
    return paths.cache_folder() / _KEPT_FILE


def _key(spec: ModelSpec, compute: Compute | None) -> str:
    """What the fastest engine depends on: model, processor, ONNX Runtime."""
    files = [file.sha256 for file in (*spec.files, *spec.int8_files)]
    facts = [*files, str(compute), _processor(), _runtime_version()]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


@functools.cache
def _processor() -> str:
    """The processor and what it can do."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    names = ("model name", "flags", "Features", "CPU part")
    return " ".join(sorted({line for line in lines if line.startswith(names)}))


@functools.cache
def _runtime_version() -> str:
    """Which ONNX Runtime is installed, without importing it."""
    found = importlib.util.find_spec("onnxruntime")
    if found is None or found.origin is None:
        return ""
    # In a frozen app the modules lie in its executable.
    file = sys.executable if getattr(sys, "frozen", False) else found.origin
    return f"{found.origin} {Path(file).stat().st_mtime_ns}"
