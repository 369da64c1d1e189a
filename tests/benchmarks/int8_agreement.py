"""How near the 8-bit forms come to float32: vectors of the same crops, faces of the same photos.

    cd tests/benchmarks
    python int8_agreement.py --album ../../../shared/data/album --photos ../../../shared/data/photos

Vectors may share a model's id if the 1st percentile of their cosines is 0.99 or more; of the faces
that float32 finds, the 8-bit detector is to find as many. Speed is told by processor time, of one
thread, the two forms by turns.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from common import verdict

from photoclust.console import table
from photoclust.core.arrays import Pixels
from photoclust.core.errors import UnreadableFileError
from photoclust.core.types import Compute, Engine
from photoclust.media.decode import read_picture
from photoclust.media.files import OriginalFile
from photoclust.vision import engines, models
from photoclust.vision.crop import crop_face
from photoclust.vision.finder import FIRST_SIDE, WORKING_SIDE, FaceFinder, shrink, turned

INT8 = Engine(compute=Compute.INT8)
WANTED_COSINE = 0.99
SAME_IOU = 0.5
ROUNDS = 7
BATCH = 16


def pictures(folder: Path) -> Iterator[Pixels]:
    """The photos of a folder as a scan reads them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            try:
                with OriginalFile(path) as original:
                    yield read_picture(original, max_side=WORKING_SIDE).pixels
            except UnreadableFileError:
                continue


def seconds(*runs: Callable[[], object]) -> list[float]:
    """Median processor seconds of each of `runs`, by turns."""
    took: list[list[float]] = [[] for _ in runs]
    for _ in range(ROUNDS + 1):
        for place, run in enumerate(runs):
            start = time.process_time()
            run()
            took[place].append(time.process_time() - start)
    return [statistics.median(each[1:]) for each in took]


def vectors(album: Path) -> None:
    """Compare the vectors of all faces of `album`."""
    finder = FaceFinder(models.load_detector(threads=2))
    crops = []
    for pixels in pictures(album):
        found = finder.find(pixels)
        upright = turned(pixels, found.turn)
        crops += [crop_face(upright, item.box) for item in found.detections]
    stack = np.stack(crops)
    plain, small = (models.load_embedder(engine=each) for each in (engines.CPU, INT8))
    cosines = (plain.embed(stack) * small.embed(stack)).sum(axis=1)
    lowest = float(np.percentile(cosines, 1))
    some = stack[:BATCH]
    slow, fast = seconds(lambda: plain.embed(some), lambda: small.embed(some))
    table(
        ("faces", "cosine, mean", "1st percentile", "least", "ms a face, float32", "8 bits"),
        [
            (
                str(len(stack)),
                f"{cosines.mean():.4f}",
                f"{lowest:.4f}",
                f"{cosines.min():.4f}",
                *(f"{1000 * took / BATCH:.1f}" for took in (slow, fast)),
            )
        ],
    )
    print(verdict(f"1st percentile {lowest:.4f} ≥ {WANTED_COSINE}", lowest >= WANTED_COSINE))


def faces(photos: Path) -> None:
    """Compare the faces that are found in `photos`."""
    detectors = [models.load_detector(engine=each) for each in (engines.CPU, INT8)]
    finders = [FaceFinder(each) for each in detectors]
    both = plain = small = 0
    overlaps = []
    look = None
    for pixels in pictures(photos):
        found, other = (finder.find(pixels).detections for finder in finders)
        best = [max((one.box.iou(two.box) for two in other), default=0.0) for one in found]
        overlaps += [iou for iou in best if iou >= SAME_IOU]
        both += sum(iou >= SAME_IOU for iou in best)
        plain, small = plain + len(found), small + len(other)
        look = shrink(pixels, FIRST_SIDE) if look is None else look
    slow, fast = seconds(*(lambda each=each: each.detect([look]) for each in detectors))
    table(
        ("found, float32", "8 bits", "by both", "overlap, mean", "ms a look, float32", "8 bits"),
        [
            (
                *map(str, (plain, small, both)),
                f"{statistics.fmean(overlaps):.3f}",
                *(f"{1000 * took:.1f}" for took in (slow, fast)),
            )
        ],
    )
    print(verdict(f"{small} faces found in 8 bits ≥ {plain} in float32", small >= plain))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--album", type=Path, required=True, help="photos of faces to embed")
    parser.add_argument("--photos", type=Path, required=True, help="photos to find faces in")
    options = parser.parse_args()
    vectors(options.album)
    faces(options.photos)


if __name__ == "__main__":
    main()
