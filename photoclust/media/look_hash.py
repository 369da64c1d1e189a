"""What a picture looks like in 256 bits: pictures that look alike differ in few of them.

The perceptual hash by the discrete cosine transform (C. Zauner, "Implementation and Benchmarking
of Perceptual Image Hash Functions", 2010), of 16 × 16 frequencies instead of 8 × 8: of two
photos of one person before one wall, 64 bits do not tell enough.
"""

import numpy as np
from PIL import Image

from photoclust.core.arrays import Pixels

BYTES = 32
_SIDE = 64
_FREQUENCIES = 16
_LEAST_CONTRAST = 4.0
"""Standard deviation of the grey values below which a picture looks like nothing."""


def look_hash(pixels: Pixels) -> bytes | None:
    """The hash of a picture ([H, W, 3] uint8 RGB), None where it is all of one tone.

    The size does not matter, nor does colour.
    """
    small = Image.fromarray(pixels).convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    grey = np.asarray(small, np.float64)
    if grey.std() < _LEAST_CONTRAST:
        return None
    # Without the first row and column, which say how bright each side is.
    found = (_BASIS @ grey @ _BASIS.T).ravel()
    return np.packbits(found > np.median(found)).tobytes()


def _basis() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The cosines of the frequencies 1 to 16 [16, 64] (DCT-II)."""
    places = (2 * np.arange(_SIDE) + 1)[None]
    frequencies = np.arange(1, _FREQUENCIES + 1)[:, None]
    return np.cos(np.pi * places * frequencies / (2 * _SIDE))


_BASIS = _basis()
