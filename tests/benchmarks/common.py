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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image
from twelve_megapixel import make

from photoclust.core.types import Box

PHOTOCLUST = (sys.executable, "-m", "photoclust")
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
    """A user's environment with `home` as the home folder, no screen and nothing of a CI's."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    kept.pop("CI", None)
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


def spread(values: Sequence[float], digits: int = 2) -> str:
    """`median (least – most)`."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):.{digits}f} ({low:.{digits}f} – {high:.{digits}f})"


def verdict(what: str, ok: bool) -> str:
    """One line that says whether a limit is kept."""
    return f"{'ok  ' if ok else 'MISS'} {what}"
