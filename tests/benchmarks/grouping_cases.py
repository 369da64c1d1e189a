"""The grouping where it is hard, on real faces: few photos of each person, small faces, strangers,
people who share photos, what a user confirms, and pictures that are hardly faces any more.

    two_photos  albums of two photos a person
    small       the same and all faces, of pictures shrunk to 128 pixels
    strangers   one photo of each person
    copies      strangers, each photo there in two forms, as RAW and JPEG are
    shared      the faces dealt into photos of several people
    confirmed   a fifth of the people with three faces confirmed
    poor        negatives and newspaper halftones among the faces
    methods     average linkage, and the album with its truth

Faces are found in `--data` (folders `lfw` and `album`), or read from `--cache`, where an earlier
run kept what it found.

    python tests/benchmarks/grouping_cases.py --data ../shared/data --cache /tmp/faces
"""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from common import Judge, parser
from numpy.typing import NDArray
from partitions import homes, provable_errors
from PIL import Image, ImageOps
from real_faces import Real, real_faces

from photoclust.cluster import cluster_faces
from photoclust.console import table
from photoclust.core import metrics
from photoclust.core.metrics import Labels
from photoclust.core.settings import Settings
from photoclust.services.benchmark_faces import photos_of
from photoclust.services.evaluation import clustering
from photoclust.services.grouping import group
from photoclust.services.ingest import ingest
from photoclust.services.labelled import find_labelled_faces
from photoclust.store.database import Library

DRAWS = 10
SMALL_PX = 128
CONFIRMED_SHARE, CONFIRMED_FACES = 0.2, 3
POOR = 100
"""Negatives, and as many halftones."""
SCREEN_PX = 4
"""From dot to dot of a halftone: about 60 across a face of these pictures."""


@dataclass
class Bench(Judge):
    """The pictures, and how many limits were missed so far."""

    data: Path
    cache: Path
    scratch: Path

    @property
    def lfw(self) -> Real:
        """One face from the middle of each picture."""
        return real_faces(self.data / "lfw", self.cache / "lfw.npz")

    @property
    def shrunk(self) -> Real:
        """The same of smaller pictures."""
        kept = self.cache / f"lfw {SMALL_PX}.npz"
        folder = self.scratch / kept.stem
        if not kept.exists():
            rewrite(self.data / "lfw", folder, partial(ImageOps.contain, size=(SMALL_PX,) * 2))
        return real_faces(folder, kept)

    def at_least(self, what: str, value: float, wanted: float) -> None:
        self.judge(f"{what} {value:.4f} ≥ {wanted}", value >= wanted)


def rewrite(source: Path, target: Path, change: Callable[[Image.Image], Image.Image]) -> None:
    """A copy of a folder of pictures, each of them changed."""
    for path in sorted(source.rglob("*.jpg")):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(path) as opened:
            change(opened.convert("RGB")).save(copy, "JPEG", quality=95)


def grouped(faces: Real, rows: Labels | slice = slice(None), **known: Any) -> Labels:
    return cluster_faces(faces.vectors[rows], quality=faces.quality[rows], **known).labels


def pick(people: Labels, count: int, rng: np.random.Generator) -> Labels:
    """Rows of `count` faces of each person that has so many."""
    chosen = [
        rng.choice(own, count, replace=False)
        for person in np.unique(people)
        if len(own := np.flatnonzero(people == person)) >= count
    ]
    return np.sort(np.concatenate(chosen))


def two_photos(bench: Bench, faces: Real | None = None) -> None:
    """Two photos a person: which of them are found."""
    faces = faces or bench.lfw
    scores = []
    for seed in range(DRAWS):
        rows = pick(faces.people, 2, np.random.default_rng(seed))
        scores.append(metrics.pairwise(faces.people[rows], grouped(faces, rows)))
    bench.at_least("pairwise precision", float(np.mean([s.precision for s in scores])), 0.99)
    bench.at_least("pairwise recall", float(np.mean([s.recall for s in scores])), 0.95)


def small(bench: Bench) -> None:
    """Faces of about 50 pixels."""
    faces = bench.shrunk
    bench.at_least("BCubed F", metrics.bcubed(faces.people, grouped(faces)).f, 0.982)
    two_photos(bench, faces)


def strangers(bench: Bench) -> None:
    """One photo of each person: there are no groups."""
    faces = bench.lfw
    found = [
        int(np.sum(grouped(faces, pick(faces.people, 1, np.random.default_rng(seed))) >= 0))
        for seed in range(DRAWS)
    ]
    bench.judge(f"faces in groups in {DRAWS} draws: {sum(found)}, of 0", not any(found))


def copies(bench: Bench) -> None:
    """Strangers whose photo is there twice in a library: in another size, colour and file format
    under the same name.
    """
    folder = bench.scratch / "copies"
    rng = np.random.default_rng(0)
    for person in sorted((bench.data / "lfw").iterdir()):
        pictures = sorted(person.glob("*.jpg"))
        if not pictures:
            continue
        mine = folder / person.name
        mine.mkdir(parents=True)
        path = pictures[int(rng.integers(len(pictures)))]
        shutil.copy(path, mine / path.name)
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        side = round(1.3 * max(picture.size))
        larger = ImageOps.contain(picture, (side, side))
        warmer = Image.merge(
            "RGB",
            [
                band.point(lambda value, gain=gain: round(min(value * gain, 255)))
                for band, gain in zip(larger.split(), (1.12, 1.05, 0.97), strict=True)
            ],
        )
        warmer.save(mine / f"{path.stem}.tif")
    with Library(bench.scratch / "library") as library:
        ingest(library, [folder], Settings())
        report = group(library)
    what = f"{report.faces} faces of {report.faces // 2} strangers are in {report.clusters} groups"
    bench.judge(f"{what}, of 0", report.clusters == 0)


def shared(bench: Bench) -> None:
    """Up to six people in a photo, who are known to differ."""
    faces = bench.lfw
    photos = photos_of(faces.people, np.random.default_rng(0))
    without = metrics.bcubed(faces.people, grouped(faces)).f
    labels = grouped(faces, photo_ids=photos)
    f = metrics.bcubed(faces.people, labels).f
    bench.judge(f"BCubed F {f:.4f} > {without:.4f} without the photos", f > without)
    errors = provable_errors(labels, photos)
    bench.judge(f"provable errors {errors}, of 0", errors == 0)


def confirmed(bench: Bench) -> None:
    """What three confirmed faces of a fifth of the people do for the rest of theirs."""
    faces = bench.lfw
    people = faces.people
    known = np.flatnonzero(np.bincount(people) > CONFIRMED_FACES)
    before = shares(people, grouped(faces))
    rows = []
    for seed in range(DRAWS):
        rng = np.random.default_rng(seed)
        chosen = rng.choice(known, round(CONFIRMED_SHARE * len(known)), replace=False)
        said = np.full(len(people), -1, np.int64)
        for person in chosen:
            own = rng.choice(np.flatnonzero(people == person), CONFIRMED_FACES, replace=False)
            said[own] = person
        labels = grouped(faces, people=said)
        after = shares(people, labels)
        mine = np.isin(people, chosen)
        moved = sum(len(np.unique(labels[said == person])) > 1 for person in chosen)
        moved += int(np.sum(labels[said >= 0] < 0))
        rows.append(
            [
                *(1 - f_of(each, mine) for each in (before, after)),
                *(f_of(each, ~mine) for each in (before, after)),
                moved,
            ]
        )
    error, left, others, others_after, moved = np.mean(rows, axis=0)
    gone = 1 - left / error
    bench.judge(f"error {error:.5f}, then {left:.5f}: {gone:.0%} gone ≥ 50 %", gone >= 0.5)
    bench.judge(
        f"F of the others {others:.5f}, then {others_after:.5f}", others_after >= others - 1e-9
    )
    bench.judge(f"confirmed faces moved: {moved * DRAWS:.0f}, of 0", moved == 0)


def shares(people: Labels, labels: Labels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """BCubed precision and recall of each face."""
    groups = np.unique(metrics.singletons(labels), return_inverse=True)[1]
    _, cell, counts = np.unique(
        people * (groups.max() + 1) + groups, return_inverse=True, return_counts=True
    )
    both = counts[cell]
    return both / np.bincount(groups)[groups], both / np.bincount(people)[people]


def f_of(each: tuple[NDArray[np.float64], NDArray[np.float64]], which: NDArray[np.bool_]) -> float:
    precision, recall = (float(values[which].mean()) for values in each)
    return 2 * precision * recall / (precision + recall)


def poor(bench: Bench) -> None:
    """Negatives and halftones of faces that are there: do they bring two people together?"""
    faces = bench.lfw
    rng = np.random.default_rng(0)
    paths = sorted((bench.data / "lfw").rglob("*.jpg"))
    chosen = rng.choice(len(paths), 2 * POOR, replace=False)
    folder = bench.scratch / "poor"
    for number, place in enumerate(chosen.tolist()):
        with Image.open(paths[place]) as opened:
            picture = opened.convert("RGB")
        changed = ImageOps.invert(picture) if number < POOR else halftone(picture)
        (folder / "all").mkdir(parents=True, exist_ok=True)
        changed.save(folder / "all" / f"{number:03}.png")
    added = real_faces(folder, None)
    print(f"{len(added.people)} of {2 * POOR} are found as faces")
    vectors = np.concatenate([faces.vectors, added.vectors])
    quality = np.concatenate([faces.quality, added.quality])
    count = len(faces.people)
    alone = cluster_faces(faces.vectors, quality=faces.quality).labels
    labels = cluster_faces(vectors, quality=quality).labels
    before, after = (
        metrics.pairwise(faces.people, each).precision for each in (alone, labels[:count])
    )
    home = homes(faces.people, labels[:count])
    joined = len(home) - len(set(home.values()))
    print(f"{int(np.sum(labels[count:] >= 0))} of them are in groups")
    bench.judge(f"people who share a group: {joined}, of 0", joined == 0)
    bench.judge(f"pairwise precision {after:.5f} ≥ {before:.5f} without", after >= before - 1e-5)


def halftone(picture: Image.Image) -> Image.Image:
    """Dots on a grid turned by 45°, the larger the darker, as newspapers are printed."""
    grey = np.asarray(picture.convert("L"), np.float64) / 255
    y, x = np.mgrid[: grey.shape[0], : grey.shape[1]] * (np.pi / SCREEN_PX)
    screen = 0.5 + 0.25 * (np.cos(x + y) + np.cos(x - y))
    return Image.fromarray(np.where(grey > screen, 255, 0).astype(np.uint8))


def methods(bench: Bench) -> None:
    """Both methods on everything."""
    folder = bench.data / "album"
    album = find_labelled_faces(folder, Settings(), truth=folder / "truth.csv")
    lfw = bench.lfw
    rows = []
    for method in ("hdbscan", "agglomerative"):
        report = clustering(album, method)
        labels = grouped(lfw, method=method)
        by_face, by_pair = metrics.bcubed(lfw.people, labels), metrics.pairwise(lfw.people, labels)
        rows += [
            (method, "album", *shown(report.bcubed), f"{report.pairwise.f:.4f}", report.clusters),
            (method, "lfw", *shown(by_face), f"{by_pair.f:.4f}", int(labels.max()) + 1),
        ]
        if method == "hdbscan":
            bench.at_least("album: BCubed F", report.bcubed.f, 0.99)
            bench.at_least("album: BCubed precision", report.bcubed.precision, 0.995)
            bench.at_least("lfw: BCubed F", by_face.f, 0.992)
            bench.at_least("lfw: pairwise F", by_pair.f, 0.997)
        else:
            bench.at_least("album by average linkage: BCubed F", report.bcubed.f, 0.97)
    table(("Method", "Faces", "BCubed F", "Precision", "Recall", "Pairwise F", "Groups"), rows)


def shown(score: metrics.PrecisionRecall) -> tuple[str, str, str]:
    return f"{score.f:.4f}", f"{score.precision:.4f}", f"{score.recall:.4f}"


PARTS: dict[str, Callable[[Bench], None]] = {
    part.__name__: part
    for part in (two_photos, small, strangers, copies, shared, confirmed, poor, methods)
}


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument(
        "--cache", type=Path, help="folder to keep faces in, or to use them from"
    )
    arguments.add_argument("--part", action="append", choices=PARTS, help="only this; repeatable")
    options = arguments.parse_args()
    with TemporaryDirectory(prefix="photoclust-grouping-") as scratch:
        cache = options.cache or Path(scratch) / "cache"
        cache.mkdir(parents=True, exist_ok=True)
        bench = Bench(options.data, cache, Path(scratch))
        for name in options.part or PARTS:
            print(f"\n{name}: {PARTS[name].__doc__}")
            PARTS[name](bench)
    sys.exit(bool(bench.misses))


if __name__ == "__main__":
    main()
