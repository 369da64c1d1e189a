"""Whether a scan of 10 000 photos is as fast at its end as at its start, and how fast the next is.

The photos are small ones, each cut and lit differently, so that none is a duplicate. Photos and
library lie in a temporary folder. Besides the rate, which another program on the machine disturbs,
the table gives the processor time a photo takes. The scan after it finds nothing changed.

    python tests/benchmarks/long_scan.py --photos 10000 --from ../shared/data/lfw
"""

import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
from common import SAMPLE_S, memory_mb, parser, spread, verdict
from PIL import Image, ImageEnhance

from photoclust.console import table
from photoclust.core.paths import resource
from photoclust.core.progress import JobControl, Progress
from photoclust.core.settings import Settings
from photoclust.media.formats import PICTURE_EXTENSIONS
from photoclust.services.ingest import STAGE_SCAN, ScanReport, ingest
from photoclust.store.database import Library

PER_FOLDER = 250
SMALLEST_CUT = 0.85
LIGHT = (0.75, 1.25)
PART = 1000
"""Photos at the start and at the end whose rates are compared."""
WANTED = 0.95
WANTED_AGAIN = 10_000
FLAT_MB = 100
"""What memory may lie apart between the middle and the last fifth of the scan."""


def vary(sources: list[Path], out: Path, count: int, side: int) -> None:
    """Write `count` photos, `side` px on the longer side, each another part of one of `sources`."""
    rng = np.random.default_rng(0)
    for number in range(count):
        with Image.open(sources[number % len(sources)]) as opened:
            picture = opened.convert("RGB")
        share = rng.uniform(SMALLEST_CUT, 1)
        size = np.array(picture.size) * share
        left, top = rng.uniform(0, 1, 2) * (picture.size - size)
        scale = side / max(size)
        frame = (left, top, left + size[0], top + size[1])
        part = picture.resize((round(size[0] * scale), round(size[1] * scale)), box=frame)
        folder = out / f"{number // PER_FOLDER:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        lit = ImageEnhance.Brightness(part).enhance(rng.uniform(*LIGHT))
        lit.save(folder / f"IMG_{number:05d}.jpg", quality=int(rng.integers(75, 93)))


@dataclass
class Watch:
    """What was seen of this process and its workers: rows of seconds, photos done, PSS in MB of
    this process and of the workers, and processor seconds of all.
    """

    rows: list[tuple[float, int, float, float, float]] = field(default_factory=list)
    done: int = 0

    def on_progress(self, progress: Progress) -> None:
        if progress.stage == STAGE_SCAN:
            self.done = progress.done

    @contextmanager
    def sampling(self) -> Iterator[None]:
        """Look twice a second, from another thread, until the end."""
        ended = threading.Event()

        def sample() -> None:
            while not ended.wait(SAMPLE_S):
                self._look()

        thread = threading.Thread(target=sample)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _look(self) -> None:
        this = psutil.Process()
        workers = this.children(recursive=True)
        # A worker that has ended counts among the children of this process.
        processor = sum(this.cpu_times()[:4])
        for worker in workers:
            with suppress(psutil.NoSuchProcess):
                processor += sum(worker.cpu_times()[:2])
        ours, theirs = memory_mb([this])[1], memory_mb(workers)[1]
        self.rows.append((time.monotonic(), self.done, ours, theirs, processor))


@dataclass(frozen=True)
class Part:
    """Photos `first` to `last` of a scan: photos a second, and processor ms a photo."""

    first: int
    last: int
    rate: float
    processor_ms: float


def part(watched: np.ndarray, first: int, last: int) -> Part:
    """The part of a scan from its photo `first` to `last`, of the rows of a `Watch`."""
    begin, end = (
        [float(np.interp(place, watched[:, 1], watched[:, column])) for column in (0, 4)]
        for place in (first, last)
    )
    photos = last - first
    return Part(first, last, photos / (end[0] - begin[0]), (end[1] - begin[1]) / photos * 1000)


def scanned(library: Path, photos: Path, watch: Watch) -> ScanReport:
    """One scan, as `photoclust scan` does it."""
    control = JobControl(watch.on_progress)
    with Library(library) as opened, watch.sampling():
        return ingest(opened, [photos], Settings(), control=control)


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--photos", type=int, default=10_000, help="how many to make")
    arguments.add_argument("--from", dest="source", type=Path, help="a folder; else the demo album")
    arguments.add_argument("--side", type=int, default=480, help="px of the longer side")
    arguments.add_argument("--again", type=int, default=5, help="scans of what has not changed")
    arguments.add_argument("--keep", type=Path, help="where photos and library are to stay")
    options = arguments.parse_args()
    source = options.source or resource("demo", "album")
    sources = sorted(path for path in source.rglob("*") if path.suffix in PICTURE_EXTENSIONS)
    with TemporaryDirectory(prefix="photoclust-long-") as temporary:
        folder = options.keep or Path(temporary)
        photos, library = folder / "photos", folder / "library"
        print(f"making {options.photos} photos …", file=sys.stderr)
        vary(sources, photos, options.photos, options.side)
        watch = Watch()
        report = scanned(library, photos, watch)
        again = []
        for _ in range(options.again):
            start = time.monotonic()
            unchanged = scanned(library, photos, Watch()).unchanged
            again.append(unchanged / (time.monotonic() - start))
    if report.failed or report.photos != options.photos:
        raise SystemExit(f"{report.photos} photos were read, {len(report.failed)} could not be")
    tell(watch, report, again)


def tell(watch: Watch, report: ScanReport, again: list[float]) -> None:
    rows = np.array(watch.rows)
    rows = rows[np.unique(rows[:, 1], return_index=True)[1]]
    # Once the networks are loaded, and before the workers are ended.
    rows = rows[(rows[:, 1] > 0) & (rows[:, 1] < report.photos)]
    begun, ended = int(rows[0, 1]), int(rows[-1, 1])
    long = min(PART, (ended - begun) // 3)
    middle = np.linspace(begun + long, ended - long, 5)
    edges = np.unique(np.array([begun, *middle, ended], np.int64)).tolist()
    parts = [part(rows, first, last) for first, last in pairwise(edges)]
    print(f"{report.photos} photos, {report.faces} faces in {report.seconds:.0f} s")
    table(
        ("Photos", "Photos/s", "Processor ms a photo", "This process, MB", "Workers, MB"),
        [
            (
                f"{each.first} – {each.last}",
                f"{each.rate:.2f}",
                f"{each.processor_ms:.1f}",
                *(f"{np.interp(each.last, rows[:, 1], rows[:, n]):.0f}" for n in (2, 3)),
            )
            for each in parts
        ],
    )
    speed = parts[-1].rate / parts[0].rate
    effort = parts[0].processor_ms / parts[-1].processor_ms
    fifths = [fifth[:, 2:4].sum(axis=1).mean() for fifth in np.array_split(rows, 5)]
    growth = fifths[4] - fifths[2]
    kept = statistics.median(again) >= WANTED_AGAIN
    print(verdict(f"the last {long} photos as fast as the first: {speed:.3f}", speed >= WANTED))
    print(verdict(f"the same by processor time: {effort:.3f}", effort >= WANTED))
    print(verdict(f"memory {growth:+.0f} MB from middle to end", abs(growth) <= FLAT_MB))
    print(verdict(f"scanned again, files/s: {spread(again, 0)} ≥ {WANTED_AGAIN}", kept))


if __name__ == "__main__":
    main()
