"""How fast, how lean and how right the grouping of faces is, on made-up libraries of any size.

The faces are made from those of real people (`made_up_faces.py`): photos in one folder a person, or
what an earlier run kept of them in a file. The parts:

    made_up      how well made-up people can be told apart, beside the real ones
    versus       speed and accuracy beside the libraries hdbscan and scikit-learn
    scale        seconds, memory and accuracy of one run in a process of its own
    incremental  a few new faces added to groups that stand
    order        the same groups for another order of the faces and another number of threads
    approximate  the approximate graph beside the exact one

    python tests/benchmarks/grouping.py --faces ../shared/data/lfw --embeddings /tmp/lfw.npz
    python tests/benchmarks/grouping.py --embeddings /tmp/lfw.npz --part scale --count 1000000
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from common import FACES, Judge, parser, spread
from made_up_faces import resample
from numpy.typing import NDArray
from partitions import homes, neighbours_found, provable_errors, rand_index, regrouped
from real_faces import Real, real_faces
from separability import separability

from photoclust.cluster import NEW, cluster_faces
from photoclust.console import table
from photoclust.core import metrics
from photoclust.core.arrays import Vectors
from photoclust.core.metrics import Labels
from photoclust.services.benchmark_faces import MadeUp

RUN = Path(__file__).with_name("grouping_run.py")
STAGE_FASTER, WHOLE_FASTER = 50, 25
"""How many times as fast as hdbscan the HDBSCAN stage, graph included, and all of the grouping are,
at least, on the same faces in the same run.
"""
LOST_F = 0.001
"""What the HDBSCAN stage may lack of the better library's BCubed F."""
MIN_SAMPLES, MIN_CLUSTER_SIZE = 2, 5
"""The settings of HDBSCAN in that comparison; samples without the point itself."""
SCALE_LIMITS = {100_000: (40.0, 2_000.0), 1_000_000: (1_200.0, 8_000.0)}
"""Seconds and MB that grouping so many faces may take, vectors included."""
NEW_FACES, NEW_LIMIT_S = 100, 0.5
"""Faces that are added at once, and the seconds that may take."""
SAME_UP_TO = 50_000
"""Up to so many faces neither their order nor the number of threads changes a group."""
ALIKE_RAND = 0.999
"""Above, the adjusted Rand index across numbers of threads, at least."""
APPROXIMATE_LOST_F = 0.001
"""What the approximate graph may cost of BCubed F."""


@dataclass
class Bench(Judge):
    """What the parts work on, and the verdicts so far."""

    real: Real
    count: int | None
    seed: int
    scratch: Path

    def made_up(self, default: int, *, more: int = 0) -> MadeUp:
        """As many faces as were asked for, or `default`, and `more`."""
        faces = (self.count or default) + more
        print(f"making {faces:,} faces …", file=sys.stderr)
        real = self.real
        return resample(
            real.vectors, real.people, real_quality=real.quality, faces=faces, seed=self.seed
        )

    def run(
        self, vectors: Vectors, *, threads: int | None = None, **others: NDArray[Any]
    ) -> tuple[Labels, float, float]:
        """Labels [N], seconds and peak MB of the engine in a process of its own."""
        folder = self.scratch / "run"
        folder.mkdir()
        for name, array in {"vectors": vectors, **others}.items():
            np.save(folder / f"{name}.npy", array)
        env = dict(os.environ)
        if threads is not None:
            env["OMP_NUM_THREADS"] = str(threads)
        command = [sys.executable, str(RUN), str(folder)]
        done = subprocess.run(command, stdout=subprocess.PIPE, env=env, check=True)
        labels = np.load(folder / "labels.npy", allow_pickle=False)
        shutil.rmtree(folder)
        figures = json.loads(done.stdout)
        return labels, figures["seconds"], figures["peak_mb"]


def made_up(bench: Bench) -> None:
    """Made-up people beside the real ones they were made from."""
    made = bench.made_up(50_000)
    real = separability(bench.real.vectors, bench.real.people)
    ours = separability(made.vectors, made.people)
    table(
        ("", "Real", "Made up"),
        [
            (one.name, *(f"{getattr(each, one.name):.4f}" for each in (real, ours)))
            for one in fields(real)
        ],
    )
    sizes = np.unique(made.people, return_counts=True)[1]
    photos = np.unique(made.photo_ids, return_counts=True)[1]
    print(
        f"{len(made.people):,} faces of {np.sum(sizes > 1):,} people, the largest with "
        f"{sizes.max():,}, and of {np.sum(sizes == 1):,} strangers, in {len(photos):,} photos"
    )


def versus(bench: Bench) -> None:
    """The HDBSCAN stage and all of the grouping, beside what others offer for the former."""
    # Loaded first: the engine, if it loads them, turns the processes of joblib off.
    import hdbscan
    import sklearn.cluster

    from photoclust.cluster.hdbscan import hdbscan_labels
    from photoclust.cluster.neighbors import nearest

    made = bench.made_up(10_000)
    vectors = made.vectors
    options = {"min_cluster_size": MIN_CLUSTER_SIZE}

    def stage() -> Labels:
        graph = nearest(vectors)
        return hdbscan_labels(vectors, graph, min_samples=MIN_SAMPLES, **options).labels

    def whole() -> Labels:
        return cluster_faces(vectors, photo_ids=made.photo_ids, quality=made.quality).labels

    # scikit-learn counts the point itself.
    others = {
        "hdbscan": hdbscan.HDBSCAN(min_samples=MIN_SAMPLES, **options),
        "scikit-learn": sklearn.cluster.HDBSCAN(min_samples=MIN_SAMPLES + 1, copy=True, **options),
    }
    works: dict[str, Callable[[], Labels]] = {
        name: partial(model.fit_predict, vectors) for name, model in others.items()
    }
    works |= {"HDBSCAN stage": stage, "all of the grouping": whole}
    ours = ["HDBSCAN stage", "all of the grouping"]
    times: dict[str, list[float]] = {name: [] for name in works}
    labels: dict[str, Labels] = {}
    # Ours in between and again, so that a busier minute of the machine tells.
    for name in (*ours, "hdbscan", *ours, "scikit-learn", *ours):
        start = time.perf_counter()
        labels[name] = np.asarray(works[name](), np.int64)
        times[name].append(time.perf_counter() - start)
    seconds = {name: statistics.median(each) for name, each in times.items()}
    faster = {name: seconds["hdbscan"] / each for name, each in seconds.items()}
    scores = {name: metrics.bcubed(made.people, each).f for name, each in labels.items()}
    rows = [
        (
            name,
            spread(times[name]),
            f"{faster[name]:.1f}",
            f"{scores[name]:.4f}",
            len(np.unique(labels[name][labels[name] >= 0])),
        )
        for name in works
    ]
    headings = (f"{len(vectors):,} faces", "s", "Times as fast as hdbscan", "BCubed F", "Groups")
    table(headings, rows)
    for name, wanted in zip(ours, (STAGE_FASTER, WHOLE_FASTER), strict=True):
        bench.judge(f"{name}: {faster[name]:.0f} times as fast ≥ {wanted}", faster[name] >= wanted)
    lost = max(scores[name] for name in others) - scores["HDBSCAN stage"]
    bench.judge(f"BCubed F lower by {lost:.4f} ≤ {LOST_F}", lost <= LOST_F)


def scale(bench: Bench) -> None:
    """One run, as large as asked for."""
    made = bench.made_up(100_000)
    labels, seconds, megabytes = bench.run(
        made.vectors, photo_ids=made.photo_ids, quality=made.quality
    )
    by_face, by_pair = metrics.bcubed(made.people, labels), metrics.pairwise(made.people, labels)
    errors = provable_errors(labels, made.photo_ids)
    table(
        ("", ""),
        [
            ("faces", f"{len(labels):,}"),
            ("people with more than one", f"{np.sum(np.bincount(made.people) > 1):,}"),
            ("groups", f"{len(np.unique(labels[labels >= 0])):,}"),
            ("faces in no group", f"{np.sum(labels < 0):,}"),
            ("seconds", f"{seconds:.1f}"),
            ("peak memory, MB", f"{megabytes:,.0f}"),
            ("BCubed F (precision, recall)", shown(by_face)),
            ("pairwise F (precision, recall)", shown(by_pair)),
            ("faces beside another of their photo in one group", f"{errors:,}"),
        ],
    )
    if limits := SCALE_LIMITS.get(len(labels)):
        bench.judge(f"{seconds:.0f} s ≤ {limits[0]:.0f} s", seconds <= limits[0])
        bench.judge(f"{megabytes:,.0f} MB ≤ {limits[1]:,.0f} MB", megabytes <= limits[1])


def incremental(bench: Bench) -> None:
    """New faces beside old ones, whose labels must stay as they are."""
    made = bench.made_up(100_000, more=NEW_FACES)
    old = len(made.people) - NEW_FACES
    before, *_ = bench.run(
        made.vectors[:old], photo_ids=made.photo_ids[:old], quality=made.quality[:old]
    )
    previous = np.concatenate([before, np.full(NEW_FACES, NEW)])
    labels, seconds, megabytes = bench.run(
        made.vectors, photo_ids=made.photo_ids, quality=made.quality, previous=previous
    )
    changed = int(np.sum((before >= 0) & (labels[:old] != before)))
    known = homes(made.people[:old], before)
    wanted = np.array([known.get(person, -1) for person in made.people[old:].tolist()])
    placed = labels[old:]
    elsewhere = (placed >= 0) & (placed <= before.max(initial=-1)) & (placed != wanted)
    table(
        ("", ""),
        [
            ("old faces", f"{old:,}"),
            ("new faces", f"{NEW_FACES}"),
            ("seconds", f"{seconds:.3f}"),
            ("peak memory, MB", f"{megabytes:,.0f}"),
            ("new faces of people who have a group", f"{np.sum(wanted >= 0)}"),
            ("put into that group", f"{np.sum((wanted >= 0) & (placed == wanted))}"),
            ("put into another that was there", f"{np.sum(elsewhere)}"),
            (
                "old faces that were in no group and are now",
                f"{np.sum(labels[:old][before < 0] >= 0)}",
            ),
            ("BCubed F before", f"{metrics.bcubed(made.people[:old], before).f:.4f}"),
            ("BCubed F after", f"{metrics.bcubed(made.people, labels).f:.4f}"),
        ],
    )
    bench.judge(f"{seconds:.3f} s ≤ {NEW_LIMIT_S} s", seconds <= NEW_LIMIT_S)
    bench.judge(f"{changed} faces changed their group, of 0", changed == 0)


def order(bench: Bench) -> None:
    """The same faces in another order, and with another number of threads."""
    made = bench.made_up(20_000)
    shuffled = np.random.default_rng(bench.seed).permutation(len(made.people))
    straight = np.arange(len(made.people))
    labels = {}
    for name, places, threads in (
        ("two threads", straight, 2),
        ("two threads, another order", shuffled, 2),
        ("one thread", straight, 1),
    ):
        found, *_ = bench.run(
            made.vectors[places],
            threads=threads,
            photo_ids=made.photo_ids[places],
            quality=made.quality[places],
        )
        labels[name] = np.empty_like(found)
        labels[name][places] = found
    first = labels.pop("two threads")
    moved = {name: regrouped(first, other) for name, other in labels.items()}
    rand = {name: rand_index(first, other) for name, other in labels.items()}
    headings = f"{len(first):,} faces, against two threads", "Faces with others", "Adjusted Rand"
    table(headings, [(name, f"{moved[name]:,}", f"{rand[name]:.6f}") for name in labels])
    for name in labels:
        if "order" in name or len(first) <= SAME_UP_TO:
            bench.judge(f"{name}: {moved[name]:,} faces with others, of 0", moved[name] == 0)
        else:
            what = f"{name}: adjusted Rand {rand[name]:.6f} ≥ {ALIKE_RAND}"
            bench.judge(what, rand[name] >= ALIKE_RAND)


def approximate(bench: Bench) -> None:
    """What the approximate graph finds, and what that does to the groups."""
    from photoclust.cluster.hdbscan import hdbscan_labels
    from photoclust.cluster.neighbors import nearest

    made = bench.made_up(50_000)
    seconds, graphs, scores = {}, {}, {}
    for name, exact in (("exact", True), ("approximate", False)):
        start = time.perf_counter()
        graphs[name] = nearest(made.vectors, exact=exact)
        seconds[name] = time.perf_counter() - start
        found = hdbscan_labels(
            made.vectors, graphs[name], min_samples=MIN_SAMPLES, min_cluster_size=MIN_CLUSTER_SIZE
        )
        scores[name] = metrics.bcubed(made.people, found.labels)
    kept = neighbours_found(graphs["exact"].indices, graphs["approximate"].indices)
    table(
        (f"{len(made.people):,} faces", "s", "Neighbours found", "BCubed F of the HDBSCAN stage"),
        [
            (name, f"{seconds[name]:.1f}", f"{share:.4f}", shown(scores[name]))
            for name, share in (("exact", 1.0), ("approximate", kept))
        ],
    )
    lost = scores["exact"].f - scores["approximate"].f
    bench.judge(f"BCubed F lower by {lost:.4f} ≤ {APPROXIMATE_LOST_F}", lost <= APPROXIMATE_LOST_F)


PARTS: dict[str, Callable[[Bench], None]] = {
    part.__name__: part for part in (made_up, versus, scale, incremental, order, approximate)
}


def shown(score: metrics.PrecisionRecall) -> str:
    return f"{score.f:.4f} ({score.precision:.4f}, {score.recall:.4f})"


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--faces", type=Path, default=FACES, help="photos of real people")
    arguments.add_argument("--embeddings", type=Path, help="file to keep their faces in, or to use")
    arguments.add_argument("--part", action="append", choices=PARTS, help="only this; repeatable")
    arguments.add_argument("-n", "--count", type=int, help="faces to make; each part has its own")
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    real = real_faces(options.faces, options.embeddings)
    with TemporaryDirectory(prefix="photoclust-grouping-") as scratch:
        bench = Bench(real, options.count, options.seed, Path(scratch))
        for name in options.part or PARTS:
            print(f"\n{name}: {PARTS[name].__doc__}")
            PARTS[name](bench)
    sys.exit(bool(bench.misses))


if __name__ == "__main__":
    main()
