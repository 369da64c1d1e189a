"""What can run a network here, and a network that is being run.

The one place that imports ONNX Runtime, and only when the first network is opened. Which devices
there are depends on the wheel of it that is installed: `onnxruntime` brings the processor, and
CoreML on macOS; `onnxruntime-gpu` CUDA, `onnxruntime-directml` DirectML.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoclust.core import memory
from photoclust.core.types import Compute, Engine, ModelSpec

CPU = Engine()
DEVICES = {
    "cuda": "CUDAExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""What ONNX Runtime calls the provider of each device, in the order in which they are tried."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Runtime:
    """The ONNX Runtime that is installed: its version, and the devices that it can use."""

    version: str
    devices: tuple[str, ...]


def about_runtime() -> Runtime:
    """What runs networks here; loads ONNX Runtime."""
    there = runtime().get_available_providers()
    devices = tuple(device for device, provider in DEVICES.items() if provider in there)
    return Runtime(runtime().__version__, devices)


def possible(spec: ModelSpec, compute: Compute | None = None) -> tuple[Engine, ...]:
    """The engines that may run `spec` here, the plain processor last; with `compute`, only those in
    these numbers, unless there are none.
    """
    found = [Engine(device) for device in about_runtime().devices]
    if spec.int8_files:
        found.insert(len(found) - 1, Engine("cpu", Compute.INT8))
    chosen = [engine for engine in found if compute in (None, engine.compute)]
    return tuple(chosen or found)


class Session:
    """A network that is loaded, in ONNX Runtime.

    One that a device other than the processor cannot load or fails to run goes on on the processor,
    in the same numbers: a driver that fails is no reason to stop a scan.
    """

    def __init__(self, network: bytes, engine: Engine = CPU, threads: int = 1) -> None:
        """Load the ONNX file `network`. Raises what ONNX Runtime does where the processor cannot
        run it either.
        """
        self.engine = engine
        """What runs the network, which is the processor once another device has failed."""
        self._bytes = network if engine.device != CPU.device else b""
        self._threads = threads
        self._trimmed = _trims
        try:
            self._network = _load(network, engine, threads)
        except Exception as error:  # ONNX Runtime's exceptions share no base class of its own
            if not self._bytes:
                raise
            self._step_back(error)

    def run(
        self, output_names: Sequence[str], inputs: Mapping[str, NDArray[np.float32]]
    ) -> list[NDArray[np.float32]]:
        """The outputs named, in that order."""
        options = None
        if self._trimmed < _trims:
            self._trimmed = _trims
            options = runtime().RunOptions()
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        outputs: list[NDArray[np.float32]]
        try:
            outputs = self._network.run(output_names, inputs, options)
        except Exception as error:
            if not self._bytes:
                raise
            self._step_back(error)
            outputs = self._network.run(output_names, inputs, options)
        return outputs

    @property
    def input_names(self) -> list[str]:
        """What the network calls its inputs, in its order."""
        return [each.name for each in self._network.get_inputs()]

    @property
    def output_names(self) -> list[str]:
        """What the network calls its outputs, in its order."""
        return [each.name for each in self._network.get_outputs()]

    def _step_back(self, error: Exception) -> None:
        log.warning("%s cannot run the network, the processor does: %s", self.engine, error)
        self.engine = Engine(CPU.device, self.engine.compute)
        self._network = _load(self._bytes, self.engine, self._threads)
        self._bytes = b""


def _load(network: bytes, engine: Engine, threads: int) -> Any:
    options = runtime().SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = runtime().ExecutionMode.ORT_SEQUENTIAL
    # Pictures come in many sizes: a memory plan per size would be kept for ever.
    options.enable_mem_pattern = False
    if engine.compute is Compute.FLOAT32:
        # Weights kept in 8 bits are turned to float32 once, at loading, not at every run.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
    # Several processes share the cores: a waiting thread must not burn one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    provider = DEVICES[engine.device]
    if provider not in runtime().get_available_providers():
        raise RuntimeError(f"the ONNX Runtime that is installed has no {provider}")
    providers = dict.fromkeys((provider, DEVICES[CPU.device]))
    loaded = runtime().InferenceSession(network, options, providers=list(providers))
    if loaded.get_providers()[0] != provider:
        # ONNX Runtime goes on without a provider whose libraries or driver it does not find.
        raise RuntimeError(f"the driver or a library of {engine.device} is missing")
    # Loading a network frees half of what it took, 145 MB for FaceNet.
    memory.return_freed()
    return loaded


_trims = 0
"""How often all sessions were asked to hand their working memory back."""


def trim() -> None:
    """Let every session hand its working memory back after its next run.

    ONNX Runtime keeps what the largest pictures took, in pieces that double (its arena). Doing this
    after every run would cost a third of the speed.
    """
    global _trims  # noqa: PLW0603 - there is one heap, and sessions are opened in many places
    _trims += 1


def runtime() -> Any:
    """ONNX Runtime, imported at the first call.

    Since 1.29 its wheels report usage unless this variable is set before the library loads.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415 - loading it takes long, and must come after the line above

    errors_only = 3
    onnxruntime.set_default_logger_severity(errors_only)
    return onnxruntime
