"""photoclust against facenet-pytorch: the same 12-megapixel photos and machine, by turns.

photoclust: `photoclust scan` as a whole process, start-up and library included.
facenet-pytorch: `MTCNN()` and `InceptionResnetV1` as its README uses them, photos in full size,
every face cropped and embedded, loading the models not counted; and once more with photos decoded
in full and shrunk to 1 280 px first, which counts. The network has random weights, as the published
ones are a download: the time is the same. It takes seconds a photo, so it gets every n-th photo.

    python tests/benchmarks/compare_facenet_pytorch.py --python VENV_WITH_TORCH/bin/python
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from common import PHOTOCLUST, large_photos, parser, spread, timed, verdict

from photoclust.console import table

LOOP = Path(__file__).with_name("facenet_pytorch_loop.py")
SHRUNK_PX = 1280
WANTED_FULL, WANTED_SHRUNK = 40.0, 4.0


def photoclust_rate(photos: Path, count: int) -> float:
    """Photos a second of one scan into a new library."""
    with TemporaryDirectory(prefix="photoclust-library-") as library:
        return count / timed(*PHOTOCLUST, "scan", photos, "--library", library)


def facenet_rate(python: str, side: int, photos: list[Path]) -> float:
    """Photos a second of facenet-pytorch; `side` is the size it shrinks them to, 0 for none."""
    command = [python, LOOP, str(side), *photos]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return 1 / statistics.fmean(json.loads(output)["seconds"])


def main() -> None:
    arguments = parser(__doc__, photos=60)
    arguments.add_argument("--python", default=sys.executable, help="has torch, facenet-pytorch")
    arguments.add_argument("--subset", type=int, default=8, help="photos for facenet-pytorch")
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    ours, full, shrunk = [], [], []
    with large_photos(options) as folder:
        photos = sorted(folder.glob("*.jpg"))
        subset = photos[:: max(1, len(photos) // options.subset)][: options.subset]
        for _ in range(options.runs):
            ours.append(photoclust_rate(folder, len(photos)))
            full.append(facenet_rate(options.python, 0, subset))
            shrunk.append(facenet_rate(options.python, SHRUNK_PX, subset))
    medians = [statistics.median(rates) for rates in (ours, full, shrunk)]
    names = (
        "photoclust scan, whole process",
        "facenet-pytorch, as its README",
        f"facenet-pytorch, photos shrunk to {SHRUNK_PX} px",
    )
    table(
        ("", "Photos", "Photos/s, median (least – most)", "photoclust is faster by"),
        [
            (name, count, spread(rates, 3), f"{medians[0] / median:.1f}")
            for name, count, rates, median in zip(
                names,
                (len(photos), len(subset), len(subset)),
                (ours, full, shrunk),
                medians,
                strict=True,
            )
        ],
    )
    for name, median, wanted in zip(
        names[1:], medians[1:], (WANTED_FULL, WANTED_SHRUNK), strict=True
    ):
        ratio = medians[0] / median
        print(verdict(f"{ratio:.1f} times {name}, ≥ {wanted}", ratio >= wanted))


if __name__ == "__main__":
    main()
