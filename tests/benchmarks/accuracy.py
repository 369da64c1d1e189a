"""How accurate photoclust is, against what it promises: one table.

Runs what `photoclust evaluate` runs (decode, detector, crop, embedder, grouping), with the default
settings, on a folder of photo sets that is not part of the project:

    lfw/      one folder per person, pairs.csv
    album/    one folder per person, others in the photos, truth.csv
    formats/  files of many formats

Each set is also looked at in a version made here, in a temporary folder: the album turned by 90°,
180° and 270° without EXIF, and lfw in grey and in grey at a quarter of its contrast.

    python tests/benchmarks/accuracy.py --data ../shared/data
    python tests/benchmarks/accuracy.py --data ../shared/data --part album --part turned
"""

import argparse
import csv
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoclust.core import metrics
from photoclust.core.arrays import Vectors
from photoclust.core.metrics import Labels
from photoclust.core.settings import Settings
from photoclust.core.types import Box
from photoclust.media.decode import read_picture
from photoclust.services.evaluation import ClusteringReport, VerificationReport
from photoclust.services.evaluation import clustering as measure_clustering
from photoclust.services.evaluation import verification as measure_verification
from photoclust.services.ingest import ingest
from photoclust.services.labelled import LabelledFaces, find_labelled_faces, read_pairs, read_truth
from photoclust.store.database import Library

SAME_PERSON_COSINE = 0.575
"""At this cosine one pair in a thousand of different people is taken for one person."""
SETTINGS = Settings()


@dataclass
class Table:
    """What was measured: title, value, and what it has to be."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def at_least(self, title: str, value: float, wanted: float) -> None:
        self.add(title, f"{value:.4f}", f"≥ {wanted:g}", value >= wanted)

    def at_most(self, title: str, value: float, wanted: float) -> None:
        shown = f"{value:.4f}" if isinstance(value, float) else str(value)
        self.add(title, shown, f"≤ {wanted:g}", value <= wanted)

    def note(self, title: str, value: object) -> None:
        self.rows.append((title, str(value), "", ""))

    def add(self, title: str, value: str, wanted: str, good: bool) -> None:
        self.rows.append((title, value, wanted, "ok" if good else "MISSED"))

    def print(self) -> None:
        widths = [max(len(row[place]) for row in self.rows) for place in range(4)]
        for row in self.rows:
            cells = zip(row, widths, strict=True)
            print("  ".join(cell.ljust(width) for cell, width in cells).rstrip())


@dataclass
class Bench:
    """The sets, and what was found in them so far: each is looked at once."""

    data: Path
    scratch: Path
    workers: int | None
    table: Table = field(default_factory=Table)
    found: dict[Path, LabelledFaces] = field(default_factory=dict)

    def faces(self, folder: Path, truth: Path | None = None) -> LabelledFaces:
        if folder not in self.found:
            start = time.monotonic()
            self.found[folder] = find_labelled_faces(
                folder, SETTINGS, truth=truth, workers=self.workers
            )
            seconds = time.monotonic() - start
            print(f"# {folder.name}: {self.found[folder].images} pictures in {seconds:.0f} s")
        return self.found[folder]

    def clustering(self, faces: LabelledFaces) -> ClusteringReport:
        return measure_clustering(faces, SETTINGS.grouping_method)


def lfw(bench: Bench) -> None:
    """Verification and clustering on pictures with one face in the middle of each."""
    folder, table = bench.data / "lfw", bench.table
    faces = bench.faces(folder)
    report = measure_verification(faces, read_pairs(folder / "pairs.csv"))
    table.at_least("lfw: pair accuracy, 10-fold", report.accuracy or 0.0, 0.988)
    table.note("lfw: its standard deviation", f"{report.accuracy_std:.4f}")
    table.note("lfw: VAL@FAR 1e-2", f"{report.val_at_far['0.01']:.4f}")
    table.at_least("lfw: VAL@FAR 1e-3", report.val_at_far["0.001"], 0.987)
    table.note("lfw: VAL@FAR 1e-4", f"{report.val_at_far['0.0001']:.4f}")
    table.at_most("lfw: equal error rate", report.eer, 0.0048)
    table.note("lfw: area under the ROC curve", f"{report.auc:.6f}")
    table.at_most("lfw: faces missed", faces.missed, 0)
    table.note("lfw: VAL@FAR 1e-3, mean over people", f"{report.person_val_mean:.4f}")
    table.note("lfw: the same, worst decile", f"{report.person_val_worst_decile:.4f}")
    groups = bench.clustering(faces)
    table.at_least("lfw: BCubed F", groups.bcubed.f, 0.988)
    table.at_least("lfw: pairwise F", groups.pairwise.f, 0.995)
    table.note("lfw: groups / people", f"{groups.clusters} / {groups.people}")
    table.note("lfw: faces in no group", groups.unclustered)


def album(bench: Bench) -> None:
    """Clustering of photos of natural size, with all the faces in them."""
    folder, table = bench.data / "album", bench.table
    faces = bench.faces(folder, folder / "truth.csv")
    groups = bench.clustering(faces)
    table.at_least("album: BCubed F", groups.bcubed.f, 0.97)
    table.note("album: BCubed precision", f"{groups.bcubed.precision:.4f}")
    table.note("album: BCubed recall", f"{groups.bcubed.recall:.4f}")
    table.note("album: pairwise F", f"{groups.pairwise.f:.4f}")
    table.note("album: groups / people", f"{groups.clusters} / {groups.people}")
    table.note("album: labelled faces in no group", groups.unclustered)
    table.at_most("album: labelled faces missed", faces.missed, 0)
    table.at_most("album: pictures not read", len(faces.failed), 0)
    table.note("album: pictures", faces.images)


def turned(bench: Bench) -> None:
    """The album lying on its side and on its head, with nothing that tells so."""
    folder, table = bench.data / "album", bench.table
    upright = bench.faces(folder, folder / "truth.csv")
    wrong = [str(path) for path, turn in upright.turns.items() if turn]
    table.at_most("upright photos turned", len(wrong) / len(upright.turns), 0.005)
    for path in wrong:
        table.note("  turned although upright", path)
    for turn in (90, 180, 270):
        copy = bench.scratch / f"album turned by {turn}°"
        _turn_album(folder, copy, turn)
        faces = bench.faces(copy, copy / "truth.csv")
        there = upright.rows >= 0
        cosines = np.einsum("ij,ij->i", faces.label_vectors(), upright.label_vectors())[there]
        table.at_least(f"album by {turn}°: faces found", 1 - faces.missed / len(faces.rows), 0.95)
        # A missed face has no cosine, and counts as not recognised.
        same = float(np.mean(np.nan_to_num(cosines, nan=-1.0) >= SAME_PERSON_COSINE))
        table.at_least(f"album by {turn}°: cosine to upright ≥ {SAME_PERSON_COSINE}", same, 0.93)
        right = np.mean([t == (360 - turn) % 360 for t in faces.turns.values()])
        table.note(f"album by {turn}°: photos turned back", f"{right:.4f}")


def faded(bench: Bench) -> None:
    """lfw as an archive of grey prints that have faded."""
    folder, table = bench.data / "lfw", bench.table
    colour = bench.clustering(bench.faces(folder))
    reports: dict[str, tuple[VerificationReport, ClusteringReport]] = {}
    for kind, contrast in (("grey", 1.0), ("faded", 0.25)):
        copy = bench.scratch / f"lfw {kind}"
        _grey(folder, copy, contrast)
        faces = bench.faces(copy)
        reports[kind] = measure_verification(faces), bench.clustering(faces)
        table.note(f"{kind} lfw: faces missed", faces.missed)
        table.note(f"{kind} lfw: VAL@FAR 1e-3", f"{reports[kind][0].val_at_far['0.001']:.4f}")
        table.note(f"{kind} lfw: BCubed F", f"{reports[kind][1].bcubed.f:.4f}")
    lost = reports["grey"][0].val_at_far["0.001"] - reports["faded"][0].val_at_far["0.001"]
    table.at_most("faded lfw: VAL@FAR 1e-3 lost against grey", lost, 0.015)
    kept = reports["faded"][1].bcubed.f / colour.bcubed.f
    table.at_least("faded lfw: BCubed F over colour's", kept, 0.97)


def quality(bench: Bench) -> None:
    """What leaving out the faces of the lowest quality gains, beside leaving out random ones."""
    for name, truth in (("lfw", None), ("album", "truth.csv")):
        folder = bench.data / name
        faces = bench.faces(folder, folder / truth if truth else None)
        rows = faces.rows[faces.rows >= 0]
        people = faces.people[faces.rows >= 0]
        vectors, values = faces.vectors[rows], faces.quality[rows]
        kept = len(rows) - len(rows) // 10

        def val(
            chosen: NDArray[np.intp], vectors: Vectors = vectors, people: Labels = people
        ) -> float:
            pairs = metrics.pair_similarities(vectors[chosen], people[chosen])
            return metrics.val_at_far(*pairs, 1e-3)

        rng = np.random.default_rng(0)
        by_chance = [val(rng.permutation(len(rows))[:kept]) for _ in range(10)]
        bench.table.note(
            f"{name}: VAL@FAR 1e-3, a random tenth left out", f"{np.mean(by_chance):.4f}"
        )
        worst_out = val(np.argsort(-values)[:kept])
        bench.table.at_least(
            f"{name}: the same, the tenth of lowest quality left out", worst_out, max(by_chance)
        )


def formats(bench: Bench) -> None:
    """Every file is read, or recorded as a failure with its reason."""
    folder, table = bench.data / "formats", bench.table
    with Library(bench.scratch / "library") as library:
        report = ingest(library, [folder], SETTINGS, workers=bench.workers)
    table.note("formats: pictures read", report.photos)
    for failure in report.failed:
        table.note(f"  {failure.path.relative_to(folder)}", failure.reason)
    kinds = Counter(failure.path.suffix.lower() for failure in report.failed)
    table.at_most("formats: failures other than JPEG XL", kinds.total() - kinds[".jxl"], 0)


PARTS: dict[str, Callable[[Bench], None]] = {
    part.__name__: part for part in (lfw, album, quality, turned, faded, formats)
}


def _turn_album(source: Path, target: Path, turn: int) -> None:
    """Copies of the labelled photos, their pixels turned counter-clockwise, without metadata."""
    labels = read_truth(source / "truth.csv")
    sizes = {}
    for image in {label.image for label in labels}:
        pixels = read_picture(source / image).pixels
        sizes[image] = pixels.shape[1], pixels.shape[0]
        path = target / image
        path.parent.mkdir(parents=True, exist_ok=True)
        turned_pixels = np.ascontiguousarray(np.rot90(pixels, turn // 90))
        Image.fromarray(turned_pixels).save(path, "JPEG", quality=95)
    with (target / "truth.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "person", "x", "y", "w", "h"])
        for label in labels:
            assert label.box is not None
            box = _turned_box(label.box, sizes[label.image], turn)
            writer.writerow([label.image, label.person, box.x, box.y, box.w, box.h])


def _turned_box(box: Box, size: tuple[int, int], turn: int) -> Box:
    width, height = size
    for _ in range(turn // 90):
        box = Box(box.y, width - box.x - box.w, box.h, box.w)
        width, height = height, width
    return box


def _grey(source: Path, target: Path, contrast: float) -> None:
    """Grey copies, their values drawn towards the middle of the scale."""
    for path in sorted(source.rglob("*.jpg")):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(path) as opened:
            grey = opened.convert("L").point(lambda value: round(128 + (value - 128) * contrast))
        grey.save(copy, "JPEG", quality=95)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", action="append", choices=PARTS, help="only this; may be repeated")
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(options.data.resolve(), Path(scratch), options.workers)
        for name in options.part or PARTS:
            PARTS[name](bench)
    bench.table.print()
    if any(row[3] == "MISSED" for row in bench.table.rows):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
