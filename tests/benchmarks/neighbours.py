"""How fast, how lean and how complete the neighbour graph is, on made-up libraries of any size.

The faces are made from those of real people, as in `grouping.py`: photos in one folder a person, or
what an earlier run kept of them in a file. What is found is compared with an exact search for some
of the faces.

    python tests/benchmarks/neighbours.py --embeddings /tmp/lfw.npz --count 100000
"""

import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
from common import FACES, parser, spread, verdict
from made_up_faces import resample
from real_faces import real_faces

from photoclust.cluster.neighbor_graph import NeighbourGraph
from photoclust.cluster.neighbors import DEFAULT_K, Neighbours, nearest, search
from photoclust.console import table
from photoclust.core.arrays import Vectors

SAMPLE = 2_000
"""Faces whose neighbours are searched for exactly, too."""
BLOCK = 50
"""So many at once: an exact search holds the best of all threads."""
ALIKE = 0.6
"""The cosine of neighbours that may be the same person."""
NEAREST_FOUND, ALIKE_FOUND = 0.90, 0.995
"""The share of all neighbours, and of those who are alike, that has to be found."""
LIMITS = {100_000: 15.0, 1_000_000: 480.0}
"""Seconds that a search among so many faces may take."""
EXTRA_MB = 500
"""Memory beside the vectors and the result."""
NEW_FACES, UPDATE_S = 100, 0.3
"""Faces that are added at once to 100 000, and the seconds that may take."""
FILE_MB, LOAD_S, SAVE_S = 60, 0.1, 0.3
"""The file of 100 000 faces."""
REPEATS = 5
KEPT_LIMITS_FOR = 100_000
SAMPLE_S = 0.02


@contextmanager
def peak_mb() -> Iterator[list[float]]:
    """Appends the most memory that was taken meanwhile, beyond what was before, in MB."""
    process, done = psutil.Process(), threading.Event()
    before = process.memory_info().rss
    most = [before]

    def watch() -> None:
        while not done.wait(SAMPLE_S):
            most.append(max(most.pop(), process.memory_info().rss))

    watcher = threading.Thread(target=watch)
    watcher.start()
    result: list[float] = []
    try:
        yield result
    finally:
        done.set()
        watcher.join()
        result.append((most[0] - before) / 1e6)


def found_of(exact: Neighbours, found: Neighbours) -> tuple[float, float]:
    """The share of the neighbours in `exact` that are in `found`, and of those who are alike."""
    pairs = zip(exact.indices, found.indices, strict=True)
    kept = np.array([np.isin(wanted, there) for wanted, there in pairs])
    return float(kept.mean()), float(kept[exact.similarities >= ALIKE].mean())


def exact_lists(vectors: Vectors, rows: np.ndarray) -> Neighbours:
    parts = [
        search(vectors, rows[start : start + BLOCK], DEFAULT_K)
        for start in range(0, len(rows), BLOCK)
    ]
    return Neighbours(
        np.concatenate([part.indices for part in parts]),
        np.concatenate([part.similarities for part in parts]),
    )


def seconds(work: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--faces", type=Path, default=FACES, help="photos of real people")
    arguments.add_argument("--embeddings", type=Path, help="file to keep their faces in, or to use")
    arguments.add_argument("-n", "--count", type=int, default=100_000, help="faces to make")
    arguments.add_argument("--exact", action="store_true", help="compare every pair")
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    real = real_faces(options.faces, options.embeddings)
    count = options.count
    print(f"making {count + NEW_FACES:,} faces …", file=sys.stderr)
    everything = resample(
        real.vectors,
        real.people,
        real_quality=real.quality,
        faces=count + NEW_FACES,
        seed=options.seed,
    ).vectors
    vectors = everything[:count]
    nearest(vectors[:1000], exact=False)  # loads and starts what the libraries need

    with peak_mb() as peak:
        start = time.perf_counter()
        lists = nearest(vectors, exact=True if options.exact else None, seed=options.seed)
        took = time.perf_counter() - start
    extra = peak[0] - (lists.indices.nbytes + lists.similarities.nbytes) / 1e6
    rows = np.sort(np.random.default_rng(options.seed).choice(count, min(SAMPLE, count), False))
    exact = exact_lists(vectors, rows)
    all_found, alike_found = found_of(
        exact, Neighbours(lists.indices[rows], lists.similarities[rows])
    )

    ids = np.arange(count + NEW_FACES)
    start = time.perf_counter()
    graph = NeighbourGraph.build(ids[:count], vectors, seed=options.seed)
    building = time.perf_counter() - start
    updating = seconds(lambda: graph.update(ids, everything))
    with TemporaryDirectory(prefix="photoclust-neighbours-") as folder:
        path = Path(folder) / "graph"
        saving = seconds(lambda: graph.save(path, "made-up"))
        loading = seconds(lambda: NeighbourGraph.load(path, "made-up"))
        size = path.stat().st_size / 1e6
    table(
        (f"{count:,} faces", ""),
        [
            ("seconds to search", f"{took:.1f}"),
            ("memory beside vectors and result, MB", f"{extra:,.0f}"),
            (f"found of the {DEFAULT_K} nearest", f"{all_found:.4f}"),
            (f"found of those of cosine {ALIKE} or more", f"{alike_found:.4f}"),
            ("seconds to build the graph that is kept", f"{building:.1f}"),
            (f"seconds to add {NEW_FACES} faces", spread(updating, 3)),
            ("seconds to save", spread(saving, 3)),
            ("seconds to load", spread(loading, 3)),
            ("size of the file, MB", f"{size:.1f}"),
        ],
    )
    verdicts = [
        (f"{all_found:.4f} of the nearest ≥ {NEAREST_FOUND}", all_found >= NEAREST_FOUND),
        (f"{alike_found:.4f} of those alike ≥ {ALIKE_FOUND}", alike_found >= ALIKE_FOUND),
        (f"{extra:,.0f} MB ≤ {EXTRA_MB} MB", extra <= EXTRA_MB),
    ]
    if limit := LIMITS.get(count):
        verdicts.append((f"{took:.1f} s ≤ {limit:.0f} s", took <= limit))
    if count == KEPT_LIMITS_FOR:
        for what, times, limit in (
            ("to update", updating, UPDATE_S),
            ("to save", saving, SAVE_S),
            ("to load", loading, LOAD_S),
        ):
            median = statistics.median(times)
            verdicts.append((f"{median:.3f} s {what} ≤ {limit} s", median <= limit))
        verdicts.append((f"{size:.1f} MB ≤ {FILE_MB} MB", size <= FILE_MB))
    for what, ok in verdicts:
        print(verdict(what, ok))
    sys.exit(not all(ok for _, ok in verdicts))


if __name__ == "__main__":
    main()
