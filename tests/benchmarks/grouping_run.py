"""One run of the grouping engine in a process that does nothing else; prints a JSON document.

    python tests/benchmarks/grouping_run.py FOLDER

FOLDER holds `vectors.npy`, `photo_ids.npy`, `quality.npy` and, where faces are added to groups that
stand, `previous.npy`. The labels are written to `labels.npy` there. `seconds` are those of the
engine alone, `peak_mb` is what the process ever took (Linux), the vectors that it maps included.
"""

import json
import re
import sys
import time
from pathlib import Path

import numpy as np

from photoclust.cluster import cluster_faces

WARM_UP = 500
"""Faces that are grouped first, so that libraries are loaded when the clock starts."""
REPEATS = 5
"""Times that faces are added, which takes so short that one time alone tells little."""


def peak_mb() -> float:
    """The most memory this process had in use at once.

    Not ru_maxrss: that also counts what the process that started this one had.
    """
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) * 1024 / 1e6 if found else float("nan")


def main() -> None:
    folder = Path(sys.argv[1])
    vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
    others = {
        path.stem: np.load(path, allow_pickle=False)
        for path in folder.glob("*.npy")
        if path.stem in {"photo_ids", "quality", "previous"}
    }
    cluster_faces(vectors[:WARM_UP], photo_ids=others["photo_ids"][:WARM_UP])
    times = []
    for _ in range(REPEATS if "previous" in others else 1):
        start = time.perf_counter()
        labels = cluster_faces(vectors, **others).labels
        times.append(time.perf_counter() - start)
    np.save(folder / "labels.npy", labels)
    print(json.dumps({"seconds": float(np.median(times)), "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
