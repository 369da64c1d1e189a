"""How smoothly the Photos page scrolls through 100 000 photos.

The library is made up: rows without files, and thumbnails that share a few dozen real ones. The
window is the real one, without a screen; its own painting, not that of a graphics card, is what is
measured. A frame is everything the main thread does for one step of scrolling, from the event to
the last pixel; beside it stands how long of that it had a processor, which is what counts on a
computer that is busy with something else. Steps come every 16 ms: slow (three px a step), by the
wheel, by whole pages, and by jumps to anywhere, first where no thumbnail was loaded yet, then
again where all are.

    python tests/benchmarks/scrolling.py [--photos 100000] [--library FOLDER]
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from common import parser, verdict
from PIL import Image
from PySide6.QtWidgets import QApplication

from photoclust.core.settings import Settings
from photoclust.core.types import PhotoId
from photoclust.gui.app import application, spare_pauses
from photoclust.gui.window import MainWindow
from photoclust.media.thumbnails import ThumbnailCache, encode
from photoclust.services.thumbnail_care import photo_thumbnail_key, thumbnails
from photoclust.store import schema
from photoclust.store.database import FILE_NAME, Library

PHOTOS = 100_000
FRAME_MS = 16.0
LONGEST_MS = 33.0
DIFFERENT = 64
"""Thumbnails that differ."""
SIZE = (1700, 1000)
STEPS = 300
DAY_ONE = datetime(2004, 5, 1, 12)  # noqa: DTZ001 - photos are dated in local time
BLOCK = 5000


def make_library(folder: Path, count: int) -> None:
    """`count` photos without files to read, two an hour, with thumbnails in the cache."""
    with Library(folder) as library:
        with library.write() as tx:
            for start in range(0, count, BLOCK):
                numbers = range(start, min(start + BLOCK, count))
                tx.execute(schema.photo.insert(), [photo_row(n) for n in numbers])
                tx.execute(schema.file.insert(), [file_row(n) for n in numbers])
        link_thumbnails(thumbnails(library), count)


def photo_row(number: int) -> dict[str, object]:
    return {
        "id": number + 1,
        "width": 4000,
        "height": 3000,
        "turn": 0,
        "taken_at": DAY_ONE + timedelta(hours=number / 2),
        "date_source": "exif",
        "camera": "Canon EOS 350D",
        "detector": "centerface",
    }


def file_row(number: int) -> dict[str, object]:
    digest = number.to_bytes(20, "big")
    return {
        "photo_id": number + 1,
        "path": Path(f"/made-up/{number:06d}.jpg"),
        "size": 1,
        "mtime_ns": 1,
        "hash": digest,
        "picture_hash": digest[4:],
    }


def link_thumbnails(cache: ThumbnailCache, count: int) -> None:
    rng = np.random.default_rng(0)
    first: list[Path] = []
    for number in range(count):
        key = photo_thumbnail_key(PhotoId(number + 1))
        if number < DIFFERENT:
            coarse = rng.integers(0, 255, (12, 16, 3), dtype=np.uint8)
            smooth = Image.fromarray(coarse).resize((384, 288), Image.Resampling.BICUBIC)
            cache.put(key, encode(np.asarray(smooth)))
            path = cache.path(key)
            assert path is not None
            first.append(path)
        else:
            target = cache._file(key)
            target.parent.mkdir(exist_ok=True)
            os.link(first[number % DIFFERENT], target)


class Frames:
    """Steps at a steady pace, each painted before the next."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self._app = app
        self._bar = window.pages.photos.grid.verticalScrollBar()

    def run(self, places: Iterator[int]) -> list[tuple[float, float]]:
        """How long each step took, and how long of that the main thread had a processor, in ms."""
        times = []
        for place in places:
            begun, worked = time.perf_counter(), time.thread_time()
            self._bar.setValue(place)
            self._app.processEvents()
            took = time.perf_counter() - begun
            while time.perf_counter() - begun < FRAME_MS / 1000:
                time.sleep(0.001)
                arriving = time.perf_counter()
                self._app.processEvents()  # what arrives meanwhile is part of the frame
                took += time.perf_counter() - arriving
            times.append((1000 * took, 1000 * (time.thread_time() - worked)))
        return times


def wait(app: QApplication, condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("the window does not come to rest")
        app.processEvents()
        time.sleep(0.005)


def measure(folder: Path) -> bool:
    settings = Settings(theme="light")
    app = application(settings)
    window = MainWindow(folder, settings)
    window.keeper.keep = lambda _: None  # type: ignore[method-assign]  # no folder is looked at
    window.resize(*SIZE)
    window.show()
    wait(app, lambda: window.shared.overview is not None)
    spare_pauses()
    started = time.perf_counter()
    window.show_list("photos")
    wait(app, lambda: window.pages.photos.model.rowCount() > 0)
    opened = time.perf_counter() - started
    frames, bar = Frames(app, window), window.pages.photos.grid.verticalScrollBar()
    rng = np.random.default_rng(1)
    jumps = rng.integers(0, bar.maximum(), STEPS // 3).tolist()
    page = bar.pageStep()
    runs: list[tuple[str, Callable[[], Iterator[int]]]] = [
        ("slow, new", lambda: iter(range(0, 3 * STEPS, 3))),
        ("wheel, new", lambda: iter(range(5000, 5000 + 120 * STEPS, 120))),
        ("pages, new", lambda: iter(range(10**5, 10**5 + page * (STEPS // 3), page))),
        ("anywhere, new", lambda: iter(jumps)),
        ("wheel, loaded", lambda: iter([*range(0, 2400, 120), *range(2400, 0, -120)] * 8)),
    ]
    rows, good = [], True
    for name, places in runs:
        times = frames.run(places())
        wait(app, lambda: window.shared.thumbnails.is_idle)
        taken, worked = zip(*times, strict=True)
        good &= max(worked) <= LONGEST_MS
        rows.append((name, f"{len(times)}", summary(taken), summary(worked)))
    print(f"{window.pages.photos.model.rowCount():,} photos, first seen after {opened:.2f} s\n")
    heads = ("Scrolling", "Frames", "Frame: median, 99 %, longest ms", "Processor: the same")
    print(f"{heads[0]:14}{heads[1]:>8}  {heads[2]:34}{heads[3]}")
    for name, count, taken_ms, worked_ms in rows:
        print(f"{name:14}{count:>8}  {taken_ms:34}{worked_ms}")
    print()
    print(verdict(f"no frame takes more than {LONGEST_MS:.0f} ms of a processor", good))
    window.close()
    return good


def summary(times: Sequence[float]) -> str:
    parts = statistics.median(times), float(np.percentile(times, 99)), max(times)
    return "  ".join(f"{part:7.1f}" for part in parts)


def main() -> int:
    options_of = parser(__doc__)
    options_of.add_argument("--photos", type=int, default=PHOTOS)
    options_of.add_argument("--library", type=Path, help="keep the library there")
    options = options_of.parse_args()
    with TemporaryDirectory() as scratch:
        os.environ["XDG_CONFIG_HOME"] = scratch
        folder = options.library or Path(scratch) / "library"
        if not (folder / FILE_NAME).exists():
            make_library(folder, options.photos)
        return 0 if measure(folder) else 1


if __name__ == "__main__":
    sys.exit(main())
