"""How fast photoclust is on this machine, measured here and now: scanning, finding and embedding
faces, grouping. (`benchmark_startup` has the start.)

It runs on what the program brings along. No library of the user's is touched: what is written lies
in a temporary folder that goes at the end, however it comes. Networks and grouping run in processes
of their own, which can be ended at any moment.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil

from photoclust.cluster import METHODS
from photoclust.core import metrics
from photoclust.core.errors import UserError
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import Compute, Engine, ModelId
from photoclust.services import child, computing
from photoclust.services.analysis import AnalysisOptions
from photoclust.services.benchmark_faces import made_up_faces
from photoclust.services.benchmark_photos import album_crops, album_pictures, make_photos
from photoclust.services.benchmark_reports import Benchmark, Figure
from photoclust.services.grouping import compute_labels
from photoclust.services.ingest import ScanReport, ingest, require_roots
from photoclust.services.worker_pool import crew_size, usable_cores
from photoclust.store.database import Library
from photoclust.vision import models
from photoclust.vision.finder import FIRST_SIDE, FaceFinder

BATCHES = (1, 4, 8, 16)
"""Faces embedded at once; scans take up to 16."""
FACES_A_ROUND = 32
STAGE = "Measuring"
TEMPORARY = "photoclust-bench-"


def scan(
    folder: Path | None = None,
    *,
    photos: int = 24,
    rounds: int = 3,
    workers: int | None = None,
    detector: ModelId = models.DEFAULT_DETECTOR,
    compute: Compute | None = None,
    control: JobControl | None = None,
) -> Benchmark:
    """Whole scans into new libraries: photos per second, and how busy the cores were.

    The photos are those in `folder`, or `photos` of 12 megapixels made for it. The time counts from
    the walk to the last photo that is written, the start of the workers included. Raises UserError
    where there is no photo that can be read, CancelledError.
    """
    control = control or JobControl()
    numbers = "auto" if compute is None else compute.value
    settings = replace(Settings(), detector=detector, workers=workers, compute=numbers)
    # So few photos are not worth a trial, but stand for many.
    _engines(detector, compute, control)
    require_roots(() if folder is None else [folder])
    with TemporaryDirectory(prefix=TEMPORARY) as temporary:
        source = folder
        if source is None:
            source = Path(temporary, "photos")
            source.mkdir()
            make_photos(source, photos, control)
        reports, busy = [], []
        for number in range(rounds):
            report, processor_s = _one_scan(source, Path(temporary, str(number)), settings, control)
            if not report.photos:
                raise UserError(f"no photo in {source} can be read; give a folder with photos")
            reports.append(report)
            busy.append(100 * processor_s / (report.seconds * usable_cores()))
    seen = reports[0].photos
    crew, threads = crew_size(workers, files=seen + len(reports[0].failed))
    return Benchmark(
        "scan",
        (
            Figure(
                "photos_per_second",
                "Photos scanned",
                "photos/s",
                tuple(each.photos_per_second for each in reports),
            ),
            Figure("cores_busy", "Cores busy", "%", tuple(busy)),
        ),
        {
            "photos": seen,
            "faces": reports[0].faces,
            "folder": "made of the demo album" if folder is None else str(folder),
            "detector": detector,
            "embedder": settings.embedder,
            **{f"{model} runs on": str(each) for model, each in reports[0].engines.items()},
            "workers": crew,
            "threads": threads,
            "rounds": rounds,
        },
    )


class _Meter(JobControl):
    """Passes on to another control, and reads the processor time of this process and of those that
    it started when a stage is at its end, while the workers are still there.
    """

    def __init__(self, outer: JobControl) -> None:
        super().__init__()
        self._outer = outer
        self._this = psutil.Process()
        self._own = self._now()
        self._before = self._below()
        self._after: dict[psutil.Process, float] = {}

    @property
    def seconds(self) -> float:
        """Processor seconds since this was made; of a worker that was lost before the end, none."""
        below = sum(took - self._before.get(each, 0.0) for each, took in self._after.items())
        return self._now() - self._own + below

    def checkpoint(self) -> None:
        """As the outer control's."""
        self._outer.checkpoint()

    def report(self, stage: str, done: int, total: int | None = None) -> None:
        """Pass it on."""
        self._outer.report(stage, done, total)
        if done == total:
            self._after = self._below()

    def _now(self) -> float:
        times = self._this.cpu_times()
        return float(times.user + times.system)

    def _below(self) -> dict[psutil.Process, float]:
        found = {}
        for each in self._this.children(recursive=True):
            try:
                times = each.cpu_times()
            except psutil.Error:  # it has just ended
                continue
            found[each] = float(times.user + times.system)
        return found


def _one_scan(
    source: Path, library: Path, settings: Settings, control: JobControl
) -> tuple[ScanReport, float]:
    """One scan of `source` into a new library, and the processor seconds it took."""
    with Library(library) as opened:
        meter = _Meter(control)
        report = ingest(opened, [source], settings, remember=False, control=meter)
        return report, meter.seconds


def embed(
    *,
    rounds: int = 5,
    threads: int | None = None,
    compute: Compute | None = None,
    control: JobControl | None = None,
) -> Benchmark:
    """Faces per second of the bundled embedder, by how many it gets at once. Raises
    CancelledError.
    """
    threads = threads or usable_cores()
    control = control or JobControl()
    engine = _engines(models.DEFAULT_DETECTOR, compute, control)[models.DEFAULT_EMBEDDER]
    rates = child.call(_embedding_rates, rounds, threads, engine, control=control, reporting=True)
    return Benchmark(
        "embed",
        tuple(
            Figure(
                f"faces_per_second_batch_{batch}",
                f"Faces embedded, {batch} at once",
                "faces/s",
                tuple(of_batch),
            )
            for batch, of_batch in zip(BATCHES, rates, strict=True)
        ),
        {
            "embedder": models.DEFAULT_EMBEDDER,
            "engine": str(engine),
            "threads": threads,
            "rounds": rounds,
        },
    )


def _engines(
    detector: ModelId, compute: Compute | None, control: JobControl
) -> Mapping[ModelId, Engine]:
    options = AnalysisOptions(detector=detector, compute=compute)
    return computing.decided(options, control=control).engines


def _embedding_rates(
    rounds: int, threads: int, engine: Engine, *, control: JobControl
) -> list[list[float]]:
    """Faces per second, [BATCHES, rounds]; the sizes take turns, so that a machine that grows warm
    slows all of them down.
    """
    embedder = models.load_embedder(threads=threads, engine=engine)
    finder = FaceFinder(models.load_detector(threads=threads))
    crops = album_crops(finder, embedder.spec.input_size or 160)
    batches = [np.resize(crops, (size, *crops.shape[1:])) for size in BATCHES]

    def measure(batch: int) -> float:
        times = FACES_A_ROUND // BATCHES[batch]
        return times * BATCHES[batch] / _seconds(embedder.embed, batches[batch], times=times)

    return _by_turns(measure, len(BATCHES), rounds, control)


def detect(
    *,
    rounds: int = 5,
    threads: int | None = None,
    detector: ModelId = models.DEFAULT_DETECTOR,
    compute: Compute | None = None,
    control: JobControl | None = None,
) -> Benchmark:
    """Photos per second of a detector at 640 px, one by one. Raises CancelledError."""
    threads = threads or usable_cores()
    control = control or JobControl()
    engine = _engines(detector, compute, control)[detector]
    photos, rates = child.call(
        _detection_rates, detector, rounds, threads, engine, control=control, reporting=True
    )
    return Benchmark(
        "detect",
        (Figure("photos_per_second", "Photos searched for faces", "photos/s", tuple(rates)),),
        {
            "photos": photos,
            "side_px": FIRST_SIDE,
            "detector": detector,
            "engine": str(engine),
            "threads": threads,
            "batch": 1,
            "rounds": rounds,
        },
    )


def _detection_rates(
    detector: ModelId, rounds: int, threads: int, engine: Engine, *, control: JobControl
) -> tuple[int, list[float]]:
    """How many photos there are, and photos per second, [rounds]."""
    loaded = models.load_detector(detector, threads, engine)
    pictures = album_pictures(FIRST_SIDE)

    def search() -> None:
        for picture in pictures:
            loaded.detect([picture])

    (rates,) = _by_turns(lambda _: len(pictures) / _seconds(search), 1, rounds, control)
    return len(pictures), rates


def group(
    *,
    faces: int = 10_000,
    rounds: int = 3,
    methods: Sequence[str] = METHODS,
    control: JobControl | None = None,
) -> Benchmark:
    """Seconds that grouping `faces` made-up faces takes by each of `methods`, its process included,
    and the most memory that held. Raises CancelledError.
    """
    control = control or JobControl()
    made = made_up_faces(faces)
    seconds: dict[str, list[float]] = {method: [] for method in methods}
    memory: dict[str, list[float]] = {method: [] for method in methods}
    ran: dict[str, str | float] = {"faces": faces, "people": len(np.unique(made.people))}
    for _ in range(rounds):
        for method in methods:
            start = time.monotonic()
            found = compute_labels(
                made.vectors,
                method=method,
                control=control,
                photo_ids=made.photo_ids,
                quality=made.quality,
            )
            seconds[method].append(time.monotonic() - start)
            memory[method].append(found.peak_memory_mb)
            ran[f"groups_{method}"] = len(np.unique(found.labels[found.labels >= 0]))
            ran[f"bcubed_f_{method}"] = round(metrics.bcubed(made.people, found.labels).f, 3)
    return Benchmark(
        "group",
        (
            *(
                Figure(f"seconds_{method}", f"Grouping, {method}", "s", tuple(seconds[method]))
                for method in methods
            ),
            *(
                Figure(f"peak_memory_{method}", f"Memory, {method}", "MB", tuple(memory[method]))
                for method in methods
            ),
        ),
        {**ran, "rounds": rounds},
    )


def _by_turns(
    measure: Callable[[int], float], count: int, rounds: int, control: JobControl
) -> list[list[float]]:
    """What `measure` gives for 0 to `count` - 1 in each round, after one that does not count:
    [count, rounds].
    """
    results: list[list[float]] = [[] for _ in range(count)]
    for number in range(rounds + 1):
        for place in range(count):
            control.report(STAGE, number * count + place, (rounds + 1) * count)
            value = measure(place)
            if number:
                results[place].append(value)
    return results


def _seconds(work: Callable[..., object], *args: object, times: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(times):
        work(*args)
    return time.perf_counter() - start
