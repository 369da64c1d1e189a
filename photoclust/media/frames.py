"""Which frame of an animation stands for it: many begin with an empty one and fade in."""

import contextlib

import numpy as np
from PIL import Image

_MOST_FRAMES = 100
"""So many are looked at: each must be decoded to reach the next."""
_BLANK_SPREAD = 8
"""Levels, of 255, that the values of an empty frame may spread: lossy codecs add a little noise."""


def seek_first_picture(image: Image.Image) -> None:
    """Go to the first frame of a loaded picture that is not of one colour; where there is none, or
    those after the first cannot be read, it stays at the first.
    """
    with contextlib.suppress(Exception):  # as in `decode`: any kind can come out of a decoder
        if not getattr(image, "is_animated", False) or not is_blank(image):
            return
        for number in range(1, _MOST_FRAMES):
            image.seek(number)
            image.load()
            if not is_blank(image):
                return
    image.seek(0)
    image.load()


def is_blank(image: Image.Image) -> bool:
    """Whether a frame shows nothing, whatever it is laid on."""
    values = np.asarray(image.convert("RGBA"))
    return not values[..., 3].any() or int(np.ptp(values, axis=(0, 1)).max()) <= _BLANK_SPREAD
