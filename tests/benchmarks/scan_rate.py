"""How fast `photoclust scan` is on 12-megapixel photos, and how many faces that same run finds.

The photos hold 0 to 6 real faces each, 30 to 900 px, at known places (`twelve_megapixel.py`). Sizes
are given as the scan sees them, in a photo of 1 600 px. A box is false when it lies outside every
pasted picture; others are people in the background of a pasted picture, or doubles.

    python tests/benchmarks/scan_rate.py --faces ../shared/data/lfw
"""

import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from common import large_photos, parser, photoclust, truth_of, verdict
from twelve_megapixel import FACE_SHARE, WIDTH

from photoclust.console import table
from photoclust.core.types import Box

SCALE = 1600 / WIDTH
SIZES_PX = ((12, 20), (20, 40), (40, 400))
SAME_IOU = 0.3
WANTED_RATE = 8.0
WANTED_RECALL = 0.95


def match(pasted: Sequence[Box], found: Sequence[Box]) -> tuple[list[bool], int, int]:
    """Which of `pasted` were found, how many other boxes lie in their pictures, how many outside.

    Each box of `found` counts for one face at most.
    """
    left = list(found)
    hits = []
    for box in pasted:
        best = max(left, key=box.iou, default=None)
        hits.append(best is not None and box.iou(best) >= SAME_IOU)
        if best is not None and hits[-1]:
            left.remove(best)
    halves = [(box.centre, box.h / FACE_SHARE / 2) for box in pasted]
    beside = sum(
        any(max(abs(box.centre[0] - x), abs(box.centre[1] - y)) <= half for (x, y), half in halves)
        for box in left
    )
    return hits, beside, len(left) - beside


def one_run(photos: Path, compute: str) -> list[float]:
    """One scan into a new library: the figures of a row of the table."""
    with TemporaryDirectory(prefix="photoclust-library-") as temporary:
        library = Path(temporary)
        start = time.monotonic()
        scan = photoclust("scan", photos, "--compute", compute, library=library)
        seconds = time.monotonic() - start
        faces = photoclust("faces", library=library)
    if scan["failed"]:
        raise RuntimeError(f"not every photo was read: {scan['failed']}")
    found = defaultdict(list)
    for face in faces:
        found[Path(face["photo"]).name].append(Box(*face["box"]))
    truth = truth_of(photos)
    hits = defaultdict(list)
    beside = outside = 0
    for name in {*truth, *found}:
        of_photo, more_beside, more_outside = match(truth[name], found[name])
        beside, outside = beside + more_beside, outside + more_outside
        for box, hit in zip(truth[name], of_photo, strict=True):
            hits[next(size for size in SIZES_PX if box.h * SCALE < size[1])].append(hit)
    recall = [statistics.fmean(hits[size]) if hits[size] else float("nan") for size in SIZES_PX]
    count = scan["photos"]
    rates = [count / seconds, scan["photos_per_second"]]
    return [*rates, *recall, outside / count, beside / count]


def main() -> None:
    arguments = parser(__doc__, photos=60)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--compute", default="auto", help="auto, float32 or int8")
    options = arguments.parse_args()
    with large_photos(options) as photos:
        rows = [one_run(photos, options.compute) for _ in range(options.runs)]
        sizes = [box.h * SCALE for boxes in truth_of(photos).values() for box in boxes]
    medians = [statistics.median(column) for column in zip(*rows, strict=True)]
    counts = [sum(low <= size < high for size in sizes) for low, high in SIZES_PX]
    headings = (
        "Run",
        "Photos/s, whole process",
        "Photos/s, scan alone",
        *(
            f"Found of {n}, {low}–{high} px"
            for n, (low, high) in zip(counts, SIZES_PX, strict=True)
        ),
        "False boxes a photo",
        "Others",
    )
    named = [*((str(number + 1), row) for number, row in enumerate(rows)), ("median", medians)]
    table(headings, [(name, *(f"{value:.3f}" for value in row)) for name, row in named])
    rate, recall = medians[0], medians[4]
    print(verdict(f"{rate:.2f} photos/s ≥ {WANTED_RATE}", rate >= WANTED_RATE))
    print(verdict(f"recall at ≥ 40 px {recall:.4f} ≥ {WANTED_RECALL}", recall >= WANTED_RECALL))


if __name__ == "__main__":
    main()
