"""How much memory a scan of 2 000 photos takes, and whether it grows.

The whole process tree is looked at twice a second. RSS counts pages that processes share once for
each of them, PSS (Linux) once in all; the limit is on PSS where there is one.

    python tests/benchmarks/memory.py --faces ../shared/data/lfw
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from common import FACES, PHOTOCLUST, parser, small_photos, verdict, watch

from photoclust.console import table

LIMIT_MB = 1500
FLAT_MB = 100
"""What the middle and the last fifth of a scan may lie apart."""


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("-n", "--count", type=int, default=2000)
    arguments.add_argument("--faces", type=Path, default=FACES)
    options = arguments.parse_args()
    with TemporaryDirectory(prefix="photoclust-memory-") as temporary:
        photos, library = Path(temporary, "photos"), Path(temporary, "library")
        print(f"making {options.count} photos …", file=sys.stderr)
        small_photos(options.faces, photos, options.count, large_every=50)
        scan = watch([*PHOTOCLUST, "scan", str(photos), "--library", str(library)])
    if scan.returncode:
        raise SystemExit(f"the scan failed with {scan.returncode}")
    times, samples = scan.times, scan.samples
    fifths = [np.array_split(samples, 5)[number] for number in (0, 2, 4)]
    half = len(times) // 5  # models are loaded in the first fifth
    rows = []
    for name, column in (("RSS, summed", 0), ("PSS, summed", 1)):
        slope = np.polyfit(times[half:], samples[half:, column], 1)[0] * 60
        means = [f"{fifth[:, column].mean():.0f}" for fifth in fifths]
        rows.append((name, f"{samples[:, column].max():.0f}", *means, f"{slope:+.1f}"))
    print(f"{options.count} photos in {times[-1]:.0f} s, {len(times)} samples; MB")
    table(("", "Peak", "First fifth", "Middle fifth", "Last fifth", "Slope, MB/min"), rows)
    peak = samples[:, 1].max()
    growth = fifths[2][:, 1].mean() - fifths[1][:, 1].mean()
    print(verdict(f"peak {peak:.0f} MB ≤ {LIMIT_MB} MB", peak <= LIMIT_MB))
    print(verdict(f"flat: {growth:+.0f} MB from middle to end", abs(growth) <= FLAT_MB))


if __name__ == "__main__":
    main()
