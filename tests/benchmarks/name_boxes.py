"""How often boxes of other programs go to the right face, by how large and off the centre they are.

Group photos are made up: rows of faces of different sizes, close to one another. Boxes are drawn
around two thirds of them as another program might. Beside the matching of photoclust stands the
usual one, by intersection over union.

    python tests/benchmarks/name_boxes.py --count 400
"""

import random
import sys
from collections import Counter

import numpy as np
from common import parser, verdict
from scipy.optimize import linear_sum_assignment

from photoclust.console import table
from photoclust.core.regions import NamedRegion
from photoclust.core.types import Box
from photoclust.services.names_in_matching import match

STYLES = (
    ("as a detector's", 1.0, 0.05),
    ("eyes to mouth", 0.6, 0.1),
    ("with hair", 1.5, 0.1),
    ("drawn by hand", 1.4, 0.2),
    ("circle of Apple", 1.7, 0.1),
    ("head and shoulders", 2.2, 0.15),
)
"""Side relative to the face's, and how far off the centre, as a standard deviation in sides."""
MOST_WRONG = 0.005
IOU = 0.4


def crowd(rng: random.Random) -> list[Box]:
    """Faces of a group photo, relative: in rows, each 1.3 to 2.2 widths from the next."""
    faces = []
    width, y = rng.uniform(0.02, 0.06), 0.1
    for _ in range(rng.randint(1, 4)):
        x = rng.uniform(0.02, 0.1)
        while x < 0.9:
            w = width * rng.uniform(0.8, 1.25)
            faces.append(Box(x, y + width * rng.uniform(-0.3, 0.3), w, w * rng.uniform(1.2, 1.4)))
            x += width * rng.uniform(1.3, 2.2)
        y += width * rng.uniform(1.8, 2.6)
    return faces


def drawn(rng: random.Random, face: Box, scale: float, off: float) -> Box:
    """A box around `face` in some style."""
    w, h = (side * scale * rng.uniform(0.85, 1.18) for side in (face.w, face.h))
    x, y = face.centre
    x, y = x + rng.gauss(0, off) * face.w, y + rng.gauss(0, off) * face.h
    return Box(x - w / 2, y - h / 2, w, h)


def by_iou(regions: list[Box], faces: list[Box]) -> dict[int, int]:
    scores = np.array([[region.iou(face) for face in faces] for region in regions])
    scores[scores < IOU] = 0
    pairs = zip(*linear_sum_assignment(scores, maximize=True), strict=True)
    return {int(row): int(column) for row, column in pairs if scores[row, column] > 0}


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("-n", "--count", type=int, default=400, help="group photos")
    options = arguments.parse_args()
    rows, wrong = [], 0.0
    for name, scale, off in STYLES:
        rng = random.Random(name)
        came: Counter[str] = Counter()
        for _ in range(options.count):
            faces = crowd(rng)
            named = [number for number in range(len(faces)) if rng.random() < 2 / 3]
            boxes = [drawn(rng, faces[number], scale, off) for number in named]
            if not boxes:
                continue
            found = match([NamedRegion(str(n), box, "mwg") for n, box in enumerate(boxes)], faces)
            other = by_iou(boxes, faces)
            for place, truth in enumerate(named):
                came["all"] += 1
                if place in found.faces:
                    came["right" if found.faces[place] == truth else "wrong"] += 1
                else:
                    told = place in found.ambiguous or place in found.over or place in found.taken
                    came["told" if told else "second box"] += 1
                if place in other:
                    came["right by IoU" if other[place] == truth else "wrong by IoU"] += 1
        kinds = ("right", "wrong", "told", "second box", "right by IoU", "wrong by IoU")
        shares = [came[kind] / came["all"] for kind in kinds]
        wrong = max(wrong, shares[1])
        rows.append((name, *(f"{share:.2%}" for share in shares)))
    headings = ("Boxes", "Right", "Wrong", "Told", "Second box", "Right, IoU", "Wrong, IoU")
    table(headings, rows)
    ok = wrong <= MOST_WRONG
    print(verdict(f"at most {wrong:.2%} go to a wrong face ≤ {MOST_WRONG:.2%}", ok))
    sys.exit(not ok)


if __name__ == "__main__":
    main()
