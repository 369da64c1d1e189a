"""How surely film negatives are told from photos, and what looking for them costs.

Each photo of some folders is looked at as it is, and none may be taken for a negative; then a
negative in colour and one in black and white are made of it, with masks, contrasts, grain, light
and borders of all kinds, and as many as possible must be noticed. The negatives are simulated:
film that was photographed is not among what is measured.

    python tests/benchmarks/negatives.py ../shared/data/album ../shared/data/photos
"""

import argparse
import sys
import time
import zlib
from pathlib import Path

import numpy as np

from photoclust.console import table
from photoclust.core.arrays import Pixels
from photoclust.core.errors import UnreadableFileError
from photoclust.media.decode import read_picture
from photoclust.media.scan import walk
from photoclust.vision import models
from photoclust.vision.finder import WORKING_SIDE, FaceFinder
from photoclust.vision.seeing import SEEN_SCORE, see

SMALLEST_PX = 30
"""A photo whose faces are smaller is not counted: nothing could be noticed by them."""
CROSSTALK = np.array(((0.90, 0.07, 0.03), (0.08, 0.85, 0.07), (0.04, 0.10, 0.86)))
"""How much of each layer's dye each channel sees."""
MASK = np.array((0.0, 0.42, 0.64))
"""Densities of an orange mask above that for red."""


class Watched(FaceFinder):
    """Takes down how often, and for how many seconds, it looks after the first time."""

    def __init__(self) -> None:
        super().__init__(models.load_detector())
        self.looks = 0
        self.again_s = 0.0

    def find(self, pixels: Pixels):
        """As `FaceFinder.find`."""
        start = time.perf_counter()
        found = super().find(pixels)
        self._count(start)
        return found

    def glance(self, pixels: Pixels) -> bool:
        """As `FaceFinder.glance`."""
        start = time.perf_counter()
        found = super().glance(pixels)
        self._count(start)
        return found

    def _count(self, start: float) -> None:
        self.again_s += (time.perf_counter() - start) if self.looks else 0.0
        self.looks += 1


def main() -> int:
    """Measure, and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folders", nargs="+", type=Path)
    options.add_argument("--every", type=int, default=1, help="only each n-th photo")
    options.add_argument("--photos-only", action="store_true", help="make no negatives")
    chosen = options.parse_args()
    finder = Watched()
    photos = again = 0
    seconds = again_s = 0.0
    wrong: list[Path] = []
    noticed: dict[str, list[bool]] = {"colour": [], "black and white": []}
    for found in list(walk(chosen.folders, ()))[:: chosen.every]:
        try:
            pixels = read_picture(found.path, max_side=WORKING_SIDE, looking=True).pixels
        except UnreadableFileError:
            continue
        photos += 1
        finder.looks, finder.again_s = 0, 0.0
        start = time.perf_counter()
        seen = see(finder, pixels)
        seconds += time.perf_counter() - start
        again += finder.looks > 1
        again_s += finder.again_s
        if seen.negative:
            wrong.append(found.path)
        faces = seen.findings.detections
        if chosen.photos_only or not any(
            face.score >= SEEN_SCORE and face.side >= SMALLEST_PX for face in faces
        ):
            continue
        for kind, results in noticed.items():
            seed = zlib.crc32(f"{found.path.name} {kind}".encode())
            film = negative(pixels, np.random.default_rng(seed), colour=kind == "colour")
            results.append(see(finder, film).negative)
    rows = [
        ("photos", photos),
        ("taken for negatives", len(wrong)),
        ("looked at again", f"{again} ({100 * again / photos:.1f} %)"),
        ("time", f"{1000 * seconds / photos:.1f} ms a photo"),
        ("of it for looking again", f"{100 * again_s / seconds:.2f} %"),
    ]
    for kind, results in noticed.items():
        if results:
            rows.append((f"negatives in {kind}", f"{sum(results)} of {len(results)} noticed"))
    table(("", ""), rows)
    for path in wrong:
        print(path)
    return 1 if wrong else 0


def negative(pixels: Pixels, rng: np.random.Generator, *, colour: bool) -> Pixels:
    """What a camera sees of the negative of a photo ([h, w, 3]), with what may be around it."""
    light = _linear(pixels)
    if not colour:
        light = np.repeat((light @ (0.2126, 0.7152, 0.0722))[..., None], 3, axis=2)
    flare = rng.uniform(0.003, 0.02)
    density = rng.uniform(0.5, 0.75) * np.log10((light + flare) / flare)
    if colour:
        density = (density * (1, rng.uniform(0.95, 1.1), rng.uniform(1.0, 1.2))) @ CROSSTALK.T
        base = rng.uniform(0.3, 1.1) * MASK + 0.05
    else:
        base = rng.uniform(0.05, 0.3) + rng.normal(0, 0.01, 3)
    grain = rng.normal(0, rng.uniform(0.005, 0.03), density.shape[:2])[..., None]
    film = 10.0 ** -(density + base + grain + rng.normal(0, 0.008, density.shape))
    film = _framed(film, 10.0**-base, rng)
    exposure = rng.uniform(0.75, 1.05) / (10.0**-base).max()
    return _written(film * exposure + rng.uniform(0, 0.01))


def _framed(film, base, rng: np.random.Generator):
    """`film` with rebate around it, and around that a light table, a holder, or sprocket holes."""
    border = int(min(film.shape[:2]) * rng.uniform(0, 0.12))
    if border < 4:
        return film
    framed = np.empty((film.shape[0] + 2 * border, film.shape[1] + 2 * border, 3))
    framed[:] = base
    half = border // 2
    match rng.integers(3):
        case 0:
            framed[:half] = framed[-half:] = 1.2
        case 1:
            for edge in (np.s_[:half], np.s_[-half:], np.s_[:, :half], np.s_[:, -half:]):
                framed[edge] = 0.002
        case _:
            for x in range(0, framed.shape[1], border):
                framed[half // 2 : half + half // 2, x : x + half] = 1.2
                framed[-half - half // 2 : -half // 2, x : x + half] = 1.2
    framed[border:-border, border:-border] = film
    return framed


def _linear(pixels: Pixels):
    value = pixels / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _written(light) -> Pixels:
    light = np.clip(light, 0, 1)
    value = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * value).astype(np.uint8)


if __name__ == "__main__":
    sys.exit(main())
