"""How long it takes to import photoclust, to show its help, and until its window is there.

The window opens, off screen, on a library of 10 000 faces in 5 000 photos, with 400 groups, 50 of
them named, and on one of 250 000 faces in 100 000 photos, with 5 000 people, which `--large` keeps
for the next time. Times are of whole processes, from their start, but for the import.

    python tests/benchmarks/startup.py
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import search
from common import PHOTOCLUST, parser, spread, timed, verdict

from photoclust.console import table
from photoclust.core.progress import JobControl
from photoclust.core.types import (
    Box,
    Detection,
    FaceId,
    FileStat,
    FoundFace,
    Metadata,
    ModelId,
    PersonId,
)
from photoclust.media.thumbnails import encode
from photoclust.services import benchmark_startup
from photoclust.services.thumbnail_care import thumbnails
from photoclust.store import cluster_table
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import people as people_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library
from photoclust.store.journal import Act

PHOTOS, FACES, GROUPS, NAMED = 5000, 10_000, 400, 50
MANY_PHOTOS = 100_000
SIZE = (4000, 3000)
IMPORT_LIMIT_S = 0.1
WINDOW_LIMIT_S = 1.5
TIMED_IMPORT = (
    "import time; start = time.perf_counter(); import photoclust; "
    "print(time.perf_counter() - start)"
)


def fill(folder: Path) -> None:
    """Make a library of PHOTOS photos, two faces each, in GROUPS groups, NAMED of them named."""
    rng = np.random.default_rng(0)
    # A few groups are large and most are small, as in an album.
    shares = 1 / np.arange(1, GROUPS + 1)
    group_of = rng.choice(GROUPS, FACES, p=shares / shares.sum())
    centres = rng.normal(size=(GROUPS, 512)).astype(np.float32)
    ids: list[FaceId] = []
    with Library(folder) as library:
        with library.write() as tx:
            file_store.add_folders(tx, [Path("/photos")])
            for number in range(PHOTOS):
                groups = group_of[2 * number : 2 * number + 2]
                path = Path(f"/photos/{2000 + number // 250}/IMG_{number:05d}.jpg")
                stat = FileStat(path, 4_000_000, number)
                photo = photo_store.write_photo(
                    tx,
                    photo=None,
                    size=SIZE,
                    turn=0,
                    metadata=Metadata(),
                    stat=stat,
                    detector="centerface",
                )
                file_store.write_file(tx, stat, photo, f"{number:040x}")
                found = [face(rng, centres[group], place) for place, group in enumerate(groups)]
                ids += face_store.replace_faces(tx, photo, found, SIZE, ModelId("facenet-vggface2"))
            act = Act(tx, "name")
            people: list[PersonId | None] = [
                people_store.add_person(act, f"Person {number}") for number in range(NAMED)
            ]
            act.finish()
            people += [None] * (GROUPS - NAMED)
            contents = [
                cluster_table.ClusterContent(
                    None, people[group], [ids[place] for place in np.flatnonzero(group_of == group)]
                )
                for group in range(GROUPS)
            ]
            cluster_table.replace_clusters(tx, contents)
        cache = thumbnails(library)
        jpeg = encode(rng.integers(0, 255, (192, 192, 3), np.uint8))
        for face_id in ids:
            cache.put(str(face_id), jpeg)


def face(rng: np.random.Generator, centre: np.ndarray, place: int) -> FoundFace:
    """A face near `centre`, in the left or the right half of a photo."""
    vector = centre + rng.normal(0, 0.5, centre.shape).astype(np.float32)
    box = Box(400 + 2000 * place, 500, 600, 800)
    points = ((600.0, 800.0), (800.0, 800.0), (700.0, 950.0), (620.0, 1100.0), (780.0, 1100.0))
    detection = Detection(box, tuple((x + 2000 * place, y) for x, y in points), 0.9)
    return FoundFace(detection, float(rng.uniform(0.2, 1)), vector / np.linalg.norm(vector))


def import_time() -> float:
    """Seconds that `import photoclust` takes in a new interpreter."""
    command = [sys.executable, "-c", TIMED_IMPORT]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def window_times(library: Path, home: Path) -> Mapping[str, float]:
    """Seconds from the start of a process until its window is painted, and with people in it."""
    return benchmark_startup.window_times(library, home, "people", JobControl())


def seconds(windows: list[Mapping[str, float]]) -> tuple[list[float], list[float]]:
    """Until windows were painted, and until they were with people in them."""
    return [times["window"] for times in windows], [times["people"] for times in windows]


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--runs", type=int, default=5, help="of the window; twice for the rest")
    arguments.add_argument("--large", type=Path, help="library of 250 000 faces, made when missing")
    options = arguments.parse_args()
    runs = options.runs
    imports = [import_time() for _ in range(2 * runs)]
    helps = [timed(*PHOTOCLUST, "--help") for _ in range(2 * runs)]
    with TemporaryDirectory(prefix="photoclust-startup-") as temporary:
        home, library = Path(temporary), Path(temporary, "library")
        fill(library)
        large = options.large or Path(temporary, "large")
        if not large.exists():
            search.make(large, MANY_PHOTOS)
        os.sync()
        windows = [window_times(library, home) for _ in range(runs)]
        large_windows = [window_times(large, home) for _ in range(runs)]
    shown, filled = seconds(windows)
    large_shown, large_filled = seconds(large_windows)
    table(
        ("", "Runs", "Seconds, median (least – most)"),
        [
            ("import photoclust", len(imports), spread(imports, 4)),
            ("photoclust --help", len(helps), spread(helps)),
            (f"window painted, library of {FACES:,} faces", runs, spread(shown)),
            ("window painted with people in it", runs, spread(filled)),
            ("window painted, library of 250,000 faces", runs, spread(large_shown)),
            ("window painted with people in it", runs, spread(large_filled)),
        ],
    )
    for what, times, limit in (
        ("import", imports, IMPORT_LIMIT_S),
        ("window visible", shown, WINDOW_LIMIT_S),
        ("window visible, 250,000 faces", large_shown, WINDOW_LIMIT_S),
        ("people visible, 250,000 faces", large_filled, WINDOW_LIMIT_S),
    ):
        median = statistics.median(times)
        print(verdict(f"{what} {median:.3f} s ≤ {limit} s", median <= limit))


if __name__ == "__main__":
    main()
