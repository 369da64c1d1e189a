"""Which engine runs a network fastest on this machine, found out by letting each of them run it.

What a processor gains by 8-bit integers depends on its instructions: three times with VNNI, half as
much again with AVX2 alone for one network and nothing for another. And a device whose results are
not those of the processor is of no use, however fast it is.
"""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PIL import Image

from photoclust.core.arrays import Pixels, Vectors
from photoclust.core.paths import resource
from photoclust.core.types import Detection, Engine, ModelKind, ModelSpec
from photoclust.vision import engines, models
from photoclust.vision.finder import FIRST_SIDE, shrink

ROUNDS = 3
WORTH = 1.15
"""By what factor an engine must be faster to take the place of the plain processor."""
CROPS = 4
LEAST_COSINE = 0.97
LEAST_OVERLAP = 0.7

log = logging.getLogger(__name__)


def fastest(spec: ModelSpec, candidates: Sequence[Engine], threads: int = 1) -> Engine:
    """The one of `candidates` that runs the model `spec` fastest, with `threads` threads of the
    processor each.

    One that fails, or gives other vectors or other faces than the processor in float32, is passed
    over. Raises ModelError when the model cannot be run at all.
    """
    if len(candidates) == 1:
        return candidates[0]
    picture = _picture()
    runners = {engines.CPU: _runner(spec, picture, threads, engines.CPU)}
    expected = runners[engines.CPU]()
    for engine in candidates:
        if engine == engines.CPU:
            continue
        try:
            runner = _runner(spec, picture, threads, engine)
            found = runner()
        except Exception as error:  # whatever a driver raises
            log.warning("%s cannot run %s: %s", engine, spec.id, error)
            continue
        if _agree(expected, found):
            runners[engine] = runner
        else:
            log.warning("%s gives other results for %s than the processor", engine, spec.id)
    seconds: dict[Engine, list[float]] = {engine: [] for engine in runners}
    for _ in range(ROUNDS):
        for engine, runner in runners.items():
            start = time.perf_counter()
            runner()
            seconds[engine].append(time.perf_counter() - start)
    best = min(seconds, key=lambda engine: min(seconds[engine]))
    gain = min(seconds[engines.CPU]) / min(seconds[best])
    log.info("%s runs %s %.2f times as fast as %s", best, spec.id, gain, engines.CPU)
    return best if gain >= WORTH or engines.CPU not in candidates else engines.CPU


def _picture() -> Pixels:
    """A photo of the demo album, as a first look sees it."""
    path = min(resource("demo", "album").rglob("*.jpg"))
    with Image.open(path) as image:
        return shrink(np.asarray(image.convert("RGB")), FIRST_SIDE)


Result = Vectors | list[Detection]


def _runner(spec: ModelSpec, picture: Pixels, threads: int, engine: Engine) -> Callable[[], Result]:
    """What lets `engine` run the network of `spec` once."""
    if spec.kind is ModelKind.DETECTOR:
        detector = models.load_detector(spec.id, threads, engine)
        _require(engine, detector.engine)
        return lambda: detector.detect([picture])[0]
    own = spec.folder.parent if spec.folder is not None else None
    embedder = models.load_embedder(spec.id, threads, own, engine)
    _require(engine, embedder.engine)
    side = spec.input_size or 160
    crop = np.asarray(Image.fromarray(picture).resize((side, side)))
    crops = np.stack([np.roll(crop, shift * side // CROPS, axis=1) for shift in range(CROPS)])
    return partial(embedder.embed, crops)


def _require(wanted: Engine, got: Engine) -> None:
    if got != wanted:
        raise RuntimeError("it stepped back")


def _agree(expected: Result, found: Result) -> bool:
    if isinstance(expected, np.ndarray) and isinstance(found, np.ndarray):
        return bool((expected * found).sum(axis=1).min() >= LEAST_COSINE)
    return len(expected) == len(found) and all(
        max(one.box.iou(other.box) for other in found) >= LEAST_OVERLAP for one in expected
    )
