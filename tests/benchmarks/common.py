"""What the benchmarks share: running photoclust, making photos, medians and tables.

Every script here is started by hand with one command, prints a table, and leaves nothing behind.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import numpy as np
import psutil
from PIL import Image
from twelve_megapixel import make

from photoclust.core.types import Box
from photoclust.store import decisions, journal
from photoclust.store.database import Library

PHOTOCLUST = (sys.executable, "-m", "photoclust")
SAMPLE_S = 0.5
GRACE_S = 3.0
"""How long processes may take to end after the one that started them."""
FACES = Path("../shared/data/lfw")
"""Head-and-shoulder pictures, one folder per person; `--faces` names another folder."""


def parser(description: str | None, *, photos: int | None = None) -> argparse.ArgumentParser:
    """A parser with `--count`, `--photos` and `--faces` where photos are made."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if photos is not None:
        made.add_argument("-n", "--count", type=int, default=photos, help="photos to make")
        made.add_argument(
            "--photos", type=Path, help="a folder to reuse them from, or make them in"
        )
        made.add_argument("--faces", type=Path, default=FACES, help="pictures of faces to paste in")
    return made


@contextmanager
def large_photos(options: argparse.Namespace) -> Iterator[Path]:
    """A folder of 12-megapixel photos with `truth.csv`; made where it is not there yet."""
    with TemporaryDirectory(prefix="photoclust-photos-") as temporary:
        folder = options.photos or Path(temporary)
        if not (folder / "truth.csv").exists():
            print(f"making {options.count} photos of 12 megapixels …", file=sys.stderr)
            make(options.faces, folder, options.count)
        yield folder


def small_photos(faces: Path, out: Path, count: int, *, large_every: int = 0) -> None:
    """Write `count` photos of 1 to 3 megapixels, no two alike, cut from a few large ones.

    Every `large_every`th keeps its 12 megapixels.
    """
    rng = np.random.default_rng(0)
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="photoclust-photos-") as temporary:
        make(faces, Path(temporary), 12)
        originals = [Image.open(path) for path in sorted(Path(temporary).glob("*.jpg"))]
        for original in originals:
            original.load()
    for number in range(count):
        picture = originals[int(rng.integers(len(originals)))]
        if not large_every or number % large_every:
            side = int(np.sqrt(rng.uniform(1e6, 3e6) * 4 / 3))
            left, top = rng.integers(0, 200, 2)
            frame = (int(left), int(top), picture.width, picture.height)
            size = (side, round(side * (frame[3] - frame[1]) / (frame[2] - frame[0])))
            picture = picture.resize(size, Image.Resampling.BILINEAR, frame, reducing_gap=1.5)
        picture.save(out / f"{number:05d}.jpg", quality=int(rng.integers(60, 93)))


def truth_of(folder: Path) -> dict[str, list[Box]]:
    """The faces that were pasted into each photo of `folder`, by file name."""
    pasted = defaultdict(list)
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            pasted[row["image"]].append(Box(*(float(row[key]) for key in "xywh")))
    return pasted


def environment(home: Path) -> dict[str, str]:
    """A user's environment with `home` as the home folder, no screen, nothing of a CI's."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    for name in ("CI", "PYTHONDONTWRITEBYTECODE"):
        kept.pop(name, None)
    return kept | {"HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}


def photoclust(*arguments: str | Path, library: Path) -> Any:
    """The document that `photoclust … --json` prints. Raises RuntimeError when it fails."""
    command = [*PHOTOCLUST, *map(str, arguments), "--library", str(library), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def timed(*command: str | Path) -> float:
    """Seconds that a command takes as a whole process. Raises CalledProcessError."""
    start = time.monotonic()
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


@dataclass(frozen=True)
class Watched:
    """A command that ran: `samples` are RSS and PSS in MB of its whole process tree ([n, 2]) at
    `times` in seconds since its start, `left_over` the processes that outlived it.
    """

    returncode: int
    times: np.ndarray
    samples: np.ndarray
    left_over: list[psutil.Process]


def watch(
    command: Sequence[str],
    *,
    output: IO[bytes] | None = None,
    errors: IO[bytes] | None = None,
    env: dict[str, str] | None = None,
) -> Watched:
    """Run a command and sample its memory; what it prints goes to `output` or nowhere, its errors
    to `errors` or to the screen.

    RSS counts pages that processes share once for each of them, PSS (Linux) once in all.
    """
    process = subprocess.Popen(command, stdout=output or subprocess.DEVNULL, stderr=errors, env=env)
    tree = psutil.Process(process.pid)
    seen: set[psutil.Process] = set()
    start, times, samples = time.monotonic(), [], []
    while process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            below = tree.children(recursive=True)
            seen.update(below)
            samples.append(memory_mb([tree, *below]))
            times.append(time.monotonic() - start)
        time.sleep(SAMPLE_S)
    _, left_over = psutil.wait_procs(seen, GRACE_S)
    # The process may have been a zombie when it was last looked at.
    return Watched(process.returncode, np.array(times[:-1]), np.array(samples[:-1]), left_over)


def memory_mb(processes: Iterable[psutil.Process]) -> tuple[float, float]:
    """RSS and PSS of some processes, summed; PSS is RSS where there is none."""
    rss = pss = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            info = process.memory_full_info()
            rss += info.rss
            pss += getattr(info, "pss", info.rss)
    return rss / 1e6, pss / 1e6


def contradictions(library: Library) -> list[str]:
    """Where a library disagrees with its journal or with itself, or miscounts."""
    counted = (
        "SELECT count(*) FROM {0} WHERE (face_count, photo_count) != (SELECT count(*), "
        "count(DISTINCT photo_id) FROM face WHERE {0}_id = {0}.id {1})"
    )
    loose = "AND face.person_id IS NULL AND NOT face.excluded"
    checks = {
        "faces of people are miscounted": counted.format("person", ""),
        "faces of groups are miscounted": counted.format("cluster", loose),
        "faces are shown as somebody who is not there": (
            "SELECT count(*) FROM face JOIN person ON person.id = face.person_id WHERE NOT alive"
        ),
        "records refer to something that is gone": "SELECT count(*) FROM pragma_foreign_key_check",
    }
    found = []
    with library.read() as tx:
        if journal.standing(tx) != decisions.everything(tx):
            found.append("the decisions are not what the journal says")
        for what, query in checks.items():
            if wrong := tx.exec_driver_sql(query).scalar_one():
                found.append(f"{wrong} {what}")
    return found


def spread(values: Sequence[float], digits: int = 2) -> str:
    """`median (least – most)`."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):.{digits}f} ({low:.{digits}f} – {high:.{digits}f})"


def verdict(what: str, ok: bool) -> str:
    """One line that says whether a limit is kept."""
    return f"{'ok  ' if ok else 'MISS'} {what}"


@dataclass
class Judge:
    """Prints verdicts, and counts those that are `misses`."""

    misses: int = field(default=0, init=False)

    def judge(self, what: str, ok: bool) -> None:
        print(verdict(what, ok))
        self.misses += not ok
