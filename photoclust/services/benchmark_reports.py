"""What a benchmark came to, on what it ran, and both as a plain value that JSON can hold."""

import contextlib
import os
import platform
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photoclust import __version__
from photoclust.services.worker_pool import usable_cores
from photoclust.vision import engines


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured, once a round: `values` in `unit`. `key` names it to scripts,
    `what` to people.
    """

    key: str
    what: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one of the values."""
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the most of the values."""
        return min(self.values), max(self.values)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The figures of one benchmark; `ran` is what ran, and how: models, threads, rounds."""

    name: str
    figures: tuple[Figure, ...]
    ran: Mapping[str, str | float]


def machine() -> dict[str, str | int]:
    """What photoclust runs on here. Loads ONNX Runtime, to ask it for its version."""
    runtime = engines.about_runtime()
    return {
        "processor": processor_name(),
        "cores_usable": usable_cores(),
        "cores": os.cpu_count() or 1,
        "system": platform.platform(),
        "python": platform.python_version(),
        "photoclust": __version__,
        "onnxruntime": runtime.version,
        "devices": " ".join(runtime.devices),
    }


def processor_name() -> str:
    """What the processor calls itself; the kind of machine where the system does not tell."""
    with contextlib.suppress(OSError):  # Linux, where platform.processor() knows no names
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        if name := next(names, ""):
            return name
    return platform.processor() or platform.machine()


def document(benchmark: Benchmark) -> dict[str, Any]:
    """The promise to scripts: `figures` by their keys."""
    return {
        "benchmark": benchmark.name,
        "machine": machine(),
        "ran": dict(benchmark.ran),
        "figures": {
            each.key: {
                "unit": each.unit,
                "median": round(each.median, 4),
                "least": round(each.spread[0], 4),
                "most": round(each.spread[1], 4),
                "values": [round(value, 4) for value in each.values],
            }
            for each in benchmark.figures
        },
    }
