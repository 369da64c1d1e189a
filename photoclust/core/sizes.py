"""How far pictures are reduced before they are looked at."""

import math

PANORAMA = 3
"""From this ratio of its sides on a picture is a panorama: at the size at which other photos are
looked at, people in it would be a few pixels high.
"""


def looking_size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The (width, height) in px at which a picture of `size` is looked at: its longer side is at
    most `side`, but in a panorama the shorter one at least `side` / PANORAMA, as long as that
    makes no more than `side`² pixels. Nothing is enlarged.
    """
    longer, shorter = max(size), min(size)
    wanted = side / longer
    if longer > PANORAMA * shorter:
        wanted = max(wanted, min(side / PANORAMA / shorter, side / math.sqrt(longer * shorter)))
    if wanted >= 1:
        return size
    return max(1, round(size[0] * wanted)), max(1, round(size[1] * wanted))
