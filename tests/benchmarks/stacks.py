"""How well looks tell copies of a photo from other photos, and how long a large library takes.

Each photo of some folders is saved again, made smaller, brighter and cut; how many bits that
changes is compared with how many lie between photos that are not one. Pairs that are stacked are
listed, to be looked at: where folders hold real copies, they are found.

    python tests/benchmarks/stacks.py ../shared/data/album ../shared/data/photos ../shared/data/lfw
"""

import argparse
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from photoclust.cluster.near_copies import BURST_BITS, COPY_BITS, alike, differing_bits
from photoclust.console import table
from photoclust.core.errors import UnreadableFileError
from photoclust.media.decode import read_picture
from photoclust.media.look_hash import look_hash
from photoclust.media.scan import walk

SIDE = 640
MANY = 100_000
FLIPPED = 110
"""So many bits of a real hash make another one that is as uneven."""


def main() -> int:
    """Measure, and print tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folders", nargs="+", type=Path)
    folders = options.parse_args().folders
    pictures = []
    for found in walk(folders, ()):
        try:
            pixels = read_picture(found.path, max_side=SIDE).pixels
        except UnreadableFileError:
            continue
        if (look := look_hash(pixels)) is not None:
            pictures.append((found.path, look, Image.fromarray(pixels)))
    looks = rows([look for _, look, _ in pictures])
    print(f"{len(looks):,} photos\n")
    table(
        ("changed", "bits: median", "95 %", "99 %", "stacked", "in a burst"),
        [
            (
                name,
                *map(int, np.percentile(bits, (50, 95, 99))),
                share(bits, COPY_BITS),
                share(bits, BURST_BITS),
            )
            for name, change in CHANGES.items()
            for bits in [changed_bits(pictures, looks, change)]
        ],
    )
    never = np.full(len(looks), np.nan)
    print("\nstacked as they are; every pair is to be looked at:")
    for one, other in alike(looks, never):
        bits = int(differing_bits(looks[[one]], looks[[other]])[0])
        print(f"  {bits:3d}  {pictures[one][0]}  {pictures[other][0]}")
    many = made_up(looks)
    start = time.process_time()
    alike(many, np.sort(np.random.default_rng(0).uniform(0, 3e8, MANY)))
    print(f"\n{MANY:,} photos: {time.process_time() - start:.1f} s of a processor")
    return 0


def rows(looks: list[bytes]) -> np.ndarray:
    """Hashes as [N, 32] uint8."""
    return np.frombuffer(b"".join(looks), np.uint8).reshape(len(looks), -1)


def share(bits: np.ndarray, most: int) -> str:
    """How many are no more than `most`."""
    return f"{np.mean(bits <= most):.1%}"


def changed_bits(
    pictures: list[tuple[Path, bytes, Image.Image]],
    looks: np.ndarray,
    change: Callable[[Image.Image], Image.Image],
) -> np.ndarray:
    """How many bits of the look of each picture `change` changes."""
    seen = [look_hash(np.asarray(change(image))) for _, _, image in pictures]
    kept = [number for number, look in enumerate(seen) if look is not None]
    return differing_bits(looks[kept], rows([look for look in seen if look is not None]))


def made_up(looks: np.ndarray) -> np.ndarray:
    """The looks of many photos, none of them of one shot."""
    rng = np.random.default_rng(0)
    bits = np.unpackbits(looks[rng.integers(0, len(looks), MANY)], axis=1)
    for row in bits:
        row[rng.choice(row.size, FLIPPED, replace=False)] ^= 1
    return np.packbits(bits, axis=1)


def saved(image: Image.Image) -> Image.Image:
    """As JPEG of quality 50."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=50)
    return Image.open(file).convert("RGB")


def cut(image: Image.Image, part: float) -> Image.Image:
    """The middle, without `part` of width and height."""
    width, height = image.size
    edge = (round(width * part / 2), round(height * part / 2))
    return image.crop((*edge, width - edge[0], height - edge[1]))


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "saved again": saved,
    "half the size": lambda image: image.reduce(2),
    "brighter by 20 %": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.3),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "cut by 2 %": lambda image: cut(image, 0.02),
    "cut by 5 %": lambda image: cut(image, 0.05),
    "cut by 10 %": lambda image: cut(image, 0.1),
    "turned by 1°": lambda image: cut(image.rotate(1, Image.Resampling.BICUBIC), 0.04),
}

if __name__ == "__main__":
    sys.exit(main())
