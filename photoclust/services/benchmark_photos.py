"""The pictures that benchmarks run on, made from the demo album that the program brings along: its
photos and faces, and photos of 12 megapixels that are composed of them.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from photoclust.core.arrays import Pixels
from photoclust.core.errors import UnreadableFileError
from photoclust.core.paths import resource
from photoclust.core.progress import JobControl
from photoclust.media.decode import read_picture
from photoclust.media.files import OriginalFile
from photoclust.media.scan import walk
from photoclust.services.cutting import cut
from photoclust.vision.finder import WORKING_SIDE, FaceFinder

STAGE_PHOTOS = "Making photos"
PHOTO_SIZE = (4000, 3000)
QUALITY = 90
INSETS = (0, 1, 1, 2, 3)
"""How many photos are laid upon a large one, by chance."""
INSET_PX = (450, 1600)
CUT = (0.7, 1.0)
"""The share of a photo's width and height that the large one shows."""
GRAIN = 4.0
"""Standard deviation of the noise of a sensor: an enlarged photo would be decoded too easily."""
MIDDLE = 128
"""The grey that stands for no noise."""


def album_pictures(max_side: int) -> list[Pixels]:
    """The photos of the demo album, upright [h, w, 3], the longer side at most `max_side` px."""
    found = []
    for stat in walk([resource("demo", "album")], ()):
        try:
            found.append(read_picture(stat.path, max_side=max_side).pixels)
        except UnreadableFileError:  # the album shows what becomes of a broken file, too
            continue
    return found


def album_crops(finder: FaceFinder, side: int) -> NDArray[np.uint8]:
    """The faces of the demo album, cut out for an embedder: [N, side, side, 3]."""
    crops: list[Pixels] = []
    for stat in walk([resource("demo", "album")], ()):
        try:
            with OriginalFile(stat.path) as original:
                picture = read_picture(original, max_side=WORKING_SIDE, looking=True)
                found = finder.find(picture.pixels)
                boxes = [each.box for each in found.detections]
                crops += cut(original, picture, boxes, turn=found.turn, side=side, tone=None)
        except UnreadableFileError:
            continue
    return np.stack(crops)


def make_photos(out: Path, count: int, control: JobControl, *, seed: int = 0) -> None:
    """Write `count` JPEG files of 12 megapixels into the folder `out`, no two alike; the same for
    the same seed. Raises CancelledError.
    """
    rng = np.random.default_rng(seed)
    pictures = [Image.fromarray(pixels) for pixels in album_pictures(WORKING_SIDE)]
    width, height = PHOTO_SIZE
    noise = np.clip(rng.normal(MIDDLE, GRAIN, (height, width)), 0, 255).astype(np.uint8)
    grain = Image.merge("RGB", [Image.fromarray(noise)] * 3)
    for number in range(count):
        control.checkpoint()
        control.report(STAGE_PHOTOS, number, count)
        canvas = _enlarged(pictures[number % len(pictures)], rng)
        for _ in range(int(rng.choice(INSETS))):
            _lay_upon(canvas, pictures[int(rng.integers(len(pictures)))], rng)
        here = ImageChops.offset(grain, int(rng.integers(width)), int(rng.integers(height)))
        ImageChops.add(canvas, here, offset=-MIDDLE).save(
            out / f"IMG_{number:04d}.jpg", quality=QUALITY
        )
    control.report(STAGE_PHOTOS, count, count)


def _enlarged(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A part of `picture` that has the shape of PHOTO_SIZE, in that size."""
    width, height = PHOTO_SIZE
    scale = min(picture.width / width, picture.height / height) * rng.uniform(*CUT)
    left = rng.uniform(0, picture.width - scale * width)
    top = rng.uniform(0, picture.height - scale * height)
    frame = (left, top, left + scale * width, top + scale * height)
    return picture.resize(PHOTO_SIZE, Image.Resampling.BICUBIC, box=frame)


def _lay_upon(canvas: Image.Image, picture: Image.Image, rng: np.random.Generator) -> None:
    longer = int(np.exp(rng.uniform(*np.log(INSET_PX))))
    scale = longer / max(picture.size)
    inset = picture.resize((round(picture.width * scale), round(picture.height * scale)))
    left = int(rng.integers(canvas.width - inset.width + 1))
    top = int(rng.integers(canvas.height - inset.height + 1))
    canvas.paste(inset, (left, top))
